package learn

import (
	"math"
	"strings"
	"testing"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// A rule that loses quality is offered for as long as the table can pay for it, by how often it holds in the traces.
func TestQualityIsPaidFromTheBudget(t *testing.T) {
	l := pupil(t, 120)
	s := propose(t, l, "wipe", "quick", "ground in {plain}")
	v := verify(t, l, s.ID, 1e9)
	toll := v.Subroutine.Tolls[subroutines.Balanced]
	if v.Subroutine.State != subroutines.Active || toll.Loses() || toll.Pairs < 5 || toll.Saved <= 0 {
		t.Fatalf("%s with toll %+v", v.Subroutine.State, toll)
	}
	holds, all := 0, 0
	if _, err := l.each(t.Context(), "", func(tr store.Trace) {
		all++
		if tr.Subtask.Task == "wipe" && s.When.Holds(subroutines.Values(tr.Features)) {
			holds++
		}
	}); err != nil {
		t.Fatal(err)
	}
	want := float64(holds) / float64(all)
	if math.Abs(toll.Share-want) > 1e-12 {
		t.Errorf("it holds on %v of subtasks, not on %v", want, toll.Share)
	}
	// Had its pairs shown a loss, the table could not pay for it.
	lossy := subroutines.Toll{Pairs: 20, Lost: 0.02, Width: 0.01, Saved: 6, Share: 0.0001} // the share is out of date
	if _, err := l.Engine.Subroutines.Change(t.Context(), s.ID, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) {
		return s.Charged(subroutines.Balanced, lossy), nil
	}); err != nil {
		t.Fatal(err)
	}
	state := func() *subroutines.Subroutine {
		t.Helper()
		if _, err := l.Mine(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		now, err := l.Engine.Subroutines.Get(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	now := state()
	reason := now.History[len(now.History)-1].Reason
	if now.State != subroutines.Suspended || now.Cause != subroutines.ByBudget || now.Tolls[subroutines.Balanced].Share != want || !strings.Contains(reason, "budget") {
		t.Fatalf("%s by %s: %s", now.State, now.Cause, reason)
	}
	l.Budget = 1
	if now = state(); now.State != subroutines.Active || len(now.Bands) != 1 {
		t.Errorf("%s by %s, bands %v, with budget enough", now.State, now.Cause, now.Bands)
	}
}

// detours is whether a rule comes in within 20 pairs that makes calls which the search makes too, after others that do not pass; on a share of the pictures it fails.
func detours(t *testing.T, fails func() bool) bool {
	t.Helper()
	tr, err := trial.New(trial.NewPlan(1, 0.9, trial.Arm{Seconds: 1, Quality: 0.94}))
	if err != nil {
		t.Fatal(err)
	}
	b := books{Trial: tr}
	for b.pairs() < 20 && b.verdict() == trial.Open {
		p, u := trial.Pair{With: trial.Arm{Seconds: 0.95, Quality: 0.94}, Without: trial.Arm{Seconds: 1, Quality: 0.94}, Passed: true}, subroutines.Use{Pass: true, Seconds: 0.95, Quality: 0.94}
		if fails() {
			p.With.Seconds, p.Passed, u = 1.9, false, subroutines.Use{Seconds: 0.95, Quality: math.NaN()}
		}
		b.enter(p, u, false, true, true)
	}
	return b.verdict() == trial.Accepted
}

// What the search does anyway, without its detours, is accepted after five pictures however little it saves, and not if it fails on any.
func TestDetoursAreLeftOut(t *testing.T) {
	if !detours(t, func() bool { return false }) {
		t.Error("the search's own answer without its detours is refused")
	}
	for nth := range 5 {
		n := 0
		if detours(t, func() bool { n++; return n == nth+1 }) {
			t.Errorf("it is accepted though it failed on picture %d", nth+1)
		}
	}
	for _, c := range []struct {
		some, others []string
		want         bool
	}{
		{[]string{"a", "c"}, []string{"a", "b", "c"}, true}, {[]string{"a", "a"}, []string{"a", "b"}, false}, {nil, []string{"a"}, true}, {[]string{"d"}, []string{"a"}, false},
	} {
		if among(c.some, c.others) != c.want {
			t.Errorf("%v among %v: %v", c.some, c.others, !c.want)
		}
	}
}
