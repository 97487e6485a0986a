package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/store"
	"pentimento/internal/tools"
)

// The eager search runs both detectors and both erasers where the lazy one runs
// three calls, and what it ran for nothing is in the ledger.
func TestEagerRunsWhateverCanFollow(t *testing.T) {
	ledger := make(map[string]edit.Summary)
	for _, search := range []string{SearchLazy, SearchEager} {
		specs, f := two()
		e := engine(specs, f)
		now := time.Unix(0, 0)
		e.Now = func() time.Time { now = now.Add(time.Second); return now } // a second between two looks
		e.Judge = scores(nil)
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Search = search
		got, err := e.Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := got.Summary
		ledger[search] = s
		if s.Subtasks[0].Status != edit.StatusDone || !got.Edited || len(f.ran) != s.ToolRuns {
			t.Errorf("%s: %+v after %v", search, s, f.ran)
		}
		if used := float64(len(s.Subtasks[0].Toolpath)); s.ToolSeconds != float64(s.ToolRuns) || s.WastedSeconds != s.ToolSeconds-used {
			t.Errorf("%s: %d runs in %v s, %v s wasted, with %v", search, s.ToolRuns, s.ToolSeconds, s.WastedSeconds, s.Subtasks[0].Toolpath)
		}
		for _, tool := range []string{"sharp", "weak", "masker", "eraser", "eraser-two"} {
			if search == SearchEager && !slices.Contains(f.ran, tool) {
				t.Errorf("eager: %s did not run: %v", tool, f.ran)
			}
		}
	}
	if lazy, eager := ledger[SearchLazy], ledger[SearchEager]; lazy.ToolRuns != 3 || eager.ToolRuns <= 3 {
		t.Errorf("lazy %d runs, eager %d", lazy.ToolRuns, eager.ToolRuns)
	}
}

// It neither uses nor leaves results, estimates and traces: a repeated request runs all of it again.
func TestEagerRemembersNothing(t *testing.T) {
	dir := t.TempDir()
	specs, f := two()
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	if _, err := remembering(t, dir, specs, f).Run(context.Background(), j, nil); err != nil {
		t.Fatal(err)
	}
	j.Search = SearchEager
	e := remembering(t, dir, specs, f)
	var first []string
	for range 2 {
		f.ran = nil
		got, err := e.Run(context.Background(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Summary.CacheHits != 0 || first != nil && !slices.Equal(f.ran, first) {
			t.Errorf("ran %v with %d results at hand, before %v", f.ran, got.Summary.CacheHits, first)
		}
		first = slices.Clone(f.ran)
	}
	traces, err := e.Store.Traces(context.Background(), store.Filter{})
	if err != nil || len(traces) != 1 {
		t.Errorf("%d traces (%v), want that of the lazy search alone", len(traces), err)
	}
}

// A detector that finds nothing is dropped as that call; the subtask ends with
// it only where no other finds the object.
func TestEagerDropsWhatFails(t *testing.T) {
	notFound := func(tools.Request) (tools.Response, error) {
		return tools.Response{}, &edit.NotFoundError{Phrase: "dog"}
	}
	for name, tc := range map[string]struct {
		change func(*fakeRunner)
		status edit.Status
	}{
		"one detector": {func(f *fakeRunner) { f.do["sharp"] = notFound }, edit.StatusDone},
		"both":         {func(f *fakeRunner) { f.do["sharp"], f.do["weak"] = notFound, notFound }, edit.StatusNotFound},
		"an eraser": {func(f *fakeRunner) {
			f.do["eraser"] = func(tools.Request) (tools.Response, error) { return tools.Response{}, errors.New("broken") }
		}, edit.StatusDone},
	} {
		specs, f := two()
		tc.change(f)
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Search = SearchEager
		got, err := engine(specs, f).Run(context.Background(), j, nil)
		if err != nil || got.Summary.Subtasks[0].Status != tc.status {
			t.Errorf("%s: %+v (%v), want %s", name, got.Summary.Subtasks, err, tc.status)
		}
	}
}

func TestSearchIsRefusedWhereItMakesNoSense(t *testing.T) {
	specs, f := world()
	for want, change := range map[string]func(*Job){
		"none of":   func(j *Job) { j.Search = "greedy" },
		"frozen":    func(j *Job) { j.Search, j.Frozen = SearchEager, true },
		"imperfect": func(j *Job) { j.Search, j.AcceptBest = SearchEager, true },
		"picked":    func(j *Job) { j.Search, j.Picked = SearchEager, map[int][]string{} },
		"dry run":   func(j *Job) { j.Search, j.DryRun = SearchEager, true },
		"replay":    func(j *Job) { j.Search, j.Pinned = SearchEager, map[int][]Trail{} },
	} {
		j := job(edit.Subtask{Task: "tone"})
		change(&j)
		_, err := engine(specs, f).Run(context.Background(), j, nil)
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if len(f.ran) != 0 {
		t.Errorf("ran %v", f.ran)
	}
}
