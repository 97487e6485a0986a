package builtin

import (
	"errors"
	"image"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func num(v float64) edit.Artifact { return edit.Number(v) }

func TestCropSize(t *testing.T) {
	for _, c := range []struct {
		name                 string
		width, height, ratio float64
		w, h                 int
	}{
		{"size", 80, 60, 0, 80, 60},
		{"width only", 80, 0, 0, 80, 100},
		{"height only", 0, 60, 0, 200, 60},
		{"square", 0, 0, 1, 100, 100},
		{"16:9", 0, 0, 16.0 / 9, 178, 100},
		{"tall", 0, 0, 0.5, 50, 100},
		{"larger than the picture", 500, 500, 0, 200, 100},
		{"square of a width", 60, 0, 1, 60, 60},
	} {
		if w, h := cropSize(200, 100, c.width, c.height, c.ratio); w != c.w || h != c.h {
			t.Errorf("%s: %d×%d, want %d×%d", c.name, w, h, c.w, c.h)
		}
	}
}

func TestCropKeepsTheMiddle(t *testing.T) {
	img := photo(40, 30, true)
	out := edited(t, "crop", img, nil, map[string]edit.Artifact{"width": num(20), "height": num(10)})
	for y := range out.H {
		for x := range out.W {
			for c := range 4 {
				if out.Pix[4*(y*out.W+x)+c] != img.Pix[4*((y+10)*img.W+x+10)+c] {
					t.Fatalf("(%d,%d) is not the picture's (%d,%d)", x, y, x+10, y+10)
				}
			}
		}
	}
}

func TestCropWithoutASizeAsksForOne(t *testing.T) {
	var user *edit.UserError
	_, err := runDoc(t, "crop", map[string]edit.Artifact{"image": photo(9, 9, false), "width": num(0), "height": num(0), "ratio": num(0)})
	if !errors.As(err, &user) || user.Hint == "" {
		t.Errorf("error %v, want a *edit.UserError with a hint", err)
	}
}

func TestCropToBoxes(t *testing.T) {
	img := photo(100, 80, false)
	boxes := edit.Boxes{
		Picked: []edit.Box{{X0: 10, Y0: 20, X1: 30, Y1: 40}, {X0: 50, Y0: 30, X1: 70, Y1: 60}},
		Others: []edit.Box{{X0: 0, Y0: 0, X1: 100, Y1: 80}},
	}
	out := edited(t, "crop-to-object", img, nil, map[string]edit.Artifact{"boxes": boxes})
	if out.W != 66 || out.H != 46 { // 60×40 and a margin of 3 on each side
		t.Errorf("%d×%d, want 66×46", out.W, out.H)
	}
	var user *edit.UserError
	if _, err := runDoc(t, "crop-to-object", map[string]edit.Artifact{"image": img, "boxes": edit.Boxes{}}); !errors.As(err, &user) {
		t.Errorf("no box: error %v, want a *edit.UserError", err)
	}
}

func TestResizeSizes(t *testing.T) {
	for _, c := range []struct {
		set  map[string]edit.Artifact
		w, h int
	}{
		{map[string]edit.Artifact{"width": num(50)}, 50, 30},
		{map[string]edit.Artifact{"height": num(120)}, 200, 120},
		{map[string]edit.Artifact{"width": num(70), "height": num(70)}, 70, 70},
		{map[string]edit.Artifact{"percent": num(50)}, 50, 30},
		{map[string]edit.Artifact{"side": num(300)}, 300, 180},
		{map[string]edit.Artifact{"width": num(1)}, 1, 1},
	} {
		in := map[string]edit.Artifact{"width": num(0), "height": num(0), "side": num(0), "percent": num(0)}
		for k, v := range c.set {
			in[k] = v
		}
		if out := edited(t, "resize", photo(100, 60, false), nil, in); out.W != c.w || out.H != c.h {
			t.Errorf("%v: %d×%d, want %d×%d", c.set, out.W, out.H, c.w, c.h)
		}
	}
	var user *edit.UserError
	for name, in := range map[string]map[string]edit.Artifact{
		"nothing said": {"width": num(0), "height": num(0), "side": num(0), "percent": num(0)},
		"too large":    {"width": num(90000), "height": num(90000), "side": num(0), "percent": num(0)},
	} {
		in["image"] = photo(10, 10, false)
		if _, err := runDoc(t, "resize", in); !errors.As(err, &user) {
			t.Errorf("%s: error %v, want a *edit.UserError", name, err)
		}
	}
}

func TestUpscale(t *testing.T) {
	img := photo(30, 20, false)
	out := edited(t, "lanczos-upscale", img, nil, map[string]edit.Artifact{"scale": num(3)})
	if out.W != 90 || out.H != 60 {
		t.Fatalf("%d×%d, want 90×60", out.W, out.H)
	}
	back := pixel.Resize(out, 30, 20, pixel.Box)
	var sum float64
	for i := range img.Pix {
		sum += math.Abs(float64(img.Pix[i]) - float64(back.Pix[i]))
	}
	if mean := sum / float64(len(img.Pix)); mean > 4 {
		t.Errorf("enlarged and reduced again, the picture is off by %.1f on average", mean)
	}
}

func TestRotateQuarters(t *testing.T) {
	img := photo(7, 5, true)
	for _, c := range []struct {
		degrees float64
		at      func(x, y int) (int, int) // of the result, where the source pixel is
	}{
		{90, func(x, y int) (int, int) { return y, 4 - x }},
		{-270, func(x, y int) (int, int) { return y, 4 - x }},
		{180, func(x, y int) (int, int) { return 6 - x, 4 - y }},
		{-90, func(x, y int) (int, int) { return 6 - y, x }},
		{270, func(x, y int) (int, int) { return 6 - y, x }},
		{360, func(x, y int) (int, int) { return x, y }},
	} {
		out := edited(t, "rotate", img, nil, map[string]edit.Artifact{"degrees": num(c.degrees)})
		for y := range out.H {
			for x := range out.W {
				sx, sy := c.at(x, y)
				for k := range 4 {
					if out.Pix[4*(y*out.W+x)+k] != img.Pix[4*(sy*img.W+sx)+k] {
						t.Fatalf("%v degrees: (%d,%d) is not the picture's (%d,%d)", c.degrees, x, y, sx, sy)
					}
				}
			}
		}
	}
}

func TestRotateFreely(t *testing.T) {
	img := canvasOf(80, 60, func(x, y int) [3]uint8 { return [3]uint8{uint8(2 * x), uint8(3 * y), 90} })
	out := edited(t, "rotate", img, nil, map[string]edit.Artifact{"degrees": num(30)})
	wantW, wantH := math.Ceil(80*math.Cos(math.Pi/6)+30), math.Ceil(40+60*math.Cos(math.Pi/6))
	if float64(out.W) != wantW || float64(out.H) != wantH || !out.HasAlpha {
		t.Fatalf("%d×%d, alpha %v; want %v×%v with alpha", out.W, out.H, out.HasAlpha, wantW, wantH)
	}
	if _, _, _, a := out.At(0, 0); a != 0 {
		t.Errorf("the corner's alpha is %d, want 0", a)
	}
	// The source point (20,30) lies at the centre plus the turned offset.
	dx, dy := 20+0.5-40.0, 30+0.5-30.0
	sin, cos := math.Sincos(math.Pi / 6)
	x, y := float64(out.W)/2+cos*dx-sin*dy-0.5, float64(out.H)/2+sin*dx+cos*dy-0.5
	r, g, _, a := out.At(int(math.Round(x)), int(math.Round(y)))
	if a != 255 || math.Abs(float64(r)-40) > 3 || math.Abs(float64(g)-90) > 4 {
		t.Errorf("what was (40,90) at (20,30) is now (%d,%d), alpha %d", r, g, a)
	}
}

func TestFlip(t *testing.T) {
	img := photo(6, 4, true)
	for axis, at := range []func(x, y int) (int, int){
		func(x, y int) (int, int) { return 5 - x, y },
		func(x, y int) (int, int) { return x, 3 - y },
	} {
		out := edited(t, "flip", img, nil, map[string]edit.Artifact{"axis": num(float64(axis))})
		for y := range 4 {
			for x := range 6 {
				sx, sy := at(x, y)
				if out.Pix[4*(y*6+x)] != img.Pix[4*(sy*6+sx)] {
					t.Fatalf("axis %d: (%d,%d) is not the picture's (%d,%d)", axis, x, y, sx, sy)
				}
			}
		}
	}
}

func canvasOf(w, h int, f func(x, y int) [3]uint8) *pixel.Image {
	img := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			p := f(x, y)
			img.Set(x, y, p[0], p[1], p[2], 255)
		}
	}
	return img
}

