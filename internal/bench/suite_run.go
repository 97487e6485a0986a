package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/scene"
)

// SuiteOptions say how a suite is run.
type SuiteOptions struct {
	Alpha  float64 // of settings that name none
	Repeat int     // rounds, at least 1; each begins with nothing remembered
	// Run is told every edit as it ends; may be nil.
	Run func(SuiteRun)
	// Started is told what comes next, and of how many; may be nil.
	Started func(done, total int, setting, request string)
}

// SuiteCall is a tool that ran in an edit, or whose result was at hand.
type SuiteCall struct {
	Call    string  `json:"call"`
	Seconds float64 `json:"seconds"` // without loading
	Cached  bool    `json:"cached,omitempty"`
	Failed  string  `json:"failed,omitempty"` // why its result was dropped
}

// SuiteRun is one edit under one setting.
type SuiteRun struct {
	Event         string      `json:"event"` // always "run"
	Setting       string      `json:"setting"`
	Round         int         `json:"round"` // from 1
	Edit          int         `json:"edit"`  // from 1, in the suite
	Image         string      `json:"image"`
	Request       string      `json:"request"`
	Failures      []string    `json:"failures,omitempty"` // one for each subtask that was not done, or for the edit as a whole
	Quality       float64     `json:"quality"`
	ToolSeconds   float64     `json:"tool_seconds"`
	WastedSeconds float64     `json:"wasted_seconds"`
	JudgeSeconds  float64     `json:"judge_seconds"`
	LoadSeconds   float64     `json:"load_seconds"`
	WallSeconds   float64     `json:"wall_seconds"` // decode, search, tools, judge, encode
	CPUSeconds    float64     `json:"cpu_seconds"`  // of the same, summed over cores; 0 where that is not told
	ToolRuns      int         `json:"tool_runs"`
	CacheHits     int         `json:"cache_hits"`
	Toolpaths     []string    `json:"toolpaths"` // one for each subtask
	Calls         []SuiteCall `json:"calls"`
}

// suite is the state of one run of a suite.
type suite struct {
	Suite
	kit  *agent.Kit
	opts SuiteOptions
	dir  string // of all that is made on the way
	runs []SuiteRun
}

// RunSuite carries out every edit of a suite under all of its settings, with
// the docs and models of kit. The settings take turns edit by edit, the first
// of them another each time, each with an empty folder of its own to remember
// in. An edit that fails is a result too. The error is for what stops the
// suite; when that is ctx, the report still holds the edits that all settings finished.
func RunSuite(ctx context.Context, kit *agent.Kit, s Suite, opts SuiteOptions) (SuiteReport, error) {
	dir, err := os.MkdirTemp("", "pentimento-suite-")
	if err != nil {
		return SuiteReport{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r := &suite{Suite: s, kit: kit, opts: opts, dir: dir}
	if err := r.makeScenes(ctx); err != nil {
		return SuiteReport{}, err
	}
	warm, err := kit.Warm(ctx)
	if err != nil {
		return SuiteReport{}, err
	}
	for round := range opts.Repeat {
		if err = r.round(ctx, round); err != nil {
			break
		}
	}
	report := r.report()
	report.WarmSeconds = warm
	return report, err
}

// makeScenes draws the example pictures that the suite names.
func (r *suite) makeScenes(ctx context.Context) error {
	r.Edits = slices.Clone(r.Edits)
	for i := range r.Edits {
		w, h, ok := sceneSize(r.Edits[i].Image)
		if !ok {
			continue
		}
		path := filepath.Join(r.dir, fmt.Sprintf("scene-%dx%d.png", w, h))
		r.Edits[i].Image = path
		if _, err := os.Stat(path); err == nil {
			continue
		}
		img, _ := scene.Render(w, h, 1)
		if err := imageio.Save(ctx, path, img, imageio.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// round runs all edits once, every setting with an empty memory of its own.
func (r *suite) round(ctx context.Context, round int) error {
	kits := make([]*agent.Kit, len(r.Settings))
	for i := range r.Settings {
		kits[i] = r.kit.Fork(filepath.Join(r.dir, fmt.Sprintf("data-%d-%d", round, i)))
		kits[i].Options.Forget = r.Settings[i].NoMemory
		defer func() { _ = kits[i].Forget() }()
	}
	n := len(r.Settings)
	for e := range r.Edits {
		for turn := range n {
			i := (e + round + turn) % n
			if r.opts.Started != nil {
				r.opts.Started(len(r.runs), n*len(r.Edits)*r.opts.Repeat, r.Settings[i].Name, r.Edits[e].Request)
			}
			run := r.run(ctx, kits[i], &r.Settings[i], e)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			run.Round = round + 1
			r.runs = append(r.runs, run)
			if r.opts.Run != nil {
				r.opts.Run(run)
			}
		}
	}
	return nil
}

// run carries out one edit under one setting.
func (r *suite) run(ctx context.Context, kit *agent.Kit, s *SuiteSetting, e int) SuiteRun {
	task := &r.Edits[e]
	run := SuiteRun{Event: "run", Setting: s.Name, Edit: e + 1, Image: filepath.Base(task.Image), Request: task.Request, Toolpaths: []string{}, Calls: []SuiteCall{}}
	start, busy := kit.Engine.Now(), cpuSeconds(kit)
	out, err := kit.EditFile(ctx, task.job(s, r.opts.Alpha), run.note)
	run.WallSeconds, run.CPUSeconds = kit.Engine.Now().Sub(start).Seconds(), cpuSeconds(kit)-busy
	sum := &out.Summary
	if err != nil {
		run.Failures = append(run.Failures, err.Error())
	}
	for _, t := range sum.Subtasks {
		if t.Status != edit.StatusDone {
			run.Failures = append(run.Failures, fmt.Sprintf("%s: %s", t.Status, t.Reason))
		}
		run.Toolpaths = append(run.Toolpaths, strings.Join(t.Toolpath, " → "))
	}
	run.Quality, run.ToolSeconds, run.WastedSeconds = sum.Quality, sum.ToolSeconds, sum.WastedSeconds
	run.JudgeSeconds, run.LoadSeconds, run.ToolRuns, run.CacheHits = sum.JudgeSeconds, sum.LoadSeconds, sum.ToolRuns, sum.CacheHits
	return run
}

// cpuSeconds is how long the program has been computing.
func cpuSeconds(kit *agent.Kit) float64 {
	if kit.Engine.CPU == nil {
		return 0
	}
	return kit.Engine.CPU()
}

// note keeps from the events of an edit what each call took and why it was dropped.
func (r *SuiteRun) note(e edit.Event) {
	switch e.Type {
	case edit.EventStepFinished:
		r.Calls = append(r.Calls, SuiteCall{Call: e.Call, Seconds: e.Seconds, Cached: e.Cached, Failed: e.Error})
	case edit.EventJudged:
		if n := len(r.Calls) - 1; !e.Passed && n >= 0 && r.Calls[n].Call == e.Call {
			r.Calls[n].Failed = e.Message
		}
	default:
	}
}
