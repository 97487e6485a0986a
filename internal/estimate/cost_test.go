package estimate_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/estimate"
)

func timed(mp, s float64) estimate.CostObservation {
	return estimate.CostObservation{Tool: "t", Device: "cpu", FreeCore: true, Timing: estimate.Timing{Megapixels: mp, Seconds: s}}
}

func TestCostPriorAlone(t *testing.T) {
	prior := edit.Cost{Seconds: .3, PerMegapixel: 1.5, USD: .01}
	e := estimate.Costs{}.Estimate("t", "cpu", 2, prior)
	near(t, "seconds", e.Seconds, 3.3, 1e-12)
	near(t, "total", e.Total(true, 600), prior.At(2), 1e-12)
	if e.N != 0 || e.LoadKnown || !(e.SD > 0) {
		t.Errorf("%+v", e)
	}
	if e := (estimate.Costs{}).Estimate("t", "cpu", 3, edit.Cost{}); e.Seconds != edit.MinSeconds {
		t.Errorf("a free tool costs %v", e.Seconds)
	}
}

func TestCostPriorIsWeak(t *testing.T) {
	prior := edit.Cost{Seconds: 1}
	c := estimate.Costs{}
	for range 2 {
		c = c.Observe(timed(1, 1.2))
	}
	e := c.Estimate("t", "cpu", 1, prior)
	if e.Seconds < 1.08 || e.Seconds > 1.14 {
		t.Errorf("two timings of 1.2 s beside a prior of 1 s make %v", e.Seconds)
	}
}

// Whatever the prior, the estimate goes to the truth, also when one call in
// five was stalled by a busy machine.
func TestCostConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth := edit.Cost{Seconds: rapid.Float64Range(.002, 5).Draw(t, "fixed"), PerMegapixel: rapid.Float64Range(0, 5).Draw(t, "slope")}
		prior := edit.Cost{Seconds: rapid.Float64Range(0, 20).Draw(t, "priorFixed"), PerMegapixel: rapid.Float64Range(0, 20).Draw(t, "priorSlope")}
		stalls := rapid.SampledFrom([]float64{0, .1, .2}).Draw(t, "stalls")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		c := estimate.Costs{}
		for range 400 {
			mp := math.Exp(rng.Float64()*4.6 - 2.3) // 0.1 to 10
			s := (truth.Seconds + truth.PerMegapixel*mp) * math.Exp(.03*rng.NormFloat64())
			if rng.Float64() < stalls {
				s *= 1.5 + 5*rng.Float64()
			}
			c = c.Observe(timed(mp, s))
		}
		for _, mp := range []float64{.2, 1, 8} {
			want, got := truth.At(mp), c.Estimate("t", "cpu", mp, prior)
			if math.Abs(got.Seconds-want) > .08*want {
				t.Fatalf("at %v MP %v, truth %v (%+v)", mp, got.Seconds, want, got)
			}
			if got.SD < .02*want || got.SD > .3*want {
				t.Fatalf("sd %v of %v", got.SD, want)
			}
		}
	})
}

func TestCostOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, estimate.Window).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		obs := make([]estimate.CostObservation, n)
		for i := range obs {
			obs[i] = timed(rng.Float64()*12, rng.ExpFloat64()*.01+1e-6)
			if i < estimate.LoadWindow {
				obs[i].LoadSeconds = rng.ExpFloat64()
			}
		}
		learn := func(order []int) (estimate.CostEstimate, string) {
			c := estimate.Costs{}
			for _, i := range order {
				c = c.Observe(obs[i])
			}
			h, err := estimate.NewSnapshot(c, estimate.Qualities{}, nil).Hash()
			if err != nil {
				t.Fatal(err)
			}
			return c.Estimate("t", "cpu", 3, edit.Cost{Seconds: 1}), h
		}
		e1, h1 := learn(rng.Perm(n))
		e2, h2 := learn(rng.Perm(n))
		if e1 != e2 || h1 != h2 {
			t.Fatalf("%+v and %+v", e1, e2)
		}
	})
}

// Any floats at all give finite, non-negative estimates.
func TestCostNeverNaN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 10), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), -1}))
		sane := rapid.Float64Range(0, 1e6)
		c := estimate.Costs{}
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			o := timed(any.Draw(t, "mp"), any.Draw(t, "s"))
			o.LoadSeconds = rapid.SampledFrom([]float64{0, 1, math.NaN(), math.Inf(1), -2}).Draw(t, "load")
			c = c.Observe(o)
		}
		e := c.Estimate("t", "cpu", sane.Draw(t, "at"), edit.Cost{Seconds: any.Draw(t, "p"), PerMegapixel: sane.Draw(t, "ps")})
		for _, v := range []float64{e.Seconds, e.SD, e.Load, e.Fixed, e.PerMegapixel, e.Total(false, 600)} {
			if !(v >= 0) || math.IsInf(v, 0) {
				t.Fatalf("%+v of %+v", e, c)
			}
		}
		if e.Seconds < edit.MinSeconds {
			t.Fatalf("%+v", e)
		}
	})
}

