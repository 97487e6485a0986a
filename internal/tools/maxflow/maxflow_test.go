package maxflow

import (
	"context"
	"errors"
	"math/rand"
	"testing"
)

// tinyEdge is an edge with its capacity from a to b and from b to a.
type tinyEdge struct {
	a, b    int
	c, back int32
}

// cut is the capacity that is cut when a and b are on the source's side, or not.
func (e tinyEdge) cut(a, b bool) int64 {
	switch {
	case a && !b:
		return int64(e.c)
	case b && !a:
		return int64(e.back)
	}
	return 0
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
			cost += e.cut(labels>>e.a&1 == 1, labels>>e.b&1 == 1)
		}
		best = min(best, cost)
	}
	return best
}

// randomGrid fills a small grid with random capacities, many of them 0.
func randomGrid(g *Grid, rng *rand.Rand, w, h int) ([]int32, []tinyEdge) {
	term := make([]int32, w*h)
	var edges []tinyEdge
	for y := range h {
		for x := range w {
			i := y*w + x
			if rng.Intn(3) > 0 {
				term[i] = int32(rng.Intn(41) - 20)
				g.AddTerminal(g.Node(x, y), term[i])
			}
			for d := 0; d < neighbours; d += 2 {
				nx, ny := x+neighbourX[d], y+neighbourY[d]
				if nx < 0 || ny < 0 || nx >= w || ny >= h || rng.Intn(4) == 0 {
					continue
				}
				c, back := int32(rng.Intn(12)), int32(rng.Intn(12))
				g.AddEdge(g.Node(x, y), d, c, back)
				edges = append(edges, tinyEdge{i, ny*w + nx, c, back})
			}
		}
	}
	return term, edges
}

func TestMaxFlowEqualsBruteForceMinimumCut(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	var g *Grid
	var w, h int
	for n := range 3000 {
		if n%4 == 0 {
			w, h = 1+rng.Intn(4), 1+rng.Intn(3)
			g = New(w, h)
		} else {
			g.Clear() // must leave nothing of the last problem
		}
		term, edges := randomGrid(g, rng, w, h)
		if err := g.Solve(context.Background()); err != nil {
			t.Fatal(err)
		}
		want := bruteForceCut(term, edges)
		if g.flow != want {
			t.Fatalf("graph %d (%d×%d): flow %d, brute force %d", n, w, h, g.flow, want)
		}
		var cut int64
		side := func(i int) bool { return g.Source(g.Node(i%w, i/w)) }
		for i, c := range term {
			if c > 0 && !side(i) {
				cut += int64(c)
			}
			if c < 0 && side(i) {
				cut -= int64(c)
			}
		}
		for _, e := range edges {
			cut += e.cut(side(e.a), side(e.b))
		}
		if cut != want {
			t.Fatalf("graph %d (%d×%d): labelling cuts %d, minimum %d", n, w, h, cut, want)
		}
	}
}

func TestMaxFlowStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g := New(60, 60)
	randomGrid(g, rand.New(rand.NewSource(2)), 60, 60)
	if err := g.Solve(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
}

func BenchmarkMaxFlow(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		rng := rand.New(rand.NewSource(3))
		g := New(500, 400)
		for y := range 400 {
			for x := range 500 {
				in := int32(-300)
				if (x-250)*(x-250)+(y-200)*(y-200) < 150*150 {
					in = 300
				}
				g.AddTerminal(g.Node(x, y), in+int32(rng.Intn(2000)-1000))
				for d := 0; d < neighbours; d += 2 {
					if nx, ny := x+neighbourX[d], y+neighbourY[d]; nx >= 0 && nx < 500 && ny >= 0 && ny < 400 {
						c := int32(200 + rng.Intn(500))
						g.AddEdge(g.Node(x, y), d, c, c)
					}
				}
			}
		}
		b.StartTimer()
		if err := g.Solve(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
