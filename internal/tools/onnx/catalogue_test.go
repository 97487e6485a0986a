package onnx

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	g "pentimento/internal/tools/onnxgraph"
)

// flatPicture is a w×h picture of one colour.
func flatPicture(w, h int, r, gr, b uint8) *pixel.Image {
	m := pixel.NewImage(w, h)
	for i := range w * h {
		m.Set(i%w, i/w, r, gr, b, 255)
	}
	return m
}

// An inpainter fills the hole and nothing else, whatever the picture's size: hole in
// the middle, in a corner, larger than the network, picture smaller than the network.
func TestInpaintersChangeTheHoleOnly(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	specs := map[string]*edit.ToolSpec{
		"lama":  standIn(t, dir, "lama", map[string][]byte{"": lamaGraph(1)}),
		"migan": standIn(t, dir, "migan", map[string][]byte{"": miganGraph()}),
	}
	for name, s := range specs {
		for _, c := range []struct {
			w, h int
			hole image.Rectangle
		}{
			{900, 700, image.Rect(400, 300, 500, 380)},
			{900, 700, image.Rect(0, 0, 40, 60)},
			{1500, 1200, image.Rect(300, 200, 1200, 1000)},
			{200, 130, image.Rect(50, 40, 90, 70)},
		} {
			t.Run(fmt.Sprintf("%s %d×%d", name, c.w, c.h), func(t *testing.T) {
				img := opaquePicture(c.w, c.h)
				hole := pixel.RectMask(c.w, c.h, c.hole)
				for x := c.hole.Min.X; x < c.hole.Max.X; x++ { // a soft edge
					hole.Pix[c.hole.Min.Y*c.w+x] = 60
				}
				out := runWith(t, r, s, img, map[string]edit.Artifact{"hole": hole}).Outputs["image"].(*pixel.Image)
				changed := 0
				for i, v := range hole.Pix {
					same := slices.Equal(out.Pix[4*i:4*i+4], img.Pix[4*i:4*i+4])
					if v == 0 && !same {
						t.Fatalf("pixel %d,%d outside the hole changed", i%c.w, i/c.w)
					}
					if v > 0 && !same {
						changed++
					}
				}
				if changed < c.hole.Dx()*c.hole.Dy()*9/10 {
					t.Errorf("%d of %d pixels of the hole were filled", changed, c.hole.Dx()*c.hole.Dy())
				}
			})
		}
	}
}

// A network that gives everything back brighter does not leave a bright patch.
func TestFillTakesTheToneAroundIt(t *testing.T) {
	dir := t.TempDir()
	s := standIn(t, dir, "lama", map[string][]byte{"": lamaGraph(1.15)})
	img := flatPicture(700, 600, 120, 90, 60)
	hole := pixel.RectMask(700, 600, image.Rect(250, 200, 400, 320))
	out := runWith(t, newRunner(t, dir), s, img, map[string]edit.Artifact{"hole": hole}).Outputs["image"].(*pixel.Image)
	if d := maxDiff(out, img); d > 2 {
		t.Errorf("a flat picture is filled with a tone that is off by %d", d)
	}
}

func TestCropAround(t *testing.T) {
	c := edit.Crop{Margin: 0.5, Least: 512}
	for _, x := range []struct {
		box, want image.Rectangle
		w, h      int
	}{
		{image.Rect(900, 900, 1000, 950), image.Rect(694, 669, 1206, 1181), 2000, 2000},
		{image.Rect(0, 0, 10, 10), image.Rect(0, 0, 512, 512), 2000, 2000},
		{image.Rect(1900, 100, 2000, 700), image.Rect(800, 0, 2000, 1000), 2000, 1000},
		{image.Rect(10, 10, 20, 20), image.Rect(0, 0, 300, 200), 300, 200},
	} {
		if got := cropAround(c, x.box, x.w, x.h); got != x.want {
			t.Errorf("around %v of %d×%d: %v, want %v", x.box, x.w, x.h, got, x.want)
		}
	}
}

