package bench

import (
	"context"
	"os"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/simworld"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/tools"
)

// worldDriver drives requests through the agent.
type worldDriver struct {
	alpha  float64
	search string
	world  *simworld.World // nil: the published one
	runner *simworld.Runner
	store  *store.Store              // nil: nothing is learned
	table  *subroutines.Table        // nil: every subtask goes the slow way
	rules  []*subroutines.Subroutine // not nil: the rules to take, in place of the table's
	judged worldCall                 // the latest
	fresh  bool                      // and not told of yet; else the verdict is one from before, in seen
	seen   map[string]worldCall      // by call and subtask, of the present request: what was judged
}

// remember gives the driver a store of its own; done throws it away.
func (d *worldDriver) remember(ctx context.Context) (done func(), err error) {
	dir, err := os.MkdirTemp(memoryDir(), "pentimento-world-")
	if err != nil {
		return nil, err
	}
	d.store, err = store.Open(ctx, dir, store.Options{})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return func() {
		_ = d.store.Close() // nothing in it is wanted any more
		_ = os.RemoveAll(dir)
	}, nil
}

// memoryDir is a folder in memory where there is one, else "".
func memoryDir() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// worldRun is one request as one arm did it.
type worldRun struct {
	summary  edit.Summary
	subtasks []worldSubtask
}

// worldSubtask is one subtask of it.
type worldSubtask struct {
	edit.SubtaskReport
	truth float64 // quality of what was kept, without noise; 0 where it failed
	tried []worldCall
	good  map[string]worldCall // by call: the best completing one that passed
}

// worldCall is one call that ran.
type worldCall struct {
	call      string
	seconds   float64
	failed    bool
	completes bool
	quality   float64 // judged
	truth     float64 // without noise
}

// engine is the agent on the simulated tools.
func (d *worldDriver) engine() *agent.Engine {
	world := d.world
	if world == nil {
		world = simworld.Published()
	}
	return &agent.Engine{
		Specs: world.Specs(), Runners: map[string]tools.Runner{simworld.Kind: d.runner}, Now: d.runner.Clock.Now, Store: d.store, Subroutines: d.table,
		Fingerprint: func(context.Context, *edit.ToolSpec) (string, error) { return simworld.Kind, nil },
		CPU:         func() float64 { return d.runner.Clock.Elapsed().Seconds() },
		Features: func(img *pixel.Image, st edit.Subtask) (features.Set, error) {
			all, err := d.runner.Features(img, st.Object)
			set := make(map[string]features.Value, len(all))
			for name, v := range all {
				set[name] = features.Value{Type: features.Category, Category: v}
			}
			return features.FromMap(set), err
		},
		Judge: func(ctx context.Context, j judge.Judge, s judge.Step) (judge.Verdict, error) {
			v, err := d.runner.Judge(ctx, j, s)
			if err == nil {
				d.judged, d.fresh = worldCall{completes: s.Completes, quality: v.Score, truth: d.runner.Truth(s.Outputs)}, true
			}
			return v, err
		},
	}
}

// run carries out one request.
func (d *worldDriver) run(ctx context.Context, q simworld.Request) (worldRun, error) {
	out := worldRun{subtasks: make([]worldSubtask, len(q.Plan.Subtasks))}
	byID, asked := make(map[int]*worldSubtask), make(map[int]string)
	d.seen, d.fresh = make(map[string]worldCall), false
	for i, st := range q.Plan.Subtasks {
		byID[st.ID], asked[st.ID] = &out.subtasks[i], st.Task+" "+st.Object
		out.subtasks[i].good = make(map[string]worldCall)
	}
	engine := d.engine()
	job := agent.Job{Image: simworld.Picture(q.Picture), Plan: q.Plan, Alpha: d.alpha, Threshold: judge.PassMark, Search: d.search, Rules: d.rules}
	outcome, err := engine.Run(ctx, job, func(e edit.Event) {
		s := byID[e.Subtask]
		if e.Type == edit.EventStepFinished {
			s.tried = append(s.tried, worldCall{call: e.Call, seconds: e.Seconds, failed: e.Error != ""})
		}
		if e.Type == edit.EventJudged {
			last := &s.tried[len(s.tried)-1]
			about := asked[e.Subtask] + " " + last.call
			if !d.fresh {
				d.judged = d.seen[about]
			}
			d.seen[about], d.fresh = d.judged, false
			d.judged.call, d.judged.seconds, d.judged.failed = last.call, last.seconds, !e.Passed
			*last = d.judged
			if e.Passed && last.completes && last.quality >= s.good[e.Call].quality {
				s.good[e.Call] = *last
			}
		}
	})
	if err != nil {
		return out, err
	}
	out.summary = outcome.Summary
	for _, report := range outcome.Summary.Subtasks {
		s := byID[report.ID]
		s.SubtaskReport = report
		if n := len(report.Toolpath); report.Status == edit.StatusDone && n > 0 {
			s.truth = s.good[report.Toolpath[n-1]].truth
		}
	}
	return out, nil
}
