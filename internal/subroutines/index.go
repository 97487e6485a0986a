package subroutines

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/features"
)

// Index answers which active subroutine to take. It is built once for a table
// and is safe for concurrent use; what it was built from must not be changed after.
type Index struct{ tasks map[string]*taskIndex }

// taskIndex holds the active subroutines of a task type, laid out so that a
// query reads little memory: a picture's features are looked up once, not once a
// rule, and the tests of all rules stand in one row.
type taskIndex struct {
	features []string // a slot each
	calls    []string // ids of calls before a last step
	tests    []test
	words    [][]string // of the tests that ask for words
	rules    []indexed  // by id
}

// test is a condition as an index asks it: a number, or a bool as 0 or 1, from
// low (included) to high (not), or one of some words.
type test struct {
	slot      int32
	words     int32 // place in taskIndex.words from 1; 0: a number
	low, high float64
}

type indexed struct {
	*Subroutine
	first, last int32 // tests
	bands       uint8 // that it is offered in
	shortcut    uint8 // bands that it is offered in where the search is about to make its calls
	evidence    Evidence
	pass        float64 // posterior mean
	quality     float64 // posterior mean, given a pass
	calls       []int   // those before the last step, as taskIndex.calls has them
}

// NewIndex indexes the active ones of all. What cannot be chosen from is left
// out and named in skipped, one sentence each; it never stops the rest.
func NewIndex(all []*Subroutine) (x *Index, skipped []string) {
	x = &Index{tasks: make(map[string]*taskIndex)}
	known := make(map[string]int)
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b *Subroutine) int { return cmp.Compare(a.ID, b.ID) })
	for _, s := range sorted {
		if s.State != Active {
			continue
		}
		if err := s.Check(); err != nil {
			skipped = append(skipped, "subroutine "+s.ID+" is passed over: "+err.Error())
			continue
		}
		if !(s.Total().Cost.N > 0) {
			skipped = append(skipped, "subroutine "+s.ID+" is passed over: its cost was never measured")
			continue
		}
		t := x.tasks[s.Task]
		if t == nil {
			t = &taskIndex{}
			x.tasks[s.Task] = t
		}
		t.add(s, known)
	}
	return x, skipped
}

func (t *taskIndex) add(s *Subroutine, known map[string]int) {
	e := s.Total()
	r := indexed{Subroutine: s, evidence: e, pass: e.Pass.Mean(), quality: e.Quality.Expected(), first: int32(len(t.tests))}
	for _, b := range s.Bands {
		r.bands |= b.bit()
	}
	for _, b := range s.Shortcut {
		r.shortcut |= b.bit()
	}
	if r.bands|r.shortcut == 0 {
		r.bands = ^r.bands
	}
	for _, c := range s.When {
		slot := place(known, s.Task+"/"+string(c.kind())+"/"+c.Feature, &t.features, string(c.kind())+"/"+c.Feature)
		one := test{slot: int32(slot), low: math.Inf(-1), high: math.Inf(1)}
		switch c.Op {
		case AtLeast:
			one.low = c.Low
		case Below:
			one.high = c.High
		case Between:
			one.low, one.high = c.Low, c.High
		case Is:
			one.low, one.high = 0, 1
			if c.Want {
				one.low, one.high = 1, 2
			}
		case In:
			t.words = append(t.words, c.Words)
			one.words = int32(len(t.words))
		}
		t.tests = append(t.tests, one)
	}
	r.last = int32(len(t.tests))
	for _, step := range s.Path[:len(s.Path)-1] {
		id := step.Call().ID()
		r.calls = append(r.calls, place(known, s.Task+"/call/"+id, &t.calls, id))
	}
	t.rules = append(t.rules, r)
}

// place is where a list has a text, which is put at its end where it is new.
func place(known map[string]int, key string, list *[]string, text string) int {
	i, ok := known[key]
	if !ok {
		i = len(*list)
		known[key] = i
		*list = append(*list, text)
	}
	return i
}

// Names are the digests of the subroutines that it chooses from, sorted: what
// they do, where, and by what evidence they are chosen. A nil index has none.
func (x *Index) Names() []string {
	if x == nil {
		return nil
	}
	var all []string
	for _, t := range x.tasks {
		for _, r := range t.rules {
			all = append(all, fmt.Sprintf("%s@%d %x", r.ID, r.Version, sha256.Sum256(fmt.Appendf(nil, "%s %v %v %v", r.Key(), r.evidence, r.bands, r.shortcut))))
		}
	}
	slices.Sort(all)
	return all
}

// Has reports whether there are active subroutines for a task type.
func (x *Index) Has(task string) bool { return x.tasks[task] != nil }

// Slow is the slow path that would be taken at once: the best toolpath under the present estimates.
type Slow struct {
	Seconds float64 // expected, > 0, with what is spent where its own result does not pass
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
	// Same reports whether a subroutine's calls are those that the slow path is about to run; nil: none are.
	Same func(*Subroutine) bool
	// Here is the most that a subroutine's pass rate is on pictures like this one, in
	// [0,1], as far as its last call was seen on such, whoever made it; nil: 1.
	Here func(*Subroutine) float64
	// May reports whether a subroutine can be taken here and now; nil: any.
	May func(*Subroutine) bool
}

