package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// The constants of lens fringes: the violet that a lens draws between a light
// surface and a dark thing beside it. On white it passes for a reflection; beside
// the same surface in black it would glow.
const (
	FringeRadius = 4    // pixels from the paint within which a fringe lies
	FringeNear   = 0.3  // share of the paint there from which on it does, fully so at
	FringeFull   = 0.7  // this one
	FringeFaint  = 0.02 // chroma below which there is none, and
	FringeVivid  = 0.05 // from which on all of it goes
	FringeLight  = 0.6  // lightness that a paint has at least that leaves one
	FringeGrey   = 0.04 // chroma below which a target is black, grey or white
	// Violet is a direction between these shares of a and of -b in the chroma.
	VioletLow  = 0.25
	VioletHigh = 0.45
)

// fringed reports whether the change from paint s to the target shows up a lens
// fringe: light grey paint becomes another grey.
func fringed(s Stats, target pixel.Lab) bool {
	return s.L >= FringeLight && s.Colored < 0.5 && hypot(target.A, target.B) < FringeGrey
}

// unfringe takes the violet out of what lies beside the repainted surface.
func (d *delta) unfringe(ctx context.Context, out *pixel.Image) {
	near := d.extremes(FringeRadius, 0, func(a, b float32) float32 { return max(a, b) })
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			for x := range d.w {
				m := float32(d.mask.At(d.x0+x, d.y0+y)) / 255
				if m *= ramp(near[y*d.w+x], FringeNear, FringeFull); m == 0 {
					continue
				}
				r, g, b, _ := out.At(d.x0+x, d.y0+y)
				c := pixel.ToLab(r, g, b)
				m *= violet(c)
				if m == 0 {
					continue
				}
				c.A, c.B = c.A*(1-m), c.B*(1-m)
				lr, lg, lb := fit(c)
				i := 4 * ((d.y0+y)*d.img.W + d.x0 + x)
				out.Pix[i], out.Pix[i+1], out.Pix[i+2] = pixel.FromLinear(lr), pixel.FromLinear(lg), pixel.FromLinear(lb)
			}
		}
	})
}

// violet is how much a colour looks like a fringe, in [0,1].
func violet(c pixel.Lab) float32 {
	chroma := hypot(c.A, c.B)
	if chroma <= FringeFaint {
		return 0
	}
	return ramp(chroma, FringeFaint, FringeVivid) * ramp(c.A/chroma, VioletLow, VioletHigh) * ramp(-c.B/chroma, VioletLow, VioletHigh)
}
