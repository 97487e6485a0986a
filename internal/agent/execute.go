package agent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
)

// execution is one subtask on its way: what is held, what was run, what was ruled out.
type execution struct {
	*run
	st   edit.Subtask
	base map[string]edit.Artifact // by slot: what the subtask starts with
	// held is base with what the calls made that the present one builds on; in
	// the end, those of the toolpath.
	held     map[string]edit.Artifact
	steps    []*step                  // every call run, in order
	done     []astar.Done             // the same, as the search knows them
	outputs  map[string]edit.Artifact // of the completing call, by slot
	path     []string                 // calls of the toolpath, or planned in a dry run
	quality  float64                  // product over path
	seconds  float64                  // of all calls run
	cost     float64                  // of all calls, those at hand at what they took when they ran
	wasted   float64                  // of those whose result was not used
	ruledOut map[string]error         // by call id: why it failed
	last     *edit.ToolSpec           // the tool that completed the subtask
	log      *Trail                   // what ran
	pinned   *Trail                   // what is to run, in a replay and for a repeated request
	repeated bool                     // it is pinned to what answered the same request before

	finding      bool         // it is complete when the object is outlined
	shown        bool         // the person pointed at the place
	kept         *pixel.Mask  // what stays as it was: the objects of Except
	found        []edit.Found // how the objects named beside the subtask's own were found
	foundQuality float64      // product over their paths
	region       string       // what may change, in words, where the tool does not tell
	target       string       // what was measured for "like the door"
	poor         bool         // the best imperfect result, as was asked for
	outlineSlot  string       // the mask that is grown or feathered, "" for none
	reshaped     bool         // it was
	outlineErr   error        // why it cannot be

	past   *pixel.Image // the picture that it may look back to, nil for none
	beside []*step      // of the searches for the objects named beside its own

	moment
	quick
	told told
}

// newExecution is a subtask that starts with what is held.
func (r *run) newExecution(st edit.Subtask, held map[string]edit.Artifact) *execution {
	return &execution{run: r, st: st, base: held, held: held, ruledOut: make(map[string]error), path: []string{}, quality: 1, foundQuality: 1, past: r.pastOf(st), shown: pointed(held)}
}

// step is one call that ran, or whose result was at hand.
type step struct {
	call    edit.Call
	spec    *edit.ToolSpec
	inputs  []int                    // steps whose results it took
	from    map[string]int           // the same by slot
	on      *pixel.Image             // the picture it looked at
	made    map[string]edit.Artifact // by slot
	judged  map[string]edit.Artifact // made, before the region's words changed an outline
	held    map[string]edit.Artifact // what it and the calls it builds on made, over the base
	seconds float64                  // spent on it now
	cost    float64                  // of a fresh run, in seconds, without loading
	load    float64                  // seconds spent loading its model
	quality float64                  // estimated, then judged
	verdict *judge.Verdict           // nil: not judged
	second  *second                  // of a model; nil: it gave none

	key      string // of its result
	lasting  bool   // its result outlives the run
	cached   bool
	freeCore bool   // it had a core to itself
	timed    bool   // it had, now or when what is at hand was made
	final    bool   // on the toolpath whose result was kept
	broke    string // why it made nothing, "" where it made something or answered that nothing, or too much, is there

	completes bool // it was run to complete the subtask
	said      bool // the tool had something to tell
}

// maxRuns is how many calls one subtask may run, and maxFailed how many results
// of it may not pass, before it is given up: what three did not do, a fourth seldom does.
const (
	maxRuns   = 40
	maxFailed = 3
)

// complete finds the toolpath that is optimal under estimates that each call
// run replaces by measurements, and runs it (astar.Lazy). A call that fails is
// ruled out as that call; "not found" and "which one?" end the subtask, since
// another path could only guess.
func (x *execution) complete(ctx context.Context) error {
	if err := x.begin(); err != nil {
		return err
	}
	if err := x.prepare(ctx); err != nil {
		return err
	}
	if x.pinned != nil {
		return x.follow(ctx)
	}
	specs, refused := x.usable()
	key := x.pathKey(specs)
	if !x.job.DryRun {
		if done, err := x.repeat(ctx, key); done || err != nil {
			return err
		}
	}
	problem := astar.Problem{Ops: x.ops(specs), Held: slices.Sorted(maps.Keys(x.base)), Alpha: x.job.Alpha, Threshold: x.job.Threshold}
	if x.job.DryRun {
		return x.completeDry(ctx, problem, refused)
	}
	if x.job.eager() {
		return x.completeEagerly(ctx, problem, refused)
	}
	err := x.completeLazily(ctx, problem, specs, refused)
	if err == nil {
		x.keepPath(ctx, key)
	}
	return err
}

// completeDry plans the toolpath and runs nothing.
func (x *execution) completeDry(ctx context.Context, problem astar.Problem, refused map[string]error) error {
	problem.Ops = x.expected(ctx, problem.Ops)
	res, err := x.foresee(ctx, problem, refused)
	if err != nil {
		return err
	}
	x.tellPath(res)
	if err := x.weigh(ctx, problem); err != nil {
		return err
	}
	x.path, x.quality, x.seconds = res.Toolpath().IDs(), res.Quality, x.seconds+res.Cost
	x.grow(res.Path)
	return nil
}

