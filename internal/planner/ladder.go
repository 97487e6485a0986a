package planner

import (
	"slices"
	"strings"
)

// This file is what happens to a clause that does not fit as it stands: it is
// read again in other words, each way a construction of English (construct.go),
// and the first way that leaves nothing unexplained is taken.

// maxWays bounds the other ways in which one clause is read.
const maxWays = 48

// maxDepth bounds how many constructions may stand in one another, maxTries the readings of one request.
const (
	maxDepth = 4
	maxTries = 120
)

// mark is how far notices and errors have come, to go back to.
type mark struct{ notices, errs int }

func (p *parse) mark() mark { return mark{len(p.notices), len(p.errs)} }

func (p *parse) back(m mark) {
	p.notices, p.errs = p.notices[:m.notices], p.errs[:m.errs]
}

// understand reads a clause, in other words where it does not fit as it stands.
func (p *parse) understand(c clause, before []choice) []choice {
	return p.reworded(c, before, maxDepth)
}

// reworded is understand with at most so many constructions one in another.
func (p *parse) reworded(c clause, before []choice, depth int) []choice {
	m := p.mark()
	if moved, ok := p.relocated(c, before); ok {
		if cs := p.clause(moved, before); p.fits(cs, m) {
			p.skipped = append(p.skipped, c.toks...)
			return cs
		}
		p.back(m)
	}
	for _, w := range p.asIf(c) {
		if cs := p.clause(w.clauses[0], before); p.fits(cs, m) {
			return cs
		}
		p.back(m)
	}
	cs := p.clause(c, before)
	if depth == 0 || p.fits(cs, m) || p.raisable(c) {
		return cs
	}
	notices, errs := slices.Clone(p.notices[m.notices:]), slices.Clone(p.errs[m.errs:])
	for n, way := range p.ways(c) {
		if p.tries++; n == maxWays || p.tries > maxTries {
			break
		}
		p.back(m)
		if out := p.way(way, before, depth-1); len(out) > 0 && p.fits(out, m) && !slices.ContainsFunc(out, func(c choice) bool { return c.taken().guessed }) {
			p.notices = append(p.notices, way.notice...)
			p.skipped = append(p.skipped, way.skipped...)
			return out
		}
	}
	p.back(m)
	p.notices, p.errs = append(p.notices, notices...), append(p.errs, errs...)
	return cs
}

// preamble reports whether a clause that is not understood only leads up to the
// orders after it: it names nothing but the picture, or nothing to do.
func (p *parse) preamble(c clause) bool {
	toks := c.spoken()
	if len(toks) == 0 || len(toks) > 8 || p.denies(toks) || !toks[0].in(presenting) && !toks[0].in(lightVerbs) && p.v.imperative(toks) {
		return false
	}
	whole, asked := false, false
	for i, t := range toks {
		if t.kind == quoteToken || t.kind == wordToken && (isNumeric(t.low) || isColorWord(t.low)) {
			return false
		}
		if toks[0].in(lightVerbs) && !toks[0].in(presenting) && i > 0 && t.kind == wordToken && (p.v.asking[t.form.one] || synonyms.times[t.form.one] || synonyms.places[t.form.one]) && !isGrammar(t.low) && !t.in(wholeNouns) {
			return false // "render the image at a bigger resolution"
		}
		if t.in(wholeNouns) {
			whole = true
		} else if i > 0 && t.kind == wordToken && p.v.isLabel(t.low) {
			asked = true
		}
	}
	question := strings.HasPrefix(c.behind(p.src), "?")
	fragment := question && !p.v.startsOrder(toks, true) && !toks[0].in(questionWords) && !toks[0].in(lightVerbs)
	return whole && !asked || fragment
}

// way reads the clauses of one way, each with what those before it said.
func (p *parse) way(w way, before []choice, depth int) []choice {
	out := w.read
	for _, c := range w.clauses {
		if len(c.toks) == 0 || c.keep {
			return nil
		}
		out = append(out, p.reworded(c, slices.Concat(before, out), depth)...)
	}
	return out
}

// fits reports whether everything was understood since the mark.
func (p *parse) fits(cs []choice, m mark) bool {
	return len(p.errs) == m.errs && !slices.ContainsFunc(cs, func(c choice) bool { return c.taken() == nil })
}

// raisable reports whether a clause is a verb alone, which may share the object of the next.
func (p *parse) raisable(c clause) bool {
	return len(c.toks) > 0 && p.v.verbLength(c.toks) >= len(c.toks) && len(p.v.matches(c.toks)) > 0
}
