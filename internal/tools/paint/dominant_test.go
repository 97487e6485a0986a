package paint

import (
	"testing"

	"pentimento/internal/pixel"
)

// TestDominant measures balls whose paint is known; their shading scales it by 0.825 on average.
func TestDominant(t *testing.T) {
	for _, name := range []string{"red", "teal", "white", "silver", "navy", "pale yellow", "dark green"} {
		paint := named(t, name)
		img, mask := ball(200, 200, paint)
		c, ok := Dominant(img, mask)
		if got := pixel.LabOf(c); !ok || got.Dist(pixel.Lab{L: 0.825 * paint.L, A: 0.825 * paint.A, B: 0.825 * paint.B}) > 0.03 {
			t.Errorf("%s: measured %s, %v", name, c.Hex(), ok)
		}
	}
	img, mask := ball(20, 20, pixel.Lab{L: 0.5})
	clear(mask.Pix)
	if c, ok := Dominant(img, mask); ok {
		t.Errorf("an empty mask has the colour %s", c.Hex())
	}
}
