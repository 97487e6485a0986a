package builtin

import (
	"errors"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// portrait is a red disc before green and white checks, with its soft matte.
func portrait(n int) (*pixel.Image, *pixel.Mask) {
	img, mask := pixel.NewImage(n, n), pixel.NewMask(n, n)
	for i := range mask.Pix {
		x, y := i%n, i/n
		d := math.Hypot(float64(x)-float64(n)/2, float64(y)-float64(n)/2)
		m := float32(min(max((0.3*float64(n)-d)/4+0.5, 0), 1))
		mask.Pix[i] = uint8(255*m + 0.5)
		bg := [3]uint8{20, 160, 40}
		if (x/4+y/4)%2 == 0 {
			bg = [3]uint8{210, 230, 210}
		}
		var p [3]uint8
		for c, f := range []uint8{200, 30, 30} {
			p[c] = pixel.FromLinear(m*pixel.ToLinear(f) + (1-m)*pixel.ToLinear(bg[c]))
		}
		img.Set(x, y, p[0], p[1], p[2], 255)
	}
	return img, mask
}

func TestBackgroundBlur(t *testing.T) {
	img, mask := portrait(160)
	out := edited(t, "background-blur", img, mask, map[string]edit.Artifact{"radius": num(9)})
	var checks, red float64
	n := 0
	for i, m := range mask.Pix {
		p, q := img.Pix[4*i:4*i+3], out.Pix[4*i:4*i+3]
		if m == 255 && (p[0] != q[0] || p[1] != q[1] || p[2] != q[2]) {
			t.Fatalf("pixel %d of the subject changed from %v to %v", i, p, q)
		}
		if m == 0 {
			checks = max(checks, math.Abs(float64(q[1])-199)) // the checks' mean in linear light
			red = max(red, float64(q[0])-float64(q[1]))
			n++
		}
	}
	if checks > 25 {
		t.Errorf("the blurred checks are still up to %.0f from their mean", checks)
	}
	if red > 0 {
		t.Errorf("the subject's red glows into the background by %.0f", red)
	}
	if n == 0 {
		t.Fatal("the test picture has no background")
	}
}

func TestBackgroundRemoval(t *testing.T) {
	img, mask := portrait(160)
	out := edited(t, "background-removal", img, mask, nil)
	if !out.HasAlpha {
		t.Fatal("the result has no alpha")
	}
	var sum, n float64 // weighed by alpha, as the eye does
	for i, m := range mask.Pix {
		p := out.Pix[4*i : 4*i+4]
		if p[3] != m {
			t.Fatalf("pixel %d: alpha %d, matte %d", i, p[3], m)
		}
		switch {
		case m == 0 && (p[0] != 0 || p[1] != 0 || p[2] != 0):
			t.Fatalf("pixel %d is removed and still holds %v", i, p[:3])
		case m > 25 && m < 255:
			d := pixel.ToLab(p[0], p[1], p[2]).Dist(pixel.ToLab(200, 30, 30))
			sum, n = sum+d*float64(m), n+float64(m)
		}
	}
	if sum/n > 0.08 {
		t.Errorf("border colours are %.3f from the subject's on average", sum/n)
	}
}

func TestBackgroundToolsNeedAForeground(t *testing.T) {
	img := photo(20, 20, false)
	for _, tool := range []string{"background-blur", "background-blur-depth", "background-removal", "background-color", "background-gradient", "background-picture"} {
		var user *edit.UserError
		if _, err := runDoc(t, tool, inputs(editDoc(t, tool), img, pixel.NewMask(20, 20))); !errors.As(err, &user) {
			t.Errorf("%s of an empty foreground: error %v, want a *edit.UserError", tool, err)
		}
	}
}

func TestBackgroundBlurOfAFullForegroundChangesNothing(t *testing.T) {
	img := photo(30, 20, true)
	out := edited(t, "background-blur", img, pixel.FullMask(30, 20), nil)
	for i := range img.Pix {
		if out.Pix[i] != img.Pix[i] {
			t.Fatalf("sample %d changed", i)
		}
	}
}
