package agent

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// The frontier of a plan holds exactly the undominated sums of its subtasks' points.
func TestFrontierOfAPlan(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for range 200 {
		by := make(map[int][]Point)
		for id := range 1 + rng.IntN(3) {
			for n := range 1 + rng.IntN(4) {
				by[id+1] = append(by[id+1], Point{
					Seconds: float64(1 + rng.IntN(5)), Quality: float64(1+rng.IntN(8)) / 8, Toolpaths: map[int][]string{id + 1: {string(rune('a' + n))}},
				})
			}
		}
		got := Frontier(by, 1)
		all := []Point{{Quality: 1}}
		for _, points := range by {
			var next []Point
			for _, a := range all {
				for _, b := range points {
					next = append(next, Point{Seconds: a.Seconds + b.Seconds, Quality: a.Quality * b.Quality})
				}
			}
			all = next
		}
		for _, p := range all {
			if !slices.ContainsFunc(got, func(q Point) bool { return q.Seconds <= p.Seconds && q.Quality >= p.Quality*(1-1e-12) }) {
				t.Fatalf("nothing in the frontier %v is as good as %v", got, p)
			}
		}
		for i := 1; i < len(got); i++ {
			if got[i].Seconds <= got[i-1].Seconds || got[i].Quality <= got[i-1].Quality {
				t.Fatalf("the frontier %v holds a dominated point", got)
			}
		}
		for _, p := range got {
			if len(p.Toolpaths) != len(by) {
				t.Fatalf("%v has no toolpath for some subtask of %d", p, len(by))
			}
		}
	}
}

// A point that is picked is what runs, whatever alpha prefers.
func TestPickedPathRuns(t *testing.T) {
	specs, f := two()
	i := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == "eraser-two" })
	specs[i].Tasks = []edit.TaskClaim{{Task: "remove", Quality: 0.95}}
	e := engine(specs, f)
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	j.DryRun, j.Frontier = true, true
	dry, err := e.Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	front := Frontier(dry.Fronts, 1)
	var last []string
	for _, p := range front {
		last = append(last, p.Toolpaths[1][len(p.Toolpaths[1])-1])
	}
	if want := []string{"eraser", "eraser-two"}; !reflect.DeepEqual(last, want) {
		t.Fatalf("the frontier ends in %v, want %v", last, want)
	}
	for n, p := range front {
		f.ran = nil
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Picked = p.Toolpaths
		out, err := e.Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := out.Summary.Subtasks[0]; r.Status != edit.StatusDone || !slices.Equal(r.Toolpath, p.Toolpaths[1]) || !slices.Equal(f.ran, p.Toolpaths[1]) {
			t.Errorf("point %d: %s by %v, ran %v, want %v", n+1, r.Status, r.Toolpath, f.ran, p.Toolpaths[1])
		}
	}
}

// What a person rejected may not complete the subtask again; on the way to it, or in another, it may be used.
func TestWithoutLeavesOutWhatCompleted(t *testing.T) {
	op := func(tool string, completes bool) astar.Op {
		return astar.Op{Call: edit.Call{Tool: tool}, Completes: completes}
	}
	ops := []astar.Op{op("fill", true), op("fill", false), op("blend", true)}
	for id, want := range map[int]int{1: 2, 2: 3} {
		x := execution{run: &run{job: Job{Without: map[int][]string{1: {"fill"}}}}, st: edit.Subtask{ID: id}}
		if left := x.picked(slices.Clone(ops)); len(left) != want || left[len(left)-1].Call.Tool != "blend" {
			t.Errorf("subtask %d may take %d calls, want %d", id, len(left), want)
		}
	}
}
