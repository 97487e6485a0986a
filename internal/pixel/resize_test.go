package pixel_test

import (
	"math"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"pentimento/internal/pixel"
)

func TestResizePlane(t *testing.T) {
	ramp := &pixel.Plane{W: 4, H: 1, V: []float32{0, 1, 2, 3}}
	for _, tc := range []struct {
		name string
		f    pixel.PlaneFilter
		w    int
		want []float32
	}{
		// The expected rows are OpenCV's and, for triangle, Pillow's for the same input.
		{"bilinear up", pixel.Bilinear, 8, []float32{0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3}},
		{"bilinear down", pixel.Bilinear, 2, []float32{0.5, 2.5}},
		{"bilinear to one", pixel.Bilinear, 1, []float32{1.5}},
		{"area down", pixel.Area, 2, []float32{0.5, 2.5}},
		{"area by 4/3", pixel.Area, 3, []float32{0.25, 1.5, 2.75}},
		{"area up is bilinear", pixel.Area, 8, []float32{0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3}},
		{"triangle down", pixel.Triangle, 2, []float32{0.7142857, 2.2857144}},
		{"nearest up", pixel.Nearest, 8, []float32{0, 0, 1, 1, 2, 2, 3, 3}},
		{"nearest down", pixel.Nearest, 2, []float32{1, 3}},
		{"cubic up", pixel.Cubic, 8, []float32{-0.10546875, 0.19140625, 0.66796875, 1.296875, 1.703125, 2.33203125, 2.80859375, 3.10546875}},
	} {
		got := pixel.ResizePlane(ramp, tc.w, 1, tc.f)
		for i := range tc.want {
			if !near(got.V[i], tc.want[i], 1e-5) {
				t.Errorf("%s: %v, want %v", tc.name, got.V, tc.want)
				break
			}
		}
	}
}

func TestResizePlaneLaws(t *testing.T) {
	filters := []pixel.PlaneFilter{pixel.Nearest, pixel.Bilinear, pixel.Triangle, pixel.Area, pixel.Cubic}
	rapid.Check(t, func(t *rapid.T) {
		p := planes(12).Draw(t, "plane")
		w, h := rapid.IntRange(1, 30).Draw(t, "w"), rapid.IntRange(1, 30).Draw(t, "h")
		f := rapid.SampledFrom(filters).Draw(t, "filter")
		got := pixel.ResizePlane(p, w, h, f)
		if got.W != w || got.H != h || len(got.V) != w*h {
			t.Fatalf("made %d×%d, want %d×%d", got.W, got.H, w, h)
		}
		lo, hi := slices.Min(p.V), slices.Max(p.V)
		for i, v := range got.V {
			if f != pixel.Cubic && (v < lo-1e-5 || v > hi+1e-5) {
				t.Fatalf("sample %d is %v, outside %v..%v", i, v, lo, hi)
			}
		}
		for _, v := range pixel.ResizePlane(constant(p.W, p.H, 0.3), w, h, f).V {
			if !near(v, 0.3, 1e-5) {
				t.Fatalf("a constant 0.3 became %v", v)
			}
		}
		if f == pixel.Area && w <= p.W && h <= p.H {
			if a, b := mean(p), mean(got); math.Abs(a-b) > 1e-4 {
				t.Fatalf("area kept no mean: %v to %v", a, b)
			}
		}
	})
}

func mean(p *pixel.Plane) float64 {
	s := 0.0
	for _, v := range p.V {
		s += float64(v)
	}
	return s / float64(len(p.V))
}

func TestResizeLeavesNoFringe(t *testing.T) {
	m := pixel.NewImage(64, 64)
	m.HasAlpha = true
	for y := range 64 {
		for x := range 64 {
			if (x/8+y/8)%2 == 0 {
				m.Set(x, y, 200, 40, 40, 255)
			} else {
				m.Set(x, y, 0, 255, 0, 0)
			}
		}
	}
	for _, f := range []pixel.Filter{pixel.Box, pixel.Linear, pixel.CatmullRom, pixel.Lanczos} {
		for _, side := range []int{1, 7, 30, 64, 150} {
			out := pixel.Resize(m, side, side, f)
			if out.W != side || out.H != side || !out.HasAlpha {
				t.Fatalf("made %d×%d, alpha %v", out.W, out.H, out.HasAlpha)
			}
			for i := 0; i < len(out.Pix); i += 4 {
				p := out.Pix[i : i+4]
				if p[3] > 16 && (p[1] > 60 || p[0] < 180) {
					t.Fatalf("filter %v to %d: pixel %d is %v", f, side, i/4, p)
				}
			}
		}
	}
}

func TestResizeMask(t *testing.T) {
	same(t, pixel.ResizeMask(draw("##..", "##..", "...."), 2, 3), draw("#.", "#.", ".."))
	m := pixel.ResizeMask(pixel.FullMask(5, 7), 31, 3)
	if m.W != 31 || m.H != 3 || m.Count(255) != 93 {
		t.Errorf("a full mask became %d×%d with %d full pixels", m.W, m.H, m.Count(255))
	}
}

func TestFitWithin(t *testing.T) {
	for _, tc := range []struct{ w, h, maxW, maxH, wantW, wantH int }{
		{100, 50, 200, 200, 100, 50}, {400, 200, 200, 200, 200, 100}, {10, 4000, 100, 100, 1, 100}, {300, 301, 300, 300, 299, 300},
	} {
		if w, h := pixel.FitWithin(tc.w, tc.h, tc.maxW, tc.maxH); w != tc.wantW || h != tc.wantH {
			t.Errorf("%d×%d within %d×%d is %d×%d, want %d×%d", tc.w, tc.h, tc.maxW, tc.maxH, w, h, tc.wantW, tc.wantH)
		}
	}
}

func TestBilerp(t *testing.T) {
	p := &pixel.Plane{W: 2, H: 2, V: []float32{0, 1, 2, 3}}
	for _, tc := range []struct {
		x, y float64
		want float32
	}{{0, 0, 0}, {1, 1, 3}, {0.5, 0.5, 1.5}, {0.25, 0, 0.25}, {-5, 0, 0}, {9, 9, 3}} {
		if got := p.Bilerp(tc.x, tc.y); got != tc.want {
			t.Errorf("at %v,%v: %v, want %v", tc.x, tc.y, got, tc.want)
		}
	}
}

// BenchmarkResize runs beside the package's named rival, on the same picture with the same kernel.
func BenchmarkResize(b *testing.B) {
	m := noise(1280, 1280, 1)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(m.Pix)))
		for b.Loop() {
			pixel.Resize(m, 640, 640, pixel.Lanczos)
		}
	})
	b.Run("imaging", func(b *testing.B) {
		b.SetBytes(int64(len(m.Pix)))
		for b.Loop() {
			imaging.Resize(m.NRGBA(), 640, 640, imaging.Lanczos)
		}
	})
}

func BenchmarkResizePlane(b *testing.B) {
	p := noise(1280, 1280, 1).Luma()
	b.SetBytes(int64(4 * len(p.V)))
	for b.Loop() {
		pixel.ResizePlane(p, 416, 416, pixel.Bilinear)
	}
}
