package estimate_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/estimate"
)

func judged(score float64, buckets ...string) estimate.QualityObservation {
	return estimate.QualityObservation{Tool: "t", Task: "x", Buckets: buckets, Score: score, Pass: score >= .5}
}

func TestQualityPriorAlone(t *testing.T) {
	for _, prior := range []float64{0, .2, .93, 1} {
		e := estimate.Qualities{}.Estimate("t", "x", []string{"a", "b"}, prior)
		near(t, "mean", e.Mean(), prior, 1e-15)
		if ci := e.Interval(.9); ci.Lower > prior || ci.Upper < prior || e.N != 0 || e.Depth != 0 {
			t.Errorf("%+v %+v", e, ci)
		}
	}
}

// A tool that is bad in general and good in one context, as the published
// painting over text is (.20 and .95): the context learns it, the rest does not.
func TestQualityIsConditional(t *testing.T) {
	q := estimate.Qualities{}
	for range 30 {
		q = q.Observe(judged(.95, "plain")).Observe(judged(.1, "complex"))
	}
	plain, complexOne, fresh := q.Estimate("t", "x", []string{"plain"}, .2), q.Estimate("t", "x", []string{"complex"}, .2), q.Estimate("t", "x", []string{"never seen"}, .2)
	if plain.Mean() < .85 || complexOne.Mean() > .2 || plain.Depth != 1 || plain.N != 30 {
		t.Errorf("plain %v, complex %v", plain.Mean(), complexOne.Mean())
	}
	if all := q.Estimate("t", "x", nil, .2); fresh != all || math.Abs(all.Mean()-.52) > .03 {
		t.Errorf("a context never seen has %v, all together %v", fresh.Mean(), all.Mean())
	}
}

func TestQualityShrinks(t *testing.T) {
	q := estimate.Qualities{}
	for range 50 {
		q = q.Observe(judged(.9, "usual"))
	}
	one := q.Observe(judged(0, "odd")).Estimate("t", "x", []string{"odd"}, .5).Mean()
	if one < .6 || one > .8 {
		t.Errorf("one failure of a good tool in a new context makes %v", one)
	}
	for range 40 {
		q = q.Observe(judged(0, "odd"))
	}
	if many := q.Estimate("t", "x", []string{"odd"}, .5).Mean(); many > .1 {
		t.Errorf("forty failures make %v", many)
	}
}

func TestQualityProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		parts := []string{"a", "b", "c"}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		obs := make([]estimate.QualityObservation, n)
		for i := range obs {
			obs[i] = judged(rng.Float64())
			for range rng.IntN(4) {
				obs[i].Buckets = append(obs[i].Buckets, parts[rng.IntN(3)])
			}
		}
		learn := func(order []int) estimate.Qualities {
			q := estimate.Qualities{}
			for _, i := range order {
				q = q.Observe(obs[i])
			}
			return q
		}
		one, two := learn(rng.Perm(n)), learn(rng.Perm(n))
		if !reflect.DeepEqual(one, two) {
			t.Fatalf("order matters: %+v, %+v", one, two)
		}
		prior := rapid.Float64Range(0, 1).Draw(t, "prior")
		where := []string{parts[rng.IntN(3)], parts[rng.IntN(3)]}[:rng.IntN(3)]
		for _, e := range []estimate.QualityEstimate{one.Estimate("t", "x", where, prior), one.PassRate("t", "x", where, prior)} {
			ci := e.Interval(.9)
			for _, v := range []float64{e.Mean(), e.Variance(), ci.Lower, ci.Upper} {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("%+v %+v", e, ci)
				}
			}
			if ci.Lower > ci.Upper {
				t.Fatalf("%+v", ci)
			}
		}
		// A better result never lowers the estimate, a worse one never raises it, where it was seen.
		base := one.Estimate("t", "x", where, prior).Mean()
		if up := one.Observe(judged(1, where...)).Estimate("t", "x", where, prior).Mean(); len(where) == 0 && up < base-1e-9 {
			t.Fatalf("a perfect score lowers %v to %v", base, up)
		}
		if down := one.Observe(judged(0, where...)).Estimate("t", "x", where, prior).Mean(); len(where) == 0 && down > base+1e-9 {
			t.Fatalf("a zero raises %v to %v", base, down)
		}
	})
}

func TestQualityConverges(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, truth := range []float64{.05, .4, .97} {
		q, inside := estimate.Qualities{}, 0
		for range 2000 {
			score := 0.0
			if rng.Float64() < truth {
				score = 1
			}
			q = q.Observe(judged(score, "here"))
			if ci := q.Estimate("t", "x", []string{"here"}, .6).Interval(.95); ci.Lower <= truth && truth <= ci.Upper {
				inside++
			}
		}
		near(t, "mean", q.Estimate("t", "x", []string{"here"}, .6).Mean(), truth, .03)
		if inside < 1500 {
			t.Errorf("the truth %v lay inside only %d of 2000 times", truth, inside)
		}
	}
}

func TestQualityRefusesWhatIsNoScore(t *testing.T) {
	q := estimate.Qualities{}
	for _, s := range []float64{math.NaN(), -.1, 1.1, math.Inf(1)} {
		q = q.Observe(judged(s))
	}
	if len(q.Entries) != 0 {
		t.Errorf("%+v", q)
	}
	if m := q.Estimate("t", "x", nil, math.NaN()).Mean(); m != 0 {
		t.Errorf("a prior that is no number makes %v", m)
	}
}
