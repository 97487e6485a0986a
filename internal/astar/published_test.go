package astar_test

import (
	"context"
	"math"
	"testing"

	"pentimento/internal/astar"
)

// recolor is the published tool table's way to recolour an object: costs and
// qualities of the CoSTA* benchmark table (arXiv 2503.10613).
func recolor() []astar.Op {
	return []astar.Op{
		op("dino: image -> boxes", 0.119, 1), op("yolo: image -> boxes", 0.0062, 0.82), op("sam: boxes -> masks", 0.046, 1),
		op("inpaint: masks -> !", 12.1, 0.89), op("search-recolor: image -> !", 14.7, 1),
	}
}

func TestWorkedExamples(t *testing.T) {
	// Two ways to a slot, then one long call: the cheaper way is the better prefix and the worse whole.
	prefix := []astar.Op{op("a: image -> x", 1, 0.5), op("b: image -> x", 1.6, 1), op("s: x -> y", 0, 1), op("t: y -> !", 10, 1)}
	// A fair call in one hop against three perfect ones that are cheaper together.
	hop := []astar.Op{
		op("x: image -> a", 4.05, 1), op("y: a -> b", 4.05, 1), op("z: b -> !", 4.05, 1), op("hop: image -> !", 14.7, 0.81),
	}
	cases := []struct {
		name           string
		ops            []astar.Op
		alpha          float64
		best, eager    float64 // f
		path, followed string
	}{
		{"one label is not enough", prefix, 1, 11.6, 16.5, "b → s → t", "a → s → t"},
		{"recolour, α=1", recolor(), 1, 13.614, 14.70, "dino → sam → inpaint", "search-recolor"},
		{"recolour, α=1.5", recolor(), 1.5, 45.25, 47.74, "dino → sam → inpaint", "yolo → sam → inpaint"},
		{"one hop, α=0", hop, 0, 1, 1.4161, "x → y → z", "hop"},
		{"one hop, α=0.25", hop, 0.25, 1.867, 2.655, "x → y → z", "hop"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := astar.Problem{Ops: c.ops, Held: []string{"image"}, Alpha: c.alpha}
			r, _ := search(t, p)
			if r.Toolpath().String() != c.path || math.Abs(r.F-c.best) > 0.005 {
				t.Errorf("Search: %v with f %v, want %s with %v", r.Toolpath(), r.F, c.path, c.best)
			}
			e, err := astar.Published(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			if e.Toolpath().String() != c.followed || math.Abs(e.F-c.eager) > 0.005 || !e.Runnable {
				t.Errorf("Published: %v with f %v, want %s with %v", e.Toolpath(), e.F, c.followed, c.eager)
			}
		})
	}
}

// The published search pays for every call it looks at, one of them twice.
func TestPublishedPaysForAllItLooksAt(t *testing.T) {
	e, err := astar.Published(context.Background(), astar.Problem{Ops: recolor(), Held: []string{"image"}, Alpha: 1})
	if err != nil || math.Abs(e.Spent-27.02) > 0.005 || e.Runs != 6 {
		t.Errorf("spent %v s in %d runs, error %v; want 27.02 s in 6", e.Spent, e.Runs, err)
	}
}

// It takes the makers of two inputs for alternatives.
func TestPublishedMissesConjunctions(t *testing.T) {
	ops := []astar.Op{op("a: image -> a", 1, 1), op("b: image -> b", 1, 1), op("end: a b -> !", 1, 1)}
	e, err := astar.Published(context.Background(), astar.Problem{Ops: ops, Held: []string{"image"}, Alpha: 1})
	if err != nil || e.Runnable || len(e.Path) != 2 {
		t.Errorf("%v, runnable %v, error %v", e.Toolpath(), e.Runnable, err)
	}
}
