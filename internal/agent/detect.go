package agent

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// minBelief is the least precision at which the most precise detector alone is believed.
const minBelief = 0.5

// isDetector reports whether a tool finds objects by name: it turns a word of
// its own label list into boxes.
func isDetector(spec *edit.ToolSpec) bool {
	return spec.Accepts["object"].Labels != nil &&
		slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindBoxes })
}

// detectorsOf are the installed detectors that have the word, most precise first.
func (e *Engine) detectorsOf(head string) []*edit.ToolSpec {
	var all []*edit.ToolSpec
	for i := range e.Specs {
		spec := &e.Specs[i]
		runner, ok := e.Runners[spec.Runtime.Kind]
		if !ok || !isDetector(spec) {
			continue
		}
		if _, knows := spec.Accepts["object"].Labels.Find(head); knows && runner.Available(spec) == nil {
			all = append(all, spec)
		}
	}
	slices.SortStableFunc(all, func(a, b *edit.ToolSpec) int { return cmp.Compare(b.Quality, a.Quality) })
	return all
}

// believe applies the rule of evidence (design, section 7): "not found" by the
// most precise installed detector that knows the word ends the subtask; what a
// weaker one sees counts only when another detector sees it too; nothing is
// edited on a guess. resp and err are what the path's detector said.
func (x *execution) believe(ctx context.Context, spec *edit.ToolSpec, resp tools.Response, err error) (tools.Response, error) {
	var nf *edit.NotFoundError
	missing := errors.As(err, &nf)
	if err != nil && !missing {
		return resp, err
	}
	others := x.otherDetectors(spec)
	best := len(others) == 0 || spec.Quality >= others[0].Quality
	precision := resp.Quality
	if !missing && math.IsNaN(precision) {
		precision = spec.Quality
	}
	switch {
	case missing && best:
		return resp, err
	case !missing && precision >= x.job.Threshold:
		return resp, nil
	case !missing && best && spec.Quality >= x.job.Threshold && precision >= minBelief:
		return resp, nil
	}
	asked := []string{spec.Name}
	for _, other := range others {
		again, otherErr := x.invoke(ctx, other, edit.Call{Tool: other.Name}, &step{})
		x.log.Asked = append(x.log.Asked, edit.Call{Tool: other.Name})
		var alsoMissing *edit.NotFoundError
		switch {
		case ctx.Err() != nil:
			return tools.Response{}, ctx.Err()
		case errors.As(otherErr, &alsoMissing):
			asked = append(asked, other.Name)
			if other.Quality >= spec.Quality {
				return resp, &edit.NotFoundError{Phrase: x.st.Object, By: asked, Weak: weakest(resp)}
			}
		case otherErr != nil:
			var amb *edit.AmbiguousError
			if errors.As(otherErr, &amb) && other.Quality >= spec.Quality {
				return again, otherErr
			}
		case missing || agree(resp, again):
			if missing {
				return again, nil
			}
			both := together(resp.Quality, again.Quality)
			if other.Quality > spec.Quality {
				resp = again
			}
			resp.Quality = both
			return resp, nil
		}
	}
	nf = &edit.NotFoundError{Phrase: x.st.Object, By: asked, Weak: weakest(resp)}
	if commands := x.secondOpinions(); nf.Weak != nil && len(commands) > 0 {
		nf.Hint = "for a second opinion: " + strings.Join(commands, " or ")
	}
	return resp, nf
}

// secondOpinions lists the commands that install further detectors which know the word.
func (x *execution) secondOpinions() []string {
	head := edit.ParsePhrase(x.st.Object).Head
	var commands []string
	for i := range x.Specs {
		spec := &x.Specs[i]
		if !isDetector(spec) {
			continue
		}
		var un *tools.UnavailableError
		if _, knows := spec.Accepts["object"].Labels.Find(head); knows && errors.As(x.bind(spec), &un) {
			commands = append(commands, un.Command)
		}
	}
	return unique(commands)
}

// otherDetectors are the installed detectors that know the word, most precise first.
func (x *execution) otherDetectors(spec *edit.ToolSpec) []*edit.ToolSpec {
	var others []*edit.ToolSpec
	for i := range x.Specs {
		s := &x.Specs[i]
		if s.Name == spec.Name || !isDetector(s) || x.bind(s) != nil {
			continue
		}
		if !slices.ContainsFunc(s.Inputs, func(p edit.Port) bool { _, ok := x.input(s, p); return !ok }) {
			others = append(others, s)
		}
	}
	slices.SortStableFunc(others, func(a, b *edit.ToolSpec) int { return cmp.Compare(b.Quality, a.Quality) })
	return x.consulted(others)
}

func picked(resp tools.Response) []edit.Box { return madeBy[edit.Boxes](resp).Picked }

// agree reports whether two detectors put the object at the same place.
func agree(a, b tools.Response) bool {
	for _, p := range picked(a) {
		for _, q := range picked(b) {
			if p.IoU(q) >= 0.5 {
				return true
			}
		}
	}
	return false
}

// together is the precision of what two detectors agree on, their errors taken
// as independent; NaN where neither tells its own.
func together(a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return 1 - (1-a)*(1-b)
}

func weakest(resp tools.Response) *edit.Box {
	if boxes := picked(resp); len(boxes) > 0 {
		return &boxes[0]
	}
	return nil
}
