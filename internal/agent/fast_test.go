package agent

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// ruled is an engine with a store that holds one active subroutine: erase with
// the second eraser, where rule holds.
func ruled(t *testing.T, when ...string) (*Engine, *fakeRunner) {
	t.Helper()
	specs, f := two()
	e := remembering(t, t.TempDir(), specs, f)
	e.Subroutines = &subroutines.Table{Store: e.Store}
	s := &subroutines.Subroutine{
		ID: "r1", Task: "remove", Version: 1, State: subroutines.Active,
		Path: subroutines.Path{{Tool: "sharp"}, {Tool: "masker", Inputs: []int{0}}, {Tool: "eraser-two", Inputs: []int{1}}},
		Pass: subroutines.Rate{Passed: 40}, Quality: subroutines.Quality{N: 40, Mean: 0.97},
		Provenance: subroutines.Provenance{Proposer: "a test"},
	}
	for range 40 {
		s.Cost = s.Cost.Plus(subroutines.NewCost(0.001, 0.000064))
	}
	for _, text := range when {
		c, err := subroutines.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		s.When = append(s.When, c)
	}
	if err := e.Subroutines.Put(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return e, f
}

func removeDog(t *testing.T, e *Engine, change func(*Job)) (Outcome, []edit.Event) {
	t.Helper()
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	if change != nil {
		change(&j)
	}
	var events []edit.Event
	out, err := e.Run(context.Background(), j, func(ev edit.Event) { events = append(events, ev) })
	if err != nil {
		t.Fatal(err)
	}
	return out, events
}

// Where its rule holds a subroutine is followed, and the use is evidence.
func TestSubroutineIsFollowed(t *testing.T) {
	e, f := ruled(t)
	out, _ := removeDog(t, e, nil)
	r := out.Summary.Subtasks[0]
	if want := []string{"sharp", "masker", "eraser-two"}; r.Status != edit.StatusDone || r.Via != "subroutine" || r.Subroutine != "r1" || !slices.Equal(r.Toolpath, want) || !slices.Equal(f.ran, want) {
		t.Errorf("%s via %s (%s) by %v, ran %v; want subroutine r1 by %v", r.Status, r.Via, r.Subroutine, r.Toolpath, f.ran, want)
	}
	s, err := e.Subroutines.Get(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if s.Pass.Passed != 41 {
		t.Errorf("%v uses passed, want 41", s.Pass.Passed)
	}
}

// It is passed over where its rule does not hold, where nothing is known of what
// it asks for, and where nobody wants it.
func TestSubroutineIsPassedOver(t *testing.T) {
	slow := []string{"sharp", "masker", "eraser"}
	for name, tc := range map[string]struct {
		when   string
		change func(*Job)
	}{
		"the rule is false":   {"megapixels >= 1", nil},
		"nothing measured":    {"text-count >= 1", nil},
		"not wanted":          {"", func(j *Job) { j.NoSubroutines = true }},
		"another path picked": {"", func(j *Job) { j.Picked = map[int][]string{1: slow} }},
	} {
		var when []string
		if tc.when != "" {
			when = append(when, tc.when)
		}
		e, f := ruled(t, when...)
		out, _ := removeDog(t, e, tc.change)
		if r := out.Summary.Subtasks[0]; r.Via != "search" || r.Subroutine != "" || !slices.Equal(f.ran, slow) {
			t.Errorf("%s: via %s (%q), ran %v", name, r.Via, r.Subroutine, f.ran)
		}
	}
}

// A rule about the object is asked again once the object was found; what the search ran by then is not run again.
func TestRuleIsAskedAgainAsEvidenceComes(t *testing.T) {
	e, f := ruled(t, "object-area-share >= 0.1")
	out, _ := removeDog(t, e, nil)
	r := out.Summary.Subtasks[0]
	if want := []string{"sharp", "masker", "eraser-two"}; r.Via != "subroutine" || !slices.Equal(f.ran, want) {
		t.Errorf("via %s, ran %v, want %v by subroutine", r.Via, f.ran, want)
	}
}

// When a step does not pass, the search goes on from the picture as it was with
// what was run: nothing runs twice, and the failure is evidence.
func TestSubroutineFallsBack(t *testing.T) {
	e, f := ruled(t)
	e.Judge = scores(map[string]float64{"eraser": 0.95, "eraser-two": 0.2})
	out, events := removeDog(t, e, nil)
	r := out.Summary.Subtasks[0]
	if want := []string{"sharp", "masker", "eraser-two", "eraser"}; !slices.Equal(f.ran, want) {
		t.Errorf("ran %v, want %v", f.ran, want)
	}
	if want := []string{"sharp", "masker", "eraser"}; r.Status != edit.StatusDone || r.Via != "search" || r.Subroutine != "r1" || !slices.Equal(r.Toolpath, want) {
		t.Errorf("%s via %s (%s) by %v", r.Status, r.Via, r.Subroutine, r.Toolpath)
	}
	i := slices.IndexFunc(events, func(ev edit.Event) bool { return ev.Type == edit.EventFellBack })
	if i < 0 || events[i].Subroutine != "r1" || !strings.Contains(events[i].Message, "did not pass") {
		t.Errorf("no event tells that it fell back and why: %v", events)
	}
	s, err := e.Subroutines.Get(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if s.Pass.Failed != 1 || s.Pass.Passed != 40 {
		t.Errorf("%v passed and %v failed, want 40 and 1", s.Pass.Passed, s.Pass.Failed)
	}
	traces, err := e.Store.Traces(context.Background(), store.Filter{})
	if err != nil || len(traces) != 1 {
		t.Fatalf("%d traces, %v", len(traces), err)
	}
	var verdicts []string
	for _, st := range traces[0].Steps {
		verdicts = append(verdicts, st.Tool+" "+string(st.Verdict))
	}
	if want := []string{"sharp pass", "masker pass", "eraser-two fail", "eraser pass"}; !slices.Equal(verdicts, want) {
		t.Errorf("the trace holds %v, want %v", verdicts, want)
	}
}

// The arithmetic of the choice is told where it is asked for.
func TestChoiceIsExplained(t *testing.T) {
	e, _ := ruled(t)
	_, events := removeDog(t, e, func(j *Job) { j.Explain = true })
	if !slices.ContainsFunc(events, func(ev edit.Event) bool {
		return ev.Type == edit.EventWeighed && strings.Contains(ev.Message, "slow at once: f(") && strings.Contains(ev.Message, "least: taken")
	}) {
		t.Errorf("nothing explains the choice: %v", events)
	}
}

// A planned path may lose each of its calls: their seconds, as likely as the judge was seen to stop them, wherever they were made.
func TestWhatAPlannedPathMayLose(t *testing.T) {
	var known estimate.Qualities
	for range 9 {
		known = known.Observe(estimate.QualityObservation{Tool: "masker", Task: onTheWay, Score: 0.2})
		known = known.Observe(estimate.QualityObservation{Tool: "eraser", Task: "remove", Score: 0.9, Pass: true})
	}
	specs, _ := two()
	x := &execution{run: &run{Engine: &Engine{Specs: specs}, learned: knowledge{qualities: known}}, st: edit.Subtask{Task: "remove"}}
	path := []astar.Op{{Call: edit.Call{Tool: "masker"}, Cost: 2}, {Call: edit.Call{Tool: "eraser"}, Cost: 5, Completes: true}}
	masker, eraser := x.passRate(path[0].Call, false, nil).Mean(), x.passRate(path[1].Call, true, nil).Mean()
	if masker > 0.3 || eraser < 0.9 {
		t.Errorf("pass rates %.2f and %.2f", masker, eraser)
	}
	if got, want := x.lost(t.Context(), path), (1-masker)*2+masker*(1-eraser)*5; math.Abs(got-want) > 1e-9 {
		t.Errorf("%v s are lost, want %v", got, want)
	}
	path[0].Cached = true
	if got, want := x.lost(t.Context(), path), (1-eraser)*5; math.Abs(got-want) > 1e-9 {
		t.Errorf("%v s are lost of a path that is half at hand, want %v", got, want)
	}
}
