package builtin

import (
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// TestColorWordsAreGenerous looks for signs by a neighbouring word: teal is
// green to most people, and yellow is not.
func TestColorWordsAreGenerous(t *testing.T) {
	board := rect(20, 30, 160, 110)
	for _, c := range []struct {
		paint, phrase string
		found         bool
	}{{"teal", "the green sign", true}, {"teal", "the teal sign", true}, {"yellow", "the green sign", false}, {"teal", "the red sign", false}} {
		img := made(madeW, madeH, colorOf(t, "gray"), painted{board, colorOf(t, c.paint)})
		m, err := findByColor(t.Context(), img, edit.ParsePhrase(c.phrase), cutOptions{smooth: regionSmooth, rounds: 2, color: 0.5}, "test")
		var none *edit.NotFoundError
		switch {
		case !c.found && !errors.As(err, &none):
			t.Errorf("%s of a %s board: %v", c.phrase, c.paint, err)
		case c.found && err != nil:
			t.Errorf("%s of a %s board: %v", c.phrase, c.paint, err)
		case c.found:
			wantIoU(t, m, board.truth(madeW, madeH), 0.95)
		}
	}
}

// TestColorsShowThrough checks that what shows of an object through a veil
// beside it is masked by its share, and that other things beside it are not.
func TestColorsShowThrough(t *testing.T) {
	red, hair, wall := colorOf(t, "red"), colorOf(t, "tan"), colorOf(t, "teal")
	img, mask := pixel.NewImage(400, 300), pixel.NewMask(400, 300)
	for i := range mask.Pix {
		x, y := i%img.W, i/img.W
		c, share := hair, 0.0
		if y >= 150 {
			c = wall
		}
		switch {
		case x < 120:
			share = 1
			mask.Pix[i] = 255
		case x < 123 && y < 150:
			share = 0.5
		}
		for k, v := range [3]uint8{c.R, c.G, c.B} {
			f := [3]uint8{red.R, red.G, red.B}[k]
			img.Pix[4*i+k] = pixel.FromLinear(float32(share)*pixel.ToLinear(f) + float32(1-share)*pixel.ToLinear(v))
		}
		img.Pix[4*i+3] = 255
	}
	out, err := shareColors(t.Context(), img, mask)
	if err != nil {
		t.Fatal(err)
	}
	if v := int(out.At(121, 60)); v < 100 || v > 160 {
		t.Errorf("half of the red shows and is masked by %d of 255", v)
	}
	for _, p := range [][2]int{{125, 60}, {121, 240}, {300, 60}} {
		if v := out.At(p[0], p[1]); v > 8 {
			t.Errorf("nothing red at %v and masked by %d", p, v)
		}
	}
	for i, v := range mask.Pix {
		if out.Pix[i] < v {
			t.Fatalf("the mask sank at %d", i)
		}
	}
}
