package planner

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// MaxSubtasks is the most steps a plan may have.
const MaxSubtasks = 64

// Validate checks a plan of any origin against the docs. The error is an
// *InvalidPlanError that lists every problem.
func Validate(plan edit.Plan, specs []edit.ToolSpec) error { return check(plan, compile(specs)) }

// Validate checks a plan of any origin against the docs the grammar was made of.
func (g *Grammar) Validate(plan edit.Plan) error { return check(plan, g.v) }

func check(plan edit.Plan, v *vocabulary) error {
	c := checker{v: v, ids: map[int]int{}}
	if len(plan.Subtasks) == 0 {
		c.problem("it has no subtasks")
	}
	if len(plan.Subtasks) > MaxSubtasks {
		c.problem("it has %d subtasks, at most %d are run", len(plan.Subtasks), MaxSubtasks)
		return &InvalidPlanError{Problems: c.problems}
	}
	for i, s := range plan.Subtasks {
		if _, taken := c.ids[s.ID]; taken {
			c.problem("subtask id %d is used twice", s.ID)
		}
		if s.ID < 1 {
			c.problem("subtask %d has the id %d; ids begin at 1", i+1, s.ID)
		}
		c.ids[s.ID] = i
	}
	for _, s := range plan.Subtasks {
		c.subtask(s)
	}
	c.cycles(plan.Subtasks)
	if len(c.problems) == 0 {
		c.alternatives(plan)
	}
	if len(c.problems) > 0 {
		return &InvalidPlanError{Problems: c.problems}
	}
	return nil
}

// alternatives checks that each alternative stands for subtasks of the plan and makes a sound plan of it.
func (c *checker) alternatives(plan edit.Plan) {
	if n := len(plan.Alternatives); n > edit.MaxAlternatives {
		c.problem("it has %d alternatives, at most %d are weighed", n, edit.MaxAlternatives)
		return
	}
	ids := maps.Clone(c.ids)
	for i, a := range plan.Alternatives {
		if len(a.Instead) == 0 || len(a.Subtasks) == 0 {
			c.problem("alternative %d must name subtasks that it stands for and hold others", i+1)
			continue
		}
		for _, id := range a.Instead {
			if _, ok := c.ids[id]; !ok {
				c.problem("alternative %d stands for subtask %d, which is not in the plan", i+1, id)
			}
		}
		for _, s := range a.Subtasks {
			if _, taken := ids[s.ID]; taken {
				c.problem("alternative %d: subtask id %d is used twice", i+1, s.ID)
			}
			ids[s.ID] = i
		}
		all := edit.Decompositions(edit.Plan{Subtasks: plan.Subtasks, Alternatives: []edit.Alternative{a}})
		var bad *InvalidPlanError
		if err := check(edit.Plan{Subtasks: all[1].Plan.Subtasks}, c.v); errors.As(err, &bad) {
			for _, p := range bad.Problems {
				c.problem("alternative %d: %s", i+1, p)
			}
		}
	}
}

type checker struct {
	v        *vocabulary
	ids      map[int]int // id -> index
	problems []string
}

func (c *checker) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) subtask(s edit.Subtask) {
	for _, id := range s.After {
		if _, ok := c.ids[id]; !ok {
			c.problem("subtask %d comes after %d, which is not in the plan", s.ID, id)
		}
		if id == s.ID {
			c.problem("subtask %d comes after itself", s.ID)
		}
	}
	t, ok := c.v.byName[s.Task]
	if !ok {
		hint := ""
		if near := c.v.nearestName(s.Task); near != "" {
			hint = fmt.Sprintf("; the nearest is %s", near)
		}
		c.problem("subtask %d: no tool doc has the task type %q%s", s.ID, s.Task, hint)
		return
	}
	if s.Object == "" && t.needsObject && (len(s.Except) == 0 || t.destroys) {
		c.problem("subtask %d: %s needs an object", s.ID, s.Task)
	}
	c.region(s, t)
	c.outline(s, t)
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		c.arg(s, t, name, s.Args[name].Value)
	}
}

