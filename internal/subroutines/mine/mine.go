package mine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// Mine proposes rules that the traces speak for, the most valuable first.
func Mine(traces []store.Trace, o Options) ([]Candidate, error) {
	var t Table
	for _, tr := range traces {
		t.Add(tr)
	}
	return t.Mine(o)
}

// Mine proposes rules that the traces speak for, the most valuable first.
func (t *Table) Mine(o Options) ([]Candidate, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("mining: %w", err)
	}
	paths := 0
	for _, k := range t.tasks {
		k.sort()
		for key := range k.paths {
			if len(k.tries[key]) >= o.Least {
				paths++
			}
		}
	}
	pool := t.pool(&o)
	if pool != nil {
		paths += len(pool.paths)
	}
	out := t.mine(o, pool, o.Error/float64(max(paths, 1)))
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Subroutine.ID, b.Subroutine.ID))
	})
	return out, nil
}

// mine mines every task once for each fold that is held out, and proposes in
// other tasks what was found in one, or in the pool, without that fold.
func (t *Table) mine(o Options, pool *task, level float64) []Candidate {
	names := slices.Sorted(maps.Keys(t.tasks))
	columns := make(map[string][]column)
	for _, name := range names {
		columns[name] = t.tasks[name].columnsOf()
	}
	pooled := poolRules(pool, o, level)
	var out folded
	for fold := range o.Folds {
		var found []Candidate
		miners := make([]*miner, len(names))
		for i, name := range names {
			miners[i] = newMiner(t.tasks[name], columns[name], o, fold, level)
			found = append(found, Merge(miners[i].all())...)
		}
		others := slices.DeleteFunc(slices.Concat(found, pooled), func(c Candidate) bool {
			return c.few || c.Subroutine.Task == "" && !slices.Contains(c.Subroutine.Provenance.Folds, fold)
		})
		for _, m := range miners {
			for _, p := range m.task.transfers(others, &o) {
				if c, ok := m.propose(p); ok {
					found = append(found, c)
				}
			}
		}
		out.add(found, fold)
	}
	return out.measured(&o)
}

// poolRules are the rules for the calls of the pool, each with the folds that it was found without.
func poolRules(pool *task, o Options, level float64) []Candidate {
	if pool == nil {
		return nil
	}
	columns := pool.columnsOf()
	var out folded
	for fold := range o.Folds {
		m := newMiner(pool, columns, o, fold, level)
		var found []Candidate
		for _, key := range pool.pathKeys() {
			found = append(found, m.mine(pool.paths[key], 1)...)
		}
		out.add(found, fold)
	}
	return out.measured(&o)
}

// folded gathers what was found without each fold. A rule that was found several
// times is one, measured on all the folds that it was found without.
type folded struct {
	list  []Candidate
	place map[string]int // by key
}

func (f *folded) add(found []Candidate, fold int) {
	if f.place == nil {
		f.place = make(map[string]int)
	}
	for _, c := range found {
		c.Subroutine.Provenance.Folds = []int{fold}
		key := c.Subroutine.Key()
		n, ok := f.place[key]
		switch {
		case !ok:
			f.place[key] = len(f.list)
			f.list = append(f.list, c)
		case !slices.Contains(f.list[n].Subroutine.Provenance.Folds, fold):
			f.list[n] = f.list[n].beside(c)
		default:
			f.list[n].few = f.list[n].few && c.few
		}
	}
}

// measured is the list without rules that no fold alone could measure, and all of them together refute or cannot either.
func (f *folded) measured(o *Options) []Candidate {
	return slices.DeleteFunc(f.list, func(c Candidate) bool {
		return c.few && (c.Held.Tried < o.LeastHeld || !c.Held.good(o))
	})
}

// good reports whether the attempts speak for a rule.
func (e Evidence) good(o *Options) bool {
	return float64(e.Passed) >= o.MinPass*float64(e.Tried) && e.Gain >= o.MinGain-rounding
}

// rounding is what sums of the same seconds in another order may differ by, as a share of f.
const rounding = 1e-9

