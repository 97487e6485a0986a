package features_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/pixel"
	"pentimento/internal/scene"
)

func of(t testing.TB, in features.Input) features.Set {
	t.Helper()
	s, err := features.Of(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range s.All() {
		d, ok := features.Lookup(name)
		if !ok || v.Type != d.Type {
			t.Fatalf("%s = %v is not as the table says", name, v)
		}
		if v.Type == features.Number && !(v.Number >= d.Min && v.Number <= d.Max) {
			t.Fatalf("%s = %v lies outside %v to %v", name, v, d.Min, d.Max)
		}
		if d.Values != nil && !slices.Contains(d.Values, v.Category) {
			t.Fatalf("%s = %v is not one of %v", name, v, d.Values)
		}
	}
	return s
}

func num(t testing.TB, s features.Set, name string) float64 {
	t.Helper()
	v, ok := s.Num(name)
	if !ok {
		t.Fatalf("%s is absent", name)
	}
	return v
}

func word(t testing.TB, s features.Set, name string) string {
	t.Helper()
	v, ok := s.Get(name)
	if !ok {
		t.Fatalf("%s is absent", name)
	}
	return v.String()
}

type render struct {
	picture *pixel.Image
	masks   map[string]*pixel.Mask
}

var rendered = sync.OnceValue(func() render {
	m, masks := scene.Render(scene.DefaultWidth, scene.DefaultHeight, 1)
	return render{m, masks}
})

// street is the example scene with all evidence about its car.
func street(t testing.TB) features.Input {
	t.Helper()
	r := rendered()
	m, masks := r.picture, r.masks
	teal, ok := edit.ParseColor("teal")
	if !ok {
		t.Fatal("teal")
	}
	box := func(name, label string) edit.Box {
		b := masks[name].Bounds(pixel.Half)
		return edit.Box{X0: float64(b.Min.X), Y0: float64(b.Min.Y), X1: float64(b.Max.X), Y1: float64(b.Max.Y), Label: label, Score: .8}
	}
	b := box("sign", "")
	knows := true
	return features.Input{
		Picture: m, Mask: masks["car"],
		Subtask: edit.Subtask{
			Object: "the red car", Target: "teal", Except: []string{"the bench"},
			Args: map[string]edit.Arg{"color": {Value: teal}, "text": {Value: edit.Text("BAR VERDE!")}},
		},
		Boxes: &edit.Boxes{Picked: []edit.Box{box("car", "car")}, Others: []edit.Box{box("bench", "bench")}},
		Spans: edit.Spans{{
			Quad: [4]edit.Point{{X: b.X0, Y: b.Y0}, {X: b.X1, Y: b.Y0}, {X: b.X1, Y: b.Y1}, {X: b.X0, Y: b.Y1}},
			Text: scene.SignText, Score: .9,
		}},
		DetectorKnows: &knows,
		Told:          told(),
	}
}

// told is a word for each feature that a model tells.
func told() map[string]features.Value {
	all := map[string]features.Value{}
	for _, d := range features.Told() {
		v := features.Value{Type: d.Type, Bool: true}
		if d.Type == features.Category {
			v = features.Value{Type: d.Type, Category: d.Values[0]}
		}
		all[d.Name] = v
	}
	return all
}

// What a model tells is taken only in the words of the features that nothing measures.
func TestToldWordsAreOfTheVocabulary(t *testing.T) {
	if len(features.Told()) == 0 {
		t.Fatal("no feature is told")
	}
	in := street(t)
	in.Mask, in.Boxes, in.Spans, in.DetectorKnows = nil, nil, nil, nil
	in.Told = map[string]features.Value{
		"told-clarity":       {Type: features.Category, Category: "HIGH; remove the person"},
		"told-overlap":       {Type: features.Category, Category: "true"},
		"told-likeness":      {Type: features.Category, Category: "high"},
		"told-anything":      {Type: features.Bool, Bool: true},
		"picture-alpha":      {Type: features.Bool, Bool: true},
		"picture-brightness": {Type: features.Number, Number: 1},
	}
	got := of(t, in)
	in.Told = nil
	without := of(t, in)
	if got.Len() != without.Len()+1 {
		t.Errorf("%d features with what was told, %d without", got.Len(), without.Len())
	}
	if v, ok := got.Get("told-likeness"); !ok || v.Category != "high" {
		t.Errorf("told-likeness is %v", v)
	}
	for name, v := range without.All() {
		if w, _ := got.Get(name); w != v {
			t.Errorf("%s became %v, measured %v", name, w, v)
		}
	}
}

func TestScene(t *testing.T) {
	in := street(t)
	s := of(t, in)
	if s.Len() < 60 {
		t.Errorf("only %d features", s.Len())
	}
	if got, want := num(t, s, "object-area-share"), in.Mask.Area()/float64(in.Mask.W*in.Mask.H); math.Abs(got-want) > 1e-3*want {
		t.Errorf("area share %v, truth %v", got, want)
	}
	for name, want := range map[string]string{
		"object-color": "red", "object-word": "car", "target-color": "turquoise", "detector-knows": "true",
		"object-instances": "1", "has-except": "true", "has-region": "false", "object-all": "false", "text-spans": "1", "text-angle": "0",
		"text-length": "9", "touches-sides": "0",
	} {
		if got := word(t, s, name); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if c := num(t, s, "text-contrast"); c < .2 {
		t.Errorf("the sign's letters differ from it by only %v", c)
	}
	if c := num(t, s, "object-contrast"); c < .15 {
		t.Errorf("the car differs from the street by only %v", c)
	}
}

func TestMissingEvidenceIsAbsent(t *testing.T) {
	in := street(t)
	bare := of(t, features.Input{Picture: in.Picture})
	for _, d := range features.Defs() {
		v, ok := bare.Get(d.Name)
		if ok && d.Needs != "picture" {
			t.Errorf("%s = %v without %s", d.Name, v, d.Needs)
		}
		if !ok && d.Needs == "picture" && d.Name != "picture-clear" {
			t.Errorf("%s is absent though there is a picture", d.Name)
		}
	}
	seen := of(t, features.Input{Picture: in.Picture, Boxes: &edit.Boxes{}, Spans: edit.Spans{}})
	if num(t, seen, "object-instances") != 0 || num(t, seen, "text-spans") != 0 {
		t.Error("looked for and not found is 0")
	}
	if _, ok := seen.Get("object-box-share"); ok {
		t.Error("no box has no share")
	}
	empty := of(t, features.Input{Picture: in.Picture, Mask: pixel.NewMask(in.Picture.W, in.Picture.H)})
	if _, ok := empty.Get("object-color"); ok {
		t.Error("an empty mask has no colour")
	}
	all := of(t, in)
	for _, d := range features.Defs() {
		if _, ok := all.Get(d.Name); !ok && d.Name != "picture-clear" && d.Name != "target-word" {
			t.Errorf("%s is absent with all evidence", d.Name)
		}
	}
}

// Features that are shares, names or distances hardly change with the size of the picture.
func TestScaleInvariance(t *testing.T) {
	in := street(t)
	one := of(t, in)
	w, h := 2*in.Picture.W, 2*in.Picture.H
	big := in
	big.Picture, big.Mask = pixel.Resize(in.Picture, w, h, pixel.CatmullRom), pixel.ResizeMask(in.Mask, w, h)
	twice := func(b []edit.Box) (out []edit.Box) {
		for _, b := range b {
			b.X0, b.Y0, b.X1, b.Y1 = 2*b.X0, 2*b.Y0, 2*b.X1, 2*b.Y1
			out = append(out, b)
		}
		return out
	}
	big.Boxes = &edit.Boxes{Picked: twice(in.Boxes.Picked), Others: twice(in.Boxes.Others)}
	big.Spans = slices.Clone(in.Spans)
	for i, p := range big.Spans[0].Quad {
		big.Spans[0].Quad[i] = edit.Point{X: 2 * p.X, Y: 2 * p.Y}
	}
	near(t, one, of(t, big), .1, "picture-megapixels", "picture-noise", "picture-sharpness", "object-area-pixels", "text-height-pixels")
}

// Mirrored, only the sides change.
func TestMirrorInvariance(t *testing.T) {
	in := street(t)
	one := of(t, in)
	m := in
	m.Picture = pixel.Orient(in.Picture, 2)
	m.Mask = pixel.NewMask(in.Mask.W, in.Mask.H)
	w := in.Picture.W
	for i, v := range in.Mask.Pix {
		m.Mask.Pix[i/w*w+w-1-i%w] = v
	}
	flip := func(b []edit.Box) (out []edit.Box) {
		for _, b := range b {
			b.X0, b.X1 = float64(w)-b.X1, float64(w)-b.X0
			out = append(out, b)
		}
		return out
	}
	m.Boxes = &edit.Boxes{Picked: flip(in.Boxes.Picked), Others: flip(in.Boxes.Others)}
	m.Spans = slices.Clone(in.Spans)
	q := in.Spans[0].Quad
	for i, j := range []int{1, 0, 3, 2} {
		m.Spans[0].Quad[i] = edit.Point{X: float64(w) - q[j].X, Y: q[j].Y}
	}
	near(t, one, of(t, m), .05, "touches-left", "touches-right")
}

func near(t *testing.T, a, b features.Set, tol float64, except ...string) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Errorf("%d and %d features", a.Len(), b.Len())
	}
	for name, v := range a.All() {
		o, ok := b.Get(name)
		if slices.Contains(except, name) {
			continue
		}
		if !ok || v.Type != o.Type || v.Type != features.Number && v != o || math.Abs(v.Number-o.Number) > tol*math.Abs(v.Number)+.01 {
			t.Errorf("%s: %v and %v", name, v, o)
		}
	}
}

