package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// The range of relative changes.
const (
	DarkestShare = 0.75 // share of its lightness that a paint loses at lightness -1
	MostChroma   = 1.0  // share of its chroma that it gains at chroma 1
)

// Shift makes the paint that the masked object mostly wears darker or lighter
// and its colours paler or stronger, hue kept. lightness and chroma are in
// [-1,1] and clamped: -1 is nearly black and grey, 0 is no change, 1 is white
// paint and twice the chroma. Lightness acts on the dominant paint, so that a
// darker car keeps its windows and tyres; chroma acts on all the object's
// colours. Where the mask is 0 the samples are the picture's.
func Shift(ctx context.Context, img *pixel.Image, mask *pixel.Mask, lightness, chroma float64) (*pixel.Image, error) {
	out := img.Clone()
	dl, dc := float32(min(max(lightness, -1), 1)), float32(min(max(chroma, -1), 1))
	if dl == 0 && dc == 0 {
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
	return repainted(ctx, img, mask, out, func(c pixel.Lab, near float32) (share, nr, ng, nb float32) {
		share, _ = s.Member(c)
		l := c.L
		if dl != 0 {
			l += share * near * (r.newLightness(c.L) - c.L)
		}
		// A darker or lighter shade of one paint keeps its saturation, which is the chroma over the lightness.
		k := gain * l / max(c.L, 0.01)
		fitted, _ := pixel.Lab{L: min(l, 1), A: c.A * k, B: c.B * k}.Fit()
		nr, ng, nb = fitted.Linear()
		return 1, nr, ng, nb
	}, s.Near)
}
