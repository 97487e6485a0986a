package artifact

import (
	"crypto/sha256"
	"math"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// alike compares to the bit: NaN equals NaN of the same bits, and -0 is not 0.
// Colour spaces are compared by the profile that makes them.
var alike = cmp.Options{
	cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }),
	cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }),
	cmp.Comparer(func(a, b edit.Number) bool { return math.Float64bits(float64(a)) == math.Float64bits(float64(b)) }),
	cmp.Comparer(func(a, b *icc.Space) bool { return string(profile(a)) == string(profile(b)) }),
}

func drawSamples(t *rapid.T, n int) []uint8 {
	b := make([]uint8, 0, n)
	for len(b) < n { // runs, small steps and noise: what pictures and mattes are made of
		v := rapid.Byte().Draw(t, "v")
		step := rapid.SampledFrom([]uint8{0, 0, 1, 255, 7, 90}).Draw(t, "step")
		for range rapid.IntRange(1, 300).Draw(t, "run") {
			b = append(b, v)
			v += step
		}
	}
	return b[:n]
}

func drawImage(t *rapid.T, spaces []pixel.Space) *pixel.Image {
	w, h := rapid.IntRange(0, 40).Draw(t, "w"), rapid.IntRange(0, 30).Draw(t, "h")
	m := &pixel.Image{W: w, H: h, Pix: drawSamples(t, 4*w*h), HasAlpha: rapid.Bool().Draw(t, "alpha")}
	if !rapid.Bool().Draw(t, "deep") {
		return m
	}
	m.Deep = &pixel.Deep{Pix: make([]uint16, 4*w*h), Bits: rapid.SampledFrom([]int{8, 16}).Draw(t, "bits")}
	m.Deep.Space = rapid.SampledFrom(spaces).Draw(t, "space")
	high, low := drawSamples(t, 4*w*h), drawSamples(t, 4*w*h)
	for i := range high {
		m.Deep.Pix[i] = uint16(high[i])<<8 | uint16(low[i])
		if m.Deep.Bits == 8 {
			m.Deep.Pix[i] = uint16(high[i]) * 257
		}
	}
	return m
}

func drawMask(t *rapid.T, w, h int) *pixel.Mask {
	return &pixel.Mask{W: w, H: h, Pix: drawSamples(t, w*h)}
}

func drawBoxes(t *rapid.T) []edit.Box {
	return drawList(func(t *rapid.T) edit.Box {
		f := rapid.Float64()
		return edit.Box{
			X0: f.Draw(t, "x0"), Y0: f.Draw(t, "y0"), X1: f.Draw(t, "x1"), Y1: f.Draw(t, "y1"),
			Label: rapid.String().Draw(t, "label"), Score: f.Draw(t, "score"), Landmarks: drawList(drawPoint).Draw(t, "landmarks"),
		}
	}).Draw(t, "boxes")
}

func drawPoint(t *rapid.T) edit.Point {
	f := rapid.Float64()
	return edit.Point{X: f.Draw(t, "x"), Y: f.Draw(t, "y"), Exclude: rapid.Bool().Draw(t, "exclude")}
}

// drawList draws lists that may be nil, which is kept apart from empty.
func drawList[T any](item func(*rapid.T) T) *rapid.Generator[[]T] {
	return rapid.Custom(func(t *rapid.T) []T {
		if rapid.Bool().Draw(t, "nil") {
			return nil
		}
		return rapid.SliceOfN(rapid.Custom(item), 0, 4).Draw(t, "list")
	})
}

