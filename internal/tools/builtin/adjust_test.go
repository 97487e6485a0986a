package builtin

import (
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// mean is the mean OKLab colour and chroma of a picture's pixels.
func mean(m *pixel.Image) (l, a, b, chroma float64) {
	n := float64(m.W * m.H)
	for i := 0; i < len(m.Pix); i += 4 {
		c := pixel.ToLab(m.Pix[i], m.Pix[i+1], m.Pix[i+2])
		l, a, b, chroma = l+float64(c.L)/n, a+float64(c.A)/n, b+float64(c.B)/n, chroma+c.Chroma()/n
	}
	return l, a, b, chroma
}

func deviation(m *pixel.Image) float64 {
	l, _, _, _ := mean(m)
	var s float64
	for i := 0; i < len(m.Pix); i += 4 {
		d := float64(pixel.ToLab(m.Pix[i], m.Pix[i+1], m.Pix[i+2]).L) - l
		s += d * d
	}
	return s / float64(m.W*m.H)
}

func TestAdjustmentsGoTheirWay(t *testing.T) {
	img := photo(64, 48, false)
	l0, _, b0, c0 := mean(img)
	d0 := deviation(img)
	by := func(tool string, amount float64) *pixel.Image {
		return edited(t, tool, img, nil, map[string]edit.Artifact{"amount": num(amount)})
	}
	measure := func(m *pixel.Image) map[string]float64 {
		l, _, b, c := mean(m)
		return map[string]float64{"lightness": l - l0, "blue-yellow": b - b0, "chroma": c - c0, "contrast": deviation(m) - d0}
	}
	for _, c := range []struct {
		tool   string
		amount float64
		what   string
		sign   float64
	}{
		{"exposure", 0.25, "lightness", 1},
		{"exposure", -0.25, "lightness", -1},
		{"contrast", 0.3, "contrast", 1},
		{"contrast", -0.3, "contrast", -1},
		{"saturation", 0.35, "chroma", 1},
		{"saturation", -0.35, "chroma", -1},
		{"temperature", 0.3, "blue-yellow", 1},
		{"temperature", -0.3, "blue-yellow", -1},
	} {
		if got := measure(by(c.tool, c.amount))[c.what]; got*c.sign < 0.0005 {
			t.Errorf("%s %+.2f moves %s by %+.4f", c.tool, c.amount, c.what, got)
		}
	}
}

func TestAmountZeroChangesNothing(t *testing.T) {
	img := photo(64, 48, false)
	for _, tool := range []string{"exposure", "contrast", "saturation", "temperature", "sharpen"} {
		out := edited(t, tool, img, nil, map[string]edit.Artifact{"amount": num(0)})
		for i := range img.Pix {
			if d := int(out.Pix[i]) - int(img.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("%s: sample %d goes from %d to %d", tool, i, img.Pix[i], out.Pix[i])
			}
		}
	}
}

func TestBlackAndWhiteStay(t *testing.T) {
	img := pixel.NewImage(2, 1)
	img.Set(1, 0, 255, 255, 255, 255)
	for _, tool := range []string{"exposure", "contrast", "saturation"} {
		for _, amount := range []float64{-1, -0.4, 0.4, 1} {
			out := edited(t, tool, img, nil, map[string]edit.Artifact{"amount": num(amount)})
			if out.Pix[0] > 1 || out.Pix[4] < 254 || out.Pix[5] < 254 || out.Pix[6] < 254 {
				t.Errorf("%s %+.1f makes black %v and white %v", tool, amount, out.Pix[:3], out.Pix[4:7])
			}
		}
	}
}

func TestExposureIsUndone(t *testing.T) {
	img := photo(64, 48, false)
	up := edited(t, "exposure", img, nil, map[string]edit.Artifact{"amount": num(0.3)})
	back := edited(t, "exposure", up, nil, map[string]edit.Artifact{"amount": num(-0.3)})
	for i := range img.Pix {
		if d := int(back.Pix[i]) - int(img.Pix[i]); d < -3 || d > 3 {
			t.Fatalf("sample %d goes from %d to %d and back to %d", i, img.Pix[i], up.Pix[i], back.Pix[i])
		}
	}
}

func TestExposureKeepsHue(t *testing.T) {
	img := canvasOf(1, 1, func(int, int) [3]uint8 { return [3]uint8{180, 90, 40} })
	was := pixel.ToLab(180, 90, 40)
	for _, amount := range []float64{-0.6, -0.25, 0.25, 0.6} {
		out := edited(t, "exposure", img, nil, map[string]edit.Artifact{"amount": num(amount)})
		is := pixel.ToLab(out.Pix[0], out.Pix[1], out.Pix[2])
		if d := pixel.HueDist(was.Hue(), is.Hue()); d > 0.02 {
			t.Errorf("exposure %+.2f turns the hue by %.3f", amount, d)
		}
	}
}

func TestDesaturatedIsGrey(t *testing.T) {
	out := edited(t, "saturation", photo(40, 40, false), nil, map[string]edit.Artifact{"amount": num(-1)})
	for i := 0; i < len(out.Pix); i += 4 {
		if p := out.Pix[i : i+3]; max(p[0], p[1], p[2])-min(p[0], p[1], p[2]) > 1 {
			t.Fatalf("pixel %d is %v, want grey", i/4, p)
		}
	}
}

func TestTemperatureKeepsLuminance(t *testing.T) {
	img := canvasOf(1, 1, func(int, int) [3]uint8 { return [3]uint8{120, 130, 110} })
	y := func(p []uint8) float32 {
		return luminance(pixel.ToLinear(p[0]), pixel.ToLinear(p[1]), pixel.ToLinear(p[2]))
	}
	for _, amount := range []float64{-1, -0.3, 0.3, 1} {
		out := edited(t, "temperature", img, nil, map[string]edit.Artifact{"amount": num(amount)})
		if was, is := y(img.Pix), y(out.Pix); is/was > 1.05 || is/was < 0.95 {
			t.Errorf("temperature %+.1f takes luminance from %.3f to %.3f", amount, was, is)
		}
	}
}

func TestSharpen(t *testing.T) {
	// A blurred edge gets steeper, a flat ground with faint noise stays.
	edge := canvasOf(40, 8, func(x, _ int) [3]uint8 {
		v := uint8(min(max(60+(x-15)*14, 60), 200))
		return [3]uint8{v, v, v}
	})
	amount := map[string]edit.Artifact{"amount": num(0.6)}
	out := edited(t, "sharpen", edge, nil, amount)
	steep := func(m *pixel.Image) (most int) {
		for x := range 39 {
			most = max(most, int(m.Pix[4*(3*40+x+1)])-int(m.Pix[4*(3*40+x)]))
		}
		return most
	}
	if steep(out) <= steep(edge) {
		t.Errorf("the steepest step is %d, it was %d", steep(out), steep(edge))
	}
	noise := canvasOf(40, 40, func(x, y int) [3]uint8 { v := uint8(120 + (x*7+y*5)%2); return [3]uint8{v, v, v} })
	out = edited(t, "sharpen", noise, nil, amount)
	for i := range noise.Pix {
		if d := int(out.Pix[i]) - int(noise.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("noise of one step grows to %d", d)
		}
	}
}
