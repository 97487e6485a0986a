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
	st := x.results.store
	if st == nil || x.job.DryRun || ctx.Err() != nil {
		return
	}
	t := store.Trace{
		Time: x.Now(), Request: x.job.Plan.Request, Picture: x.results.digest(img).String(), Subtask: x.st,
		Alpha: x.job.Alpha, Threshold: x.job.Threshold, Outcome: report.Status, Reason: report.Reason,
		Quality: store.Real(report.Quality), Seconds: x.seconds, Features: x.features(ctx, img),
	}
	for _, s := range x.steps {
		t.Steps = append(t.Steps, store.Step{
			Call: s.call.ID(), Tool: s.call.Tool, Variant: s.call.Variant, Params: s.call.Params, Inputs: s.inputs,
			Megapixels: img.Megapixels(), Seconds: s.cost, LoadSeconds: s.load, FreeCore: s.freeCore, Cached: s.cached, Final: s.final,
			Judgement: judgement(s.verdict, s.quality),
		})
	}
	_, err := st.AddTrace(ctx, t)
	if err == nil {
		err = x.learn(ctx, st, img.Megapixels())
	}
	if err != nil {
		x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Message: fmt.Sprintf("no trace was kept: %v", err)})
	}
}

// features are those of the picture that the attempt began with, as far as the
// attempt found evidence: nil where they cannot be measured.
func (x *execution) features(ctx context.Context, img *pixel.Image) map[string]any {
	in := features.Input{Picture: img, Subtask: x.st}
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
	set, err := features.Of(ctx, in)
	if err != nil {
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
