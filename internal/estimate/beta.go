package estimate

import "math"

// RegIncBeta is the regularised incomplete beta function I_x(a,b), the
// probability that a Beta(a,b) variable is at most x; a, b > 0. By the
// continued fraction of DLMF 8.17.22, evaluated with Lentz's method as modified
// by Thompson and Barnett (1986), on the side of the mean where it converges
// fast. Accurate to about 1e-12. NaN for arguments outside the domain.
func RegIncBeta(x, a, b float64) float64 {
	switch {
	case !(a > 0) || !(b > 0) || math.IsNaN(x) || math.IsInf(a, 1) || math.IsInf(b, 1):
		return math.NaN()
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incBetaFraction(1-x, b, a)
	}
	return incBetaFraction(x, a, b)
}

func incBetaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	h := d
	// About sqrt(max(a,b)) rounds are needed; the bound serves counts of 10^8.
	for m := 1.0; m < 20000; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/away(1+even*d), away(1+even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/away(1+odd*d), away(1+odd/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return min(max(front*h, 0), 1)
}

// BetaQuantile is the x with I_x(a,b) = p, for p in [0,1]: bisection on the
// bits that are left, so it is exact to what RegIncBeta resolves. A Beta whose
// a is 0 is all at 0, one whose b is 0 all at 1.
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1 || math.IsNaN(a) || math.IsNaN(b) || a < 0 || b < 0 || a+b == 0:
		return math.NaN()
	case a == 0:
		return 0
	case b == 0:
		return 1
	case p == 0 || p == 1:
		return p
	}
	lo, hi := 0.0, 1.0
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi || hi-lo < 1e-15 {
			break
		}
		if RegIncBeta(mid, a, b) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

// Interval is a range [Lower, Upper] of a probability.
type Interval struct {
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
}

// BetaInterval is the central interval that holds a share confidence, in
// (0,1), of a Beta(a,b).
func BetaInterval(a, b, confidence float64) Interval {
	tail := (1 - confidence) / 2
	return Interval{BetaQuantile(tail, a, b), BetaQuantile(1-tail, a, b)}
}

// ClopperPearson is the exact interval (1934) for the rate behind successes of
// trials: its coverage is never below confidence. With no trials it is [0,1].
func ClopperPearson(successes, trials int, confidence float64) Interval {
	if !sane(successes, trials, confidence) {
		return Interval{math.NaN(), math.NaN()}
	}
	k, n, tail := float64(successes), float64(trials), (1-confidence)/2
	out := Interval{0, 1}
	if successes > 0 {
		out.Lower = BetaQuantile(tail, k, n-k+1)
	}
	if successes < trials {
		out.Upper = BetaQuantile(1-tail, k+1, n-k)
	}
	return out
}

// Wilson is Wilson's score interval (1927) for the rate behind successes of
// trials: close to its confidence on average, shorter than ClopperPearson. With no trials it is [0,1].
func Wilson(successes, trials int, confidence float64) Interval {
	if !sane(successes, trials, confidence) {
		return Interval{math.NaN(), math.NaN()}
	}
	if trials == 0 {
		return Interval{0, 1}
	}
	n := float64(trials)
	p := float64(successes) / n
	z := math.Sqrt2 * math.Erfinv(confidence)
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	out := Interval{max(0, mid-half), min(1, mid+half)}
	if successes == 0 { // the formula gives these up to rounding
		out.Lower = 0
	}
	if successes == trials {
		out.Upper = 1
	}
	return out
}

func sane(successes, trials int, confidence float64) bool {
	return successes >= 0 && trials >= successes && confidence > 0 && confidence < 1
}
