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
	"pentimento/internal/estimate"
	"pentimento/internal/subroutines"
)

// This file is the fast path: a subroutine whose rule holds on the picture and
// that is worth more than going slow is followed instead of searching on. Rules
// may ask for what is only known once something was found, so they are asked
// again whenever a call has added to the evidence. Where a step of it does not
// pass, the picture is as before, and the search goes on with all that was run.

// quick is an execution's use of subroutines.
type quick struct {
	rule    *subroutines.Option // to be followed next
	tried   *subroutines.Option // was followed; a subtask tries one
	passed  bool                // and all its steps passed
	failing string              // why not
	asked   int                 // 1 + how many steps there were when the rules were asked last
	ruled   []int               // steps of the rule's path, as far as they were made
}

// errRuleHolds ends a search for the fast path.
var errRuleHolds = errors.New("a subroutine applies")

// errNoRule ends a subtask that only a rule was to be tried on.
var errNoRule = errors.New("the rule does not hold here, or did not pass")

// stepSlowly runs one call for the search, unless a subroutine is to be followed.
func (x *execution) stepSlowly(ctx context.Context, n int, st astar.Step) (astar.Measured, error) {
	if x.rule != nil {
		return astar.Measured{}, errRuleHolds
	}
	if x.job.Only {
		return astar.Measured{}, errNoRule
	}
	return x.step(ctx, n, st)
}

// chooseRule reports whether a subroutine is to be followed instead of the slow path.
func (x *execution) chooseRule(ctx context.Context, specs []edit.ToolSpec, slow astar.Result) bool {
	if x.tried != nil || x.finding || x.job.NoSubroutines || x.job.Picked != nil || x.pins() != nil || x.asked > len(x.steps) {
		return false
	}
	x.asked = len(x.steps) + 1
	index := x.index(ctx)
	if index == nil || !index.Has(x.st.Task) {
		return false
	}
	set, ok := x.measure(ctx, x.out.Image)
	if !ok {
		return false
	}
	planned := make(edit.Toolpath, len(slow.Path))
	for i := range slow.Path {
		planned[i] = slow.Path[i].Call
	}
	calls := planned.IDs()
	q := subroutines.Query{
		Task: x.st.Task, Features: set, Megapixels: x.out.Image.Megapixels(), Alpha: x.job.Alpha,
		Slow: subroutines.Slow{Seconds: math.Max(slow.Cost+x.lost(ctx, slow.Path), edit.MinSeconds), Quality: slow.Quality, Calls: make(map[string]float64)},
		Same: func(s *subroutines.Subroutine) bool { return s.Path.Makes(calls) },
		Here: func(s *subroutines.Subroutine) float64 { return x.passesHere(ctx, s) },
		May:  func(s *subroutines.Subroutine) bool { return x.walkable(specs, s.Path) },
	}
	for i, id := range calls {
		q.Slow.Calls[id] = slow.Path[i].Cost
	}
	choice := index.Select(q)
	if x.job.Explain {
		x.emit(edit.Event{Type: edit.EventWeighed, Subtask: x.st.ID, Message: index.Explain(q)})
	}
	if x.rule = choice.Taken; x.job.Rules != nil {
		x.rule = choice.Best
	}
	return x.rule != nil
}

// lost are the seconds that a planned path is expected to spend in vain: where the judge
// stops a call, what it took is lost, those before it are at hand, and another way takes
// about as long from there. What was seen with this picture's marks tells how likely that is.
func (x *execution) lost(ctx context.Context, path []astar.Op) (seconds float64) {
	reached := 1.0
	for i := range path {
		if op := &path[i]; !op.Cached {
			p := x.passRate(op.Call, op.Completes, x.marks(ctx)).Mean()
			seconds += reached * (1 - p) * op.Cost
			reached *= p
		}
	}
	return seconds
}

