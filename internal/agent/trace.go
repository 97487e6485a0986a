package agent

import (
	"context"
	"fmt"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// trace keeps the record of an attempt at a subtask, failed or not: what
// rules and estimates are learned from. img is the picture it began with.
func (x *execution) trace(ctx context.Context, img *pixel.Image, report *edit.SubtaskReport) {
	if x.job.Trial {
		if x.out.Steps == nil {
			x.out.Steps = make(map[int][]store.Step)
		}
		x.out.Steps[x.st.ID] = x.stored(img)
	}
	st := x.results.store
	if st == nil || x.job.Trial || x.job.DryRun || ctx.Err() != nil {
		return
	}
	x.results.keepPicture(ctx, img)
	set, _ := x.measure(ctx, img)
	t := store.Trace{
		Time: x.Now(), Request: x.job.Plan.Request, Subtask: x.st,
		Picture: x.results.digest(img).String(), Origin: x.results.digest(x.job.Image).String(), Shown: x.shown,
		Alpha: x.job.Alpha, Threshold: x.job.Threshold, Outcome: report.Status, Reason: report.Reason,
		Quality: store.Real(report.Quality), Seconds: x.seconds, Features: values(set), Steps: x.stored(img),
	}
	if x.tried != nil && x.passed {
		t.Subroutine = x.tried.ID
	}
	id, err := st.AddTrace(ctx, t)
	if err == nil {
		report.Trace = id
		err = x.learn(ctx, st, img.Megapixels(), x.context(set))
	}
	if err != nil && ctx.Err() == nil {
		x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Message: fmt.Sprintf("no trace was kept: %v", err)})
	}
}

// stored are the calls that ran as a trace holds them.
func (x *execution) stored(img *pixel.Image) (steps []store.Step) {
	for _, s := range x.steps {
		j := judgement(s.verdict, s.quality)
		s.second.enter(&j, s.verdict)
		steps = append(steps, store.Step{
			Call: s.call.ID(), Tool: s.call.Tool, Variant: s.call.Variant, Params: s.call.Params, Inputs: s.inputs,
			Megapixels: img.Megapixels(), Seconds: s.cost, LoadSeconds: s.load, FreeCore: s.freeCore, Cached: s.cached, Final: s.final, Error: s.broke,
			Judgement: j,
		})
	}
	return steps
}

// measure takes the features of a picture as far as the attempt found evidence;
// ok is false where they cannot be measured.
func (x *execution) measure(ctx context.Context, img *pixel.Image) (set features.Set, ok bool) {
	if x.Features != nil {
		set, err := x.Features(img, x.st)
		return set, err == nil
	}
	if img != x.viewed.img { // the dear part is the same for all that is asked of one picture
		view, err := features.Look(img)
		if err != nil {
			return features.Set{}, false
		}
		x.viewed.img, x.viewed.view = img, view
	}
	in := features.Input{Picture: img, View: x.viewed.view, Subtask: x.st}
	in.Mask, _ = x.held[edit.SlotMask].(*pixel.Mask)
	if b, ok := x.held[edit.SlotBoxes].(edit.Boxes); ok {
		in.Boxes = &b
	}
	for _, a := range x.held {
		if s, ok := a.(edit.Spans); ok {
			in.Spans = s
		}
	}
	if head := edit.ParsePhrase(x.st.Object).Head; head != "" {
		knows := len(x.detectorsOf(head)) > 0
		in.DetectorKnows = &knows
	}
	in.Told = x.tell(ctx, img)
	set, err := features.Of(ctx, in)
	return set, err == nil
}

// context are the marks by which qualities are told apart.
func (e *Engine) context(set features.Set) []string {
	names := features.ContextNames()
	if e.Features != nil {
		names = nil
		for name := range set.All() {
			names = append(names, name)
		}
	}
	return set.Buckets(names...)
}

// values are features by name as JSON has them, nil where there are none.
func values(set features.Set) map[string]any {
	if set.Len() == 0 {
		return nil
	}
	all := make(map[string]any, set.Len())
	for name, v := range set.All() {
		all[name] = plain(v)
	}
	return all
}

// plain is a feature as JSON has it.
func plain(v features.Value) any {
	switch v.Type {
	case features.Number:
		return v.Number
	case features.Bool:
		return v.Bool
	case features.Category:
	}
	return v.Category
}
