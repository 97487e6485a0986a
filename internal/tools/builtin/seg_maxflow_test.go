package builtin

import (
	"context"
	"errors"
	"math/rand"
	"testing"
)

// cutCost is the capacity that a labelling (bit i: node i on the source's side) cuts.
type tinyEdge struct {
	a, b int
	c    int32
}

func bruteForceCut(term []int32, edges []tinyEdge) int64 {
	best := int64(1) << 60
	for labels := range 1 << len(term) {
		var cost int64
		for i, c := range term {
			on := labels>>i&1 == 1
			if c > 0 && !on {
				cost += int64(c)
			}
			if c < 0 && on {
				cost -= int64(c)
			}
		}
		for _, e := range edges {
			if labels>>e.a&1 != labels>>e.b&1 {
				cost += int64(e.c)
			}
		}
		best = min(best, cost)
	}
	return best
}

// randomGrid fills a small grid with random capacities, many of them 0.
func randomGrid(rng *rand.Rand, w, h int) (*flowGrid, []int32, []tinyEdge) {
	g := newFlowGrid(w, h)
	term := make([]int32, w*h)
	var edges []tinyEdge
	for y := range h {
		for x := range w {
			i := y*w + x
			if rng.Intn(3) > 0 {
				term[i] = int32(rng.Intn(41) - 20)
				g.addTerminal(g.node(x, y), term[i])
			}
			for d := 0; d < neighbours; d += 2 {
				nx, ny := x+neighbourX[d], y+neighbourY[d]
				if nx < 0 || ny < 0 || nx >= w || ny >= h || rng.Intn(4) == 0 {
					continue
				}
				c := int32(rng.Intn(12))
				g.addEdge(g.node(x, y), d, c)
				edges = append(edges, tinyEdge{i, ny*w + nx, c})
			}
		}
	}
	return g, term, edges
}

func TestMaxFlowEqualsBruteForceMinimumCut(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for n := range 3000 {
		w, h := 1+rng.Intn(4), 1+rng.Intn(3)
		g, term, edges := randomGrid(rng, w, h)
		if err := g.solve(context.Background()); err != nil {
			t.Fatal(err)
		}
		want := bruteForceCut(term, edges)
		if g.flow != want {
			t.Fatalf("graph %d (%d×%d): flow %d, brute force %d", n, w, h, g.flow, want)
		}
		var cut int64
		side := func(i int) bool { return g.source(g.node(i%w, i/w)) }
		for i, c := range term {
			if c > 0 && !side(i) {
				cut += int64(c)
			}
			if c < 0 && side(i) {
				cut -= int64(c)
			}
		}
		for _, e := range edges {
			if side(e.a) != side(e.b) {
				cut += int64(e.c)
			}
		}
		if cut != want {
			t.Fatalf("graph %d (%d×%d): labelling cuts %d, minimum %d", n, w, h, cut, want)
		}
	}
}

func TestMaxFlowStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g, _, _ := randomGrid(rand.New(rand.NewSource(2)), 60, 60)
	if err := g.solve(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
}

func BenchmarkMaxFlow(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		rng := rand.New(rand.NewSource(3))
		g := newFlowGrid(500, 400)
		for y := range 400 {
			for x := range 500 {
				in := int32(-300)
				if (x-250)*(x-250)+(y-200)*(y-200) < 150*150 {
					in = 300
				}
				g.addTerminal(g.node(x, y), in+int32(rng.Intn(2000)-1000))
				for d := 0; d < neighbours; d += 2 {
					if nx, ny := x+neighbourX[d], y+neighbourY[d]; nx >= 0 && nx < 500 && ny >= 0 && ny < 400 {
						g.addEdge(g.node(x, y), d, int32(200+rng.Intn(500)))
					}
				}
			}
		}
		b.StartTimer()
		if err := g.solve(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
