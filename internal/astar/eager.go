package astar

import (
	"context"
	"fmt"
	"slices"

	"pentimento/internal/edit"
)

// EagerResult is what Eager ended with, and what it spent to get there.
type EagerResult struct {
	Result         // of the path whose last call completes; its estimates are all measured
	Steps    []int // the steps of Path, in order
	Failed   []int // steps whose results were dropped
	Ran      []Step
	Seconds  float64 // of all steps run
	Expanded int     // calls whose neighbours were run
	Skipped  int     // neighbours that could not run: nothing had made what they need
}

// Eager re-enacts the control flow of CoSTA* (arXiv 2503.10613, section 3, and
// its released code) on a real executor, for measurement only. It is
// Published with calls that run:
//
//   - Expanding a call runs every call after it, whichever of them the path
//     will use, and again if it ran before.
//   - f = g + h: g from what was measured along the path, h from estimates.
//     Each call keeps the one path of least g.
//   - The first completing call taken from the open list ends it.
//   - A call that fails runs once more with its next variant, the time of both
//     added to g; if that fails too, it is dropped from this path. A variant is
//     no call of its own here.
//   - Threshold is none of its business: whether a result passes is run's to say.
//
// Inputs are what the path up to the call made, the latest where several
// calls made it. Where neither the path nor the start holds an input, the
// latest result of that slot stands in, from whatever path, as in the shared
// state of the released code; a call for which there is none is skipped. So
// Path may hold more calls than the chain that the search ranked by g.
//
// It ends: a call is taken up again only with less g, and no cycle lowers g.
// The order of the runs depends on estimates and measurements alone. Errors
// are those of Lazy, edit.ErrNoPath where nothing completes.
func Eager(ctx context.Context, p Problem, run Run) (EagerResult, error) {
	whole, further := firstTries(p)
	whole.Threshold = 0
	g, err := compile(&whole)
	if err != nil {
		return EagerResult{}, err
	}
	e := &eager{
		problem: &whole, further: further, published: newPublished(g, p.Alpha), call: run,
		held: make(map[string]bool), latest: make([]int, len(g.ops)),
	}
	for _, s := range p.Held {
		e.held[s] = true
	}
	last, err := e.search(ctx)
	return e.result(last), err
}

// firstTries leaves of each tool's calls the one of the least variant; further
// are the others by its index, in the order they are tried.
func firstTries(p Problem) (whole Problem, further map[int][]Op) {
	type key struct {
		tool      string
		completes bool
	}
	byTool := make(map[key][]Op)
	var keys []key
	for _, op := range p.Ops {
		k := key{op.Call.Tool, op.Completes}
		if byTool[k] == nil {
			keys = append(keys, k)
		}
		byTool[k] = append(byTool[k], op)
	}
	whole, further = p, make(map[int][]Op)
	whole.Ops = nil
	for _, k := range keys {
		tries := byTool[k]
		slices.SortStableFunc(tries, func(a, b Op) int { return compareOps(&a, &b) })
		further[len(whole.Ops)] = tries[1:]
		whole.Ops = append(whole.Ops, tries[0])
	}
	return whole, further
}

// eager is the state of one such search.
type eager struct {
	*published // g, h and the children; its costs and qualities are measured here
	problem    *Problem
	further    map[int][]Op
	call       Run
	held       map[string]bool
	ran        []eagerStep
	latest     []int // by call: the step that its least g is from
	failed     []int
	seconds    float64
	skipped    int
}

// eagerStep is a call that was run on some path.
type eagerStep struct {
	step     Step
	measured Measured
	from     int // the step before it on the path; -1: the start
	failed   bool
	cost     float64 // of the path up to it
	quality  float64
}

const nowhere = -1

// search returns the completing step that was taken first.
func (e *eager) search(ctx context.Context) (int, error) {
	var open heap
	if err := e.visit(ctx, &open, nowhere, e.starts); err != nil {
		return nowhere, err
	}
	for len(open) > 0 {
		top := open.pop()
		x := top.label
		if top.second > e.gOf[x] {
			continue // a better path to x was found after this one
		}
		if e.g.ops[x].makes[0] == done {
			return e.latest[x], nil
		}
		e.expanded++
		if err := e.visit(ctx, &open, e.latest[x], e.children[x]); err != nil {
			return nowhere, err
		}
	}
	return nowhere, edit.ErrNoPath
}

