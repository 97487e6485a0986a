package builtin

import (
	"errors"
	"image"
	"slices"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/tooltest"
)

// board is a lit board with two lines of text, and where they stand.
func board(t testing.TB, lines ...string) (*pixel.Image, edit.Spans) {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 24, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	img := pixel.NewImage(240, 60*len(lines))
	for y := range img.H {
		for x := range img.W {
			v := uint8(170 + x/4)
			img.Set(x, y, v, v, v-10, 255)
		}
	}
	var spans edit.Spans
	for i, text := range lines {
		base := 60*i + 40
		d := font.Drawer{Dst: img.NRGBA(), Src: image.Black, Face: face, Dot: fixed.P(30, base)}
		d.DrawString(text)
		x1 := float64(d.Dot.X)/64 + 4
		y0, y1 := float64(base-24), float64(base+8)
		spans = append(spans, edit.Span{
			Quad: [4]edit.Point{{X: 26, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: 26, Y: y1}}, Text: text, Score: 0.9,
		})
	}
	return img, spans
}

// writingDocs are the shipped docs of the operations on writing and of those that hide.
func writingDocs(t testing.TB) []*edit.ToolSpec {
	t.Helper()
	set, err := shippedDocs()
	if err != nil {
		t.Fatal(err)
	}
	var out []*edit.ToolSpec
	for _, s := range set.All() {
		if s.Runtime.Builtin != nil && (textOps[s.Runtime.Builtin.Op] != nil || redactOps[s.Runtime.Builtin.Op] != nil) {
			out = append(out, &s)
		}
	}
	if len(out) < 8 {
		t.Fatalf("only %d docs", len(out))
	}
	return out
}

func writingInputs(t testing.TB, spec *edit.ToolSpec) map[string]edit.Artifact {
	t.Helper()
	img, spans := board(t, "Road", "AB 123")
	in := map[string]edit.Artifact{}
	for _, p := range spec.Inputs {
		switch {
		case p.Kind == edit.KindImage:
			in[p.Name] = img
		case p.Kind == edit.KindMask:
			in[p.Name] = blob(img.W, img.H)
		case p.Kind == edit.KindSpans:
			in[p.Name] = spans
		case p.Kind == edit.KindBoxes:
			in[p.Name] = edit.Boxes{Picked: []edit.Box{{X0: 20, Y0: 10, X1: 90, Y1: 50}}}
		case p.Name == "object" && spec.Runtime.Builtin.Op == "text-replace":
			in[p.Name] = edit.Text("Road")
		case p.Name == "object":
			in[p.Name] = edit.Text("text")
		default:
			in[p.Name] = edit.Text("Lane")
		}
	}
	return in
}

func TestWritingContract(t *testing.T) {
	for _, spec := range writingDocs(t) {
		t.Run(spec.Name, func(t *testing.T) {
			tooltest.Run(t, func(t *testing.T) tooltest.Harness {
				return tooltest.Harness{Runner: New(), Request: func() tools.Request {
					return tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: writingInputs(t, spec), Seed: 1}
				}}
			})
		})
	}
}

func runWriting(t testing.TB, name string, in map[string]edit.Artifact) (tools.Response, error) {
	t.Helper()
	for _, spec := range writingDocs(t) {
		if spec.Name != name {
			continue
		}
		all := writingInputs(t, spec)
		for k, v := range in {
			if _, ok := all[k]; !ok {
				t.Fatalf("%s has no input %s", name, k)
			}
			all[k] = v
		}
		return New().Run(t.Context(), tools.Request{Spec: spec, Params: spec.Runtime.Builtin.Params, Inputs: all, Seed: 1})
	}
	t.Fatalf("there is no doc %s", name)
	return tools.Response{}, nil
}

func TestTextMaskTakesLettersNotTheBoard(t *testing.T) {
	img, spans := board(t, "Road", "AB 123")
	resp, err := runWriting(t, "text-mask", map[string]edit.Artifact{"image": img, "regions": spans})
	if err != nil {
		t.Fatal(err)
	}
	mask := resp.Outputs["mask"].(*pixel.Mask)
	missed, letters := 0, 0
	for i := range mask.Pix {
		if img.Pix[4*i] < 120 {
			letters++
			if mask.Pix[i] == 0 {
				missed++
			}
		}
	}
	if letters == 0 || missed > letters/100 {
		t.Errorf("%d of %d letter pixels are missed", missed, letters)
	}
	if marked := mask.Count(1); marked > 6*letters {
		t.Errorf("%d pixels are marked for %d of letters: the board is taken too", marked, letters)
	}
}

