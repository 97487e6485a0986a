package trial_test

import (
	"math/rand/v2"
	"testing"

	"pentimento/internal/subroutines/trial"
)

// lent counts candidates that are accepted within so many pairs of their own, beside a
// trial of ten pairs in another task, or alone. A failure wastes so many seconds.
func lent(t *testing.T, here, there world, waste float64, pairs int, alone bool) (active int) {
	t.Helper()
	r := rand.New(rand.NewPCG(21, 4))
	begin := func() trial.Trial {
		plan := trial.NewPlan(1, waste, trial.Arm{Seconds: 1, Quality: 0.94})
		plan.Pass = 0.7
		tr, err := trial.New(plan)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	for range candidates {
		other := begin()
		for range 10 {
			other = other.Add(there.pair(r))
		}
		tr := begin()
		if !alone {
			tr = tr.Beside(other)
		}
		for tr.Pairs < pairs && tr.Verdict == trial.Open {
			tr = tr.Add(here.pair(r))
		}
		if tr.Verdict == trial.Accepted {
			active++
		}
	}
	return active
}

// What is plainly good needs three pairs of its own where the same rule is known in another task.
// What saves nothing is kept out as without, for savings are not lent. What loses quality here and not there
// comes in more often: the second number of a case is what that costs.
func TestLentPairs(t *testing.T) {
	good := world{cost: 0.4, pass: 1, spread: 0.2}
	seldom := world{cost: 0.1, pass: 0.25, spread: 0.2}
	half := world{cost: 0.1, pass: 1, quality: -0.12, seldom: 0.5, spread: 0.2}
	for _, c := range []struct {
		name        string
		here, there world
		waste       float64
		pairs       int
		least, most int
	}{
		{"good, three pairs", good, good, 0.1, 3, 750, 1000},
		{"good, four pairs", good, good, 0.1, 4, 850, 1000},
		{"saves nothing", world{cost: 0.5, pass: 0.5, spread: 0.2}, good, 0.5, 300, 0, 50},
		{"the slow path again", world{cost: 1, pass: 1, spread: 0.2}, good, 1, 300, 0, 50},
		{"passes one time in four, which costs little", seldom, good, 0.1, 300, 0, 70},
		{"passes one time in four in both", seldom, seldom, 0.1, 300, 0, 20},
		{"loses 0.05 of quality", world{cost: 0.1, pass: 1, quality: -0.05, spread: 0.2}, good, 0.1, 300, 0, 50},
		{"loses 0.12 on half of its pictures", half, good, 0.1, 300, 0, 150},
		{"loses 0.12 on half of its pictures in both", half, half, 0.1, 300, 0, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, alone := lent(t, c.here, c.there, c.waste, c.pairs, false), lent(t, c.here, c.there, c.waste, c.pairs, true)
			t.Logf("%s: %d of %d accepted, %d without what the other task tells", c.name, n, candidates, alone)
			if n < c.least || n > c.most {
				t.Errorf("%d of %d accepted", n, candidates)
			}
			if c.least > 0 && c.pairs < 5 && alone > 0 {
				t.Errorf("%d of %d accepted after %d pairs alone", alone, candidates, c.pairs)
			}
		})
	}
}
