package pixel_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

// Values from Ottosson's reference code.
func TestToLab(t *testing.T) {
	for _, tc := range []struct {
		name    string
		r, g, b uint8
		want    pixel.Lab
	}{
		{"black", 0, 0, 0, pixel.Lab{}},
		{"white", 255, 255, 255, pixel.Lab{L: 1}},
		{"red", 255, 0, 0, pixel.Lab{L: 0.627955, A: 0.224863, B: 0.125846}},
		{"green", 0, 255, 0, pixel.Lab{L: 0.866440, A: -0.233888, B: 0.179498}},
		{"blue", 0, 0, 255, pixel.Lab{L: 0.452014, A: -0.032457, B: -0.311528}},
		{"grey", 128, 128, 128, pixel.Lab{L: 0.599871}},
	} {
		if got := pixel.ToLab(tc.r, tc.g, tc.b); got.Dist(tc.want) > 2e-5 {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// Every third code of each channel with the extremes: 88^3 colours survive the round trip.
func TestLabRoundTrip(t *testing.T) {
	codes := []uint8{255, 254, 1}
	for v := 0; v < 256; v += 3 {
		codes = append(codes, uint8(v))
	}
	for _, r := range codes {
		for _, g := range codes {
			for _, b := range codes {
				r2, g2, b2, ok := pixel.ToLab(r, g, b).RGB()
				if r2 != r || g2 != g || b2 != b || !ok {
					t.Fatalf("(%d,%d,%d) came back as (%d,%d,%d), in gamut %v", r, g, b, r2, g2, b2, ok)
				}
			}
		}
	}
}

func TestFitKeepsLightnessAndHue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.Float64Range(0.02, 0.98).Draw(t, "l")
		c := rapid.Float64Range(0, 0.5).Draw(t, "c")
		h := rapid.Float64Range(-math.Pi, math.Pi).Draw(t, "h")
		in := pixel.Lab{L: float32(l), A: float32(c * math.Cos(h)), B: float32(c * math.Sin(h))}
		out, was := in.Fit()
		if was != in.InGamut() {
			t.Fatalf("says in gamut %v, is %v", was, in.InGamut())
		}
		if !out.InGamut() {
			t.Fatalf("%+v does not fit", out)
		}
		if out.L != in.L || out.Chroma() > in.Chroma()+1e-6 {
			t.Fatalf("lightness or chroma grew: %+v from %+v", out, in)
		}
		if out.Chroma() > 1e-3 && pixel.HueDist(out.Hue(), in.Hue()) > 1e-3 {
			t.Fatalf("hue moved: %v from %v", out.Hue(), in.Hue())
		}
	})
}

func TestRGBOfNonsense(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []pixel.Lab{{L: nan}, {L: 0.5, A: nan}, {L: -3}, {L: 7}, {L: 0.5, A: float32(math.Inf(1))}} {
		if _, _, _, ok := c.RGB(); ok {
			t.Errorf("%+v is said to be in gamut", c)
		}
	}
	if r, g, b, _ := (pixel.Lab{L: 7, A: 1}).RGB(); r != 255 || g != 255 || b != 255 {
		t.Errorf("brighter than white is (%d,%d,%d), want white", r, g, b)
	}
}

func TestHueDist(t *testing.T) {
	for _, tc := range []struct{ a, b, want float64 }{
		{0, 0, 0}, {3, -3, 2*math.Pi - 6}, {math.Pi, -math.Pi, 0}, {0, math.Pi, math.Pi}, {1, 3, 2},
	} {
		if got := pixel.HueDist(tc.a, tc.b); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("HueDist(%v,%v) = %v, want %v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestLabPlane(t *testing.T) {
	m := noise(37, 53, 1)
	for i, got := range pixel.LabPlane(m) {
		if want := pixel.ToLab(m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2]); got != want {
			t.Fatalf("pixel %d: %v, want %v", i, got, want)
		}
	}
}

func BenchmarkLabPlane(b *testing.B) {
	m := noise(1280, 1280, 1)
	b.SetBytes(int64(len(m.Pix)))
	for b.Loop() {
		pixel.LabPlane(m)
	}
}

func BenchmarkLabRGB(b *testing.B) {
	c := pixel.Lab{L: 0.6, A: 0.3, B: 0.1} // outside the gamut: the slow way
	for b.Loop() {
		c.RGB()
	}
}

// noise is a picture of random samples, alpha included.
func noise(w, h int, seed uint64) *pixel.Image {
	r := rand.New(rand.NewPCG(seed, 0))
	m := pixel.NewImage(w, h)
	m.HasAlpha = true
	for i := range m.Pix {
		m.Pix[i] = uint8(r.UintN(256))
	}
	return m
}
