package builtin

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// boxes is a picture of random rectangles: sharp edges in two directions, flat between.
func boxes(w, h, n int) *pixel.Image {
	rng := rand.New(rand.NewPCG(7, 9))
	img := canvasOf(w, h, func(int, int) [3]uint8 { return [3]uint8{120, 130, 125} })
	for range n {
		x0, y0 := rng.IntN(w), rng.IntN(h)
		x1, y1 := min(w, x0+4+rng.IntN(w/5)), min(h, y0+4+rng.IntN(h/5))
		r, g, b := uint8(30+rng.IntN(200)), uint8(30+rng.IntN(200)), uint8(30+rng.IntN(200))
		slant := rng.Float64() - 0.5
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				if xx := x + int(slant*float64(y-y0)); xx >= 0 && xx < w {
					img.Set(xx, y, r, g, b, 255)
				}
			}
		}
	}
	return img
}

// TestRestoreContract is the contract suite with requests that are slow enough to be stopped.
func TestRestoreContract(t *testing.T) {
	large := blurredLarge()
	for _, name := range []string{"denoise", "deblur"} {
		t.Run(name, func(t *testing.T) {
			spec := editDoc(t, name)
			request := func(img *pixel.Image) tools.Request {
				in := inputs(spec, img, nil)
				if _, ok := in["sigma"]; ok {
					in["sigma"] = num(12)
				}
				return tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: in, Seed: 1}
			}
			tooltest.Run(t, func(t *testing.T) tooltest.Harness {
				return tooltest.Harness{
					Runner:  New(),
					Request: func() tools.Request { return request(noisy(boxes(90, 80, 20), 12)) },
					Slow:    func() tools.Request { return request(large) },
				}
			})
		})
	}
}

// blurredLarge is a soft picture large enough that work on it can be stopped.
func blurredLarge() *pixel.Image {
	return pixel.Resize(boxes(600, 600, 200), 5000, 5000, pixel.Linear)
}

func TestTransformsInvert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p patch
		var energy, spectral float64
		for i := range p {
			p[i] = float32(rapid.Float64Range(-200, 200).Draw(t, "v"))
			energy += float64(p[i]) * float64(p[i])
		}
		q := p
		q.dct()
		for _, v := range q {
			spectral += float64(v) * float64(v)
		}
		if math.Abs(spectral-energy) > 1e-4*energy+1e-6 {
			t.Fatalf("energy %v becomes %v", energy, spectral)
		}
		q.idct()
		group := []patch{p, q, p, q}
		hadamard(group)
		hadamard(group)
		for i := range p {
			if math.Abs(float64(q[i]-p[i])) > 1e-2 || math.Abs(float64(group[3][i]-q[i])) > 1e-2 {
				t.Fatalf("sample %d: %v, there and back %v", i, p[i], q[i])
			}
		}
	})
}

func TestFourierConvolves(t *testing.T) {
	const n = 32
	f, rng := newFourier(n), rand.New(rand.NewPCG(3, 4))
	g, k := newGrid(n), newKernel(5)
	for i := range g.v {
		g.v[i] = complex(rng.Float32(), rng.Float32())
	}
	for i := range k.v {
		k.v[i] = rng.Float32()
	}
	got := g.clone()
	f.forward(got)
	got = times(got, k.spectrum(f))
	f.inverse(got)
	for y := range n {
		for x := range n {
			var want complex64
			for j := range 5 {
				for i := range 5 {
					want += complex(k.v[5*j+i], 0) * g.v[((y-j+2+n)%n)*n+(x-i+2+n)%n]
				}
			}
			if d := got.v[y*n+x] - want; norm(d) > 1e-6 {
				t.Fatalf("at %d,%d: %v, want %v", x, y, got.v[y*n+x], want)
			}
		}
	}
}

