package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// The constants of dark surfaces.
const (
	DarkSurface  = 0.35 // lightness of the surface from which on its texture is its own, not a reflection
	SurfaceLight = 0.93 // the greatest lightness a surface gets: its reflections are to show
)

// Surface gives a flat surface such as a screen another colour. All of it is
// of one paint, whatever its reflections make it look like.
//
// What a dark surface shows is light that it reflects like a mirror, and that
// does not depend on its paint: c = s·F + R. So every pixel changes by the same
// light, from the old paint's to the new one's, and a border pixel by the
// matte's share of it. Where the surface is light or the new colour darker than
// it, what it shows may be print, and Recolor does it.
func Surface(ctx context.Context, img *pixel.Image, mask *pixel.Mask, target pixel.Lab) (*pixel.Image, error) {
	s, err := Measure(ctx, img, mask)
	if err != nil || !s.Found {
		return img.Clone(), err
	}
	if s.L >= DarkSurface || target.L <= s.L {
		return Recolor(ctx, img, mask, target)
	}
	var change [3]float32
	mean := s.Mean()
	target.L = min(target.L, SurfaceLight)
	change[0], change[1], change[2] = fit(target)
	r, g, b := mean.Linear()
	for c, v := range [3]float32{r, g, b} {
		change[c] -= max(v, 0)
	}
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W && ctx.Err() == nil; i++ {
			m := float32(mask.Pix[i]) / 255
			if m == 0 {
				continue
			}
			for c, v := range change {
				out.Pix[4*i+c] = pixel.FromLinear(pixel.ToLinear(img.Pix[4*i+c]) + m*v)
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}