func drawArtifact(t *rapid.T, spaces []pixel.Space) edit.Artifact {
	w, h := rapid.IntRange(0, 40).Draw(t, "w"), rapid.IntRange(0, 30).Draw(t, "h")
	switch k := rapid.SampledFrom(edit.Kinds()).Draw(t, "kind"); k {
	case edit.KindImage:
		return drawImage(t, spaces)
	case edit.KindMask:
		return drawMask(t, w, h)
	case edit.KindClasses:
		return &pixel.Classes{W: w, H: h, Layers: drawList(func(t *rapid.T) pixel.Layer {
			l := pixel.Layer{Label: rapid.String().Draw(t, "label"), Aliases: drawList(func(t *rapid.T) string { return rapid.String().Draw(t, "s") }).Draw(t, "aliases")}
			if rapid.Bool().Draw(t, "mask") {
				l.Mask = drawMask(t, w, h)
			}
			return l
		}).Draw(t, "layers")}
	case edit.KindDepth:
		return &pixel.Depth{W: w, H: h, V: rapid.SliceOfN(rapid.Float32(), w*h, w*h).Draw(t, "v")}
	case edit.KindBoxes:
		return edit.Boxes{Picked: drawBoxes(t), Others: drawBoxes(t)}
	case edit.KindPoints:
		return edit.Points(drawList(drawPoint).Draw(t, "points"))
	case edit.KindText:
		return edit.Text(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
	case edit.KindSpans:
		return edit.Spans(drawList(func(t *rapid.T) edit.Span {
			var s edit.Span
			for i := range s.Quad {
				s.Quad[i] = drawPoint(t)
			}
			s.Text, s.Score = rapid.String().Draw(t, "text"), rapid.Float64().Draw(t, "score")
			return s
		}).Draw(t, "spans"))
	case edit.KindColor:
		b := rapid.Byte()
		return edit.Color{R: b.Draw(t, "r"), G: b.Draw(t, "g"), B: b.Draw(t, "b"), Name: rapid.String().Draw(t, "name")}
	case edit.KindNumber:
		v := rapid.SampledFrom([]float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 0.1}).Draw(t, "special")
		return edit.Number(rapid.SampledFrom([]float64{v, rapid.Float64().Draw(t, "n")}).Draw(t, "number"))
	default:
		t.Fatalf("the test draws no %s", k)
		return nil
	}
}

// testSpaces are sRGB, another RGB space and a grey one.
func testSpaces(t testing.TB) []pixel.Space {
	spaces := []pixel.Space{nil}
	for _, b := range [][]byte{p3Profile(), grayProfile()} {
		s, err := space(b)
		if err != nil {
			t.Fatal(err)
		}
		spaces = append(spaces, s)
	}
	return spaces
}

func TestEveryKindRoundTrips(t *testing.T) {
	spaces := testSpaces(t)
	rapid.Check(t, func(t *rapid.T) {
		want := drawArtifact(t, spaces)
		b, err := Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, alike, cmpopts.EquateComparable()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if Hash(got) != Hash(want) || Hash(want).IsZero() {
			t.Fatalf("the hash changed from %s to %s", Hash(want), Hash(got))
		}
		again, err := Encode(got)
		if err != nil || string(again) != string(b) {
			t.Fatal("encoding is not deterministic")
		}
	})
}

// TestHashSeesEverySample changes one thing at a time; each is another artifact.
func TestHashSeesEverySample(t *testing.T) {
	spaces := testSpaces(t)
	base := func() *pixel.Image {
		m := pixel.NewImage(5, 3)
		m.HasAlpha = true
		m.Deep = &pixel.Deep{Pix: make([]uint16, 60), Bits: 16, Space: spaces[1]}
		return m
	}
	seen := map[Digest]string{}
	add := func(name string, a edit.Artifact) {
		d := Hash(a)
		if other, twice := seen[d]; twice {
			t.Errorf("%s hashes as %s", name, other)
		}
		seen[d] = name
	}
	change := func(name string, f func(m *pixel.Image)) {
		m := base()
		f(m)
		add(name, m)
	}
	change("the picture", func(*pixel.Image) {})
	change("a sample", func(m *pixel.Image) { m.Pix[59] ^= 1 })
	change("a hidden colour", func(m *pixel.Image) { m.Pix[3], m.Pix[0] = 0, 9 })
	change("a hidden colour, other", func(m *pixel.Image) { m.Pix[3], m.Pix[0] = 0, 10 })
	change("turned", func(m *pixel.Image) { m.W, m.H = 3, 5 })
	change("opaque", func(m *pixel.Image) { m.HasAlpha = false })
	change("a stored sample", func(m *pixel.Image) { m.Deep.Pix[59] = 1 })
	change("bits", func(m *pixel.Image) { m.Deep.Bits = 8 })
	change("sRGB", func(m *pixel.Image) { m.Deep.Space = nil })
	change("grey space", func(m *pixel.Image) { m.Deep.Space = spaces[2] })
	change("shallow", func(m *pixel.Image) { m.Deep = nil })
	add("a mask", pixel.NewMask(5, 3))
	add("depth", &pixel.Depth{W: 5, H: 3, V: make([]float32, 15)})
	add("text", edit.Text("teal"))
	add("a named colour", edit.Color{G: 128, B: 128, Name: "teal"})
	add("a colour", edit.Color{G: 128, B: 128})
	add("0", edit.Number(0))
	add("-0", edit.Number(math.Copysign(0, -1)))
	add("boxes", edit.Boxes{Picked: []edit.Box{{X1: 1}}})
	add("others", edit.Boxes{Others: []edit.Box{{X1: 1}}})
	one, two := pixel.NewMask(2, 2), pixel.NewMask(2, 2)
	one.Pix[0] = 1
	add("classes", &pixel.Classes{W: 2, H: 2, Layers: []pixel.Layer{{Label: "a", Mask: one}, {Label: "b", Mask: two}}})
	add("classes swapped", &pixel.Classes{W: 2, H: 2, Layers: []pixel.Layer{{Label: "a", Mask: two}, {Label: "b", Mask: one}}})
}

