package astar_test

import (
	"math"
	"reflect"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

func specs() []edit.ToolSpec {
	return []edit.ToolSpec{
		{
			Name: "segment", Quality: 0.9, Cost: edit.Cost{Seconds: 0.5, PerMegapixel: 0.25},
			Tasks:   []edit.TaskClaim{{Task: "cutting", Quality: 0.7}},
			Inputs:  []edit.Port{{Name: "boxes", Kind: edit.KindBoxes}, {Name: "image", Kind: edit.KindImage}},
			Outputs: []edit.Port{{Name: "mask", Kind: edit.KindMask}},
		},
		{
			Name: "find", Quality: 0.8, Variants: []map[string]any{{"score": 0.15}},
			Inputs:  []edit.Port{{Name: "image", Kind: edit.KindImage}, {Name: "object", Kind: edit.KindText}},
			Outputs: []edit.Port{{Name: "boxes", Kind: edit.KindBoxes}},
		},
	}
}

func TestBuild(t *testing.T) {
	got := astar.Build(specs(), "cutting", astar.Priors("cutting", 2))
	want := []astar.Op{
		{Call: edit.Call{Tool: "find"}, Needs: []string{"image", "object:text"}, Makes: []string{"boxes"}, Cost: edit.MinSeconds, Quality: 0.8},
		{
			Call:  edit.Call{Tool: "find", Variant: 1, Params: map[string]any{"score": 0.15}},
			Needs: []string{"image", "object:text"}, Makes: []string{"boxes"}, Cost: edit.MinSeconds, Quality: 0.8 * 0.98,
		},
		{Call: edit.Call{Tool: "segment"}, Needs: []string{"boxes", "image"}, Makes: []string{"mask:mask"}, Cost: 1, Quality: 0.7, Completes: true},
		// On the way it is better than as the last step, so it is offered as both.
		{Call: edit.Call{Tool: "segment"}, Needs: []string{"boxes", "image"}, Makes: []string{"mask:mask"}, Cost: 1, Quality: 0.9},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestBuildAsksTheEstimator(t *testing.T) {
	ops := astar.Build(specs(), "cutting", func(s *edit.ToolSpec, c edit.Call, completes bool) (float64, float64, bool) {
		if completes != (s.Name == "segment") {
			return 0, 0, false
		}
		return float64(c.Variant), 0.5, c.Variant == 0 || s.Name == "find"
	})
	if len(ops) != 3 || ops[1].Cost != 1 || ops[1].Quality != 0.5 || !ops[2].Completes {
		t.Errorf("got %+v", ops)
	}
}

func TestBuildAndSearchAlongTheDocs(t *testing.T) {
	p := astar.Problem{Ops: astar.Build(specs(), "cutting", nil), Held: []string{edit.SlotImage, edit.SlotObject}, Alpha: 1, Threshold: 0.8}
	r, found := search(t, p)
	if !found || r.Toolpath().String() != "find → segment" || math.Abs(r.Quality-0.56) > 1e-12 {
		t.Errorf("got %v with quality %v", r.Toolpath(), r.Quality)
	}
}
