package trial

import (
	"math"
	"slices"

	"pentimento/internal/estimate"
)

// Lower is the exact one-sided lower bound (Clopper and Pearson 1934) of a
// rate after passed of n: the rate is below it in at most a share miss of cases.
// It is 0 with no trials. It never falls when a success is added.
func Lower(passed, n int, miss float64) float64 {
	return estimate.ClopperPearson(passed, n, 1-2*miss).Lower
}

// Upper is the one-sided upper bound in the same sense, 1 with no trials.
func Upper(passed, n int, miss float64) float64 {
	return estimate.ClopperPearson(passed, n, 1-2*miss).Upper
}

// Score is Wilson's one-sided lower bound (1927): close to its confidence on
// average, less careful than Lower, and cheap enough to rank many rules by.
func Score(passed, n int, miss float64) float64 {
	return estimate.Wilson(passed, n, 1-2*miss).Lower
}

// Holm marks which of several hypotheses may be rejected so that the
// probability of even one false rejection is at most level, however the tests
// hang together (Holm 1979): the k-th smallest of n p-values must be at most
// level/(n-k+1), and so must all before it. A p that is no number is never rejected.
func Holm(p []float64, level float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	key := func(i int) float64 {
		if math.IsNaN(p[i]) {
			return math.Inf(1)
		}
		return p[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case key(a) < key(b):
			return -1
		case key(a) > key(b):
			return 1
		}
		return 0
	})
	reject := make([]bool, len(p))
	for k, i := range order {
		if key(i) > level/float64(len(p)-k) {
			break
		}
		reject[i] = true
	}
	return reject
}

// Spend is the share of an error budget that the k-th attempt may use, k from
// 1: budget·6/(π²k²). All attempts together, however many, use at most the
// budget. It serves candidates that are changed after a rejection; one that is
// merely tested on goes on with the same Trial and spends nothing more.
func Spend(budget float64, k int) float64 {
	if k < 1 {
		return 0
	}
	return budget * 6 / (math.Pi * math.Pi * float64(k) * float64(k))
}

// Chi1 is the probability that a chi-squared variable with one degree of
// freedom is at least x: the p-value of a likelihood-ratio statistic (Wilks 1938).
func Chi1(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	return math.Erfc(math.Sqrt(x / 2))
}