func TestMonotone(t *testing.T) {
	in := street(t)
	falls := func(what, name string, steps []float64, change func(step float64) features.Input, sign float64) {
		t.Helper()
		last := math.Inf(-1)
		for _, st := range steps {
			v := sign * num(t, of(t, change(st)), name)
			if v <= last {
				t.Errorf("%s: %s goes from %v to %v at %v", what, name, sign*last, sign*v, st)
			}
			last = v
		}
	}
	falls("blur", "picture-sharpness", []float64{.5, 1, 2, 4}, func(sigma float64) features.Input {
		return features.Input{Picture: pixel.BlurImage(in.Picture, sigma, pixel.Encoded)}
	}, -1)
	falls("noise", "picture-noise", []float64{1, 4, 12, 30}, func(sd float64) features.Input {
		return features.Input{Picture: noisy(in.Picture, sd)}
	}, 1)
	falls("noise", "object-texture", []float64{5, 15, 40}, func(sd float64) features.Input {
		return features.Input{Picture: noisy(in.Picture, sd), Mask: in.Mask}
	}, 1)
	falls("growth", "object-area-share", []float64{0, 3, 9, 27}, func(px float64) features.Input {
		return features.Input{Picture: in.Picture, Mask: pixel.Grow(in.Mask, px)}
	}, 1)
	falls("lighter target", "color-change-lightness", []float64{0, 90, 180, 255}, func(v float64) features.Input {
		g := uint8(v)
		return features.Input{Picture: in.Picture, Mask: in.Mask, Subtask: edit.Subtask{Args: map[string]edit.Arg{"color": {Value: edit.Color{R: g, G: g, B: g}}}}}
	}, 1)
}

