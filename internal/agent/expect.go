package agent

import (
	"context"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// This file holds the part of the estimates that changes while a subtask is on
// its way: whether a tool's model is loaded, and what is known of the picture
// and the object, by which qualities are told apart.

// loader is a Runner that knows which tools' models are in memory.
type loader interface {
	Loaded(spec *edit.ToolSpec) bool
}

// moment is what an execution remembers of it.
type moment struct {
	seen      []string           // the marks measured last
	marked    int                // 1 + how many steps there were when they were asked for last
	loadRates map[string]float64 // by device: seconds a byte of a model that was never seen to load
}

// expect is what loading its model would add to a call now, in seconds, and the
// quality to expect of it as far as the evidence goes now.
func (x *execution) expect(ctx context.Context) func(op *astar.Op) (load, quality float64) {
	return func(op *astar.Op) (load, quality float64) {
		spec, quality := x.spec(op.Call.Tool), op.Quality
		if op.Completes && !x.finding {
			if marks := x.marks(ctx); len(marks) > 0 {
				_, prior, _ := astar.Priors(x.st.Task, 1)(spec, op.Call, true)
				quality = x.learned.qualities.Estimate(op.Call.ID(), x.st.Task, marks, prior).Rank(x.job.Threshold)
			}
		}
		return x.loadSeconds(spec), quality
	}
}

// expected are calls with what is expected at the moment put in.
func (x *execution) expected(ctx context.Context, ops []astar.Op) []astar.Op {
	ops, expect := slices.Clone(ops), x.expect(ctx)
	for i := range ops {
		load, quality := expect(&ops[i])
		ops[i].Cost, ops[i].Quality = ops[i].Cost+load, quality
	}
	return ops
}

// loadSeconds is how long the model of a tool takes to load, 0 where it is in
// memory. A frozen run cannot look, since what other runs loaded is none of its
// business: for it each subtask begins with nothing loaded.
func (x *execution) loadSeconds(spec *edit.ToolSpec) float64 {
	runner, ok := x.Runners[spec.Runtime.Kind].(loader)
	if !ok {
		return 0
	}
	if slices.ContainsFunc(x.steps, func(s *step) bool { return s.call.Tool == spec.Name }) || !x.job.Frozen && runner.Loaded(spec) {
		return 0
	}
	device := x.device(spec)
	if e := x.learned.costs.Estimate(spec.Name, device, 0, spec.Cost); e.LoadKnown {
		return e.Load
	}
	if x.loadRates == nil {
		x.loadRates = make(map[string]float64)
	}
	rate, ok := x.loadRates[device]
	if !ok {
		rate = x.learned.costs.LoadRate(device, func(tool string) int64 { return modelBytes(x.spec(tool)) })
		x.loadRates[device] = rate
	}
	return rate * float64(modelBytes(spec))
}

// modelBytes is the size of a tool's networks, 0 for a tool without.
func modelBytes(spec *edit.ToolSpec) int64 {
	if spec == nil || spec.Runtime.ONNX == nil {
		return 0
	}
	var n int64
	for _, part := range spec.Runtime.ONNX.Models {
		if len(part.Accept) > 0 {
			n += part.Accept[0].Bytes
		}
	}
	return n
}

// marks are what the picture and the object are like, as far as that is known
// now; nil where nothing was learned by them. They are measured again only when
// a call has added to the evidence.
func (x *execution) marks(ctx context.Context) []string {
	if x.marked > len(x.steps) {
		return x.seen
	}
	x.marked = len(x.steps) + 1
	if known := &x.learned.qualities; known.Marked(x.st.Task) || known.Marked(onTheWay) {
		if set, ok := x.measure(ctx, x.out.Image); ok {
			x.seen = x.context(set)
		}
	}
	return x.seen
}
