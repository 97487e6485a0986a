package pixel_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

// kernels are the filters as the slow reference takes them.
var kernels = map[pixel.Filter]struct {
	radius float64
	shape  func(float64) float64
}{
	pixel.Box: {0.5, func(x float64) float64 {
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	}},
	pixel.Linear: {1, func(x float64) float64 { return max(1-math.Abs(x), 0) }},
	pixel.Lanczos: {3, func(x float64) float64 {
		if math.Abs(x) >= 3 {
			return 0
		}
		return sinc(x) * sinc(x/3)
	}},
}

// Opaque bytes are resized in narrower lanes than others. Whatever the picture, half a code of
// rounding weights, grown by the second pass, leaves a sample within 1.35 codes of the exact one
// and within one of what wide lanes give; Box is exact where a sample is the mean of at most 256 pixels.
func TestResizeOpaque(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 40)
		m := pixel.NewImage(rapid.IntRange(1, 150).Draw(t, "w"), side.Draw(t, "h"))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		hard := rapid.Bool().Draw(t, "hard") // black and white, where kernels overshoot most
		for i := range m.Pix {
			if m.Pix[i] = uint8(r.Uint32()); hard {
				m.Pix[i] = uint8(int8(m.Pix[i]) >> 7)
			}
			if i%4 == 3 {
				m.Pix[i] = 255
			}
		}
		f := rapid.SampledFrom([]pixel.Filter{pixel.Box, pixel.Linear, pixel.Lanczos}).Draw(t, "filter")
		w, h := side.Draw(t, "to w"), side.Draw(t, "to h")
		got := pixel.Resize(m, w, h, f)
		clear := m.Clone()
		clear.HasAlpha = true // though every pixel is opaque: it goes the other way
		wide := pixel.Resize(clear, w, h, f)
		bound := 1.35
		if f == pixel.Box && (m.W/w+2)*(m.H/h+2) <= 256 {
			bound = 0.5 + 1e-9
		}
		for i, v := range reference(m, w, h, kernels[f].radius, kernels[f].shape) {
			v = min(max(v, 0), 255)
			if d := math.Abs(float64(got.Pix[i]) - v); d > bound {
				t.Fatalf("sample %d is %d, want %.3f", i, got.Pix[i], v)
			}
			if d := int(got.Pix[i]) - int(wide.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("sample %d is %d, in wide lanes %d", i, got.Pix[i], wide.Pix[i])
			}
		}
	})
}

func TestResizeOpaqueDoesNotDependOnCores(t *testing.T) {
	m := noise(301, 403, 9)
	for _, f := range []pixel.Filter{pixel.Box, pixel.Lanczos} {
		before := runtime.GOMAXPROCS(5)
		want := pixel.Resize(m, 97, 111, f)
		runtime.GOMAXPROCS(1)
		got := pixel.Resize(m, 97, 111, f)
		runtime.GOMAXPROCS(before)
		if !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("filter %v: another number of cores gives other samples", f)
		}
	}
}
