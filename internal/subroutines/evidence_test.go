package subroutines_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	. "pentimento/internal/subroutines"
)

func sortedDistinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)+math.Abs(b)) }

// However runs are grouped, the moments are those of all of them.
func TestCostIsTheSameHoweverItIsAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		var parts [3]Cost
		var all Cost
		var sx, sy float64
		seconds, sizes := make([]float64, n), make([]float64, n)
		for i := range n {
			seconds[i], sizes[i] = rapid.Float64Range(0.01, 100).Draw(t, "seconds"), rapid.Float64Range(0.1, 50).Draw(t, "megapixels")
			sx, sy = sx+sizes[i], sy+seconds[i]
			one := NewCost(seconds[i], sizes[i])
			all = all.Plus(one)
			k := rapid.IntRange(0, 2).Draw(t, "part")
			parts[k] = one.Plus(parts[k])
		}
		joined := parts[2].Plus(parts[0]).Plus(parts[1])
		var vy, vx, vxy float64
		for i := range n {
			dx, dy := sizes[i]-sx/float64(n), seconds[i]-sy/float64(n)
			vx, vy, vxy = vx+dx*dx, vy+dy*dy, vxy+dx*dy
		}
		for _, c := range []Cost{all, joined} {
			if !near(c.N, float64(n)) || !near(c.Seconds, sy/float64(n)) || !near(c.Megapixels, sx/float64(n)) ||
				!near(c.SD, math.Sqrt(vy/float64(n))) || !near(c.MegapixelsSD, math.Sqrt(vx/float64(n))) || vx > 1e-3 && !near(c.PerMegapixel, vxy/vx) {
				t.Fatalf("%+v of %v s, %v megapixels", c, seconds, sizes)
			}
			if mp := rapid.Float64Range(0, 100).Draw(t, "at"); !(c.At(mp) > 0) || c.At(mp) > c.At(2*mp)+1e-9 {
				t.Fatalf("%+v: %v at %v megapixels, %v at twice as many", c, c.At(mp), mp, c.At(2*mp))
			}
		}
	})
}

func TestCostFollowsTheSize(t *testing.T) {
	var c Cost
	for _, mp := range []float64{1, 2, 4, 8} {
		c = c.Plus(NewCost(0.5+2*mp, mp))
	}
	for mp, want := range map[float64]float64{0.5: 1.5, 3: 6.5, 20: 40.5} {
		if got := c.At(mp); !near(got, want) {
			t.Errorf("%v s at %v megapixels, want %v", got, mp, want)
		}
	}
	if (Cost{}).Plus(c) != c || c.Plus(Cost{}) != c || c.Times(0) != (Cost{}) || c.Times(0.5).At(3) != c.At(3) {
		t.Error("nothing added changes nothing, and discounted evidence says the same")
	}
}

func TestRatesAndQualities(t *testing.T) {
	var r Rate
	if r.Mean() != 0.5 {
		t.Errorf("with no runs the rate to expect is %v", r.Mean())
	}
	for i := range 20 {
		r = r.Observe(i != 0)
	}
	if r != (Rate{19, 1}) || !near(r.Mean(), 20./22) {
		t.Errorf("%v, mean %v", r, r.Mean())
	}
	wide, narrow := r.Times(0.25).Interval(0.9), r.Interval(0.9)
	if !(wide.Lower < narrow.Lower && narrow.Lower < r.Mean() && r.Mean() < narrow.Upper) {
		t.Errorf("discounted evidence is less sure: %v, %v", wide, narrow)
	}
	var q Quality
	if q.Expected() != 0.9 {
		t.Errorf("a passed run is expected to be worth %v", q.Expected())
	}
	for _, v := range []float64{0.8, 1} {
		q = q.Plus(Quality{1, v})
	}
	if !near(q.Mean, 0.9) || q.Plus(Quality{}) != q || q.Times(0) != (Quality{}) || (Quality{}).Plus(Quality{}) != (Quality{}) {
		t.Errorf("%+v", q)
	}
	if i := q.Interval(0.9); !(i.Lower < 0.9 && i.Upper > 0.9 && i.Upper <= 1) {
		t.Error(i)
	}
}

// What others measured counts less than what was measured here, and their seconds not at all once there are any of this machine.
func TestTotalEvidence(t *testing.T) {
	s := removal("r1", "")
	s.SetOwn(Evidence{})
	s.Others = map[string]Evidence{"b": {Cost: NewCost(40, 1), Pass: Rate{8, 0}}, "a": {Cost: NewCost(20, 1), Pass: Rate{0, 4}}}
	if e := s.Total(); e.Pass != (Rate{2, 1}) || e.Cost.Seconds != 30 || e.Cost.N != 0.5 {
		t.Errorf("%+v", e)
	}
	s.SetOwn(Evidence{Cost: NewCost(1, 1), Pass: Rate{1, 0}})
	if e := s.Total(); e.Pass != (Rate{3, 1}) || e.Cost != NewCost(1, 1) {
		t.Errorf("%+v", e)
	}
}

// removal is an active subroutine with plausible evidence.
func removal(id string, when ...string) *Subroutine {
	s := &Subroutine{
		ID: id, Task: "object-removal", State: Active, Version: 1,
		Path:    Path{{Tool: "seek"}, {Tool: "outline", Inputs: []int{0}}, {Tool: "fill", Variant: 1, Params: map[string]any{"radius": 3.0}, Inputs: []int{1}}},
		Cost:    Cost{N: 19, Seconds: 2, SD: 0.2, Megapixels: 1},
		Pass:    Rate{19, 1},
		Quality: Quality{19, 0.93},
	}
	for _, text := range when {
		if text == "" {
			continue
		}
		c, err := ParseCondition(text)
		if err != nil {
			panic(err)
		}
		s.When = append(s.When, c)
	}
	return s
}

// subroutines draws n different active subroutines of one task.
func subroutinesOf(r *rand.Rand, n int) []*Subroutine {
	ids := []string{"object-area-share", "around-residual", "around-edges", "object-score", "picture-noise", "object-contrast", "text-score", "mask-fill"}
	all := make([]*Subroutine, n)
	for i := range all {
		s := removal("r"+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676)), "")
		for range 3 {
			low := r.Float64() / 2
			s.When = append(s.When, Condition{Feature: ids[r.IntN(len(ids))], Op: Between, Low: low, High: low + 0.5})
		}
		s.When[0] = []Condition{
			s.When[0],
			{Feature: ids[0], Op: AtLeast, Low: 0.3},
			{Feature: ids[1], Op: Below, High: 0.4},
			{Feature: "detector-knows", Op: Is, Want: r.IntN(2) == 0},
			{Feature: "around-ground", Op: In, Words: []string{"complex", "plain"}},
		}[r.IntN(5)]
		s.Cost = Cost{N: 10, Seconds: 1 + 9*r.Float64(), Megapixels: 1}
		s.Pass, s.Quality = Rate{float64(r.IntN(20)), float64(r.IntN(5))}, Quality{5, 0.8 + 0.2*r.Float64()}
		if _, ok := s.When.Canonical(); !ok {
			s.When = s.When[:1]
		}
		all[i] = s
	}
	return all
}
