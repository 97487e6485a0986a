package builtin

import (
	"image"

	"pentimento/internal/pixel"
)

// A detector's box is tight: it touches its object on all four sides (Lempitsky
// et al., "Image segmentation with a bounding box prior", 2009). Where a cut
// stops short of a side, parts are missing: shoes as grey as the street, a
// light collar before a light wall. What lies beside the box in the same rows
// tells them apart better than the colours of the whole surroundings: street is
// compared with street, wall with wall.

const (
	// shortBy is the share of a box's side by which a cut may miss a border of the box.
	shortBy = 0.03
	// rowBand is the share of the frame's height over which a row's colours are gathered.
	rowBand = 0.004
	// leastBeside is the number of pixels beside the box below which a row says nothing.
	leastBeside = 40
	// farOff is the squared Mahalanobis distance from which a colour is not that row's background.
	farOff = 14
	// mostReached is the share of the object's area above which what would be added is no missing part.
	mostReached = 0.2
	// reachedPrior is what speaks for an added pixel at the finer scales, in nats.
	reachedPrior = 4
)

// keen weighs a colour's axes for the comparison with plain backgrounds such as
// walls: their lightness varies, their tint hardly does.
func keen(f feature) feature { return feature{f[0] / 2, 2 * f[1], 2 * f[2]} }

// rowColors is the Gaussian of the colours beside a box in some rows, of n pixels.
type rowColors struct {
	gaussian
	n float64
}

// unlike reports whether a colour is none of the row's.
func (r *rowColors) unlike(f feature) bool {
	return r.n >= leastBeside && 2*(r.logScale-r.log(keen(f))) > farOff
}

// beside gathers, for every row, the colours of the surely outside pixels
// beside the box in the rows around it.
func (fr *frame) beside(ev *evidence, box image.Rectangle) []rowColors {
	band := int(rowBand*float64(fr.h)) + 1
	sums := make([]moments, fr.h)
	for y := range fr.h {
		for x := range fr.w {
			i := y*fr.w + x
			if x >= box.Min.X && x < box.Max.X || ev.fixed[i] != surelyOut || ev.ignore[i] {
				continue
			}
			f := keen(fr.f[i])
			for k := max(y-band, 0); k <= min(y+band, fr.h-1); k++ {
				sums[k].add(f, 1)
			}
		}
	}
	rows := make([]rowColors, fr.h)
	for y := range rows {
		if rows[y].n = sums[y].n; rows[y].n >= leastBeside {
			rows[y].gaussian = sums[y].gaussian(1)
		}
	}
	return rows
}

// reachOut adds what is missing of the object between the labelling and the
// sides of its box: pieces unlike what is beside the box in their rows, next to
// the labelling, that close a good part of the gap.
func reachOut(fr *frame, ev *evidence, label []float32) {
	for _, box := range ev.tight {
		gaps := shortfall(fr, label, box)
		if !gaps.short {
			continue
		}
		wide := box.Inset(-max(1, int(growWithLayer*float64(box.Dx())))).Intersect(image.Rect(0, 0, fr.w, fr.h))
		rows := fr.beside(ev, wide)
		odd := pixel.NewMask(fr.w, fr.h)
		inside := 0
		each(fr, wide, func(i int) {
			if label[i] >= 0.5 {
				inside++
				return
			}
			if ev.fixed[i] == unknown && !image.Pt(i%fr.w, i/fr.w).In(gaps.rest) && rows[i/fr.w].unlike(fr.f[i]) {
				odd.Pix[i] = 255
			}
		})
		fr.addPieces(ev, label, odd, gaps, int(mostReached*float64(inside)))
	}
}

// sides are the borders of a box that a labelling does not reach.
type sides struct {
	short bool
	// rest is the part of the frame where nothing is missing: what lies beyond
	// the labelling on a short side, and a little of what it spans, is outside.
	rest image.Rectangle
	// goal is what a piece has to leave to close half of a gap.
	goal image.Rectangle
}

// shortfall compares the rectangle that a labelling spans with the box it
// should fill. A side that is short by less than shortBy counts as reached.
func shortfall(fr *frame, label []float32, box image.Rectangle) sides {
	spans := image.Rectangle{Min: box.Max, Max: box.Min}
	each(fr, box, func(i int) {
		if label[i] >= 0.5 {
			x, y := i%fr.w, i/fr.w
			spans.Min.X, spans.Max.X = min(spans.Min.X, x), max(spans.Max.X, x+1)
			spans.Min.Y, spans.Max.Y = min(spans.Min.Y, y), max(spans.Max.Y, y+1)
		}
	})
	const never = 1 << 30
	all := image.Rectangle{Min: image.Pt(-never, -never), Max: image.Pt(never, never)}
	s := sides{rest: all, goal: all}
	if spans.Empty() {
		return s
	}
	aim := func(rest, goal *int, at, border, size int) {
		slack := shortBy * float64(size)
		switch gap := border - at; {
		case float64(gap) > slack: // right or bottom
			*rest, *goal, s.short = at-int(slack)-1, (at+border)/2, true
		case float64(-gap) > slack:
			*rest, *goal, s.short = at+int(slack)+1, (at+border)/2, true
		}
	}
	aim(&s.rest.Min.X, &s.goal.Min.X, spans.Min.X, box.Min.X, box.Dx())
	aim(&s.rest.Max.X, &s.goal.Max.X, spans.Max.X, box.Max.X, box.Dx())
	aim(&s.rest.Min.Y, &s.goal.Min.Y, spans.Min.Y, box.Min.Y, box.Dy())
	aim(&s.rest.Max.Y, &s.goal.Max.Y, spans.Max.Y, box.Max.Y, box.Dy())
	return s
}

// addPieces adds the components of odd that reach a goal, lie next to the
// labelling and have at most `most` pixels.
func (fr *frame) addPieces(ev *evidence, label []float32, odd *pixel.Mask, s sides, most int) {
	const apart = 2 // pixels between a piece and the labelling, for a border is blurred
	found := pixel.Label(odd, pixel.Half, true)
	near := pixel.BoxBlur(&pixel.Plane{W: fr.w, H: fr.h, V: label}, apart)
	touches := make([]bool, len(found.Components))
	for i, id := range found.Of {
		if id > 0 && near.V[i] > 0 {
			touches[id-1] = true
		}
	}
	for i, id := range found.Of {
		if id == 0 || !touches[id-1] {
			continue
		}
		if c := found.Components[id-1]; c.Area <= most && !c.Box.In(s.goal) {
			label[i] = 1
			ev.prior[i] += reachedPrior
		}
	}
}