func TestShrinkGradientIsTheMinimum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, beta := rapid.Float64Range(0, 1).Draw(t, "d"), rapid.Float64Range(1, 300).Draw(t, "beta")
		cost := func(w float64) float64 { return math.Cbrt(w*w) + beta/2*(w-d)*(w-d) }
		got := cost(shrinkGradient(d, beta))
		for i := range 1001 {
			if w := d * float64(i) / 1000; cost(w) < got-1e-3*(1+got) {
				t.Fatalf("%v costs %v, %v costs %v", shrinkGradient(d, beta), got, w, cost(w))
			}
		}
	})
}

func TestMeasureNoise(t *testing.T) {
	for _, sigma := range []float64{2, 6, 15, 30} {
		n, hist, err := measureNoise(t.Context(), noisy(boxes(320, 240, 25), sigma))
		if err != nil {
			t.Fatal(err)
		}
		for c := range n {
			if got := n.mean(c, hist); math.Abs(got/sigma-1) > 0.15 {
				t.Errorf("noise of %g is measured as %.2f in channel %d", sigma, got, c)
			}
		}
	}
}

func TestDenoise(t *testing.T) {
	clean := boxes(200, 150, 25)
	for _, c := range []struct{ sigma, gain float64 }{{5, 5}, {15, 8}, {30, 8}} {
		in := noisy(clean, c.sigma)
		out := edited(t, "denoise", in, nil, nil)
		if was, is := psnr(clean, in), psnr(clean, out); is < was+c.gain {
			t.Errorf("noise of %g: %.1f dB becomes %.1f, want %g more", c.sigma, was, is, c.gain)
		}
	}
	out := edited(t, "denoise", clean, nil, nil)
	if !slices.Equal(out.Pix, clean.Pix) {
		t.Error("a picture without noise was changed")
	}
}

// TestDenoiseBandsMeet compares a picture done in bands with the same done at once.
func TestDenoiseBandsMeet(t *testing.T) {
	in := noisy(boxes(64, 420, 60), 10)
	effort, noise := effortFor(in.Megapixels()), flatNoise(10)
	whole, err := denoiseBandOf(t.Context(), in, noise, effort)
	if err != nil {
		t.Fatal(err)
	}
	top, err := denoiseBandOf(t.Context(), pixel.Crop(in, image.Rect(0, 0, 64, 256+denoiseMargin)), noise, effort)
	if err != nil {
		t.Fatal(err)
	}
	worst := float32(0)
	for i := range 64 * 256 {
		d := whole[0].V[i] - top[0].V[i]
		worst = max(worst, d, -d)
	}
	if worst > 4 {
		t.Errorf("a band differs by %.1f steps from the whole", worst)
	}
}

func TestRestorationIsTheSameOnAnyNumberOfCores(t *testing.T) {
	in := pixel.BlurImage(noisy(boxes(150, 140, 30), 6), 1.6, pixel.Encoded)
	for _, tool := range []string{"denoise", "deblur", "shadows", "straighten"} {
		want := edited(t, tool, in, nil, nil)
		before := runtime.GOMAXPROCS(1)
		got := edited(t, tool, in, nil, nil)
		runtime.GOMAXPROCS(before)
		if !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("%s depends on the number of cores", tool)
		}
	}
}

func TestDeblur(t *testing.T) {
	sharp := boxes(240, 220, 70)
	for name, k := range map[string]*blurKernel{"gauss": gauss(1.8), "disc": disc(3), "motion": motion(9, 30)} {
		in := blurredBy(sharp, k)
		out := edited(t, "deblur", in, nil, nil)
		if was, is := psnr(sharp, in), psnr(sharp, out); is < was+1 {
			t.Errorf("%s: %.1f dB becomes %.1f", name, was, is)
		}
	}
}

func TestDeblurLeavesSharpPicturesAlone(t *testing.T) {
	for name, img := range map[string]*pixel.Image{"sharp": boxes(240, 220, 70), "tiny": photo(20, 30, true)} {
		resp, err := runDoc(t, "deblur", inputs(editDoc(t, "deblur"), img, nil))
		if err != nil {
			t.Fatal(err)
		}
		out, err := outputImage(resp)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(out.Pix, img.Pix) || len(resp.Notices) != 1 {
			t.Errorf("%s: changed, or silently left alone: %q", name, resp.Notices)
		}
	}
}