// region checks the objects that a subtask names beside its own.
func (c *checker) region(s edit.Subtask, t *task) {
	for _, e := range s.Except {
		if strings.TrimSpace(e) == "" {
			c.problem("subtask %d: an object to leave as it is has no name", s.ID)
		} else if why := t.canLeaveOut(e); why != "" {
			c.problem("subtask %d: %s", s.ID, why)
		}
	}
	if s.Like == "" {
		return
	}
	if len(t.colors) == 0 {
		c.problem("subtask %d: %s takes no colour, so it cannot take that of %q", s.ID, s.Task, s.Like)
	}
	for _, p := range t.colors {
		if _, given := s.Args[p.name]; given {
			c.problem("subtask %d: it gives %q a value and a likeness, %q", s.ID, p.name, s.Like)
		}
	}
}

// outline checks what is to be done to the outline.
func (c *checker) outline(s edit.Subtask, t *task) {
	if math.IsNaN(s.Grow) || math.Abs(s.Grow) > edit.MaxOutline {
		c.problem("subtask %d: its outline can grow or shrink by at most %d pixels, not %g", s.ID, edit.MaxOutline, s.Grow)
	}
	if !(s.Feather >= 0 && s.Feather <= edit.MaxOutline) {
		c.problem("subtask %d: its outline can be feathered by 0 to %d pixels, not %g", s.ID, edit.MaxOutline, s.Feather)
	}
	if why := t.canReshape(outline{grow: s.Grow, feather: s.Feather}); why != "" {
		c.problem("subtask %d: %s", s.ID, why)
	}
}

// arg checks one argument: some tool of the task must have the port and accept the value.
func (c *checker) arg(s edit.Subtask, t *task, name string, value edit.Artifact) {
	if value == nil {
		c.problem("subtask %d: the argument %q is empty", s.ID, name)
		return
	}
	var kinds []string
	for _, tool := range t.tools {
		in, ok := tool.Input(name)
		if !ok {
			continue
		}
		if in.Kind != value.Kind() {
			kinds = append(kinds, string(in.Kind))
			continue
		}
		n, isNumber := value.(edit.Number)
		a := tool.Accepts[name]
		if !isNumber || (a.Min == nil || float64(n) >= *a.Min) && (a.Max == nil || float64(n) <= *a.Max) {
			return
		}
		allowed := port{lo: a.Min, hi: a.Max}
		kinds = append(kinds, "number of "+allowed.limits())
	}
	if len(kinds) == 0 {
		c.problem("subtask %d: no tool for %s has an input %q", s.ID, s.Task, name)
		return
	}
	slices.Sort(kinds)
	c.problem("subtask %d: %s takes %q as %s, not %v", s.ID, s.Task, name, strings.Join(slices.Compact(kinds), " or "), value)
}

// nearestName is the task type whose name is closest in words or spelling.
func (v *vocabulary) nearestName(name string) string {
	for _, t := range v.tasks {
		if edit.Slips(t.name, strings.ToLower(name)) <= 2 {
			return t.name
		}
	}
	if near := v.nearest(keys(strings.ReplaceAll(strings.ToLower(name), "-", " ")), 1); len(near) > 0 {
		return near[0].name
	}
	return ""
}

// cycles reports subtasks that wait for each other, each circle once.
func (c *checker) cycles(subtasks []edit.Subtask) {
	const (
		unseen = iota
		open
		closed
	)
	state := make([]int, len(subtasks))
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		for _, id := range subtasks[i].After {
			k, ok := c.ids[id]
			switch {
			case !ok || k == i:
			case state[k] == open:
				c.problem("subtasks %d and %d wait for each other", subtasks[k].ID, subtasks[i].ID)
			case state[k] == unseen:
				visit(k)
			}
		}
		state[i] = closed
	}
	for i := range subtasks {
		if state[i] == unseen {
			visit(i)
		}
	}
}
