package astar

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// NoPathError says why no path completes the subtask; it wraps edit.ErrNoPath.
type NoPathError struct {
	// Completing are the calls that would complete it, with the slots that nothing fills,
	// in canonical order. Empty: no call completes the subtask at all.
	Completing []Stuck
	// Missing are all slots that block them, directly or further up, sorted by name.
	Missing []Missing
}

// Stuck is a call that cannot run, and what it lacks.
type Stuck struct {
	Call  string   // id
	Lacks []string // slots that can be neither held nor made, sorted
}

// Missing is a slot that nothing fills.
type Missing struct {
	Slot     string
	NeededBy []string // ids of the calls that wait for it, in canonical order
	// Makers are the calls that would make it if they could run, with what
	// they lack. Empty: nothing makes it, so it is a root of the trouble.
	Makers []Stuck
}

// Unwrap implements errors.Unwrap.
func (e *NoPathError) Unwrap() error { return edit.ErrNoPath }

// Roots lists the missing slots that no call makes: what a person would have
// to give, or a further tool to make.
func (e *NoPathError) Roots() []string {
	var roots []string
	for _, m := range e.Missing {
		if len(m.Makers) == 0 {
			roots = append(roots, m.Slot)
		}
	}
	return roots
}

// Error implements error.
func (e *NoPathError) Error() string {
	if len(e.Completing) == 0 {
		return edit.ErrNoPath.Error() + ": no call completes the subtask"
	}
	parts := make([]string, 0, len(e.Completing))
	for _, c := range e.Completing {
		parts = append(parts, fmt.Sprintf("%s lacks %s", c.Call, strings.Join(c.Lacks, ", ")))
	}
	s := edit.ErrNoPath.Error() + ": " + strings.Join(parts, "; ")
	if roots := e.Roots(); len(roots) > 0 {
		s += "; nothing makes " + strings.Join(roots, ", ")
	}
	return s
}

// diagnose follows what the completing calls lack back to its roots.
func (t *table) diagnose(p *Problem, reached []bool) *NoPathError {
	have := make([]bool, len(t.names))
	for op, r := range reached {
		if r {
			for _, s := range t.makes[op] {
				have[s] = true
			}
		}
	}
	lacks := func(op int32) (missing []int32) {
		for _, s := range t.needs[op] {
			if !have[s] {
				missing = append(missing, s)
			}
		}
		return missing
	}
	stuck := func(op int32) Stuck {
		s := Stuck{Call: p.Ops[t.order[op]].Call.ID()}
		for _, l := range lacks(op) {
			s.Lacks = append(s.Lacks, t.names[l])
		}
		slices.Sort(s.Lacks)
		return s
	}
	makers := invert(t.makes, len(t.names))
	e := &NoPathError{}
	seen := make([]bool, len(t.names))
	var open []int32
	follow := func(op int32) {
		for _, s := range lacks(op) {
			if !seen[s] {
				seen[s] = true
				open = append(open, s)
			}
		}
	}
	for _, op := range makers[done] {
		e.Completing = append(e.Completing, stuck(op))
		follow(op)
	}
	for len(open) > 0 {
		s := open[0]
		open = open[1:]
		m := Missing{Slot: t.names[s]}
		for _, op := range t.users[s] {
			m.NeededBy = append(m.NeededBy, p.Ops[t.order[op]].Call.ID())
		}
		for _, op := range makers[s] {
			m.Makers = append(m.Makers, stuck(op))
			follow(op)
		}
		e.Missing = append(e.Missing, m)
	}
	slices.SortFunc(e.Missing, func(a, b Missing) int { return strings.Compare(a.Slot, b.Slot) })
	return e
}
