package features_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/pixel"
)

// painted makes a picture of a function of place that gives grey from 0 to 255.
func painted(w, h int, f func(x, y int) float64) *pixel.Image {
	m := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			v := uint8(min(max(f(x, y), 0), 255))
			m.Set(x, y, v, v, v, 255)
		}
	}
	return m
}

func disc(w, h int, cx, cy, r float64) *pixel.Mask {
	m := pixel.NewMask(w, h)
	for y := range h {
		for x := range w {
			d := r - math.Hypot(float64(x)-cx, float64(y)-cy)
			m.Pix[y*w+x] = uint8(255 * min(max(d+.5, 0), 1))
		}
	}
	return m
}

func TestGroundKinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	grounds := map[string]func(x, y int) float64{
		features.Plain:    func(_, _ int) float64 { return 140 + rng.NormFloat64() },
		features.Gradient: func(x, y int) float64 { return 60 + float64(x)*.25 + float64(y)*.1 },
		features.Texture:  func(_, _ int) float64 { return 140 + 30*rng.NormFloat64() },
		features.Complex:  func(x, y int) float64 { return []float64{40, 200, 120}[(x/90+2*(y/110))%3] },
	}
	for want, f := range grounds {
		m := painted(500, 400, f)
		s := of(t, features.Input{Picture: m, Mask: disc(500, 400, 250, 200, 80)})
		if got := word(t, s, "around-ground"); got != want {
			t.Errorf("%s is called %s (spread %v residual %v variety %v)", want, got, num(t, s, "around-spread"), num(t, s, "around-residual"), num(t, s, "around-variety"))
		}
	}
}

func TestTextGround(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	letters := func(x, y int) bool { return x > 100 && x < 400 && y > 180 && y < 220 && x%14 < 4 }
	for want, f := range map[string]func(x, y int) float64{
		features.Plain:   func(_, _ int) float64 { return 230 },
		features.Texture: func(_, _ int) float64 { return 200 + 25*rng.NormFloat64() },
	} {
		m := painted(500, 400, func(x, y int) float64 {
			if letters(x, y) {
				return 20
			}
			return f(x, y)
		})
		in := features.Input{Picture: m, Spans: edit.Spans{{Quad: [4]edit.Point{{X: 98, Y: 176}, {X: 402, Y: 176}, {X: 402, Y: 224}, {X: 98, Y: 224}}}}}
		s := of(t, in)
		if got := word(t, s, "text-ground"); got != want {
			t.Errorf("%s is called %s (residual %v)", want, got, num(t, s, "text-residual"))
		}
		if c := num(t, s, "text-contrast"); c < .5 {
			t.Errorf("black on near white differs by %v", c)
		}
		if h := num(t, s, "text-height-pixels"); h != 48 {
			t.Errorf("height %v", h)
		}
		if _, ok := s.Get("text-length"); ok {
			t.Error("nothing was read")
		}
	}
	turned := edit.Spans{{Quad: [4]edit.Point{{X: 100, Y: 100}, {X: 200, Y: 200}, {X: 190, Y: 210}, {X: 90, Y: 110}}}}
	if a := num(t, of(t, features.Input{Picture: painted(300, 300, func(_, _ int) float64 { return 99 }), Spans: turned}), "text-angle"); a != 45 {
		t.Errorf("angle %v", a)
	}
}