func TestGrowMask(t *testing.T) {
	mask := pixel.RectMask(200, 200, image.Rect(50, 60, 150, 110)) // size √5000 ≈ 71
	plain := pixel.NewImage(200, 200)
	resp, err := runDoc(t, "grow-mask", map[string]edit.Artifact{"image": plain, "mask": mask})
	if err != nil {
		t.Fatal(err)
	}
	hole := resp.Outputs["hole"].(*pixel.Mask)
	if got, want := hole.Bounds(1), image.Rect(45, 55, 155, 119); got != want {
		t.Errorf("the hole is %v, want %v: 5 pixels around, 4 more below", got, want)
	}
	for i, v := range hole.Pix {
		if v != 0 && v != 255 || mask.Pix[i] > 0 && v == 0 {
			t.Fatalf("pixel %d: mask %d, hole %d", i, mask.Pix[i], v)
		}
	}
	// An island inside, and a notch from the side, belong to the hole.
	for y := 70; y < 90; y++ {
		for x := 80; x < 110; x++ {
			mask.Pix[y*200+x] = 0
		}
	}
	for x := 130; x < 150; x++ {
		mask.Pix[100*200+x] = 0
	}
	resp, err = runDoc(t, "grow-mask", map[string]edit.Artifact{"image": plain, "mask": mask})
	if err != nil {
		t.Fatal(err)
	}
	if hole := resp.Outputs["hole"].(*pixel.Mask); hole.At(95, 80) == 0 || hole.At(140, 100) == 0 {
		t.Errorf("island %d and notch %d are outside the hole", hole.At(95, 80), hole.At(140, 100))
	}
	resp, err = runDoc(t, "grow-mask", map[string]edit.Artifact{"image": pixel.NewImage(9, 9), "mask": pixel.NewMask(9, 9)})
	if err != nil || !resp.Outputs["hole"].(*pixel.Mask).Empty() {
		t.Errorf("an empty mask grew (%v)", err)
	}
}
