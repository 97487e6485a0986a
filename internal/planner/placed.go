package planner

import (
	"slices"
	"unicode/utf8"

	"pentimento/internal/edit"
)

// This file reads orders by what they end in, whatever their verb: a colour, a
// quotation in place of another, a place to be in.

// painted reads a verb that nobody knows before a thing and "to" a colour: "bring the tie to green".
func (p *parse) painted(c clause) []way {
	toks := c.spoken()
	if len(toks) < 4 || toks[0].kind != wordToken || isGrammar(toks[0].low) || !opensNoun(toks[1:]) && !toks[1].in(objectPronouns) || hasQuote(toks) || len(p.v.phraseOf(toks[0])) > 0 || slices.ContainsFunc(toks, func(t token) bool { return t.in(conjuncts) || t.kind == commaToken }) {
		return nil
	}
	for i := 2; i+1 < len(toks); i++ {
		if paint, ok := paintAt(p.src, toks, i+1); ok && i+1+paint.n == len(toks) && toks[i].is("to", "into", "in") {
			return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "make"), toks[1:i], toks[i+1:]))}}}
		}
	}
	return nil
}

// rewritten reads one quotation that another is to stand for, whatever the verb: "slash the price from 'A' to 'B'".
func (p *parse) rewritten(c clause) []way {
	var at []int
	for i, t := range c.toks {
		if t.kind == quoteToken && p.inMarks(t) {
			at = append(at, i)
		}
	}
	if len(at) != 2 || at[1]-at[0] > 4 || slices.ContainsFunc(c.toks[:at[0]], func(t token) bool { return t.kind == commaToken || t.in(conjuncts) }) || slices.ContainsFunc(c.toks, func(t token) bool { return t.in(negations) || t.is("if", exceptWord) }) {
		return nil
	}
	if between := c.toks[at[0]+1 : at[1]]; len(between) == 0 || !between[len(between)-1].is("to", "into", "with", "by", "for") {
		return nil
	}
	toks := slices.Concat(say(c.toks[0], "change"), c.toks[at[0]:at[0]+1], say(c.toks[0], "to"), c.toks[at[1]:at[1]+1])
	return []way{{clauses: []clause{c.as(toks)}, skipped: slices.DeleteFunc(slices.Clone(c.all), func(t token) bool { return t.kind == quoteToken })}}
}

// relocated reads "put the couple on a beach", "set it in a forest": what is known is to be where one can be.
func (p *parse) relocated(c clause, before []choice) (clause, bool) {
	toks := c.spoken()
	if said, ok := p.reset(c, toks); ok {
		return said, true
	}
	if len(toks) > 3 && toks[0].is("to") && toks[1].is("be") {
		toks = toks[1:]
	}
	if len(toks) > 2 && toks[0].is("be") && toks[1].in(placePreps) {
		toks = slices.Concat(say(toks[0], "put", "us"), toks[1:]) // "(we want to) be on a beach"
	}
	if len(toks) < 4 || hasQuote(toks) || !slices.ContainsFunc(bases(toks[0].low), func(b string) bool { return synonyms.moving[b] }) {
		return c, false
	}
	var k int
	switch {
	case toks[1].is("us", "me") || toks[1].in(objectPronouns) && (len(toks) < 3 || toks[2].in(placePreps) || toks[2].is("all", "both", "into")):
		last := stripTails(toks)
		if made(before) && !toks[1].is("us", "me") && !synonyms.times[last[len(last)-1].form.one] {
			return c, false
		}
		k = 2
		for k < len(toks) && toks[k].is("all", "both") {
			k++
		}
	case toks[1].in(articles) && !toks[1].is("a", "an", "some", "another") || toks[1].in(quantifiers) || toks[1].in(wholeNouns):
		for k = 2; k < len(toks) && !toks[k].in(placePreps) && !toks[k].is("into", "to", "as"); k++ {
		}
	default:
		return c, false
	}
	from := k
	for k < len(toks) && (toks[k].in(placePreps) || toks[k].is("into", "as") || k > from && k+1 < len(toks) && toks[k-1].is("in") && toks[k+1].is("of")) && !toks[k].in(articles) {
		k++ // "in front of"
	}
	place := trimArticles(stripTails(toks[k:]))
	head := nounRun(place)
	if k == from || len(head) == 0 || !toks[from].is("in", "on", "at", "into", "to", "onto", "inside", "under", "against", "amid", "by", "as") || !isSetting(head) {
		return c, false
	}
	return c.as(slices.Concat(say(toks[0], "make", "the", "picture", "look", "like"), trimFillers(place))), true
}

