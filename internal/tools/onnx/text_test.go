package onnx

import (
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// A rectangle drawn into a probability map comes back: place, size and angle.
func TestTextRegionsFindARotatedRectangle(t *testing.T) {
	for _, deg := range []float64{0, 12, -30, 44, 80, 90} {
		a := deg * math.Pi / 180
		want := rotated{center: vec{100, 90}, dir: vec{math.Cos(a), math.Sin(a)}, w: 80, h: 16}
		prob := pixel.NewPlane(200, 180)
		for i := range prob.V {
			if want.contains(vec{float64(i % 200), float64(i / 200)}) {
				prob.V[i] = 0.9
			}
		}
		regions := textRegions(prob, 0.3)
		if len(regions) != 1 {
			t.Fatalf("%v degrees: %d regions", deg, len(regions))
		}
		got := minAreaRect(regions[0])
		if math.Hypot(got.center.x-100, got.center.y-90) > 1 || math.Abs(max(got.w, got.h)-80) > 2 || math.Abs(min(got.w, got.h)-16) > 2 {
			t.Errorf("%v degrees: found %+v", deg, got)
		}
		if m := meanInside(prob, got); m < 0.75 {
			t.Errorf("%v degrees: mean inside %v", deg, m)
		}
	}
}

func TestCornersBeginAtTheTextsTopLeft(t *testing.T) {
	for _, dir := range []vec{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		r := rotated{center: vec{50, 50}, dir: dir, w: 20, h: 20}
		if c := r.corners(); c[0] != (vec{40, 40}) || c[1] != (vec{60, 40}) || c[2] != (vec{60, 60}) || c[3] != (vec{40, 60}) {
			t.Errorf("direction %v: %v", dir, c)
		}
	}
	slanted := rotated{center: vec{0, 0}, dir: vec{math.Cos(2.8), math.Sin(2.8)}, w: 40, h: 10}
	if c := slanted.corners(); c[1].x < c[0].x {
		t.Errorf("a slanted line begins at its right end: %v", c)
	}
}

func TestMinAreaRectHoldsAllPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		points := make([]vec, n)
		for i := range points {
			points[i] = vec{float64(rapid.IntRange(0, 30).Draw(t, "x")), float64(rapid.IntRange(0, 30).Draw(t, "y"))}
		}
		r := minAreaRect(points)
		grown := r
		grown.w, grown.h = r.w+1e-6, r.h+1e-6
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, p := range points {
			if !grown.contains(p) {
				t.Fatalf("%+v leaves out %v of %v", r, p, points)
			}
			x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
		}
		if r.w*r.h > (x1-x0)*(y1-y0)+1e-6 {
			t.Fatalf("%+v is larger than the upright box of %v", r, points)
		}
	})
}

func TestSquareToQuadMapsTheCorners(t *testing.T) {
	for _, q := range [][4]vec{
		{{0, 0}, {10, 0}, {10, 5}, {0, 5}},
		{{3, 1}, {17, 4}, {15, 11}, {1, 9}}, // a true perspective
	} {
		m := squareToQuad(q)
		for i, uv := range []vec{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
			if p := m.at(uv.x, uv.y); math.Hypot(p.x-q[i].x, p.y-q[i].y) > 1e-9 {
				t.Errorf("corner %d of %v maps to %v", i, q, p)
			}
		}
	}
}

// Text that runs downwards is turned so that it runs to the right.
func TestNewLineTurnsUprightText(t *testing.T) {
	quad := func(x0, y0, x1, y1 float64) edit.Span {
		return edit.Span{Quad: [4]edit.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}}
	}
	in := edit.TensorInput{Height: 32, Width: 320}
	if l := newLine(quad(0, 0, 100, 20), in); l.w != 100 || l.h != 20 || l.inkWidth != 160 || l.tensorWidth != 320 || l.quad[0] != (vec{0, 0}) {
		t.Errorf("a flat line: %+v", l)
	}
	if l := newLine(quad(0, 0, 20, 100), in); l.w != 100 || l.h != 20 || l.quad[0] != (vec{20, 0}) || l.quad[1] != (vec{20, 100}) {
		t.Errorf("an upright line: %+v", l)
	}
	if l := newLine(quad(0, 0, 1000, 20), in); l.inkWidth != 1600 || l.tensorWidth != 1600 {
		t.Errorf("a long line: %+v", l)
	}
	if l := newLine(quad(5, 5, 5, 5), in); l.w < 1 || l.h < 1 || l.inkWidth < 1 {
		t.Errorf("an empty region: %+v", l)
	}
}

