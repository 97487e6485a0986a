package onnx

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// psnr is the peak signal-to-noise ratio of two pictures of one size, in dB.
func psnr(t *testing.T, a, b *pixel.Image) float64 {
	t.Helper()
	if a.W != b.W || a.H != b.H {
		t.Fatalf("%d×%d against %d×%d", a.W, a.H, b.W, b.H)
	}
	var sum float64
	for i := range a.Pix {
		if i%4 != 3 {
			d := float64(a.Pix[i]) - float64(b.Pix[i])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255/(sum/float64(3*a.W*a.H)))
}

// noisy adds Gaussian noise of that standard deviation, the same each time.
func noisy(m *pixel.Image, sigma float64) *pixel.Image {
	out := m.Clone()
	state := uint32(1)
	uniform := func() float64 {
		state = state*1664525 + 1013904223
		return float64(state>>8) / (1 << 24)
	}
	for i := range out.Pix {
		if i%4 == 3 {
			continue
		}
		n := math.Sqrt(-2*math.Log(uniform()+1e-9)) * math.Cos(2*math.Pi*uniform())
		out.Pix[i] = uint8(min(max(float64(out.Pix[i])+sigma*n+0.5, 0), 255))
	}
	return out
}

// part cuts a square out of a photo.
func part(t *testing.T, photo string, x, y, side int) *pixel.Image {
	t.Helper()
	src := readPhoto(t, photo)
	out := pixel.NewImage(side, side)
	for j := range side {
		copy(out.Pix[4*j*side:4*(j+1)*side], src.Pix[4*((y+j)*src.W+x):])
	}
	return out
}

func made(t *testing.T, r *Runner, tool string, inputs map[string]edit.Artifact) *pixel.Image {
	t.Helper()
	resp := run(t, r, tool, inputs)
	tooltest.CheckPromises(t, tools.Request{Spec: spec(t, tool), Inputs: inputs}, resp)
	return resp.Outputs["image"].(*pixel.Image)
}

// The enlargers give back more of a photo that was made small than smooth
// interpolation does, or at least lose little, at exactly the promised size.
func TestEnlargers(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	for _, c := range []struct {
		tool  string
		scale int
		gain  float64 // least gain over Catmull-Rom, dB; generative ones lose some
	}{
		{"waifu2x-photo-x2", 2, 0.3}, {"espcn-x3", 3, -0.3}, {"realesr-general-x4", 4, -2.5}, {"realesr-general-wdn-x4", 4, -1},
	} {
		t.Run(c.tool, func(t *testing.T) {
			want := part(t, "kodim08_houses.png", 300, 180, 240)
			small := pixel.Resize(want, want.W/c.scale, want.H/c.scale, pixel.Box)
			got := made(t, r, c.tool, map[string]edit.Artifact{"image": small, "scale": edit.Number(c.scale)})
			smooth := psnr(t, pixel.Resize(small, want.W, want.H, pixel.CatmullRom), want)
			sharp := psnr(t, got, want)
			t.Logf("%.2f dB, smooth %.2f dB", sharp, smooth)
			if sharp < smooth+c.gain {
				t.Errorf("%.2f dB, interpolation has %.2f", sharp, smooth)
			}
			_, err := r.Run(t.Context(), tools.Request{Spec: spec(t, c.tool), Inputs: map[string]edit.Artifact{
				"image": small, "scale": edit.Number(7),
			}})
			wantUserError(t, err, c.tool)
		})
	}
}

func TestEnlargersTilesAgree(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	img := part(t, "kodim23_parrots.png", 380, 150, 150)
	for tool, scale := range map[string]int{"realesr-general-x4": 4, "waifu2x-photo-x2": 2} {
		in := map[string]edit.Artifact{"image": img, "scale": edit.Number(scale)}
		s := *spec(t, tool)
		rt := *s.Runtime.ONNX
		rt.Tile, rt.WholeImage = nil, true
		s.Runtime.ONNX = &rt
		resp, err := r.Run(t.Context(), tools.Request{Spec: &s, Inputs: in})
		if err != nil {
			t.Fatal(err)
		}
		whole := resp.Outputs["image"].(*pixel.Image)
		rt.Tile, rt.WholeImage = &edit.Tile{Size: 64, Overlap: 16}, false
		if resp, err = r.Run(t.Context(), tools.Request{Spec: &s, Inputs: in}); err != nil {
			t.Fatal(err)
		}
		tiled := resp.Outputs["image"].(*pixel.Image)
		if p, d := psnr(t, whole, tiled), maxDiff(whole, tiled); p < 45 || d > 40 {
			t.Errorf("%s: tiles differ from the whole by %.1f dB, at most %d", tool, p, d)
		}
	}
}

// Measured by the exporters on Kodak crops: FFDNet at sigma 25 gives 30.0 to 33.6 dB from 20.5.
func TestDenoisers(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	clean := part(t, "kodim23_parrots.png", 300, 100, 257) // an odd side: FFDNet takes even ones only
	bad := noisy(clean, 25)
	before := psnr(t, bad, clean)
	for tool, in := range map[string]map[string]edit.Artifact{
		"ffdnet": {"image": bad, "sigma": edit.Number(25)}, "dncnn": {"image": bad},
	} {
		after := psnr(t, made(t, r, tool, in), clean)
		t.Logf("%s: %.2f dB from %.2f", tool, after, before)
		if after < 31 || before > 22 {
			t.Errorf("%s: %.2f dB from %.2f", tool, after, before)
		}
	}
	// Sigma is really fed: a weak setting leaves the noise.
	if weak := psnr(t, made(t, r, "ffdnet", map[string]edit.Artifact{"image": bad, "sigma": edit.Number(3)}), clean); weak > 26 {
		t.Errorf("sigma 3 gives %.2f dB: it is not fed", weak)
	}
}

func TestStyles(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	img := part(t, "kodim04_woman_red_hat.png", 100, 150, 230)
	seen := make(map[string]*pixel.Image)
	for i, name := range []string{"candy", "mosaic", "pointilism", "rain-princess", "udnie"} {
		got := made(t, r, "style-"+name, map[string]edit.Artifact{"image": img, "style": edit.Number(i + 1)})
		if p := psnr(t, got, img); p > 18 {
			t.Errorf("%s changed the picture little: %.1f dB", name, p)
		}
		for other, m := range seen {
			if p := psnr(t, got, m); p > 20 {
				t.Errorf("%s and %s are alike: %.1f dB", name, other, p)
			}
		}
		seen[name] = got
	}
}

func TestLowLight(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	full := readPhoto(t, "backlit_bicycles.jpg")
	img := pixel.Resize(full, full.W/2, full.H/2, pixel.Box)
	last := 0.0
	for _, tool := range []string{"sci-easy", "tbefn", "sci-medium"} { // from the mildest
		got := meanOf(made(t, r, tool, map[string]edit.Artifact{"image": img}))
		if got < meanOf(img)+15 || tool != "tbefn" && got < last {
			t.Errorf("%s: mean %.0f from %.0f, the one before %.0f", tool, got, meanOf(img), last)
		}
		last = got
	}
	made(t, r, "sci-difficult", map[string]edit.Artifact{"image": img})
}

func meanOf(m *pixel.Image) float64 {
	var sum float64
	for i, v := range m.Pix {
		if i%4 != 3 {
			sum += float64(v)
		}
	}
	return sum / float64(3*m.W*m.H)
}

// After the fill the detector no longer sees the dog; outside the hole nothing moves.
func TestFillRemovesTheDog(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	img := readPhoto(t, "dog_bench.png")
	hole := pixel.NewMask(img.W, img.H)
	for y := 105; y < 470; y++ {
		for x := 165; x < 320; x++ {
			hole.Pix[y*img.W+x] = 255
		}
	}
	out := made(t, r, "pushpull-fill", map[string]edit.Artifact{"image": img, "hole": hole})
	_, err := r.Run(t.Context(), tools.Request{Spec: spec(t, "yolox-nano"), Inputs: map[string]edit.Artifact{"image": out, "object": edit.Text("dog")}})
	var nf *edit.NotFoundError
	if !errors.As(err, &nf) {
		t.Errorf("after the fill the detector says %v", err)
	}
}

func TestSecondOpinions(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	img := readPhoto(t, "kodim04_woman_red_hat.png")
	faces := all(t, r, "ultraface", img)
	if len(faces) != 1 || faces[0].IoU(edit.Box{X0: 117, Y0: 187, X1: 399, Y1: 564}) < 0.6 || faces[0].Label != "face" {
		t.Errorf("ultraface sees %v", faces)
	}
	if marks := all(t, r, "yunet-faces", img)[0].Landmarks; len(marks) != 5 || marks[0].X >= marks[1].X || marks[2].Y <= marks[0].Y {
		t.Errorf("yunet's landmarks are %v", marks)
	}
	for _, tool := range []string{"sinet-portrait", "selfie-segmentation", "deeplab-voc"} {
		for _, l := range run(t, r, tool, map[string]edit.Artifact{"image": img, "object": edit.Text("person")}).Outputs["classes"].(*pixel.Classes).Layers {
			if l.Label == "person" && (share(l.Mask) < 0.7 || share(l.Mask) > 0.92) { // drawn by hand: 0.81
				t.Errorf("%s: the person covers %.2f of the picture", tool, share(l.Mask))
			}
		}
	}
}

// Pictures of very few pixels work or are refused; nothing hangs, panics or breaks a promise.
func TestTinyPictures(t *testing.T) {
	r := newRunner(t, shared(t, "models"))
	specs, err := shippedSpecs()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range specs {
		if s.Runtime.ONNX == nil || r.Available(s) != nil {
			continue
		}
		for _, size := range [][2]int{{1, 1}, {1, 40}, {40, 1}, {3, 2}, {33, 31}} {
			req := tools.Request{Spec: s, Inputs: tinyInputs(s, size[0], size[1])}
			resp, err := r.Run(t.Context(), req)
			var refused *tools.ContractError
			var user *edit.UserError
			var nf *edit.NotFoundError
			switch {
			case err == nil:
				tooltest.CheckPromises(t, req, resp)
			case !errors.As(err, &refused) && !errors.As(err, &user) && !errors.As(err, &nf):
				t.Errorf("%s on %v: %v", name, size, err)
			default:
				t.Logf("%s refuses %v: %v", name, size, err)
			}
		}
	}
}

func tinyInputs(s *edit.ToolSpec, w, h int) map[string]edit.Artifact {
	in := map[string]edit.Artifact{"image": opaquePicture(w, h)}
	for _, p := range s.Inputs {
		switch p.Kind {
		case edit.KindText:
			in[p.Name] = edit.Text(fmt.Sprintf("all %ss", s.Accepts[p.Name].Labels.Names[0]))
		case edit.KindMask:
			m := pixel.NewMask(w, h)
			m.Pix[0] = 255
			in[p.Name] = m
		case edit.KindNumber:
			in[p.Name] = edit.Number(*s.Accepts[p.Name].Max)
		case edit.KindColor:
			in[p.Name] = edit.Color{G: 200}
		case edit.KindSpans:
			in[p.Name] = edit.Spans{{Quad: [4]edit.Point{{X: 0, Y: 0}, {X: float64(w), Y: 0}, {X: float64(w), Y: float64(h)}, {X: 0, Y: float64(h)}}}}
		default:
		}
	}
	return in
}
