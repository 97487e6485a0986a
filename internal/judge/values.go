package judge

import (
	"fmt"
	"math"
	"unicode"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Place checks a mask that covers places rather than outlines a thing: a hole to
// fill, lines of text. Its measures:
//
//	area    share of the picture; none and nearly all are failures
//	covers  share of what it was made from that it covers
//	beyond  area outside that, grown by a third, over the mask's
func Place(mask, from *pixel.Mask, spans edit.Spans) Verdict {
	t := newTally("place")
	area := float64(mask.Count(1))
	t.note("area", area/float64(len(mask.Pix)))
	if area == 0 {
		t.fail("the mask is empty")
		return t.verdict("")
	}
	if from == nil && len(spans) > 0 {
		from = pixel.NewMask(mask.W, mask.H)
		for _, s := range spans {
			fillBox(from, s.Bounds(), 0.15)
		}
	}
	if from == nil || from.Empty() || from.W != mask.W || from.H != mask.H {
		t.skip("what the mask was made from")
		t.add("area", area/float64(len(mask.Pix)), 0.9, 1, "the mask covers the whole picture")
		return t.verdict("the mask covers a part of the picture")
	}
	var want, both, beyond float64
	for i, m := range mask.Pix {
		switch {
		case from.Pix[i] >= pixel.Half && m > 0:
			want, both = want+1, both+1
		case from.Pix[i] >= pixel.Half:
			want++
		case m > 0:
			beyond++
		}
	}
	if len(spans) > 0 {
		// A reader finds more lines than the words that were meant.
		t.add("inside", both/area, 0.8, 0.3, "the mask lies beside the words")
		return t.verdict("the mask lies on the words")
	}
	t.add("covers", both/max(want, 1), 0.95, 0.6, "the mask covers only %s of what it was made from")
	t.add("beyond", beyond/max(want, 1), 1.5, 8, "the mask is much larger than what it was made from")
	return t.verdict("the mask covers what it was made from")
}

// fillBox sets the mask in a box grown by a share of its sides.
func fillBox(m *pixel.Mask, b edit.Box, grow float64) {
	b = edit.Box{X0: b.X0 - grow*b.W(), Y0: b.Y0 - grow*b.H(), X1: b.X1 + grow*b.W(), Y1: b.Y1 + grow*b.H()}.Clip(m.W, m.H)
	for y := int(b.Y0); y < int(math.Ceil(b.Y1)); y++ {
		row := m.Pix[y*m.W : (y+1)*m.W]
		for x := int(b.X0); x < int(math.Ceil(b.X1)); x++ {
			row[x] = 255
		}
	}
}

// DepthMap checks a depth map: finite, with a range, and with its steps where the
// picture has edges. Its measures:
//
//	range  spread between the 5th and the 95th percentile over the greatest value
//	edges  mean picture gradient where depth steps, over the mean everywhere
func DepthMap(img *pixel.Image, d *pixel.Depth) Verdict {
	t := newTally("depth")
	if img != nil && (d.W != img.W || d.H != img.H) || len(d.V) == 0 {
		t.fail("the depth map is not of the picture's size")
		return t.verdict("")
	}
	var sample []float64
	for i, v := range d.V {
		if bad(float64(v)) {
			t.fail("the depth map holds values that are not numbers")
			return t.verdict("")
		}
		if i%17 == 0 {
			sample = append(sample, float64(v))
		}
	}
	hi, lo := quantile(sample, 0.95), quantile(sample, 0.05)
	top := max(math.Abs(quantile(sample, 0.999)), math.Abs(lo), 1e-9)
	t.add("range", (hi-lo)/top, 0.2, 0.01, "the depth map is flat")
	if img == nil {
		return t.verdict("the depth map has a range")
	}
	w, h := pixel.FitWithin(d.W, d.H, 640, 640)
	depth := gradient(pixel.ResizePlane(d.Plane(), w, h, pixel.Area))
	light := gradient(pixel.GaussianBlur(luminance(pixel.Resize(img, w, h, pixel.Box)), 1))
	var steps []float64
	for _, v := range depth.V {
		steps = append(steps, float64(v))
	}
	least := float32(quantile(steps, 0.95))
	var at, all mean
	for i, v := range depth.V {
		all.add(float64(light.V[i]))
		if v >= least && v > 0 {
			at.add(float64(light.V[i]))
		}
	}
	t.add("edges", ratio(at.value(), all.value(), 1e-4), 1.6, 0.9, "depth does not step where the picture has edges")
	return t.verdict("depth has a range and steps at the picture's edges")
}

func bad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// TextSpans checks places of text: there are some, inside the picture, of the shape of
// lines, and where they were read, read with certainty. Measures: sanity, score, legible.
func TextSpans(w, h int, spans edit.Spans) Verdict {
	t := newTally("spans")
	if len(spans) == 0 {
		return t.verdict("no text was found") // an answer like any other
	}
	var sane, score, legible mean
	for _, s := range spans {
		b := s.Bounds()
		if bad(b.X0 + b.X1 + b.Y0 + b.Y1 + s.Score) {
			t.fail("a place of text is not a number")
			return t.verdict("")
		}
		inside := 0.0
		if a := b.Area(); a > 0 {
			inside = b.Clip(w, h).Area() / a * min(1, min(b.W(), b.H())/4)
		}
		sane.add(inside)
		if s.Score > 0 {
			score.add(s.Score)
		}
		if s.Text != "" {
			legible.add(printable(s.Text))
		}
	}
	t.add("sanity", sane.value(), 0.9, 0.4, "a place of text is not plausible")
	if score.n > 0 {
		t.add("score", score.value(), 0.75, 0.3, "the text was found with little certainty")
	}
	if legible.n > 0 {
		t.add("legible", legible.value(), 0.85, 0.4, "what was read is mostly not letters")
	}
	return t.verdict(fmt.Sprintf("%d places of text", len(spans)))
}

// printable is the share of letters, digits, spaces and common marks.
func printable(s string) float64 {
	var m mean
	for _, r := range s {
		m.add(indicator(r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) || r < 127 && unicode.IsPunct(r))))
	}
	return m.value()
}

