package pixel_test

import (
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

func planes(maxSide int) *rapid.Generator[*pixel.Plane] {
	return rapid.Custom(func(t *rapid.T) *pixel.Plane {
		w, h := rapid.IntRange(1, maxSide).Draw(t, "w"), rapid.IntRange(1, maxSide).Draw(t, "h")
		p := pixel.NewPlane(w, h)
		copy(p.V, rapid.SliceOfN(rapid.Float32Range(0, 1), w*h, w*h).Draw(t, "v"))
		return p
	})
}

func constant(w, h int, v float32) *pixel.Plane {
	p := pixel.NewPlane(w, h)
	for i := range p.V {
		p.V[i] = v
	}
	return p
}

func near(a, b float32, tol float64) bool { return math.Abs(float64(a-b)) <= tol }

func TestBoxBlurMatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planes(12).Draw(t, "plane")
		r := rapid.IntRange(0, 14).Draw(t, "r")
		got := pixel.BoxBlur(p, r)
		for y := range p.H {
			for x := range p.W {
				sum, n := 0.0, 0.0
				for j := max(0, y-r); j <= min(p.H-1, y+r); j++ {
					for i := max(0, x-r); i <= min(p.W-1, x+r); i++ {
						sum += float64(p.At(i, j))
						n++
					}
				}
				if !near(got.At(x, y), float32(sum/n), 1e-5) {
					t.Fatalf("(%d,%d): %v, want %v", x, y, got.At(x, y), sum/n)
				}
			}
		}
	})
}

// A point spreads into the Gaussian itself, on both sides of the change of method.
func TestGaussianBlurOfAPoint(t *testing.T) {
	for _, sigma := range []float64{0.5, 1, 3, 6, 6.01, 10, 20} {
		const n = 201
		p := pixel.NewPlane(n, n)
		p.Set(n/2, n/2, 1)
		got := pixel.GaussianBlur(p, sigma)
		norm := 0.0
		for i := -n / 2; i <= n/2; i++ {
			norm += math.Exp(-float64(i*i) / (2 * sigma * sigma))
		}
		peak := 1 / (norm * norm)
		worst, sum := 0.0, 0.0
		for y := range n {
			for x := range n {
				d := float64((x-n/2)*(x-n/2) + (y-n/2)*(y-n/2))
				want := math.Exp(-d/(2*sigma*sigma)) * peak
				worst = math.Max(worst, math.Abs(float64(got.At(x, y))-want)/peak)
				sum += float64(got.At(x, y))
			}
		}
		if math.Abs(sum-1) > 0.01 {
			t.Errorf("sigma %v: the sum is %v", sigma, sum)
		}
		if limit := map[bool]float64{true: 0.002, false: 0.08}[sigma <= 6]; worst > limit {
			t.Errorf("sigma %v: off by %.4f of the peak, at most %v", sigma, worst, limit)
		}
	}
}

func TestBlursKeepConstantsAndRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planes(20).Draw(t, "plane")
		sigma := rapid.Float64Range(0, 12).Draw(t, "sigma")
		for _, v := range pixel.GaussianBlur(p, sigma).V {
			if v < -1e-5 || v > 1+1e-5 {
				t.Fatalf("a blur of [0,1] holds %v", v)
			}
		}
		for _, v := range pixel.GaussianBlur(constant(p.W, p.H, 0.7), sigma).V {
			if !near(v, 0.7, 1e-5) {
				t.Fatalf("a constant 0.7 became %v", v)
			}
		}
	})
}

