package judge

import (
	"context"
	"strings"
	"unicode"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Reader reads the text of a picture.
type Reader func(ctx context.Context, img *pixel.Image) (edit.Spans, error)

// TextInput is a picture in which words were removed, replaced or added.
type TextInput struct {
	Before, After *pixel.Image
	// Place is where the words stood or stand; nil: where the picture changed.
	Place *pixel.Mask
	Old   string // the words that were there; empty: any
	New   string // the words that are to be there; empty: none
	Read  Reader // may be nil
}

// RemovedText checks that words are gone: the fill as in Removal, and
//
//	strokes  what is left of the strokes' contrast, as a share of what it was
//	read     greatest likeness of what is still read there to the old words
func RemovedText(ctx context.Context, in TextInput) (Verdict, error) {
	t := newTally("text-removal")
	v, err := in.view(ctx, t)
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	outside, err := outsideChanged(ctx, in.Before, in.After, in.Place)
	if err != nil {
		return Verdict{}, err
	}
	t.add("outside", outside, 0, 0.08, "the picture changed outside the words")
	t.add("strokes", v.legible(3), 0.3, 0.7, "%s of the strokes' contrast is left")
	v.judgeFill(t, true) // the ground between letters is plainer than what surrounds it, frames and other words
	if in.Read == nil {
		t.skip("whether a reader still reads it")
		return t.verdict("the words are gone"), nil
	}
	words, err := in.readAt(ctx)
	if err != nil {
		return Verdict{}, err
	}
	left := indicator(len(words) > 0)
	if in.Old != "" {
		left = 0
		for _, w := range words {
			left = max(left, likeness(w, in.Old))
		}
	}
	t.add("read", left, 0.3, 0.7, "a reader still reads the words")
	return t.verdict("the words are gone and nothing is read there"), nil
}

// WrittenText checks words that were replaced or added. Its measures:
//
//	changed   share of the place that changed
//	strokes   contrast of detail there against the old words' (replaced words only)
//	tone      difference of tone between the place and what borders on it
//	read      likeness of what is read there to the new words
func WrittenText(ctx context.Context, in TextInput) (Verdict, error) {
	t := newTally("text-writing")
	v, err := in.view(ctx, t)
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	var changed mean
	for i, b := range v.before {
		if v.depth[i] > 0 {
			changed.add(indicator(b.Dist(v.after[i]) > noticeable))
		}
	}
	t.add("changed", changed.value(), 0.06, 0.005, "the place looks as it did before")
	after, before := v.strokeContrast(v.after), v.strokeContrast(v.before)
	if in.Old != "" {
		t.add("strokes", ratio(after, before, 0.002), 0.6, 0.15, "the new words are much fainter than the old")
	} else {
		t.add("strokes", after, 0.02, 0.004, "the words can hardly be seen")
	}
	t.add("tone", max(0, v.stepAcross(v.after)-v.stepAcross(v.before)), 0.06, 0.25, "the ground of the new words differs from what borders on it")
	if in.Read == nil {
		t.skip("whether a reader reads the new words")
		return t.verdict("words were written where they should be"), nil
	}
	words, err := in.readAt(ctx)
	if err != nil {
		return Verdict{}, err
	}
	best := likeness(strings.Join(words, " "), in.New)
	for _, w := range words {
		best = max(best, likeness(w, in.New))
	}
	t.add("read", best, 0.8, 0.35, "a reader does not read the new words")
	return t.verdict("a reader reads the new words"), nil
}

// view makes the view of the place; nil when the check has failed already.
func (in *TextInput) view(ctx context.Context, t *tally) (*view, error) {
	if !sameSize(in.Before, in.After) {
		t.fail("the picture's size changed")
		return nil, nil
	}
	if in.Place == nil {
		in.Place = changedBox(in.Before, in.After)
	}
	if in.Place.Empty() {
		t.fail("nothing changed")
		return nil, nil
	}
	return newView(ctx, in.Before, in.After, in.Place, 0.3)
}

// changedBox is the rectangle around everything that changed.
func changedBox(a, b *pixel.Image) *pixel.Mask {
	m := pixel.NewMask(a.W, a.H)
	for i := range m.Pix {
		if [4]byte(a.Pix[4*i:]) != [4]byte(b.Pix[4*i:]) {
			m.Pix[i] = 255
		}
	}
	if r := m.Bounds(1); !r.Empty() {
		return pixel.RectMask(a.W, a.H, r.Inset(-4))
	}
	return m
}

// strokeContrast is the mean size of detail in the place.
func (v *view) strokeContrast(lab []pixel.Lab) float64 {
	fine := detail(v.lightness(lab), max(3, float64(v.mask.Bounds(pixel.Half).Dy())/6))
	var m mean
	for i, d := range v.depth {
		if d > 0 {
			m.add(max(float64(fine.V[i]), -float64(fine.V[i])))
		}
	}
	return m.value()
}

// readAt lists what is read in the place.
func (in *TextInput) readAt(ctx context.Context) ([]string, error) {
	spans, err := in.Read(ctx, in.After)
	if err != nil {
		return nil, err
	}
	place := asBox(in.Place.Bounds(1))
	var words []string
	for _, s := range spans {
		if b := s.Bounds(); s.Text != "" && b.Intersect(place) > 0.3*b.Area() {
			words = append(words, s.Text)
		}
	}
	return words, nil
}

// likeness is 1 minus the edit distance over the longer length, letters and digits only, case ignored.
func likeness(a, b string) float64 {
	fold := func(s string) []rune {
		var out []rune
		for _, r := range strings.ToLower(s) {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				out = append(out, r)
			}
		}
		return out
	}
	x, y := fold(a), fold(b)
	if len(x) == 0 && len(y) == 0 {
		return 1
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 1 - float64(row[len(y)])/float64(max(len(x), len(y)))
}
