package mine

import (
	"fmt"
	"slices"

	"pentimento/internal/subroutines"
)

// Merge joins candidates that are the same rule for the same path, and those
// whose sets of words for one feature differ while all else is the same: two
// rules that say "plain" and "gradient" become one that says both. Their
// evidence is of different pictures only in the second case, so only there is it added.
func Merge(list []Candidate) []Candidate {
	var out []Candidate
	for _, c := range list {
		out = absorb(out, c)
	}
	return out
}

func absorb(list []Candidate, c Candidate) []Candidate {
	for i := range list {
		a, b := &list[i].Subroutine, &c.Subroutine
		if a.Key() == b.Key() {
			if list[i].Score < c.Score {
				list[i] = c
			}
			return list
		}
		when, ok := united(a, b)
		if !ok || !list[i].seen() || !c.seen() { // what nobody tried says nothing of its other words
			continue
		}
		u := list[i]
		u.Subroutine.When = when
		u.Subroutine.Cost, u.Subroutine.Failing = a.Cost.Plus(b.Cost), a.Failing.Plus(b.Failing)
		u.Subroutine.Pass, u.Subroutine.Quality = a.Pass.Plus(b.Pass), a.Quality.Plus(b.Quality)
		u.Subroutine.Provenance.Traces = union(a.Provenance.Traces, b.Provenance.Traces)
		u.Subroutine.ID = u.Subroutine.NewID()
		u.Found, u.Held = u.Found.plus(c.Found), u.Held.plus(c.Held)
		u.Replay = union(u.Replay, c.Replay)
		u.Looked, u.P, u.Score = max(u.Looked, c.Looked), max(u.P, c.P), u.Score+c.Score
		u.few = u.few && c.few
		return absorb(slices.Delete(list, i, i+1), u)
	}
	return append(list, c)
}

// seen reports whether the path was tried at all where the rule holds.
func (c *Candidate) seen() bool { return c.Found.Tried+c.Held.Tried > 0 }

// plus joins evidence from different pictures.
func (e Evidence) plus(o Evidence) Evidence {
	n := float64(max(e.Pictures+o.Pictures, 1))
	return Evidence{
		Pictures: e.Pictures + o.Pictures, Tried: e.Tried + o.Tried, Passed: e.Passed + o.Passed,
		Gain: (e.Gain*float64(e.Pictures) + o.Gain*float64(o.Pictures)) / n,
	}
}

func union(a, b []int64) []int64 {
	out := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// united is the rule that holds where either does, if one conjunction can say
// so: the same path, and all conditions equal but for disjoint sets of words of one feature.
func united(a, b *subroutines.Subroutine) (subroutines.Rule, bool) {
	if a.Task != b.Task || len(a.When) != len(b.When) || !samePath(a, b) {
		return nil, false
	}
	at := -1
	for i := range a.When {
		x, y := a.When[i], b.When[i]
		switch {
		case x.String() == y.String():
		case at < 0 && x.Feature == y.Feature && x.Op == subroutines.In && y.Op == subroutines.In:
			if slices.ContainsFunc(x.Words, func(w string) bool { return slices.Contains(y.Words, w) }) {
				return nil, false
			}
			at = i
		default:
			return nil, false
		}
	}
	if at < 0 {
		return nil, false
	}
	when := slices.Clone(a.When)
	when[at].Words = slices.Sorted(slices.Values(slices.Concat(a.When[at].Words, b.When[at].Words)))
	return when, true
}

func samePath(a, b *subroutines.Subroutine) bool {
	x, y := *a, *b
	x.When, y.When = nil, nil
	return x.Key() == y.Key()
}

// Implies reports whether b holds wherever a does, as far as the conditions
// alone can tell. Both must be canonical.
func Implies(a, b subroutines.Rule) bool {
	return !slices.ContainsFunc(b, func(y subroutines.Condition) bool {
		return !slices.ContainsFunc(a, func(x subroutines.Condition) bool { return implies(x, y) })
	})
}

// implies reports whether y holds wherever x does.
func implies(x, y subroutines.Condition) bool {
	if x.Feature != y.Feature {
		return false
	}
	switch y.Op {
	case subroutines.AtLeast:
		return (x.Op == subroutines.AtLeast || x.Op == subroutines.Between) && x.Low >= y.Low
	case subroutines.Below:
		return (x.Op == subroutines.Below || x.Op == subroutines.Between) && x.High <= y.High
	case subroutines.Between:
		return x.Op == subroutines.Between && x.Low >= y.Low && x.High <= y.High
	case subroutines.In:
		return x.Op == subroutines.In && !slices.ContainsFunc(x.Words, func(w string) bool { return !slices.Contains(y.Words, w) })
	case subroutines.Is:
		return x.Op == subroutines.Is && x.Want == y.Want
	}
	return false
}

// slack is by how much a narrower rule's pass rate or quality must be better
// than a broader one's for it to be of use beside it.
const slack = 0.02

// Covered names the rules that another makes superfluous, by id: the same task and path, a condition that implies the other's,
// and evidence that is no better. Only active rules cover others, and one that is offered only as
// the search's own answer covers none that may be more. Of equals the one that comes first stays.
func Covered(list []subroutines.Subroutine) map[string]subroutines.Cover {
	out := make(map[string]subroutines.Cover)
	for i := range list {
		a := &list[i]
		for j := range list {
			b := &list[j]
			if i == j || b.State != subroutines.Active || b.Limited() && !a.Limited() || a.State == subroutines.Retired || out[b.ID].By != "" || a.Task != b.Task || !samePath(a, b) {
				continue
			}
			x, _ := a.When.Canonical()
			y, _ := b.When.Canonical()
			if !Implies(x, y) || Implies(y, x) && a.State == subroutines.Active && i < j {
				continue
			}
			if a.Pass.Mean() <= b.Pass.Mean()+slack && a.Quality.Expected() <= b.Quality.Expected()+slack {
				out[a.ID] = subroutines.Cover{By: b.ID, Reason: fmt.Sprintf("Rule %s holds wherever this one does, takes the same path and is no worse (passes %.2f, this one %.2f).", b.ID, b.Pass.Mean(), a.Pass.Mean())}
				break
			}
		}
	}
	return out
}

// Split looks for a condition that parts the pictures on which a rule passes
// from those on which it does not: evidence with two modes. It returns the
// narrower rules that are worth verifying in the rule's stead, none where the
// evidence has one mode.
func (t *Table) Split(s subroutines.Subroutine, o Options) ([]Candidate, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("splitting %s: %w", s.ID, err)
	}
	k := t.tasks[s.Task]
	keys, err := pathKeys(s.Path)
	if err != nil || k == nil {
		return nil, err
	}
	k.sort()
	v := k.look(s.Path, keys, o.Alpha)
	columns := k.columnsOf()
	var parts folded
	for fold := range o.Folds {
		m := newMiner(k, columns, o, fold, o.Error)
		m.found, m.held = v.meeting(s.When, m.found, m.columns), v.meeting(s.When, m.held, m.columns)
		parts.add(Merge(m.mine(s.Path, 1)), fold)
	}
	out := parts.measured(&o)
	for i := range out {
		c := &out[i].Subroutine
		when, ok := slices.Concat(s.When, c.When).Canonical()
		if !ok {
			continue
		}
		c.When, c.Provenance.Proposer = when, "split of "+s.ID
		c.ID = c.NewID()
	}
	return out, nil
}
