package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// The constants of borders inside the object, shared with the ONNX graph. A
// pixel between body and tyre mixes both as one at the object's outline does.
const (
	PureRadius  = 1   // a place shows the paint alone when all within this many pixels wear it,
	PureShare   = 0.9 // by this share,
	OtherRadius = 2   // and another thing alone when none within this many
	OtherShare  = 0.1 // wear more than this share
	InnerRadius = 5   // how far a pixel between them looks for both,
	InnerSigma  = 2.0 // by a Gaussian
	PaintFloor  = 0.02
	OtherFloor  = 0.005 // weights of the two below which there is none of them

	// How far a colour may lie off the line between the two, squared and in
	// squares of their distance, to be a mixture of them; and that distance squared.
	OffLow    = 0.02
	OffHigh   = 0.10
	ApartLow  = 0.002
	ApartHigh = 0.02
	FullLow   = 1.0 // a share of the paint above this is no gap in the paint,
	FullHigh  = 1.1
	Tiny      = 1e-6
)

// inner makes the change of pixels that lie between the paint and something
// else of the object that of the paint beside them, weighed by how much of it
// they show. Where nothing but paint is near, a pixel darker than it is a gap:
// paint in the dark.
func (d *delta) inner(ctx context.Context) {
	low := d.extremes(PureRadius, 1, func(a, b float32) float32 { return min(a, b) })
	high := d.extremes(OtherRadius, 0, func(a, b float32) float32 { return max(a, b) })
	kernel := InnerKernel()
	own := make([][3]float32, len(d.own))
	copy(own, d.own)
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			for x := range d.w {
				i := y*d.w + x
				px, m := d.at(x, y)
				if m < Solid || low[i] >= PureShare || high[i] <= OtherShare {
					continue
				}
				s := d.between(x, y, low, high, kernel)
				own[i] = s.change(px, d.own[i])
			}
		}
	})
	d.own = own
}

// extremes is the least or greatest share within a square around every pixel;
// pixels that are not solid count as none.
func (d *delta) extremes(radius int, none float32, pick func(a, b float32) float32) []float32 {
	across := make([]float32, len(d.share))
	out := make([]float32, len(d.share))
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b; y++ {
			for x := range d.w {
				v := none
				for u := max(0, x-radius); u <= min(d.w-1, x+radius); u++ {
					if d.mask.Pix[(d.y0+y)*d.mask.W+d.x0+u] >= SolidCode {
						v = pick(v, d.share[y*d.w+u])
					}
				}
				across[y*d.w+x] = v
			}
		}
	})
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b; y++ {
			for x := range d.w {
				v := none
				for u := max(0, y-radius); u <= min(d.h-1, y+radius); u++ {
					v = pick(v, across[u*d.w+x])
				}
				out[y*d.w+x] = v
			}
		}
	})
	return out
}

// sides is what a pixel between two things learns of both: the paint's weight,
// change and colour, and the other's weight and colour, in linear light.
type sides struct {
	paint, other           float32
	changed, wears, ground [3]float32
}

func (d *delta) between(x, y int, low, high, kernel []float32) (s sides) {
	for v := max(0, y-InnerRadius); v <= min(d.h-1, y+InnerRadius); v++ {
		for u := max(0, x-InnerRadius); u <= min(d.w-1, x+InnerRadius); u++ {
			i := v*d.w + u
			pure := low[i] >= PureShare
			if !pure && high[i] > OtherShare {
				continue
			}
			px, m := d.at(u, v)
			if m < Solid {
				continue
			}
			w := kernel[v-y+InnerRadius] * kernel[u-x+InnerRadius]
			if !pure {
				s.other += w
				for c := range px {
					s.ground[c] += w * px[c]
				}
				continue
			}
			s.paint += w
			for c := range px {
				s.wears[c] += w * px[c]
				s.changed[c] += w * d.own[i][c]
			}
		}
	}
	return s
}

// change is that of a pixel of the given colour, whose own would be own.
func (s *sides) change(px, own [3]float32) [3]float32 {
	if s.paint < PaintFloor {
		return own
	}
	var ground [3]float32
	if s.other >= OtherFloor {
		for c := range ground {
			ground[c] = s.ground[c] / s.other
		}
	}
	var dot, apart float32
	for c := range px {
		v := s.wears[c]/s.paint - ground[c]
		dot += (px[c] - ground[c]) * v
		apart += v * v
	}
	share := dot / max(apart, Tiny)
	m := min(max(share, 0), 1)
	var off, was, is float32
	var mixed, rest [3]float32 // the mixture in the new paint, and what of the pixel is no mixture
	for c := range px {
		old := ground[c] + m*(s.wears[c]/s.paint-ground[c])
		rest[c] = px[c] - old
		mixed[c] = old + m*s.changed[c]/s.paint
		off += rest[c] * rest[c]
		was, is = was+old, is+mixed[c]
	}
	sure := (1 - ramp(off/max(apart, Tiny), OffLow, OffHigh)) * ramp(apart, ApartLow, ApartHigh)
	if s.other < OtherFloor {
		sure *= 1 - ramp(share, FullLow, FullHigh)
	}
	dim := min(1, is/max(was, Tiny)) // the rest is not to outshine a darker mixture
	for c := range own {
		own[c] += sure * (mixed[c] + dim*rest[c] - px[c] - own[c])
	}
	return own
}
