package onnx

import (
	"testing"

	"pgregory.net/rapid"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

func TestSpansCoverTheSide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		overlap := rapid.IntRange(0, 40).Draw(t, "overlap")
		multiple := rapid.SampledFrom([]int{0, 1, 2, 8}).Draw(t, "multiple")
		size := max(8, (2*overlap+rapid.IntRange(1, 200).Draw(t, "room")+7)/8*8)
		l := rapid.IntRange(1, 3000).Draw(t, "l")
		fixed := rapid.Bool().Draw(t, "fixed")
		list := spans(l, size, overlap, multiple, fixed)
		end := 0
		for i, s := range list {
			switch {
			case s.n < 1 || s.n > size || s.at < 0 || s.at+s.n > l:
				t.Fatalf("%v leaves 0..%d or the size %d", s, l, size)
			case i == 0 && s.at != 0:
				t.Fatalf("%v does not begin at 0", list)
			case i > 0 && end-s.at < overlap:
				t.Fatalf("tiles %d and %d share %d pixels, want %d: %v", i-1, i, end-s.at, overlap, list)
			case fixed && l > size && s.n != size && (i < len(list)-1 || multiple < 2):
				t.Fatalf("%v is not of the fixed size %d", s, size)
			case multiple > 1 && size-overlap >= multiple && s.at%multiple != 0:
				t.Fatalf("%v does not begin at a multiple of %d", s, multiple)
			}
			end = s.at + s.n
		}
		if end != l {
			t.Fatalf("%v ends at %d, want %d", list, end, l)
		}
	})
}

// Tiles of a network that looks at few pixels give the untiled answer: the
// tile's border is made of its neighbours, and the fading mixes equals.
func TestTilesLeaveNoSeam(t *testing.T) {
	dir := t.TempDir()
	src := source(t, dir, "blur.onnx", blurGraph())
	r := newRunner(t, dir)
	img := opaquePicture(150, 97)
	make := func(border int, tile *edit.Tile) *pixel.Image {
		s := imageSpec(src)
		s.Runtime.ONNX.Input.Border, s.Runtime.ONNX.Tile = border, tile
		resp, err := r.Run(t.Context(), request(s, img))
		if err != nil {
			t.Fatal(err)
		}
		return resp.Outputs["image"].(*pixel.Image)
	}
	want := make(2, nil)
	for _, tile := range []edit.Tile{{Size: 32, Overlap: 4}, {Size: 50, Overlap: 0}, {Size: 64, Overlap: 31}, {Size: 4000, Overlap: 8}} {
		if d := maxDiff(want, make(2, &tile)); d > 1 {
			t.Errorf("tiles %+v with a border differ by %d from the whole", tile, d)
		}
	}
	// Without a border each tile ends in black; the fading must still keep that out of the seams' middle.
	if d := maxDiff(want, make(0, &edit.Tile{Size: 32, Overlap: 12})); d < 2 {
		t.Errorf("tiles without a border differ by %d only: the test shows nothing", d)
	}
}

func maxDiff(a, b *pixel.Image) int {
	most := 0
	for i := range a.Pix {
		d := int(a.Pix[i]) - int(b.Pix[i])
		most = max(most, d, -d)
	}
	return most
}

// Fading is a mean whose weights sum to one, at corners too: tiles of one
// colour each give nothing outside the range of the colours. The ends of the
// shared part are left to the tile that has them in its middle.
func TestJoinFades(t *testing.T) {
	flat := func(w, h int, v uint8) *pixel.Image {
		m := pixel.NewImage(w, h)
		for i := range m.Pix {
			if i%4 != 3 {
				m.Pix[i] = v
			}
		}
		return m
	}
	dst := flat(30, 4, 0)
	join(dst, flat(20, 4, 100), 0, 0, 0, 0)
	join(dst, flat(20, 4, 200), 10, 0, 10, 0)
	for x := range 30 {
		want := 100.0
		if x >= 10 {
			s := min(max((float64(x-10)+0.5-2.5)/5, 0), 1)
			want = 100 + 100*s*s*(3-2*s)
		}
		if r, _, _, _ := dst.At(x, 2); float64(r) < want-1 || float64(r) > want+1 {
			t.Errorf("column %d is %d, want %.0f", x, r, want)
		}
	}
	rows := flat(3, 8, 100)
	join(rows, flat(3, 4, 200), 0, 4, 0, 4)
	for y, want := range []uint8{100, 100, 100, 100, 100, 116, 184, 200} {
		if r, _, _, _ := rows.At(1, y); r != want {
			t.Errorf("row %d is %d, want %d", y, r, want)
		}
	}
}