func TestShape(t *testing.T) {
	m := painted(600, 500, func(_, _ int) float64 { return 120 })
	shape := func(mask *pixel.Mask) features.Set { return of(t, features.Input{Picture: m, Mask: mask}) }
	round := shape(disc(600, 500, 300, 250, 120))
	if c, s := num(t, round, "mask-compactness"), num(t, round, "mask-solidity"); c < .97 || s < .98 {
		t.Errorf("a disc: compactness %v, solidity %v", c, s)
	}
	if f := num(t, round, "mask-fill"); math.Abs(f-math.Pi/4) > .01 {
		t.Errorf("a disc fills %v of its box", f)
	}
	two := shape(pixel.Union(disc(600, 500, 150, 250, 80), disc(600, 500, 450, 250, 80)))
	if num(t, two, "mask-parts") != 2 || num(t, two, "mask-solidity") < .98 {
		t.Errorf("two discs: %v parts", num(t, two, "mask-parts"))
	}
	ring := shape(pixel.Subtract(disc(600, 500, 300, 250, 120), disc(600, 500, 300, 250, 100)))
	if s := num(t, ring, "mask-solidity"); math.Abs(s-(1-100.*100/120/120)) > .02 {
		t.Errorf("a ring's solidity is %v", s)
	}
	if c := num(t, ring, "mask-compactness"); c > .2 {
		t.Errorf("a ring's compactness is %v", c)
	}
	corner := shape(disc(600, 500, 0, 0, 120))
	if num(t, corner, "touches-sides") != 2 || word(t, corner, "touches-left") != "true" || word(t, corner, "touches-bottom") != "false" {
		t.Error("the corner's sides")
	}
}

func TestBoxFeatures(t *testing.T) {
	m := painted(400, 200, func(_, _ int) float64 { return 90 })
	boxes := &edit.Boxes{
		Picked: []edit.Box{{X0: 0, Y0: 0, X1: 100, Y1: 100, Label: "cat", Score: .9}, {X0: 50, Y0: 50, X1: 150, Y1: 150, Label: "cat", Score: .6}},
		Others: []edit.Box{{X0: 90, Y0: 90, X1: 200, Y1: 200, Label: "cat", Score: .3}, {X0: 300, Y0: 0, X1: 400, Y1: 80, Label: "dog"}},
	}
	s := of(t, features.Input{Picture: m, Boxes: boxes})
	for name, want := range map[string]float64{
		"object-instances": 2, "object-kin": 1, "object-score": .6, "object-box-share": 17500. / 80000, "object-least-share": .125,
		"touches-boxes": 1, "overlap-share": 3600. / 17500, "touches-sides": 2,
	} {
		if got := num(t, s, name); math.Abs(got-want) > 5e-4*want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

func TestColorNames(t *testing.T) {
	for w, want := range map[string]string{
		"red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "teal": "turquoise", "blue": "blue", "navy": "blue",
		"purple": "purple", "pink": "pink", "brown": "brown", "black": "black", "white": "white", "grey": "grey", "dark red": "red",
		"dark green": "green", "light blue": "blue",
	} {
		c, ok := edit.ParseColor(w)
		if !ok {
			t.Fatalf("%s is no colour word", w)
		}
		if got := features.ColorName(pixel.LabOf(c)); got != want {
			t.Errorf("%s is called %s, want %s", w, got, want)
		}
	}
}

func TestBuckets(t *testing.T) {
	s := features.FromMap(map[string]features.Value{
		"object-area-share": {Type: features.Number, Number: .01}, "around-ground": {Type: features.Category, Category: features.Plain},
		"touches-left": {Type: features.Bool, Bool: true}, "of-a-later-version": {Type: features.Number, Number: 3},
	})
	got := s.Buckets("around-ground", "absent", "object-area-share", "touches-left", "of-a-later-version")
	want := []string{"around-ground=plain", "object-area-share=[0.01,0.05)", "touches-left=true", "of-a-later-version=[,)"}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s, want %s", got[i], want[i])
		}
	}
	for _, n := range features.ContextNames() {
		if d, ok := features.Lookup(n); !ok || d.Type == features.Number && len(d.Cuts) == 0 {
			t.Errorf("%s has no buckets", n)
		}
	}
}

// The table is sound: names are unique, every number has a unit, a range and rising cuts inside it.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range features.Defs() {
		if seen[d.Name] || d.Meaning == "" || d.Needs == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		if d.Type != features.Number {
			continue
		}
		if d.Unit == "" || !(d.Min < d.Max) || len(d.Cuts) == 0 {
			t.Errorf("%+v", d)
		}
		for i, c := range d.Cuts {
			if c < d.Min || c > d.Max || i > 0 && c <= d.Cuts[i-1] {
				t.Errorf("%s: cut %v", d.Name, c)
			}
		}
	}
}
