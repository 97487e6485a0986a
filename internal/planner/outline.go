package planner

import (
	"fmt"
	"slices"

	"pentimento/internal/edit"
)

// This file reads mask algebra: what is to be done to the outline of an edited
// object before the edit, said with it ("with a feathered edge of 5 pixels") or
// as an order of its own ("grow the mask by 8 pixels").

// What an outline is changed by, in pixels, where the request gives no number.
const (
	usualFeather = 8
	usualGrowth  = 5
)

// outline is a change of an outline.
type outline struct {
	grow, feather float64
	object        string   // whose outline, as written; "" where it is not said
	guesses       []string // numbers that were not said
	at            int      // before which of the choices the order stood
	clause        []token
}

// outlineKind is what a word asks to do to an outline.
type outlineKind uint8

const (
	noKind outlineKind = iota
	growing
	shrinking
	feathering
)

func outlineKindOf(t token) outlineKind {
	switch {
	case t.in(growVerbs), t.in(grownWords):
		return growing
	case t.in(shrinkVerbs), t.in(shrunkWords):
		return shrinking
	case t.in(featherVerbs), t.in(softWords), t.in(featherNouns):
		return feathering
	}
	return noKind
}

func isOutlineNoun(t token) bool {
	return t.in(outlineNouns) || t.in(edgeNouns) || t.in(featherNouns)
}

// isOutlineWord reports whether a word is one of mask algebra, which is no slip for another.
func isOutlineWord(w string) bool {
	t := newToken(w, w, 0, 0)
	return outlineKindOf(t) != noKind || isOutlineNoun(t)
}

// opensOutline reports whether the words begin an order about an outline: "grow
// the mask", "feather it by 5 px". Growing needs the noun of an outline, since a
// picture may be grown too; a feather is an outline's alone.
func opensOutline(toks []token) bool {
	_, n := readOutline(toks)
	switch {
	case n == 0:
		return false
	case toks[0].in(featherVerbs), toks[0].in(growVerbs), toks[0].in(shrinkVerbs):
		return true
	}
	return toks[0].in(askedVerbs)
}

// readOutline reads as many of the words as are about an outline, and how many
// they are; 0 when they ask nothing of one.
func readOutline(toks []token) (outline, int) {
	var o outline
	var pending []outlineKind
	var held *quantity // a number before what it counts: "a 5 pixel feather"
	noun, n := false, 0
	degree := 1.0
	flush := func(q *quantity) bool {
		for _, k := range pending {
			if !o.set(k, q, degree) {
				return false
			}
		}
		pending = nil
		return true
	}
	for i := 0; i < len(toks); {
		t := toks[i]
		if q := quantityAt(toks, i); len(q) == 1 && (q[0].unit == unitPixels || q[0].unit == "") {
			i = q[0].to
			switch {
			case len(pending) == 0:
				held = &q[0]
			case !flush(&q[0]):
				return outline{}, 0
			}
			n = i
			continue
		}
		if w, by := degreeAt(toks[i:]); w > 0 {
			degree *= by
			i += w
			continue
		}
		kind := outlineKindOf(t)
		content := kind != noKind || isOutlineNoun(t)
		if !content && !joinsOutline(t) {
			break
		}
		if i++; content {
			n = i
		}
		noun = noun || isOutlineNoun(t) || t.in(featherVerbs) && !t.is("soften") || t.is("feathered")
		if kind != noKind && !slices.Contains(pending, kind) {
			if pending = append(pending, kind); held != nil {
				if !flush(held) {
					return outline{}, 0
				}
				held = nil
			}
		}
	}
	said := o.grow != 0 || o.feather != 0
	if !noun || held != nil && !said || len(pending) == 0 && !said {
		return outline{}, 0
	}
	if flush(nil); o.grow == 0 && o.feather == 0 {
		return outline{}, 0
	}
	return o, n
}

// set takes over one change; without a number it is the usual one. It is false
// where the same was asked for twice.
func (o *outline) set(kind outlineKind, q *quantity, degree float64) bool {
	usual, what := float64(usualGrowth), "how far the outline is to grow or shrink"
	if kind == feathering {
		usual, what = usualFeather, "how soft the edge is to be"
	}
	px := usual * degree
	if q != nil {
		px = q.value
	}
	switch {
	case kind == feathering && o.feather != 0:
		return q == nil // "a feathered soft edge" says it twice
	case kind != feathering && o.grow != 0:
		return false
	}
	if q == nil {
		o.guesses = append(o.guesses, fmt.Sprintf("it is not said %s: %g pixels are taken", what, px))
	}
	switch kind {
	case feathering:
		o.feather = px
	case shrinking:
		o.grow = -px
	default:
		o.grow = px
	}
	return true
}

// joinsOutline are the words that may stand between those about an outline.
func joinsOutline(t token) bool {
	return t.kind == commaToken || t.in(articles) || t.in(conjuncts) || t.in(askedVerbs) || t.in(fillers) || t.in(colorNouns) ||
		t.is("by", "of", "to", "at", "with", "using", "be", "it", "them", "on", "around", "about", possessive)
}

func degreeAt(toks []token) (int, float64) {
	if n := prefixOf(weaker, toks); n > 0 {
		return n, 0.5
	}
	if n := prefixOf(stronger, toks); n > 0 {
		return n, 2
	}
	return 0, 1
}

