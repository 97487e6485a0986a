package paint

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// ball is a shaded ball of one paint on a brownish ground with its soft matte.
// It carries a dark stripe, a yellow patch and a white highlight.
func ball(w, h int, base pixel.Lab) (*pixel.Image, *pixel.Mask) {
	img, mask := pixel.NewImage(w, h), pixel.NewMask(w, h)
	rad := 0.42 * float64(min(w, h))
	for y := range h {
		for x := range w {
			dx, dy := float64(x)-float64(w)/2, float64(y)-float64(h)/2
			d := math.Hypot(dx, dy)
			m := min(max(rad-d+0.5, 0), 1)
			c := base
			switch u, v := dx/rad, dy/rad; {
			case inStripe(u, v):
				c = pixel.Lab{L: 0.22}
			case inPatch(u, v):
				c = pixel.Lab{L: 0.85, A: -0.01, B: 0.16}
			case inHighlight(u, v):
				c = pixel.Lab{L: 0.98}
			default:
				s := float32(1 - 0.35*d*d/(rad*rad))
				c = pixel.Lab{L: c.L * s, A: c.A * s, B: c.B * s}
			}
			r, g, b := c.Linear()
			gr, gg, gb := pixel.Lab{L: 0.45, A: 0.03, B: 0.06}.Linear()
			mix := func(f, g float32) uint8 { return pixel.FromLinear(float32(m)*f + float32(1-m)*g) }
			img.Set(x, y, mix(r, gr), mix(g, gg), mix(b, gb), 255)
			mask.Pix[y*w+x] = uint8(255*m + 0.5)
		}
	}
	return img, mask
}

// disc is a flat disc of one colour on a brownish ground with its soft matte.
func disc(n int, c pixel.Lab) (*pixel.Image, *pixel.Mask) {
	img, mask := pixel.NewImage(n, n), pixel.NewMask(n, n)
	r, g, b := c.Linear()
	gr, gg, gb := pixel.Lab{L: 0.45, A: 0.03, B: 0.06}.Linear()
	for i := range mask.Pix {
		d := math.Hypot(float64(i%n)-float64(n)/2, float64(i/n)-float64(n)/2)
		m := float32(min(max((0.4*float64(n)-d)/4+0.5, 0), 1))
		mask.Pix[i] = uint8(255*m + 0.5)
		img.Set(i%n, i/n, pixel.FromLinear(m*r+(1-m)*gr), pixel.FromLinear(m*g+(1-m)*gg), pixel.FromLinear(m*b+(1-m)*gb), 255)
	}
	return img, mask
}

func inStripe(_, v float64) bool    { return v > 0.5 && v < 0.75 }
func inPatch(u, v float64) bool     { return math.Hypot(u-0.45, v+0.1) < 0.25 }
func inHighlight(u, v float64) bool { return math.Hypot(u+0.4, v+0.45) < 0.12 }

func named(t *testing.T, name string) pixel.Lab {
	t.Helper()
	c, ok := edit.ParseColor(name)
	if !ok {
		t.Fatalf("%s is no colour", name)
	}
	return pixel.LabOf(c)
}

func recolored(t *testing.T, img *pixel.Image, mask *pixel.Mask, target pixel.Lab) *pixel.Image {
	t.Helper()
	out, err := Recolor(t.Context(), img, mask, target)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRecolorChangesThePaintOnly looks at the places of the ball one by one.
func TestRecolorChangesThePaintOnly(t *testing.T) {
	const n = 240
	for _, c := range []struct{ from, to string }{
		{"red", "blue"}, {"white", "teal"}, {"silver", "red"}, {"blue", "orange"}, {"green", "purple"}, {"gray", "pink"},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			img, mask := ball(n, n, named(t, c.from))
			target := named(t, c.to)
			out := recolored(t, img, mask, target)
			at := func(m *pixel.Image, u, v float64) pixel.Lab {
				r, g, b, _ := m.At(int(n/2+u*0.42*n), int(n/2+v*0.42*n))
				return pixel.ToLab(r, g, b)
			}
			for _, p := range []struct{ u, v float64 }{{0, 0.1}, {-0.3, 0.2}, {-0.6, 0}, {0, -0.6}} {
				got := at(out, p.u, p.v)
				if d := pixel.HueDist(got.Hue(), target.Hue()); d > 0.2 {
					t.Errorf("paint at %v: hue %.2f, want %.2f", p, got.Hue(), target.Hue())
				}
			}
			for name, p := range map[string]struct{ u, v float64 }{"stripe": {0, 0.62}, "patch": {0.45, -0.1}} {
				if was, is := at(img, p.u, p.v), at(out, p.u, p.v); was.Dist(is) > 0.03 {
					t.Errorf("%s changed from %v to %v", name, was, is)
				}
			}
			// Shading: the rim stays darker than the middle by about the ratio it had.
			was := at(img, -0.8, 0.05).L / at(img, -0.1, 0.05).L
			is := at(out, -0.8, 0.05).L / at(out, -0.1, 0.05).L
			if is >= 0.98 || math.Abs(float64(was-is)) > 0.15 {
				t.Errorf("rim over middle was %.2f and is %.2f", was, is)
			}
			if h := at(out, -0.4, -0.45); c.from != "white" && c.from != "silver" && c.from != "gray" && (h.L < 0.9 || h.Chroma() > 0.05) {
				t.Errorf("highlight is %v, want near white", h)
			}
		})
	}
}