// beside is a rule with what another fold says of it.
func (c Candidate) beside(o Candidate) Candidate {
	a, b := &c.Subroutine, &o.Subroutine
	a.SetOwn(a.Own().Plus(b.Own()))
	a.Provenance.Folds = append(a.Provenance.Folds, b.Provenance.Folds...)
	a.Provenance.Traces = union(a.Provenance.Traces, b.Provenance.Traces)
	a.Provenance.Traces = a.Provenance.Traces[:min(len(a.Provenance.Traces), someTraces)]
	c.Held, c.Replay = c.Held.plus(o.Held), union(c.Replay, o.Replay)
	if o.Found.Pictures > c.Found.Pictures {
		c.Found = o.Found
	}
	c.Looked, c.P, c.Score = c.Looked+o.Looked, max(c.P, o.P), max(c.Score, o.Score)
	c.few = c.few && o.few
	return c
}

// miner mines one task.
type miner struct {
	Options
	task        *task
	columns     []column
	found, held []int32 // the rows that rules are found on, and the others
	level       float64
}

func newMiner(k *task, columns []column, o Options, fold int, level float64) *miner {
	m := &miner{Options: o, task: k, columns: columns, level: level}
	for r := range k.rows {
		if o.fold(k.rows[r].origin) == fold {
			m.held = append(m.held, int32(r))
		} else {
			m.found = append(m.found, int32(r))
		}
	}
	return m
}

// Fold is the part that a trace's picture is in: all traces of requests that began
// with one picture are in the same, always the same for a seed.
func (o Options) Fold(tr store.Trace) int { return o.fold(originOf(tr)) }

func (o Options) fold(picture uint64) int {
	x := picture ^ o.Seed*0x9e3779b97f4a7c15
	// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) spreads what differs in few bits.
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int((x ^ x>>31) % uint64(o.Folds))
}

// pathKeys are the keys of the paths that completed the task, sorted.
func (k *task) pathKeys() []string { return slices.Sorted(maps.Keys(k.paths)) }

