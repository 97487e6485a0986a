package learn

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/subroutines/trial"
)

// This file reads from the traces on which pictures rules can be tried, once for all rules that wait.

// replay is a subtask on a picture, as a trace tells it.
type replay struct {
	key     string // picture and subtask
	picture string
	subtask edit.Subtask
	trace   store.Trace // without its steps and features
}

// met is a replay on which a rule holds.
type met struct {
	*replay
	same bool     // the calls that were made there are the rule's
	also []string // ids of other rules for the same path that hold there
}

// replayOf is a trace's subtask on its own.
func replayOf(t *store.Trace) (replay, bool) {
	st := t.Subtask
	st.ID, st.After, st.Clause = 1, nil, ""
	text, err := json.Marshal(st)
	if err != nil {
		return replay{}, false
	}
	if t.Shown {
		text = append(text, pointed...) // what was found without help is another attempt
	}
	slim := *t
	slim.Steps, slim.Features = nil, nil
	return replay{key: fmt.Sprintf("%x", sha256.Sum256(append(text, t.Picture...))), picture: t.Picture, subtask: st, trace: slim}, true
}

// habit is what the search came to where a rule holds.
type habit struct {
	seconds, quality float64 // sums over the attempts that it is verified on
	shared           float64 // of the seconds, in calls that the rule makes on the way too
	n                float64
	same             []bool // of all attempts, the oldest first: whether it made the rule's calls and no other, and they passed
}

// arm is the mean of the attempts that it is verified on.
func (h *habit) arm() trial.Arm {
	n := max(h.n, 1)
	return trial.Arm{Seconds: max(h.seconds/n, edit.MinSeconds), Quality: h.quality / n}
}

// The search's answer is known beforehand where it was the same on each of so many attempts: the latest, since it learns.
const (
	knownAfter  = 5
	knownLatest = 6
)

// known is on how many of the latest attempts the search made the very calls of
// the rule, 0 where it did not on each of them. Such a rule neither saves nor
// loses a call, so there is nothing to try: it spares the search.
func (h *habit) known() int {
	latest := h.same[max(0, len(h.same)-knownLatest):]
	if len(latest) < knownAfter || slices.Contains(latest, false) {
		return 0
	}
	return len(latest)
}

// enter adds an attempt.
// One that a subroutine made by other calls tells nothing of the search.
func (h *habit) enter(t *store.Trace, path subroutines.Path) {
	if same := repeated(t, path); same || t.Subroutine == "" {
		h.same = append(h.same, same)
	}
}

// repeated reports whether an attempt made the calls of a path and no other, and they passed.
func repeated(t *store.Trace, path subroutines.Path) bool {
	calls := make([]string, 0, len(t.Steps))
	for _, s := range t.Steps {
		if !s.Final {
			return false
		}
		calls = append(calls, s.Call)
	}
	return t.Outcome == edit.StatusDone && path.Makes(calls)
}

// proposed is when a subroutine began. What was edited after had no part in finding it.
func proposed(s *subroutines.Subroutine) time.Time {
	if len(s.History) == 0 {
		return time.Time{}.AddDate(9999, 0, 0)
	}
	return s.History[0].At
}

// cases are what the traces tell of one rule.
type cases struct {
	rule   *subroutines.Subroutine
	beside []*subroutines.Subroutine // others for the same path
	kin    []*subroutines.Subroutine // the same rule in other tasks
	// all are the attempts on which the rule holds and that had no part in finding it, held out or
	// made since, each subtask on a picture once, in an order that has nothing to do with how they went.
	all   []met
	slow  habit // what the search came to where the rule holds
	seen  map[string]bool
	holds int // attempts in the band that is verified on which it holds
	made  int // attempts at whatever task, in the band that is verified
}

// share is of how many of all attempts in the band the rule holds.
func (c *cases) share() float64 { return float64(c.holds) / float64(max(c.made, 1)) }

