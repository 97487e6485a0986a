package estimate

import (
	"cmp"
	"slices"

	"pentimento/internal/edit"
)

// Window is how many of the latest observations of a tool are kept.
const Window = 64

// LoadWindow is how many of the latest cold loads are kept.
const LoadWindow = 16

// Timing is one timed run.
type Timing struct {
	Megapixels float64 `json:"megapixels"` // of the input picture
	Seconds    float64 `json:"seconds"`    // without the time to load a model
}

func (t Timing) compare(o Timing) int {
	return cmp.Or(cmp.Compare(t.Megapixels, o.Megapixels), cmp.Compare(t.Seconds, o.Seconds))
}

// CostEntry is one row of Costs: what was timed of a tool on a device.
type CostEntry struct {
	Tool   string `json:"tool"`
	Device string `json:"device"`
	// N counts every timing ever learned from; Latest has the last of them, the newest at the end.
	N      int64    `json:"n"`
	Latest []Timing `json:"latest,omitempty"`
	// Loads are the seconds of the latest cold loads, the newest at the end.
	Loads []float64 `json:"loads,omitempty"`
}

func (e CostEntry) compare(o CostEntry) int {
	return cmp.Or(cmp.Compare(e.Tool, o.Tool), cmp.Compare(e.Device, o.Device))
}

// Costs holds the timings of every (tool, device), sorted by those. The zero
// value knows nothing yet.
type Costs struct {
	Entries []CostEntry `json:"entries"`
}

// Sort puts entries that were read in any order into the order that Costs promises.
func (c *Costs) Sort() { slices.SortFunc(c.Entries, CostEntry.compare) }

// CostObservation is one timed call.
type CostObservation struct {
	Tool     string
	Device   string // what the times hold for: "cpu", "cuda:0"
	FreeCore bool   // it had a core to itself; other calls are not learned from
	Timing
	LoadSeconds float64 // spent loading the model, 0 when it was loaded
}

// Observe returns the state with one call learned. Calls without a free core
// or a tool change nothing; a time that is not above 0 and at most 30 years is left out.
func (c Costs) Observe(o CostObservation) Costs {
	timed := positive(o.Seconds) && o.Megapixels >= 0 && o.Megapixels <= most
	if !o.FreeCore || o.Tool == "" || !timed && !positive(o.LoadSeconds) {
		return c
	}
	out := Costs{Entries: slices.Clone(c.Entries)}
	e := CostEntry{Tool: o.Tool, Device: o.Device}
	i, found := slices.BinarySearchFunc(out.Entries, e, CostEntry.compare)
	if found {
		e = out.Entries[i]
	} else {
		out.Entries = slices.Insert(out.Entries, i, e)
	}
	if timed {
		e.N++
		e.Latest = last(e.Latest, o.Timing, Window)
	}
	if positive(o.LoadSeconds) {
		e.Loads = last(e.Loads, o.LoadSeconds, LoadWindow)
	}
	out.Entries[i] = e
	return out
}

// most bounds every time and size, so that squares of them stay finite: in seconds, thirty years.
const most = 1e9

func positive(v float64) bool { return v > 0 && v <= most }

// last returns a copy of s with v at its end and at most n items, the oldest gone.
func last[T any](s []T, v T, n int) []T {
	s = append(slices.Clone(s), v)
	return s[max(0, len(s)-n):]
}

// CostEstimate is what a call will take.
type CostEstimate struct {
	Seconds float64 `json:"seconds"` // expected on a free core, model loaded; at least edit.MinSeconds
	// SD is the standard deviation of one such call's seconds, the doubt about the line included.
	SD float64 `json:"sd"`
	// Load is the mean of the cold loads seen, in seconds; LoadKnown says that there was one.
	Load      float64 `json:"load"`
	LoadKnown bool    `json:"load_known"`
	N         int64   `json:"n"` // timings learned from
	// Fixed and PerMegapixel are the line, in seconds and seconds per 10^6 pixels; neither is negative.
	Fixed        float64 `json:"fixed"`
	PerMegapixel float64 `json:"per_megapixel"`
	USD          float64 `json:"usd"` // the doc's price of a call
}

// Total is the cost the search counts, in seconds: the time, the load where
// the model is not loaded, and the money at that many seconds for a dollar.
func (e CostEstimate) Total(loaded bool, secondsPerUSD float64) float64 {
	t := e.Seconds + e.USD*secondsPerUSD
	if !loaded {
		t += e.Load
	}
	return t
}

// loadPrior is how many seconds a byte of a model takes to load where no load
// of any was seen: an assumption, 10 ms a megabyte, which the first load seen replaces.
const loadPrior = 1e-8

// LoadRate is how many seconds a byte of a model takes to load on a device:
// the median over the tools that were seen to load, whose models' sizes bytes
// gives (0: none). So a tool that never ran is not taken for one that loads in no time.
func (c Costs) LoadRate(device string, bytes func(tool string) int64) float64 {
	var rates []float64
	for _, e := range c.Entries {
		if n := bytes(e.Tool); e.Device == device && len(e.Loads) > 0 && n > 0 {
			rates = append(rates, median(slices.Clone(e.Loads))/float64(n))
		}
	}
	if len(rates) == 0 {
		return loadPrior
	}
	return median(rates)
}

// Estimate is the cost to expect of a tool on a device for a picture of that
// many megapixels, given its doc's prior. Megapixels that are no number >= 0 count as 0.
func (c Costs) Estimate(tool, device string, megapixels float64, prior edit.Cost) CostEstimate {
	if !(megapixels >= 0 && megapixels <= most) {
		megapixels = 0
	}
	var e CostEntry
	key := CostEntry{Tool: tool, Device: device}
	if i, found := slices.BinarySearchFunc(c.Entries, key, CostEntry.compare); found {
		e = c.Entries[i]
	}
	l := fit(e.Latest, e.N, cleaned(prior))
	out := CostEstimate{
		N: e.N, Fixed: l.fixed, PerMegapixel: l.slope, LoadKnown: len(e.Loads) > 0, USD: cleaned(prior).USD,
		Seconds: max(edit.MinSeconds, l.at(megapixels)), SD: l.sd(megapixels),
	}
	if out.LoadKnown {
		loads := slices.Sorted(slices.Values(e.Loads)) // sums of floats depend on the order
		for _, s := range loads {
			out.Load += s / float64(len(loads))
		}
	}
	return out
}

// cleaned is the prior with what is no number >= 0 taken as 0.
func cleaned(p edit.Cost) edit.Cost {
	for _, v := range []*float64{&p.Seconds, &p.PerMegapixel, &p.USD} {
		if !positive(*v) {
			*v = 0
		}
	}
	return p
}
