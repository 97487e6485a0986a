package builtin

import (
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func TestBackgroundColor(t *testing.T) {
	img, mask := portrait(160)
	out := edited(t, "background-color", img, mask, map[string]edit.Artifact{"color": edit.Color{R: 250, G: 250, B: 250}})
	for i, m := range mask.Pix {
		p, q := img.Pix[4*i:4*i+3], out.Pix[4*i:4*i+4]
		if q[3] != 255 {
			t.Fatalf("pixel %d is not opaque", i)
		}
		switch {
		case m == 255 && (p[0] != q[0] || p[1] != q[1] || p[2] != q[2]):
			t.Fatalf("pixel %d of the subject changed from %v to %v", i, p, q)
		case m == 0 && (q[0] != 250 || q[1] != 250 || q[2] != 250):
			t.Fatalf("pixel %d of the ground is %v", i, q)
		case m > 0 && m < 255 && int(q[1]) > int(q[0])+4:
			t.Fatalf("pixel %d of the border is %v: a fringe of the old green", i, q)
		}
	}
}

func TestBackgroundColorOfACutOut(t *testing.T) {
	// What is transparent already becomes ground too.
	img, mask := portrait(80)
	cut := pixel.CutOut(img, mask)
	cut.HasAlpha = true
	out := edited(t, "background-color", cut, pixel.FullMask(80, 80), map[string]edit.Artifact{"color": edit.Color{R: 10, G: 20, B: 200}})
	if r, g, b, a := out.At(1, 1); r != 10 || g != 20 || b != 200 || a != 255 {
		t.Errorf("the corner is %d,%d,%d,%d", r, g, b, a)
	}
}

func TestBackgroundGradient(t *testing.T) {
	img, mask := portrait(200)
	for _, c := range []edit.Color{{R: 128, G: 128, B: 128}, {R: 40, G: 60, B: 160}, {R: 255, G: 255, B: 255}, {}} {
		out := edited(t, "background-gradient", img, mask, map[string]edit.Artifact{"color": c})
		want := pixel.LabOf(c)
		lo, hi, turn, before := 1.0, 0.0, 0.0, 0.0
		for x := range 200 { // along the top
			r, g, b, _ := out.At(x, 2)
			l := pixel.ToLab(r, g, b)
			lo, hi = min(lo, float64(l.L)), max(hi, float64(l.L))
			if want.Chroma() > 0.05 {
				turn = max(turn, pixel.HueDist(l.Hue(), want.Hue()))
			}
			if x > 0 && math.Abs(float64(g)-before) > 4 {
				t.Errorf("%v: a step of %.0f codes at column %d", c, float64(g)-before, x)
			}
			before = float64(g)
		}
		if lo < float64(want.L)-0.18 || hi > float64(want.L)+0.12 {
			t.Errorf("%v: lightness from %.2f to %.2f, the colour's is %.2f", c, lo, hi, want.L)
		}
		if turn > 0.15 {
			t.Errorf("%v: the hue turns by %.2f", c, turn)
		}
	}
}

func TestBackgroundPicture(t *testing.T) {
	img, mask := portrait(160)
	sky := canvasOf(90, 40, func(x, _ int) [3]uint8 {
		if x < 10 || x >= 80 {
			return [3]uint8{255, 0, 255} // cut off: the middle alone covers a square
		}
		return [3]uint8{70, 120, 220}
	})
	out := edited(t, "background-picture", img, mask, map[string]edit.Artifact{"background": sky})
	for i, m := range mask.Pix {
		p, q := img.Pix[4*i:4*i+3], out.Pix[4*i:4*i+4]
		if m == 0 && (q[0] > 80 || q[2] < 210) {
			t.Fatalf("pixel %d,%d of the ground is %v", i%160, i/160, q)
		}
		if m == 255 {
			was, is := pixel.ToLab(p[0], p[1], p[2]), pixel.ToLab(q[0], q[1], q[2])
			edge := math.Hypot(float64(i%160)-80, float64(i/160)-80) > 0.3*160-8
			if d := was.Dist(is); !edge && d > 0.1 {
				t.Fatalf("pixel %d of the subject moved by %.3f, which is no longer gentle", i, d)
			}
		}
	}
}

func TestBackgroundBlurByDepth(t *testing.T) {
	// Checks on a ground that runs away upwards, the subject standing in its middle.
	n := 160
	img, _ := portrait(n)
	mask := blob(n, n)
	depth := slope(n, n)
	out := edited(t, "background-blur-depth", img, mask, map[string]edit.Artifact{"radius": num(10), "depth": depth})
	rough := func(y int) (sum float64) {
		for x := 1; x < 30; x++ {
			sum += math.Abs(float64(out.Pix[4*(y*n+x)+1]) - float64(out.Pix[4*(y*n+x-1)+1]))
		}
		return sum
	}
	at, near, far, mid := rough(n/2), rough(n-6), rough(6), rough(n/4)
	if far*3 > at || near*3 > at {
		t.Errorf("roughness %.0f beside the subject, %.0f far off, %.0f close by: the latter two should be blurred", at, far, near)
	}
	if mid <= far || mid >= at {
		t.Errorf("halfway the roughness is %.0f, want between %.0f and %.0f", mid, far, at)
	}
	for i, m := range mask.Pix {
		if m == 255 && (out.Pix[4*i] != img.Pix[4*i] || out.Pix[4*i+1] != img.Pix[4*i+1]) {
			t.Fatalf("pixel %d of the subject changed", i)
		}
	}
}
