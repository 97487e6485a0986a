package simworld_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/simworld"
	"pentimento/internal/tools"
)

func TestDraw(t *testing.T) {
	w := simworld.Published()
	requests := w.Draw(1, 1000)
	if !reflect.DeepEqual(requests[:10], w.Draw(1, 10)) || reflect.DeepEqual(requests[:10], w.Draw(2, 10)) {
		t.Error("requests do not follow the seed")
	}
	subtasks, text := 0, 0
	for _, q := range requests {
		subtasks += len(q.Plan.Subtasks)
		objects := make(map[string]bool)
		about := false
		for _, st := range q.Plan.Subtasks {
			if objects[st.Object] {
				t.Errorf("%s has the object %q twice", q.Plan.Request, st.Object)
			}
			if st.Object != "" {
				objects[st.Object] = true
			}
			about = about || slices.ContainsFunc(w.Requests.TextTasks, func(s simworld.TaskShare) bool { return s.Task == st.Task })
		}
		if about {
			text++
		}
	}
	// 550 manipulations in 121 requests.
	if mean := float64(subtasks) / 1000; math.Abs(mean-4.55) > 0.2 {
		t.Errorf("%v subtasks a request, want 4.55", mean)
	}
	if text < 200 || text > 400 {
		t.Errorf("%d of 1000 requests are about text", text)
	}
}

// attempt is one subtask done by a search on the world's runner.
type attempt struct {
	*simworld.Runner
	held  map[string]edit.Artifact
	steps []map[string]edit.Artifact // by step: what it made, by slot
}

func (a *attempt) step(ctx context.Context, _ int, s astar.Step) (astar.Measured, error) {
	specs := simworld.Specs()
	spec := specs[slices.IndexFunc(specs, func(d edit.ToolSpec) bool { return d.Name == s.Op.Call.Tool })]
	req := tools.Request{Spec: &spec, Inputs: make(map[string]edit.Artifact)}
	for _, p := range spec.Inputs {
		req.Inputs[p.Name] = a.held[p.Slot()]
		if n, ok := s.Inputs[p.Slot()]; ok {
			req.Inputs[p.Name] = a.steps[n][p.Slot()]
		}
	}
	before := a.Clock.Elapsed()
	resp, err := a.Run(ctx, req)
	if err != nil {
		return astar.Measured{}, err
	}
	made := make(map[string]edit.Artifact)
	for _, p := range spec.Outputs {
		made[p.Slot()] = resp.Outputs[p.Name]
	}
	a.steps = append(a.steps, made)
	v, err := a.Judge(ctx, judge.Judge{}, judge.Step{Spec: &spec, Outputs: made})
	m := astar.Measured{Cost: (a.Clock.Elapsed() - before).Seconds(), Quality: v.Score}
	if !v.Pass {
		m.Failed = errors.New(v.Reason)
	}
	return m, err
}

// search does one subtask by one of the searches, and returns its seconds and whether it was done.
func search(t *testing.T, r *simworld.Runner, q simworld.Request, st edit.Subtask, alpha float64, eager bool) (seconds float64, done bool) {
	t.Helper()
	a := &attempt{Runner: r, held: map[string]edit.Artifact{edit.SlotImage: simworld.Picture(q.Picture)}}
	p := astar.Problem{Ops: astar.Build(simworld.Specs(), st.Task, astar.Priors(st.Task, 0)), Held: []string{edit.SlotImage}, Alpha: alpha}
	if st.Object != "" {
		a.held[edit.SlotObject] = edit.Text(st.Object)
		p.Held = append(p.Held, edit.SlotObject)
	}
	before := r.Clock.Elapsed()
	var err error
	if eager {
		var res astar.EagerResult
		res, err = astar.Eager(context.Background(), p, a.step)
		seconds = res.Seconds
	} else {
		p.Threshold = judge.PassMark
		_, err = astar.Lazy(context.Background(), p, astar.LazyOptions{Alike: true, Sunk: true, MaxFailed: 3}, a.step)
		seconds = (r.Clock.Elapsed() - before).Seconds()
	}
	if err != nil && !errors.Is(err, edit.ErrNoPath) && !errors.Is(err, astar.ErrTooManyRuns) {
		t.Fatal(err)
	}
	if clock := (r.Clock.Elapsed() - before).Seconds(); math.Abs(seconds-clock) > 1e-6 {
		t.Errorf("%s: %v s, the clock says %v", st.Task, seconds, clock)
	}
	return seconds, err == nil
}

// In the published world lazy execution spends less than the published control
// flow at every α, and completes what that completes.
func TestLazySpendsLessThanEager(t *testing.T) {
	w := simworld.Published()
	for _, alpha := range []float64{0, 1, 2} {
		var lazy, eager float64
		more, less := 0, 0
		for _, q := range w.Draw(1, 60) {
			for _, st := range q.Plan.Subtasks {
				l, lDone := search(t, simworld.NewRunner(1, w.Assume(0.5)), q, st, alpha, false)
				e, eDone := search(t, simworld.NewRunner(1, w.Assume(0.5)), q, st, alpha, true)
				lazy, eager = lazy+l, eager+e
				if eDone && !lDone {
					t.Errorf("%s of %s: only the eager search completes it", st.Task, q.Plan.Request)
				}
				if l > 1.001*e {
					more++
				} else if e > 1.001*l {
					less++
				}
			}
		}
		t.Logf("α=%v: lazy %.0f s, eager %.0f s, ratio %.2f; %d subtasks cost less, %d more", alpha, lazy, eager, lazy/eager, less, more)
		if lazy > 0.9*eager || less < more {
			t.Errorf("α=%v: lazy spends %v of eager, less in %d subtasks and more in %d", alpha, lazy/eager, less, more)
		}
	}
}
