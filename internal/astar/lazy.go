package astar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
)

// Step is a call that Lazy wants run: the call, and which results its inputs are.
type Step struct {
	Op Op
	// Inputs are, for every slot the call needs that was not held at the start,
	// the index of the step that made it.
	Inputs map[string]int
}

// Measured is what running a step showed.
type Measured struct {
	Cost    float64 // seconds of a fresh run
	Quality float64 // judged, in [0,1]
	// Failed says why the call is ruled out: it broke, or its result did not
	// pass. Nil: it stands.
	Failed error
	// Usable says that a failed call left a result all the same, which may serve
	// as the best there is when nothing passes.
	Usable bool
	// Skipped says that the call was ruled out without being run: it cost nothing,
	// shows nothing new and counts towards no bound.
	Skipped bool
}

// Done is a step that was run, with what it showed.
type Done struct {
	Step     Step
	Measured Measured
}

// Run runs one step; steps are numbered from 0 in the order of the calls to it.
// An error ends the search and is returned.
type Run func(ctx context.Context, n int, s Step) (Measured, error)

// LazyResult is what Lazy ended with.
type LazyResult struct {
	Result         // of the path that completes; its estimates are all measured
	Spent  float64 // by all calls run, in seconds, as the search counts them
	Steps  []int   // the steps of Path, in order
	Failed []int   // steps that were ruled out
	Poor   bool    // some step of Path did not pass: the best imperfect result
	Rounds int     // searches made
	Ran    []Step  // all steps, in the order they were run
}

// LazyOptions change what Lazy does.
type LazyOptions struct {
	// Frozen ranks by judged quality and estimated cost, never by measured cost,
	// so that a run can be repeated exactly.
	Frozen bool
	// AcceptBest takes the best path of imperfect results when none passes.
	AcceptBest bool
	// Sunk ranks by all that will have been spent when a path is complete, on calls
	// that lead nowhere too, and not by what the path's own calls cost. So what has
	// run costs a plan nothing more, and a result that passes is left for another
	// only if that is worth its whole price.
	Sunk bool
	// Alike expects calls of one tool to err alike. What the latest of them cost
	// against its estimate scales the estimates of those not run yet; how far their
	// judged qualities were off shifts that of the others (see common). Then the
	// estimates are no longer bounds, if they were.
	Alike bool
	// Expect, when not nil, gives what is to be added to the estimated cost of a call
	// not run yet at this moment, in seconds, and its estimated quality in [0,1]
	// as far as the calls that ran tell: it is asked before every search.
	Expect func(op *Op) (more, quality float64)
	// MaxRuns bounds how many calls are run, MaxFailed how many completing ones
	// may fail; 0: no bound. Beyond either nothing more is run: the error is
	// ErrTooManyRuns, unless AcceptBest finds a path among what ran.
	MaxRuns, MaxFailed int
	// Before are the calls that were run before the search, numbered as steps from 0:
	// they are not run again and count as the search's own, but for the bounds.
	Before []Done
	// Planned, when not nil, is told the best path of every round before its next call is run.
	Planned func(Result)
}

// ErrTooManyRuns says that Lazy gave up after LazyOptions.MaxRuns calls.
var ErrTooManyRuns = errors.New("too many calls were run without success")

// Lazy finds a path by running as few calls as it can: it takes the best path
// under the present estimates, runs its first call not yet run, puts what was
// measured in the place of the estimate, and searches again, until every call
// of the best path has run.
//
// A call is a tool with its parameters and the provenance of its inputs, so
// the same tool on another detector's boxes is a call of its own, with an
// estimate and a measurement of its own.
//
// What is promised, with every option: it ends; no call runs twice; none runs
// that was not on a path optimal under the estimates of that moment; with
// estimates that are exact, the result is the optimum and only its calls were
// run. The package doc says what Sunk promises beyond that, and gives up.
//
// Without a path the error wraps edit.ErrNoPath, and the result tells what was run.
func Lazy(ctx context.Context, p Problem, opt LazyOptions, run Run) (LazyResult, error) {
	l := &lazy{problem: p, opt: opt, held: make(map[string]bool)}
	for _, s := range p.Held {
		l.held[s] = true
	}
	if err := l.begin(); err != nil {
		return l.result(Result{}), err
	}
	for {
		res, err := l.plan(ctx)
		if l.closed && errors.Is(err, edit.ErrNoPath) {
			err = ErrTooManyRuns
		}
		if err != nil {
			return l.result(Result{}), err
		}
		next := slices.IndexFunc(res.Path, func(op Op) bool { return op.step == 0 })
		if next < 0 {
			return l.result(res), nil
		}
		if l.enough() {
			if !opt.AcceptBest {
				return l.result(Result{}), ErrTooManyRuns
			}
			l.closed, l.forgiven = true, true
			continue
		}
		if opt.Planned != nil {
			opt.Planned(res)
		}
		if err := l.run(ctx, run, res.Path[:next], res.Path[next]); err != nil {
			return l.result(Result{}), err
		}
	}
}

