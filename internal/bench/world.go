package bench

import (
	"context"
	"fmt"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/simworld"
)

// WorldOptions says what is measured in the simulated world.
type WorldOptions struct {
	Requests int   // measured requests, at least 1
	Warm     int   // requests that the learned arm has seen before
	Seed     int64 // of requests, pictures and noise
	// Alphas are the values of the dial; empty means 0, 0.5, 1, 1.5 and 2.
	Alphas []float64
}

// The arms of a comparison, in the order they are shown.
const (
	ArmEager   = "eager"   // the published control flow, on the docs' estimates
	ArmCold    = "cold"    // ours, on the docs' estimates
	ArmLearned = "learned" // ours, on what it learned from the requests before
)

func arms() []string { return []string{ArmEager, ArmCold, ArmLearned} }

// WorldCell is one setting: a value of the dial and an assumed quality of steps
// whose conditions do not hold.
type WorldCell struct {
	Event   string              `json:"event"` // always "row"
	Alpha   float64             `json:"alpha"`
	Assumed float64             `json:"assumed"`
	Arms    map[string]WorldArm `json:"arms"`
	// Ratio is tool seconds over those of the eager arm, by arm.
	Ratio map[string]float64 `json:"ratio"`
	// More lists the requests on which an arm of ours spent more than the eager one.
	More []WorldMore `json:"more"`
}

// WorldArm is what one arm did in a cell.
type WorldArm struct {
	ToolSeconds float64 `json:"tool_seconds"`
	Wasted      float64 `json:"wasted_seconds"` // on calls whose result was not used
	ToolRuns    int     `json:"tool_runs"`
	Quality     float64 `json:"quality"`      // mean over subtasks as judged, 0 where one failed
	True        float64 `json:"true_quality"` // the same by the simulator, without the noise of judging
	Failed      int     `json:"failed"`       // subtasks
	Subtasks    int     `json:"subtasks"`
}

func (a *WorldArm) add(r worldRun) {
	a.ToolSeconds += r.summary.ToolSeconds
	a.Wasted += r.summary.WastedSeconds
	a.ToolRuns += r.summary.ToolRuns
	for _, s := range r.subtasks {
		n := float64(a.Subtasks)
		a.Quality, a.True = (a.Quality*n+s.Quality)/(n+1), (a.True*n+s.truth)/(n+1)
		a.Subtasks++
		if s.Status != edit.StatusDone {
			a.Failed++
		}
	}
}

// WorldMore is a request on which ours spent more.
type WorldMore struct {
	Request string  `json:"request"`
	Arm     string  `json:"arm"`
	Seconds float64 `json:"seconds"`
	Eager   float64 `json:"eager_seconds"`
	Reason  string  `json:"reason"`
}

// RunWorld measures the search of the agent beside the published control flow,
// on the same simulated tools, requests and judge. row is told each cell when it is done.
func RunWorld(ctx context.Context, opts WorldOptions, row func(WorldCell)) (WorldReport, error) {
	if opts.Requests < 1 || opts.Warm < 0 {
		return WorldReport{}, fmt.Errorf("%d requests after %d: at least one is needed", opts.Requests, opts.Warm)
	}
	if len(opts.Alphas) == 0 {
		opts.Alphas = []float64{0, 0.5, 1, 1.5, 2}
	}
	if row == nil {
		row = func(WorldCell) {}
	}
	world := simworld.Published()
	report := WorldReport{Event: "done", Requests: opts.Requests, Warm: opts.Warm}
	for _, otherwise := range world.Assumed.Otherwise {
		for _, alpha := range opts.Alphas {
			cell, err := runCell(ctx, opts, alpha, otherwise)
			if err != nil {
				return WorldReport{}, err
			}
			row(cell)
			report.add(cell)
		}
	}
	return report, nil
}

// runCell runs all arms of a cell.
func runCell(ctx context.Context, opts WorldOptions, alpha, otherwise float64) (cell WorldCell, err error) {
	cell = WorldCell{Event: "row", Alpha: alpha, Assumed: otherwise, Arms: make(map[string]WorldArm), Ratio: make(map[string]float64), More: []WorldMore{}}
	world := simworld.Published()
	requests := world.Draw(opts.Seed, opts.Warm+opts.Requests)
	var eager []worldRun
	for _, arm := range arms() {
		d := &worldDriver{alpha: alpha, search: agent.SearchLazy}
		measured := requests[opts.Warm:]
		switch arm {
		case ArmEager:
			d.search = agent.SearchEager
		case ArmLearned:
			done, err := d.remember(ctx)
			if err != nil {
				return cell, err
			}
			defer done()
			measured = requests
		}
		var total WorldArm
		for i, q := range measured {
			d.runner = world.NewRunner(opts.Seed, world.Assume(otherwise))
			run, err := d.run(ctx, q)
			if err != nil {
				return cell, err
			}
			n := i - (len(measured) - opts.Requests)
			switch {
			case n < 0: // it only learns
				continue
			case arm == ArmEager:
				eager = append(eager, run)
			case run.summary.ToolSeconds > eager[n].summary.ToolSeconds*(1+1e-9):
				cell.More = append(cell.More, more(q.Plan.Request, arm, run, eager[n]))
			}
			total.add(run)
		}
		cell.Arms[arm] = total
		cell.Ratio[arm] = total.ToolSeconds / cell.Arms[ArmEager].ToolSeconds
	}
	return cell, nil
}
