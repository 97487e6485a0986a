package paint

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Dominant returns the colour of the paint that the object under the mask
// mostly wears, as it looks in the picture: the mean of the pixels that wear
// it, with neither the object's other colours nor its highlights. It reports
// false where the mask holds nothing to measure. The colour has no name.
func Dominant(img *pixel.Image, mask *pixel.Mask) (edit.Color, bool) {
	s, err := Measure(context.Background(), img, mask)
	if err != nil || !s.Found {
		return edit.Color{}, false
	}
	return s.Mean().Color(), true
}

// Mean is the paint's mean colour.
func (s *Stats) Mean() pixel.Lab {
	d := max(s.L, 0) + DarkOffset
	return pixel.Lab{L: s.L, A: s.P * d, B: s.Q * d}
}
