package agent

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// sameObject is the overlap (IoU) from which what two detectors see is one
// object, and sameKind that from which two boxes of one word are. A box that lies
// inside one of the same word by partOf, which a more precise detector saw whole, is a part of it.
const (
	sameObject = 0.65
	sameKind   = 0.45
	partOf     = 0.85
)

func oneObject(a, b edit.Box) bool {
	iou := a.IoU(b)
	return iou > sameObject || iou > sameKind && a.Label == b.Label
}

// Objects finds every object that the installed detectors know, the most
// precise detector's first, and sorts them from left to right. Nothing is
// found twice: of boxes that overlap, that of the more precise detector stays.
func (e *Engine) Objects(ctx context.Context, img *pixel.Image, emit func(edit.Event)) ([]edit.Box, error) {
	detectors := e.detectors()
	if len(detectors) == 0 {
		return nil, &edit.UserError{Msg: "no detector is installed", Hint: "agent models pull yolox-nano, or draw a box"}
	}
	var found []edit.Box
	for _, spec := range detectors {
		boxes, err := e.everything(ctx, spec, img, emit)
		if err != nil {
			return nil, err
		}
		better := found // of more precise detectors
		for _, b := range boxes {
			part := func(f edit.Box) bool { return f.Label == b.Label && b.Intersect(f) > partOf*b.Area() }
			if !slices.ContainsFunc(found, func(f edit.Box) bool { return oneObject(f, b) }) && !slices.ContainsFunc(better, part) {
				found = append(found, b)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b edit.Box) int { return cmp.Or(cmp.Compare(a.X0, b.X0), cmp.Compare(a.Y0, b.Y0)) })
	return found, nil
}

// detectors are the installed ones that have a list of words, the most precise first.
func (e *Engine) detectors() []*edit.ToolSpec {
	var all []*edit.ToolSpec
	for i := range e.Specs {
		spec := &e.Specs[i]
		if runner, ok := e.Runners[spec.Runtime.Kind]; ok && isDetector(spec) && runner.Available(spec) == nil && takesWords(spec) {
			all = append(all, spec)
		}
	}
	slices.SortStableFunc(all, func(a, b *edit.ToolSpec) int { return cmp.Compare(b.Quality, a.Quality) })
	return all
}

// takesWords reports whether a detector needs a picture and a word, no more.
func takesWords(spec *edit.ToolSpec) bool {
	return !slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return p.Slot() != edit.SlotImage && p.Slot() != edit.SlotObject })
}

// everything asks a detector for its words one after the other until it has
// seen one of them: its answer holds all other objects beside it. What the
// detector found is remembered by its runner, so that a further word costs next to nothing.
func (e *Engine) everything(ctx context.Context, spec *edit.ToolSpec, img *pixel.Image, emit func(edit.Event)) ([]edit.Box, error) {
	labels := spec.Accepts["object"].Labels
	words := slices.Concat(labels.Any, labels.Names)
	call := edit.Call{Tool: spec.Name}
	emit(edit.Event{Type: edit.EventStepStarted, Call: call.ID()})
	for _, word := range words {
		resp, err := e.Runners[spec.Runtime.Kind].Run(ctx, tools.Request{
			Spec: spec, Params: params(spec, call),
			Inputs: map[string]edit.Artifact{"image": img, "object": edit.Text("all " + word)},
		})
		if missing := (*edit.NotFoundError)(nil); errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		made := madeBy[edit.Boxes](resp)
		return slices.Concat(made.Picked, made.Others), nil
	}
	return nil, nil
}

// Outline makes the mask of an object that a person points at, by the search
// that outlines the objects of a request. phrase may be empty.
func (e *Engine) Outline(ctx context.Context, img *pixel.Image, phrase string, boxes []edit.Box, points edit.Points, emit func(edit.Event)) (*pixel.Mask, error) {
	phrase = cmp.Or(phrase, "object")
	job := Job{Image: img, Alpha: 1, Evidence: Evidence{}}
	if len(boxes) > 0 {
		job.Evidence.Boxes = map[string][]edit.Box{phrase: boxes}
	}
	if len(points) > 0 {
		job.Evidence.Points = map[string]edit.Points{phrase: points}
	}
	r := e.newRun(ctx, job, emit)
	st := edit.Subtask{ID: 1, Object: phrase}
	x := r.newExecution(st, r.hold(st))
	x.finding = true
	err := x.complete(ctx)
	_ = r.results.wait() // a result that is not kept is made again
	if err != nil {
		return nil, err
	}
	m, ok := x.held[edit.SlotMask].(*pixel.Mask)
	if !ok || m.Empty() {
		return nil, &edit.NotFoundError{Phrase: phrase, By: x.path}
	}
	return m, nil
}
