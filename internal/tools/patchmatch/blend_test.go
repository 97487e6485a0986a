package patchmatch

import (
	"math"
	"testing"
)

// TestRampHasNoSeam fills a hole in a lit wall, whose patches all come from
// places lit otherwise, and looks for steps across the hole's border.
func TestRampHasNoSeam(t *testing.T) {
	img := canvas(220, 180, func(x, y int) float64 { return 30 + float64(x)*0.7 + float64((x*7+y*13)%5) })
	hole := rect(220, 180, 80, 60, 140, 120)
	out := fill(t, img, hole)
	column := func(x int) float64 {
		var sum float64
		for y := 60; y < 120; y++ {
			sum += float64(out.Pix[4*(y*out.W+x)])
		}
		return sum / 60
	}
	for x := 70; x < 150; x++ {
		if d := column(x+1) - column(x); math.Abs(d-0.7) > 2.5 {
			t.Errorf("columns %d and %d differ by %.1f, the ramp rises by 0.7", x, x+1, d)
		}
	}
}
