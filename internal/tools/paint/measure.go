package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// sample is one measured pixel of the object.
type sample struct {
	l, p, q float32
	w       float32 // the matte, in [0,1]
}

// Measure finds the paint that the object under the mask mostly wears. It
// looks at Grid×Grid samples of the mask's bounding box.
//
// The paint is the highest mode of the samples' density over lightness and
// chromaticity: an average would lie between a white car and its black tyres,
// a median may too.
func Measure(ctx context.Context, img *pixel.Image, mask *pixel.Mask) (Stats, error) {
	ss := samples(img, mask)
	if len(ss) == 0 {
		return Stats{}, ctx.Err()
	}
	mode, err := findMode(ctx, ss)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Found: true, L: mode.l, P: mode.p, Q: mode.q}
	s.Colored = ramp(s.Saturation(), ColoredLow, ColoredHigh) *
		ramp(s.Saturation()*(max(s.L, 0)+DarkOffset), VividLow, VividHigh)
	s.Split, s.Gate, s.Sign = split(ss, s)
	for range MeanSteps {
		var n, l, squares float64
		for _, v := range ss {
			a, _ := s.Member(v.lab())
			w, vl := float64(v.w*a), float64(v.l)
			n, l, squares = n+w, l+w*vl, squares+w*vl*vl
		}
		if n > 0 {
			l /= n
			s.L, s.Spread = float32(l), sqrt(float32(max(squares/n-l*l, 0)))
		}
	}
	s.Near = near(ss, s)
	return s, nil
}

// near computes Stats.Near: the share of the paint's members in the square of
// 2·NearCells+1 cells around each cell, through a ramp.
func near(ss []sample, s Stats) []float32 {
	member := make([]float32, len(ss))
	for i, v := range ss {
		a, _ := s.Member(v.lab())
		member[i] = v.w * a
	}
	out := make([]float32, len(ss))
	for j := range Grid {
		for i := range Grid {
			have, all := float32(NearTiny), float32(NearTiny)
			for y := max(0, j-NearCells); y <= min(Grid-1, j+NearCells); y++ {
				for x := max(0, i-NearCells); x <= min(Grid-1, i+NearCells); x++ {
					have += member[y*Grid+x]
					all += ss[y*Grid+x].w
				}
			}
			out[j*Grid+i] = ramp(have/all, NearLow, NearHigh)
		}
	}
	return out
}

func (v sample) lab() pixel.Lab {
	d := max(v.l, 0) + DarkOffset
	return pixel.Lab{L: v.l, A: v.p * d, B: v.q * d}
}

// samples reads the grid, row by row. Samples outside the mask are kept with
// weight 0, so that a place in the list tells the place in the grid. It
// returns nil for an empty mask.
func samples(img *pixel.Image, mask *pixel.Mask) []sample {
	x0, y0, x1, y1, ok := bounds(mask)
	if !ok {
		return nil
	}
	out := make([]sample, 0, Grid*Grid)
	for j := range Grid {
		y := gridAt(j, y0, y1)
		for i := range Grid {
			x := gridAt(i, x0, x1)
			r, g, b, _ := img.At(x, y)
			c := pixel.ToLab(r, g, b)
			p, q := chromaticity(c)
			out = append(out, sample{l: c.L, p: p, q: q, w: float32(mask.At(x, y)) / 255})
		}
	}
	return out
}

// gridAt is the i-th of Grid positions spread over [lo, hi).
func gridAt(i, lo, hi int) int {
	return lo + int((float32(i)+0.5)*float32(hi-lo)/Grid)
}

// bounds is the smallest rectangle around the mask's samples above 0.
func bounds(m *pixel.Mask) (x0, y0, x1, y1 int, ok bool) {
	x0, y0 = m.W, m.H
	for y := range m.H {
		row := m.Pix[y*m.W : (y+1)*m.W]
		for x, v := range row {
			if v == 0 {
				continue
			}
			x0, x1 = min(x0, x), max(x1, x+1)
			y0, y1 = min(y0, y), y+1
		}
	}
	return x0, y0, x1, y1, x1 > 0
}