// lazy is the state of one such search.
type lazy struct {
	problem  Problem
	opt      LazyOptions
	held     map[string]bool
	ran      []attempt
	forgiven bool // calls that failed and left a result count again
	closed   bool // only calls that ran count
	rounds   int
}

// attempt is a call that was run.
type attempt struct {
	base     int // index in problem.Ops
	step     Step
	measured Measured
}

// begin takes over what was run before.
func (l *lazy) begin() error {
	for _, d := range l.opt.Before {
		base := slices.IndexFunc(l.problem.Ops, func(op Op) bool { return compareOps(&op, &d.Step.Op) == 0 })
		if base < 0 {
			return fmt.Errorf("%s was run before and is none of the calls", d.Step.Op.Call.ID())
		}
		l.ran = append(l.ran, attempt{base: base, step: d.Step, measured: d.Measured})
	}
	return nil
}

func (d *attempt) stands(forgiven bool) bool {
	return d.measured.Failed == nil || forgiven && d.measured.Usable
}

// enough reports that a bound on what is run is reached.
func (l *lazy) enough() bool {
	ran, failed := 0, 0
	for i := len(l.opt.Before); i < len(l.ran); i++ {
		if l.ran[i].measured.Skipped {
			continue
		}
		ran++
		if l.ran[i].step.Op.Completes && l.ran[i].measured.Failed != nil {
			failed++
		}
	}
	return l.opt.MaxRuns > 0 && ran >= l.opt.MaxRuns || l.opt.MaxFailed > 0 && failed >= l.opt.MaxFailed
}

// plan searches under the present estimates; where no path is left and the
// best will do, once more with what did not pass.
func (l *lazy) plan(ctx context.Context) (Result, error) {
	p := l.problem
	p.Ops = l.instances()
	if l.opt.Sunk {
		l.charge(p.Ops)
	}
	l.rounds++
	res, err := Search(ctx, p)
	l.settle(&res)
	if err == nil || !l.opt.AcceptBest || l.forgiven || !slices.ContainsFunc(l.ran, func(d attempt) bool { return d.measured.Failed != nil && d.measured.Usable }) {
		return res, err
	}
	if ctx.Err() != nil {
		return res, err
	}
	l.forgiven = true
	return l.plan(ctx)
}

// run runs a call; before are those ahead of it in the path, all of which ran.
func (l *lazy) run(ctx context.Context, run Run, before []Op, op Op) error {
	s := Step{Op: l.problem.Ops[op.base], Inputs: make(map[string]int)}
	for _, need := range op.Needs {
		if slot, _ := parseSource(need); !l.held[slot] {
			maker := slices.IndexFunc(before, func(b Op) bool { return slices.Contains(b.Makes, need) })
			s.Inputs[slot] = before[maker].step - 1
		}
	}
	n := len(l.ran)
	m, err := run(ctx, n, s)
	if err != nil {
		return err
	}
	if m.Failed == nil || m.Usable {
		if !(m.Quality >= 0 && m.Quality <= 1) || !(m.Cost >= 0) {
			return fmt.Errorf("%s was measured at cost %v and quality %v", s.Op.Call.ID(), m.Cost, m.Quality)
		}
	}
	l.ran = append(l.ran, attempt{base: op.base, step: s, measured: m})
	return nil
}

// instances are the calls there are now. A call that was run is one of its
// own: it needs the very results it was run on, and has its measurement. All
// else that the call could be run on is covered by as few further ones as
// tell it from those, with the estimate. So a measurement, or a failure,
// replaces the estimate of that call on those inputs alone.
func (l *lazy) instances() []Op {
	ran := make([][]int, len(l.problem.Ops)) // by call: the attempts at it
	for i := range l.ran {
		ran[l.ran[i].base] = append(ran[l.ran[i].base], i)
	}
	ratio, shift := l.ratios(), l.shifts()
	var ops []Op
	for base := range l.problem.Ops {
		op := &l.problem.Ops[base]
		slots := slices.Compact(slices.Sorted(slices.Values(op.Needs)))
		l.split(slots, nil, ran[base], func(choice []source, attempt int) {
			if attempt < 0 && l.closed || attempt >= 0 && !l.ran[attempt].stands(l.forgiven) {
				return
			}
			inst := *op
			inst.base, inst.step, inst.Needs = base, attempt+1, make([]string, len(slots))
			for i, c := range choice {
				inst.Needs[i] = c.name(slots[i])
			}
			inst.inputs = strings.Join(inst.Needs, " ")
			if r, ok := ratio[op.Call.Tool]; ok {
				inst.Cost *= r
			}
			if attempt < 0 {
				more, quality := l.expect(op)
				inst.Cost += more
				inst.Quality = min(max(quality+shift[kin{op.Call.Tool, op.Completes}], 0), 1)
			}
			if attempt >= 0 {
				m := &l.ran[attempt].measured
				inst.Cached, inst.Quality = true, m.Quality
				if !l.opt.Frozen {
					inst.Cost = m.Cost
				}
			}
			ops = append(ops, inst)
		})
	}
	l.makes(ops)
	return ops
}