// isSetting reports whether the words name a place to be in, a time, or a scene that they describe.
func isSetting(head []token) bool {
	last := head[len(head)-1].form.one
	return synonyms.places[last] || synonyms.times[last] || len(head) > 1 && synonyms.scenes[last]
}

// setsScene reports whether a task of the whole picture gives it a place or a time to be in.
func (r *reading) setsScene() bool {
	head := nounRun(tokenise(r.target))
	return r.task.effect == edit.EffectGround && !r.task.needsObject && len(head) > 0 && isSetting(head)
}

// made reports whether one of the orders makes something new, which "it" may stand for.
func made(before []choice) bool {
	return slices.ContainsFunc(before, func(c choice) bool {
		r := c.taken()
		return r != nil && r.task.needsObject && r.task.creates()
	})
}

// inMarks reports whether a quotation stands in quotation marks, not in capitals alone.
func (p *parse) inMarks(t token) bool {
	if t.start >= t.end || t.end > len(p.src) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(p.src[t.start:])
	return isQuote(r)
}

// reset reads "change the conference room to a ski lodge": one place to be in turned into another is another scene.
func (p *parse) reset(c clause, toks []token) (clause, bool) {
	if len(toks) < 4 || !synonyms.turning[toks[0].low] || hasQuote(toks) {
		return c, false
	}
	if y := trimArticles(stripTails(toks[3:])); toks[2].is("to", "into") && len(y) == 1 && synonyms.times[toks[1].form.one] && synonyms.times[y[0].form.one] {
		return c.as(slices.Concat(say(toks[0], "make", "the", "picture", "look", "like"), y)), true // "turn day into night"
	}
	if len(toks) < 5 || !toks[1].in(articles) {
		return c, false
	}
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("to", "into") })
	if at < 3 || at+2 > len(toks) || slices.ContainsFunc(toks[1:at], func(t token) bool { return t.in(placePreps) }) {
		return c, false
	}
	x, y := toks[at-1].form.one, nounRun(trimArticles(stripTails(toks[at+1:])))
	if len(y) == 1 && synonyms.scenes[x] && !p.v.isLabel(x) && isPaint(y) {
		return c.as(slices.Concat(say(toks[0], "make", "the", "picture", "look", "like"), y)), true // "change the weather to snow"
	}
	if len(y) == 0 || !synonyms.places[x] || synonyms.asked[x] != nil || !isSetting(y) || p.v.isLabel(x) && p.v.isGround(toks[1:at]) {
		return c, false
	}
	return c.as(slices.Concat(say(toks[0], "make", "the", "picture", "look", "like"), trimArticles(stripTails(toks[at+1:])))), true
}

// scribbled reads a verb that nobody knows before a quotation as putting it there: "chalk 'Exam' on the board".
func (p *parse) scribbled(c clause) []way {
	toks := c.spoken()
	if len(toks) < 2 || toks[0].kind != wordToken || p.v.known[toks[0].form.key] || isGrammar(toks[0].low) || toks[1].kind != quoteToken || len(toks) > 2 && !toks[2].in(placePreps) {
		return nil
	}
	return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "put"), toks[1:]))}}}
}
