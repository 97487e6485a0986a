package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/subroutines/trial"
)

// shortcuts is how many of 1,000 rules are accepted within 60 pairs that make
// the slow path's very calls on a share of the pictures and fail, or save, on the others.
func shortcuts(t *testing.T, share, saves float64) (accepted int) {
	t.Helper()
	r := rand.New(rand.NewPCG(31, uint64(100*share)))
	o := mine.DefaultOptions()
	for range 1000 {
		tr, err := trial.New(trial.NewPlan(1, 0.3, trial.Arm{Seconds: 1, Quality: 0.94}))
		if err != nil {
			t.Fatal(err)
		}
		b := books{Trial: tr}
		for b.Trial.Pairs < 60 && b.verdict(o.MinPass) == trial.Open {
			slow := trial.Arm{Seconds: math.Exp(0.1*r.NormFloat64() - 0.005), Quality: 0.94}
			p, use := trial.Pair{With: slow, Without: slow, Passed: true}, subroutines.Use{Pass: true, Seconds: slow.Seconds, Quality: slow.Quality}
			switch {
			case r.Float64() < share:
				b.Same++
			case saves > 0:
				p.With.Seconds *= 1 - saves
			default:
				p.With.Seconds += 0.3
				p.Passed, use = false, subroutines.Use{Seconds: 0.3, Quality: math.NaN()}
				b.Dearer++
			}
			b.Trial, b.Evidence = b.Trial.Add(p), b.Evidence.Observed(use)
		}
		if b.verdict(o.MinPass) == trial.Accepted {
			accepted++
		}
	}
	return accepted
}

// A rule that mostly repeats the slow path saves nothing that a trial could find.
// It is taken in after five pictures without a loss. What fails on half of all pictures stays
// out as any useless rule does; what fails seldom is taken in the more often, the less it loses.
func TestShortcutsThatLoseStayOut(t *testing.T) {
	for _, c := range []struct {
		share, saves float64
		least, most  int
	}{
		{1, 0, 1000, 1000},    // the slow path itself
		{0.9, 0.3, 950, 1000}, // and better at times
		{0.9, 0, 0, 650},      // loses 3 % on average
		{0.8, 0, 0, 400},      // 6 %
		{0.5, 0, 0, 50},       // 15 %
		{0.2, 0, 0, 50},
	} {
		n := shortcuts(t, c.share, c.saves)
		t.Logf("the same calls on %.0f %% of pictures, on the others it saves %.0f %% (0: fails): %d of 1000 accepted", 100*c.share, 100*c.saves, n)
		if n < c.least || n > c.most {
			t.Errorf("share %v, saves %v: %d of 1000 accepted, want %d to %d", c.share, c.saves, n, c.least, c.most)
		}
	}
}