// source says which results may fill a slot: all but some, or one.
type source struct {
	only   int   // 1 + the attempt whose result it must be; 0: any other than except
	except []int // attempts, ascending
}

// name is the slot that stands for it in a search. Slots of tool docs hold no '#' and no '~'.
func (s source) name(slot string) string {
	switch {
	case s.only > 0:
		return slot + "#" + strconv.Itoa(s.only-1)
	case len(s.except) == 0:
		return slot
	}
	sep := "~" // sorts after '#', so that of two equal paths the one that has run wins
	for _, e := range s.except {
		slot, sep = slot+sep+strconv.Itoa(e), ","
	}
	return slot
}

// parseSource takes a name apart.
func parseSource(name string) (slot string, s source) {
	i := strings.IndexAny(name, "#~")
	if i < 0 {
		return name, s
	}
	for _, n := range strings.Split(name[i+1:], ",") {
		a, _ := strconv.Atoi(n)
		s.except = append(s.except, a)
	}
	if name[i] == '#' {
		s.only, s.except = s.except[0]+1, nil
	}
	return name[:i], s
}

// takes reports whether the result of an attempt may fill the slot; -1 stands for a call not run yet.
func (s source) takes(attempt int) bool {
	if s.only > 0 {
		return attempt == s.only-1
	}
	return !slices.Contains(s.except, attempt)
}

// split tells the attempts at a call from all else it could be run on, slot by slot.
func (l *lazy) split(slots []string, choice []source, attempts []int, yield func([]source, int)) {
	i := len(choice)
	if len(attempts) == 0 {
		yield(append(slices.Clone(choice), make([]source, len(slots)-i)...), -1)
		return
	}
	if i == len(slots) {
		yield(choice, attempts[0])
		return
	}
	if l.held[slots[i]] {
		l.split(slots, append(choice, source{}), attempts, yield)
		return
	}
	by := make(map[int][]int)
	var used []int
	for _, a := range attempts {
		in := l.ran[a].step.Inputs[slots[i]]
		if by[in] == nil {
			used = append(used, in)
		}
		by[in] = append(by[in], a)
	}
	slices.Sort(used)
	for _, in := range used {
		l.split(slots, append(slices.Clone(choice), source{only: in + 1}), by[in], yield)
	}
	l.split(slots, append(slices.Clone(choice), source{except: used}), nil, yield)
}

// makes sets what each call makes: of every slot, all the names by which a call asks for a result that this one is.
func (l *lazy) makes(ops []Op) {
	asked := make(map[string]map[string]source)
	for i := range ops {
		for _, name := range ops[i].Needs {
			slot, s := parseSource(name)
			if asked[slot] == nil {
				asked[slot] = make(map[string]source)
			}
			asked[slot][name] = s
		}
	}
	for i := range ops {
		var names []string
		for _, slot := range ops[i].Makes {
			if l.held[slot] {
				continue
			}
			for name, s := range asked[slot] {
				if s.takes(ops[i].step - 1) {
					names = append(names, name)
				}
			}
		}
		slices.Sort(names)
		ops[i].Makes = slices.Compact(names)
	}
}

// result tells what was run, with the path in terms of the calls as they were given.
func (l *lazy) result(res Result) LazyResult {
	out := LazyResult{Result: res, Spent: l.spent(), Rounds: l.rounds}
	for i := range l.ran {
		out.Ran = append(out.Ran, l.ran[i].step)
		if l.ran[i].measured.Failed != nil {
			out.Failed = append(out.Failed, i)
		}
	}
	out.Path = slices.Clone(res.Path)
	for i, op := range out.Path {
		n := op.step - 1
		out.Steps = append(out.Steps, n)
		out.Poor = out.Poor || l.ran[n].measured.Failed != nil
		out.Path[i] = l.ran[n].step.Op
		out.Path[i].Cost, out.Path[i].Quality = op.Cost, op.Quality
	}
	return out
}
