package onnxgraph_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // decoders of the photos
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/onnx"
	"pentimento/internal/tools/ortlib"
	"pentimento/internal/tools/paint"
	"pentimento/tooldocs"
)

// The agreement that the built-in recolour and its graph keep, in steps of 255
// over the samples under the mask.
const (
	meanTolerance = 0.1
	tailTolerance = 2 // for 999 of 1000 samples
)

var lib = sync.OnceValues(func() (string, error) {
	path, _, err := ortlib.Find(context.Background(), ortlib.Options{})
	if err == nil {
		return path, nil
	}
	return ortlib.Install(context.Background(), ortlib.Options{})
})

func newRunner(t *testing.T) *onnx.Runner {
	r := onnx.New(onnx.Options{
		Lib:    func(context.Context) (string, error) { return lib() },
		Device: "cpu",
		Locate: func(part edit.ModelFile) (string, edit.ModelSource, error) {
			src := part.Accept[0]
			return filepath.Join("..", "..", "..", "tooldocs", "models", src.File), src, nil
		},
	})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func run(t *testing.T, r *onnx.Runner, tool string, inputs map[string]edit.Artifact) *pixel.Image {
	t.Helper()
	set, errs := tooldoc.Load(tooldocs.FS)
	spec, ok := set.Get(tool)
	if !ok {
		t.Fatalf("there is no tool doc %s: %v", tool, errors.Join(errs...))
	}
	resp, err := r.Run(t.Context(), tools.Request{Spec: &spec, Inputs: inputs})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return resp.Outputs["image"].(*pixel.Image)
}

// scene paints a shaded ball of one colour with a dark stripe and a highlight
// on a ground of another, and its soft matte.
func scene(w, h int, ball edit.Color) (*pixel.Image, *pixel.Mask) {
	img, mask := pixel.NewImage(w, h), pixel.NewMask(w, h)
	base := pixel.LabOf(ball)
	for y := range h {
		for x := range w {
			dx, dy := float64(x)-float64(w)*0.55, float64(y)-float64(h)*0.5
			rad := 0.4 * float64(min(w, h))
			d := math.Hypot(dx, dy) / rad
			m := min(max((1-d)*rad+0.5, 0), 1)
			shade := float32(1 - 0.35*d*d - 0.15*dx/rad)
			c := pixel.Lab{L: base.L * shade, A: base.A * shade, B: base.B * shade}
			if math.Abs(dy-dx*0.3) < rad*0.12 {
				c = pixel.Lab{L: 0.2}
			}
			if math.Hypot(dx+rad*0.3, dy+rad*0.35) < rad*0.1 {
				c = pixel.Lab{L: 0.97}
			}
			r, g, b := c.Linear()
			gr, gg, gb := pixel.Lab{L: 0.6 + 0.2*float32(y)/float32(h), A: -0.05, B: 0.06}.Linear()
			mix := func(f, g float32) uint8 { return pixel.FromLinear(float32(m)*f + float32(1-m)*g) }
			img.Set(x, y, mix(r, gr), mix(g, gg), mix(b, gb), 255)
			mask.Pix[y*w+x] = uint8(255*m + 0.5)
		}
	}
	return img, mask
}

func color(t *testing.T, name string) edit.Color {
	t.Helper()
	c, ok := edit.ParseColor(name)
	if !ok {
		t.Fatalf("%s is no colour", name)
	}
	return c
}

func TestRecolorGraphAgreesWithGo(t *testing.T) {
	r := newRunner(t)
	for _, c := range []struct{ from, to string }{
		{"red", "blue"}, {"white", "teal"}, {"gray", "pink"}, {"yellow", "purple"}, {"green", "white"}, {"blue", "black"}, {"black", "red"},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			img, mask := scene(157, 121, color(t, c.from))
			agree(t, r, img, mask, color(t, c.to))
		})
	}
}

func TestRecolorGraphAgreesWithGoOnPhotos(t *testing.T) {
	dir := os.Getenv("PENTIMENTO_SHARED")
	if dir == "" {
		t.Skip("PENTIMENTO_SHARED is not set: real-photo tests not run")
	}
	r := newRunner(t)
	for _, c := range []struct{ photo, mask, to string }{
		{"dog_bench.png", "dog_bench.bench.png", "pink"},
		{"kodim20_airplane.png", "kodim20_airplane.airplane.png", "red"},
		{"kodim23_parrots.png", "kodim23_parrots.red-parrot.png", "blue"},
		{"truck.jpg", "truck.truck.png", "teal"},
	} {
		t.Run(c.photo, func(t *testing.T) {
			img := read(t, filepath.Join(dir, "images", c.photo))
			grey := read(t, filepath.Join(dir, "images", "masks", c.mask))
			mask := pixel.NewMask(img.W, img.H)
			for i := range mask.Pix {
				mask.Pix[i] = grey.Pix[4*i]
			}
			agree(t, r, img, mask, color(t, c.to))
		})
	}
}

