package planner

import (
	"fmt"
	"slices"
	"strings"
)

// This file reads clauses that ask for nothing but say what the orders are
// about: "There is an ugly sign on the left. Please remove it."

// remark reports whether a clause states something, and its subject.
func (v *vocabulary) remark(toks []token) (subject []token, is bool) {
	if n := prefixOf(emptyOrders, stripWrappers(toks)); n > 0 && n == len(stripTails(stripWrappers(toks))) {
		return nil, true // "can you do that?"
	}
	if len(toks) < 2 || kindWish(toks) > 0 {
		return nil, false
	}
	switch {
	case len(toks) <= 5 && toks[0].in(presenting) && isWhole(trimPreps(toks[1:])):
		return nil, true // "given this picture"
	case stripWrappers(toks)[0].in(suppositions):
		return nil, true
	case toks[0].is("there") && toks[1].in(statives):
		rest := stripTails(toks[2:])
		for len(rest) > 1 && rest[0].is("too", "so", "way", "far", "many", "several", "quite") {
			rest = rest[1:]
		}
		return trimArticles(rest), true
	case toks[0].is("they", "it", "he", "she") && toks[1].kind == wordToken && !toks[1].in(obliging):
		return nil, true
	case toks[0].in(subjects) && (toks[1].in(attitudes) || toks[1].in(statives)) && !slices.ContainsFunc(toks, modal):
		return objectNoun(toks[2:]), true
	case toks[0].in(subjects) && len(toks) > 3 && (toks[1].in(auxiliaries) || toks[1].is("do", "does", "did")) && toks[2].in(negations) && toks[3].in(attitudes):
		return objectNoun(toks[4:]), true
	case !opensNoun(toks) && !toks[0].in(articles):
		return nil, false
	}
	for k := 1; k < len(toks); k++ {
		t := toks[k]
		verb := hasSuffix(t.low, "s") && !v.isLabel(t.low) && !v.known[t.form.key] && k+1 < len(toks) && (toks[k+1].in(pronouns) || toks[k+1].in(articles))
		if t.in(statives) && (k+1 == len(toks) || !toks[k+1].is("to")) && !toks[k-1].is("that", "which", "who", "whose") || verb {
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

// wanted is the new thing that a clause ends in, with its article: "I would love to have a
// fountain here", where the order after it is to "add one".
func wanted(c, order clause) []token {
	n := len(order.toks)
	if n < 2 || c.keep || !slices.ContainsFunc(order.toks[1:min(n, 5)], func(t token) bool { return t.is(anaphor) }) || slices.ContainsFunc(order.toks[:min(n, 3)], func(t token) bool { return t.in(articles) }) {
		return nil
	}
	at := slices.IndexFunc(c.all, func(t token) bool { return t.is("a", "an") })
	if at < 0 || at+1 == len(c.all) || !slices.ContainsFunc(c.all[:at], func(t token) bool { return modal(t) || t.in(attitudes) || t.in(wishing) }) {
		return nil
	}
	thing := stripTails(c.all[at:])
	if k := slices.IndexFunc(thing, func(t token) bool { return t.in(placePreps) && !t.is("of") }); k > 1 && n > 2 {
		return thing[:k] // "wants a dragon in this one, so add one on the castle"
	}
	return thing
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
	for i, c := range cs {
		if i > 0 && i+1 < len(cs) && prefixOf(granted, c.all) == len(c.all) {
			p.notices = append(p.notices, fmt.Sprintf("%q is not weighed: what follows is done in any case", join(p.src, c.all)))
			continue
		}
		if i+1 < len(cs) {
			if thing := wanted(c, cs[i+1]); thing != nil {
				next := &cs[i+1]
				at := slices.IndexFunc(next.toks, func(t token) bool { return t.is(anaphor) })
				next.toks = slices.Concat(next.toks[:at], thing, next.toks[at+1:])
				left = append(left, c)
				continue
			}
		}
		if i+1 < len(cs) && p.leadsUp(c) {
			left = append(left, c)
			continue
		}
		s, is := p.v.remark(c.all)
		if c.stated {
			is = true
			if s == nil {
				s = p.v.subject(c.all)
			}
		}
		if said := standsThere(c.all); said != nil && i+1 < len(cs) && (c.all[len(c.all)-1].kind != quoteToken || !p.asks(c)) {
			if next, ok := saysInstead(cs[i+1], *said); ok {
				cs[i+1] = next
				if i+2 < len(cs) && mends(cs[i+2]) {
					cs = slices.Delete(slices.Clone(cs), i+2, i+3)
				}
				left = append(left, c)
				continue
			}
			if next, ok := p.asksOfIt(c, cs[i+1], *said); ok {
				cs[i+1] = next
				left = append(left, c)
				continue
			}
		}
		if asked := askedBefore(c, left); asked != nil {
			c.toks = asked
			out, left = append(out, c), left[:len(left)-1]
			continue
		}
		if said, ok := written(c.all); ok && i+1 < len(cs) {
			if next, ok := p.asksOfIt(clause{all: said}, cs[i+1], said[len(said)-1]); ok {
				cs[i+1] = next
				left = append(left, c)
				continue
			}
		}
		if k := slices.IndexFunc(c.toks, func(t token) bool { return t.is(anaphor) }); k == 1 && c.toks[0].is("which") && len(left) > 0 && len(c.toks) == 4 {
			if noun := shownNoun(left[len(left)-1].all); noun != nil {
				c.toks = slices.Concat(c.toks[:1], noun, c.toks[2:]) // "which one is it"
			}
		}
		if i > 0 && s != nil && p.sameWish(cs[i-1], c) {
			is = false
		}
		if len(c.all) < 6 && c.all[0].in(questionWords) && i+1 < len(cs) && len(c.toks) > 1 && p.v.things[c.toks[len(c.toks)-1].form.one] {
			is = true // "which objects are there?"
		}
		if i+1 < len(cs) && hopesFor(c.all) {
			is, c.surely = true, true
		}
		if noun, header := p.header(c, i == 0); header && i+1 < len(cs) {
			s, is, c.surely = noun, true, true
		}
		if is && !c.keep && (c.surely || !p.asks(c)) {
			left = append(left, c)
			if len(s) > 0 && !isWhole(s) && !picture(s) && hasNoun(s) {
				subject = s
			}
			continue
		}
		if fixed, ok := p.fixes(c, left); ok {
			out = append(out, fixed)
			left = left[:len(left)-1]
			continue
		}
		if subject != nil && !c.keep {
			if rs := p.readings(c.toks); len(rs) == 0 || !rs[0].complete() || rs[0].task.takesObject {
				c.toks = p.v.activeVoice(spokenOf(c.toks, subject))
			}
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

// leadsUp reports whether a clause only says what somebody wants to do with the
// picture: "I would like to print this, so please sharpen it".
func (p *parse) leadsUp(c clause) bool {
	if c.keep || hasQuote(c.all) || !c.all[0].is("i", "we") && !c.all[0].in(owners) || !strings.HasPrefix(strings.TrimLeft(c.behind(p.src), ", "), "so ") {
		return false
	}
	rest := stripWrappers(c.all)
	if len(rest) < 2 || len(rest) == len(c.all) || !rest[1].in(objectPronouns) && !rest[1].in(wholeNouns) && (len(rest) < 3 || !isWhole(rest[1:3])) || rest[1].in(objectPronouns) && len(rest) > 2 && !rest[2].in(placePreps) && !rest[2].in(targetPreps) && !picture(rest[1:3]) && !isWhole(rest[1:3]) {
		return false
	}
	rs := p.readings(c.toks)
	return len(rs) == 0 || !rs[0].complete() || rs[0].guessed
}

// sameWish reports whether two clauses are parts of one wish: "it would be nice if the car was red and the bus were blue".
func (p *parse) sameWish(a, b clause) bool {
	if !slices.ContainsFunc(a.all, func(t token) bool { return t.is("if", "wish", "that", "sure", "certain") }) {
		return false
	}
	return !strings.ContainsAny(p.src[a.all[len(a.all)-1].end:max(b.all[0].start, a.all[len(a.all)-1].end)], ".;!?\n")
}

// mends is "so fix that": what is wrong was said before.
func mends(c clause) bool {
	toks := c.spoken()
	for len(toks) > 0 && (toks[0].in(conjuncts) || toks[0].is("so")) {
		toks = toks[1:]
	}
	return len(toks) > 1 && len(toks) < 4 && synonyms.mending[toks[0].low] && toks[1].in(objectPronouns)
}

// header reports whether a colon follows a clause that is no order, and the noun in it.
func (p *parse) header(c clause, first bool) (noun []token, is bool) {
	after := c.behind(p.src)
	topic := c.all[0].in(topics) || c.all[0].is("for", "with", "in", "on", "regarding", "from")
	topical := topic && strings.HasPrefix(after, ",")
	if !strings.HasPrefix(after, ":") && !topical || hasQuote(c.all) {
		return nil, false
	}
	if rs := p.readings(c.toks); len(rs) > 0 && rs[0].complete() && (!first || topical || !rs[0].pronoun && !repeatsNoun(rs[0].object)) {
		return nil, false // "let us clean this one up a bit:" leads up to orders
	}
	for i, t := range c.all {
		if i == 0 && topic || t.in(presenting) || t.is("as", "for") {
			continue
		}
		if t.in(articles) {
			return trimArticles(c.all[i:]), true
		}
		break
	}
	return nil, true
}

// standsThere is the quotation of "the poster reads 'Jazz Night'".
func standsThere(toks []token) *token {
	n := len(toks)
	if n > 3 && toks[n-1].kind == wordToken && !modal(toks[n-1]) {
		if k := slices.IndexFunc(toks, func(t token) bool { return t.kind == quoteToken }); k > 0 && n-k < 6 && toks[k+1].is("is", "was", "seems") {
			return &toks[k] // "the label 'M' is wrong"
		}
	}
	if n < 3 || toks[n-1].kind != quoteToken || toks[0].in(questionWords) || slices.ContainsFunc(toks[:n-1], func(t token) bool { return t.kind == quoteToken || t.in(obliging) || t.in(askedVerbs) }) {
		return nil
	}
	if says := slices.ContainsFunc(toks[1:n-1], func(t token) bool { return t.in(saysWords) }); !says {
		return nil
	}
	return &toks[n-1]
}

// asksOfIt reads "check that it fits" after "our caption reads 'A'" as an order about that caption.
func (p *parse) asksOfIt(remark, c clause, said token) (clause, bool) {
	at := slices.IndexFunc(remark.all, func(t token) bool { return t.in(saysWords) || t.in(statives) })
	if at < 1 || at > 4 || c.keep {
		return c, false
	}
	it := slices.IndexFunc(c.toks, func(t token) bool { return t.is("it") })
	if it < 0 {
		return c, false
	}
	toks := slices.Concat(c.toks[:it], say(said, "the"), trimArticles(remark.all[:at]), []token{said}, c.toks[it+1:])
	rs := p.readings(toks)
	if len(rs) == 0 || !rs[0].complete() || !rs[0].task.readOnly {
		return c, false
	}
	c.toks = toks
	return c, true
}

// saysInstead makes "change 'A' to 'B'" of "it should say 'B'" after "the sign says 'A'".
func saysInstead(c clause, said token) (clause, bool) {
	at := slices.IndexFunc(c.all, func(t token) bool { return t.kind == quoteToken })
	if at < 1 || at != len(c.all)-1 && slices.ContainsFunc(c.all[at+1:], func(t token) bool { return t.kind == quoteToken }) {
		return c, false
	}
	if !c.all[0].in(obliging) && !slices.ContainsFunc(c.all[:at], func(t token) bool { return t.in(objectPronouns) }) {
		return c, false
	}
	c.toks = slices.Concat(say(c.all[0], "change"), []token{said}, say(c.all[0], "to"), c.all[at:at+1])
	c.keep = false
	return c, true
}

// fixes reads "fix that" after "the photo is out of focus" as an order about what the remark says.
func (p *parse) fixes(c clause, left []clause) (clause, bool) {
	toks := c.spoken()
	if len(left) == 0 || len(toks) > 5 || len(toks) == 0 || len(toks) > 1 && !toks[len(toks)-1].in(objectPronouns) {
		return c, false
	}
	if rs := p.readings(c.toks); len(rs) > 0 && rs[0].complete() && rs[0].matched > 0 {
		return c, false
	}
	return p.troubled(c, left[len(left)-1])
}

// troubled reads a remark as an order to mend what it tells of.
func (p *parse) troubled(c, remark clause) (clause, bool) {
	at := slices.IndexFunc(remark.all, func(t token) bool { return t.in(statives) })
	if at < 1 || at+1 >= len(remark.all) {
		return c, false
	}
	subject, trouble := trimArticles(remark.all[:at]), stripTails(remark.all[at+1:])
	if picture(remark.all[:at]) || at == 1 && remark.all[0].is("it", "this", "that") {
		subject = say(remark.all[0], "picture")
	}
	for len(trouble) > 1 && (hasSuffix(trouble[0].low, "ly") || trouble[0].in(fillers) || trouble[0].in(articles) || max(prefixOf(weaker, trouble), prefixOf(stronger, trouble)) > 0) {
		trouble = trouble[max(1, prefixOf(weaker, trouble), prefixOf(stronger, trouble)):]
	}
	toks := slices.Concat(say(remark.all[0], "fix", "the"), trouble, subject)
	if rs := p.readings(toks); len(rs) > 0 && rs[0].complete() && rs[0].match.phrase != nil {
		c.toks = toks
		return c, true
	}
	return c, false
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

// subject is what a statement is about: its subject, or what somebody did something to.
func (v *vocabulary) subject(toks []token) []token {
	toks = trimGreetings(toks)
	if len(toks) > 2 && toks[0].is("this") && toks[1].in(statives) {
		return nil // "this is for my aunt": the picture is
	}
	at, _ := v.finiteVerb(toks)
	if at < 1 || prefixOf(smallTalk, toks) > 0 {
		return nil
	}
	if rest := toks[at+1:]; len(rest) > 1 && rest[0].is("this", "these", "that", "those") && toks[0].in(articles) && hasNoun(rest[1:]) && !picture(rest) {
		return trimArticles(stripTails(rest)) // "my sister knitted this jumper"
	}
	if !toks[0].in(nominatives) && !synonyms.subjects[toks[0].low] || at > 1 && toks[0].in(articles) {
		return trimArticles(toks[:at])
	}
	rest := stripTails(toks[at+1:])
	thing := slices.IndexFunc(rest, func(t token) bool { return t.in(articles) || t.in(placePreps) })
	if denied := slices.ContainsFunc(rest, func(t token) bool { return t.in(negations) }); denied && thing >= 0 && rest[thing].is("a", "an") {
		thing = slices.IndexFunc(rest, func(t token) bool { return t.in(articles) && !t.is("a", "an") }) // "not a fan of the sofa"
	}
	if thing < 0 || !rest[thing].in(articles) {
		return nil
	}
	return trimArticles(rest[thing:])
}

// shownNoun is the noun that a remark points at: "we rode past this (cathedral)".
func shownNoun(toks []token) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("this") })
	if at < 0 {
		return nil
	}
	if noun := nounRun(toks[at+1:]); len(noun) == 1 {
		return noun
	}
	return nil
}
