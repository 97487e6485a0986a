package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// execution is one subtask on its way: what is held, what was run, what was ruled out.
type execution struct {
	*run
	st       edit.Subtask
	held     map[string]edit.Artifact // by slot
	outputs  map[string]edit.Artifact // of the completing call, by slot
	path     []string                 // calls run, or planned in a dry run
	quality  float64                  // product over path
	seconds  float64
	ruledOut map[string]error // by call id: why it failed
	last     *edit.ToolSpec   // the tool that completed the subtask
	log      *Trail           // what ran
	pinned   *Trail           // what is to run, in a replay

	finding      bool         // it is complete when the object is outlined
	kept         *pixel.Mask  // what stays as it was: the objects of Except
	found        []edit.Found // how the objects named beside the subtask's own were found
	foundQuality float64      // product over their paths
	region       string       // what may change, in words, where the tool does not tell
	target       string       // what was measured for "like the door"
	outlineSlot  string       // the mask that is grown or feathered, "" for none
	reshaped     bool         // it was
}

// complete searches for the optimal toolpath and runs it. A call that fails is
// ruled out as that call and the search goes on from what is already held;
// "not found" and "which one?" end the subtask, since another path could only guess.
func (x *execution) complete(ctx context.Context) error {
	if err := x.begin(); err != nil {
		return err
	}
	x.path, x.quality, x.foundQuality = []string{}, 1, 1
	if err := x.prepare(ctx); err != nil {
		return err
	}
	for {
		specs, refused := x.usable()
		path, err := x.search(ctx, specs)
		if errors.Is(err, edit.ErrNoPath) {
			return x.explain(refused)
		}
		if err != nil {
			return err
		}
		if err := x.settleOutline(path); err != nil {
			return err
		}
		if x.job.DryRun {
			x.tellRegion(path)
			return nil
		}
		done, err := x.runPath(ctx, path)
		if done || err != nil {
			return err
		}
	}
}

// search finds the path that is optimal under the present estimates.
func (x *execution) search(ctx context.Context, specs []edit.ToolSpec) ([]astar.Op, error) {
	if x.pinned != nil {
		return x.recorded()
	}
	priors := astar.Priors(x.st.Task, x.out.Image.Megapixels())
	ops := astar.Build(specs, x.st.Task, func(spec *edit.ToolSpec, call edit.Call, completes bool) (float64, float64, bool) {
		if _, failed := x.ruledOut[call.ID()]; failed {
			return 0, 0, false
		}
		return priors(spec, call, completes)
	})
	for i := range ops {
		spec := x.spec(ops[i].Call.Tool)
		ops[i].Completes = ops[i].Completes || x.finding && x.completes(spec)
		if ops[i].Completes && x.inside(spec) {
			ops[i].Needs = append(slices.Clone(ops[i].Needs), edit.SlotMask)
		}
		for _, p := range spec.Inputs {
			if x.defaulted(spec, p) {
				ops[i].Needs = slices.DeleteFunc(slices.Clone(ops[i].Needs), func(s string) bool { return s == p.Slot() })
			}
		}
	}
	res, err := astar.Search(ctx, astar.Problem{
		Ops: ops, Held: slices.Sorted(maps.Keys(x.held)), Alpha: x.job.Alpha, Threshold: x.job.Threshold,
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(res.Path))
	for i, op := range res.Path {
		ids[i] = op.Call.ID()
	}
	if x.job.DryRun {
		x.path, x.quality, x.seconds = ids, res.Quality, x.seconds+res.Cost
	}
	found := edit.Event{Type: edit.EventSearched, Subtask: x.st.ID, Toolpath: ids, Cost: res.Cost, Quality: res.Quality}
	if x.finding {
		found.Message = "to find " + the(x.st.Object)
	}
	x.emit(found)
	return res.Path, nil
}

// runPath runs the calls in order. It returns true when the subtask is
// completed, false when a call failed and was ruled out.
func (x *execution) runPath(ctx context.Context, path []astar.Op) (bool, error) {
	x.tellRegion(path)
	if err := x.reshapeHeld(); err != nil {
		return false, err
	}
	for _, op := range path {
		spec := x.spec(op.Call.Tool)
		err := x.call(ctx, spec, op)
		var nf *edit.NotFoundError
		var amb *edit.AmbiguousError
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return false, ctx.Err()
		case errors.As(err, &nf), errors.As(err, &amb):
			return false, err
		default:
			x.ruledOut[op.Call.ID()] = err
			x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Message: fmt.Sprintf("%s failed and is ruled out: %v", op.Call.ID(), err)})
			return false, nil
		}
		if op.Completes {
			return true, nil
		}
	}
	return false, fmt.Errorf("the path %v completes nothing", path)
}