// TestHashIsFixed pins the canonical form: caches of earlier programs depend on it.
func TestHashIsFixed(t *testing.T) {
	m := pixel.NewMask(2, 1)
	m.Pix[1] = 7
	want := Digest(sha256.Sum256([]byte("pentimento artifact 1\x00\x02\x02\x01\x00\x07")))
	if got := Hash(m); got != want {
		t.Errorf("the hash of a mask is %s, want %s", got, want)
	}
}

type foreign struct{}

func (foreign) Kind() edit.Kind                               { return edit.KindText }
func (foreign) ToSRGB(r, g, b float32) (sr, sg, sb float32)   { return r, g, b }
func (foreign) FromSRGB(sr, sg, sb float32) (r, g, b float32) { return sr, sg, sb }
func deepWith(bits int, s pixel.Space, n int) *pixel.Image {
	m := pixel.NewImage(1, 1)
	m.Deep = &pixel.Deep{Bits: bits, Space: s, Pix: make([]uint16, n)}
	return m
}

func TestWhatIsNotWholeHasNoIdentity(t *testing.T) {
	for name, a := range map[string]edit.Artifact{
		"nothing":         nil,
		"nil image":       (*pixel.Image)(nil),
		"nil mask":        (*pixel.Mask)(nil),
		"nil classes":     (*pixel.Classes)(nil),
		"nil depth":       (*pixel.Depth)(nil),
		"foreign":         foreign{},
		"short image":     &pixel.Image{W: 2, H: 2, Pix: make([]uint8, 15)},
		"negative":        &pixel.Mask{W: -1, H: -1, Pix: make([]uint8, 1)},
		"huge":            &pixel.Mask{W: 1 << 20, H: 1 << 20},
		"short depth":     &pixel.Depth{W: 2, H: 2},
		"layer too short": &pixel.Classes{W: 1, H: 1, Layers: []pixel.Layer{{Mask: &pixel.Mask{W: 1, H: 1}}}},
		"foreign space":   deepWith(16, foreign{}, 4),
		"no profile":      deepWith(16, &icc.Space{}, 4),
		"no bits":         deepWith(0, nil, 4),
		"short deep":      deepWith(16, nil, 3),
	} {
		if d := Hash(a); !d.IsZero() {
			t.Errorf("%s has the hash %s", name, d)
		}
		if _, err := Encode(a); err == nil {
			t.Errorf("%s was encoded", name)
		}
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	m := pixel.NewImage(30, 20)
	m.Set(3, 3, 1, 2, 3, 4)
	good, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	for n := range good {
		if _, err := Decode(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were accepted", n, len(good))
		}
	}
	if _, err := Decode(append(good[:len(good):len(good)], 0)); err == nil {
		t.Error("a byte after the end was accepted")
	}
	newer := append([]byte(nil), good...)
	newer[4]++
	if _, err := Decode(newer); err == nil {
		t.Error("a newer format was accepted")
	}
}

// TestDecodeSetsNoMemoryAside claims large rasters in few bytes.
func TestDecodeSetsNoMemoryAside(t *testing.T) {
	for code := range codes {
		w := &writer{b: append([]byte(magic), uint8(code))}
		w.size(16000, 16000)
		w.b = append(w.b, 0, 0, 0, 4, 1, 2, 3, 4)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(w.b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > 1<<20 {
			t.Errorf("kind %d: %d bytes were set aside for a few (error %v)", code, used, err)
		}
	}
}

func TestDigestText(t *testing.T) {
	d := Hash(edit.Text("x"))
	got, err := ParseDigest(d.String())
	if err != nil || got != d {
		t.Errorf("ParseDigest(%s) = %s, %v", d, got, err)
	}
	for _, bad := range []string{"", "ab", "zz" + d.String()[2:], d.String() + "00"} {
		if _, err := ParseDigest(bad); err == nil {
			t.Errorf("%q was taken for a digest", bad)
		}
	}
}
