package bench

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/pixel"
)

func noisePlane(w, h int, seed uint64, amplitude float64) *pixel.Plane {
	rnd := rand.New(rand.NewPCG(seed, 1))
	p := pixel.NewPlane(w, h)
	for i := range p.V {
		p.V[i] = float32(128 + amplitude*(rnd.Float64()-0.5))
	}
	return p
}

var middle = pixel.RectMask(120, 120, image.Rect(40, 40, 80, 80))

// withHole returns p with the middle given by f.
func withHole(p *pixel.Plane, f func(x, y int) float32) *pixel.Plane {
	o := &pixel.Plane{W: p.W, H: p.H, V: append([]float32(nil), p.V...)}
	for y := range p.H {
		for x := range p.W {
			if middle.At(x, y) > 0 {
				o.V[y*p.W+x] = f(x, y)
			}
		}
	}
	return o
}

func TestGradientDistanceTellsTextureFromBlur(t *testing.T) {
	p := noisePlane(120, 120, 1, 80)
	other := noisePlane(120, 120, 2, 80)
	texture := GradientDistance(withHole(p, other.At), middle)
	flat := GradientDistance(withHole(p, func(int, int) float32 { return 128 }), middle)
	if texture > 0.15 || flat < 0.95 {
		t.Errorf("distance %.3f for the same noise, %.3f for a flat fill", texture, flat)
	}
	stripes := GradientDistance(withHole(p, func(x, _ int) float32 { return float32(100 + 40*(x%2)) }), middle)
	if stripes < 0.5 {
		t.Errorf("distance %.3f for stripes in noise", stripes)
	}
}

func TestGradientHistogramFoldsDirections(t *testing.T) {
	rise, fall := pixel.NewPlane(8, 8), pixel.NewPlane(8, 8)
	for i := range rise.V {
		rise.V[i], fall.V[i] = float32(10*(i%8)), float32(-10*(i%8))
	}
	full := pixel.FullMask(8, 8)
	a, b := gradientHistogram(rise, full), gradientHistogram(fall, full)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("bin %d is %v for a rise and %v for a fall", i, a[i], b[i])
		}
	}
}

func TestBorderRatio(t *testing.T) {
	p := noisePlane(120, 120, 1, 80)
	other := noisePlane(120, 120, 2, 80)
	if r := BorderRatio(withHole(p, other.At), middle); math.Abs(math.Log(r)) > 0.15 {
		t.Errorf("ratio %.3f across an unseen seam", r)
	}
	if r := BorderRatio(withHole(p, func(x, y int) float32 { return other.At(x, y) + 90 }), middle); r < 2 {
		t.Errorf("ratio %.3f across a step", r)
	}
	flat := pixel.NewPlane(120, 120)
	if r := BorderRatio(flat, middle); r != 1 {
		t.Errorf("ratio %.3f in a flat picture", r)
	}
}

func TestMSSSIM(t *testing.T) {
	p := noisePlane(120, 120, 1, 80)
	if s := MSSSIM(p, p); math.Abs(s-1) > 1e-6 {
		t.Errorf("a plane is %.6f like itself", s)
	}
	near := withHole(p, func(x, y int) float32 { return p.At(x, y) + 3 })
	far := withHole(p, func(x, y int) float32 { return 255 - p.At(x, y) })
	if a, b := MSSSIM(p, near), MSSSIM(p, far); a <= b || a < 0.95 || b > 0.9 {
		t.Errorf("similarity %.3f to a nearly equal plane, %.3f to one with its middle inverted", a, b)
	}
	if s := MSSSIM(pixel.NewPlane(6, 6), pixel.NewPlane(6, 6)); s != 1 {
		t.Errorf("planes too small for any scale give %.3f", s)
	}
}