// call runs one call and takes over what it made.
func (x *execution) call(ctx context.Context, spec *edit.ToolSpec, op astar.Op) error {
	resp, err := x.invoke(ctx, spec, op.Call)
	if isDetector(spec) {
		resp, err = x.believe(ctx, spec, resp, err)
	}
	if err != nil {
		return err
	}
	quality := op.Quality
	if !math.IsNaN(resp.Quality) {
		quality = resp.Quality
	}
	made := make(map[string]edit.Artifact)
	for _, p := range spec.Outputs {
		made[p.Slot()] = resp.Outputs[p.Name]
	}
	if err := x.reshape(made); err != nil {
		return err
	}
	if err := x.leaveOut(made); err != nil {
		return err
	}
	x.path = append(x.path, op.Call.ID())
	x.log.Calls = append(x.log.Calls, op.Call)
	x.quality *= quality
	if op.Completes {
		x.outputs, x.last = made, spec
	}
	for slot, a := range made {
		if slot != edit.SlotImage {
			x.held[slot] = a
		}
	}
	x.noticeUnoutlined(made)
	return nil
}

// subjectMask is the matte that the completing tool worked with: of a
// background task, the subject. Nil when it took none.
func (x *execution) subjectMask() *pixel.Mask {
	p, ok := x.last.MaskInput()
	if !ok {
		return nil
	}
	m, _ := x.held[p.Slot()].(*pixel.Mask)
	return m
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

// invoke runs a call on what is held, times it and tells subscribers.
func (x *execution) invoke(ctx context.Context, spec *edit.ToolSpec, call edit.Call) (tools.Response, error) {
	inputs := make(map[string]edit.Artifact, len(spec.Inputs))
	for _, p := range spec.Inputs {
		if a, ok := x.input(spec, p); ok {
			inputs[p.Name] = a
		}
	}
	id := call.ID()
	x.emit(edit.Event{Type: edit.EventStepStarted, Subtask: x.st.ID, Call: id})
	start := x.Now()
	x.used[spec.Runtime.Kind] = true
	resp, err := x.Runners[spec.Runtime.Kind].Run(ctx, tools.Request{
		Spec: spec, Params: params(spec, call), Inputs: inputs, Seed: x.job.Seed,
		Progress: func(f float64) {
			x.emit(edit.Event{Type: edit.EventProgress, Subtask: x.st.ID, Call: id, Fraction: f})
		},
	})
	seconds := x.Now().Sub(start).Seconds()
	x.seconds += seconds
	x.out.Summary.ToolRuns++
	x.out.Summary.ToolSeconds += seconds - resp.LoadSeconds
	x.out.Summary.LoadSeconds += resp.LoadSeconds
	done := edit.Event{Type: edit.EventStepFinished, Subtask: x.st.ID, Call: id, Seconds: seconds}
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

// params are the doc's fixed parameters overlaid with the call's variant.
func params(spec *edit.ToolSpec, call edit.Call) map[string]any {
	all := make(map[string]any)
	if spec.Runtime.Builtin != nil {
		maps.Copy(all, spec.Runtime.Builtin.Params)
	}
	maps.Copy(all, call.Params)
	return all
}

func (e *Engine) spec(name string) *edit.ToolSpec {
	i, ok := slices.BinarySearchFunc(e.Specs, name, func(s edit.ToolSpec, n string) int { return strings.Compare(s.Name, n) })
	if !ok {
		return nil
	}
	return &e.Specs[i]
}
