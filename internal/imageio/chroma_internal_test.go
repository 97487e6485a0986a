package imageio

import (
	"image"
	"slices"
	"testing"
)

// A step in the colour planes is spread 3:1 over the samples beside it, along
// each side that was halved, and stays a step along the others.
func TestChromaWidening(t *testing.T) {
	for _, tc := range []struct {
		name           string
		ratio          image.YCbCrSubsampleRatio
		across, down   []uint8 // blue along a row that crosses a step, and along a column
		stepX, stepY   int     // chroma sample where the step lies
		chromaW, total int
	}{
		{"4:4:4", image.YCbCrSubsampleRatio444, []uint8{128, 128, 128, 228, 228, 228}, []uint8{128, 128, 128, 228, 228, 228}, 3, 3, 6, 6},
		{"4:2:2", image.YCbCrSubsampleRatio422, []uint8{128, 153, 203, 228, 228, 228}, []uint8{128, 128, 128, 228, 228, 228}, 1, 3, 3, 6},
		{"4:4:0", image.YCbCrSubsampleRatio440, []uint8{128, 128, 128, 228, 228, 228}, []uint8{128, 153, 203, 228, 228, 228}, 3, 1, 6, 3},
		{"4:2:0", image.YCbCrSubsampleRatio420, []uint8{128, 153, 203, 228, 228, 228}, []uint8{128, 153, 203, 228, 228, 228}, 1, 1, 3, 3},
	} {
		for _, vertical := range []bool{false, true} {
			s := image.NewYCbCr(image.Rect(0, 0, 6, 6), tc.ratio)
			for y := range tc.total {
				for x := range tc.chromaW {
					v := uint8(128)
					if !vertical && x >= tc.stepX || vertical && y >= tc.stepY {
						v = 228
					}
					s.Cb[y*s.CStride+x] = v
				}
			}
			c := newChroma(s, JPEG)
			var got []uint8
			for i := range 6 {
				row := make([]uint8, 4*6)
				if vertical {
					c.row(i, row)
					got = append(got, c.sampleAt(t, i, 3))
					continue
				}
				c.row(3, row)
				got = append(got, c.sampleAt(t, 3, i))
			}
			want := tc.across
			if vertical {
				want = tc.down
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, vertical %v: %v, want %v", tc.name, vertical, got, want)
			}
		}
	}
}

// sampleAt is the blue difference used at (x,y) of the row converted last.
func (c *chroma) sampleAt(t *testing.T, y, x int) uint8 {
	t.Helper()
	if c.cb == nil {
		return c.s.Cb[c.s.COffset(x, y)]
	}
	return c.cb[x]
}

func TestConversionsAtTheExtremes(t *testing.T) {
	for _, tc := range []struct {
		name      string
		f         func(y, cb, cr uint8) (r, g, b uint8)
		y, cb, cr uint8
		want      [3]uint8
	}{
		{"full white", fullToRGB, 255, 128, 128, [3]uint8{255, 255, 255}},
		{"full black", fullToRGB, 0, 128, 128, [3]uint8{0, 0, 0}},
		{"full red", fullToRGB, 76, 85, 255, [3]uint8{254, 0, 0}},
		{"studio white", studioToRGB, 235, 128, 128, [3]uint8{255, 255, 255}},
		{"studio black", studioToRGB, 16, 128, 128, [3]uint8{0, 0, 0}},
		{"studio below black", studioToRGB, 0, 128, 128, [3]uint8{0, 0, 0}},
		{"studio red", studioToRGB, 81, 90, 240, [3]uint8{254, 0, 0}},
	} {
		r, g, b := tc.f(tc.y, tc.cb, tc.cr)
		for i, v := range []uint8{r, g, b} {
			if d := int(v) - int(tc.want[i]); d > 1 || d < -1 {
				t.Errorf("%s: (%d,%d,%d), want %v", tc.name, r, g, b, tc.want)
				break
			}
		}
	}
}