// Words checks a text that was read or a label that was given.
func Words(s edit.Text) Verdict {
	t := newTally("words")
	if s == "" {
		t.fail("there are no words")
		return t.verdict("")
	}
	t.add("legible", printable(string(s)), 0.85, 0.4, "what was read is mostly not letters")
	return t.verdict("words were read")
}

// Value checks that a number is one.
func Value(n edit.Number) Verdict {
	t := newTally("number")
	t.note("value", float64(n))
	if bad(float64(n)) {
		t.fail("the answer is not a number")
	} else {
		t.skip("whether the number is right")
	}
	return t.verdict("the answer is a number")
}

// ClassMap checks a map of classes: of the picture's size, with something in it, and
// layers that do not all claim the same pixels. Measures: covered, twice.
func ClassMap(w, h int, c *pixel.Classes) Verdict {
	t := newTally("classes")
	if c.W != w || c.H != h || len(c.Layers) == 0 {
		t.fail("the class map is empty or not of the picture's size")
		return t.verdict("")
	}
	var covered, twice mean
	for i := 0; i < w*h; i += 7 {
		n := 0
		for _, l := range c.Layers {
			if l.Mask.Pix[i] >= pixel.Half {
				n++
			}
		}
		covered.add(indicator(n > 0))
		twice.add(indicator(n > 1))
	}
	t.add("covered", covered.value(), 0.01, 0, "the class map shows nothing")
	t.add("twice", twice.value(), 0.1, 0.6, "the classes overlap")
	return t.verdict("the class map shows something")
}

// Clicks checks that points lie in the picture.
func Clicks(w, h int, points edit.Points) Verdict {
	t := newTally("points")
	var in mean
	for _, p := range points {
		in.add(indicator(p.X >= 0 && p.Y >= 0 && p.X < float64(w) && p.Y < float64(h)))
	}
	if len(points) == 0 {
		t.fail("there are no points")
		return t.verdict("")
	}
	t.add("inside", in.value(), 0.99, 0.5, "points lie outside the picture")
	return t.verdict("the points lie in the picture")
}