// TestRecolorReachesTheTarget checks that the paint's mean goes to the target.
func TestRecolorReachesTheTarget(t *testing.T) {
	for _, from := range []string{"red", "white", "gray", "navy", "yellow"} {
		for _, to := range []string{"blue", "green", "pink", "brown", "white", "black", "gray"} {
			if from == to {
				continue
			}
			img, mask := ball(160, 160, named(t, from))
			target := named(t, to)
			s, err := Measure(t.Context(), recolored(t, img, mask, target), mask)
			if err != nil {
				t.Fatal(err)
			}
			want := min(max(target.L, MinTarget), MaxTarget)
			if d := s.L - want; d > 0.12 || d < -0.12 {
				t.Errorf("%s to %s: lightness %.2f, want %.2f", from, to, s.L, want)
			}
		}
	}
}

// TestNoFringe recolours a ball whose border is mixed with the ground and
// compares with a ball painted in the new colour to begin with.
func TestNoFringe(t *testing.T) {
	red := named(t, "red")
	blue := pixel.Lab{L: red.L, A: -0.02, B: -0.16}
	img, mask := disc(200, red)
	want, _ := disc(200, blue)
	out := recolored(t, img, mask, blue)
	var sum float64
	n := 0
	for i, m := range mask.Pix {
		if m < 30 || m > 225 {
			continue
		}
		p, q := out.Pix[4*i:], want.Pix[4*i:]
		sum += pixel.ToLab(p[0], p[1], p[2]).Dist(pixel.ToLab(q[0], q[1], q[2]))
		n++
	}
	if mean := sum / float64(n); mean > 0.03 {
		t.Errorf("border pixels are %.3f from the true mixture on average", mean)
	}
}

func TestOutsideTheMaskNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		img, mask := pixel.NewImage(w, h), pixel.NewMask(w, h)
		copy(img.Pix, rapid.SliceOfN(rapid.Byte(), 4*w*h, 4*w*h).Draw(t, "pix"))
		copy(mask.Pix, rapid.SliceOfN(rapid.SampledFrom([]uint8{0, 0, 1, 128, 254, 255}), w*h, w*h).Draw(t, "mask"))
		before := img.Clone()
		rgb := rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "target")
		out, err := Recolor(context.Background(), img, mask, pixel.ToLab(rgb[0], rgb[1], rgb[2]))
		if err != nil {
			t.Fatal(err)
		}
		for i := range img.Pix {
			if img.Pix[i] != before.Pix[i] {
				t.Fatal("the input was written to")
			}
			if (mask.Pix[i/4] == 0 || i%4 == 3) && out.Pix[i] != img.Pix[i] {
				t.Fatalf("sample %d changed from %d to %d", i, img.Pix[i], out.Pix[i])
			}
		}
	})
}

func TestEmptyMask(t *testing.T) {
	img, mask := ball(20, 20, pixel.Lab{L: 0.5})
	clear(mask.Pix)
	s, err := Measure(t.Context(), img, mask)
	if err != nil || s.Found {
		t.Errorf("Measure found %v, %v; want nothing", s.Found, err)
	}
	out := recolored(t, img, mask, pixel.Lab{L: 0.9})
	for i := range img.Pix {
		if out.Pix[i] != img.Pix[i] {
			t.Fatalf("sample %d changed", i)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	img, mask := ball(64, 64, pixel.Lab{L: 0.5})
	if _, err := Recolor(ctx, img, mask, pixel.Lab{L: 0.9}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// TestSplit checks that tyres are told from a white body and that a plain spread of greys is not split.
func TestSplit(t *testing.T) {
	img, mask := pixel.NewImage(120, 120), pixel.NewMask(120, 120)
	fill := func(f func(x, y int) float32) Stats {
		for y := range 120 {
			for x := range 120 {
				r, g, b, _ := pixel.Lab{L: f(x, y)}.RGB()
				img.Set(x, y, r, g, b, 255)
				mask.Pix[y*120+x] = 255
			}
		}
		s, err := Measure(t.Context(), img, mask)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	car := fill(func(x, y int) float32 {
		if y > 80 {
			return 0.2 + float32(x)*0.0005
		}
		return 0.82 + float32(x)*0.001
	})
	if car.Gate < 0.9 || car.Sign != 1 || car.Split < 0.35 || car.Split > 0.75 || car.L < 0.8 {
		t.Errorf("white over black: lightness %.2f, split %.2f, gate %.2f, sign %.0f", car.L, car.Split, car.Gate, car.Sign)
	}
	metal := fill(func(x, _ int) float32 { return 0.35 + float32(x)/120*0.55 })
	if metal.Gate > 0.1 {
		t.Errorf("an even spread of greys is split: gate %.2f", metal.Gate)
	}
}
