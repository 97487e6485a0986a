package learn

import (
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/simworld"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// Traces that contradict themselves or the others change nothing of what is
// learned for sure, stop no study, and no edit.
func TestPoisonedTracesStopNothing(t *testing.T) {
	l := pupil(t, 60)
	good := store.Step{Call: "quick", Tool: "quick", Seconds: 0.001, Final: true, Judgement: store.Judgement{Quality: 1, Verdict: store.Pass}}
	loop, stranger, liar := good, good, good
	loop.Inputs = []int{0, 7, -1}
	stranger.Tool, stranger.Call = "warp-drive", "warp-drive"
	liar.Judgement = store.Judgement{Quality: 17, Verdict: "splendid"}
	kept := 0
	for n, steps := range [][]store.Step{{loop}, {stranger}, {liar}, {good, good}, nil} {
		_, err := l.Engine.Store.AddTrace(t.Context(), store.Trace{
			Time: l.Now(), Request: "wipe", Picture: "nowhere", Subtask: edit.Subtask{ID: n, Task: "wipe"}, Alpha: 1, Threshold: 0.8,
			Features: map[string]any{"ground": []any{"plain"}, "": map[string]any{}}, Outcome: edit.StatusDone, Quality: 1, Seconds: -3, Steps: steps,
		})
		if err == nil {
			kept++
		}
	}
	if kept == 0 {
		t.Fatal("the store took none of them, so it shows nothing")
	}
	if _, err := l.Explore(t.Context(), 50); err != nil {
		t.Error(err)
	}
	if _, err := l.Mine(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if _, err := l.VerifyPending(t.Context(), 50); err != nil {
		t.Error(err)
	}
	all, err := l.Engine.Subroutines.List(t.Context(), subroutines.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if err := s.Check(); err != nil || s.Path[0].Tool == "warp-drive" && s.State == subroutines.Active {
			t.Errorf("%s is %s (%v)", s.Path, s.State, err)
		}
	}
	out, err := l.Engine.Run(t.Context(), agent.Job{Image: simworld.Picture(5000), Plan: edit.Plan{Subtasks: []edit.Subtask{{ID: 1, Task: "wipe"}}}, Alpha: 1, Threshold: 0.8}, nil)
	if err != nil || out.Summary.Subtasks[0].Status != edit.StatusDone {
		t.Errorf("an edit ended with %v (%v)", out.Summary.Subtasks, err)
	}
}

// Where a person pointed at the place nothing can be repeated, which is said.
func TestPointedAttemptsAreSkipped(t *testing.T) {
	l := pupil(t, 0)
	if _, err := l.Engine.Store.AddTrace(t.Context(), store.Trace{
		Time: l.Now(), Request: "wipe", Picture: "p", Shown: true, Subtask: edit.Subtask{ID: 1, Task: "wipe"}, Alpha: 1, Threshold: 0.8,
		Features: map[string]any{"ground": "plain"}, Outcome: edit.StatusDone, Quality: 0.9, Seconds: 4,
		Steps: []store.Step{{Call: "sure", Tool: "sure", Seconds: 4, Final: true, Judgement: store.Judgement{Quality: 0.9, Verdict: store.Pass}}},
	}); err != nil {
		t.Fatal(err)
	}
	var told []string
	l.Pair = func(p Pair) { told = append(told, p.Skipped) }
	v := verify(t, l, propose(t, l, "wipe", "quick", "ground in {plain}").ID, 1e9)
	if v.Trial.Pairs != 0 || v.Skipped != 1 || len(told) != 1 || told[0] != pointed {
		t.Errorf("%d pairs, %d skipped, told %q", v.Trial.Pairs, v.Skipped, told)
	}
	if spent, err := l.Explore(t.Context(), 1e9); err != nil || spent != 0 {
		t.Errorf("%v s were spent on it (%v)", spent, err)
	}
}