// passRate is how likely the judge is to let a call's result pass on a picture with such marks.
func (x *execution) passRate(call edit.Call, completes bool, marks []string) estimate.QualityEstimate {
	_, prior, _ := astar.Priors(x.st.Task, 1)(x.spec(call.Tool), call, completes)
	return x.learned.qualities.PassRate(call.ID(), x.taskOf(completes), marks, prior)
}

// passesHere is how likely a subroutine is to pass on a picture with marks like this
// one's, by those of its calls of which a mark tells much; else 1. Marks of what the rule
// itself asks for tell nothing: it passes by more than one of them.
func (x *execution) passesHere(ctx context.Context, s *subroutines.Subroutine) float64 {
	marks := slices.DeleteFunc(slices.Clone(x.marks(ctx)), func(mark string) bool {
		feature, _, _ := strings.Cut(mark, "=")
		return slices.ContainsFunc(s.When, func(c subroutines.Condition) bool { return c.Feature == feature })
	})
	rate := 1.0
	for i, step := range s.Path {
		if x.spec(step.Tool) == nil {
			return rate
		}
		if seen := x.passRate(step.Call(), i == len(s.Path)-1, marks); seen.Mark != "" {
			rate *= seen.Mean()
		}
	}
	return rate
}

// index is the run's snapshot of the active subroutines.
func (r *run) index(ctx context.Context) *subroutines.Index {
	if r.rules != nil {
		return r.rules
	}
	if r.job.Rules != nil {
		given := make([]*subroutines.Subroutine, len(r.job.Rules))
		for i, rule := range r.job.Rules {
			active := *rule
			active.State, active.Bands, active.Shortcut = subroutines.Active, nil, nil
			if !(active.Total().Cost.N > 0) { // never measured: it is given to be measured
				active.Cost = subroutines.NewCost(edit.MinSeconds, 0)
			}
			given[i] = &active
		}
		r.rules, _ = subroutines.NewIndex(given)
		return r.rules
	}
	if r.Subroutines == nil {
		return nil
	}
	var err error
	if r.rules, err = r.Subroutines.Index(ctx, r.Digests()); err != nil {
		r.emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("every subtask goes the slow way: %v", err)})
		r.rules, _ = subroutines.NewIndex(nil)
	}
	return r.rules
}

// Digests are those of the installed docs by tool.
func (e *Engine) Digests() map[string]string {
	all := make(map[string]string, len(e.Specs))
	for i := range e.Specs {
		all[e.Specs[i].Name] = e.Specs[i].Digest
	}
	return all
}

// walkable reports whether a path can be followed from what the subtask holds:
// its tools can take part, each finds what it needs, and none makes again what is at hand.
func (x *execution) walkable(specs []edit.ToolSpec, path subroutines.Path) bool {
	have := make(map[string]bool)
	for slot := range x.base {
		have[slot] = true
	}
	for i, step := range path {
		n := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == step.Tool })
		if n < 0 || step.Variant < 0 || step.Variant > len(specs[n].Variants) {
			return false
		}
		spec := &specs[n]
		last := i == len(path)-1
		if x.completes(spec) != last && last {
			return false
		}
		for _, p := range spec.Inputs {
			if !have[p.Slot()] && !x.defaulted(spec, p) {
				return false
			}
		}
		if last && x.inside(spec) && !have[edit.SlotMask] {
			return false
		}
		made := false
		for _, p := range spec.Outputs {
			made = made || !have[p.Slot()]
			have[p.Slot()] = true
		}
		if !last && !made {
			return false
		}
	}
	return len(path) > 0
}

