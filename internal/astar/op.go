package astar

import (
	"cmp"
	"math"
	"slices"

	"pentimento/internal/edit"
)

// Op is one call as the search sees it: what it needs, what it makes, and
// what running it is expected to cost and to be worth.
type Op struct {
	Call      edit.Call
	Needs     []string // slots that must be held before it runs
	Makes     []string // slots that are held after it ran
	Cost      float64  // seconds of a fresh run; less than edit.MinSeconds counts as edit.MinSeconds
	Quality   float64  // in [0,1]
	Completes bool     // running it completes the subtask
	Cached    bool     // its result is at hand; wins ties, changes no cost

	base   int    // within Lazy: the index of the call as it was given
	inputs string // within Lazy: which results it works on
	step   int    // within Lazy: 1 + the step that ran it; 0: not run
	sunk   bool   // within Lazy: Cost is what it adds to what was spent, own what it costs
	own    float64
}

// Estimator gives the cost in seconds and the quality in [0,1] of a call;
// completes says whether it is asked as the call that completes the subtask.
// ok=false rules the call out.
type Estimator func(spec *edit.ToolSpec, call edit.Call, completes bool) (cost, quality float64, ok bool)

// variantPenalty lowers the prior quality of each further variant, so that a
// doc's own parameters are tried first.
const variantPenalty = 0.98

// Priors estimates from the docs alone: the doc's cost on a picture of that
// many megapixels, and the claim's quality for a call that completes the task,
// the tool's own otherwise.
func Priors(task string, megapixels float64) Estimator {
	return func(spec *edit.ToolSpec, call edit.Call, completes bool) (float64, float64, bool) {
		quality := spec.Quality
		if claim, ok := spec.Claim(task); ok && completes {
			quality = claim.Quality
		}
		return spec.Cost.At(megapixels), quality * math.Pow(variantPenalty, float64(call.Variant)), true
	}
}

// Build derives the calls of a subtask from the tool docs: for each doc its
// base call, and each of its variants as a call of its own. A tool that claims
// the task completes it; where it would be better or cheaper as a step on the
// way than as the last one, it is also offered as such. A nil est means
// Priors(task, 1). The result is sorted by tool and variant.
func Build(specs []edit.ToolSpec, task string, est Estimator) []Op {
	if est == nil {
		est = Priors(task, 1)
	}
	ops := make([]Op, 0, len(specs))
	for i := range specs {
		spec := &specs[i]
		needs, makes := slotsOf(spec.Inputs), slotsOf(spec.Outputs)
		_, completes := spec.Claim(task)
		for variant := range len(spec.Variants) + 1 {
			call := edit.Call{Tool: spec.Name, Variant: variant}
			if variant > 0 {
				call.Params = spec.Variants[variant-1]
			}
			op := Op{Call: call, Needs: needs, Makes: makes}
			last := op
			var lastOK bool
			if completes {
				last.Completes = true
				last.Cost, last.Quality, lastOK = est(spec, call, true)
				if lastOK {
					ops = append(ops, last)
				}
			}
			var ok bool
			op.Cost, op.Quality, ok = est(spec, call, false)
			if ok && (!lastOK || op.Quality > last.Quality || op.Cost < last.Cost) {
				ops = append(ops, op)
			}
		}
	}
	slices.SortStableFunc(ops, func(a, b Op) int { return compareOps(&a, &b) })
	return ops
}

func slotsOf(ports []edit.Port) []string {
	slots := make([]string, len(ports))
	for i, p := range ports {
		slots[i] = p.Slot()
	}
	return slots
}

// compareOps is the canonical order of calls: by tool, then variant, the
// completing one of two equal calls first.
func compareOps(a, b *Op) int {
	if c := cmp.Compare(a.Call.Tool, b.Call.Tool); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Call.Variant, b.Call.Variant); c != 0 {
		return c
	}
	switch {
	case a.Completes == b.Completes:
		return cmp.Compare(a.inputs, b.inputs)
	case a.Completes:
		return -1
	}
	return 1
}