// A hole of nothing leaves the picture as it is.
func TestEmptyHole(t *testing.T) {
	dir := t.TempDir()
	s := standIn(t, dir, "lama", map[string][]byte{"": lamaGraph(1)})
	img := opaquePicture(90, 70)
	out := runWith(t, newRunner(t, dir), s, img, map[string]edit.Artifact{"hole": pixel.NewMask(90, 70)}).Outputs["image"].(*pixel.Image)
	if d := maxDiff(out, img); d != 0 {
		t.Errorf("an empty hole changed the picture by %d", d)
	}
}

// samTools are the shipped docs of the Segment Anything family over their stand-ins.
func samTools(t *testing.T, dir string) map[string]*edit.ToolSpec {
	t.Helper()
	encoder, decoder := mobileSAMGraphs()
	mobile := map[string][]byte{"encoder": encoder, "decoder": decoder}
	one := map[string][]byte{"": efficientSAMGraph()}
	return map[string]*edit.ToolSpec{
		"mobilesam-box": standIn(t, dir, "mobilesam-box", mobile), "mobilesam-points": standIn(t, dir, "mobilesam-points", mobile),
		"efficientsam-box": standIn(t, dir, "efficientsam-box", one), "efficientsam-points": standIn(t, dir, "efficientsam-points", one),
	}
}

// The masks of boxes come back where the boxes are, in pictures of any shape; several are joined.
func TestBoxesBecomeMasks(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	specs := samTools(t, dir)
	for _, name := range []string{"mobilesam-box", "efficientsam-box"} {
		for _, size := range []image.Point{{1000, 700}, {240, 500}, {1024, 1024}} {
			img := opaquePicture(size.X, size.Y)
			want := pixel.NewMask(size.X, size.Y)
			var boxes edit.Boxes
			for _, f := range [][4]float64{{0.1, 0.2, 0.4, 0.7}, {0.6, 0.5, 0.9, 0.95}} {
				b := edit.Box{X0: f[0] * float64(size.X), Y0: f[1] * float64(size.Y), X1: f[2] * float64(size.X), Y1: f[3] * float64(size.Y)}
				boxes.Picked = append(boxes.Picked, b)
				want = pixel.Union(want, pixel.RectMask(size.X, size.Y, image.Rect(int(b.X0), int(b.Y0), int(b.X1), int(b.Y1))))
			}
			resp := runWith(t, r, specs[name], img, map[string]edit.Artifact{"boxes": boxes, "object": edit.Text("things")})
			if iou := pixel.IoU(resp.Outputs["mask"].(*pixel.Mask), want, nil); iou < 0.93 {
				t.Errorf("%s on %v: overlap with the boxes %.3f, want 0.93", name, size, iou)
			}
		}
		_, err := tryWith(t, r, specs[name], opaquePicture(50, 50), map[string]edit.Artifact{"boxes": edit.Boxes{}, "object": edit.Text("x")})
		wantUserError(t, err, "no box")
	}
}

// Clicks choose among the answers: the one the network likes best holds the
// excluding click and is not taken.
func TestClicksBecomeMasks(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	specs := samTools(t, dir)
	img := opaquePicture(1024, 768)
	at := func(m *pixel.Mask, x, y int) uint8 { return m.At(x, y) }
	for _, name := range []string{"mobilesam-points", "efficientsam-points"} {
		clicks := edit.Points{{X: 300, Y: 400}, {X: 900, Y: 100, Exclude: true}}
		m := runWith(t, r, specs[name], img, map[string]edit.Artifact{"points": clicks}).Outputs["mask"].(*pixel.Mask)
		if at(m, 300, 400) < 250 || at(m, 900, 100) > 5 || at(m, 500, 400) > 5 {
			t.Errorf("%s: click %d, excluded %d, elsewhere %d", name, at(m, 300, 400), at(m, 900, 100), at(m, 500, 400))
		}
		_, err := tryWith(t, r, specs[name], img, map[string]edit.Artifact{"points": edit.Points{{X: 3, Y: 4, Exclude: true}}})
		wantUserError(t, err, "no click")
	}
	many := make(edit.Points, 7)
	for i := range many {
		many[i] = edit.Point{X: float64(100 * i), Y: 50}
	}
	_, err := tryWith(t, r, specs["efficientsam-points"], img, map[string]edit.Artifact{"points": many})
	wantUserError(t, err, "7 clicks", "6")
}

