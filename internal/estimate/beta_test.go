package estimate_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/estimate"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

func TestRegIncBetaKnownValues(t *testing.T) {
	// Closed forms: I_x(1,b) = 1-(1-x)^b, I_x(a,1) = x^a, I_x(1/2,1/2) = 2/π·asin √x; binomial tails for whole a, b.
	for _, x := range []float64{1e-9, .01, .2, .5, .77, .999} {
		for _, n := range []float64{.3, 1, 2.5, 40, 1e5} {
			near(t, "I(1,b)", estimate.RegIncBeta(x, 1, n), -math.Expm1(n*math.Log1p(-x)), 1e-10)
			near(t, "I(a,1)", estimate.RegIncBeta(x, n, 1), math.Pow(x, n), 1e-10)
		}
		near(t, "arcsine", estimate.RegIncBeta(x, .5, .5), 2/math.Pi*math.Asin(math.Sqrt(x)), 1e-11)
		near(t, "I(3,2)", estimate.RegIncBeta(x, 3, 2), x*x*x*(4-3*x), 1e-11)
	}
	near(t, "middle", estimate.RegIncBeta(.5, 12345, 12345), .5, 1e-9)
	for _, bad := range [][3]float64{{.5, 0, 1}, {.5, 1, -1}, {math.NaN(), 1, 1}, {.5, math.NaN(), 1}, {.5, math.Inf(1), 1}} {
		if v := estimate.RegIncBeta(bad[0], bad[1], bad[2]); !math.IsNaN(v) {
			t.Errorf("RegIncBeta(%v) = %v, want NaN", bad, v)
		}
	}
}

func TestBetaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(.01, 5000).Draw(t, "a"), rapid.Float64Range(.01, 5000).Draw(t, "b")
		x, y := rapid.Float64Range(1e-4, 1-1e-4).Draw(t, "x"), rapid.Float64Range(0, 1).Draw(t, "y")
		ix, iy := estimate.RegIncBeta(x, a, b), estimate.RegIncBeta(y, a, b)
		if !(ix >= 0 && ix <= 1) {
			t.Fatalf("I = %v", ix)
		}
		if x < y && ix > iy+1e-9 {
			t.Fatalf("I falls from %v to %v between %v and %v", ix, iy, x, y)
		}
		if d := ix + estimate.RegIncBeta(1-x, b, a) - 1; math.Abs(d) > 1e-7 {
			t.Fatalf("I_x(a,b) + I_{1-x}(b,a) - 1 = %v", d)
		}
		p := rapid.Float64Range(1e-6, 1-1e-6).Draw(t, "p")
		q := estimate.BetaQuantile(p, a, b)
		if !(q >= 0 && q <= 1) {
			t.Fatalf("quantile %v", q)
		}
		// The nearest floats around the quantile bracket p.
		lo, hi := estimate.RegIncBeta(q-4e-15-q*1e-9, a, b), estimate.RegIncBeta(q+4e-15+(1-q)*1e-9, a, b)
		if lo > p+1e-7 || hi < p-1e-7 {
			t.Fatalf("quantile %v of %v brackets %v and %v", q, p, lo, hi)
		}
	})
}

func TestIntervalsKnownValues(t *testing.T) {
	// Brown, Cai and DasGupta (2001) and R's binom.test.
	ci := estimate.ClopperPearson(7, 20, .95)
	near(t, "lower", ci.Lower, .15390921, 1e-7)
	near(t, "upper", ci.Upper, .59218920, 1e-6)
	none := estimate.ClopperPearson(0, 10, .95) // upper = 1-(α/2)^(1/n)
	near(t, "none lower", none.Lower, 0, 0)
	near(t, "none upper", none.Upper, 1-math.Pow(.025, .1), 1e-12)
	all := estimate.ClopperPearson(10, 10, .95)
	near(t, "all lower", all.Lower, math.Pow(.025, .1), 1e-12)
	near(t, "all upper", all.Upper, 1, 0)
	w := estimate.Wilson(7, 20, .95)
	near(t, "wilson lower", w.Lower, .18119, 1e-5)
	near(t, "wilson upper", w.Upper, .56714, 1e-5)
	if e := (estimate.Interval{Lower: 0, Upper: 1}); estimate.Wilson(0, 0, .9) != e || estimate.ClopperPearson(0, 0, .9) != e {
		t.Error("no trials tell nothing")
	}
	for _, bad := range []estimate.Interval{estimate.Wilson(3, 2, .9), estimate.ClopperPearson(-1, 2, .9), estimate.Wilson(1, 2, 1)} {
		if !math.IsNaN(bad.Lower) || !math.IsNaN(bad.Upper) {
			t.Errorf("%v from counts that cannot be", bad)
		}
	}
}

// The exact interval covers the true rate at least as often as it says, for every rate.
func TestClopperPearsonCovers(t *testing.T) {
	const n, conf = 25, .9
	for _, p := range []float64{.01, .1, .33, .5, .8, .97} {
		var covered float64
		for k := range n + 1 {
			if ci := estimate.ClopperPearson(k, n, conf); ci.Lower <= p && p <= ci.Upper {
				covered += choose(n, k) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
			}
		}
		if covered < conf {
			t.Errorf("at p = %v it covers only %.3f", p, covered)
		}
	}
}

func choose(n, k int) float64 {
	v := 1.0
	for i := range k {
		v *= float64(n-i) / float64(i+1)
	}
	return v
}

func TestPointMasses(t *testing.T) {
	if got := estimate.BetaInterval(2, 0, .9); got != (estimate.Interval{Lower: 1, Upper: 1}) {
		t.Error(got)
	}
	if got := estimate.BetaInterval(0, 2, .9); got != (estimate.Interval{}) {
		t.Error(got)
	}
	if !math.IsNaN(estimate.BetaQuantile(.5, 0, 0)) || !math.IsNaN(estimate.BetaQuantile(1.5, 1, 1)) {
		t.Error("no such quantile")
	}
}