// Option is an active subroutine whose rule holds, with the arithmetic of its value.
type Option struct {
	*Subroutine
	Pass    float64 // p: posterior mean of the pass rate, or what is known of pictures like this one where that is less
	Seconds float64 // C1: mean seconds of a run that passes
	Quality float64 // Q1: mean quality given a pass
	Spent   float64 // seconds spent when the judge stops it
	Saved   float64 // of the slow path's seconds, at hand when it is stopped
	Good    float64 // f(C1, Q1)
	Bad     float64 // f(Spent + C_slow - Saved, Q_slow)
	Value   float64 // p·Good + (1-p)·Bad
	Same    bool    // its calls are the slow path's
}

// Choice is the answer to a query.
type Choice struct {
	Taken *Option // nil: go slow
	Best  *Option // of least value among those whose rule holds, taken or not; nil: none holds
	Slow  float64 // f(C_slow, Q_slow)
	// Active counts the task's active subroutines, Holding those whose rule holds.
	Active, Holding int
}

// Select takes the active subroutine, verified in alpha's band, of least expected value if that is less
// than going slow at once. Where the slow path is a subroutine's, whose evidence is of pictures
// like this one, that is what going slow comes to, and the least is taken whatever the
// search expected. Ties go to the shorter path, then to the smaller id.
func (x *Index) Select(q Query) Choice {
	out := Choice{Slow: astar.Objective(q.Alpha, q.Slow.Seconds, q.Slow.Quality)}
	var best Option
	var holding []*indexed
	x.each(q, &out, func(r *indexed, cached []float64) {
		if q.Same != nil && !(out.Best != nil && best.Value < out.Slow) { // it does not matter where one is worth more
			holding = append(holding, r)
		}
		o := r.option(q, cached)
		o.Good = astar.Objective(q.Alpha, o.Seconds, o.Quality)
		// A failure never makes the slow path cheaper (Saved <= Spent), so this is a lower bound.
		least := o.Pass*o.Good + (1-o.Pass)*out.Slow
		if out.Best != nil && least > best.Value*(1+1e-9) {
			return
		}
		o.settle(q)
		if out.Best == nil || o.before(&best) < 0 {
			best, out.Best = o, &best
		}
	})
	if out.Best != nil {
		best.Same = q.same(best.Subroutine)
		if best.Value < out.Slow || best.Same || slices.ContainsFunc(holding, func(r *indexed) bool { return q.same(r.Subroutine) }) {
			out.Taken = out.Best
		}
	}
	return out
}

// same reports whether a subroutine's calls are the slow path's.
func (q *Query) same(s *Subroutine) bool { return q.Same != nil && q.Same(s) }

// Options lists all whose rule holds, the best first.
func (x *Index) Options(q Query) []Option {
	var all []Option
	x.each(q, &Choice{}, func(r *indexed, cached []float64) {
		o := r.option(q, cached)
		o.Good = astar.Objective(q.Alpha, o.Seconds, o.Quality)
		o.settle(q)
		o.Same = q.same(r.Subroutine)
		all = append(all, o)
	})
	slices.SortFunc(all, func(a, b Option) int { return a.before(&b) })
	return all
}

// each calls f for the task's active subroutines whose rule holds and counts.
// cached are the slow path's seconds of the task's calls.
func (x *Index) each(q Query, count *Choice, f func(r *indexed, cached []float64)) {
	t := x.tasks[q.Task]
	if t == nil {
		return
	}
	numbers, words := t.values(q.Features)
	cached := make([]float64, len(t.calls))
	for i, id := range t.calls {
		cached[i] = q.Slow.Calls[id]
	}
	count.Active = len(t.rules)
	band := BandOf(q.Alpha).bit()
next:
	for i := range t.rules {
		r := &t.rules[i]
		if (r.bands|r.shortcut)&band == 0 {
			continue
		}
		for _, c := range t.tests[r.first:r.last] {
			if c.words > 0 {
				if _, found := slices.BinarySearch(t.words[c.words-1], words[c.slot]); !found {
					continue next
				}
			} else if v := numbers[c.slot]; !(v >= c.low && v < c.high) {
				continue next
			}
		}
		if r.bands&band == 0 && !q.same(r.Subroutine) || q.May != nil && !q.May(r.Subroutine) {
			continue
		}
		count.Holding++
		f(r, cached)
	}
}

// values are a picture's features by slot: NaN, and a word that is in no set, where one is absent or of another type.
func (t *taskIndex) values(s features.Set) (numbers []float64, words []string) {
	numbers, words = make([]float64, len(t.features)), make([]string, len(t.features))
	for i, slot := range t.features {
		numbers[i], words[i] = math.NaN(), "\xff"
		kind, name, _ := strings.Cut(slot, "/")
		v, ok := s.Get(name)
		if !ok || string(v.Type) != kind {
			continue
		}
		switch v.Type {
		case features.Number:
			numbers[i] = v.Number
		case features.Bool:
			numbers[i] = 0
			if v.Bool {
				numbers[i] = 1
			}
		case features.Category:
			words[i] = v.Category
		}
	}
	return numbers, words
}

// option is all but the values of f.
func (r *indexed) option(q Query, cached []float64) Option {
	o := Option{Subroutine: r.Subroutine, Pass: r.pass, Quality: r.quality, Seconds: r.evidence.Cost.At(q.Megapixels)}
	if q.Here != nil {
		o.Pass = min(o.Pass, q.Here(r.Subroutine))
	}
	o.Spent = o.Seconds
	if r.evidence.Failing.N > 0 {
		o.Spent = min(o.Spent, r.evidence.Failing.At(q.Megapixels))
	}
	for _, call := range r.calls {
		o.Saved += cached[call]
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