func TestTilesTellProgress(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	s.Runtime.ONNX.Tile = &edit.Tile{Size: 16, Overlap: 2}
	req := request(s, picture(40, 20))
	var told []float64
	req.Progress = func(f float64) { told = append(told, f) }
	if _, err := newRunner(t, dir).Run(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if len(told) < 4 || told[len(told)-1] != 1 {
		t.Errorf("progress was %v", told)
	}
	for i := 1; i < len(told); i++ {
		if told[i] <= told[i-1] {
			t.Errorf("progress fell: %v", told)
		}
	}
}

func TestTransparencyIsKept(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "blur.onnx", blurGraph()))
	s.Runtime.ONNX.Input.Border = 2
	img := pixel.NewImage(12, 12) // a white square, around it transparent pixels that hide bright green
	img.HasAlpha = true
	for i := range 144 {
		img.Set(i%12, i/12, 0, 255, 0, 0)
		if x, y := i%12, i/12; x > 2 && x < 9 && y > 2 && y < 9 {
			img.Set(x, y, 255, 255, 255, 255)
		}
	}
	resp, err := newRunner(t, dir).Run(t.Context(), request(s, img))
	if err != nil {
		t.Fatal(err)
	}
	out := resp.Outputs["image"].(*pixel.Image)
	for i := range 144 {
		r, g, b, a := out.At(i%12, i/12)
		_, _, _, want := img.At(i%12, i/12)
		if a != want {
			t.Fatalf("alpha at %d,%d is %d, was %d", i%12, i/12, a, want)
		}
		if a == 255 && (r < 254 || g < 254 || b < 254) {
			t.Fatalf("the hidden green leaks into %d,%d: %d,%d,%d", i%12, i/12, r, g, b)
		}
		if a == 0 && (r != 0 || g != 255 || b != 0) {
			t.Fatalf("the hidden colour at %d,%d became %d,%d,%d", i%12, i/12, r, g, b)
		}
	}
}

// An answer of other sides than upscale and border explain is an error, not a shifted picture.
func TestUnexplainedSize(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	s.Runtime.ONNX.Decode.Upscale = 2
	_, err := newRunner(t, dir).Run(t.Context(), tools.Request{Spec: s, Inputs: map[string]edit.Artifact{"image": picture(8, 8)}})
	if err == nil {
		t.Error("a picture of half the promised size was taken")
	}
}

func TestDetailKeepsThePicturesOwn(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	s.Runtime.ONNX.Input.Fit, s.Runtime.ONNX.Input.Width, s.Runtime.ONNX.Input.Height = "stretch", 16, 16
	r := newRunner(t, dir)
	img := opaquePicture(120, 90)
	blurred := run1(t, r, s, img)
	s.Runtime.ONNX.Decode.Detail = true
	kept := run1(t, r, s, img)
	if d := maxDiff(img, blurred); d < 20 {
		t.Errorf("enlarging 16×16 pixels differs from the picture by %d only: the test shows nothing", d)
	}
	if d := maxDiff(img, kept); d > 2 {
		t.Errorf("a network that changes nothing changed the picture by %d", d)
	}
}

func run1(t *testing.T, r *Runner, s *edit.ToolSpec, img *pixel.Image) *pixel.Image {
	t.Helper()
	resp, err := r.Run(t.Context(), request(s, img))
	if err != nil {
		t.Fatal(err)
	}
	return resp.Outputs["image"].(*pixel.Image)
}