func TestBlurImageLeavesNoFringe(t *testing.T) {
	// Opaque grey beside transparent bright green: the green must not come through.
	m := pixel.NewImage(40, 20)
	m.HasAlpha = true
	for y := range m.H {
		for x := range m.W {
			if x < 20 {
				m.Set(x, y, 100, 100, 100, 255)
			} else {
				m.Set(x, y, 0, 255, 0, 0)
			}
		}
	}
	for _, light := range []pixel.Light{pixel.Encoded, pixel.LinearLight} {
		out := pixel.BlurImage(m, 3, light)
		for x := range 25 {
			r, g, b, a := out.At(x, 10)
			if a > 8 && (r != 100 || g != 100 || b != 100) {
				t.Errorf("light %v, column %d: (%d,%d,%d,%d)", light, x, r, g, b, a)
			}
		}
		if _, _, _, a := out.At(20, 10); a < 90 || a > 130 {
			t.Errorf("alpha at the edge is %d", a)
		}
		if _, g, _, a := out.At(39, 10); a != 0 || g != 255 {
			t.Errorf("far from the edge the hidden colour changed: green %d, alpha %d", g, a)
		}
	}
	if opaque := pixel.BlurImage(pixel.NewImage(9, 9), 2, pixel.Encoded); opaque.Pix[3] != 255 || opaque.HasAlpha {
		t.Error("an opaque picture did not stay opaque")
	}
}

func TestGuidedFilterFollowsTheGuide(t *testing.T) {
	const w, h, edge = 64, 48, 30
	m := pixel.NewImage(w, h)
	src := pixel.NewPlane(w, h)
	for y := range h {
		for x := range w {
			if x < edge { // two colours of about one luma: only the colour guide sees the edge
				m.Set(x, y, 200, 60, 60, 255)
			} else {
				m.Set(x, y, 40, 107, 100, 255)
			}
			if x < edge+3 { // the matte's edge is three pixels off
				src.Set(x, y, 1)
			}
		}
	}
	got := pixel.GuidedFilterColor(m, src, 8, 1e-4)
	drop := got.At(edge-1, h/2) - got.At(edge, h/2)
	if drop < 0.5 {
		t.Errorf("across the picture's edge the matte falls by %v, want at least 0.5", drop)
	}
	grey := pixel.GuidedFilter(m.Channels()[0], src, 8, 1e-4)
	if d := grey.At(edge-1, h/2) - grey.At(edge, h/2); d < 0.5 {
		t.Errorf("grey guide: the matte falls by %v, want at least 0.5", d)
	}
	mask := pixel.RefineMask(m, pixel.RectMask(w, h, image.Rect(0, 0, edge+2, h)), 8, 1e-4)
	if a, b := mask.At(edge-2, h/2), mask.At(edge+2, h/2); a < 200 || b > 60 {
		t.Errorf("refined mask is %d inside and %d outside the picture's edge", a, b)
	}
	if mask.At(2, 2) != 255 || mask.At(w-2, 2) != 0 {
		t.Error("refining changed pixels far from the border")
	}
}

func TestGuidedFilterKeepsConstants(t *testing.T) {
	m := noise(30, 20, 3)
	for i, v := range pixel.GuidedFilterColor(m, constant(30, 20, 0.25), 4, 1e-4).V {
		if !near(v, 0.25, 1e-4) {
			t.Fatalf("sample %d of a constant 0.25 became %v", i, v)
		}
	}
}

func TestIntegralMatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planes(9).Draw(t, "plane")
		side := rapid.IntRange(-3, 12)
		r := image.Rect(side.Draw(t, "x0"), side.Draw(t, "y0"), side.Draw(t, "x1"), side.Draw(t, "y1"))
		want := 0.0
		for y := range p.H {
			for x := range p.W {
				if image.Pt(x, y).In(r) {
					want += float64(p.At(x, y))
				}
			}
		}
		it := pixel.NewIntegral(p)
		if math.Abs(it.Sum(r)-want) > 1e-6 {
			t.Fatalf("sum over %v is %v, want %v", r, it.Sum(r), want)
		}
	})
}

func BenchmarkGaussianBlur(b *testing.B) {
	p := noise(1280, 1280, 1).Luma()
	for _, bc := range []struct {
		name  string
		sigma float64
	}{{"exact-3", 3}, {"boxes-20", 20}} {
		b.Run(bc.name, func(b *testing.B) {
			b.SetBytes(int64(4 * len(p.V)))
			for b.Loop() {
				pixel.GaussianBlur(p, bc.sigma)
			}
		})
	}
}

func BenchmarkGuidedFilterColor(b *testing.B) {
	m := noise(1280, 1280, 1)
	src := m.Luma()
	b.SetBytes(int64(len(m.Pix)))
	for b.Loop() {
		pixel.GuidedFilterColor(m, src, 8, 1e-4)
	}
}
