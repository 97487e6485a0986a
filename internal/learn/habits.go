package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/features"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

// This file proposes what the search does anyway: on all pictures of a task, or on those of a kind.

// Of a task's attempts the latest are looked at, and of conditions those that hold on most of them.
const (
	habitAttempts   = 200
	habitConditions = 16
)

// habits are the latest attempts at each task type.
type habits map[string][]done

// done is an attempt as habits see it.
type done struct {
	values features.Set
	path   subroutines.Path // that alone was run, and passed; nil: other calls were run too
	key    string           // of the path
	ruled  bool             // a subroutine made the result, so that it tells nothing of other paths
}

func (h habits) enter(t *store.Trace) {
	d := done{values: subroutines.Values(t.Features), ruled: t.Subroutine != ""}
	if len(t.Steps) > 0 {
		if path, err := mine.PathOf(t.Steps, len(t.Steps)-1); err == nil && repeated(t, path) {
			d.path, d.key = path, path.String()
		}
	}
	task := t.Subtask.Task
	h[task] = append(h[task], d)
	h[task] = h[task][max(0, len(h[task])-habitAttempts):]
}

// proposals are toolpaths of tasks that the search took each of the last times, or each of the last times
// on pictures of a kind, where no active rule says so yet.
func (h habits) proposals(active []*subroutines.Subroutine) (out []mine.Proposal) {
	for _, task := range slices.Sorted(maps.Keys(h)) {
		list := h[task]
		open := make(map[string][]done)
		for _, d := range list {
			if d.path != nil && !slices.ContainsFunc(active, func(s *subroutines.Subroutine) bool {
				return s.Task == task && s.Path.String() == d.key && s.When.Holds(d.values)
			}) {
				open[d.key] = append(open[d.key], d)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(open)) {
			if when, ok := habitOf(list, open[key]); ok {
				out = append(out, mine.Proposal{Task: task, Path: open[key][0].path, When: when, Proposer: "habit"})
			}
		}
	}
	return out
}

// habitOf is the rule of at most two conditions under which the search took a path each of the last times, and that holds on
// most of the attempts at it that no rule speaks of.
func habitOf(list, open []done) (best subroutines.Rule, ok bool) {
	if len(open) < knownAfter {
		return nil, false
	}
	if isHabit(list, open[0].key, nil) {
		return nil, true
	}
	singles := frequent(open)
	most := 0
	try := func(when subroutines.Rule) {
		n := 0
		for i := range open {
			if when.Holds(open[i].values) {
				n++
			}
		}
		if n >= knownAfter && n > most && isHabit(list, open[0].key, when) {
			best, most, ok = when, n, true
		}
	}
	for _, c := range singles {
		try(subroutines.Rule{c})
	}
	for i, a := range singles {
		for _, b := range singles[:i] {
			if when, meet := (subroutines.Rule{a, b}).Canonical(); meet && len(when) == 2 {
				try(when)
			}
		}
	}
	return best, ok
}

// frequent are the conditions on words, and on what is or is not so, that hold on most attempts.
func frequent(open []done) []subroutines.Condition {
	count := make(map[string]int)
	conditions := make(map[string]subroutines.Condition)
	for i := range open {
		for name, v := range open[i].values.All() {
			c := subroutines.Condition{Feature: name, Op: subroutines.Is, Want: v.Bool}
			switch v.Type {
			case features.Number:
				continue
			case features.Category:
				c = subroutines.Condition{Feature: name, Op: subroutines.In, Words: []string{v.Category}}
			case features.Bool:
			}
			text := c.String()
			count[text]++
			conditions[text] = c
		}
	}
	texts := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	var out []subroutines.Condition
	for _, text := range texts[:min(len(texts), habitConditions)] {
		if count[text] >= knownAfter {
			out = append(out, conditions[text])
		}
	}
	return out
}

// isHabit reports whether each of the latest attempts on which a rule holds took a path, and there were enough.
func isHabit(list []done, key string, when subroutines.Rule) bool {
	n := 0
	for i := len(list) - 1; i >= 0 && n < knownLatest; i-- {
		d := &list[i]
		if d.ruled && d.key != key || !when.Holds(d.values) {
			continue
		}
		if d.key != key {
			return false
		}
		n++
	}
	return n >= knownAfter
}
