package scene_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

// small is a third of the default size: every object is there, and it is rendered once for all tests.
var small = sync.OnceValues(func() (*pixel.Image, map[string]*pixel.Mask) { return scene.Render(427, 284, 1) })

func TestSameSeedSameBytes(t *testing.T) {
	a, am := scene.Render(150, 100, 7)
	b, bm := scene.Render(150, 100, 7)
	if !slices.Equal(a.Pix, b.Pix) {
		t.Error("the same seed gave two pictures")
	}
	for name, m := range am {
		if !slices.Equal(m.Pix, bm[name].Pix) {
			t.Errorf("the same seed gave two masks of %s", name)
		}
	}
	c, cm := scene.Render(150, 100, 8)
	if slices.Equal(a.Pix, c.Pix) {
		t.Error("another seed gave the same picture")
	}
	if !slices.Equal(am["car"].Pix, cm["car"].Pix) {
		t.Error("another seed moved the car")
	}
}

func TestMasksAreExactAndDisjoint(t *testing.T) {
	img, masks := small()
	if len(masks) != len(scene.Names()) {
		t.Fatalf("%d masks, want %d", len(masks), len(scene.Names()))
	}
	sum := make([]int, len(img.Pix)/4)
	for _, name := range scene.Names() {
		m := masks[name]
		if m.W != img.W || m.H != img.H {
			t.Fatalf("mask of %s is %d×%d", name, m.W, m.H)
		}
		if share := m.Area() / float64(img.W*img.H); share < 0.008 || share > 0.5 {
			t.Errorf("%s covers %.1f %% of the picture", name, 100*share)
		}
		if name == "car-paint" {
			continue
		}
		for i, v := range m.Pix {
			sum[i] += int(v)
		}
	}
	if most := slices.Max(sum); most > 258 { // rounding may add a little
		t.Errorf("objects cover a pixel %d/255 times", most)
	}
	for i, v := range masks["car-paint"].Pix {
		if v > masks["car"].Pix[i] {
			t.Fatalf("paint outside the car at %d", i)
		}
	}
	if n := len(pixel.Components(masks["car"], pixel.Half, true)); n != 1 {
		t.Errorf("the car is in %d pieces", n)
	}
	if a, b := masks["car-paint"].Area(), masks["car"].Area(); a < 0.35*b || a > 0.65*b {
		t.Errorf("paint is %.2f of the car", a/b)
	}
}

// Where a mask says 255, the pixel has the object's colours.
func TestObjectsHaveTheirColours(t *testing.T) {
	img, masks := small()
	lab := pixel.LabPlane(img)
	for _, tc := range []struct {
		name             string
		hue, spread      float64 // of the median pixel, in degrees
		least, most      float64 // chroma of the median pixel
		lightMin, lightX float64
	}{
		{"car-paint", 25, 6, 0.14, 0.25, 0.40, 0.65},
		{"bench", 102, 6, 0.14, 0.25, 0.70, 0.95},
		{"tree", 146, 8, 0.07, 0.16, 0.30, 0.65},
		{"sky", 250, 10, 0.02, 0.12, 0.65, 0.95},
		{"sign", 236, 10, 0.03, 0.10, 0.25, 0.55},
		{"wall", 0, 180, 0, 0.015, 0.70, 0.95},
		{"road", 0, 180, 0, 0.015, 0.40, 0.65},
	} {
		var l, a, b []float64
		for i, v := range masks[tc.name].Pix {
			if v == 255 {
				l, a, b = append(l, float64(lab[i].L)), append(a, float64(lab[i].A)), append(b, float64(lab[i].B))
			}
		}
		mid := pixel.Lab{L: float32(median(l)), A: float32(median(a)), B: float32(median(b))}
		if d := pixel.HueDist(mid.Hue(), tc.hue*math.Pi/180) * 180 / math.Pi; d > tc.spread {
			t.Errorf("%s: hue %.0f° is %.0f° from %.0f°", tc.name, mid.Hue()*180/math.Pi, d, tc.hue)
		}
		if c := mid.Chroma(); c < tc.least || c > tc.most {
			t.Errorf("%s: chroma %.3f outside %v..%v", tc.name, c, tc.least, tc.most)
		}
		if l := float64(mid.L); l < tc.lightMin || l > tc.lightX {
			t.Errorf("%s: lightness %.2f outside %v..%v", tc.name, l, tc.lightMin, tc.lightX)
		}
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// The demonstration finds car and bench by a colour word alone: nothing else may be red or yellow.
func TestOnlyThePaintIsRedAndOnlyTheBenchIsYellow(t *testing.T) {
	for _, seed := range []int64{1, 99} {
		img, masks := scene.Render(427, 284, seed)
		lab := pixel.LabPlane(img)
		for _, tc := range []struct {
			name     string
			from, to float64 // hue in degrees
		}{{"car-paint", -20, 60}, {"bench", 60, 128}} {
			got := pixel.NewMask(img.W, img.H)
			for i, c := range lab {
				if h := c.Hue() * 180 / math.Pi; c.Chroma() > 0.05 && h > tc.from && h < tc.to {
					got.Pix[i] = 255
				}
			}
			for i, v := range got.Pix {
				if v > 0 && masks[tc.name].Pix[i] == 0 {
					t.Fatalf("seed %d: pixel (%d,%d) has the colour of %s", seed, i%img.W, i/img.W, tc.name)
				}
			}
			if iou := pixel.IoU(got, masks[tc.name], nil); iou < 0.9 {
				t.Errorf("seed %d: selecting %s by hue gives IoU %.3f", seed, tc.name, iou)
			}
		}
	}
}

// The picture has texture and light: no object is one flat colour.
func TestObjectsAreShaded(t *testing.T) {
	img, masks := small()
	luma := img.Luma()
	for name, m := range masks {
		var values []float64
		for i, v := range m.Pix {
			if v == 255 {
				values = append(values, float64(luma.V[i]))
			}
		}
		slices.Sort(values)
		if spread := values[len(values)*19/20] - values[len(values)/20]; spread < 0.06 {
			t.Errorf("%s spans %.3f of brightness only", name, spread)
		}
	}
}

func TestAnySizeRenders(t *testing.T) {
	for _, size := range [][2]int{{16, 16}, {1, 1}, {33, 200}, {300, 40}} {
		img, masks := scene.Render(size[0], size[1], 1)
		if img.W != size[0] || img.H != size[1] || len(masks) != len(scene.Names()) || img.HasAlpha || !img.NRGBA().Opaque() {
			t.Errorf("size %v: %d×%d with %d masks", size, img.W, img.H, len(masks))
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for b.Loop() {
		scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
	}
}
