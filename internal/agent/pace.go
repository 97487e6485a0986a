package agent

// pace is how the machine does against the estimates of a run's calls so far.
// A slow or busy machine makes every call slower, those not run yet among
// them; so what counts as measured is what is left when that is taken out.
// Otherwise the first slow call would send the search after others that are no faster.
type pace struct{ measured, estimated float64 }

// fair is a measured cost in the unit of the estimates, in seconds.
func (p *pace) fair(measured, estimated float64) float64 {
	p.measured += measured
	p.estimated += estimated
	if p.measured <= 0 || p.estimated <= 0 {
		return measured
	}
	return measured * p.estimated / p.measured
}
