package trial

import (
	"math"

	"pentimento/internal/estimate"
)

// Upper is the exact one-sided upper bound (Clopper and Pearson 1934) of a
// rate after passed of n: the rate is above it in at most a share miss of cases.
// It is 1 with no trials. It never falls when a success is added.
func Upper(passed, n int, miss float64) float64 {
	return estimate.ClopperPearson(passed, n, 1-2*miss).Upper
}

// Score is Wilson's one-sided lower bound (1927): close to its confidence on
// average, less careful than an exact one, and cheap enough to rank many rules by.
func Score(passed, n int, miss float64) float64 {
	return estimate.Wilson(passed, n, 1-2*miss).Lower
}

// Chi1 is the probability that a chi-squared variable with one degree of
// freedom is at least x: the p-value of a likelihood-ratio statistic (Wilks 1938).
func Chi1(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	return math.Erfc(math.Sqrt(x / 2))
}
