package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/features"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/subroutines/trial"
)

// shortcuts is how many of 1,000 rules are accepted within 60 pairs that make
// the slow path's very calls on a share of the pictures and fail, or save, on the
// others; and how many are offered where the search is about to make their calls.
func shortcuts(t *testing.T, share, saves, fails float64) (accepted, repeating int) {
	t.Helper()
	r := rand.New(rand.NewPCG(31, uint64(100*share)))
	o := mine.DefaultOptions()
	for range 1000 {
		tr, err := trial.New(trial.NewPlan(1, 0.3, trial.Arm{Seconds: 1, Quality: 0.94}))
		if err != nil {
			t.Fatal(err)
		}
		b := books{Trial: tr}
		repeats := false
		for b.pairs() < 60 && b.verdict() == trial.Open {
			slow := trial.Arm{Seconds: math.Exp(0.1*r.NormFloat64() - 0.005), Quality: 0.94}
			p, use := trial.Pair{With: slow, Without: slow, Passed: true}, subroutines.Use{Pass: true, Seconds: slow.Seconds, Quality: slow.Quality}
			same := r.Float64() < share
			switch {
			case same:
			case r.Float64() >= fails:
				p.With.Seconds = (1 - saves) * math.Exp(0.1*r.NormFloat64()-0.005)
			default:
				p.With.Seconds += 0.3
				p.Passed, use = false, subroutines.Use{Seconds: 0.3, Quality: math.NaN()}
			}
			b.enter(p, use, same, false, !same)
			repeats = repeats || b.repeats(o.MinPass)
		}
		if b.verdict() == trial.Accepted {
			accepted++
		}
		if repeats {
			repeating++
		}
	}
	return accepted, repeating
}

// Pictures on which a rule makes the slow path's very calls tell nothing of those on
// which it does not, so only the latter count in its trial. Until that is won the rule is
// offered where the search is about to make its calls, which loses nothing.
func TestShortcutsThatLoseStayOut(t *testing.T) {
	for _, c := range []struct {
		share, saves, fails float64
		least, most         int // accepted beyond that
	}{
		{1, 0, 0, 0, 0},          // the slow path itself
		{0.9, 0.3, 0, 800, 1000}, // and better at times: some five pairs tell
		{0.8, 0.3, 0, 950, 1000}, // twelve
		{0.5, 0.3, 0, 950, 1000},
		{0.9, 0, 1, 0, 50}, // loses 3 % on average
		{0.8, 0, 1, 0, 50}, // 6 %
		{0.5, 0, 1, 0, 50}, // 15 %
		{0.2, 0, 1, 0, 50},
		{0.8, 0, 0, 0, 50},     // other calls, worth as much
		{0.8, 0.3, 0.5, 0, 50}, // gains there what it loses
		{0.9, 0.3, 0.5, 0, 50},
		{0.9, 0, 0, 0, 50},
	} {
		n, repeating := shortcuts(t, c.share, c.saves, c.fails)
		t.Logf("the same calls on %.0f %% of pictures, on the others it fails on %.0f %% and else saves %.0f %%: %d of 1000 accepted, %d as the search's own answer",
			100*c.share, 100*c.fails, 100*c.saves, n, repeating)
		if n < c.least || n > c.most {
			t.Errorf("%+v: %d of 1000 accepted", c, n)
		}
		if c.share == 1 && repeating != 1000 {
			t.Errorf("the slow path itself is known %d times of 1000", repeating)
		}
	}
}

// What is only known to be the search's own answer is offered where the search is about to give it, and nowhere else.
func TestShortcutsAreOfferedWhereTheSearchAgrees(t *testing.T) {
	l := pupil(t, 120)
	s := propose(t, l, "wipe", "sure", "ground in {rough}")
	v := verify(t, l, s.ID, 1e9)
	if v.Verdict != trial.Accepted || !v.Subroutine.Limited() || !v.Subroutine.Repeats(subroutines.Balanced) {
		t.Fatalf("%s: bands %v, shortcut %v", v.Text, v.Subroutine.Bands, v.Subroutine.Shortcut)
	}
	x, _ := subroutines.NewIndex([]*subroutines.Subroutine{v.Subroutine})
	q := subroutines.Query{Task: "wipe", Alpha: 1, Slow: subroutines.Slow{Seconds: 1000, Quality: 0.5}, Features: features.FromMap(map[string]features.Value{"ground": {Type: features.Category, Category: "rough"}})}
	if c := x.Select(q); c.Taken != nil {
		t.Errorf("it is taken where the search goes another way: %+v", c.Taken)
	}
	q.Same = func(*subroutines.Subroutine) bool { return true }
	if c := x.Select(q); c.Taken == nil {
		t.Errorf("it is passed over: %+v", c)
	}
	again := verify(t, l, s.ID, 1e9)
	if again.Subroutine.State != subroutines.Active || len(again.Subroutine.History) != len(v.Subroutine.History) {
		t.Errorf("%s: %s after its trial went on", again.Subroutine.State, again.Text)
	}
}
