package agent

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"pentimento/internal/astar"
)

// Point is one way to complete a subtask, or a whole plan, that no other beats in both cost and quality.
type Point struct {
	Seconds   float64          `json:"seconds"` // estimated, of all calls
	Quality   float64          `json:"quality"` // estimated: the product over all calls
	F         float64          `json:"f"`       // astar.Objective at the job's alpha
	Toolpaths map[int][]string `json:"toolpaths"`
}

// weigh keeps the undominated toolpaths of a subtask, where they were asked for.
func (x *execution) weigh(ctx context.Context, p astar.Problem) error {
	if !x.job.Frontier || x.finding {
		return nil
	}
	front, err := astar.Frontier(ctx, p)
	if err != nil {
		return err
	}
	points := make([]Point, len(front))
	for i, res := range front {
		points[i] = Point{
			Seconds: x.seconds + res.Cost, Quality: x.foundQuality * res.Quality,
			Toolpaths: map[int][]string{x.st.ID: res.Toolpath().IDs()},
		}
	}
	if x.out.Fronts == nil {
		x.out.Fronts = make(map[int][]Point)
	}
	x.out.Fronts[x.st.ID] = points
	return nil
}

// picked leaves the calls that the person's choice allows.
func (x *execution) picked(ops []astar.Op) []astar.Op {
	if x.finding {
		return ops
	}
	if not := x.job.Without[x.st.ID]; len(not) > 0 {
		ops = slices.DeleteFunc(ops, func(op astar.Op) bool { return op.Completes && slices.Contains(not, op.Call.ID()) })
	}
	if tools := x.pins(); tools != nil {
		ops = slices.DeleteFunc(ops, func(op astar.Op) bool { return op.Completes && !slices.Contains(tools, op.Call.Tool) })
	}
	ids, ok := x.job.Picked[x.st.ID]
	if !ok {
		return ops
	}
	return slices.DeleteFunc(ops, func(op astar.Op) bool { return !slices.Contains(ids, op.Call.ID()) })
}

// pins are the tools that alone may complete the subtask, nil for any.
func (x *execution) pins() []string {
	if tools, ok := x.job.Pins[strconv.Itoa(x.st.ID)]; ok {
		return tools
	}
	return x.job.Pins[x.st.Task]
}

// Frontier joins those of the subtasks to that of the whole plan: costs add up
// and qualities multiply. It is sorted by cost, and so by quality.
func Frontier(bySubtask map[int][]Point, alpha float64) []Point {
	front := []Point{{Quality: 1}}
	for _, id := range slices.Sorted(maps.Keys(bySubtask)) {
		var all []Point
		for _, a := range front {
			for _, b := range bySubtask[id] {
				p := Point{Seconds: a.Seconds + b.Seconds, Quality: a.Quality * b.Quality, Toolpaths: maps.Clone(b.Toolpaths)}
				maps.Copy(p.Toolpaths, a.Toolpaths)
				all = append(all, p)
			}
		}
		front = undominated(all)
	}
	for i := range front {
		front[i].F = astar.Objective(alpha, front[i].Seconds, front[i].Quality)
	}
	return front
}

// undominated leaves of equal points the first.
func undominated(points []Point) []Point {
	slices.SortStableFunc(points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(b.Quality, a.Quality))
	})
	var front []Point
	for _, p := range points {
		if len(front) == 0 || p.Quality > front[len(front)-1].Quality {
			front = append(front, p)
		}
	}
	return front
}

// weigh finds the frontier of a job's whole plan by a dry run, and has the job
// take the point of a number from 1; 0 takes none.
func (k *Kit) weigh(ctx context.Context, job *Job, number int) ([]Point, error) {
	dry := *job
	dry.DryRun, dry.Frontier = true, true
	out, err := k.Engine.Run(ctx, dry, nil)
	if err != nil {
		return nil, err
	}
	points := Frontier(out.Fronts, job.Alpha)
	if number == 0 {
		return points, nil
	}
	if number > len(points) {
		return nil, usagef("--pareto lists them", "there is no point %d: the frontier has %d", number, len(points))
	}
	job.Plan, job.decided, job.Picked = out.Plan, true, points[number-1].Toolpaths
	return points, nil
}
