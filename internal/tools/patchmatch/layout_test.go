package patchmatch

import (
	"image"
	"testing"

	"pentimento/internal/pixel"
)

// paint fills a rectangle with one colour.
func paint(img *pixel.Image, r image.Rectangle, c [3]uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Set(x, y, c[0], c[1], c[2], 255)
		}
	}
}

// street is a brick wall above grey ground, light and speckled as by seed.
func street(w, h, ground int, seed uint64) *pixel.Image {
	rnd := newRNG(seed, 2)
	return canvas(w, h, func(x, y int) float64 {
		speck := float64(rnd.intn(16))
		switch {
		case y >= ground+3:
			return 140 + speck
		case y >= ground:
			return 70 + speck
		}
		return bricks(x, y) + speck
	})
}

// TestLineIsContinued hides a stretch of the line between wall and ground and
// looks for it in every column of the hole.
func TestLineIsContinued(t *testing.T) {
	const w, h, ground = 320, 220, 124
	for _, c := range []struct {
		name string
		hole image.Rectangle
	}{
		{"small", image.Rect(130, 90, 190, 160)},
		{"wide", image.Rect(70, 80, 230, 170)},
		{"to the border", image.Rect(200, 80, 320, 170)},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := street(w, h, ground, 5)
			paint(img, c.hole, [3]uint8{250, 210, 0})
			out := fill(t, img, pixel.RectMask(w, h, c.hole))
			off := 0
			for x := c.hole.Min.X; x < c.hole.Max.X; x++ {
				if d := lineAt(out, x, ground+30) - ground; d < -2 || d > 2 {
					off++
				}
			}
			if off > 0 {
				t.Errorf("the line is more than 2 px off in %d of %d columns", off, c.hole.Dx())
			}
		})
	}
}

// lineAt finds the line's first row in column x: two above the first dark row
// that is met going up from y.
func lineAt(img *pixel.Image, x, y int) int {
	for y > 0 && img.Pix[4*(y*img.W+x)] > 110 {
		y--
	}
	return y - 2
}

// TestForeignObjectIsNotCopied puts a brown trunk and a black post beside the
// hole and counts their colours in it.
func TestForeignObjectIsNotCopied(t *testing.T) {
	const w, h, ground = 320, 220, 124
	for _, gap := range []int{8, 20, 40} {
		hole := image.Rect(110, 70, 210, 160)
		img := street(w, h, ground, 9)
		paint(img, image.Rect(hole.Max.X+gap, 0, hole.Max.X+gap+24, 170), [3]uint8{110, 70, 40})
		paint(img, image.Rect(hole.Min.X-gap-6, 0, hole.Min.X-gap, 165), [3]uint8{10, 10, 10})
		paint(img, hole, [3]uint8{250, 210, 0})
		out := fill(t, img, pixel.RectMask(w, h, hole))
		foreign := 0
		for y := hole.Min.Y; y < hole.Max.Y; y++ {
			for x := hole.Min.X; x < hole.Max.X; x++ {
				p := out.Pix[4*(y*w+x):]
				if int(p[0])-int(p[2]) > 30 || p[0] < 40 {
					foreign++
				}
			}
		}
		if area := hole.Dx() * hole.Dy(); foreign*200 > area {
			t.Errorf("trunk and post %d px away: %d of %d pixels show one of them", gap, foreign, area)
		}
	}
}

// TestPeriodIsKept compares a wide fill of bricks with the wall that was there, joint for joint.
func TestPeriodIsKept(t *testing.T) {
	want := canvas(320, 240, bricks)
	hole := image.Rect(90, 60, 230, 180)
	img := want.Clone()
	paint(img, hole, [3]uint8{250, 210, 0})
	mask := pixel.RectMask(320, 240, hole)
	if d := difference(fill(t, img, mask), want, mask); d > 6 {
		t.Errorf("mean error %.1f, want at most 6: the period or its phase is lost", d)
	}
}

// TestOffsetsFindThePeriod looks for the wall's own periods among the offsets.
func TestOffsetsFindThePeriod(t *testing.T) {
	rnd := newRNG(3, 3)
	img := canvas(200, 160, func(x, y int) float64 { return bricks(x, y) + float64(rnd.intn(24)) })
	hole := rect(200, 160, 80, 60, 120, 100)
	l := newLevel(img, hole)
	if !l.prepare() {
		t.Fatal("no source")
	}
	offs, err := l.offsets(t.Context(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, o := range offs[:12] {
		if o.dy%24 == 0 && o.dx%16 == 0 || o.dy%24 != 0 && o.dy%12 == 0 && (o.dx+8)%16 == 0 {
			whole++
		}
	}
	if whole < 11 {
		t.Errorf("%d of the first 12 offsets are whole bricks: %v", whole, offs[:12])
	}
}

// TestCoverReachesEveryPixel starts a layout without any offset, in a picture that is mostly hole.
func TestCoverReachesEveryPixel(t *testing.T) {
	l := newLevel(canvas(90, 70, bricks), rect(90, 70, 10, 0, 90, 70))
	if !l.prepare() {
		t.Fatal("no source")
	}
	a := newLayout(l, nil)
	if err := a.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, i := range a.nodes {
		if a.at(i, a.label[i]) < 0 {
			t.Fatalf("pixel %d has no stand-in", i)
		}
	}
	if len(a.offs) > 60 {
		t.Errorf("%d offsets for a hole of 80 px from a strip of 10", len(a.offs))
	}
}