func TestRectifyCutsOut(t *testing.T) {
	img := opaquePicture(60, 40)
	l := newLine(edit.Span{Quad: [4]edit.Point{{X: 10, Y: 5}, {X: 50, Y: 5}, {X: 50, Y: 25}, {X: 10, Y: 25}}}, edit.TensorInput{Height: 32})
	if d := maxDiff(l.rectify(img), pixel.Crop(img, image.Rect(10, 5, 50, 25))); d > 1 {
		t.Errorf("an upright cut-out differs from the crop by %d", d)
	}
}

func TestCollapse(t *testing.T) {
	j := &job{dec: edit.Decode{Charset: []string{"a", "b"}}}
	steps := func(classes ...int) []float32 {
		var v []float32
		for _, c := range classes {
			row := make([]float32, 4)
			row[c] = 0.8
			v = append(v, row...)
		}
		return v
	}
	cases := []struct {
		classes []int
		want    string
	}{
		{[]int{0, 0, 0}, ""}, {[]int{1, 1, 0, 1, 2, 2}, "aab"}, {[]int{1, 3, 3, 2}, "a b"}, {nil, ""},
	}
	for _, c := range cases {
		got, score := j.collapse(steps(c.classes...), 4)
		if got != c.want || got != "" && math.Abs(score-0.8) > 1e-6 {
			t.Errorf("%v read as %q, %v; want %q", c.classes, got, score, c.want)
		}
	}
}

func TestReadingOrder(t *testing.T) {
	at := func(x, y float64) edit.Span {
		return edit.Span{Quad: [4]edit.Point{{X: x, Y: y}, {X: x + 50, Y: y}, {X: x + 50, Y: y + 20}, {X: x, Y: y + 20}}}
	}
	spans := edit.Spans{at(100, 53), at(0, 100), at(0, 50), at(200, 47), at(60, 0)}
	readingOrder(spans)
	want := [][2]float64{{60, 0}, {0, 50}, {100, 53}, {200, 47}, {0, 100}}
	for i, w := range want {
		if b := spans[i].Bounds(); b.X0 != w[0] || b.Y0 != w[1] {
			t.Errorf("place %d is %v,%v, want %v", i, b.X0, b.Y0, w)
		}
	}
}

func TestPrecisionAt(t *testing.T) {
	table := [][2]float64{{0.4, 0.2}, {0.8, 0.8}}
	for score, want := range map[float64]float64{0: 0, 0.2: 0.1, 0.4: 0.2, 0.6: 0.5, 0.8: 0.8, 1: 0.8} {
		if got := precisionAt(table, score); math.Abs(got-want) > 1e-9 {
			t.Errorf("precision at %v is %v, want %v", score, got, want)
		}
	}
	if got := precisionAt([][2]float64{{0, 0.3}, {1, 1}}, 0); got != 0.3 {
		t.Errorf("precision at 0 of a table that begins there is %v", got)
	}
}

func TestSuppress(t *testing.T) {
	box := func(label string, x, score float64) edit.Box {
		return edit.Box{X0: x, Y0: 0, X1: x + 10, Y1: 10, Label: label, Score: score}
	}
	got := suppress([]edit.Box{box("dog", 1, 0.5), box("dog", 0, 0.9), box("cat", 0, 0.4), box("dog", 30, 0.6), box("dog", 8, 0.3)}, 0.5)
	want := []edit.Box{box("dog", 0, 0.9), box("dog", 30, 0.6), box("cat", 0, 0.4), box("dog", 8, 0.3)}
	if len(got) != len(want) {
		t.Fatalf("kept %v", got)
	}
	for i := range want {
		if got[i].Label != want[i].Label || got[i].X0 != want[i].X0 {
			t.Errorf("place %d is %v, want %v", i, got[i], want[i])
		}
	}
}
