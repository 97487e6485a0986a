package estimate_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/estimate"
)

func judged(score float64, marks ...string) estimate.QualityObservation {
	return estimate.QualityObservation{Tool: "t", Task: "x", Marks: marks, Score: score, Pass: score >= .5}
}

func TestQualityPriorAlone(t *testing.T) {
	for _, prior := range []float64{0, .2, .93, 1} {
		e := estimate.Qualities{}.Estimate("t", "x", []string{"a", "b"}, prior)
		near(t, "mean", e.Mean(), prior, 1e-15)
		if ci := e.Interval(.9); ci.Lower > prior || ci.Upper < prior || e.N != 0 || e.Mark != "" {
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
	if plain.Mean() < .85 || complexOne.Mean() > .2 || plain.Mark != "plain" || plain.N != 30 {
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
	for range 3 {
		q = q.Observe(judged(0, "odd"))
	}
	if few := q.Estimate("t", "x", []string{"odd"}, .5).Mean(); few < .3 || few > .6 {
		t.Errorf("three failures in a context, of a good tool, make %v", few)
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
		marks := []string{"a", "b", "c"}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		obs := make([]estimate.QualityObservation, n)
		for i := range obs {
			obs[i] = judged(rng.Float64())
			for range rng.IntN(4) { // the same mark may come twice and counts once
				obs[i].Marks = append(obs[i].Marks, marks[rng.IntN(3)])
			}
			obs[i].Day = rng.Int64N(400)
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
		where := []string{marks[rng.IntN(3)], marks[rng.IntN(3)]}[:rng.IntN(3)]
		old := one.Aged(rng.Int64N(2000))
		for _, e := range []estimate.QualityEstimate{
			one.Estimate("t", "x", where, prior), one.PassRate("t", "x", where, prior), old.Estimate("t", "x", where, prior),
		} {
			ci := e.Interval(.9)
			for _, v := range []float64{e.Mean(), e.Variance(), ci.Lower, ci.Upper, e.Rank(.8)} {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("%+v %+v", e, ci)
				}
			}
			if ci.Lower > ci.Upper || e.Rank(.8) < e.Mean() || e.Rank(0) != e.Mean() {
				t.Fatalf("%+v", ci)
			}
		}
		// A better result never lowers the estimate, a worse one never raises it.
		base := one.Estimate("t", "x", nil, prior).Mean()
		if up := one.Observe(judged(1)).Estimate("t", "x", nil, prior).Mean(); up < base-1e-9 {
			t.Fatalf("a perfect score lowers %v to %v", base, up)
		}
		if down := one.Observe(judged(0)).Estimate("t", "x", nil, prior).Mean(); down > base+1e-9 {
			t.Fatalf("a zero raises %v to %v", base, down)
		}
		// Age takes weight, never the mean.
		for _, e := range old.Entries {
			young := one.Tally(e.Tool, e.Task, e.Mark)
			if e.N > young.N || e.Sum > 1e6*e.N || math.Abs(float64(e.Sum)/float64(e.N)-float64(young.Sum)/float64(young.N)) > 1 {
				t.Fatalf("%+v aged to %+v", young, e)
			}
		}
	})
}

// Chance alone does not make a mark telling, and what tells is found among what does not.
func TestTheTellingMarkIsFound(t *testing.T) {
	chance, found := 0, 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 5))
		noise, signal := estimate.Qualities{}, estimate.Qualities{}
		for range 40 {
			marks := []string{[]string{"a=1", "a=2"}[rng.IntN(2)], []string{"b=1", "b=2"}[rng.IntN(2)], []string{"c=1", "c=2"}[rng.IntN(2)]}
			score := []float64{.1, .9}[rng.IntN(2)]
			noise = noise.Observe(judged(score, marks...))
			if score = .9; marks[1] == "b=2" {
				score = .1
			}
			signal = signal.Observe(judged(score, marks...))
		}
		if noise.Estimate("t", "x", []string{"a=1", "b=1", "c=1"}, .5).Mark != "" {
			chance++
		}
		e := signal.Estimate("t", "x", []string{"a=1", "b=2", "c=1"}, .5)
		if e.Mark == "b=2" && e.Mean() < .3 {
			found++
		}
	}
	if chance > 10 || found < 195 {
		t.Errorf("of 200, chance told %d times, the telling mark was found %d times", chance, found)
	}
}

// One or two unlucky results do not put a good tool below the threshold, four
// do, and in time it is tried again.
func TestNoToolIsBanishedByBadLuck(t *testing.T) {
	q := estimate.Qualities{}
	var ranks []float64
	for range 5 {
		ranks = append(ranks, q.Estimate("t", "x", nil, .9).Rank(.8))
		q = q.Observe(judged(0))
	}
	if ranks[0] != .9 || ranks[1] != .8 || ranks[2] != .8 || ranks[4] >= .8 {
		t.Errorf("ranked %v after 0 to 4 failures", ranks)
	}
	if r := q.Aged(29).Estimate("t", "x", nil, .9).Rank(.8); r >= .8 {
		t.Errorf("ranked %v a month later", r)
	}
	if r := q.Aged(60).Estimate("t", "x", nil, .9).Rank(.8); r != .8 {
		t.Errorf("ranked %v two months later", r)
	}
	if e := q.Estimate("t", "x", nil, .7); e.Rank(.8) != e.Mean() {
		t.Error("what the doc puts below the threshold is not lifted")
	}
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
