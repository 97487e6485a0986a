package trial

import "math"

// Moments are sums over the pairs of a trial of a difference and of its square.
// How many pairs there are is the trial's to know; it is a fraction where some count for less.
type Moments struct {
	Sum     float64 `json:"sum"`
	Squares float64 `json:"squares"`
}

// Before the pairs have told how much a difference varies, it is taken to vary
// by the spread (of quality) or a share of f, as if doubtful pairs had shown that: a few pairs that agree prove little.
const (
	spread   = 0.02
	unsure   = 0.3
	doubtful = 2
)

// rho tunes the bounds to be narrowest at about 20 pairs.
const rho = 0.56

func (m Moments) with(x float64) Moments { return Moments{m.Sum + x, m.Squares + x*x} }

func (m Moments) mean(n float64) float64 { return m.Sum / max(n, 1) }

// above is what the mean is above, whenever one looks, but for a share of error:
// the lower asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
// Kennedy and Ramdas (Annals of Statistics 2024, proposition B.1, one-sided).
func (m Moments) above(n, err, spread float64) float64 {
	return m.mean(n) - m.width(n, err, spread)
}

// below is what the mean is below in the same sense.
func (m Moments) below(n, err, spread float64) float64 {
	return m.mean(n) + m.width(n, err, spread)
}

func (m Moments) width(n, err, spread float64) float64 {
	if n == 0 {
		return math.Inf(1)
	}
	mean := m.mean(n)
	variance := (doubtful*spread*spread + max(m.Squares-n*mean*mean, 0)) / (doubtful + n - 1)
	u := n*rho*rho + 1
	return math.Sqrt(variance * 2 * u / (n * n * rho * rho) * math.Log1p(math.Sqrt(u)/(2*err)))
}
