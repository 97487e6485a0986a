package patchmatch

import (
	"context"
	"errors"
	"image"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// canvas makes a w×h picture from a grey value per pixel.
func canvas(w, h int, f func(x, y int) float64) *pixel.Image {
	img := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			v := uint8(min(max(f(x, y), 0), 255))
			img.Set(x, y, v, v, v, 255)
		}
	}
	return img
}

func rect(w, h, x0, y0, x1, y1 int) *pixel.Mask {
	return pixel.RectMask(w, h, image.Rect(x0, y0, x1, y1))
}

// bricks is a wall of period 16×12 with dark joints.
func bricks(x, y int) float64 {
	row := y / 12
	if y%12 < 2 || (x+8*(row%2))%16 < 2 {
		return 60
	}
	return 170
}

func fill(t *testing.T, img *pixel.Image, hole *pixel.Mask) *pixel.Image {
	t.Helper()
	out, err := Fill(t.Context(), img, hole, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// difference is the mean absolute difference of red samples under the hole.
func difference(a, b *pixel.Image, hole *pixel.Mask) float64 {
	var sum float64
	n := 0
	for i, m := range hole.Pix {
		if m > 0 {
			sum += math.Abs(float64(a.Pix[4*i]) - float64(b.Pix[4*i]))
			n++
		}
	}
	return sum / float64(n)
}

func TestFillContinuesWhatSurroundsIt(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(x, y int) float64
		most float64 // mean error in steps of 255
	}{
		{"flat", func(int, int) float64 { return 120 }, 0.5},
		{"ramp", func(x, y int) float64 { return 40 + float64(x)*0.8 + float64(y)*0.3 }, 4},
		{"edge", func(_, y int) float64 {
			if y < 64 {
				return 210
			}
			return 50
		}, 3},
		{"stripes", func(x, _ int) float64 { return 128 + 90*math.Sin(float64(x)*math.Pi/8) }, 6},
		{"bricks", bricks, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := canvas(160, 128, c.f)
			hole := rect(160, 128, 60, 44, 96, 84)
			img := want.Clone()
			for i, m := range hole.Pix {
				if m > 0 {
					copy(img.Pix[4*i:], []uint8{255, 0, 255})
				}
			}
			out := fill(t, img, hole)
			if d := difference(out, want, hole); d > c.most {
				t.Errorf("mean error %.1f, want at most %.1f", d, c.most)
			}
		})
	}
}

// TestTexture fills noise and checks that the fill is as lively as its surroundings.
func TestTexture(t *testing.T) {
	rnd := newRNG(7, 1)
	img := canvas(160, 160, func(int, int) float64 { return 90 + float64(rnd.intn(80)) })
	hole := rect(160, 160, 50, 50, 110, 110)
	out := fill(t, img, hole)
	spread := func(m *pixel.Image, inside bool) float64 {
		var n, s, s2 float64
		for i, h := range hole.Pix {
			if (h > 0) == inside {
				v := float64(m.Pix[4*i])
				n, s, s2 = n+1, s+v, s2+v*v
			}
		}
		return math.Sqrt(s2/n - s*s/n/n)
	}
	in, around := spread(out, true), spread(out, false)
	if in < 0.6*around || in > 1.3*around {
		t.Errorf("standard deviation %.1f in the hole, %.1f around it", in, around)
	}
}

func TestOutsideTheHoleNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(10, 48).Draw(t, "w"), rapid.IntRange(10, 48).Draw(t, "h")
		img, hole := pixel.NewImage(w, h), pixel.NewMask(w, h)
		copy(img.Pix, rapid.SliceOfN(rapid.Byte(), 4*w*h, 4*w*h).Draw(t, "pix"))
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] |= 128 // transparent pixels are no source
		}
		n := rapid.IntRange(0, 3).Draw(t, "holes")
		for range n {
			x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
			matte := rapid.SampledFrom([]uint8{1, 128, 255}).Draw(t, "matte")
			for yy := y; yy < min(h, y+4); yy++ {
				for xx := x; xx < min(w, x+4); xx++ {
					hole.Pix[yy*w+xx] = matte
				}
			}
		}
		out, err := Fill(context.Background(), img, hole, Options{Seed: 3})
		var user *edit.UserError
		if errors.As(err, &user) {
			return // every patch is touched: refused, with nothing changed
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range img.Pix {
			if (hole.Pix[i/4] == 0 || i%4 == 3) && out.Pix[i] != img.Pix[i] {
				t.Fatalf("sample %d changed from %d to %d", i, img.Pix[i], out.Pix[i])
			}
		}
	})
}

