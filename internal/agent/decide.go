package agent

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// This file chooses between the ways to carry out a plan: its alternative
// decompositions, and the orders of subtasks that commute. Each way is
// appraised by a dry run; cost is the sum and quality the product over its
// subtasks, and the least f (astar.Objective) wins, the plan as given in a tie.

// way is one way to carry out a plan, with what it is estimated to take.
type way struct {
	plan    edit.Plan
	why     string // "" for the plan as it was given
	cost    float64
	quality float64
	undone  int // subtasks that nothing can do
}

// decide returns the way to carry out the job's plan; a plan with no choice in it is returned as it is.
func (e *Engine) decide(ctx context.Context, job Job) (edit.Plan, error) {
	ways, err := e.ways(job.Plan)
	if err != nil || len(ways) == 1 {
		return job.Plan, err
	}
	job.DryRun, job.decided, job.Frontier = true, true, false
	best := -1
	for i := range ways {
		w := &ways[i]
		job.Plan = w.plan
		out, err := e.Run(ctx, job, nil)
		if err != nil {
			return edit.Plan{}, err
		}
		w.quality = 1
		for _, s := range out.Summary.Subtasks {
			w.cost += s.Seconds
			if s.Status == edit.StatusPlanned || s.Status == edit.StatusDone {
				w.quality *= s.Quality
			} else {
				w.undone++
			}
		}
		if best < 0 || w.beats(&ways[best], job.Alpha) {
			best = i
		}
	}
	w := ways[best]
	if w.why != "" {
		first := ways[0]
		w.plan.Notices = append(slices.Clone(w.plan.Notices), fmt.Sprintf("%s: estimated %.2f s at quality %.2f, not %.2f s at quality %.2f",
			w.why, w.cost, w.quality, first.cost, first.quality))
	}
	return w.plan, nil
}

// beats reports whether a way is better than one that was given before it.
func (w *way) beats(o *way, alpha float64) bool {
	if w.undone != o.undone {
		return w.undone < o.undone
	}
	const eps = 1e-9 // sums in another order differ by rounding
	a, b := astar.Objective(alpha, w.cost, w.quality), astar.Objective(alpha, o.cost, o.quality)
	if a < b*(1-eps) {
		return true
	}
	return a <= b*(1+eps) && w.cost < o.cost*(1-eps) && w.quality >= o.quality*(1-eps)
}

// ways are the plan as given, then all others.
func (e *Engine) ways(plan edit.Plan) ([]way, error) {
	var all []way
	for _, d := range edit.Decompositions(plan) {
		order, err := schedule(d.Plan.Subtasks)
		if err != nil {
			return nil, err
		}
		why := ""
		if len(d.Instead) > 0 {
			why = fmt.Sprintf("another decomposition is taken instead of subtask %s", numbers(d.Instead))
		}
		d.Plan.Alternatives = nil
		all = append(all, way{plan: d.Plan, why: why})
		if late, moved := e.enlargeLast(order); len(moved) > 0 {
			d.Plan.Subtasks = late
			if why != "" {
				why += ", and "
			}
			all = append(all, way{plan: d.Plan, why: fmt.Sprintf("%ssubtask %s enlarges the picture and follows the edits that it does not affect", why, numbers(moved))})
		}
	}
	return all, nil
}

// enlargeLast moves what enlarges the whole picture behind the edits that
// commute with it: those kept inside the outline of an object, told by no
// number of pixels. They come to the same in either order, and take longer on the larger picture.
func (e *Engine) enlargeLast(order []edit.Subtask) (late []edit.Subtask, moved []int) {
	late = slices.Clone(order)
	for i := len(late) - 1; i >= 0; i-- {
		if !e.enlarges(&late[i]) {
			continue
		}
		k := i
		for k+1 < len(late) && e.local(&late[k+1]) && !slices.Contains(late[k+1].After, late[k].ID) {
			late[k], late[k+1] = late[k+1], late[k]
			k++
		}
		if k > i {
			moved = append(moved, late[k].ID)
		}
	}
	slices.Sort(moved)
	return late, moved
}

// unitTimes is the unit of a number input by which a tool enlarges the picture.
const unitTimes = "times"

// enlarges reports whether a subtask makes the whole picture larger: every tool for it takes how many times.
func (e *Engine) enlarges(st *edit.Subtask) bool {
	return st.Object == "" && len(st.Except) == 0 && e.allThatComplete(st.Task, func(spec *edit.ToolSpec) bool {
		_, ok := scalePort(spec)
		return ok
	})
}

func scalePort(spec *edit.ToolSpec) (edit.Port, bool) {
	for _, p := range spec.Inputs {
		if p.Kind == edit.KindNumber && spec.Accepts[p.Name].Unit == unitTimes {
			return p, true
		}
	}
	return edit.Port{}, false
}

// local reports whether a subtask changes an object alone, in a way that has nothing to do with the picture's size.
func (e *Engine) local(st *edit.Subtask) bool {
	if st.Object == "" || st.Grow != 0 || st.Feather != 0 {
		return false
	}
	for _, a := range st.Args {
		if _, number := a.Value.(edit.Number); number {
			return false
		}
	}
	return e.allThatComplete(st.Task, func(spec *edit.ToolSpec) bool {
		_, makes := spec.Output(edit.SlotImage)
		return makes && spec.Keeps(edit.PreserveOutsideMask)
	})
}

// allThatComplete reports whether there are docs for a task and all of them are so.
func (e *Engine) allThatComplete(task string, so func(*edit.ToolSpec) bool) bool {
	any := false
	for i := range e.Specs {
		if _, ok := e.Specs[i].Claim(task); ok {
			if any = true; !so(&e.Specs[i]) {
				return false
			}
		}
	}
	return any
}

// grow takes into a dry run what the planned path does to the picture's size.
func (x *execution) grow(path []astar.Op) {
	spec := x.spec(path[len(path)-1].Call.Tool)
	p, ok := scalePort(spec)
	if !ok {
		return
	}
	if a, ok := x.input(spec, p); ok {
		if times, ok := a.(edit.Number); ok {
			x.enlarged *= float64(times) * float64(times)
		}
	}
}

// megapixels is the size of the picture, or what it will be by then in a dry run.
func (r *run) megapixels() float64 { return r.out.Image.Megapixels() * r.enlarged }

func numbers(ids []int) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return strings.Join(words, ", ")
}

// named are all subtasks of a plan, those of its alternatives too.
func named(p edit.Plan) []edit.Subtask {
	all := slices.Clone(p.Subtasks)
	for _, a := range p.Alternatives {
		all = append(all, a.Subtasks...)
	}
	return all
}
