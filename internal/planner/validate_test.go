package planner

import (
	"errors"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

func TestValidate(t *testing.T) {
	sub := func(id int, task, object string, after ...int) edit.Subtask {
		return edit.Subtask{ID: id, Task: task, Object: object, After: after}
	}
	arg := func(s edit.Subtask, name string, v edit.Artifact) edit.Subtask {
		s.Args = map[string]edit.Arg{name: {Value: v}}
		return s
	}
	for name, tc := range map[string]struct {
		subtasks []edit.Subtask
		want     []string // every problem, in part
	}{
		"fine":           {[]edit.Subtask{sub(1, "object-detection", "dog"), arg(sub(2, "object-recoloration", "dog", 1), "color", edit.Color{R: 1})}, nil},
		"empty":          {nil, []string{"no subtasks"}},
		"unknown task":   {[]edit.Subtask{sub(1, "object-removel", "dog")}, []string{`"object-removel"; the nearest is object-removal`}},
		"spoken task":    {[]edit.Subtask{sub(1, "Object Removal", "dog")}, []string{"the nearest is object-removal"}},
		"no object":      {[]edit.Subtask{sub(1, "object-removal", "")}, []string{"object-removal needs an object"}},
		"whole picture":  {[]edit.Subtask{sub(1, "background-blur", "")}, nil},
		"itself":         {[]edit.Subtask{sub(1, "object-removal", "dog", 1)}, []string{"comes after itself"}},
		"unknown after":  {[]edit.Subtask{sub(1, "object-removal", "dog", 7)}, []string{"after 7, which is not in the plan"}},
		"cycle":          {[]edit.Subtask{sub(1, "object-removal", "dog", 2), sub(2, "object-removal", "cat", 1)}, []string{"wait for each other"}},
		"twice":          {[]edit.Subtask{sub(1, "object-removal", "dog"), sub(1, "object-removal", "cat")}, []string{"id 1 is used twice"}},
		"id zero":        {[]edit.Subtask{sub(0, "object-removal", "dog")}, []string{"ids begin at 1"}},
		"unknown port":   {[]edit.Subtask{arg(sub(1, "object-removal", "dog"), "colour", edit.Color{})}, []string{`no tool for object-removal has an input "colour"`}},
		"wrong kind":     {[]edit.Subtask{arg(sub(1, "object-recoloration", "dog"), "color", edit.Text("red"))}, []string{`takes "color" as color, not red`}},
		"out of range":   {[]edit.Subtask{arg(sub(1, "image-upscaling", ""), "scale", edit.Number(99))}, []string{"number of 1 to 8, not 99"}},
		"empty argument": {[]edit.Subtask{arg(sub(1, "image-upscaling", ""), "scale", nil)}, []string{`"scale" is empty`}},
		"all at once":    {[]edit.Subtask{sub(1, "no-such", ""), sub(1, "object-removal", "", 9)}, []string{"used twice", "no-such", "after 9", "needs an object"}},
		"too many":       {make([]edit.Subtask, MaxSubtasks+1), []string{"65 subtasks, at most 64"}},
	} {
		err := Validate(edit.Plan{Subtasks: tc.subtasks}, testSpecs())
		if len(tc.want) == 0 {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var e *InvalidPlanError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an InvalidPlanError", name, err)
			continue
		}
		all := strings.Join(e.Problems, "\n")
		for _, w := range tc.want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: %q lacks %q", name, all, w)
			}
		}
		if len(e.Problems) != len(tc.want) && name != "cycle" {
			t.Errorf("%s: %d problems, want %d: %q", name, len(e.Problems), len(tc.want), e.Problems)
		}
	}
}

func TestValidateAlternatives(t *testing.T) {
	base := []edit.Subtask{{ID: 1, Task: "object-removal", Object: "dog"}}
	other := func(id int, task string) []edit.Subtask { return []edit.Subtask{{ID: id, Task: task, Object: "dog"}} }
	for name, tc := range map[string]struct {
		alternatives []edit.Alternative
		want         string
	}{
		"fine":       {[]edit.Alternative{{Instead: []int{1}, Subtasks: other(2, "object-detection")}}, ""},
		"empty":      {[]edit.Alternative{{Instead: []int{1}}}, "alternative 1 must name subtasks"},
		"for none":   {[]edit.Alternative{{Instead: []int{4}, Subtasks: other(2, "object-detection")}}, "stands for subtask 4, which is not in the plan"},
		"same id":    {[]edit.Alternative{{Instead: []int{1}, Subtasks: other(1, "object-detection")}}, "subtask id 1 is used twice"},
		"not a task": {[]edit.Alternative{{Instead: []int{1}, Subtasks: other(2, "no-such")}}, `alternative 1: subtask 2: no tool doc has the task type "no-such"`},
		"too many":   {make([]edit.Alternative, edit.MaxAlternatives+1), "7 alternatives, at most 6"},
	} {
		err := Validate(edit.Plan{Subtasks: base, Alternatives: tc.alternatives}, testSpecs())
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}
