package paint

import (
	"testing"

	"pentimento/internal/pixel"
)

// TestDarkSurfaceTurnsLightEvenly paints a black mirror white: noise near
// black stays small, a reflection stays to be seen, and the border is mixed.
func TestDarkSurfaceTurnsLightEvenly(t *testing.T) {
	const n = 120
	img, mask := pixel.NewImage(n, n), pixel.NewMask(n, n)
	for i := range mask.Pix {
		x, y := i%n, i/n
		v := [4]uint8{uint8(8 + (x*7+y*13)%9), uint8(8 + (x*5+y*3)%9), 12, 255}
		if x > 20 && x < 40 && y > 60 && y < 80 {
			v = [4]uint8{90, 45, 30, 255}
		}
		copy(img.Pix[4*i:], v[:])
		switch {
		case x >= 10 && x < 110 && y >= 10 && y < 110:
			mask.Pix[i] = 255
		case x == 9 || x == 110:
			mask.Pix[i] = 128
		}
	}
	out, err := Surface(t.Context(), img, mask, named(t, "white"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y int) pixel.Lab { r, g, b, _ := out.At(x, y); return pixel.ToLab(r, g, b) }
	least, most := float32(1), float32(0)
	for y := 12; y < 50; y++ {
		for x := 12; x < 108; x++ {
			least, most = min(least, at(x, y).L), max(most, at(x, y).L)
		}
	}
	if least < 0.88 || most-least > 0.02 {
		t.Errorf("the surface is %.3f to %.3f light", least, most)
	}
	if c := at(30, 70); c.L <= most || c.A < 0.005 {
		t.Errorf("the reflection is %v on %.3f", c, most)
	}
	if c := at(9, 60); c.L < 0.6 || c.L > least-0.05 {
		t.Errorf("the border is %v", c)
	}
	if r, g, b, _ := out.At(3, 3); [3]uint8{r, g, b} != [3]uint8(img.Pix[4*(3*n+3):][:3]) {
		t.Error("what lies outside the mask changed")
	}
}