func agree(t *testing.T, r *onnx.Runner, img *pixel.Image, mask *pixel.Mask, to edit.Color) {
	t.Helper()
	want, err := paint.Recolor(t.Context(), img, mask, pixel.LabOf(to))
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, r, "recolor-onnx", map[string]edit.Artifact{"image": img, "mask": mask, "color": to})
	var diffs []int
	sum, changed := 0, 0
	for i, m := range mask.Pix {
		for c := range 4 {
			g, w := int(got.Pix[4*i+c]), int(want.Pix[4*i+c])
			if m == 0 {
				if g != int(img.Pix[4*i+c]) {
					t.Fatalf("sample %d of pixel %d outside the mask changed", c, i)
				}
				continue
			}
			d := max(g-w, w-g)
			diffs = append(diffs, d)
			sum += d
			if w != int(img.Pix[4*i+c]) {
				changed++
			}
		}
	}
	slices.Sort(diffs)
	mean, tail := float64(sum)/float64(len(diffs)), diffs[len(diffs)*999/1000]
	t.Logf("mean %.4f, 99.9 %% %d, greatest %d", mean, tail, diffs[len(diffs)-1])
	if mean > meanTolerance || tail > tailTolerance {
		t.Errorf("built-in and graph differ by %.3f in the mean and %d at 99.9 %%", mean, tail)
	}
	if changed < len(diffs)/8 {
		t.Errorf("only %d of %d samples changed: the comparison means little", changed, len(diffs))
	}
}

func TestRecolorGraphOnDegenerateInputs(t *testing.T) {
	r := newRunner(t)
	red := color(t, "red")
	for _, size := range []image.Point{{1, 1}, {1, 9}, {200, 2}} {
		for _, m := range []uint8{0, 1, 255} {
			t.Run(fmt.Sprintf("%v mask %d", size, m), func(t *testing.T) {
				img, mask := pixel.NewImage(size.X, size.Y), pixel.NewMask(size.X, size.Y)
				for i := range mask.Pix {
					mask.Pix[i] = m
					img.Pix[4*i] = uint8(i * 37)
				}
				want, err := paint.Recolor(t.Context(), img, mask, pixel.LabOf(red))
				if err != nil {
					t.Fatal(err)
				}
				got := run(t, r, "recolor-onnx", map[string]edit.Artifact{"image": img, "mask": mask, "color": red})
				for i := range got.Pix {
					if d := int(got.Pix[i]) - int(want.Pix[i]); d < -2 || d > 2 {
						t.Fatalf("sample %d is %d, the built-in makes %d", i, got.Pix[i], want.Pix[i])
					}
				}
			})
		}
	}
}

func TestSmoothFillContinuesARamp(t *testing.T) {
	const w, h = 97, 61
	img, hole := pixel.NewImage(w, h), pixel.NewMask(w, h)
	ramp := func(x, y int) (uint8, uint8, uint8) { return uint8(40 + x), uint8(200 - 2*y), uint8(30 + x + y) }
	for y := range h {
		for x := range w {
			r, g, b := ramp(x, y)
			if x >= 30 && x < 70 && y >= 15 && y < 45 {
				hole.Pix[y*w+x] = uint8(1 + x) // any matte above 0 is missing
				r, g, b = 255, 0, 255
			}
			img.Set(x, y, r, g, b, 255)
		}
	}
	out := run(t, newRunner(t), "smooth-fill-onnx", map[string]edit.Artifact{"image": img, "hole": hole})
	var worst float64
	for y := range h {
		for x := range w {
			r, g, b := ramp(x, y)
			i := 4 * (y*w + x)
			limit := 0.0
			if hole.Pix[y*w+x] > 0 {
				limit = 12 // of a range of 40, 60 and 70 within the hole
			}
			for c, want := range []uint8{r, g, b} {
				d := math.Abs(float64(out.Pix[i+c]) - float64(want))
				worst = max(worst, d)
				if d > limit {
					t.Fatalf("(%d,%d) sample %d is %d, want %d within %g", x, y, c, out.Pix[i+c], want, limit)
				}
			}
		}
	}
	t.Logf("greatest error %.0f", worst)
}

func read(t *testing.T, path string) *pixel.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := src.Bounds()
	img := pixel.NewImage(b.Dx(), b.Dy())
	for y := range img.H {
		for x := range img.W {
			r, g, bl, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
			img.Set(x, y, uint8(r>>8), uint8(g>>8), uint8(bl>>8), 255)
		}
	}
	return img
}
