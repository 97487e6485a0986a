package onnx

import (
	"image"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func TestFrames(t *testing.T) {
	cases := []struct {
		name       string
		in         edit.TensorInput
		w, h       int
		netW, netH int
		src, dst   image.Rectangle
	}{
		{"stretch", edit.TensorInput{Fit: "stretch", Width: 320, Height: 240}, 1000, 500, 320, 240, image.Rect(0, 0, 1000, 500), image.Rect(0, 0, 320, 240)},
		{"letterbox, wide", edit.TensorInput{Fit: "letterbox", Width: 416, Height: 416, Anchor: "top-left"}, 1200, 900, 416, 416, image.Rect(0, 0, 1200, 900), image.Rect(0, 0, 416, 312)},
		{"letterbox, high, in the middle", edit.TensorInput{Fit: "letterbox", Width: 100, Height: 100}, 50, 200, 100, 100, image.Rect(0, 0, 50, 200), image.Rect(37, 0, 62, 100)},
		{"letterbox of a line", edit.TensorInput{Fit: "letterbox", Width: 100, Height: 100, Anchor: "top-left"}, 1, 5000, 100, 100, image.Rect(0, 0, 1, 5000), image.Rect(0, 0, 1, 100)},
		{"crop, wide", edit.TensorInput{Fit: "crop", Width: 224, Height: 224}, 600, 400, 224, 224, image.Rect(100, 0, 500, 400), image.Rect(0, 0, 224, 224)},
		{"crop, high", edit.TensorInput{Fit: "crop", Width: 224, Height: 112}, 400, 600, 224, 112, image.Rect(0, 200, 400, 400), image.Rect(0, 0, 224, 112)},
		{"short side", edit.TensorInput{Fit: "short-side", Side: 256, Multi: 32}, 1200, 900, 352, 256, image.Rect(0, 0, 1200, 900), image.Rect(0, 0, 352, 256)},
		{"short side, enlarged", edit.TensorInput{Fit: "short-side", Side: 256, Multi: 32}, 384, 191, 512, 256, image.Rect(0, 0, 384, 191), image.Rect(0, 0, 512, 256)},
		{"long side, shrunk", edit.TensorInput{Fit: "short-side", Limit: "long", Side: 960, Multi: 32}, 2048, 1362, 960, 640, image.Rect(0, 0, 2048, 1362), image.Rect(0, 0, 960, 640)},
		{"long side, small enough", edit.TensorInput{Fit: "short-side", Limit: "long", Side: 960, Multi: 32}, 500, 20, 512, 32, image.Rect(0, 0, 500, 20), image.Rect(0, 0, 512, 32)},
		{"native", edit.TensorInput{Fit: "native"}, 33, 17, 33, 17, image.Rect(0, 0, 33, 17), image.Rect(0, 0, 33, 17)},
		{"native to multiples", edit.TensorInput{Fit: "native", Multi: 4}, 33, 16, 36, 16, image.Rect(0, 0, 33, 16), image.Rect(0, 0, 33, 16)},
		{"native with a border", edit.TensorInput{Fit: "native", Border: 7}, 33, 16, 47, 30, image.Rect(0, 0, 33, 16), image.Rect(7, 7, 40, 23)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, err := newFrame(c.in, c.w, c.h)
			if err != nil {
				t.Fatal(err)
			}
			if f.netW != c.netW || f.netH != c.netH || f.src != c.src || f.dst != c.dst {
				t.Errorf("got %d×%d, %v to %v; want %d×%d, %v to %v", f.netW, f.netH, f.src, f.dst, c.netW, c.netH, c.src, c.dst)
			}
			x0, y0 := f.toPicture(float64(c.dst.Min.X), float64(c.dst.Min.Y))
			x1, y1 := f.toPicture(float64(c.dst.Max.X), float64(c.dst.Max.Y))
			if got := (edit.Box{X0: x0, Y0: y0, X1: x1, Y1: y1}); got.String() != (edit.Box{
				X0: float64(c.src.Min.X), Y0: float64(c.src.Min.Y), X1: float64(c.src.Max.X), Y1: float64(c.src.Max.Y),
			}).String() {
				t.Errorf("the corners map to %v, want %v", got, c.src)
			}
		})
	}
	for _, bad := range []edit.TensorInput{{Fit: "stretch"}, {Fit: "diagonal"}} {
		if _, err := newFrame(bad, 10, 10); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// fillPicture runs fill on a fresh tensor.
func fillPicture(t *testing.T, in edit.TensorInput, f frame, img *pixel.Image, elem elemType) tensorData {
	t.Helper()
	data, err := newTensor(elem, pictureShape(in.Layout, channelsOf(in), f)...)
	if err != nil {
		t.Fatal(err)
	}
	fill(data, in, f, img)
	return data
}

func TestFillNormalisesAndOrders(t *testing.T) {
	img := pixel.NewImage(2, 1)
	img.Set(0, 0, 10, 20, 30, 255)
	img.Set(1, 0, 40, 50, 60, 255)
	f, err := newFrame(edit.TensorInput{Fit: "native"}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		in   edit.TensorInput
		want []float32
	}{
		{"rgb", edit.TensorInput{}, []float32{10, 40, 20, 50, 30, 60}},
		{"bgr", edit.TensorInput{Order: "bgr"}, []float32{30, 60, 20, 50, 10, 40}},
		{"nhwc", edit.TensorInput{Layout: "nhwc"}, []float32{10, 20, 30, 40, 50, 60}},
		{"scale", edit.TensorInput{Scale: 0.5}, []float32{5, 20, 10, 25, 15, 30}},
		{"mean and std", edit.TensorInput{Mean: []float64{10, 20, 30}, Std: []float64{2, 2, 5}}, []float32{0, 15, 0, 15, 0, 6}},
		{"one mean for all", edit.TensorInput{Mean: []float64{10}}, []float32{0, 30, 10, 40, 20, 50}},
		{"mean in the declared order", edit.TensorInput{Order: "bgr", Mean: []float64{30, 0, 0}}, []float32{0, 30, 20, 50, 10, 40}},
		{"grey", edit.TensorInput{Order: "gray"}, []float32{0.299*10 + 0.587*20 + 0.114*30, 0.299*40 + 0.587*50 + 0.114*60}},
	}
	for _, c := range cases {
		got := fillPicture(t, c.in, f, img, elemFloat32).f
		for i, v := range c.want {
			if math.Abs(float64(got[i]-v)) > 1e-4 {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
	if got := fillPicture(t, edit.TensorInput{}, f, img, elemUint8).u; got[0] != 10 || got[5] != 60 {
		t.Errorf("uint8: %v", got)
	}
}

// The row sampler must agree with package pixel's resampling, which is tested against OpenCV's.
func TestFillResamplesAsPixelDoes(t *testing.T) {
	img := opaquePicture(61, 47)
	cases := []edit.TensorInput{
		{Fit: "stretch", Width: 20, Height: 13},
		{Fit: "stretch", Width: 61, Height: 13},
		{Fit: "stretch", Width: 90, Height: 100},
		{Fit: "stretch", Width: 20, Height: 90},
		{Fit: "letterbox", Width: 30, Height: 30, Pad: 114},
		{Fit: "letterbox", Width: 200, Height: 200},
		{Fit: "crop", Width: 16, Height: 16},
		{Fit: "stretch", Width: 1, Height: 1},
	}
	for _, in := range cases {
		f, err := newFrame(in, img.W, img.H)
		if err != nil {
			t.Fatal(err)
		}
		got := fillPicture(t, in, f, img, elemFloat32).f
		planes := pixel.Crop(img, f.src).Channels()
		for c, p := range planes {
			want := pixel.ResizePlane(p, f.dst.Dx(), f.dst.Dy(), f.filter)
			for y := range f.netH {
				for x := range f.netW {
					v := float32(in.Pad)
					if (image.Point{X: x, Y: y}).In(f.dst) {
						v = 255 * want.At(x-f.dst.Min.X, y-f.dst.Min.Y)
					}
					if g := got[(c*f.netH+y)*f.netW+x]; math.Abs(float64(g-v)) > 0.02 {
						t.Fatalf("%+v: channel %d at %d,%d is %v, want %v", in, c, x, y, g, v)
					}
				}
			}
		}
	}
}

// Outside a native picture its border is repeated; the border of a tile inside it is its neighbours.
func TestFillRepeatsTheBorder(t *testing.T) {
	img := picture(8, 6)
	in := edit.TensorInput{Fit: "native", Border: 2, Multi: 4}
	f, err := newFrame(in, img.W, img.H)
	if err != nil {
		t.Fatal(err)
	}
	tile := tileFrame(in, img.W, img.H, image.Rect(3, 1, 6, 4), 0, 0)
	for name, f := range map[string]frame{"whole": f, "tile": tile} {
		got := fillPicture(t, in, f, img, elemFloat32).f
		for y := range f.netH {
			for x := range f.netW {
				sx := min(max(x-f.dst.Min.X+f.src.Min.X, 0), img.W-1)
				sy := min(max(y-f.dst.Min.Y+f.src.Min.Y, 0), img.H-1)
				if r, _, _, _ := img.At(sx, sy); got[y*f.netW+x] != float32(r) {
					t.Fatalf("%s: red at %d,%d is %v, want %d", name, x, y, got[y*f.netW+x], r)
				}
			}
		}
	}
}

func TestSpreadBringsAPlaneBack(t *testing.T) {
	cases := []edit.TensorInput{
		{Fit: "stretch", Width: 40, Height: 40},
		{Fit: "letterbox", Width: 64, Height: 64, Anchor: "top-left"},
		{Fit: "letterbox", Width: 64, Height: 64},
		{Fit: "crop", Width: 32, Height: 32},
		{Fit: "native", Multi: 32, Border: 3},
	}
	for _, in := range cases {
		f, err := newFrame(in, 80, 50)
		if err != nil {
			t.Fatal(err)
		}
		p := pixel.NewPlane(f.netW, f.netH) // holds the picture's own x coordinate where the picture lies, 1000 elsewhere
		for y := range p.H {
			for x := range p.W {
				p.Set(x, y, 1000)
				if (image.Point{X: x, Y: y}).In(f.dst) {
					px, _ := f.toPicture(float64(x)+0.5, float64(y)+0.5)
					p.Set(x, y, float32(px))
				}
			}
		}
		got := f.spread(p)
		if got.W != 80 || got.H != 50 {
			t.Fatalf("%+v: %d×%d", in, got.W, got.H)
		}
		for x := range got.W {
			want := float64(x) + 0.5
			if x < f.src.Min.X || x >= f.src.Max.X {
				want = 0 // what the network did not see
			}
			if v := float64(got.At(x, 25)); math.Abs(v-want) > 1.3 {
				t.Errorf("%+v: column %d is %.2f, want %.2f", in, x, v, want)
			}
		}
	}
}
