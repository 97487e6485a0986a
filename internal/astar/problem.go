package astar

import (
	"context"
	"fmt"
	"math"
	"slices"

	"pentimento/internal/edit"
)

// Problem is one question to the search.
type Problem struct {
	Ops  []Op     // the calls there are; each (tool, variant, completes) at most once
	Held []string // the slots held at the start
	// Alpha in [0,2] is the dial: 0 all quality, 2 all cost.
	Alpha float64
	// Threshold in [0,1]: calls of less quality are the last resort.
	Threshold float64
}

// Result is one path with its estimates.
type Result struct {
	Path    []Op // in an order in which they can run; the last completes
	Cost    float64
	Quality float64
	F       float64 // Objective(alpha, Cost, Quality)
	Weak    int     // calls below the threshold
	Stats   Stats
}

// Stats says what the search did.
type Stats struct {
	Surviving int // calls left after pruning
	States    int // different sets of needed slots met
	Expanded  int // labels expanded
	Labels    int // labels kept, even if only for a while
	Pruned    int // labels dropped: dominated, or unable to beat the best path
}

// Toolpath returns the calls of the path in order.
func (r *Result) Toolpath() edit.Toolpath {
	path := make(edit.Toolpath, len(r.Path))
	for i := range r.Path {
		path[i] = r.Path[i].Call
	}
	return path
}

// Objective is f = C^α (2−Q)^(2−α), for α in [0,2], cost in seconds and
// quality in [0,1] (CoSTA*, arXiv 2503.10613).
func Objective(alpha, cost, quality float64) float64 {
	return math.Pow(cost, alpha) * math.Pow(2-quality, 2-alpha)
}

// eps is the relative difference below which two costs, qualities or values
// of f are taken as equal: sums and products of the same numbers in another
// order differ by rounding, about 1e-16 per call.
const eps = 1e-12

// Search returns the best path at p.Alpha. Its error wraps edit.ErrNoPath
// (as a *NoPathError) when nothing completes the subtask, says which estimate
// is unusable, or is the context's.
func Search(ctx context.Context, p Problem) (Result, error) {
	g, err := compile(&p)
	if err != nil {
		return Result{}, err
	}
	a := &bestAim{alpha: p.Alpha}
	e := newEngine(g, a)
	a.engine = e
	if err := e.run(ctx); err != nil {
		return Result{}, err
	}
	if !a.found {
		return Result{}, fmt.Errorf("astar: the goal is reachable, yet no path was found: %w", edit.ErrNoPath)
	}
	r := g.result(&p, e.pathOf(a.best))
	r.Stats = e.stats
	return r, nil
}

// Frontier returns every path whose cost and quality no other path's dominate
// (one path per pair), sorted by cost and therefore also by quality. Calls
// below the threshold are the last resort, and errors are the same, as in Search.
func Frontier(ctx context.Context, p Problem) ([]Result, error) {
	g, err := compile(&p)
	if err != nil {
		return nil, err
	}
	a := &frontAim{}
	e := newEngine(g, a)
	a.engine = e
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(a.front))
	for _, l := range a.front {
		r := g.result(&p, e.pathOf(l))
		r.Stats = e.stats
		results = append(results, r)
	}
	slices.SortFunc(results, func(a, b Result) int {
		if a.Cost < b.Cost {
			return -1
		}
		return 1
	})
	return results, nil
}

// check refuses what no search can answer for.
func (p *Problem) check() error {
	if !(p.Alpha >= 0 && p.Alpha <= 2) { // written so that NaN fails
		return fmt.Errorf("alpha is %v: it must lie between 0 (all quality) and 2 (all cost)", p.Alpha)
	}
	if !(p.Threshold >= 0 && p.Threshold <= 1) {
		return fmt.Errorf("threshold is %v: it must lie between 0 and 1", p.Threshold)
	}
	for i := range p.Ops {
		op := &p.Ops[i]
		if !(op.Cost >= 0 && op.Cost <= math.MaxFloat64/1e9) {
			return fmt.Errorf("estimated cost of %s is %v: it must be a finite number of seconds, 0 or more", op.Call.ID(), op.Cost)
		}
		if !(op.Quality >= 0 && op.Quality <= 1) {
			return fmt.Errorf("estimated quality of %s is %v: it must lie between 0 and 1", op.Call.ID(), op.Quality)
		}
	}
	return nil
}
