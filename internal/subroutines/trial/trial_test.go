package trial_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/subroutines/trial"
)

// world is a candidate whose truth is known: the slow path takes one second on
// average and the rule cost; it passes with probability pass, and where it does
// not, its seconds are spent before the slow path's.
type world struct {
	cost, pass float64
	quality    float64 // of the rule's passed results less the slow path's
	seldom     float64 // the share of pictures on which quality differs; 0: all
	spread     float64 // standard deviation of the log of the slow path's seconds from picture to picture
}

func (w world) pair(r *rand.Rand) trial.Pair {
	lognormal := func(sd float64) float64 { return math.Exp(sd*r.NormFloat64() - sd*sd/2) }
	quality := func(mean float64) float64 { return min(max(mean+0.02*r.NormFloat64(), 0), 1) }
	slow := trial.Arm{Seconds: lognormal(w.spread), Quality: quality(0.94)}
	with := trial.Arm{Seconds: w.cost * lognormal(0.1), Quality: quality(0.94 + w.quality)}
	if w.seldom > 0 && r.Float64() >= w.seldom {
		with.Quality = quality(0.94)
	}
	passed := r.Float64() < w.pass
	if !passed { // the slow path then draws what it would have drawn at once
		with = trial.Arm{Seconds: with.Seconds + slow.Seconds, Quality: slow.Quality}
	}
	return trial.Pair{With: with, Without: slow, Passed: passed}
}

// run is a trial of at most pairs pairs.
func (w world) run(t *testing.T, r *rand.Rand, alpha float64, pairs int) trial.Trial {
	t.Helper()
	tr, err := trial.New(trial.NewPlan(alpha, w.cost, trial.Arm{Seconds: 1, Quality: 0.94}))
	if err != nil {
		t.Fatal(err)
	}
	for range pairs {
		if tr = tr.Add(w.pair(r)); tr.Verdict != trial.Open {
			break
		}
	}
	return tr
}

const candidates = 1000

// accepted counts candidates that become active within so many pairs.
func accepted(t *testing.T, seed uint64, alpha float64, pairs int, draw func(r *rand.Rand) world) (active, rejected int, mean float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	for range candidates {
		tr := draw(r).run(t, r, alpha, pairs)
		switch tr.Verdict {
		case trial.Accepted:
			active++
			mean += float64(tr.Pairs)
		case trial.Rejected:
			rejected++
		case trial.Open:
		}
	}
	return active, rejected, mean / float64(max(active, 1))
}

// Of 1,000 candidates that save nothing, or save and lose quality, at most 5 %
// are ever accepted, looked at after every one of 300 pairs.
func TestUselessStayOut(t *testing.T) {
	uniform := func(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
	for name, draw := range map[string]func(r *rand.Rand) world{
		"saves nothing": func(r *rand.Rand) world {
			c := uniform(r, 0.3, 0.98)
			return world{cost: c, pass: c, spread: 0.1}
		},
		"saves nothing, pictures differ": func(r *rand.Rand) world {
			c := uniform(r, 0.3, 0.98)
			return world{cost: c, pass: c, spread: 0.4}
		},
		"the slow path again": func(*rand.Rand) world { return world{cost: 1, pass: 1, spread: 0.2} },
		"cheap, seldom good":  func(*rand.Rand) world { return world{cost: 0.2, pass: 0.2, spread: 0.2} },
		"loses seconds": func(r *rand.Rand) world {
			p := uniform(r, 0.5, 1)
			return world{cost: p + uniform(r, 0, 0.4), pass: p, spread: 0.2}
		},
		"loses quality on half of its pictures": func(*rand.Rand) world {
			return world{cost: 0.1, pass: 1, quality: -0.12, seldom: 0.5, spread: 0.2}
		},
		"loses quality": func(*rand.Rand) world { return world{cost: 0.1, pass: 1, quality: -0.05, spread: 0.2} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			active, rejected, _ := accepted(t, 11, 1, 300, draw)
			t.Logf("%s: %d of %d useless candidates accepted, %d rejected", name, active, candidates, rejected)
			if active > candidates/20 {
				t.Errorf("%d of %d useless candidates were accepted", active, candidates)
			}
		})
	}
}

// Of 1,000 candidates with a net benefit of −10 or better, at least 80 % are
// accepted within 60 pairs, and at most Miss rejected.
func TestUsefulComeIn(t *testing.T) {
	draw := func(least, most float64) func(r *rand.Rand) world {
		return func(r *rand.Rand) world {
			p := 0.85 + 0.15*r.Float64()
			return world{cost: p - least - (most-least)*r.Float64(), pass: p, spread: 0.1}
		}
	}
	for _, c := range []struct {
		name  string
		alpha float64
		draw  func(r *rand.Rand) world
		want  int
	}{
		{"B in [-40,-10]", 1, draw(0.1, 0.4), 800},
		{"B in [-40,-10], alpha 0.5", 0.5, draw(0.1, 0.4), 700},
		{"B in [-40,-10], alpha 1.5", 1.5, draw(0.1, 0.4), 750},
		{"B in [-60,-20]", 1, draw(0.2, 0.6), 950},
		{"B = -10, always passing", 1, func(*rand.Rand) world { return world{cost: 0.9, pass: 1, spread: 0.1} }, 800},
		{"B = -10", 1, draw(0.1, 0.1), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			active, rejected, mean := accepted(t, 12, c.alpha, 60, c.draw)
			t.Logf("%d of %d useful candidates accepted, after %.1f pairs on average; %d rejected", active, candidates, mean, rejected)
			if active < c.want {
				t.Errorf("%d of %d useful candidates were accepted, want %d", active, candidates, c.want)
			}
			if rejected > candidates/10 {
				t.Errorf("%d of %d useful candidates were rejected", rejected, candidates)
			}
		})
	}
}

