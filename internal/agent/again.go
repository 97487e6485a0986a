package agent

import (
	"fmt"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// This file keeps a call from being run again on what is as good as the same:
// two detectors mostly agree on where the object is, and two outlines drawn from
// their boxes differ by a hair. What a tool made of the one and did not pass,
// it will not make better of the other.

// alike is the overlap (intersection over union) from which two masks, or two boxes, count as the same.
const alike = 0.95

// again reports that the same call did not pass on inputs as good as those of
// the step, which is then not to be run. The eager search knows no such thing.
func (x *execution) again(s *step) (astar.Measured, bool) {
	if x.job.eager() || len(s.from) == 0 {
		return astar.Measured{}, false
	}
	for _, old := range x.steps {
		if old == s || old.call.ID() != s.call.ID() || old.completes != s.completes || old.verdict == nil || old.verdict.Pass || !x.sameInputs(s, old) {
			continue
		}
		x.note("%s is not run again on nearly the same inputs", s.call.ID())
		s.quality, s.verdict, s.cached = old.quality, old.verdict, true
		return astar.Measured{Quality: old.quality, Skipped: true, Failed: fmt.Errorf("%s did not pass on nearly the same inputs", s.call.ID())}, true
	}
	return astar.Measured{}, false
}

// sameInputs reports whether two steps of one call take as good as the same results.
func (x *execution) sameInputs(s, old *step) bool {
	for slot, n := range s.from {
		was, ok := old.from[slot]
		if !ok || n != was && !x.asGoodAs(x.steps[n].made[slot], x.steps[was].made[slot]) {
			return false
		}
	}
	return len(s.from) == len(old.from)
}

// asGoodAs reports whether two artifacts differ by a hair at most.
func (x *execution) asGoodAs(a, b edit.Artifact) bool {
	switch a := a.(type) {
	case *pixel.Mask:
		b, ok := b.(*pixel.Mask)
		return ok && a.W == b.W && a.H == b.H && pixel.IoU(a, b, nil) >= alike
	case edit.Boxes:
		b, ok := b.(edit.Boxes)
		if !ok || len(a.Picked) != len(b.Picked) {
			return false
		}
		for i := range a.Picked {
			if a.Picked[i].IoU(b.Picked[i]) < alike {
				return false
			}
		}
		return true
	}
	ids, ok := x.results.identities(map[string]edit.Artifact{"a": a, "b": b})
	return ok && ids["a"] == ids["b"]
}