func (m *miner) all() []Candidate {
	var out []Candidate
	for _, key := range m.task.pathKeys() {
		out = append(out, m.mine(m.task.paths[key], 0)...)
	}
	proposals := slices.Clone(m.Proposals)
	for i := range out {
		if !out[i].few {
			proposals = append(proposals, m.task.swaps(&out[i], &m.Options)...)
		}
	}
	for _, p := range proposals {
		if p.Task == m.task.name && p.check() == nil {
			if c, ok := m.propose(p); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

// mine finds a path's rules of at least so many conditions, one after the other, each for what those before leave.
func (m *miner) mine(path subroutines.Path, atLeast int) []Candidate {
	keys, err := pathKeys(path)
	if err != nil {
		return nil
	}
	v := m.task.look(path, keys, m.Alpha)
	all := v.tally(m.found)
	if all.tried < m.Least || all.passed == 0 {
		return nil
	}
	s := &search{Options: &m.Options, view: v, columns: m.columns, all: all, level: m.level, atLeast: atLeast}
	rows := m.found
	var out []Candidate
	for range m.PerPath {
		if len(out) > 0 { // a rule without conditions would hold where those before do
			s.atLeast = 1
		}
		start := rule{rows: rows, sum: v.tally(rows), key: subroutines.Rule(nil).String()}
		start.score = s.score(&start)
		if start.sum.tried < m.LeastIn || len(out) > 0 && len(rows) == len(m.found) {
			break
		}
		var taken *rule
		waits := false // the best of those that this fold alone cannot measure is kept for the others to do so
		for _, r := range s.best(start) {
			c, ok := m.candidate(s, &r)
			if !ok || c.few && waits {
				continue
			}
			out = append(out, c)
			if waits = c.few; !waits {
				taken = &r
				break
			}
		}
		if taken == nil {
			break
		}
		rows = without(rows, taken.rows)
	}
	return out
}

// without is rows that are not among others; both rise.
func without(rows, others []int32) []int32 {
	out := make([]int32, 0, len(rows)-len(others))
	for _, r := range rows {
		if _, in := slices.BinarySearch(others, r); !in {
			out = append(out, r)
		}
	}
	return out
}

// candidate measures a rule on the held-out pictures; false where they speak against it.
// Where they are too few to say so, other folds must (folded.measured).
func (m *miner) candidate(s *search, r *rule) (Candidate, bool) {
	held := m.held
	for i := range r.tests {
		held = r.tests[i].of(held)
	}
	sum := s.view.tally(held)
	few := sum.tried < m.LeastHeld
	if !few && !sum.evidence().good(&m.Options) {
		return Candidate{}, false
	}
	c := m.describe(s.view, r.when, held)
	c.Found, c.Held = r.sum.evidence(), sum.evidence()
	c.Looked, c.P, c.Score = s.looked, r.p, r.score
	c.few = few && s.view.beside(r.rows) < m.LeastIn // else the pictures that it was tried on were chosen by nothing
	c.Subroutine.Provenance = subroutines.Provenance{Traces: s.view.some(r.rows), Proposer: "mined"}
	return c, true
}

// someTraces is how many traces a candidate's provenance names.
const someTraces = 20

// some are the ids of the first traces that tried the path.
func (v *view) some(rows []int32) (ids []int64) {
	for _, r := range rows {
		if v.state[r] != untried && len(ids) < someTraces {
			ids = append(ids, v.task.rows[r].id)
		}
	}
	return ids
}

// describe is the rule with what the held-out rows say of it.
func (m *miner) describe(v *view, when subroutines.Rule, held []int32) Candidate {
	s := subroutines.Subroutine{Task: m.task.name, Path: v.path, When: when, State: subroutines.Candidate, Version: 1}
	var others []int64
	var c Candidate
	for _, r := range held {
		t, row := &v.tries[r], &m.task.rows[r]
		switch v.state[r] {
		case untried:
			others = append(others, row.id)
			continue
		case passed:
			s.Cost = s.Cost.Plus(subroutines.NewCost(t.seconds, row.megapixels))
			s.Quality = s.Quality.Plus(subroutines.Quality{N: 1, Mean: t.quality})
		case failed:
			s.Failing = s.Failing.Plus(subroutines.NewCost(t.seconds, row.megapixels))
		}
		s.Pass = s.Pass.Observe(v.state[r] == passed)
		c.Replay = append(c.Replay, row.id)
	}
	c.Replay = append(c.Replay, others...)
	s.ID = s.NewID()
	c.Subroutine = s
	return c
}

// propose measures a rule that someone thought of. It becomes a candidate if
// the traces speak for it, or say too little: then only a replay can tell.
func (m *miner) propose(p Proposal) (Candidate, bool) {
	keys, err := pathKeys(p.Path)
	if err != nil {
		return Candidate{}, false
	}
	v := m.task.look(p.Path, keys, m.Alpha)
	found, held := v.meeting(p.When, m.found, m.columns), v.meeting(p.When, m.held, m.columns)
	f, h := v.tally(found), v.tally(held)
	both := v.tally(slices.Concat(found, held))
	if both.tried >= m.Least && !both.evidence().good(&m.Options) {
		return Candidate{}, false
	}
	c := m.describe(v, p.When, held)
	c.Found, c.Held, c.P = f.evidence(), h.evidence(), 1
	c.Subroutine.Provenance = subroutines.Provenance{Traces: v.some(found), Proposer: cmp.Or(p.Proposer, "proposed")}
	return c, true
}

// meeting is the rows on which every condition holds. A condition on a feature
// that never varies holds everywhere or nowhere, but is not looked for: nowhere.
func (v *view) meeting(when subroutines.Rule, rows []int32, columns []column) []int32 {
	for _, cond := range when {
		var next []int32
		for i := range columns {
			c := &columns[i]
			if c.name != cond.Feature {
				continue
			}
			for _, r := range rows {
				if code := int(c.codes[r]); code < c.bins && cond.Match(c.value(code)) {
					next = append(next, r)
				}
			}
		}
		rows = next
	}
	return rows
}
