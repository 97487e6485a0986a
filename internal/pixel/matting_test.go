package pixel

import (
	"context"
	"errors"
	"math"
	"testing"
)

// hairy is a disc whose rim is soft on the left and frays into hairs on the
// right, over a ground of another colour: the picture, its matte, and the
// foreground's and the ground's colours alone, all mixed in linear light.
func hairy(w, h int) (mixed, front *Image, matte *Mask) {
	mixed, front, matte = NewImage(w, h), NewImage(w, h), NewMask(w, h)
	cx, cy, r := float64(w)/2, float64(h)/2, float64(h)/4
	for y := range h {
		for x := range w {
			dx, dy := float64(x)-cx, float64(y)-cy
			d := math.Hypot(dx, dy) - r
			a := 0.5 - d/2 // a rim two pixels wide
			if dx > 0 && d > 0 {
				if s := math.Sin(60 * math.Atan2(dy, dx)); s > 0.5 { // 60 hairs
					a = max(a, 0.7*(1-d/(r/3)))
				}
			}
			a = min(max(a, 0), 1)
			matte.Pix[y*w+x] = to8(float32(a))
			shade := 0.04 + 0.03*float64(x)/float64(w)
			ground := 0.5 + 0.2*float64(y)/float64(h)
			f := [3]float64{shade * 1.5, shade, shade * 0.5}
			b := [3]float64{ground * 0.8, ground, ground * 0.9}
			i := 4 * (y*w + x)
			for c := range 3 {
				front.Pix[i+c] = FromLinear(float32(f[c]))
				mixed.Pix[i+c] = FromLinear(float32(a*f[c] + (1-a)*b[c]))
			}
			front.Pix[i+3], mixed.Pix[i+3] = 255, 255
		}
	}
	return mixed, front, matte
}

// matteError is the mean difference of two mattes in [0,1] over the pixels that are soft in want.
func matteError(got, want *Mask) float64 {
	var sum float64
	n := 0
	for i, v := range want.Pix {
		if v > 0 && v < 255 {
			sum += math.Abs(float64(v)-float64(got.Pix[i])) / 255
			n++
		}
	}
	return sum / float64(n)
}

func TestRefineMatteFindsHairs(t *testing.T) {
	img, _, want := hairy(240, 200)
	got, err := RefineMatte(t.Context(), img, Shrink(Threshold(want, 250), 1), MatteOptions{Most: 24})
	if err != nil {
		t.Fatal(err)
	}
	if e, hard := matteError(got, want), matteError(Threshold(want, Half), want); e > 0.06 || e > hard/4 {
		t.Errorf("mean error of the soft pixels is %.3f, with a hard mask %.3f", e, hard)
	}
	for i, v := range want.Pix {
		if v == 0 && got.Pix[i] > 25 {
			t.Fatalf("clear pixel %d,%d has a matte of %d", i%want.W, i/want.W, got.Pix[i])
		}
	}
}

func TestRefineMatteOfLargePictures(t *testing.T) {
	img, _, want := hairy(480, 400)
	rough := Shrink(Threshold(want, 250), 2)
	got, err := refineSmaller(t.Context(), img, rough, MatteOptions{Least: 2, Most: 48}, 480*400/4)
	if err != nil {
		t.Fatal(err)
	}
	if e, hard := matteError(got, want), matteError(Threshold(want, Half), want); e > 0.12 || e > hard/2 {
		t.Errorf("mean error of the soft pixels is %.3f, with a hard mask %.3f", e, hard)
	}
}

func TestRefineMatteKeepsWhatIsSure(t *testing.T) {
	img, _, _ := hairy(120, 100)
	for name, m := range map[string]*Mask{"empty": NewMask(120, 100), "full": FullMask(120, 100)} {
		got, err := RefineMatte(t.Context(), img, m, MatteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Pix {
			if got.Pix[i] != m.Pix[i] {
				t.Fatalf("%s mask changed at %d", name, i)
			}
		}
	}
}

func TestForegroundColorsTakeTheGroundOut(t *testing.T) {
	img, front, matte := hairy(240, 200)
	got, err := ForegroundColors(t.Context(), img, matte)
	if err != nil {
		t.Fatal(err)
	}
	var before, after float64
	n := 0
	for i, v := range matte.Pix {
		if v < 40 || v == 255 {
			if v == 0 || v == 255 {
				for c := range 4 {
					if got.Pix[4*i+c] != img.Pix[4*i+c] {
						t.Fatalf("pure pixel %d,%d changed", i%matte.W, i/matte.W)
					}
				}
			}
			continue
		}
		for c := range 3 {
			before += math.Abs(float64(img.Pix[4*i+c]) - float64(front.Pix[4*i+c]))
			after += math.Abs(float64(got.Pix[4*i+c]) - float64(front.Pix[4*i+c]))
			n++
		}
	}
	if before, after = before/float64(n), after/float64(n); after > 12 || after > before/6 {
		t.Errorf("mean error of the colours %.1f codes, %.1f before", after, before)
	}
}

func TestMattingStopsWhenCancelled(t *testing.T) {
	img, _, matte := hairy(120, 100)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := RefineMatte(ctx, img, matte, MatteOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("RefineMatte: %v", err)
	}
	if _, err := ForegroundColors(ctx, img, matte); !errors.Is(err, context.Canceled) {
		t.Errorf("ForegroundColors: %v", err)
	}
}

// TestRefineMatteKeepsShadeWhole: a round body that darkens towards a sharp
// rim before a dark ground is no less there for its shade.
func TestRefineMatteKeepsShadeWhole(t *testing.T) {
	const w, h = 160, 160
	img, mask := NewImage(w, h), NewMask(w, h)
	for y := range h {
		for x := range w {
			d := math.Hypot(float64(x)-80, float64(y)-80) - 50
			c := [3]float32{0.03, 0.035, 0.03}
			if d < 0 {
				mask.Pix[y*w+x] = 255
				light := float32(min(max(-d/8, 0.3), 1))
				c = [3]float32{0.6 * light, 0.4 * light, 0.05 * light}
			}
			grain := 1 + 0.04*float32(math.Sin(float64(x*x+3*y*y)))
			for k, v := range c {
				img.Pix[4*(y*w+x)+k] = FromLinear(v * grain)
			}
			img.Pix[4*(y*w+x)+3] = 255
		}
	}
	got, err := RefineMatte(t.Context(), img, mask, MatteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n, thin := 0, 0
	for i, v := range mask.Pix {
		if v == 255 {
			n++
			if got.Pix[i] < 250 {
				thin++
			}
		}
	}
	if thin > n/50 {
		t.Errorf("%d of the body's %d pixels are less than whole", thin, n)
	}
}