func TestWordsArePickedByWhatTheySay(t *testing.T) {
	img, spans := board(t, "Harbour Road", "Museum Lane")
	for _, c := range []struct {
		phrase string
		rows   []int // which lines are marked
	}{
		{"text", []int{0, 1}},
		{`text "Museum Lane"`, []int{1}},
		{"words 'harbor road'", []int{0}}, // as misread or misspelt
		{"text 'Museum'", []int{1}},
		{"text at the top", []int{0}},
	} {
		resp, err := runWriting(t, "words-mask", map[string]edit.Artifact{"image": img, "spans": spans, "object": edit.Text(c.phrase)})
		if err != nil {
			t.Errorf("%s: %v", c.phrase, err)
			continue
		}
		mask := resp.Outputs["mask"].(*pixel.Mask)
		var rows []int
		for row := range spans {
			for _, v := range mask.Pix[60*row*img.W : 60*(row+1)*img.W] {
				if v > 0 {
					rows = append(rows, row)
					break
				}
			}
		}
		if !slices.Equal(rows, c.rows) {
			t.Errorf("%s marks lines %v, want %v", c.phrase, rows, c.rows)
		}
	}
	_, err := runWriting(t, "words-mask", map[string]edit.Artifact{"image": img, "spans": spans, "object": edit.Text("text 'Station'")})
	var missing *edit.NotFoundError
	if !errors.As(err, &missing) {
		t.Errorf("words that stand nowhere end with %v", err)
	}
}

func TestReplaceIsCarefulWhatItReplaces(t *testing.T) {
	img, spans := board(t, "Harbour Road", "Harbour Road")
	_, err := runWriting(t, "text-replacement", map[string]edit.Artifact{"image": img, "spans": spans, "object": edit.Text("Harbour Road")})
	var amb *edit.AmbiguousError
	if !errors.As(err, &amb) || len(amb.Candidates) != 2 {
		t.Errorf("two lines that say the same end with %v", err)
	}
	img, spans = board(t, "Harbour Road", "Museum Lane")
	resp, err := runWriting(t, "text-replacement", map[string]edit.Artifact{
		"image": img, "spans": spans, "object": edit.Text("Harbour"), "text": edit.Text("Station"),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := resp.Outputs["image"].(*pixel.Image)
	changed, other := 0, 0
	for i := range img.W * img.H {
		if !slices.Equal(img.Pix[4*i:4*i+4], out.Pix[4*i:4*i+4]) {
			changed++
			if i/img.W >= 60 {
				other++
			}
		}
	}
	if changed < 300 || other > 0 {
		t.Errorf("%d pixels changed, %d of them in the other line", changed, other)
	}
}

func TestSubstitute(t *testing.T) {
	for _, c := range []struct{ line, old, words, want string }{
		{"Musee du LOUVRE", "Musée du Louvre", "Musée d'Orsay", "Musée d'Orsay"},
		{"Palais du LOUVRE", "LOUVRE", "LUXEMBOURG", "Palais du LUXEMBOURG"},
		{"0PEN", "OPEN", "CLOSED", "CLOSED"},
		{"no smoking here", "smoking", "parking", "no parking here"},
	} {
		if got := substitute(c.line, c.old, c.words); got != c.want {
			t.Errorf("%q with %q for %q is %q, want %q", c.line, c.words, c.old, got, c.want)
		}
	}
}

func TestPlateLike(t *testing.T) {
	for _, c := range []struct {
		text string
		w, h float64
		want bool
	}{
		{"AB 12 CDE", 100, 25, true},
		{"AB12CDE", 100, 25, true},
		{"HARBOUR", 100, 25, false}, // no digit
		{"2026", 100, 25, false},    // no letter
		{"Stop 24", 100, 25, false}, // lower case
		{"AB12CDE", 20, 25, false},  // upright
		{"AB12CDEFGH34", 100, 25, false},
	} {
		s := edit.Span{Text: c.text, Quad: [4]edit.Point{{}, {X: c.w}, {X: c.w, Y: c.h}, {Y: c.h}}}
		if got := plateLike(s); got != c.want {
			t.Errorf("%q of %.0f×%.0f: %v, want %v", c.text, c.w, c.h, got, c.want)
		}
	}
}

// TestRedactHides measures how much of the detail under the mask is left: the
// correlation of what is seen with what was there, both less their coarse parts.
func TestRedactHides(t *testing.T) {
	img := photo(120, 90, false)
	mask := blob(120, 90)
	for _, name := range []string{"redact", "pixelate", "blur-object"} {
		resp, err := runWriting(t, name, map[string]edit.Artifact{"image": img, "mask": mask})
		if err != nil {
			t.Fatal(err)
		}
		out := resp.Outputs["image"].(*pixel.Image)
		before, after := roughness(img, mask), roughness(out, mask)
		if after > before/4 { // the steps between blocks are left
			t.Errorf("%s leaves %.0f of %.0f of the detail", name, after, before)
		}
	}
}

// roughness is the sum of the steps between neighbours well inside the mask.
func roughness(m *pixel.Image, mask *pixel.Mask) (sum float64) {
	for i := range len(mask.Pix) - 1 {
		if mask.Pix[i] == 255 && mask.Pix[i+1] == 255 {
			d := int(m.Pix[4*i]) - int(m.Pix[4*i+4])
			sum += float64(max(d, -d))
		}
	}
	return sum
}
