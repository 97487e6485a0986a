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
		studio    bool
		y, cb, cr uint8
		want      [3]uint8
	}{
		{"full white", false, 255, 128, 128, [3]uint8{255, 255, 255}},
		{"full black", false, 0, 128, 128, [3]uint8{0, 0, 0}},
		{"full red", false, 76, 85, 255, [3]uint8{254, 0, 0}},
		{"studio white", true, 235, 128, 128, [3]uint8{255, 255, 255}},
		{"studio black", true, 16, 128, 128, [3]uint8{0, 0, 0}},
		{"studio below black", true, 0, 128, 128, [3]uint8{0, 0, 0}},
		{"studio red", true, 81, 90, 240, [3]uint8{254, 0, 0}},
	} {
		dst := make([]uint8, 4)
		(&chroma{studio: tc.studio}).convert(dst, []uint8{tc.y}, []uint8{tc.cb}, []uint8{tc.cr})
		r, g, b := dst[0], dst[1], dst[2]
		for i, v := range []uint8{r, g, b} {
			if d := int(v) - int(tc.want[i]); d > 1 || d < -1 {
				t.Errorf("%s: (%d,%d,%d), want %v", tc.name, r, g, b, tc.want)
				break
			}
		}
	}
}

// Every full-range colour is the rounded value of the JFIF formula, but for half a step of rounding.
func TestFullRangeConversion(t *testing.T) {
	dst := make([]uint8, 4)
	for y := 0; y < 256; y += 5 {
		for cb := 0; cb < 256; cb += 5 {
			for cr := range 256 {
				(&chroma{}).convert(dst, []uint8{uint8(y)}, []uint8{uint8(cb)}, []uint8{uint8(cr)})
				l, u, v := float64(y), float64(cb)-128, float64(cr)-128
				for i, want := range []float64{l + 1.402*v, l - 0.344136*u - 0.714136*v, l + 1.772*u} {
					if d := float64(dst[i]) - min(max(want, 0), 255); d > 0.51 || d < -0.51 {
						t.Fatalf("(%d,%d,%d): channel %d is %d, want %.2f", y, cb, cr, i, dst[i], want)
					}
				}
			}
		}
	}
}
