package pixel

import "math"

// kernel returns the first and last input sample that f mixes for an output
// centred at c, where one output step is step input steps, and the weight (not
// yet normalised) by signed distance from c.
func kernel(f PlaneFilter, step, c float64) (lo, hi int, weight func(d float64) float64) {
	switch f {
	case Bilinear:
		lo = int(math.Floor(c))
		return lo, lo + 1, tent
	case Triangle:
		s := max(step, 1)
		return int(math.Ceil(c - s)), int(math.Floor(c + s)), func(d float64) float64 { return tent(d / s) }
	case Area:
		// A sample covers [d-1/2, d+1/2]; its weight is what lies inside [-step/2, step/2].
		r := step / 2
		return int(math.Floor(c - r + 0.5)), int(math.Ceil(c + r - 0.5)), func(d float64) float64 {
			return max(0, min(d+0.5, r)-max(d-0.5, -r))
		}
	case Cubic:
		lo = int(math.Floor(c)) - 1
		return lo, lo + 3, keys
	case Nearest:
	}
	lo = int(math.Floor(c + 0.5))
	return lo, lo, func(float64) float64 { return 1 }
}

func tent(d float64) float64 { return max(0, 1-math.Abs(d)) }

// keys is the cubic convolution kernel of Keys (1981) with a = -0.75, as OpenCV has it.
func keys(d float64) float64 {
	const a = -0.75
	d = math.Abs(d)
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}