// The encoder runs once for a picture: what it saw is remembered.
func TestEncoderRunsOncePerPicture(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	s := samTools(t, dir)["mobilesam-box"]
	img := opaquePicture(640, 480)
	box := func(x0 float64) map[string]edit.Artifact {
		return map[string]edit.Artifact{"object": edit.Text("it"), "boxes": edit.Boxes{Picked: []edit.Box{{X0: x0, Y0: 50, X1: x0 + 100, Y1: 200}}}}
	}
	runWith(t, r, s, img, box(20))
	if n := r.memo.order.Len(); n != 1 {
		t.Fatalf("%d answers are remembered after the first box, want the encoder's", n)
	}
	first := r.memo.order.Front().Value.(memoEntry).out[0].f
	resp := runWith(t, r, s, img, box(400))
	if resp.Saved <= 0 || resp.Remembered {
		t.Errorf("%v s saved, remembered %v: the encoder's answer was at hand and the decoder ran", resp.Saved, resp.Remembered)
	}
	again := resp.Outputs["mask"].(*pixel.Mask)
	if r.memo.order.Len() != 1 || &r.memo.order.Front().Value.(memoEntry).out[0].f[0] != &first[0] {
		t.Error("the encoder ran again for the same picture")
	}
	if again.At(450, 100) < 250 || again.At(60, 100) > 5 {
		t.Error("the second box was answered with the first's mask")
	}
}