// visit runs the given calls after a step.
func (e *eager) visit(ctx context.Context, open *heap, from int, calls []int32) error {
	for _, y := range calls {
		op := &e.problem.Ops[e.g.ops[y].source]
		inputs, ok := e.inputs(op, from)
		if !ok {
			e.skipped++
			continue
		}
		n, err := e.try(ctx, e.g.ops[y].source, inputs, from)
		if err != nil {
			return err
		}
		if s := &e.ran[n]; !s.failed {
			if g := Objective(e.alpha, s.cost, s.quality); g < e.gOf[y] {
				e.gOf[y], e.latest[y] = g, n
				open.push(entry{first: g + e.h[y], second: g, label: y})
			}
		}
	}
	return nil
}

// inputs finds the step that made each input of a call run after the step from.
func (e *eager) inputs(op *Op, from int) (map[string]int, bool) {
	inputs := make(map[string]int)
	for _, slot := range op.Needs {
		if e.held[slot] {
			continue
		}
		maker := from
		for maker != nowhere && !e.makes(maker, slot) {
			maker = e.ran[maker].from
		}
		if maker == nowhere {
			for maker = len(e.ran) - 1; maker >= 0 && !e.makes(maker, slot); maker-- {
			}
		}
		if maker == nowhere {
			return nil, false
		}
		inputs[slot] = maker
	}
	return inputs, true
}

// makes reports whether a step left a result in a slot.
func (e *eager) makes(n int, slot string) bool {
	s := &e.ran[n]
	return !s.failed && !s.step.Op.Completes && slices.Contains(s.step.Op.Makes, slot) && !slices.Contains(s.step.Op.Needs, slot)
}

// try runs a call, once more with its next variant where it fails, and returns the last step.
func (e *eager) try(ctx context.Context, source int, inputs map[string]int, from int) (int, error) {
	tries := []Op{e.problem.Ops[source]}
	if more := e.further[source]; len(more) > 0 {
		tries = append(tries, more[0])
	}
	spent, n := 0.0, nowhere
	for _, op := range tries {
		if err := ctx.Err(); err != nil {
			return nowhere, err
		}
		n = len(e.ran)
		s := eagerStep{step: Step{Op: op, Inputs: inputs}, from: from, quality: 1}
		m, err := e.call(ctx, n, s.step)
		if err != nil {
			return nowhere, err
		}
		if m.Failed == nil && !(m.Quality >= 0 && m.Quality <= 1) || !(m.Cost >= 0) {
			return nowhere, fmt.Errorf("%s was measured at cost %v and quality %v", op.Call.ID(), m.Cost, m.Quality)
		}
		e.seconds += m.Cost
		spent += max(m.Cost, edit.MinSeconds)
		if s.cost = spent; from != nowhere {
			s.cost, s.quality = e.ran[from].cost+spent, e.ran[from].quality
		}
		s.quality *= m.Quality
		s.measured, s.failed = m, m.Failed != nil
		e.ran = append(e.ran, s)
		if !s.failed {
			return n, nil
		}
		e.failed = append(e.failed, n)
	}
	return n, nil
}

// result tells what was run; its path is all that the last step was made from.
func (e *eager) result(last int) EagerResult {
	r := EagerResult{Failed: e.failed, Seconds: e.seconds, Expanded: e.expanded, Skipped: e.skipped}
	r.Stats = Stats{Surviving: len(e.g.ops), Expanded: e.expanded, Labels: len(e.ran)}
	for i := range e.ran {
		r.Ran = append(r.Ran, e.ran[i].step)
	}
	if last == nowhere {
		return r
	}
	used := make([]bool, len(e.ran))
	used[last] = true
	for n := last; n >= 0; n-- { // a step's inputs are older than it
		if !used[n] {
			continue
		}
		for _, in := range e.ran[n].step.Inputs {
			used[in] = true
		}
	}
	r.Quality = 1
	for n, u := range used {
		if !u {
			continue
		}
		m := &e.ran[n].measured
		op := e.ran[n].step.Op
		op.Cost, op.Quality = m.Cost, m.Quality
		r.Steps, r.Path = append(r.Steps, n), append(r.Path, op)
		r.Cost += max(m.Cost, edit.MinSeconds)
		r.Quality *= m.Quality
	}
	r.F = Objective(e.alpha, r.Cost, r.Quality)
	return r
}