func TestCostLearnsOnlyFromFreeCores(t *testing.T) {
	busy := timed(1, 9)
	busy.FreeCore = false
	c := estimate.Costs{}.Observe(busy).Observe(timed(1, math.NaN())).Observe(timed(math.Inf(1), 2)).Observe(estimate.CostObservation{FreeCore: true})
	if len(c.Entries) != 0 {
		t.Errorf("learned %+v", c)
	}
}

func TestCostKeepsDevicesAndStatesApart(t *testing.T) {
	a := estimate.Costs{}.Observe(timed(1, 1))
	o := timed(1, .01)
	o.Device = "cuda:0"
	b := a.Observe(o)
	before := a.Estimate("t", "cpu", 1, edit.Cost{})
	for i := range 200 {
		b = b.Observe(timed(1, float64(i+5)))
	}
	if got := a.Estimate("t", "cpu", 1, edit.Cost{}); got != before {
		t.Error("an old state changed")
	}
	if got := b.Estimate("t", "cuda:0", 1, edit.Cost{}); got.N != 1 || got.Seconds > .1 {
		t.Errorf("the other device: %+v", got)
	}
	if got := b.Estimate("t", "cpu", 1, edit.Cost{}); got.N != 201 || len(b.Entries[0].Latest) != estimate.Window {
		t.Errorf("%+v, %d kept", got, len(b.Entries[0].Latest))
	}
}

func TestLoadIsApart(t *testing.T) {
	c := estimate.Costs{}
	for _, load := range []float64{2, 0, 4, 0} {
		o := timed(1, .5)
		o.LoadSeconds = load
		c = c.Observe(o)
	}
	e := c.Estimate("t", "cpu", 1, edit.Cost{Seconds: .5})
	near(t, "seconds", e.Seconds, .5, 1e-9)
	near(t, "load", e.Load, 3, 1e-12)
	near(t, "cold total", e.Total(false, 600)-e.Total(true, 600), 3, 1e-9)
}

func TestMoneyCounts(t *testing.T) {
	e := estimate.Costs{}.Estimate("t", "cpu", 1, edit.Cost{Seconds: 2, USD: .05})
	near(t, "dear hour", e.Total(true, 3600./60), 2+.05*60, 1e-9)
	near(t, "cheap hour", e.Total(true, 3600./1), 2+.05*3600, 1e-9)
}

// What never loaded is expected to load as fast as what did, by its size.
func TestLoadRate(t *testing.T) {
	bytes := func(tool string) int64 { return map[string]int64{"a": 1e6, "b": 1e8, "c": 5e7}[tool] }
	if r := (estimate.Costs{}).LoadRate("cpu", bytes); !(r > 1e-10 && r < 1e-6) {
		t.Errorf("nothing seen makes %v s a byte", r)
	}
	c := estimate.Costs{}
	for tool, load := range map[string]float64{"a": .02, "b": 1, "c": 2, "builtin": 3} {
		o := timed(1, 1)
		o.Tool, o.LoadSeconds = tool, load
		c = c.Observe(o)
	}
	near(t, "rate", c.LoadRate("cpu", bytes), 2e-8, 1e-15) // of 2e-8, 1e-8 and 4e-8
	if c.LoadRate("cuda:0", bytes) != (estimate.Costs{}).LoadRate("cuda:0", bytes) {
		t.Error("another device is another machine")
	}
}

func TestStatesSurviveJSON(t *testing.T) {
	c := estimate.Costs{}.Observe(timed(1.25, .1)).Observe(timed(3, .3))
	q := estimate.Qualities{}.Observe(estimate.QualityObservation{Tool: "t", Task: "x", Marks: []string{"a"}, Score: .7, Pass: true})
	s := estimate.NewSnapshot(c, q, []string{"r2", "r1"})
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back estimate.Snapshot
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, back) {
		t.Errorf("%+v came back as %+v", s, back)
	}
	h1, err1 := s.Hash()
	h2, err2 := back.Hash()
	h3, err3 := estimate.NewSnapshot(c.Observe(timed(1, 1)), q, s.Rules).Hash()
	if err1 != nil || err2 != nil || err3 != nil || h1 != h2 || h1 == h3 || len(h1) != 64 {
		t.Error(h1, h2, h3, err1, err2, err3)
	}
}
