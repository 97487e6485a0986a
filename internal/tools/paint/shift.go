package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// The range of relative changes.
const (
	DarkestShare = 0.75 // share of its lightness that a paint loses at lightness -1
	MostChroma   = 1.0  // share of its chroma that it gains at chroma 1
	LeanGrowth   = 1.2  // times its chroma that a leaning colour may reach
	LeanTurn     = 2    // times what is left of its chroma, where it leans away from its own hue

	// The saturation below which a colour does not lean, and above which it leans fully:
	// gravel between leaves has a tint of the light and no colour of its own.
	PaleLow  = 0.03
	PaleHigh = 0.15

	// The share of the object that its dominant paint covers below which there
	// is none to speak of, so that a change of lightness is the whole object's:
	CoverLow  = 0.3
	CoverHigh = 0.5
)

// Change is a relative change of an object's colours. Every field is in [-1,1]; 0 is no change.
type Change struct {
	// Lightness -1 is nearly black, 1 as light as white paint. It acts on the
	// dominant paint, so that a darker car keeps its windows and tyres.
	Lightness float64
	// Chroma -1 is grey, 1 twice the chroma. It acts on all the object's colours.
	Chroma float64
	// Redness leans all colours towards red, or green below 0, and Yellowness
	// towards yellow, or blue below 0, by the share of the chroma they have.
	Redness, Yellowness float64
}

// Shift changes the colours that the masked object has, lightness by its
// dominant paint. Values beyond the range of a Change are clamped. Where the
// mask is 0 the samples are the picture's.
func Shift(ctx context.Context, img *pixel.Image, mask *pixel.Mask, by Change) (*pixel.Image, error) {
	out := img.Clone()
	unit := func(v float64) float32 { return float32(min(max(v, -1), 1)) }
	dl, dc, da, db := unit(by.Lightness), unit(by.Chroma), unit(by.Redness), unit(by.Yellowness)
	if dl == 0 && dc == 0 && da == 0 && db == 0 {
		return out, nil
	}
	s, err := Measure(ctx, img, mask)
	if err != nil || !s.Found {
		return out, err
	}
	b := s.brightness()
	t := b * (1 + DarkestShare*dl)
	if dl > 0 {
		t = b + dl*max(MaxTarget-b, 0)
	}
	r := &Repainter{Stats: s, curve: s.lightness(t)}
	gain := 1 + dc*MostChroma
	all := 1 - ramp(s.cover(img, mask), CoverLow, CoverHigh)
	return repainted(ctx, img, mask, out, func(c pixel.Lab, near float32) (share, nr, ng, nb float32) {
		share, _ = s.Member(c)
		l := c.L
		if dl != 0 {
			l += max(share*near, all) * (r.newLightness(c.L) - c.L)
		}
		// A darker or lighter shade of one paint keeps its saturation, which is the chroma over the lightness.
		k := gain * l / max(c.L, 0.01)
		p, q := chromaticity(c)
		wears := ramp(hypot(p, q), PaleLow, PaleHigh)
		a, b := lean(c.A, c.B, wears*da, wears*db)
		fitted, _ := pixel.Lab{L: min(l, 1), A: a * k, B: b * k}.Fit()
		nr, ng, nb = fitted.Linear()
		return 1, nr, ng, nb
	}, s.Near, false)
}

// cover is the share of the object that wears the paint.
func (s *Stats) cover(img *pixel.Image, mask *pixel.Mask) float32 {
	have, all := float32(0), float32(Tiny)
	for _, v := range samples(img, mask) {
		a, _ := s.Member(v.lab())
		have, all = have+v.w*a, all+v.w
	}
	return have / all
}

// lean moves a colour along OKLab's axes by a share of its own chroma. What it
// leaves of the chroma is kept whole, so that a red turns by way of brown and
// yellow to green rather than through grey.
func lean(a, b, da, db float32) (float32, float32) {
	if da == 0 && db == 0 {
		return a, b
	}
	was := hypot(a, b)
	a, b = a+da*was, b+db*was
	n := max(hypot(a, b), Tiny)
	k := min(max(1, min(was/n, LeanTurn)), LeanGrowth*was/n)
	return a * k, b * k
}