// look reads the traces once for all of these rules.
func (l *Learner) look(ctx context.Context, rules []*subroutines.Subroutine) (map[string]*cases, error) {
	table, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{})
	if err != nil {
		return nil, err
	}
	out, byTask, made := make(map[string]*cases, len(rules)), make(map[string][]*cases), 0
	for _, s := range rules {
		c := &cases{rule: s, seen: make(map[string]bool)}
		for _, o := range table {
			if o.ID != s.ID && o.Task == s.Task && o.State != subroutines.Retired && slices.Equal(o.Path.Toolpath().IDs(), s.Path.Toolpath().IDs()) {
				c.beside = append(c.beside, o)
			}
			if l.akin(s, o) {
				c.kin = append(c.kin, o)
			}
		}
		out[s.ID], byTask[s.Task] = c, append(byTask[s.Task], c)
	}
	if len(rules) == 0 {
		return out, nil
	}
	_, err = l.each(ctx, "", func(t store.Trace) {
		if subroutines.BandOf(t.Alpha) == l.band() {
			made++
		}
		waiting := byTask[t.Subtask.Task]
		if len(waiting) == 0 {
			return
		}
		a := attempt{Trace: &t, values: subroutines.Values(t.Features)}
		for _, c := range waiting {
			l.enter(c, &a)
		}
	})
	for _, c := range out {
		c.seen, c.made = nil, made
		slices.SortFunc(c.all, func(a, b met) int { return cmp.Compare(a.key, b.key) })
	}
	return out, err
}

// attempt is a trace with what is made of it once for all rules.
type attempt struct {
	*store.Trace
	values features.Set
	replay *replay // nil before a rule needs it
}

// enter adds an attempt to the cases of a rule.
func (l *Learner) enter(c *cases, t *attempt) {
	s := c.rule
	if !s.When.Holds(t.values) {
		return
	}
	if subroutines.BandOf(t.Alpha) == l.band() {
		c.holds++
		c.slow.enter(t.Trace, s.Path)
	}
	if f := s.Provenance.Folds; len(f) > 0 && !slices.Contains(f, l.Options.Fold(*t.Trace)) && !t.Time.After(proposed(s)) {
		return
	}
	if t.replay == nil {
		r, ok := replayOf(t.Trace)
		if !ok {
			return
		}
		t.replay = &r
	}
	if c.seen[t.replay.key] {
		return
	}
	c.seen[t.replay.key] = true
	m := met{replay: t.replay, same: repeated(t.Trace, s.Path)}
	for _, o := range c.beside {
		if o.When.Holds(t.values) {
			m.also = append(m.also, o.ID)
		}
	}
	c.all = append(c.all, m)
	if !t.Shown {
		c.slow.add(t.Trace, s.Path)
	}
}

// add counts an attempt that the rule is verified on.
func (h *habit) add(t *store.Trace, path subroutines.Path) {
	h.seconds += t.Seconds
	way := path.Toolpath().IDs()
	way = way[:len(way)-1]
	for _, step := range t.Steps {
		if slices.Contains(way, step.Call) {
			h.shared += step.Seconds
		}
	}
	if t.Quality.Measured() {
		h.quality += float64(t.Quality)
	}
	h.n++
}

// open are the cases that tell something of a rule as the table is now: those on which no other active
// rule for the same path holds that is known to pass, and that the rule is no part of. Where one
// does, the path is followed anyway: what it saves there speaks for that rule's
// condition, and must not carry another that means nothing.
func (l *Learner) open(ctx context.Context, c *cases) ([]met, error) {
	table, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{Task: c.rule.Task, State: subroutines.Active})
	if err != nil {
		return nil, err
	}
	sure := make(map[string]bool)
	when, _ := c.rule.When.Canonical()
	for _, o := range table {
		theirs, _ := o.When.Canonical()
		sure[o.ID] = !o.Limited() && !mine.Implies(when, theirs) && o.Total().Pass.Interval(sureOf).Lower >= l.Options.MinPass
	}
	return slices.DeleteFunc(slices.Clone(c.all), func(m met) bool {
		return slices.ContainsFunc(m.also, func(id string) bool { return sure[id] })
	}), nil
}

// sureOf is the confidence with which a rule is known to pass.
const sureOf = 0.9
