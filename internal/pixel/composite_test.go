package pixel_test

import (
	"image"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

func images(t *rapid.T, w, h int, name string) *pixel.Image {
	m := pixel.NewImage(w, h)
	m.HasAlpha = true
	values := rapid.SampledFrom([]uint8{0, 1, 60, 127, 128, 200, 254, 255})
	for i := range m.Pix {
		m.Pix[i] = values.Draw(t, name)
	}
	return m
}

func TestCompositeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 5).Draw(t, "w"), rapid.IntRange(1, 5).Draw(t, "h")
		dst, src := images(t, w, h, "dst"), images(t, w, h, "src")
		mask := sized(t, w, h, "mask")
		before := dst.Clone()
		blend, take := pixel.Composite(dst, src, mask), pixel.KeepOutside(dst, src, mask)
		if !slices.Equal(dst.Pix, before.Pix) {
			t.Fatal("the input was written to")
		}
		for i, v := range mask.Pix {
			d, s, b := dst.Pix[4*i:4*i+4], src.Pix[4*i:4*i+4], blend.Pix[4*i:4*i+4]
			if v == 0 && !slices.Equal(b, d) || v == 255 && !slices.Equal(b, s) {
				t.Fatalf("mask %d: %v over %v gives %v", v, s, d, b)
			}
			for c := range 4 {
				if b[c] < min(s[c], d[c]) || b[c] > max(s[c], d[c]) {
					t.Fatalf("mask %d: %v over %v gives %v", v, s, d, b)
				}
			}
			want := s
			if v == 0 {
				want = d
			}
			if got := take.Pix[4*i : 4*i+4]; !slices.Equal(got, want) {
				t.Fatalf("mask %d: kept %v, want %v", v, got, want)
			}
		}
	})
}

// A transparent source takes the opaque one's place without lending it its hidden colour.
func TestCompositeWeighsByAlpha(t *testing.T) {
	dst, src := pixel.NewImage(1, 1), pixel.NewImage(1, 1)
	dst.Set(0, 0, 200, 100, 50, 255)
	src.Set(0, 0, 0, 255, 0, 0)
	mask := &pixel.Mask{W: 1, H: 1, Pix: []uint8{128}}
	if r, g, b, a := pixel.Composite(dst, src, mask).At(0, 0); r != 200 || g != 100 || b != 50 || a != 127 {
		t.Errorf("got (%d,%d,%d,%d), want (200,100,50,127)", r, g, b, a)
	}
}

func TestCutOutAndFlatten(t *testing.T) {
	m := pixel.NewImage(3, 1)
	for x := range 3 {
		m.Set(x, 0, 10, 20, 30, 255)
	}
	cut := pixel.CutOut(m, &pixel.Mask{W: 3, H: 1, Pix: []uint8{0, 128, 255}})
	if want := []uint8{10, 20, 30, 0, 10, 20, 30, 128, 10, 20, 30, 255}; !slices.Equal(cut.Pix, want) || !cut.HasAlpha {
		t.Errorf("cut out: %v, want %v", cut.Pix, want)
	}
	flat := pixel.Flatten(cut, 255, 255, 255)
	if want := []uint8{255, 255, 255, 255, 132, 137, 142, 255, 10, 20, 30, 255}; !slices.Equal(flat.Pix, want) || flat.HasAlpha {
		t.Errorf("flattened: %v, want %v", flat.Pix, want)
	}
}

func TestCropAndPasteUndoEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 8).Draw(t, "w"), rapid.IntRange(1, 8).Draw(t, "h")
		m, mask := images(t, w, h, "m"), sized(t, w, h, "mask")
		x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
		r := image.Rect(x, y, x+rapid.IntRange(1, 9).Draw(t, "rw"), y+rapid.IntRange(1, 9).Draw(t, "rh"))
		if got := pixel.Paste(m, pixel.Crop(m, r), x, y); !slices.Equal(got.Pix, m.Pix) {
			t.Fatal("the picture changed")
		}
		if got := pixel.PasteMask(mask, pixel.CropMask(mask, r), x, y); !slices.Equal(got.Pix, mask.Pix) {
			t.Fatal("the mask changed")
		}
	})
	// What lies outside is cut.
	out := pixel.PasteMask(pixel.NewMask(4, 3), pixel.FullMask(3, 3), -1, -2)
	same(t, out, draw("##..", "....", "...."))
}

// Each orientation is what its rows and columns in the EXIF standard say:
// where the stored first row and first column are shown.
func TestOrient(t *testing.T) {
	m := pixel.NewImage(3, 2) // stored: 1 2 3 / 4 5 6
	for i := range 6 {
		m.Pix[4*i] = uint8(i + 1)
	}
	for o, want := range map[int][][]uint8{
		0: {{1, 2, 3}, {4, 5, 6}},
		1: {{1, 2, 3}, {4, 5, 6}},
		2: {{3, 2, 1}, {6, 5, 4}},
		3: {{6, 5, 4}, {3, 2, 1}},
		4: {{4, 5, 6}, {1, 2, 3}},
		5: {{1, 4}, {2, 5}, {3, 6}},
		6: {{4, 1}, {5, 2}, {6, 3}},
		7: {{6, 3}, {5, 2}, {4, 1}},
		8: {{3, 6}, {2, 5}, {1, 4}},
	} {
		got := pixel.Orient(m, o)
		if got.H != len(want) || got.W != len(want[0]) {
			t.Errorf("orientation %d: %d×%d", o, got.W, got.H)
			continue
		}
		for y, row := range want {
			for x, v := range row {
				if r, _, _, _ := got.At(x, y); r != v {
					t.Errorf("orientation %d at (%d,%d): %d, want %d", o, x, y, r, v)
				}
			}
		}
	}
}

func TestRowsCoversEachRowOnceAndPassesPanicsOn(t *testing.T) {
	for _, h := range []int{0, 1, 15, 16, 17, 1000} {
		seen := make([]int, h)
		pixel.Rows(h, func(y0, y1 int) {
			for y := y0; y < y1; y++ {
				seen[y]++
			}
		})
		if slices.ContainsFunc(seen, func(n int) bool { return n != 1 }) {
			t.Errorf("%d rows: some not seen once", h)
		}
	}
	defer func() {
		if r := recover(); r != "row 999" {
			t.Errorf("recovered %v, want the band's panic", r)
		}
	}()
	pixel.Rows(1000, func(_, y1 int) {
		if y1 == 1000 {
			panic("row 999")
		}
	})
}
