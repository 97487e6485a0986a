package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/llm"
)

// USDPerHour is what an hour of waiting is worth where nobody says otherwise.
const USDPerHour = 3600.0 / edit.SecondsPerUSD

// secondsPerUSD is how many seconds of waiting a dollar weighs as in the search.
func (j *Job) secondsPerUSD() float64 {
	if j.USDPerHour > 0 {
		return 3600 / j.USDPerHour
	}
	return edit.SecondsPerUSD
}

// BudgetError says that a call was not run, since it costs more money than is left of Job.MaxUSD.
type BudgetError struct {
	Tool            string
	USD, Spent, Max float64
}

// Error implements error.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("%s costs %s a run, and of the %s that may be spent %s is left", e.Tool, dollars(e.USD), dollars(e.Max), dollars(max(0, e.Max-e.Spent)))
}

func dollars(v float64) string { return fmt.Sprintf("$%.4g", v) }

// afford refuses a call that would spend more than the job allows. What has
// run is counted at its doc's price, whether it came to anything or not.
func (x *execution) afford(spec *edit.ToolSpec) error {
	most, spent := x.job.MaxUSD, x.out.Summary.USD+x.lookedUSD()
	const cent = 1e-9 // sums of prices are off by rounding
	if most == nil || spec.Cost.USD <= 0 || spent+spec.Cost.USD <= *most+cent {
		return nil
	}
	return &BudgetError{Tool: spec.Name, USD: spec.Cost.USD, Spent: spent, Max: *most}
}

// overBudget reports whether a call was refused for its price.
func overBudget(err error) bool {
	var dear *BudgetError
	var spent *llm.BudgetError
	return errors.As(err, &dear) || errors.As(err, &spent)
}

// tooDear tells, of a subtask that no path is left for, which calls were too
// dear of the path that there would be with more money; nil where money is not what it lacks.
func (x *execution) tooDear(ctx context.Context, refused map[string]error) []error {
	if x.job.MaxUSD == nil {
		return nil
	}
	held := x.held
	x.held = x.base
	defer func() { x.held = held }()
	specs := slices.DeleteFunc(slices.Clone(x.Specs), func(s edit.ToolSpec) bool { return refused[s.Name] != nil && !overBudget(refused[s.Name]) })
	ops := slices.DeleteFunc(x.ops(x.confine(specs, make(map[string]error))), func(op astar.Op) bool {
		err := x.ruledOut[op.Call.ID()]
		return err != nil && !overBudget(err)
	})
	res, err := astar.Search(ctx, astar.Problem{Ops: ops, Held: slices.Sorted(maps.Keys(x.base)), Alpha: x.job.Alpha, Threshold: x.job.Threshold})
	if err != nil {
		return nil
	}
	var dear []error
	for _, op := range res.Path {
		if err := x.afford(x.spec(op.Call.Tool)); err != nil {
			dear = append(dear, err)
		}
	}
	return dear
}

// measured is what a step cost in the unit of the estimates: its seconds
// against the machine's pace, and the money that a fresh run takes.
func (x *execution) measured(s *step, op *astar.Op) float64 {
	money := s.spec.Cost.USD * x.job.secondsPerUSD()
	return x.pace.fair(s.cost, max(edit.MinSeconds, op.Cost-money)) + money
}
