package subroutines

import (
	"maps"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/estimate"
)

// Cost is what runs took: moments from which seconds = fixed +
// perMegapixel·megapixels is fitted by least squares. Two of them can be added
// (Plus) and discounted (Times), and the result is the same in any order up to
// rounding. Counts are fractions where evidence was discounted. The zero value knows nothing.
type Cost struct {
	N            float64 `json:"runs"`                    // runs
	Seconds      float64 `json:"seconds"`                 // mean, without the time to load models
	SD           float64 `json:"sd,omitempty"`            // standard deviation of the seconds
	Megapixels   float64 `json:"megapixels,omitempty"`    // mean size of the pictures
	MegapixelsSD float64 `json:"megapixels_sd,omitempty"` // its standard deviation
	PerMegapixel float64 `json:"per_megapixel,omitempty"` // slope of the seconds, in s per 10^6 pixels
}

// NewCost is the cost of one run.
func NewCost(seconds, megapixels float64) Cost {
	return Cost{N: 1, Seconds: seconds, Megapixels: megapixels}
}

// Plus joins the evidence of both (Chan, Golub and LeVeque 1979, for two variables).
func (c Cost) Plus(o Cost) Cost {
	n := c.N + o.N
	switch {
	case !(o.N > 0):
		return c
	case !(c.N > 0):
		return o
	}
	dy, dx, between := o.Seconds-c.Seconds, o.Megapixels-c.Megapixels, c.N*o.N/n
	sxx := c.sxx() + o.sxx() + dx*dx*between
	syy := c.syy() + o.syy() + dy*dy*between
	sxy := c.PerMegapixel*c.sxx() + o.PerMegapixel*o.sxx() + dx*dy*between
	out := Cost{N: n, Seconds: c.Seconds + dy*o.N/n, Megapixels: c.Megapixels + dx*o.N/n}
	out.SD, out.MegapixelsSD = math.Sqrt(syy/n), math.Sqrt(sxx/n)
	if sxx > 0 {
		out.PerMegapixel = sxy / sxx
	}
	return out
}

func (c Cost) sxx() float64 { return c.N * c.MegapixelsSD * c.MegapixelsSD }
func (c Cost) syy() float64 { return c.N * c.SD * c.SD }

// Times is the same evidence counting share times as much, share in [0,1].
func (c Cost) Times(share float64) Cost {
	if c.N *= share; !(c.N > 0) {
		return Cost{}
	}
	return c
}

// At is the mean cost in seconds for a picture of that many megapixels: on the
// fitted line where a larger picture was seen to take longer, at least edit.MinSeconds.
func (c Cost) At(megapixels float64) float64 {
	s, slope := c.Seconds, c.PerMegapixel
	if slope*c.Megapixels > s { // a line through nothing at nothing, at the steepest
		slope = s / c.Megapixels
	}
	if slope > 0 {
		s += slope * (megapixels - c.Megapixels)
	}
	return max(edit.MinSeconds, s)
}

// Rate is how often the judge let a run pass, with the runs that it stopped.
type Rate struct {
	Passed float64 `json:"passed"`
	Failed float64 `json:"failed"`
}

// N is the number of judged runs.
func (r Rate) N() float64 { return r.Passed + r.Failed }

// Plus joins the evidence of both.
func (r Rate) Plus(o Rate) Rate { return Rate{r.Passed + o.Passed, r.Failed + o.Failed} }

// Times is the same evidence counting share times as much, share in [0,1].
func (r Rate) Times(share float64) Rate { return Rate{r.Passed * share, r.Failed * share} }

// Observe adds one run.
func (r Rate) Observe(pass bool) Rate {
	if pass {
		r.Passed++
	} else {
		r.Failed++
	}
	return r
}

// beta is a posterior, by the parameters of its distribution.
type beta struct{ a, b float64 }

func (d beta) mean() float64 { return d.a / (d.a + d.b) }