// followRule runs the chosen subroutine's path; done is false where a step did
// not pass. A step that the search has run already is not run again.
func (x *execution) followRule(ctx context.Context, ops []astar.Op) (done bool, err error) {
	x.tried, x.rule = x.rule, nil
	path, ok := x.rulePath(ops)
	if !ok { // the search has ruled a call out, or does not know it
		x.tried = nil
		return false, nil
	}
	x.outlineErr = x.settleOutline(path)
	x.emit(edit.Event{
		Type: edit.EventSearched, Subtask: x.st.ID, Subroutine: x.tried.ID, Toolpath: x.tried.Path.Toolpath().IDs(),
		Cost: x.tried.Seconds, Quality: x.tried.Quality,
	})
	x.tellRegion(path)
	latest := make(map[string]int)
	for _, op := range path {
		st := astar.Step{Op: op, Inputs: make(map[string]int)}
		for _, slot := range op.Needs {
			if n, ok := latest[slot]; ok && x.base[slot] == nil {
				st.Inputs[slot] = n
			}
		}
		n, m, err := x.had(ctx, st)
		if err != nil {
			return false, err
		}
		x.ruled = append(x.ruled, n)
		if m.Failed != nil {
			x.failing = m.Failed.Error()
			x.emit(edit.Event{Type: edit.EventFellBack, Subtask: x.st.ID, Subroutine: x.tried.ID, Message: x.failing})
			return false, nil //nolint:nilerr // the search goes on
		}
		for _, slot := range op.Makes {
			if x.base[slot] == nil {
				latest[slot] = n
			}
		}
	}
	x.passed = true
	x.take(x.ruled)
	return true, nil
}

// rulePath is the tried subroutine's path in terms of the search's calls.
func (x *execution) rulePath(ops []astar.Op) ([]astar.Op, bool) {
	var path []astar.Op
	for i, step := range x.tried.Path {
		last := i == len(x.tried.Path)-1
		n := slices.IndexFunc(ops, func(op astar.Op) bool {
			return op.Call.Tool == step.Tool && op.Call.Variant == step.Variant && op.Completes == last
		})
		if n < 0 {
			return nil, false
		}
		path = append(path, ops[n])
	}
	return path, true
}

// had is the step with a call on these results: the one that was run already, else it is run now.
func (x *execution) had(ctx context.Context, st astar.Step) (int, astar.Measured, error) {
	n := slices.IndexFunc(x.done, func(d astar.Done) bool {
		return d.Step.Op.Call.ID() == st.Op.Call.ID() && d.Step.Op.Completes == st.Op.Completes && maps.Equal(d.Step.Inputs, st.Inputs)
	})
	if n >= 0 {
		return n, x.done[n].Measured, nil
	}
	m, err := x.step(ctx, len(x.steps), st)
	return len(x.steps) - 1, m, err
}

// tellRule reports what became of the subroutine that was tried, and enters it in its evidence.
func (x *execution) tellRule(ctx context.Context, report *edit.SubtaskReport) {
	if x.tried == nil {
		return
	}
	report.Subroutine = x.tried.ID
	if x.passed {
		report.Via = "subroutine"
	}
	if ctx.Err() != nil || !x.passed && x.failing == "" {
		return // what neither passed nor failed is no evidence
	}
	use := x.use()
	if x.out.Uses == nil {
		x.out.Uses = make(map[int]Use)
	}
	x.out.Uses[x.st.ID] = Use{ID: x.tried.ID, Use: use}
	if x.Subroutines == nil || x.job.Rules != nil || x.job.Trial {
		return // a trial has its own books
	}
	now, err := x.Subroutines.Observe(context.WithoutCancel(ctx), x.tried.ID, use, x.Now())
	switch {
	case err != nil:
		x.note("the use of subroutine %s was not recorded: %v", x.tried.ID, err)
	case now.State == subroutines.Suspended && x.tried.State == subroutines.Active:
		x.note("subroutine %s is suspended: %s", x.tried.ID, now.History[len(now.History)-1].Reason)
	}
}

// use is the tried subroutine's run as its evidence counts it.
func (x *execution) use() subroutines.Use {
	u := subroutines.Use{Pass: x.passed, Megapixels: x.out.Image.Megapixels(), Timed: true, Quality: math.NaN()}
	quality := 1.0
	for _, n := range x.ruled {
		s := x.steps[n]
		u.Seconds += s.cost
		u.Timed = u.Timed && s.timed
		quality *= s.quality
	}
	if x.passed {
		u.Quality = quality
	}
	return u
}