// TestUndoKnownBlur checks the deconvolution by itself, that it does not shift the picture, and its halos.
func TestUndoKnownBlur(t *testing.T) {
	sharp := boxes(260, 200, 60)
	for name, k := range map[string]*blurKernel{"gauss": gauss(1.5), "disc": disc(3), "motion": motion(15, -40)} {
		in := blurredBy(sharp, k)
		out, err := undo(context.Background(), in, k, 0.6, func(float64) {})
		if err != nil {
			t.Fatal(err)
		}
		if was, is := psnr(sharp, in), psnr(sharp, out); is < was+3 {
			t.Errorf("%s: %.1f dB becomes %.1f", name, was, is)
		}
	}
}

func TestLiftRaisesTheDarkOnly(t *testing.T) {
	scene := canvasOf(240, 160, func(x, _ int) [3]uint8 {
		if x < 120 {
			return [3]uint8{24, 20, 16}
		}
		return [3]uint8{210, 200, 190}
	})
	out := edited(t, "shadows", scene, nil, nil)
	for x := range 240 {
		was, is := scene.Pix[4*(80*240+x)], out.Pix[4*(80*240+x)]
		if x < 120 && is < was+8 {
			t.Errorf("column %d: %d became %d, it lies in the shadow", x, was, is)
		}
		if x >= 120 && (is > was+2 || is < was-2) {
			t.Errorf("column %d: %d became %d, it lies in the light", x, was, is)
		}
		// A halo would be a shadow that is lighter or darker near the edge than far from it.
		if far := out.Pix[4*(80*240+5)]; x < 120 && (is > far+10 || is+10 < far) {
			t.Errorf("column %d: %d beside the edge, %d far from it", x, is, far)
		}
	}
}

func TestLiftKeepsTheOrderOfTones(t *testing.T) {
	base := pixel.NewPlane(64, 64)
	for i := range base.V {
		base.V[i] = float32(i) / 4095
	}
	for _, amount := range []float64{0.3, 0.8, 1, 1.5} {
		for name, c := range map[string]*liftCurve{"shadows": shadowCurve(base, amount), "scene": sceneCurve(base, amount)} {
			for k := 1; k < len(c.want); k++ {
				if c.want[k] < c.want[k-1] || c.want[k] < float32(k)/256-1e-6 || c.want[k] > 1.0001 {
					t.Fatalf("%s %.1f: base %d/256 goes to %.4f, the one before to %.4f", name, amount, k, c.want[k], c.want[k-1])
				}
			}
		}
	}
}

func TestLowLight(t *testing.T) {
	dark := canvasOf(120, 90, func(x, y int) [3]uint8 { return [3]uint8{uint8(8 + x/4), uint8(6 + y/4), 12} })
	out := edited(t, "low-light", dark, nil, nil)
	was, _, _, _ := mean(dark)
	is, _, _, _ := mean(out)
	if is < was+0.1 {
		t.Errorf("mean lightness %.2f became %.2f", was, is)
	}
	resp, err := runDoc(t, "low-light", inputs(editDoc(t, "low-light"), canvasOf(60, 60, func(int, int) [3]uint8 { return [3]uint8{200, 205, 210} }), nil))
	if err != nil || len(resp.Notices) != 1 {
		t.Errorf("a bright picture: error %v, notices %q", err, resp.Notices)
	}
}

func BenchmarkDenoise(b *testing.B) {
	img := noisy(boxes(1500, 1000, 300), 10)
	req := tools.Request{Spec: editDoc(b, "denoise"), Inputs: map[string]edit.Artifact{"image": img, "sigma": edit.Number(10)}}
	for b.Loop() {
		if _, err := New().Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeblur(b *testing.B) {
	img := pixel.BlurImage(boxes(1500, 1000, 300), 2, pixel.Encoded)
	req := tools.Request{Spec: editDoc(b, "deblur"), Inputs: map[string]edit.Artifact{"image": img}}
	for b.Loop() {
		if _, err := New().Run(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
