package planner

import (
	"fmt"
	"slices"
)

// This file reads clauses that ask for nothing but say what the orders are
// about: "There is an ugly sign on the left. Please remove it."

// remark reports whether a clause states something, and its subject.
func (v *vocabulary) remark(toks []token) (subject []token, is bool) {
	if n := prefixOf(emptyOrders, stripWrappers(toks)); n > 0 && n == len(stripTails(stripWrappers(toks))) {
		return nil, true // "can you do that?"
	}
	if len(toks) < 2 {
		return nil, false
	}
	switch {
	case len(toks) <= 5 && toks[0].in(presenting) && isWhole(trimPreps(toks[1:])):
		return nil, true // "given this picture"
	case stripWrappers(toks)[0].in(suppositions):
		return nil, true
	case toks[0].is("there") && toks[1].in(statives):
		return trimArticles(stripTails(toks[2:])), true
	case toks[0].is("they", "it", "he", "she") && toks[1].kind == wordToken && !toks[1].in(obliging):
		return nil, true
	case toks[0].in(subjects) && (toks[1].in(attitudes) || toks[1].in(statives)):
		return objectNoun(toks[2:]), true
	case toks[0].in(subjects) && len(toks) > 3 && toks[1].in(auxiliaries) && toks[2].in(negations) && toks[3].in(attitudes):
		return objectNoun(toks[4:]), true
	case !opensNoun(toks) && !toks[0].in(articles):
		return nil, false
	}
	for k := 1; k < len(toks); k++ {
		t := toks[k]
		verb := hasSuffix(t.low, "s") && !v.isLabel(t.low) && !v.known[t.form.key] && k+1 < len(toks) && (toks[k+1].in(pronouns) || toks[k+1].in(articles))
		if t.in(statives) && !toks[k-1].is("that", "which", "who", "whose") || verb {
			return trimArticles(toks[:k]), true
		}
		if t.kind != wordToken {
			break
		}
	}
	return nil, false
}

// objectNoun is the noun phrase that the words begin with, without its article.
func objectNoun(toks []token) []token {
	if len(toks) == 0 || !toks[0].in(articles) {
		return nil
	}
	return trimArticles(stripTails(toks))
}

// spokenOf puts what a remark was about in place of the pronoun of an order.
func spokenOf(toks, subject []token) []token {
	i := slices.IndexFunc(toks, func(t token) bool { return t.in(objectPronouns) })
	if len(subject) == 0 || i < 1 || isWhole(subject) || i+1 < len(toks) && toks[i].is("her", "that", "this") && toks[i+1].kind == wordToken && !toks[i+1].in(targetPreps) {
		return toks
	}
	the := newToken("the", "the", subject[0].start, subject[0].start)
	return slices.Concat(toks[:i], []token{the}, subject, toks[i+1:])
}

// remarks takes the clauses that only state something out of a request that
// also asks for something, and lends what they are about to the orders after them.
func (p *parse) remarks(cs []clause) []clause {
	var out []clause
	var left []clause
	var subject []token
	for _, c := range cs {
		if s, is := p.v.remark(c.all); is && !c.keep && !p.asks(c) {
			left = append(left, c)
			if len(s) > 0 && !isWhole(s) && hasNoun(s) {
				subject = s
			}
			continue
		}
		if subject != nil && !c.keep {
			c.toks = spokenOf(c.toks, subject)
			subject = nil
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return cs
	}
	for _, c := range left {
		p.notices = append(p.notices, fmt.Sprintf("%q is read as a remark and asks for nothing", join(p.src, c.all)))
	}
	return out
}

// asks reports whether words of the docs make an order of a clause that could be a statement.
func (p *parse) asks(c clause) bool {
	if slices.ContainsFunc(c.all, func(t token) bool { return t.in(obliging) }) {
		return true
	}
	rs := p.readings(c.toks)
	return len(rs) > 0 && rs[0].complete() && rs[0].match.phrase != nil && rs[0].match.led && rs[0].matched > 0
}

func trimPreps(toks []token) []token {
	for len(toks) > 0 && toks[0].in(placePreps) {
		toks = toks[1:]
	}
	return toks
}
