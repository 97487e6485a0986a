package subroutines

import (
	"cmp"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/features"
)

// Index answers which active subroutine to take. It is built once for a table
// and is safe for concurrent use; what it was built from must not be changed after.
type Index struct{ tasks map[string]*taskIndex }

// taskIndex holds the active subroutines of a task type. Each feature that a
// rule asks for has a slot, so that a picture's features are looked up once, not once a rule.
type taskIndex struct {
	features []string
	rules    []indexed
}

type indexed struct {
	*Subroutine
	evidence Evidence
	pass     float64 // posterior mean
	quality  float64 // posterior mean, given a pass
	slots    []int   // of the rule's conditions
}

// NewIndex indexes the active ones of all. What cannot be chosen from is left
// out and named in skipped, one sentence each; it never stops the rest.
func NewIndex(all []*Subroutine) (x *Index, skipped []string) {
	x = &Index{tasks: make(map[string]*taskIndex)}
	slots := make(map[string]map[string]int)
	for _, s := range all {
		if s.State != Active {
			continue
		}
		if err := s.Check(); err != nil {
			skipped = append(skipped, "subroutine "+s.ID+" is passed over: "+err.Error())
			continue
		}
		e := s.Total()
		if !(e.Cost.N > 0) {
			skipped = append(skipped, "subroutine "+s.ID+" is passed over: its cost was never measured")
			continue
		}
		t := x.tasks[s.Task]
		if t == nil {
			t = &taskIndex{}
			x.tasks[s.Task], slots[s.Task] = t, make(map[string]int)
		}
		r := indexed{Subroutine: s, evidence: e, pass: e.Pass.Mean(), quality: e.Quality.Expected()}
		for _, c := range s.When {
			slot, ok := slots[s.Task][c.Feature]
			if !ok {
				slot = len(t.features)
				slots[s.Task][c.Feature] = slot
				t.features = append(t.features, c.Feature)
			}
			r.slots = append(r.slots, slot)
		}
		t.rules = append(t.rules, r)
	}
	for _, t := range x.tasks {
		slices.SortFunc(t.rules, func(a, b indexed) int { return cmp.Compare(a.ID, b.ID) })
	}
	return x, skipped
}

// Slow is the slow path that would be taken at once: the best toolpath under the present estimates.
type Slow struct {
	Seconds float64 // expected, > 0
	Quality float64 // expected, in [0,1]
	// Calls are the seconds of its calls by id (edit.Call.ID). Those that a rule
	// runs too, before its last step, are in the cache when the rule fails.
	Calls map[string]float64
}

// Query is one subtask that a subroutine is wanted for.
type Query struct {
	Task       string
	Features   features.Set // of the current picture
	Megapixels float64      // of the current picture
	Alpha      float64      // the dial, in [0,2]
	Slow       Slow
}

// Option is an active subroutine whose rule holds, with the arithmetic of its value.
type Option struct {
	*Subroutine
	Pass    float64 // p: posterior mean of the pass rate
	Seconds float64 // C1: mean seconds of a run that passes
	Quality float64 // Q1: mean quality given a pass
	Spent   float64 // seconds spent when the judge stops it
	Saved   float64 // of the slow path's seconds, at hand when it is stopped
	Good    float64 // f(C1, Q1)
	Bad     float64 // f(Spent + C_slow - Saved, Q_slow)
	Value   float64 // p·Good + (1-p)·Bad
}

// Choice is the answer to a query.
type Choice struct {
	Taken *Option // nil: go slow
	Best  *Option // of least value among those whose rule holds, taken or not; nil: none holds
	Slow  float64 // f(C_slow, Q_slow)
	// Active counts the task's active subroutines, Holding those whose rule holds.
	Active, Holding int
}

// Select takes the active subroutine of least expected value if that is less
// than going slow at once. Ties go to the shorter path, then to the smaller id.
func (x *Index) Select(q Query) Choice {
	out := Choice{Slow: astar.Objective(q.Alpha, q.Slow.Seconds, q.Slow.Quality)}
	var best Option
	x.each(q, &out, func(r *indexed) {
		o := r.option(q)
		o.Good = astar.Objective(q.Alpha, o.Seconds, o.Quality)
		// A failure never makes the slow path cheaper (Saved <= Spent), so this is a lower bound.
		if out.Best != nil && o.Pass*o.Good+(1-o.Pass)*out.Slow > best.Value*(1+1e-9) {
			return
		}
		o.settle(q)
		if out.Best == nil || o.before(&best) < 0 {
			best, out.Best = o, &best
		}
	})
	if out.Best != nil && best.Value < out.Slow {
		out.Taken = out.Best
	}
	return out
}

// Options lists all whose rule holds, the best first.
func (x *Index) Options(q Query) []Option {
	var all []Option
	x.each(q, &Choice{}, func(r *indexed) {
		o := r.option(q)
		o.Good = astar.Objective(q.Alpha, o.Seconds, o.Quality)
		o.settle(q)
		all = append(all, o)
	})
	slices.SortFunc(all, func(a, b Option) int { return a.before(&b) })
	return all
}

// each calls f for the task's active subroutines whose rule holds and counts.
func (x *Index) each(q Query, count *Choice, f func(*indexed)) {
	t := x.tasks[q.Task]
	if t == nil {
		return
	}
	values := make([]features.Value, len(t.features)) // the zero Value is of no type: it meets no condition
	for i, name := range t.features {
		if v, ok := q.Features.Get(name); ok {
			values[i] = v
		}
	}
	count.Active = len(t.rules)
next:
	for i := range t.rules {
		r := &t.rules[i]
		for k := range r.When {
			if !r.When[k].Match(values[r.slots[k]]) {
				continue next
			}
		}
		count.Holding++
		f(r)
	}
}

// option is all but the values of f.
func (r *indexed) option(q Query) Option {
	o := Option{Subroutine: r.Subroutine, Pass: r.pass, Quality: r.quality, Seconds: r.evidence.Cost.At(q.Megapixels)}
	o.Spent = o.Seconds
	if r.evidence.Failing.N > 0 {
		o.Spent = min(o.Spent, r.evidence.Failing.At(q.Megapixels))
	}
	for _, step := range r.Path[:len(r.Path)-1] {
		if len(q.Slow.Calls) > 0 {
			o.Saved += q.Slow.Calls[step.Call().ID()]
		}
	}
	o.Saved = min(o.Saved, o.Spent, q.Slow.Seconds)
	return o
}

// settle completes the arithmetic.
func (o *Option) settle(q Query) {
	o.Bad = astar.Objective(q.Alpha, o.Spent+q.Slow.Seconds-o.Saved, q.Slow.Quality)
	o.Value = o.Pass*o.Good + (1-o.Pass)*o.Bad
}

func (o *Option) before(p *Option) int {
	return cmp.Or(cmp.Compare(o.Value, p.Value), cmp.Compare(len(o.Path), len(p.Path)), cmp.Compare(o.ID, p.ID))
}
