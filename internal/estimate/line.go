package estimate

import (
	"math"
	"slices"

	"pentimento/internal/edit"
)

// Knobs of the fit. Times scatter in proportion to themselves, so residuals
// are relative: 0.1 is ten per cent.
const (
	priorSpread = 0.2   // relative scatter assumed while there are few timings
	spreadCount = 4     // how many timings that assumption counts as
	leastSpread = 0.03  // clocks and caches make no two runs equal
	huberWidth  = 1.345 // scatters beyond which a timing counts less
	outWidth    = 4     // scatters beyond which one counts for nothing
	maxRounds   = 60
)

// The sizes, in megapixels, at which the doc's prior counts as an observation
// each: far enough apart to carry both its fixed part and its slope.
var priorSizes = [PriorWeight]float64{0.25, 4}

// line is a fitted cost: seconds = fixed + slope·megapixels, with the posterior
// covariance of the two and the relative scatter of single runs.
type line struct {
	fixed, slope  float64
	vff, vfs, vss float64
	spread        float64
}

func (l line) at(mp float64) float64 { return l.fixed + l.slope*mp }

func (l line) sd(mp float64) float64 {
	mean := max(l.at(mp), edit.MinSeconds)
	v := l.vff + 2*mp*l.vfs + mp*mp*l.vss + (l.spread*mean)*(l.spread*mean)
	return math.Sqrt(max(0, v))
}

// datum is a timing with its weight; those of the doc are marked.
type datum struct {
	x, y, weight float64
	prior        bool
}

// fit is the Bayesian regression of the package doc: weighted least squares on
// relative residuals with the prior as PriorWeight observations at priorSizes,
// made robust: iteratively reweighted with Huber's loss (1964), which has one
// minimum, and from there with weights that reach 0, so that a fifth of stalled
// runs leaves no trace. Timings above the line are outliers, those below never:
// they show how fast the machine can be.
// A prior far off on either side counts less, since another machine may
// differ by any factor. total is how many timings there ever were: the prior
// fades with it even where only the latest are kept.
func fit(timings []Timing, total int64, prior edit.Cost) line {
	data := make([]datum, 0, len(timings)+PriorWeight)
	for _, x := range priorSizes {
		y := max(edit.MinSeconds, prior.Seconds+prior.PerMegapixel*x)
		data = append(data, datum{x, y, min(1, float64(len(timings)+1)/float64(total+1)), true})
	}
	l := line{fixed: prior.Seconds, slope: prior.PerMegapixel, spread: priorSpread}
	sorted := slices.SortedFunc(slices.Values(timings), Timing.compare) // one order for the rounding
	for _, t := range sorted {
		data = append(data, datum{t.Megapixels, t.Seconds, 1, false})
	}
	if len(sorted) == 0 {
		l.vff, l.vfs, l.vss = covariance(data, weights(data, l, math.Inf(1)), l)
		return l
	}
	l.fixed, l.slope = start(sorted)
	l = reweight(data, l, math.Inf(1))
	l = reweight(data, l, outWidth)
	l.vff, l.vfs, l.vss = covariance(data, weights(data, l, outWidth), l)
	return l
}

// reweight repeats least squares with the weights of the line before until it
// stands still; the scatter follows.
func reweight(data []datum, l line, gone float64) line {
	for range maxRounds {
		l.spread = scatter(data, l)
		f, s := solve(data, weights(data, l, gone))
		moved := math.Abs(f-l.fixed) + math.Abs(s-l.slope)
		// Half a step: the weights depend on the line, and full steps may swing.
		l.fixed, l.slope = (l.fixed+f)/2, (l.slope+s)/2
		if moved < 1e-9*(f+s) {
			break
		}
	}
	l.spread = scatter(data, l)
	return l
}

// start is a robust first line, so that a prior off by a hundred times or a
// few stalled runs cannot catch the fit: the medians of the smaller and the larger half.
func start(sorted []Timing) (fixed, slope float64) {
	half := (len(sorted) + 1) / 2
	x0, y0 := medians(sorted[:half])
	x1, y1 := medians(sorted[len(sorted)-half:])
	if x1 > x0*1.01+1e-9 && y1 > y0 {
		slope = min((y1-y0)/(x1-x0), y1/x1)
	}
	return max(0, y0-slope*x0), slope
}

func medians(ts []Timing) (x, y float64) {
	xs, ys := make([]float64, len(ts)), make([]float64, len(ts))
	for i, t := range ts {
		xs[i], ys[i] = t.Megapixels, t.Seconds
	}
	return median(xs), median(ys)
}

func median(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// relative is a residual as a share of the line's value there.
func (d datum) relative(l line) float64 {
	m := max(l.at(d.x), edit.MinSeconds/10)
	return (d.y - m) / m
}

// scatter is the relative standard deviation of single runs about the line:
// the median deviation, brought to a Gaussian's scale, which a few stalls
// cannot move, pulled towards priorSpread while there are few timings.
func scatter(data []datum, l line) float64 {
	var dev []float64
	for _, d := range data {
		if !d.prior {
			dev = append(dev, math.Abs(d.relative(l)))
		}
	}
	s, n := 1.4826*median(dev), float64(len(dev))
	return max(leastSpread, math.Sqrt((spreadCount*priorSpread*priorSpread+n*min(s*s, 1))/(spreadCount+n)))
}

// weights are those of the squared residuals in seconds, Huber's among them;
// a timing that lies gone scatters above the line has none.
func weights(data []datum, l line, gone float64) []float64 {
	out := make([]float64, len(data))
	for i, d := range data {
		m := max(l.at(d.x), edit.MinSeconds/10)
		r, w := d.relative(l), d.weight
		if far := huberWidth * l.spread; r > far || d.prior && -r > far {
			w *= far / math.Abs(r)
		}
		if !d.prior && r > gone*l.spread {
			w = 0
		}
		out[i] = w / (m * m)
	}
	return out
}

// solve is weighted least squares with neither part negative.
func solve(data []datum, w []float64) (fixed, slope float64) {
	var s, sx, sxx, sy, sxy float64
	for i, d := range data {
		s += w[i]
		sx += w[i] * d.x
		sxx += w[i] * d.x * d.x
		sy += w[i] * d.y
		sxy += w[i] * d.x * d.y
	}
	if det := s*sxx - sx*sx; det > 1e-12*s*sxx {
		fixed, slope = (sxx*sy-sx*sxy)/det, (s*sxy-sx*sy)/det
		if fixed >= 0 && slope >= 0 {
			return fixed, slope
		}
	} else {
		slope = -1 // all of one size: no slope can be told
	}
	if slope < 0 || sxx == 0 {
		return sy / s, 0
	}
	return 0, sxy / sxx
}

// covariance is that of the fitted pair under the scatter of single runs.
func covariance(data []datum, w []float64, l line) (vff, vfs, vss float64) {
	var s, sx, sxx float64
	for i, d := range data {
		s += w[i]
		sx += w[i] * d.x
		sxx += w[i] * d.x * d.x
	}
	v := l.spread * l.spread
	if det := s*sxx - sx*sx; det > 1e-12*s*sxx {
		return v * sxx / det, -v * sx / det, v * s / det
	}
	return v / s, 0, 0
}