// foresee finds the path that is best under the estimates, and whose outline it changes.
func (x *execution) foresee(ctx context.Context, problem astar.Problem, refused map[string]error) (astar.Result, error) {
	res, err := astar.Search(ctx, problem)
	if errors.Is(err, edit.ErrNoPath) {
		return res, x.explain(ctx, refused)
	}
	if err != nil {
		return res, err
	}
	return res, x.settleOutline(res.Path)
}

// completeLazily searches and runs; a subroutine that applies at any moment goes
// first, and what it ran counts when the search goes on without it.
func (x *execution) completeLazily(ctx context.Context, problem astar.Problem, specs []edit.ToolSpec, refused map[string]error) error {
	for {
		var planned []string
		res, err := astar.Lazy(ctx, problem, astar.LazyOptions{
			Sunk: true, Alike: true, Frozen: x.job.Frozen, AcceptBest: x.job.AcceptBest, MaxRuns: maxRuns, MaxFailed: maxFailed,
			Expect: x.expect(ctx),
			Before: x.done,
			Planned: func(res astar.Result) {
				if x.chooseRule(ctx, specs, res) {
					return
				}
				if ids := res.Toolpath().IDs(); !slices.Equal(ids, planned) {
					x.outlineErr = x.settleOutline(res.Path)
					x.tellPath(res)
					planned = ids
				}
			},
		}, x.stepSlowly)
		switch {
		case errors.Is(err, errRuleHolds):
			if done, err := x.followRule(ctx, problem.Ops); done || err != nil {
				return err
			}
			continue
		case errors.Is(err, edit.ErrNoPath), errors.Is(err, astar.ErrTooManyRuns):
			return x.explain(ctx, refused)
		case err != nil:
			return err
		}
		x.take(res.Steps)
		x.poor = res.Poor
		return nil
	}
}

// ops are the calls that the search chooses from.
func (x *execution) ops(specs []edit.ToolSpec) []astar.Op {
	ops := x.picked(astar.Build(specs, x.st.Task, x.estimator()))
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
	return ops
}

// tellPath says which path is taken, or taken now.
func (x *execution) tellPath(res astar.Result) {
	found := edit.Event{Type: edit.EventSearched, Subtask: x.st.ID, Toolpath: res.Toolpath().IDs(), Cost: res.Cost, Quality: res.Quality}
	if x.finding {
		found.Message = "to find " + the(x.st.Object)
	}
	x.emit(found)
	x.tellRegion(res.Path)
}

// take makes the given steps the subtask's toolpath.
func (x *execution) take(steps []int) {
	x.held = maps.Clone(x.base)
	x.path, x.quality, x.log.Calls = []string{}, 1, nil
	for _, n := range steps {
		s := x.steps[n]
		x.path = append(x.path, s.call.ID())
		x.log.Calls = append(x.log.Calls, s.call)
		x.quality *= s.quality
		for slot, a := range s.made {
			if slot != edit.SlotImage {
				x.held[slot] = a
			}
		}
		x.outputs, x.last, s.final = s.made, s.spec, true
	}
	for n, s := range x.steps {
		if !slices.Contains(steps, n) {
			x.wasted += s.seconds
		}
	}
}

// step runs one call for the search and enters it in what was done.
func (x *execution) step(ctx context.Context, _ int, st astar.Step) (astar.Measured, error) {
	m, err := x.runStep(ctx, st)
	if err == nil {
		x.done = append(x.done, astar.Done{Step: st, Measured: m})
	}
	return m, err
}

func (x *execution) runStep(ctx context.Context, st astar.Step) (astar.Measured, error) {
	if x.outlineErr != nil {
		return astar.Measured{}, x.outlineErr
	}
	x.held = x.base
	if err := x.reshapeHeld(); err != nil {
		return astar.Measured{}, err
	}
	x.held = x.gather(st.Inputs)
	s := &step{call: st.Op.Call, spec: x.spec(st.Op.Call.Tool), quality: st.Op.Quality, completes: st.Op.Completes, from: st.Inputs, inputs: slices.Compact(slices.Sorted(maps.Values(st.Inputs)))}
	x.steps = append(x.steps, s)
	if m, ok := x.again(s); ok {
		return m, nil
	}
	err := x.call(ctx, s)
	if err == nil {
		err = x.assess(ctx, s, st.Op.Completes)
	}
	var poor *PoorError
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	switch {
	case err == nil:
		m := astar.Measured{Cost: x.measured(s, &st.Op), Quality: s.quality}
		if isDetector(s.spec) { // what the rule of evidence accepts is no weak step: a lesser detector would not know better
			m.Quality = max(m.Quality, x.job.Threshold)
		}
		return m, nil
	case ctx.Err() != nil:
		return astar.Measured{}, ctx.Err()
	case errors.As(err, &nf), errors.As(err, &amb):
		return astar.Measured{}, err
	}
	x.ruledOut[s.call.ID()] = err
	if errors.As(err, &poor) {
		return astar.Measured{Cost: x.measured(s, &st.Op), Quality: s.quality, Failed: err, Usable: true}, nil
	}
	x.note("%s failed and is ruled out: %v", s.call.ID(), err)
	return astar.Measured{Cost: s.cost, Failed: err}, nil
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

func (e *Engine) spec(name string) *edit.ToolSpec {
	i, ok := slices.BinarySearchFunc(e.Specs, name, func(s edit.ToolSpec, n string) int { return strings.Compare(s.Name, n) })
	if !ok {
		return nil
	}
	return &e.Specs[i]
}
