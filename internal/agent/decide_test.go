package agent

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// sized adds to the world a tool that enlarges the picture, and makes the others cost by the megapixel.
func sized() ([]edit.ToolSpec, *fakeRunner) {
	specs, f := world()
	for i := range specs {
		specs[i].Cost = edit.Cost{PerMegapixel: 1000}
	}
	one, eight, two := 1.0, 8.0, 2.0
	specs = append(specs, edit.ToolSpec{
		Name: "zoom", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "enlarge", Quality: 0.9}},
		Inputs: []edit.Port{imagePort, port("scale", edit.KindNumber)}, Outputs: []edit.Port{imagePort},
		Accepts: map[string]edit.Accept{"scale": {Min: &one, Max: &eight, Default: &two, Unit: "times"}},
		Cost:    edit.Cost{PerMegapixel: 1000}, Runtime: edit.Runtime{Kind: "fake"},
	})
	f.do["zoom"] = func(r tools.Request) (tools.Response, error) {
		img := r.Inputs["image"].(*pixel.Image)
		return out("image", pixel.NewImage(2*img.W, 2*img.H))
	}
	return specs, f
}

// Enlarging waits for the edits of objects that do not depend on it, and for no others.
func TestEnlargingComesLast(t *testing.T) {
	zoom := edit.Subtask{Task: "enlarge"}
	remove := edit.Subtask{Task: "remove", Object: "dog"}
	tone := edit.Subtask{Task: "tone"}
	after, grown := remove, remove
	after.After, grown.Grow = []int{1}, 3
	for name, tc := range map[string]struct {
		subtasks []edit.Subtask
		want     []int
	}{
		"an object's edit commutes":      {[]edit.Subtask{zoom, remove}, []int{2, 1}},
		"two do":                         {[]edit.Subtask{zoom, remove, remove}, []int{2, 3, 1}},
		"not what comes after it":        {[]edit.Subtask{zoom, after}, []int{1, 2}},
		"not what is told in pixels":     {[]edit.Subtask{zoom, grown}, []int{1, 2}},
		"not an edit of the whole":       {[]edit.Subtask{zoom, tone, remove}, []int{1, 2, 3}},
		"what is first already stays so": {[]edit.Subtask{remove, zoom}, []int{1, 2}},
		"an answer sees what was made":   {[]edit.Subtask{zoom, {Task: "find", Object: "dog"}}, []int{1, 2}},
	} {
		specs, f := sized()
		j := job(tc.subtasks...)
		j.DryRun = true
		got, err := engine(specs, f).Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int
		for _, s := range got.Plan.Subtasks {
			ids = append(ids, s.ID)
		}
		if !slices.Equal(ids, tc.want) {
			t.Errorf("%s: done in the order %v, want %v", name, ids, tc.want)
		}
		if moved := !slices.IsSorted(ids); moved != (len(got.Plan.Notices) > 0) {
			t.Errorf("%s: order %v with notices %q", name, ids, got.Plan.Notices)
		}
	}
}

// A dry run estimates each step at the size that the picture will have by then.
func TestDryRunKnowsTheSize(t *testing.T) {
	specs, f := sized()
	j := job(edit.Subtask{Task: "tone"}, edit.Subtask{Task: "enlarge"}, edit.Subtask{Task: "tone"})
	j.DryRun = true
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := got.Summary.Subtasks
	if ratio := s[2].Seconds / s[0].Seconds; ratio < 3.99 || ratio > 4.01 {
		t.Errorf("after enlarging twice the tone costs %.2f times as much, want 4", ratio)
	}
}

// The decomposition that is cheaper at the same quality is taken, and one that nothing can do never is.
func TestAlternativesAreWeighed(t *testing.T) {
	cheap := edit.Alternative{Instead: []int{1}, Subtasks: []edit.Subtask{{ID: 7, Task: "tone"}}}
	dear := edit.Alternative{Instead: []int{1}, Subtasks: []edit.Subtask{{ID: 7, Task: "remove", Object: "dog"}, {ID: 8, Task: "remove", Object: "dog"}}}
	vain := edit.Alternative{Instead: []int{1}, Subtasks: []edit.Subtask{{ID: 7, Task: "no-such-task"}}}
	for name, tc := range map[string]struct {
		alternatives []edit.Alternative
		ran          []string
	}{
		"none":                {nil, []string{"sharp", "masker", "eraser"}},
		"cheaper":             {[]edit.Alternative{cheap}, []string{"brighten"}},
		"dearer":              {[]edit.Alternative{dear}, []string{"sharp", "masker", "eraser"}},
		"impossible":          {[]edit.Alternative{vain}, []string{"sharp", "masker", "eraser"}},
		"the best of several": {[]edit.Alternative{vain, dear, cheap}, []string{"brighten"}},
	} {
		specs, f := world()
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Plan.Alternatives = tc.alternatives
		got, err := engine(specs, f).Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.ran, tc.ran) {
			t.Errorf("%s: ran %v, want %v", name, f.ran, tc.ran)
		}
		if len(got.Plan.Alternatives) > 0 {
			t.Errorf("%s: the plan that was carried out still has a choice", name)
		}
		if changed := !slices.Equal(tc.ran, []string{"sharp", "masker", "eraser"}); changed != strings.Contains(strings.Join(got.Plan.Notices, ""), "instead of subtask 1") {
			t.Errorf("%s: notices %q", name, got.Plan.Notices)
		}
	}
}