// TestEveryHolePixelIsFilled marks the hole in a colour that is nowhere else
// and looks for it afterwards, with holes at corners and borders.
func TestEveryHolePixelIsFilled(t *testing.T) {
	for name, r := range map[string]image.Rectangle{
		"corner": image.Rect(0, 0, 30, 30), "left border": image.Rect(0, 40, 20, 90), "band across": image.Rect(0, 50, 120, 64),
		"one pixel": image.Rect(60, 60, 61, 61), "right corner": image.Rect(100, 100, 120, 120),
	} {
		t.Run(name, func(t *testing.T) {
			img := canvas(120, 120, bricks)
			hole := rect(120, 120, r.Min.X, r.Min.Y, r.Max.X, r.Max.Y)
			for i, m := range hole.Pix {
				if m > 0 {
					copy(img.Pix[4*i:], []uint8{255, 0, 255})
				}
			}
			out := fill(t, img, hole)
			for i := 0; i < len(out.Pix); i += 4 {
				if p := out.Pix[i : i+3]; int(p[0])-int(p[1]) > 40 {
					t.Fatalf("pixel %d,%d is still %v", i/4%120, i/4/120, p)
				}
			}
		})
	}
}

func TestSameSeedSamePicture(t *testing.T) {
	img := canvas(140, 110, func(x, y int) float64 { return bricks(x, y) + float64((x*7919+y*104729)%23) })
	hole := rect(140, 110, 40, 30, 90, 80)
	a, b := fill(t, img, hole), fill(t, img, hole)
	for i := range a.Pix {
		if a.Pix[i] != b.Pix[i] {
			t.Fatalf("sample %d is %d and then %d", i, a.Pix[i], b.Pix[i])
		}
	}
}

func TestNoSource(t *testing.T) {
	var user *edit.UserError
	img := canvas(40, 40, bricks)
	if _, err := Fill(t.Context(), img, rect(40, 40, 0, 0, 40, 40), Options{}); !errors.As(err, &user) {
		t.Errorf("a hole over the whole picture: error %v, want a *edit.UserError", err)
	}
	tiny := canvas(5, 5, bricks)
	if _, err := Fill(t.Context(), tiny, rect(5, 5, 2, 2, 3, 3), Options{}); !errors.As(err, &user) {
		t.Errorf("a picture smaller than a patch: error %v, want a *edit.UserError", err)
	}
}

// TestTransparentPixelsAreNoSource surrounds a grey ground with transparent red.
func TestTransparentPixelsAreNoSource(t *testing.T) {
	img := canvas(120, 120, func(int, int) float64 { return 100 })
	for y := range 120 {
		for x := range 120 {
			if x < 40 {
				img.Set(x, y, 255, 0, 0, 0)
			}
		}
	}
	img.HasAlpha = true
	hole := rect(120, 120, 44, 50, 60, 70)
	out := fill(t, img, hole)
	for i, m := range hole.Pix {
		if m > 0 && out.Pix[4*i] > 110 {
			t.Fatalf("pixel %d took its red from a transparent one", i)
		}
	}
}

func TestCancel(t *testing.T) {
	img := canvas(700, 700, bricks)
	hole := rect(700, 700, 100, 100, 600, 600)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fill(ctx, img, hole, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Fill(ctx, img, hole, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
}

// TestThinHole fills scratches across a picture, whose first guess would
// take hours if every source were compared.
func TestThinHole(t *testing.T) {
	img := canvas(400, 300, func(x, y int) float64 { return 60 + float64(x)/8 + float64(y)/16 })
	want := img.Clone()
	hole := pixel.NewMask(400, 300)
	for x := range 400 {
		for k := range 3 {
			for y := 40; y < 300; y += 90 {
				hole.Pix[(y+k)*400+x] = 255
				img.Set(x, y+k, 255, 0, 255, 255)
			}
		}
	}
	if d := difference(fill(t, img, hole), want, hole); d > 4 {
		t.Errorf("mean error %.1f", d)
	}
}

func TestProgressRises(t *testing.T) {
	img := canvas(160, 160, bricks)
	hole := rect(160, 160, 20, 20, 50, 60)
	last := 0.0
	opt := Options{Progress: func(f float64) {
		if f < last || f > 1 {
			t.Errorf("progress %v after %v", f, last)
		}
		last = f
	}}
	if _, err := Fill(t.Context(), img, hole, opt); err != nil {
		t.Fatal(err)
	}
	if last != 1 {
		t.Errorf("the last progress is %v, want 1", last)
	}
}

// BenchmarkFill is a hole of 200×400 in a picture of 1280×1280.
func BenchmarkFill(b *testing.B) {
	rnd := newRNG(1, 1)
	img := canvas(1280, 1280, func(x, y int) float64 { return bricks(x, y) + float64(rnd.intn(30)) })
	hole := rect(1280, 1280, 540, 440, 740, 840)
	for b.Loop() {
		if _, err := Fill(b.Context(), img, hole, Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
