package planner

import "slices"

// This file reads what a person tells first and asks about next: "I forget
// which bridge this is, so please tell me."

// askedBefore is the question of the remark before, where a clause only asks for the answer: "tell me".
func askedBefore(c clause, left []clause) []token {
	toks := c.spoken()
	if n := spokenPrefix(askings, toks); n == 0 || n < len(toks) || len(left) == 0 {
		return nil
	}
	said := left[len(left)-1].all
	at := slices.IndexFunc(said, func(t token) bool { return t.in(questionWords) && !t.in(auxiliaries) })
	if at < 1 || at+2 >= len(said) {
		return nil
	}
	return said[at:]
}

// hailed counts the words of "hello friend," and "hi there team,".
func (v *vocabulary) hailed(toks []token) int {
	if !toks[0].is("hello", "hi", "hey", "hiya", "greetings") {
		return 0
	}
	end := slices.IndexFunc(toks, func(t token) bool { return t.kind != wordToken })
	if end < 1 || end > 4 || toks[end].kind == quoteToken || v.startsOrder(toks[1:end], true) || slices.ContainsFunc(toks[1:end], func(t token) bool { return t.in(auxiliaries) || t.in(lightVerbs) || modal(t) }) {
		return 0
	}
	return end + 1
}

// written is the "the caption 'A' is 'A'" of "I wrote the caption 'A'", so that an order may be about it.
func written(toks []token) ([]token, bool) {
	n := len(toks)
	if n < 4 || toks[n-1].kind != quoteToken || hasQuote(toks[:n-1]) || !toks[0].in(speakers) && !toks[0].in(owners) && !toks[0].is("here") {
		return nil, false
	}
	at := n - 2
	for at > 1 && n-at < 5 && !toks[at].in(articles) {
		at--
	}
	if !toks[at].in(articles) || at+1 >= n-1 {
		return nil, false
	}
	return slices.Concat(toks[at:n-1], say(toks[n-1], "is"), toks[n-1:]), true
}

// wishedFor makes orders of what follows "edit the picture so that" and "change the sign so that".
func wishedFor(before, toks []token) ([]token, bool) {
	if prefixOf(purposes, toks) != 2 || !toks[1].is("that") || len(toks) > 4 && toks[2].in(speakers) {
		return nil, false
	}
	from := len(before)
	for from > 0 && before[from-1].kind != stopToken && before[from-1].kind != commaToken && !before[from-1].in(conjuncts) {
		from--
	}
	order := stripWrappers(before[from:])
	if len(order) < 2 || !synonyms.altering[order[0].low] && !isWhole(order[1:]) || hasQuote(order) || !opensNoun(order[1:]) && !isWhole(order[1:]) {
		return nil, false
	}
	said := slices.Clone(toks[2:])
	if thing := trimArticles(order[1:]); len(said) > 1 && said[0].is("it", "they") && !isWhole(thing) && hasNoun(thing) {
		said = slices.Concat(say(said[0], "the"), thing, said[1:])
	}
	for i, t := range said {
		if t.kind == stopToken {
			break
		}
		if t.is("is", "are") {
			said[i] = t.respelt("should")
		}
		if t.is("says", "reads") {
			said = slices.Concat(said[:i], say(t, "should", "say"), said[i+1:])
		}
	}
	return slices.Concat(before[:from], said), true
}

// hopesFor is "we need this listing to look nicer", which says nothing of how.
func hopesFor(toks []token) bool {
	n := len(toks)
	return n > 4 && toks[0].is("i", "we") && synonyms.praise[toks[n-1].form.key] && toks[n-2].is("look", "be", "feel", "looking") && !isColorWord(toks[n-1].low)
}