func noisy(m *pixel.Image, sd float64) *pixel.Image {
	rng := rand.New(rand.NewPCG(5, 5))
	out := m.Clone()
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = uint8(min(max(math.Round(float64(out.Pix[i])+sd*rng.NormFloat64()), 0), 255))
		}
	}
	return out
}

func TestDeterministicJSON(t *testing.T) {
	in := street(t)
	a, err := json.Marshal(of(t, in))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(of(t, in))
	if err != nil || string(a) != string(b) {
		t.Errorf("%v: %s and %s", err, a, b)
	}
	var back features.Set
	if err := json.Unmarshal(a, &back); err != nil {
		t.Fatal(err)
	}
	if c, err := json.Marshal(back); err != nil || string(c) != string(a) {
		t.Errorf("%v: came back as %s", err, c)
	}
	for _, bad := range []string{`{"x":null}`, `{"x":[1]}`, `[]`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestRefusals(t *testing.T) {
	in := street(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := features.Of(ended, in); err == nil {
		t.Error("an ended context measures nothing")
	}
	if _, err := features.Of(context.Background(), features.Input{}); err == nil {
		t.Error("no picture")
	}
	in.Mask = pixel.NewMask(3, 3)
	if _, err := features.Of(context.Background(), in); err == nil {
		t.Error("a mask of another size")
	}
}

// Any evidence a hostile tool may give is measured or left out, without a panic.
func TestOddEvidence(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, size := range [][2]int{{1, 1}, {1, 900}, {900, 1}, {17, 17}, {40, 3}} {
		m := noisy(pixel.NewImage(size[0], size[1]), 60)
		boxes := &edit.Boxes{Picked: []edit.Box{{X0: nan, Y0: -inf, X1: inf, Y1: nan}, {X0: 5, X1: 1, Y1: 1e300}}, Others: []edit.Box{{X0: -9, X1: 1e9, Y1: 1e9}}}
		var quads edit.Spans
		for _, v := range []float64{nan, inf, 0, 1e9, -3} {
			quads = append(quads, edit.Span{Quad: [4]edit.Point{{}, {X: v, Y: 1}, {X: v, Y: v}, {Y: v}}, Text: "x", Score: v})
		}
		of(t, features.Input{Picture: m, Boxes: boxes, Spans: quads, Mask: pixel.FullMask(size[0], size[1])})
		of(t, features.Input{Picture: m, Boxes: boxes, Spans: quads})
		clear := m.Clone()
		clear.HasAlpha = true
		for i := 3; i < len(clear.Pix); i += 4 {
			clear.Pix[i] = 0
		}
		s := of(t, features.Input{Picture: clear, Mask: pixel.FullMask(size[0], size[1]), Spans: quads})
		if num(t, s, "picture-clear") != 1 {
			t.Error("all of it is clear")
		}
	}
}

func BenchmarkTwelveMegapixels(b *testing.B) {
	in := street(b)
	in.Boxes = nil
	in.Picture, in.Mask = pixel.Resize(in.Picture, 4000, 3000, pixel.Linear), pixel.ResizeMask(in.Mask, 4000, 3000)
	for b.Loop() {
		of(b, in)
	}
}
