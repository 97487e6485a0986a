package vision

// levels are the scores that a model can give: 0 to 10.
const levels = 11

// Calibration is how a model's scores fell where the measured checks spoke too:
// how many results that passed them, and that failed, got each score.
type Calibration struct {
	Passed [levels]float64 `json:"passed"`
	Failed [levels]float64 `json:"failed"`
}

// Add enters a case.
func (c *Calibration) Add(level int, passed bool) {
	if level < 0 || level >= levels {
		return
	}
	if passed {
		c.Passed[level]++
	} else {
		c.Failed[level]++
	}
}

// Failures is how many cases the measured checks failed.
func (c *Calibration) Failures() float64 { return sum(c.Failed) }

// Valid reports whether the counts are counts, for what was read from a store.
func (c *Calibration) Valid() bool {
	for l := range levels {
		if !(c.Passed[l] >= 0 && c.Passed[l] < 1e9 && c.Failed[l] >= 0 && c.Failed[l] < 1e9) {
			return false
		}
	}
	return true
}

func sum(counts [levels]float64) (n float64) {
	for _, v := range counts {
		n += v
	}
	return n
}

// belief is how many cases of either kind the model is taken at its word for
// before any was seen: a score of 0 is then (0+½)/11 likely to pass, 10 (10+½)/11.
const belief = 4

// Pass is how likely a result with that score passes, if passing and failing were alike beforehand:
// the share of the score among passes against that among failures. It never falls as the score
// rises: neighbours that would are pooled (isotonic regression by pool-adjacent-violators). So a
// model that says 3 to everything fails nothing by it, and one that cannot tell is not believed.
func (c *Calibration) Pass(level int) float64 {
	type pool struct{ p, weight, size float64 }
	var pools []pool
	passed, failed := sum(c.Passed)+belief, sum(c.Failed)+belief
	const all = levels * levels / 2.0 // of the shares below
	for l := range levels {
		good := (c.Passed[l] + belief*(float64(l)+.5)/all) / passed
		bad := (c.Failed[l] + belief*(levels-.5-float64(l))/all) / failed
		pools = append(pools, pool{good / (good + bad), good + bad, 1})
		for n := len(pools); n > 1 && pools[n-2].p > pools[n-1].p; n = len(pools) {
			a, b := pools[n-2], pools[n-1]
			w := a.weight + b.weight
			pools = append(pools[:n-2], pool{(a.p*a.weight + b.p*b.weight) / w, w, a.size + b.size})
		}
	}
	for _, p := range pools {
		if level -= int(p.size); level < 0 {
			return p.p
		}
	}
	return pools[len(pools)-1].p
}