func (d beta) interval(confidence float64) estimate.Interval {
	return estimate.BetaInterval(d.a, d.b, confidence)
}

// posterior takes estimate.PriorWeight runs as seen before, half of them passed (the uniform prior).
func (r Rate) posterior() beta {
	return beta{r.Passed + estimate.PriorWeight/2., r.Failed + estimate.PriorWeight/2.}
}

// Mean is the posterior's: the rate to expect, in (0,1).
func (r Rate) Mean() float64 { return r.posterior().mean() }

// Interval is the central credible interval of that confidence, in (0,1).
func (r Rate) Interval(confidence float64) estimate.Interval {
	return r.posterior().interval(confidence)
}

// Quality is what the judge measured of runs that passed.
type Quality struct {
	N    float64 `json:"runs"` // measured runs
	Mean float64 `json:"mean"` // in [0,1]
}

// priorQuality is what a passed run is taken to be worth before any was
// measured: midway between the default threshold and 1.
const priorQuality = 0.9

// Plus joins the evidence of both.
func (q Quality) Plus(o Quality) Quality {
	n := q.N + o.N
	if !(n > 0) {
		return Quality{}
	}
	return Quality{n, q.Mean + (o.Mean-q.Mean)*o.N/n}
}

// Times is the same evidence counting share times as much, share in [0,1].
func (q Quality) Times(share float64) Quality {
	if q.N *= share; !(q.N > 0) {
		return Quality{}
	}
	return q
}

func (q Quality) posterior() beta {
	sum := q.N * min(max(q.Mean, 0), 1)
	return beta{sum + estimate.PriorWeight*priorQuality, q.N - sum + estimate.PriorWeight*(1-priorQuality)}
}

// Expected is the posterior's mean, in (0,1).
func (q Quality) Expected() float64 { return q.posterior().mean() }

// Interval is the central credible interval of that confidence, in (0,1).
func (q Quality) Interval(confidence float64) estimate.Interval {
	return q.posterior().interval(confidence)
}

// Evidence is all that was measured of a subroutine's runs.
type Evidence struct {
	Cost    Cost    `json:"cost,omitzero"`
	Failing Cost    `json:"failing,omitzero"`
	Pass    Rate    `json:"pass,omitzero"`
	Quality Quality `json:"quality,omitzero"`
}

// Plus joins the evidence of both.
func (e Evidence) Plus(o Evidence) Evidence {
	return Evidence{e.Cost.Plus(o.Cost), e.Failing.Plus(o.Failing), e.Pass.Plus(o.Pass), e.Quality.Plus(o.Quality)}
}

// Times is the same evidence counting share times as much, share in [0,1].
func (e Evidence) Times(share float64) Evidence {
	return Evidence{e.Cost.Times(share), e.Failing.Times(share), e.Pass.Times(share), e.Quality.Times(share)}
}

// ForeignShare is how much a run on another's machine, judged by another's
// program, counts beside one here.
const ForeignShare = 0.25

// Own is the evidence gathered here.
func (s *Subroutine) Own() Evidence { return Evidence{s.Cost, s.Failing, s.Pass, s.Quality} }

// SetOwn replaces the evidence gathered here.
func (s *Subroutine) SetOwn(e Evidence) {
	s.Cost, s.Failing, s.Pass, s.Quality = e.Cost, e.Failing, e.Pass, e.Quality
}

// Total is the evidence to choose by: that gathered here, and others' at
// ForeignShare. Seconds of another machine count only until there are some of this one.
func (s *Subroutine) Total() Evidence {
	own, total := s.Own(), s.Own()
	for _, from := range slices.Sorted(maps.Keys(s.Others)) { // sums of floats depend on the order
		total = total.Plus(s.Others[from].Times(ForeignShare))
	}
	if own.Cost.N > 0 {
		total.Cost, total.Failing = own.Cost, own.Failing
	}
	return total
}
