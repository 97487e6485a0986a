package astar_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/astar/astartest"
	"pentimento/internal/edit"
)

// graphs is how many random graphs of a family a property is tried on.
const graphs = 700

// each runs f on random graphs of every family, a third of them with a threshold.
func each(t *testing.T, stream uint64, f func(t *testing.T, r *rand.Rand, p astar.Problem)) {
	t.Helper()
	for _, family := range astartest.Families() {
		t.Run(family.Name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(graphs) {
				r := rand.New(rand.NewPCG(seed, stream))
				p := family.Small(r)
				if seed%3 == 0 {
					p.Threshold = 0.7
				}
				f(t, r, p)
				if t.Failed() {
					t.Fatalf("seed %d, stream %d", seed, stream)
				}
			}
		})
	}
}

// ids lists the calls of a path by name.
func ids(path []astar.Op) []string {
	var names []string
	for i := range path {
		names = append(names, path[i].Call.ID())
	}
	slices.Sort(names)
	return names
}

func idsOf(p astar.Problem, s *astartest.Set) []string {
	var names []string
	for _, i := range s.Ops {
		names = append(names, p.Ops[i].Call.ID())
	}
	slices.Sort(names)
	return names
}

// search fails the test on any error but "no path", for which it returns false.
func search(t *testing.T, p astar.Problem) (astar.Result, bool) {
	t.Helper()
	r, err := astar.Search(context.Background(), p)
	if err != nil && !errors.Is(err, edit.ErrNoPath) {
		t.Fatal(err)
	}
	return r, err == nil
}

func TestSearchEqualsBruteForce(t *testing.T) {
	each(t, 1, func(t *testing.T, _ *rand.Rand, p astar.Problem) {
		sets := astartest.All(p)
		for _, p.Alpha = range astartest.Alphas() {
			got, found := search(t, p)
			want := astartest.Best(p.Alpha, sets)
			switch {
			case found != (want != nil):
				t.Errorf("α %v: found a path: %v, there is one: %v", p.Alpha, found, want != nil)
			case !found:
			case !slices.Equal(ids(got.Path), idsOf(p, want)):
				t.Errorf("α %v: got %v with C %v Q %v, want %v with C %v Q %v",
					p.Alpha, ids(got.Path), got.Cost, got.Quality, idsOf(p, want), want.Cost, want.Quality)
			case got.Cost != want.Cost || got.Quality != want.Quality || got.F != astar.Objective(p.Alpha, got.Cost, got.Quality):
				t.Errorf("α %v: C %v Q %v f %v, want C %v Q %v", p.Alpha, got.Cost, got.Quality, got.F, want.Cost, want.Quality)
			}
		}
	})
}

func TestPathRunsAndHoldsNothingUnused(t *testing.T) {
	each(t, 2, func(t *testing.T, _ *rand.Rand, p astar.Problem) {
		for _, p.Alpha = range []float64{0, 1, 2} {
			r, found := search(t, p)
			if !found {
				continue
			}
			if !runs(p.Held, r.Path) {
				t.Errorf("%v cannot run in this order", r.Toolpath())
			}
			for i := range r.Path {
				if runs(p.Held, slices.Delete(slices.Clone(r.Path), i, i+1)) {
					t.Errorf("%v completes the subtask without %s", r.Toolpath(), r.Path[i].Call.ID())
				}
			}
		}
	})
}

// runs reports whether the calls can run one after the other and only the last completes.
func runs(held []string, path []astar.Op) bool {
	have := slices.Clone(held)
	for i, op := range path {
		for _, need := range op.Needs {
			if !slices.Contains(have, need) {
				return false
			}
		}
		have = append(have, op.Makes...)
		if op.Completes != (i == len(path)-1) {
			return false
		}
	}
	return len(path) > 0
}

func TestFrontierEqualsBruteForce(t *testing.T) {
	each(t, 3, func(t *testing.T, _ *rand.Rand, p astar.Problem) {
		want := astartest.Front(astartest.All(p))
		got, err := astar.Frontier(context.Background(), p)
		if errors.Is(err, edit.ErrNoPath) && len(want) == 0 {
			return
		}
		if err != nil || len(got) != len(want) {
			t.Errorf("%d paths and error %v, want %d", len(got), err, len(want))
			return
		}
		for i := range got {
			if !slices.Equal(ids(got[i].Path), idsOf(p, &want[i])) {
				t.Errorf("path %d: %v with C %v Q %v, want %v with C %v Q %v", i, ids(got[i].Path), got[i].Cost, got[i].Quality,
					idsOf(p, &want[i]), want[i].Cost, want[i].Quality)
			}
		}
	})
}

// The best path at any dial lies on the frontier.
func TestSearchLiesOnFrontier(t *testing.T) {
	for _, family := range astartest.Families() {
		for seed := range uint64(5) {
			p := family.Large(rand.New(rand.NewPCG(seed, 4)), 100)
			front, err := astar.Frontier(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, p.Alpha = range astartest.Alphas() {
				r, _ := search(t, p)
				least := math.Inf(1)
				for _, x := range front {
					least = min(least, astar.Objective(p.Alpha, x.Cost, x.Quality))
				}
				if math.Abs(least-r.F) > 1e-12*r.F {
					t.Errorf("%s %d α %v: f %v, the frontier has %v", family.Name, seed, p.Alpha, r.F, least)
				}
			}
		}
	}
}
