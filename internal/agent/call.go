package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// call runs one call on what is held and takes over what it made.
func (x *execution) call(ctx context.Context, s *step) error {
	seconds := x.seconds
	resp, err := x.look(ctx, s)
	s.seconds, s.said = x.seconds-seconds, len(resp.Notices) > 0
	if err != nil {
		var nf *edit.NotFoundError
		var amb *edit.AmbiguousError
		if !errors.As(err, &nf) && !errors.As(err, &amb) {
			s.broke = err.Error()
		}
		return err
	}
	if !math.IsNaN(resp.Quality) {
		s.quality = resp.Quality
	}
	s.made = make(map[string]edit.Artifact)
	for _, p := range s.spec.Outputs {
		s.made[p.Slot()] = resp.Outputs[p.Name]
	}
	s.judged = maps.Clone(s.made)
	if err := x.reshape(s.made); err != nil {
		return err
	}
	if err := x.leaveOut(s.made); err != nil {
		return err
	}
	for slot, a := range s.made {
		if slot != edit.SlotImage {
			x.held[slot] = a
		}
	}
	s.held = make(map[string]edit.Artifact)
	for slot, a := range x.held {
		if x.base[slot] == nil {
			s.held[slot] = a
		}
	}
	x.noticeUnoutlined(s.made)
	return nil
}

// noticeUnoutlined tells when a mask that was just made leaves out some of the
// objects that were picked: "all cars" must not quietly become two of five.
func (x *execution) noticeUnoutlined(made map[string]edit.Artifact) {
	m, ok := made[edit.SlotMask].(*pixel.Mask)
	boxes, picked := x.held[edit.SlotBoxes].(edit.Boxes)
	if !ok || !picked {
		return
	}
	var left []string
	for _, b := range boxes.Picked {
		b = b.Clip(m.W, m.H)
		inside := 0
		for y := int(b.Y0); y < int(b.Y1); y++ {
			for x := int(b.X0); x < int(b.X1); x++ {
				if m.Pix[y*m.W+x] >= pixel.Half {
					inside++
				}
			}
		}
		if float64(inside) < 0.05*b.Area() {
			left = append(left, b.String())
		}
	}
	if len(left) > 0 {
		x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Message: fmt.Sprintf(
			"%d of %d objects could not be outlined and stay as they are: %s", len(left), len(boxes.Picked), strings.Join(left, "; "))})
	}
}

// invoke answers a call on what is held: from what is remembered, else by
// running it. It tells subscribers and keeps the promises of its doc.
// The first call made for a step is entered in it.
func (x *execution) invoke(ctx context.Context, spec *edit.ToolSpec, call edit.Call, s *step) (tools.Response, error) {
	inputs := make(map[string]edit.Artifact, len(spec.Inputs))
	for _, p := range spec.Inputs {
		if a, ok := x.input(spec, p); ok {
			inputs[p.Name] = a
		}
	}
	id := call.ID()
	req := tools.Request{
		Spec: spec, Params: params(spec, call), Inputs: inputs, Seed: x.job.Seed,
		Progress: func(f float64) {
			x.emit(edit.Event{Type: edit.EventProgress, Subtask: x.st.ID, Call: id, Fraction: f})
		},
	}
	x.emit(edit.Event{Type: edit.EventStepStarted, Subtask: x.st.ID, Call: id})
	x.used[spec.Runtime.Kind] = true
	key, lasting := x.results.key(ctx, req)
	done := edit.Event{Type: edit.EventStepFinished, Subtask: x.st.ID, Call: id}
	k, hit := x.results.find(ctx, key, lasting, spec)
	if hit {
		x.out.Summary.CacheHits++
		done.Cached = true
		if x.out.Summary.Device == "" {
			x.out.Summary.Device = k.device
		}
	} else {
		busy := x.busy()
		k, done.Seconds = x.runTool(ctx, req)
		k.device = x.device(spec)
		s.freeCore = k.resp.Saved == 0 && x.busy()-busy >= freeShare*k.seconds*float64(1+x.job.Beside)
		k.timed = s.freeCore
		done.Cached = k.resp.Remembered
		x.results.keep(ctx, key, lasting, spec, picture(inputs), k)
	}
	x.cost += k.seconds
	s.key, s.lasting, s.cached, s.timed, s.load = key, lasting, done.Cached, k.timed, k.resp.LoadSeconds
	resp, err := k.resp, k.err
	if err != nil {
		done.Error = err.Error()
		x.emit(done)
		return resp, err
	}
	if !math.IsNaN(resp.Quality) {
		done.Quality = resp.Quality
	}
	x.emit(done)
	for _, n := range resp.Notices {
		x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Call: id, Message: n})
	}
	resp.Outputs = maps.Clone(resp.Outputs)
	for _, p := range spec.Outputs {
		if img, ok := resp.Outputs[p.Name].(*pixel.Image); ok {
			if region := x.limit(spec); region != nil {
				img = within(picture(inputs), img, region)
			}
			x.noteNarrowed(spec, inputs, img)
			resp.Outputs[p.Name] = enforce(spec, inputs, img)
		}
	}
	return resp, nil
}

// freeShare is the share of a call's time that the program must have been
// computing for the call to have had a core: less, and others had it, or it waited.
// Where several jobs run beside each other, it must have been so for each of them.
const freeShare = 0.9

// busy is how many seconds this program has been computing, 0 where that is not told.
func (x *execution) busy() float64 {
	if x.CPU == nil {
		return 0
	}
	return x.CPU()
}

// runTool runs a call and enters it in the ledger. What the runner answers from
// memory is no run. It also returns the seconds that were spent.
func (x *execution) runTool(ctx context.Context, req tools.Request) (k known, spent float64) {
	if err := x.afford(req.Spec); err != nil {
		return known{err: err}, 0
	}
	kind := req.Spec.Runtime.Kind
	start := x.Now()
	resp, err := x.Runners[kind].Run(ctx, req)
	spent = x.Now().Sub(start).Seconds()
	x.seconds += spent
	sum := &x.out.Summary
	if resp.Remembered {
		sum.CacheHits++
	} else {
		sum.ToolRuns++
		sum.USD += req.Spec.Cost.USD
		x.charge(req.Spec.Cost.USD)
	}
	sum.ToolSeconds += spent - resp.LoadSeconds
	sum.LoadSeconds += resp.LoadSeconds
	return known{resp: resp, seconds: spent - resp.LoadSeconds + resp.Saved, err: err}, spent
}

// params are the doc's fixed parameters overlaid with the call's variant.
func params(spec *edit.ToolSpec, call edit.Call) map[string]any {
	all := make(map[string]any)
	if spec.Runtime.Builtin != nil {
		maps.Copy(all, spec.Runtime.Builtin.Params)
	}
	maps.Copy(all, call.Params)
	return all
}
