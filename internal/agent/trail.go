package agent

import (
	"context"
	"fmt"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// Trail is what one execution ran: all that is needed to run it again without
// a search. A subtask has one execution, or several where parts of it (an
// exception, a colour to match) are located on their own; their order is fixed.
type Trail struct {
	Calls []edit.Call // that succeeded, in order; the last one completed the execution
	Asked []edit.Call // detectors asked for a second opinion
}

// begin starts the record of an execution and finds what it is pinned to. Nothing
// but a replay is pinned; one that knows no trail for the execution is an error.
func (x *execution) begin() error {
	id := x.st.ID
	n := len(x.trails[id])
	x.log = &Trail{}
	x.trails[id] = append(x.trails[id], x.log)
	if x.job.Evidence.Objects[id] != nil && !x.finding && x.base[edit.SlotMask] == nil {
		return &edit.UserError{Msg: the(x.st.Object) + " was shown on a picture of another size", Hint: "change the picture's size in a request of its own, and number the objects anew"}
	}
	if x.job.Pinned == nil {
		return nil
	}
	if n >= len(x.job.Pinned[id]) {
		return edit.Userf("the recipe records no toolpath for this step of subtask %d", id)
	}
	x.pinned = &x.job.Pinned[id][n]
	return nil
}

// follow runs the recorded toolpath, each call on the latest of what it needs.
// A call that fails ends the replay: another path would be another edit.
func (x *execution) follow(ctx context.Context) error {
	path, err := x.recorded()
	if err != nil {
		return err
	}
	if err := x.settleOutline(path.Path); err != nil {
		return err
	}
	x.tellPath(path)
	latest := make(map[string]int)
	var steps []int
	for n, op := range path.Path {
		st := astar.Step{Op: op, Inputs: make(map[string]int)}
		for _, p := range x.spec(op.Call.Tool).Inputs {
			if maker, ok := latest[p.Slot()]; ok {
				st.Inputs[p.Slot()] = maker
			}
		}
		if op.Completes {
			for slot, maker := range latest { // the region it is kept inside is none of its inputs
				st.Inputs[slot] = maker
			}
		}
		m, err := x.step(ctx, n, st)
		if err != nil {
			return err
		}
		if m.Failed != nil {
			return fmt.Errorf("the recorded toolpath failed: %w", m.Failed)
		}
		for slot := range x.steps[n].made {
			if x.base[slot] == nil {
				latest[slot] = n
			}
		}
		steps = append(steps, n)
	}
	x.take(steps)
	return nil
}

// recorded is the path that a replay takes instead of searching.
func (x *execution) recorded() (astar.Result, error) {
	calls := x.pinned.Calls
	if len(calls) == 0 {
		return astar.Result{}, edit.Userf("the recipe records no calls for subtask %d", x.st.ID)
	}
	estimate := x.estimator()
	path := make([]astar.Op, len(calls))
	var cost float64
	quality := 1.0
	for i, c := range calls {
		spec := x.spec(c.Tool)
		if spec == nil || c.Variant < 0 || c.Variant > len(spec.Variants) {
			return astar.Result{}, edit.Userf("the recipe names %s, which the tool docs do not have", c.ID())
		}
		if c.Variant > 0 { // from the doc, whose digest was checked: JSON does not keep the types of numbers
			c.Params = spec.Variants[c.Variant-1]
		}
		seconds, q, _ := estimate(spec, c, i == len(calls)-1)
		path[i] = astar.Op{Call: c, Cost: seconds, Quality: q, Completes: i == len(calls)-1}
		cost += seconds
		quality *= q
	}
	return astar.Result{Path: path, Cost: cost, Quality: quality}, nil
}

// consulted leaves, in a replay, the detectors that were asked when the recipe was made.
func (x *execution) consulted(others []*edit.ToolSpec) []*edit.ToolSpec {
	if x.pinned == nil {
		return others
	}
	return slices.DeleteFunc(others, func(s *edit.ToolSpec) bool {
		return !slices.ContainsFunc(x.pinned.Asked, func(c edit.Call) bool { return c.Tool == s.Name })
	})
}
