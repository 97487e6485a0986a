package builtin

import (
	"testing"

	"pentimento/internal/pixel"
)

// TestStrewnBitsArePickedFromTheirGround puts orange bits on brown ground: the
// bits alone are kept; foliage that is vivid all over stays whole.
func TestStrewnBitsArePickedFromTheirGround(t *testing.T) {
	for _, ground := range [][3]uint8{{120, 100, 80}, {200, 110, 30}} {
		img := canvasOf(60, 60, func(x, y int) [3]uint8 {
			if x%12 < 4 && y%12 < 4 {
				return [3]uint8{215, 105, 25}
			}
			return ground
		})
		mask := pixel.FullMask(60, 60)
		pickStrewn(img, mask)
		pale := ground[2] > 50
		if got := mask.At(1, 1); got < 250 {
			t.Errorf("ground %v: a bit is taken by %d of 255", ground, got)
		}
		if got := mask.At(8, 8); pale != (got == 0) {
			t.Errorf("ground %v: it is taken by %d of 255", ground, got)
		}
	}
}
