package astar_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/astar/astartest"
)

// problems are random graphs of one size, at all values of the dial.
func problems(family astartest.Family, tools int) []astar.Problem {
	alphas := astartest.Alphas()
	list := make([]astar.Problem, 2*len(alphas))
	for i := range list {
		list[i] = family.Large(rand.New(rand.NewPCG(uint64(i), 31)), tools)
		list[i].Alpha = alphas[i%len(alphas)]
	}
	return list
}

func BenchmarkSearch(b *testing.B) {
	benchmark(b, []int{25, 250, 2500}, func(p astar.Problem) (astar.Stats, error) {
		r, err := astar.Search(context.Background(), p)
		return r.Stats, err
	})
}

func BenchmarkFrontier(b *testing.B) {
	benchmark(b, []int{25, 250}, func(p astar.Problem) (astar.Stats, error) {
		r, err := astar.Frontier(context.Background(), p)
		if err != nil {
			return astar.Stats{}, err
		}
		return r[0].Stats, nil
	})
}

func benchmark(b *testing.B, sizes []int, run func(astar.Problem) (astar.Stats, error)) {
	for _, family := range astartest.Families() {
		for _, tools := range sizes {
			b.Run(fmt.Sprintf("%s/%d", family.Name, tools), func(b *testing.B) {
				list := problems(family, tools)
				var n, expanded, labels, surviving int
				for b.Loop() {
					s, err := run(list[n%len(list)])
					if err != nil {
						b.Fatal(err)
					}
					n++
					expanded += s.Expanded
					labels += s.Labels
					surviving += s.Surviving
				}
				b.ReportMetric(float64(expanded)/float64(n), "expanded/op")
				b.ReportMetric(float64(labels)/float64(n), "labels/op")
				b.ReportMetric(float64(surviving)/float64(n), "surviving/op")
			})
		}
	}
}