// outlineOrder reads a clause that is about an outline alone, with the object
// whose outline it is where it names one: "feather the edge of the car by 5 px".
func (p *parse) outlineOrder(c clause) (outline, bool) {
	if !opensOutline(c.toks) {
		return outline{}, false
	}
	o, n := readOutline(c.toks)
	o.clause = c.all
	if n >= len(trimMarks(c.toks)) {
		return o, true
	}
	// The object stands after "of" or "around", or after the verb where that can mean
	// its outline alone ("feather the car"), and perhaps the number after it.
	rest, from := c.toks[n:], 1
	if !rest[0].is("of", "around", "on", "for") {
		if from = 0; n > 1 || !c.toks[0].in(featherVerbs) {
			return outline{}, false
		}
	}
	for end := len(rest); end > from; end-- {
		objects, ok := p.v.objects(p.src, rest[from:end])
		if !ok || len(objects) != 1 {
			continue
		}
		whole := slices.Concat(c.toks[:n], rest[end:])
		if full, k := readOutline(whole); k == len(whole) {
			full.object, full.clause = objects[0], c.all
			return full, true
		}
	}
	return outline{}, false
}

// takeOutline takes "with a soft edge of 5 pixels", "feathered by 5 px" off a clause.
func takeOutline(c *clause) outline {
	for i := 1; i < len(c.toks); i++ {
		t := c.toks[i]
		opens := t.is("with", "using") || t.is("feathered") || t.in(growVerbs) && c.toks[i-1].in(conjuncts)
		if !opens {
			continue
		}
		o, n := readOutline(c.toks[i:])
		if n == 0 {
			continue
		}
		if n == 3 && c.toks[i+2].is("feather") {
			continue // "replace the bow with a feather": a thing
		}
		from := i
		for from > 0 && (c.toks[from-1].in(conjuncts) || c.toks[from-1].kind == commaToken) && i+n == len(c.toks) {
			from--
		}
		c.toks = slices.Concat(c.toks[:from], c.toks[i+n:])
		return o
	}
	return outline{}
}

// outlines gives the orders about outlines to the edits they are about: those of
// the clause before, else of the clause after.
func (p *parse) outlines(orders []outline, choices []choice, drafts []draft) {
	if len(drafts) != len(choices) {
		return // something was not understood, and is told
	}
	for _, o := range orders {
		words := join(p.src, o.clause)
		o.introduce(drafts)
		fits := func(i int) bool {
			return drafts[i].reading.task.canReshape(o) == "" && (o.object == "" || sameObject(drafts[i].Object, o.object))
		}
		first := -1
		for _, i := range outward(o.at, len(drafts)) {
			if fits(i) {
				first = i
				break
			}
		}
		if first < 0 {
			reason := "it says how the outline of an edit is to be, and there is no such edit"
			if len(drafts) > 0 {
				if why := drafts[min(max(o.at-1, 0), len(drafts)-1)].reading.task.canReshape(o); why != "" {
					reason = why
				}
			}
			p.errs = append(p.errs, &NotUnderstoodError{Clause: words, Words: lows(o.clause), Reason: reason})
			continue
		}
		clause := drafts[first].Clause
		looks := drafts[first].reading.task.readOnly
		for i := range drafts {
			same := drafts[i].Clause == clause
			if looks && i > first && drafts[i].reading.pronoun { // "select the car, feather the edge and make it red"
				same = true
			}
			if same && drafts[i].reading.task.canReshape(o) == "" && (i >= o.at || first < o.at) {
				o.apply(&drafts[i].Subtask)
			}
		}
		p.notices = append(p.notices, o.guesses...)
	}
}

// introduce makes what the order names the object of the edit after it that says
// only "it": "grow the mask of the dog by 5 pixels and make it brown".
func (o *outline) introduce(drafts []draft) {
	if o.object == "" || o.at >= len(drafts) || slices.ContainsFunc(drafts, func(d draft) bool { return sameObject(d.Object, o.object) }) {
		return
	}
	if d := &drafts[o.at]; d.Object == "" && d.reading.pronoun {
		d.Object, d.reading.pronoun = o.object, false
	}
}

// outward lists the indexes below at, nearest first, then those from at on.
func outward(at, n int) []int {
	var out []int
	for i := at - 1; i >= 0; i-- {
		out = append(out, i)
	}
	for i := at; i < n; i++ {
		out = append(out, i)
	}
	return out
}

func (o *outline) apply(s *edit.Subtask) {
	if o.grow != 0 {
		s.Grow = o.grow
	}
	if o.feather != 0 {
		s.Feather = o.feather
	}
}

// canReshape reports why a task has no outline that could be changed so.
func (t *task) canReshape(o outline) string {
	switch {
	case o.grow == 0 && o.feather == 0:
		return ""
	case t.readOnly && !t.outlines:
		return fmt.Sprintf("%s only looks at the picture and has no outline to grow, shrink or feather", t.name)
	case !t.readOnly && (!t.still || !t.located && !t.takesObject):
		return fmt.Sprintf("%s works on the whole picture and has no outline to grow, shrink or feather", t.name)
	case t.destroys && o.feather != 0:
		return fmt.Sprintf("%s blends what it fills into what is around it and takes no feathered edge", t.name)
	}
	return ""
}