// testVocab has pieces of BERT's uncased vocabulary at their own numbers.
func testVocab() []byte {
	lines := make([]string, 30522)
	for i := range lines {
		lines[i] = fmt.Sprintf("[unused%d]", i)
	}
	for piece, id := range map[string]int{
		"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, ".": 1012, "a": 1037, "cat": 4937, "remote": 6556, "control": 2491,
		"hello": 7592, "world": 2088, "!": 999, ",": 1010, "un": 4895, "##aff": 10354, "##able": 3085, "dog": 3899, "cafe": 7668,
	} {
		lines[id] = piece
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// The numbers are those of BERT's own tokenizer for the same texts.
func TestWordPieces(t *testing.T) {
	v, err := parseVocab(testVocab())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int64{
		"Hello, World!":            {7592, 1010, 2088, 999},
		"a cat. a remote control.": {1037, 4937, 1012, 1037, 6556, 2491, 1012},
		"unaffable":                {4895, 10354, 3085},
		"  Café\tCAT ":             {7668, 4937},
		"zyzzyva":                  {100},
		strings.Repeat("un", 60):   {100},
		"":                         nil,
		"dog\u200b\u00a0dog":       {3899, 3899},
		"cat猫dog":                  {4937, 100, 3899},
		"\x00cat\ufffd":            {4937},
	} {
		if got := v.pieces(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if _, err := parseVocab([]byte("{\"model\": 1}\n")); err == nil {
		t.Error("a file that is no vocabulary was taken")
	}
}

// Words become boxes, also where the network takes and gives half floats.
func TestPhraseBecomesBoxes(t *testing.T) {
	for _, e := range []g.Elem{g.Float, g.Half} {
		dir := t.TempDir()
		r := newRunner(t, dir)
		s := standIn(t, dir, "grounding-dino", map[string][]byte{"net": groundingGraph(e, 3899), "words": testVocab()})
		img := opaquePicture(600, 400)
		resp := runWith(t, r, s, img, map[string]edit.Artifact{"object": edit.Text("the dog on the left")})
		got := resp.Outputs["boxes"].(edit.Boxes)
		if len(got.Picked) != 1 {
			t.Fatalf("type %d: picked %v", e, got.Picked)
		}
		b := got.Picked[0]
		for i, want := range []float64{240, 80, 360, 120} {
			if have := []float64{b.X0, b.Y0, b.X1, b.Y1}[i]; math.Abs(have-want) > 1 {
				t.Errorf("type %d: box %v, want 240,80,360,120", e, b)
			}
		}
		if math.Abs(b.Score-1/(1+math.Exp(-3))) > 0.01 || b.Label != "dog" {
			t.Errorf("type %d: %+v, want dog at 0.95", e, b)
		}
		var missing *edit.NotFoundError
		if _, err := tryWith(t, r, s, img, map[string]edit.Artifact{"object": edit.Text("cat")}); !errors.As(err, &missing) {
			t.Errorf("type %d: asked for a cat: %v", e, err)
		}
		r.vocabs.Range(func(any, any) bool { e = -1; return true })
		if e != -1 {
			t.Error("the vocabulary is not kept")
		}
	}
}

// Each matte network's answer comes out as its doc says: logits through the
// logistic function, or stretched from least to most.
func TestMatteNetworks(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	img := flatPicture(300, 200, 20, 20, 20)
	for y := 50; y < 150; y++ {
		for x := 100; x < 200; x++ {
			img.Set(x, y, 230, 230, 230, 255)
		}
	}
	same := func(_ *g.Graph, v g.Value) g.Value { return v }
	faint := func(m *g.Graph, v g.Value) g.Value { return m.Mul(v, m.C(0.2)) }
	steep := func(m *g.Graph, v g.Value) g.Value { return m.Mul(v, m.C(9)) }
	for name, model := range map[string][]byte{
		"birefnet-lite": matteGraph("input_image", "output_image", 1024, steep),
		"isnet":         matteGraph("input_image", "output_image", 1024, faint),
		"u2netp":        matteGraph("input", "output", 320, faint),
		"modnet":        matteGraph("input", "output", "side", same),
	} {
		m := runWith(t, r, standIn(t, dir, name, map[string][]byte{"": model}), img, nil).Outputs["foreground"].(*pixel.Mask)
		if m.At(150, 100) < 180 || m.At(20, 20) > 30 || m.W != 300 || m.H != 200 {
			t.Errorf("%s: subject %d, background %d", name, m.At(150, 100), m.At(20, 20))
		}
	}
	// A picture of one colour has nothing to stretch, and nothing may divide by zero.
	m := runWith(t, r, standIn(t, dir, "isnet", map[string][]byte{"": matteGraph("input_image", "output_image", 1024, faint)}), flatPicture(40, 30, 9, 9, 9), nil)
	if v := m.Outputs["foreground"].(*pixel.Mask).At(5, 5); v > 10 {
		t.Errorf("a flat picture has the foreground %d", v)
	}
}

// A colouriser's colours lie under the picture's own lightness.
func TestColourizerKeepsTheLightness(t *testing.T) {
	dir := t.TempDir()
	s := standIn(t, dir, "ddcolor-tiny", map[string][]byte{"": colorGraph(18, -25)})
	img := pixel.NewImage(256, 40)
	for i := range 256 * 40 {
		v := uint8(i % 256)
		img.Set(i%256, i/256, v, v, v, 255)
	}
	out := runWith(t, newRunner(t, dir), s, img, nil).Outputs["image"].(*pixel.Image)
	for x := range 256 {
		p, q := img.Pix[4*x:], out.Pix[4*x:]
		l0 := lightness(float32(p[0]), float32(p[1]), float32(p[2]))
		l1 := lightness(float32(q[0]), float32(q[1]), float32(q[2]))
		if math.Abs(float64(l0-l1)) > 0.8 {
			t.Errorf("at grey %d the lightness went from %.1f to %.1f", x, l0, l1)
		}
		if x > 60 && x < 200 && (q[2] <= q[0] || q[0] <= q[1]) {
			t.Errorf("grey %d became %v, want violet", x, q[:3])
		}
	}
}

// CIE Lab of known colours (white, the primaries) to a tenth, and back to the code.
func TestLabOfKnownColours(t *testing.T) {
	for _, c := range []struct {
		rgb     [3]uint8
		l, a, b float32
	}{
		{[3]uint8{255, 255, 255}, 100, 0, 0},
		{[3]uint8{255, 0, 0}, 53.24, 80.09, 67.20},
		{[3]uint8{0, 255, 0}, 87.73, -86.18, 83.18},
		{[3]uint8{0, 0, 255}, 32.30, 79.19, -107.86},
		{[3]uint8{119, 119, 119}, 50.03, 0, 0},
	} {
		if l := lightness(float32(c.rgb[0]), float32(c.rgb[1]), float32(c.rgb[2])); math.Abs(float64(l-c.l)) > 0.1 {
			t.Errorf("%v has the lightness %.2f, want %.2f", c.rgb, l, c.l)
		}
		r, gr, b := withChroma(c.l, c.a, c.b)
		for i, v := range [3]uint8{r, gr, b} {
			if d := int(v) - int(c.rgb[i]); d > 2 || d < -2 {
				t.Errorf("L %.1f a %.1f b %.1f is %d,%d,%d, want %v", c.l, c.a, c.b, r, gr, b, c.rgb)
				break
			}
		}
	}
}

// A segmentation network's doc with a mask answers with the class of the word.
func TestWordBecomesRegion(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	s := standIn(t, dir, "efficientvit-ade20k", map[string][]byte{"": sceneGraph()})
	img := flatPicture(400, 300, 60, 60, 60)
	for i := range 400 * 120 {
		img.Set(i%400, i/400, 240, 240, 240, 255)
	}
	m := runWith(t, r, s, img, map[string]edit.Artifact{"object": edit.Text("the heavens")}).Outputs["mask"].(*pixel.Mask)
	if iou := pixel.IoU(m, pixel.RectMask(400, 300, image.Rect(0, 0, 400, 120)), nil); iou < 0.95 {
		t.Errorf("the sky overlaps the bright part by %.3f", iou)
	}
	var missing *edit.NotFoundError
	if _, err := tryWith(t, r, s, img, map[string]edit.Artifact{"object": edit.Text("sofa")}); !errors.As(err, &missing) {
		t.Errorf("asked for a sofa: %v", err)
	}
	_, err := tryWith(t, r, s, img, map[string]edit.Artifact{"object": edit.Text("gizmo")})
	wantUserError(t, err, "gizmo")
}

// What is not as the doc says is told before anything runs, with both sides of it.
func TestChainsThatDoNotFitTheirDoc(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	encoder, decoder := mobileSAMGraphs()
	prompt := map[string]edit.Artifact{"object": edit.Text("it"), "boxes": edit.Boxes{Picked: []edit.Box{{X1: 9, Y1: 9}}}}
	for _, c := range []struct {
		name  string
		parts map[string][]byte
		do    func(rt *edit.ONNXRuntime)
		words []string
	}{
		{"parts exchanged", map[string][]byte{"encoder": decoder, "decoder": encoder}, func(*edit.ONNXRuntime) {}, []string{"image_embeddings"}},
		{"tensor of a later part", nil, func(rt *edit.ONNXRuntime) { rt.Extra[1].Tensor = "points" }, []string{`no input "points"`, "point_coords"}},
		{"output of an earlier part", nil, func(rt *edit.ONNXRuntime) { rt.Extra[0].Output = "features" }, []string{`no output "features"`, "image_embeddings"}},
		{"rank of what is read", nil, func(rt *edit.ONNXRuntime) { rt.Decode.Outputs = []string{"iou_predictions", "low_res_masks"} }, []string{"iou_predictions", "2 dimensions"}},
		{"too few outputs", nil, func(rt *edit.ONNXRuntime) { rt.Decode.Outputs = rt.Decode.Outputs[:1] }, []string{"reads 2 outputs"}},
		{"a batch that is not there", nil, func(rt *edit.ONNXRuntime) { rt.Input.Layout = "nhwc" }, []string{"3 dimensions", "has 4"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.parts == nil {
				c.parts = map[string][]byte{"encoder": encoder, "decoder": decoder}
			}
			s := standIn(t, dir, "mobilesam-box", c.parts)
			s.Runtime.ONNX.Extra = slices.Clone(s.Runtime.ONNX.Extra)
			c.do(s.Runtime.ONNX)
			_, err := tryWith(t, r, s, opaquePicture(64, 64), prompt)
			wantUserError(t, err, append(c.words, "mobilesam-box")...)
		})
	}
	// A part that is missing is named, though the first is there.
	s := standIn(t, dir, "mobilesam-box", map[string][]byte{"encoder": encoder, "decoder": decoder})
	s.Runtime.ONNX.Models[1].Accept[0].File = "nowhere.onnx"
	var un *tools.UnavailableError
	if err := r.Available(s); !errors.As(err, &un) || !strings.Contains(un.Reason, "nowhere.onnx") {
		t.Errorf("Available: %v", err)
	}
}
