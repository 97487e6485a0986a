package paint

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// findMode returns the densest place among the samples: the best of the seeds,
// moved uphill by mean shift. A density counts in proportion to how far its
// samples are strewn over the object: body frames glass, and a badge is compact.
func findMode(ctx context.Context, all []sample) (sample, error) {
	ss := make([]sample, len(all))
	for i, s := range all {
		chroma := max(hypot(s.p, s.q)*(max(s.l, 0)+DarkOffset)-ChromaLow, 0)
		s.w *= (1 + ChromaGain*chroma*chroma) * (DarkShare + (1-DarkShare)*ramp(s.l, ShadeLow, ShadeHigh))
		ss[i] = s
	}
	const perSide = Grid / SeedStride
	var scores [perSide * perSide]float32
	pixel.Rows(len(scores), func(a, b int) {
		for k := a; k < b && ctx.Err() == nil; k++ {
			at := seedAt(k)
			scores[k] = max(all[at].w, SeedFloor) * density(ss, ss[at])
		}
	})
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	top := 0
	for k, v := range scores {
		if v > scores[top] {
			top = k
		}
	}
	best := ss[seedAt(top)]
	for range ShiftSteps {
		best = shift(ss, best)
	}
	return best, nil
}

// seedAt is the place of the k-th seed in the grid.
func seedAt(k int) int {
	const perSide = Grid / SeedStride
	return (SeedStride/2+k/perSide*SeedStride)*Grid + SeedStride/2 + k%perSide*SeedStride
}

// bandC is the kernel's width along the chromaticity around a colour. It grows
// with the saturation: the folds and weave of a red hat vary more than grey paint does.
func bandC(at sample) float32 { return BandC + BandCSlope*hypot(at.p, at.q) }

// density is the kernel density (Epanechnikov) of the weighted samples, times
// the variance of their places in the grid, in squares of its side.
func density(ss []sample, at sample) float32 {
	kl, kc := float32(1/(BandL*BandL)), 1/(bandC(at)*bandC(at))
	var n, sx, sy, sq float64
	for i := range ss {
		s := &ss[i]
		dl, dp, dq := s.l-at.l, s.p-at.p, s.q-at.q
		if k := 1 - dl*dl*kl - (dp*dp+dq*dq)*kc; k > 0 && s.w > 0 {
			x, y, w := place(i%Grid), place(i/Grid), float64(s.w*k)
			n, sx, sy, sq = n+w, sx+w*x, sy+w*y, sq+w*(x*x+y*y)
		}
	}
	if n <= 0 {
		return 0
	}
	return float32(sq - (sx*sx+sy*sy)/n + StrewnFloor*n)
}

// place is the middle of a grid cell, in [-0.5,0.5].
func place(i int) float64 { return (float64(i)+0.5)/Grid - 0.5 }

// shift is one step of mean shift with the same kernel as weight.
func shift(ss []sample, at sample) sample {
	kl, kc := float32(1/(BandL*BandL)), 1/(bandC(at)*bandC(at))
	var n, l, p, q float64
	for i := range ss {
		s := &ss[i]
		dl, dp, dq := s.l-at.l, s.p-at.p, s.q-at.q
		if k := 1 - dl*dl*kl - (dp*dp+dq*dq)*kc; k > 0 {
			w := float64(s.w * k)
			n += w
			l += w * float64(s.l)
			p += w * float64(s.p)
			q += w * float64(s.q)
		}
	}
	if n <= 0 {
		return at
	}
	return sample{l: float32(l / n), p: float32(p / n), q: float32(q / n), w: 1}
}

// split looks at the lightness of the samples that share the paint's
// chromaticity. Where they form two groups with a valley between them, such as
// a white car's body and its tyres, it returns the valley, how clear it is,
// and on which side of it the paint lies.
func split(ss []sample, s Stats) (at, gate, sign float32) {
	mode := s.L
	s.Gate, s.L = 0, 0 // membership by chromaticity alone
	var hist [Levels]float32
	for i := range ss {
		a, _ := s.Member(ss[i].lab())
		w := ss[i].w * a
		for k := range hist {
			hist[k] += w * max(0, 1-abs(ss[i].l-level(k))/LevelBand)
		}
	}
	lower, upper := otsu(hist[:])
	first, last, least := -1, -1, float32(math.MaxFloat32)
	for k, v := range hist {
		switch l := level(k); {
		case l < lower || l > upper || v > least:
		case v < least:
			first, last, least = k, k, v
		default:
			last = k
		}
	}
	if first < 0 {
		return 0, 0, 1
	}
	// The valley is the lowest level between the groups' means, the middle of those that are equally low.
	at = (level(first) + level(last)) / 2
	var below, above float32
	for k, v := range hist {
		if level(k) <= at {
			below = max(below, v)
		}
		if level(k) >= at {
			above = max(above, v)
		}
	}
	depth := least / max(min(below, above), 1e-6)
	gate = ramp(upper-lower, GapLow, GapHigh) * (1 - ramp(depth, ValleyLow, ValleyHigh))
	if sign = 1; mode < at {
		sign = -1
	}
	return at, gate, sign
}

func level(k int) float32 { return (float32(k) + 0.5) / Levels }

// otsu returns the mean lightness of the two groups that part the histogram
// with the greatest variance between them (Otsu, 1979).
func otsu(hist []float32) (lower, upper float32) {
	var n, sum float32
	for k, v := range hist {
		n += v
		sum += v * level(k)
	}
	best := float32(-1)
	var n0, s0 float32
	for k, v := range hist[:len(hist)-1] {
		n0 += v
		s0 += v * level(k)
		n1, s1 := n-n0, sum-s0
		m0, m1 := s0/max(n0, 1e-6), s1/max(n1, 1e-6)
		if d := n0 * n1 * (m1 - m0) * (m1 - m0); d > best {
			best, lower, upper = d, m0, m1
		}
	}
	return lower, upper
}
