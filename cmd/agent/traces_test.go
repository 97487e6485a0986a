package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/store"
)

// addTraces is a command for scripts: it fills the store with 300 traces, of which every third failed.
func addTraces() { fill(300, failing) }

// fill is a command for scripts: it stores n traces.
func fill(n int, trace func(i int) store.Trace) {
	err := func() error {
		dirs, err := config.Find(os.Getenv)
		if err != nil {
			return err
		}
		st, err := store.Open(context.Background(), dirs.Data, store.Options{})
		if err != nil {
			return err
		}
		defer func() { _ = st.Close() }()
		for i := range n {
			if _, err := st.AddTrace(context.Background(), trace(i)); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func failing(i int) store.Trace {
	t := store.Trace{
		Time: time.Date(2026, 11, 23, 12, 0, i, 0, time.UTC), Request: "remove the bench", Picture: "b", Origin: "a", Shown: true,
		Subtask: edit.Subtask{ID: 1, Task: "object-removal", Object: "bench"}, Features: map[string]any{"object_area": .25},
		Alpha: 1, Threshold: .6, Outcome: edit.StatusDone, Quality: .9, Seconds: 2,
		Steps: []store.Step{
			{Call: "seek", Tool: "seek", Megapixels: 1, Seconds: .5, LoadSeconds: .25, Final: true, Judgement: store.Judgement{Quality: store.Unmeasured()}},
			{Call: "fill", Tool: "fill", Inputs: []int{0}, Seconds: 1, Judgement: store.Judgement{Quality: .3, Verdict: store.Fail, Scores: map[string]store.Real{"seam": .3}, Reason: "a seam shows"}},
			{Call: "fill#1", Tool: "fill", Variant: 1, Inputs: []int{0}, Cached: true, Final: true, Judgement: store.Judgement{Quality: .9, Verdict: store.Pass}},
			{Call: "fill#2", Tool: "fill", Variant: 2, Error: "out of memory", Judgement: store.Judgement{Quality: store.Unmeasured()}},
		},
	}
	if i%3 == 0 {
		t.Outcome, t.Reason, t.Quality = edit.StatusFailed, "no path is left", store.Unmeasured()
	}
	return t
}

// addMixed stores traces in which a cheap fill passes on plain ground only, and
// a dear one everywhere; scripts run it as "addmixed".
func addMixed() { fill(120, mixed) }

func mixed(i int) store.Trace {
	plain := i%2 == 0
	ground := map[bool]string{true: "plain", false: "complex"}[plain]
	cheap := store.Step{Call: "pushpull-fill", Tool: "pushpull-fill", Seconds: 1, FreeCore: true, Megapixels: 1, Final: plain, Judgement: store.Judgement{Quality: .93, Verdict: store.Pass}}
	steps := []store.Step{cheap}
	seconds := 1.0
	if !plain {
		steps[0].Judgement = store.Judgement{Quality: .3, Verdict: store.Fail}
		seconds = 9
	}
	if i%3 == 0 || !plain { // a third of the plain ones went the dear way at once
		dear := store.Step{Call: "patchmatch-inpaint", Tool: "patchmatch-inpaint", Seconds: 8, FreeCore: true, Megapixels: 1, Final: true, Judgement: store.Judgement{Quality: .93, Verdict: store.Pass}}
		if plain {
			steps, seconds = nil, 8
		}
		steps = append(steps, dear)
	}
	return store.Trace{
		Time: time.Date(2026, 11, 23, 12, 0, i, 0, time.UTC), Request: "remove the bench", Picture: fmt.Sprint("picture ", i),
		Subtask: edit.Subtask{ID: 1, Task: "object-removal", Object: "bench"}, Features: map[string]any{"around-ground": ground, "object-area-share": .05},
		Alpha: 1, Threshold: .8, Outcome: edit.StatusDone, Quality: .93, Seconds: seconds, Steps: steps,
	}
}
