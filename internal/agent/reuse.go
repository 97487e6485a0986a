package agent

import (
	"bytes"
	"context"
	"maps"
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// This file lets a subtask use what earlier ones of the job saw. A tool that
// finds objects looks at the oldest picture that only edits of objects separate
// from the present one, if a finished subtask looked at it with the same tool:
// then the network's answer is at hand. What it finds there is valid where no
// pixel changed since; else the call is run again on the picture as it is.
// Nothing of this depends on what the store holds, so that an edit has the same
// result with and without it, and a replay makes the same choices.

// sight is a picture that calls looked at.
type sight struct {
	img  *pixel.Image
	seen map[string]bool // ids of calls that made the results of finished subtasks from it
}

func newSight(img *pixel.Image) sight { return sight{img: img, seen: make(map[string]bool)} }

// pastOf is the picture that a subtask may look back to, nil for none. One that means
// several objects does not: an edit may have added to them. One without an object needs all of the picture.
func (r *run) pastOf(st edit.Subtask) *pixel.Image {
	p := edit.ParsePhrase(st.Object)
	if p.Head == "" || !p.Singular() || r.sight.img == r.out.Image || r.job.eager() {
		return nil
	}
	return r.sight.img
}

// looksBack reports whether a call is to be made on the past picture first: it
// finds the object in a way that shows where it looked, or makes what such a call takes.
func (x *execution) looksBack(s *step) bool {
	if x.past == nil || !x.sight.seen[s.call.ID()] || !s.spec.Deterministic || s.spec.Network {
		return false
	}
	for _, p := range s.spec.Inputs { // a replay gives a call more than it takes
		if n, made := s.from[p.Slot()]; made && x.steps[n].on != x.past {
			return false
		}
	}
	return isDetector(s.spec) || outlinesBoxes(s.spec) || surveys(s.spec)
}

// outlinesBoxes reports whether a tool makes the object's mask from its boxes.
func outlinesBoxes(spec *edit.ToolSpec) bool {
	return makesMask(spec) && slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return p.Slot() == edit.SlotBoxes })
}

// surveys reports whether a tool makes maps of all of the picture from the picture alone.
func surveys(spec *edit.ToolSpec) bool {
	return len(spec.Inputs) == 1 && spec.Inputs[0].Slot() == edit.SlotImage && !slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool {
		return p.Kind != edit.KindClasses && p.Kind != edit.KindDepth
	})
}

// look makes a step's call: on the past picture where that is of use and what
// comes of it still holds, else on the picture as it is. Which of them depends on
// the step and what it takes alone, not on what else the search tried.
func (x *execution) look(ctx context.Context, s *step) (tools.Response, error) {
	if x.looksBack(s) {
		resp, err := x.lookAt(ctx, s, x.past)
		if ctx.Err() != nil || err == nil && x.holds(s, resp) {
			return resp, err
		}
	}
	if err := x.renew(ctx, s); err != nil {
		return tools.Response{}, err
	}
	return x.lookAt(ctx, s, x.out.Image)
}

// lookAt makes a step's call on a picture, under the rule of evidence.
func (x *execution) lookAt(ctx context.Context, s *step, img *pixel.Image) (tools.Response, error) {
	cost := x.cost
	s.on, x.held[edit.SlotImage] = img, img
	resp, err := x.invoke(ctx, s.spec, s.call, s)
	if isDetector(s.spec) && !x.job.eager() {
		resp, err = x.believe(ctx, s.spec, resp, err)
	}
	s.cost = x.cost - cost
	return resp, err
}

// renew makes maps of the past picture that a step takes again, of the picture as
// it is; boxes and masks that are held are where nothing changed.
func (x *execution) renew(ctx context.Context, s *step) error {
	fresh := make(map[string]edit.Artifact)
	for _, p := range s.spec.Inputs {
		n, made := s.from[p.Slot()]
		if !made || x.steps[n].on == x.out.Image || !surveys(x.steps[n].spec) {
			continue
		}
		maker := x.steps[n]
		again := &step{call: maker.call, spec: maker.spec}
		resp, err := x.lookAt(ctx, again, x.out.Image)
		if err != nil {
			return err
		}
		for _, p := range maker.spec.Outputs {
			fresh[p.Slot()] = resp.Outputs[p.Name]
		}
	}
	maps.Copy(x.held, fresh)
	return nil
}

// gather is what a call that takes results of those steps finds held: the
// subtask's own, and what these results were made from.
func (x *execution) gather(from map[string]int) map[string]edit.Artifact {
	held := maps.Clone(x.base)
	for _, slot := range slices.Sorted(maps.Keys(from)) {
		maps.Copy(held, x.steps[from[slot]].held)
	}
	for slot, n := range from { // the very results asked for, whatever these were made from
		held[slot] = x.steps[n].made[slot]
	}
	return held
}

// holds reports whether what a call made of the past picture is as good for the
// present one. Every object that the phrase might have meant must be as it was:
// another colour or size could change which is meant.
func (x *execution) holds(s *step, resp tools.Response) bool {
	var places []edit.Box
	if boxes, ok := x.held[edit.SlotBoxes].(edit.Boxes); ok {
		places = append(places, boxes.Picked...)
	}
	found := madeBy[edit.Boxes](resp)
	places = append(places, found.Picked...)
	if labels := s.spec.Accepts["object"].Labels; isDetector(s.spec) && labels != nil {
		class, known := labels.Find(edit.ParsePhrase(x.st.Object).Head)
		for _, b := range found.Others {
			if !known || class < 0 || b.Label == labels.Names[class] {
				places = append(places, b)
			}
		}
	}
	if m := madeBy[*pixel.Mask](resp); m != nil {
		r := m.Bounds(1)
		places = append(places, edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y)})
	}
	return !slices.ContainsFunc(places, func(b edit.Box) bool { return touched(x.past, x.out.Image, b) })
}

// What lies near an object decides how it is seen: a tenth of the box's longer
// side around it, and at least a few pixels.
const (
	nearShare  = 0.1
	nearPixels = 8
)

// touched reports whether two pictures of one size differ in or near a box.
func touched(before, after *pixel.Image, b edit.Box) bool {
	d := max(nearPixels, nearShare*max(b.W(), b.H()))
	x0, y0 := max(0, int(math.Floor(b.X0-d))), max(0, int(math.Floor(b.Y0-d)))
	x1, y1 := min(before.W, int(math.Ceil(b.X1+d))), min(before.H, int(math.Ceil(b.Y1+d)))
	if x0 >= x1 {
		return false
	}
	for y := y0; y < y1; y++ {
		row := 4 * y * before.W
		if !bytes.Equal(before.Pix[row+4*x0:row+4*x1], after.Pix[row+4*x0:row+4*x1]) {
			return true
		}
	}
	return false
}

// saw enters a finished subtask's calls in what was seen, before its result is taken over.
func (r *run) saw(x *execution) {
	for _, s := range slices.Concat(x.beside, x.steps) {
		if s.final && s.on == r.sight.img {
			r.sight.seen[s.call.ID()] = true
		}
	}
}

// moveOn begins anew what was seen, after an edit that may have moved things or put new ones there.
func (r *run) moveOn(x *execution, made *pixel.Image) {
	old := r.sight.img
	adds := slices.ContainsFunc(x.last.Inputs, func(p edit.Port) bool {
		return p.Kind == edit.KindText && p.Slot() != edit.SlotObject || p.Kind == edit.KindImage && p.Slot() != edit.SlotImage
	})
	if !x.limited() || adds || made.W != old.W || made.H != old.H {
		r.sight = newSight(made)
	}
}
