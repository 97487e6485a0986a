package paint

import (
	"math"
	"testing"

	"pentimento/internal/pixel"
)

func shifted(t *testing.T, img *pixel.Image, mask *pixel.Mask, lightness, chroma float64) *pixel.Image {
	t.Helper()
	out, err := Shift(t.Context(), img, mask, Change{Lightness: lightness, Chroma: chroma})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// middle is a place of the ball that wears its paint.
func middle(m *pixel.Image) pixel.Lab {
	r, g, b, _ := m.At(m.W/2, m.H/2)
	return pixel.ToLab(r, g, b)
}

// TestShiftIsMonotone makes balls ever lighter and stronger; hue stays, and
// lightness keeps the saturation.
func TestShiftIsMonotone(t *testing.T) {
	for _, name := range []string{"brown", "teal", "gray", "dark green"} {
		img, mask := ball(160, 160, named(t, name))
		was := middle(img)
		lightness, chroma := float32(-1), -1.0
		for _, v := range []float64{-1, -0.6, -0.3, 0, 0.3, 0.6, 1} {
			light, strong := middle(shifted(t, img, mask, v, 0)), middle(shifted(t, img, mask, 0, v))
			if light.L <= lightness || v == 0 && light != was {
				t.Errorf("%s at lightness %g: %v after %.3f", name, v, light, lightness)
			}
			lightness = light.L
			if d := pixel.HueDist(light.Hue(), was.Hue()); was.Chroma() > 0.05 && light.Chroma() > 0.03 && d > 0.1 {
				t.Errorf("%s at lightness %g: the hue moved by %.2f", name, v, d)
			}
			if ratio := light.Chroma() / float64(light.L) * float64(was.L); v < 0 && was.Chroma() > 0.05 && math.Abs(ratio/was.Chroma()-1) > 0.15 {
				t.Errorf("%s at lightness %g: the saturation changed by %.2f", name, v, ratio/was.Chroma())
			}
			if strong.Chroma() < chroma-0.002 || v == -1 && strong.Chroma() > 0.01 || math.Abs(float64(strong.L-was.L)) > 0.02 {
				t.Errorf("%s at chroma %g: %v after chroma %.3f", name, v, strong, chroma)
			}
			chroma = strong.Chroma()
		}
	}
}

// TestShiftKeepsWhatIsPaintedOtherwise looks at the stripe and the patch of the ball.
func TestShiftKeepsWhatIsPaintedOtherwise(t *testing.T) {
	const n = 240
	img, mask := ball(n, n, named(t, "red"))
	out := shifted(t, img, mask, -0.5, 0)
	for name, p := range map[string][2]float64{"stripe": {0, 0.62}, "patch": {0.45, -0.1}} {
		x, y := int(n/2+p[0]*0.42*n), int(n/2+p[1]*0.42*n)
		r, g, b, _ := img.At(x, y)
		nr, ng, nb, _ := out.At(x, y)
		if d := pixel.ToLab(r, g, b).Dist(pixel.ToLab(nr, ng, nb)); d > 0.03 {
			t.Errorf("%s changed by %.3f", name, d)
		}
	}
	for i, m := range mask.Pix {
		if m == 0 && [4]uint8(out.Pix[4*i:4*i+4]) != [4]uint8(img.Pix[4*i:4*i+4]) {
			t.Fatalf("pixel %d outside the mask changed", i)
		}
	}
}

// TestShiftLeans compares the hues of balls with where they lean: a comparison
// turns the hue, keeps lightness and texture, and paints nothing that is grey.
func TestShiftLeans(t *testing.T) {
	green, red := named(t, "green").Hue(), named(t, "red").Hue()
	for _, c := range []struct {
		name    string
		redness float64
		to      float64
	}{{"orange", -0.4, green}, {"gold", -0.4, green}, {"red", -0.4, green}, {"orange", 0.4, red}, {"gray", -0.4, green}, {"green", -0.4, green}} {
		img, mask := ball(120, 120, named(t, c.name))
		out, err := Shift(t.Context(), img, mask, Change{Redness: c.redness})
		if err != nil {
			t.Fatal(err)
		}
		was, is := middle(img), middle(out)
		if math.Abs(float64(is.L-was.L)) > 0.03 || is.Chroma() > 1.25*was.Chroma()+0.01 {
			t.Errorf("%s became %v from %v", c.name, is, was)
		}
		near, far := pixel.HueDist(is.Hue(), c.to), pixel.HueDist(was.Hue(), c.to)
		if turned := far - near; was.Chroma() > 0.05 && far > 0.3 && (turned < 0.1 || turned > 0.8) {
			t.Errorf("%s turned by %.2f towards %.2f", c.name, turned, c.to)
		}
	}
}
