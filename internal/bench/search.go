// Package bench measures the program against oracles and against published
// methods, and puts the results into tables and into one machine-readable event.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"pentimento/internal/astar"
	"pentimento/internal/astar/astartest"
	"pentimento/internal/edit"
)

// SearchOptions says how much of the search is measured.
type SearchOptions struct {
	Graphs int   // random graphs per family, at least 1
	Seed   int64 // equal seeds give equal graphs
	// Alphas are the values of the dial; empty means 0, 0.25, ... 2.
	Alphas []float64
}

// SearchProgress says how far RunSearch is.
type SearchProgress struct {
	Family string // empty while speed is measured
	Done   int
	Total  int
}

// SearchReport is what `agent bench search` ends with.
type SearchReport struct {
	Event  string                  `json:"event"` // always "done"
	Graphs int                     `json:"graphs"`
	Family map[string]SearchFamily `json:"family"`
	// MS is the median time of a search in milliseconds, by number of tools,
	// over families, graphs and values of the dial, the best of several runs each;
	// WorstMS is the slowest of them.
	MS      map[string]float64 `json:"ms"`
	WorstMS map[string]float64 `json:"ms_worst"`
	// Surviving is the least number of tools that pruning left, by number of tools.
	Surviving map[string]int `json:"surviving"`

	alphas []float64
}

// SearchFamily counts, by value of the dial, the graphs of one family for which a
// search did not return the path that brute force prefers (or, for the
// published search, which breaks ties otherwise, one of equal f that can be run).
type SearchFamily struct {
	Wrong      map[string]int `json:"wrong"`
	EagerWrong map[string]int `json:"eager_wrong"` // the published search
}

// sizes are the numbers of tools that the search is timed on.
var sizes = []int{25, 250, 2500}

const (
	timedGraphs = 5 // graphs of each family and size
	timedRuns   = 3 // runs of each search; the best counts
)

// RunSearch compares the search with brute force on random graphs of three
// families, and the published search beside it, and then times it on large
// graphs with three makers to each artifact. progress may be nil.
func RunSearch(ctx context.Context, opts SearchOptions, progress func(SearchProgress)) (SearchReport, error) {
	if opts.Graphs < 1 {
		return SearchReport{}, fmt.Errorf("%d graphs: at least one is needed", opts.Graphs)
	}
	if len(opts.Alphas) == 0 {
		opts.Alphas = astartest.Alphas()
	}
	if progress == nil {
		progress = func(SearchProgress) {}
	}
	report := SearchReport{
		Event: "done", Graphs: opts.Graphs, Family: make(map[string]SearchFamily),
		MS: make(map[string]float64), WorstMS: make(map[string]float64), Surviving: make(map[string]int),
		alphas: opts.Alphas,
	}
	for _, family := range astartest.Families() {
		counts, err := compareFamily(ctx, opts, family, progress)
		if err != nil {
			return SearchReport{}, err
		}
		report.Family[family.Name] = counts
	}
	for i, tools := range sizes {
		progress(SearchProgress{Done: i, Total: len(sizes)})
		if err := timeSize(ctx, opts, tools, &report); err != nil {
			return SearchReport{}, err
		}
	}
	progress(SearchProgress{Done: len(sizes), Total: len(sizes)})
	return report, nil
}

// compareFamily draws graphs until opts.Graphs of them can be solved; of the
// others the search must say that they cannot.
func compareFamily(ctx context.Context, opts SearchOptions, family astartest.Family, progress func(SearchProgress)) (SearchFamily, error) {
	counts := SearchFamily{Wrong: make(map[string]int), EagerWrong: make(map[string]int)}
	for _, alpha := range opts.Alphas {
		counts.Wrong[key(alpha)], counts.EagerWrong[key(alpha)] = 0, 0
	}
	r := random(opts.Seed, family.Name)
	for done := 0; done < opts.Graphs; {
		p := family.Small(r)
		sets := astartest.All(p)
		for _, p.Alpha = range opts.Alphas {
			want := astartest.Best(p.Alpha, sets)
			right, err := searchIsRight(ctx, p, want)
			if err != nil {
				return SearchFamily{}, err
			}
			if !right {
				counts.Wrong[key(p.Alpha)]++
			}
			if want == nil {
				continue
			}
			if right, err = publishedIsRight(ctx, p, want); err != nil {
				return SearchFamily{}, err
			}
			if !right {
				counts.EagerWrong[key(p.Alpha)]++
			}
		}
		if len(sets) > 0 {
			done++
			progress(SearchProgress{Family: family.Name, Done: done, Total: opts.Graphs})
		}
	}
	return counts, nil
}

// searchIsRight reports whether the search finds the very set of calls that
// brute force prefers, or none where there is none.
func searchIsRight(ctx context.Context, p astar.Problem, want *astartest.Set) (bool, error) {
	got, err := astar.Search(ctx, p)
	if errors.Is(err, edit.ErrNoPath) {
		return want == nil, nil
	}
	if err != nil {
		return false, err
	}
	if want == nil || len(got.Path) != len(want.Ops) {
		return false, nil
	}
	for _, i := range want.Ops {
		if !slices.ContainsFunc(got.Path, func(op astar.Op) bool { return op.Call.ID() == p.Ops[i].Call.ID() }) {
			return false, nil
		}
	}
	return true, nil
}

// publishedIsRight reports whether the published search finds a path that can
// be run and is as good as the best, rounding aside.
func publishedIsRight(ctx context.Context, p astar.Problem, want *astartest.Set) (bool, error) {
	got, err := astar.Published(ctx, p)
	if err != nil {
		if errors.Is(err, edit.ErrNoPath) {
			return false, nil
		}
		return false, err
	}
	const rounding = 1 + 1e-9
	return got.Runnable && got.F <= rounding*astar.Objective(p.Alpha, want.Cost, want.Quality), nil
}

// timeSize times searches among that many tools.
func timeSize(ctx context.Context, opts SearchOptions, tools int, report *SearchReport) error {
	var ms []float64
	surviving := tools
	for _, family := range astartest.Families() {
		r := random(opts.Seed, family.Name+strconv.Itoa(tools))
		for range timedGraphs {
			p := family.Large(r, tools)
			for _, p.Alpha = range opts.Alphas {
				best := time.Duration(0)
				for run := range timedRuns {
					began := time.Now()
					result, err := astar.Search(ctx, p)
					took := time.Since(began)
					if err != nil {
						return fmt.Errorf("timing %s with %d tools: %w", family.Name, tools, err)
					}
					if run == 0 || took < best {
						best = took
					}
					surviving = min(surviving, result.Stats.Surviving)
				}
				ms = append(ms, float64(best.Microseconds())/1000)
			}
		}
	}
	slices.Sort(ms)
	size := strconv.Itoa(tools)
	report.MS[size], report.WorstMS[size], report.Surviving[size] = ms[len(ms)/2], ms[len(ms)-1], surviving
	return nil
}

// random is a stream of numbers of its own for each seed and purpose.
func random(seed int64, purpose string) *rand.Rand {
	stream := uint64(14695981039346656037) // FNV-1a
	for _, c := range []byte(purpose) {
		stream = (stream ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(uint64(seed), stream))
}

// key is how a value of the dial is written in the report.
func key(alpha float64) string { return strconv.FormatFloat(alpha, 'g', -1, 64) }
