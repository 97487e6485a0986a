package agent

import (
	"fmt"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
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
	most, spent := x.job.MaxUSD, x.out.Summary.USD
	const cent = 1e-9 // sums of prices are off by rounding
	if most == nil || spec.Cost.USD <= 0 || spent+spec.Cost.USD <= *most+cent {
		return nil
	}
	return &BudgetError{Tool: spec.Name, USD: spec.Cost.USD, Spent: spent, Max: *most}
}

// measured is what a step cost in the unit of the estimates: its seconds
// against the machine's pace, and the money that a fresh run takes.
func (x *execution) measured(s *step, op *astar.Op) float64 {
	money := s.spec.Cost.USD * x.job.secondsPerUSD()
	return x.pace.fair(s.cost, max(edit.MinSeconds, op.Cost-money)) + money
}
