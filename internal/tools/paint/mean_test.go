package paint

import (
	"testing"

	"pentimento/internal/pixel"
)

// TestMean measures balls whose paint is known; their shading scales it by 0.825 on average.
func TestMean(t *testing.T) {
	for _, name := range []string{"red", "teal", "white", "silver", "navy", "pale yellow", "dark green"} {
		paint := named(t, name)
		img, mask := ball(200, 200, paint)
		s, err := Measure(t.Context(), img, mask)
		if got := s.Mean(); err != nil || !s.Found || got.Dist(pixel.Lab{L: 0.825 * paint.L, A: 0.825 * paint.A, B: 0.825 * paint.B}) > 0.03 {
			t.Errorf("%s: measured %v, %v", name, s.Mean(), err)
		}
	}
	img, mask := ball(20, 20, pixel.Lab{L: 0.5})
	clear(mask.Pix)
	if s, err := Measure(t.Context(), img, mask); err != nil || s.Found {
		t.Errorf("an empty mask has the colour %v, %v", s.Mean(), err)
	}
}
