package builtin

import (
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// outpainted runs the shipped doc with the given numbers; the rest are 0.
func outpainted(t *testing.T, img *pixel.Image, numbers map[string]float64) (*pixel.Image, error) {
	t.Helper()
	spec := editDoc(t, "outpaint")
	in := map[string]edit.Artifact{"image": img}
	for _, p := range spec.Inputs {
		if p.Kind == edit.KindNumber {
			in[p.Name] = edit.Number(numbers[p.Name])
		}
	}
	resp, err := New().Run(t.Context(), tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: in, Seed: 1})
	if err != nil {
		return nil, err
	}
	return resp.Outputs["image"].(*pixel.Image), nil
}

func TestOutpaintSizes(t *testing.T) {
	img := photo(80, 60, false)
	for _, c := range []struct {
		name        string
		numbers     map[string]float64
		w, h        int
		left, above int // where the picture is
	}{
		{"nothing said", nil, 120, 90, 20, 15},
		{"left and top", map[string]float64{"left": 25, "top": 25}, 100, 75, 20, 15},
		{"right", map[string]float64{"right": 50}, 120, 60, 0, 0},
		{"bottom, all of it", map[string]float64{"bottom": 100}, 80, 120, 0, 0},
		{"wider", map[string]float64{"ratio": 16.0 / 9}, 107, 60, 13, 0},
		{"square", map[string]float64{"ratio": 1}, 80, 80, 0, 10},
		{"side and shape", map[string]float64{"left": 50, "ratio": 3}, 180, 60, 70, 0},
		{"the shape it has", map[string]float64{"ratio": 80.0 / 60}, 80, 60, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := outpainted(t, img, c.numbers)
			if err != nil {
				t.Fatal(err)
			}
			if out.W != c.w || out.H != c.h {
				t.Fatalf("the result is %d×%d, want %d×%d", out.W, out.H, c.w, c.h)
			}
			for y := range img.H {
				for x := range img.W {
					i, j := 4*(y*img.W+x), 4*((y+c.above)*out.W+x+c.left)
					if [4]uint8(img.Pix[i:i+4]) != [4]uint8(out.Pix[j:j+4]) {
						t.Fatalf("pixel %d,%d changed", x, y)
					}
				}
			}
			for i := 3; i < len(out.Pix); i += 4 {
				if out.Pix[i] != 255 {
					t.Fatalf("pixel %d is not opaque", i/4)
				}
			}
		})
	}
}

func TestOutpaintLimits(t *testing.T) {
	var user *edit.UserError
	for name, numbers := range map[string]map[string]float64{
		"more than the doc allows": {"left": 101},
		"a very wide shape":        {"ratio": 8},
	} {
		if _, err := outpainted(t, photo(80, 60, false), numbers); !errors.As(err, &user) {
			t.Errorf("%s: error %v, want a *edit.UserError", name, err)
		}
	}
	if _, err := margins(9000, 9000, []float64{25, 25, 25, 25, 0}); !errors.As(err, &user) {
		t.Errorf("a result of 182 megapixels: error %v, want a *edit.UserError", err)
	}
}

// TestOutpaintKeepsStoredSamples gives a picture of 16 bits and looks for its samples in the result.
func TestOutpaintKeepsStoredSamples(t *testing.T) {
	deep := &pixel.Deep{Pix: make([]uint16, 4*64*48), Bits: 16}
	for i := range deep.Pix {
		deep.Pix[i] = uint16(20000 + 37*(i%997))
		if i%4 == 3 {
			deep.Pix[i] = 65535
		}
	}
	out, err := outpainted(t, pixel.FromDeep(64, 48, deep, false), map[string]float64{"left": 25, "bottom": 25})
	if err != nil {
		t.Fatal(err)
	}
	if out.Deep == nil || len(out.Deep.Pix) != 4*80*60 {
		t.Fatal("the result has no stored samples of its size")
	}
	for y := range 48 {
		for x := range 64 {
			if got, want := out.Deep.Pix[4*(y*80+x+16)], deep.Pix[4*(y*64+x)]; got != want {
				t.Fatalf("the stored sample at %d,%d is %d, was %d", x, y, got, want)
			}
		}
	}
	for i := range out.W * out.H {
		if d := int(out.Deep.Pix[4*i]) - 257*int(out.Pix[4*i]); d > 257 || d < -257 || out.Deep.Pix[4*i+3] != 65535 {
			t.Fatalf("pixel %d stores %v and shows %v", i, out.Deep.Pix[4*i:4*i+4], out.Pix[4*i:4*i+4])
		}
	}
}

func TestOutpaintOfCutOutIsTransparent(t *testing.T) {
	img := photo(60, 60, false)
	img.HasAlpha = true
	for y := range 60 {
		for x := range 60 {
			if x < 10 || y < 10 || x >= 50 || y >= 50 {
				img.Pix[4*(y*60+x)+3] = 0
			}
		}
	}
	out, err := outpainted(t, img, map[string]float64{"left": 50})
	if err != nil {
		t.Fatal(err)
	}
	if out.W != 90 || out.Pix[3] != 0 || out.Pix[4*(30*90+60)+3] != 255 {
		t.Errorf("a picture %d wide with alpha %d in its margin and %d in its middle", out.W, out.Pix[3], out.Pix[4*(30*90+60)+3])
	}
}

// TestOutpaintFillsOverScannersFrame puts a black line at the top of a picture and extends it upwards.
func TestOutpaintFillsOverScannersFrame(t *testing.T) {
	img := pixel.NewImage(80, 60)
	for i := range 80 * 60 {
		copy(img.Pix[4*i:], []uint8{200, 210, 220, 255})
		if i < 80 {
			copy(img.Pix[4*i:], []uint8{5, 5, 5, 255})
		}
	}
	out, err := outpainted(t, img, map[string]float64{"top": 50})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(out.Pix); i += 4 {
		if out.Pix[i] < 150 {
			t.Fatalf("pixel %d,%d is dark", i/4%80, i/4/80)
		}
	}
	same, err := outpainted(t, img, map[string]float64{"left": 50})
	if err != nil {
		t.Fatal(err)
	}
	if same.Pix[4*60] != 5 {
		t.Error("the frame at a side that does not grow was changed")
	}
}
