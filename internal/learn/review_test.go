package learn

import (
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/simworld"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// What a person rejects counts for more than the judge's word: the call that made it
// is expected to do less well, though the judge was content dozens of times, the same
// request is searched anew, and the trace says so to who mines.
func TestAPersonOutweighsTheJudge(t *testing.T) {
	l := pupil(t, 60)
	e := l.Engine
	job := agent.Job{Image: simworld.Picture(7), Alpha: 1, Threshold: 0.8, Plan: edit.Plan{Request: "wipe", Subtasks: []edit.Subtask{{ID: 1, Task: "wipe"}}}}
	run := func() (r edit.SubtaskReport, expected float64) {
		t.Helper()
		out, err := e.Run(t.Context(), job, func(ev edit.Event) {
			if ev.Type == edit.EventSearched {
				expected = ev.Quality
			}
		})
		if err != nil || out.Summary.Subtasks[0].Status != edit.StatusDone {
			t.Fatalf("%v: %+v", err, out.Summary)
		}
		return out.Summary.Subtasks[0], expected
	}
	first, before := run()
	for range 5 {
		r, _ := run()
		if err := e.Review(t.Context(), []edit.SubtaskReport{r}, false, "smudged"); err != nil {
			t.Fatal(err)
		}
	}
	if _, after := run(); after > before-0.1 {
		t.Errorf("rejected five times, %v is expected to be as good as %.2f, after %.2f", first.Toolpath, after, before)
	}
	rejected := 0
	if _, err := l.each(t.Context(), "wipe", func(tr store.Trace) {
		if tr.Review == store.Fail && tr.Opinion == "smudged" && tr.Quality == 0 && tr.Steps[len(tr.Steps)-1].Verdict == store.Fail {
			rejected++
		}
	}); err != nil || rejected != 5 {
		t.Fatalf("%d traces say that they were rejected, %v", rejected, err)
	}
}

// A rejected result speaks against the subroutine that led to it.
func TestARejectedResultSpeaksAgainstItsSubroutine(t *testing.T) {
	l := pupil(t, 120)
	s := verify(t, l, propose(t, l, "wipe", "quick", "ground in {plain}").ID, 1e9).Subroutine
	if s.State != subroutines.Active {
		t.Fatalf("it is %s", s.State)
	}
	before := s.Total().Pass
	report := edit.SubtaskReport{ID: 1, Task: "wipe", Status: edit.StatusDone, Toolpath: []string{"quick"}, Via: "subroutine", Subroutine: s.ID}
	for range 3 {
		if err := l.Engine.Review(t.Context(), []edit.SubtaskReport{report}, false, ""); err != nil {
			t.Fatal(err)
		}
	}
	s, err := l.Engine.Subroutines.Get(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after := s.Total().Pass; !(after.Mean() < before.Mean()) || s.State != subroutines.Suspended {
		t.Errorf("its pass rate went from %.2f to %.2f, and it is %s", before.Mean(), after.Mean(), s.State)
	}
}
