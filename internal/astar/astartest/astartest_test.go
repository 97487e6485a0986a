package astartest_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/astar/astartest"
	"pentimento/internal/edit"
)

func tool(name, makes string, cost, quality float64, needs ...string) astar.Op {
	op := astar.Op{Call: edit.Call{Tool: name}, Needs: needs, Makes: []string{makes}, Cost: cost, Quality: quality}
	op.Completes = makes == "end"
	return op
}

// example has three minimal sets, worked out by hand.
func example() astar.Problem {
	return astar.Problem{Held: []string{"image"}, Ops: []astar.Op{
		tool("a", "x", 1, 0.5, "image"),
		tool("b", "x", 3, 1, "image"),
		tool("c", "end", 1, 1, "x"),
		tool("d", "end", 9, 0.9, "image"), // beaten by b with c
		tool("e", "y", 0.1, 1, "x"),       // of no use
		tool("f", "end", 0.1, 1, "z"),     // cannot run
	}}
}

func TestOracleOnExample(t *testing.T) {
	sets := astartest.All(example())
	var got [][]int
	for _, s := range sets {
		got = append(got, s.Ops)
	}
	if want := [][]int{{0, 2}, {1, 2}, {3}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("minimal sets %v, want %v", got, want)
	}
	for alpha, want := range map[float64][]int{0: {1, 2}, 1: {0, 2}, 2: {0, 2}} {
		if best := astartest.Best(alpha, sets); !slices.Equal(best.Ops, want) {
			t.Errorf("α %v: %v, want %v", alpha, best.Ops, want)
		}
	}
	if front := astartest.Front(sets); len(front) != 2 || front[0].Cost != 2 || front[1].Cost != 4 {
		t.Errorf("frontier %+v", front)
	}
	if astartest.Best(1, nil) != nil {
		t.Error("the best of nothing is something")
	}
}

func TestLargeGraphsAreAsPromised(t *testing.T) {
	for _, family := range astartest.Families() {
		for _, tools := range []int{25, 250, 2500} {
			p := family.Large(rand.New(rand.NewPCG(5, 6)), tools)
			if len(p.Ops) != tools {
				t.Errorf("%s: %d tools, want %d", family.Name, len(p.Ops), tools)
			}
			makers := make(map[string]int)
			inputs := 0
			for _, op := range p.Ops {
				inputs = max(inputs, len(op.Needs))
				for _, slot := range slices.Compact(slices.Clone(op.Makes)) {
					makers[slot]++
				}
			}
			for slot, n := range makers {
				if n < 3 && slot != "nobody-needs-this" {
					t.Errorf("%s, %d tools: %s has %d makers, want 3", family.Name, tools, slot, n)
				}
			}
			if conjunctive := inputs > 1; conjunctive != (family.Name == "conjunctive") {
				t.Errorf("%s, %d tools: up to %d inputs", family.Name, tools, inputs)
			}
			p.Alpha = 1
			if r, err := astar.Search(context.Background(), p); err != nil || 2*r.Stats.Surviving < tools {
				t.Errorf("%s, %d tools: %d survive, error %v", family.Name, tools, r.Stats.Surviving, err)
			}
		}
	}
}

func TestSmallGraphsAreSmallAndVaried(t *testing.T) {
	for _, family := range astartest.Families() {
		solvable := 0
		r := rand.New(rand.NewPCG(7, 8))
		for range 100 {
			p := family.Small(r)
			if len(p.Ops) > astartest.MaxOps {
				t.Fatalf("%s: %d tools", family.Name, len(p.Ops))
			}
			if len(astartest.All(p)) > 0 {
				solvable++
			}
		}
		if solvable < 70 {
			t.Errorf("%s: only %d of 100 graphs have a path", family.Name, solvable)
		}
	}
}