// A trial is the same in whatever order its pairs came, survives being kept as
// JSON, and goes no further once it has a verdict.
func TestTrialIsAValue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	plan := trial.NewPlan(1, 0.7, trial.Arm{Seconds: 1, Quality: 0.94})
	plan.Least = 1000 // decide nothing
	pairs := make([]trial.Pair, 50)
	for i := range pairs {
		pairs[i] = world{cost: 0.7, pass: 0.9, spread: 0.3}.pair(r)
	}
	a, err := trial.New(plan)
	if err != nil {
		t.Fatal(err)
	}
	b := a
	for i := range pairs {
		a = a.Add(pairs[i])
		text, err := json.Marshal(b.Add(pairs[len(pairs)-1-i]))
		if err != nil {
			t.Fatal(err)
		}
		b = trial.Trial{}
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
	}
	for i := range a.Saves {
		for _, d := range []float64{a.Saves[i] - b.Saves[i], a.Gained.Sum - b.Gained.Sum, a.Spared.Squares - b.Spared.Squares} {
			if math.Abs(d) > 1e-9 {
				t.Errorf("another order gives other capital: %v and %v", a, b)
			}
		}
	}
	if a.Pairs != 50 || math.Abs(a.Benefit()-b.Benefit()) > 1e-9 || a.String() != b.String() {
		t.Errorf("%v, in another order %v", a, b)
	}
	broken := pairs[0]
	broken.With.Seconds = math.NaN()
	if a.Add(broken) != a {
		t.Error("a pair without a number was counted")
	}
	done := world{cost: 0.2, pass: 1, spread: 0.1}.run(t, r, 1, 100)
	if done.Verdict != trial.Accepted || done.Add(pairs[0]) != done {
		t.Errorf("%v is not accepted for good", done)
	}
}

func TestPlansThatNoTestCouldKeep(t *testing.T) {
	good := trial.NewPlan(1, 1, trial.Arm{Seconds: 2, Quality: 0.9})
	for name, spoil := range map[string]func(*trial.Plan){
		"alpha": func(p *trial.Plan) { p.Alpha = math.NaN() }, "error": func(p *trial.Plan) { p.Error = 0 },
		"margin": func(p *trial.Plan) { p.Margin = 0 }, "pass": func(p *trial.Plan) { p.Pass = 1 }, "stake": func(p *trial.Plan) { p.Stake = 0 }, "no stake": func(p *trial.Plan) { p.Stake = math.Inf(1) },
	} {
		p := good
		spoil(&p)
		if _, err := trial.New(p); err == nil {
			t.Errorf("a plan with a broken %s was taken", name)
		}
	}
}

func TestBounds(t *testing.T) {
	if p := trial.Chi1(3.841459); math.Abs(p-0.05) > 1e-6 {
		t.Errorf("the tail of chi-squared beyond 3.841 is %v", p)
	}
	// Adding successes never lowers a bound.
	for n := range 40 {
		for k := 0; k <= n; k++ {
			if trial.Score(k+1, n+1, 0.05) < trial.Score(k, n, 0.05)-1e-12 || trial.Upper(k+1, n+1, 0.05) < trial.Upper(k, n, 0.05) {
				t.Errorf("a success added to %d of %d lowers a bound", k, n)
			}
		}
	}
}

// A rule that saves at the price of quality is rejected, and does not wait for ever.
func TestWorseQualityIsRejected(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	for _, loss := range []float64{0.08, 0.12} {
		if tr := (world{cost: 0.8, pass: 1, quality: -loss, spread: 0.1}).run(t, r, 1, 60); tr.Verdict != trial.Rejected || tr.Pairs > 40 {
			t.Errorf("quality lower by %v: %s", loss, tr)
		}
	}
	if tr := (world{cost: 0.8, pass: 1, spread: 0.1}).run(t, r, 1, 60); tr.Verdict != trial.Accepted {
		t.Errorf("quality as it was: %s", tr)
	}
}

// A rule that passes too seldom is not accepted, however much it saves where it does.
func TestPassRate(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	for _, c := range []struct {
		pass float64
		want trial.Verdict
	}{{0.25, trial.Rejected}, {0.95, trial.Accepted}} {
		plan := trial.NewPlan(1, 0.1, trial.Arm{Seconds: 1, Quality: 0.94})
		plan.Pass = 0.7
		right := 0
		for range 200 {
			tr, err := trial.New(plan)
			if err != nil {
				t.Fatal(err)
			}
			for range 60 {
				slow := trial.Arm{Seconds: 1, Quality: 0.94}
				p := trial.Pair{With: trial.Arm{Seconds: 0.1, Quality: 0.94}, Without: slow, Passed: r.Float64() < c.pass}
				if !p.Passed {
					p.With.Seconds += slow.Seconds
				}
				tr = tr.Add(p)
			}
			if tr.Verdict == c.want {
				right++
			}
		}
		if right < 190 {
			t.Errorf("passing %v of the time: %d of 200 are %s", c.pass, right, c.want)
		}
	}
}
