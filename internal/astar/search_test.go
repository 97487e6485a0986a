package astar_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/astar/astartest"
)

func TestSearchEqualsBruteForce(t *testing.T) {
	const graphs = 700
	for _, family := range astartest.Families() {
		t.Run(family.Name, func(t *testing.T) {
			for seed := range uint64(graphs) {
				p := family.Small(rand.New(rand.NewPCG(seed, 1)))
				if seed%3 == 0 {
					p.Threshold = 0.7
				}
				sets := astartest.All(p)
				for _, alpha := range astartest.Alphas() {
					p.Alpha = alpha
					got, err := astar.Search(context.Background(), p)
					want := astartest.Best(alpha, sets)
					if (err != nil) != (want == nil) {
						t.Fatalf("seed %d α %v: error %v, want path %v", seed, alpha, err, want)
					}
					if want == nil {
						continue
					}
					if d := differs(p, got, want); d != "" {
						t.Fatalf("seed %d α %v: %s", seed, alpha, d)
					}
				}
			}
		})
	}
}

func differs(p astar.Problem, got astar.Result, want *astartest.Set) string {
	g := map[string]bool{}
	for _, op := range got.Path {
		g[op.Call.ID()] = true
	}
	w := map[string]bool{}
	for _, i := range want.Ops {
		w[p.Ops[i].Call.ID()] = true
	}
	if fmt.Sprint(g) != fmt.Sprint(w) {
		return fmt.Sprintf("got %v (C %v Q %v f %v), want %v (C %v Q %v f %v)", g, got.Cost, got.Quality, got.F, w, want.Cost, want.Quality,
			astar.Objective(p.Alpha, want.Cost, want.Quality))
	}
	if got.Cost != want.Cost || got.Quality != want.Quality {
		return fmt.Sprintf("C %v Q %v, want C %v Q %v", got.Cost, got.Quality, want.Cost, want.Quality)
	}
	return ""
}

func BenchmarkSearch(b *testing.B) {
	for _, family := range astartest.Families() {
		for _, tools := range []int{25, 250, 2500} {
			b.Run(fmt.Sprintf("%s/%d", family.Name, tools), func(b *testing.B) {
				problems := make([]astar.Problem, 8)
				for i := range problems {
					problems[i] = family.Large(rand.New(rand.NewPCG(uint64(i), 2)), tools)
					problems[i].Alpha = 1
				}
				var s astar.Stats
				n := 0
				for b.Loop() {
					r, err := astar.Search(context.Background(), problems[n%len(problems)])
					if err != nil {
						b.Fatal(err)
					}
					n++
					s.Expanded += r.Stats.Expanded
					s.Labels += r.Stats.Labels
					s.Surviving += r.Stats.Surviving
					s.States += r.Stats.States
				}
				b.ReportMetric(float64(s.Expanded)/float64(n), "expanded/op")
				b.ReportMetric(float64(s.Labels)/float64(n), "labels/op")
				b.ReportMetric(float64(s.States)/float64(n), "states/op")
				b.ReportMetric(float64(s.Surviving)/float64(n), "surviving/op")
			})
		}
	}
}
