package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// This file finds sentences that ask for nothing: "My uncle loves old cars.",
// "Thanks for your help so far!" A sentence is one where it has a subject and a
// finite verb, or opens as small talk does, and nothing in it says that
// something shall be: no modal, no wish, no order of the docs. What is not
// plainly a statement is read as an order, and refused where it is not understood.

// maxSubject bounds the words of a subject before its verb.
const maxSubject = 8

// statement counts the words at the start of a sentence that only state
// something; sure says that they cannot be an order in any reading.
func (v *vocabulary) statement(toks []token) (n int, sure bool) {
	sentence := untilStop(toks)
	lead := len(sentence) - len(trimGreetings(sentence))
	rest := sentence[lead:]
	if len(rest) < 2 {
		return 0, false
	}
	rest = rest[:v.stateEnd(rest)]
	if hasQuote(rest) || kindWish(rest) > 0 {
		return 0, false
	}
	if staysSo(rest) || restIsFine(rest) {
		return lead + len(rest), true
	}
	if k := prefixOf(smallTalk, rest); k > 0 {
		if v.ordersIn(rest[k:]) || v.mayOrder(rest[k:]) || k < len(rest) && rest[k].is("can", "could", "may", "might") {
			return 0, false
		}
		return lead + len(rest), true
	}
	at, sure := v.finiteVerb(rest)
	if at < 1 || v.wished(rest, at) {
		return 0, false
	}
	return lead + len(rest), sure
}

// staysSo reports whether a sentence says of somebody what he is to stay: "the
// source must stay anonymous". Nothing is to be done for it, and no order is left alone by it.
func staysSo(toks []token) bool {
	n := len(toks)
	if n < 4 || !opensNoun(toks) || !toks[n-2].is("stay", "remain", "stays", "remains") || suffixOf(stays, toks) > 0 {
		return false
	}
	last := toks[n-1]
	return last.kind == wordToken && !isColorWord(last.low) && suffixOf(keptTails, toks) == 0 && !isGrammar(last.low) && !slices.ContainsFunc(toks, func(t token) bool { return t.kind != wordToken })
}

// restIsFine reports whether a sentence only praises what is left: "everything else is perfect".
func restIsFine(toks []token) bool {
	toks = toks[:len(toks)-suffixOf(keptTails, toks)]
	n := len(toks)
	if n < 3 || n > 7 || !toks[0].is("everything", "all", "the") || !slices.ContainsFunc(toks[:n-1], func(t token) bool { return t.in(restWords) }) {
		return false
	}
	at := slices.IndexFunc(toks, func(t token) bool { return t.in(statives) })
	return at > 0 && at+1 < n && !hasModal(toks) && (synonyms.praise[toks[n-1].form.key] || toks[n-1].is("fine", "okay", "ok", "right"))
}

// opensSentence reports whether a sentence begins at i.
func opensSentence(toks []token, i int) bool {
	for i > 1 && toks[i-1].kind == commaToken && toks[i-2].is("also", "finally") {
		i -= 2
	}
	return i == 0 || toks[i-1].kind == stopToken
}

// stated reports whether the last of the clauses is a statement, so that what is joined to it may be one too.
func stated(cs []clause) bool { return len(cs) > 0 && cs[len(cs)-1].stated }

func trimGreetings(toks []token) []token {
	for {
		toks = trimMarks(toks)
		n := max(prefixOf(greetings, toks), prefixOf(synonyms.openings, toks))
		if n == 0 || n == len(toks) || prefixOf(smallTalk, toks) > 0 {
			return toks
		}
		toks = toks[n:]
	}
}

// stateEnd is where, behind a comma, "and" or "so", an order begins in a sentence,
// or another statement; its length where none does.
func (v *vocabulary) stateEnd(toks []token) int {
	for i := 1; i+1 < len(toks); i++ {
		j := jointAt(toks, i)
		if toks[i].is("so") {
			j.n = max(j.n, 1)
		}
		if j.n == 0 || i+j.n >= len(toks) {
			continue
		}
		next := toks[i+j.n:]
		rest := stripWrappers(next)
		spoken := prefixOf(wrappers, next) > 1 || prefixOf(wrappers, next) == 1 && !next[0].in(subjects)
		if at, sure := v.finiteVerb(next); at > 0 && (sure || opensNoun(next)) && v.hasVerb(toks[:i]) {
			return i // another statement
		}
		if len(rest) > 1 && rest[0].is("to") && v.startsTask(rest[1:]) || len(rest) == 0 || v.startsTask(rest) || v.opensKeep(rest) || len(rest) > 2 && rest[0].in(lightVerbs) && rest[1].is("me", "us") || spoken && !rest[0].in(subjects) || opensNoun(rest) && hasModal(rest) {
			return i
		}
		i += j.n - 1
	}
	return len(toks)
}

// ordersIn reports whether an order of the docs begins the words or stands in them, after "to" or as a gerund.
func (v *vocabulary) ordersIn(toks []token) bool {
	for i, t := range toks {
		if (i == 0 || toks[i-1].is("to") || hasSuffix(t.low, "ing")) && v.startsOrder(toks[i:], true) && !v.isLabel(t.low) {
			return true
		}
	}
	return false
}

// mayOrder reports whether an order of the docs follows a modal: "I hope you can remove it".
func (v *vocabulary) mayOrder(toks []token) bool {
	at := slices.IndexFunc(toks, modal)
	return at >= 0 && slices.ContainsFunc(toks[at:], func(t token) bool { return v.ordered(t) || t.in(colorNouns) || isColorWord(t.low) })
}

// finiteVerb is the place of the verb that a statement has; 0 where there is
// none. sure is false where the words might be a noun phrase with no verb.
func (v *vocabulary) finiteVerb(toks []token) (at int, sure bool) {
	if len(toks) < 2 || toks[0].in(questionWords) || toks[0].kind != wordToken || toks[0].in(placePreps) && !toks[0].in(articles) {
		return 0, false
	}
	if len(toks) > 3 && toks[0].is("i", "we", "you") && toks[1].is("can", "could") && (toks[2].in(negations) || toks[2].in(scarcely) || toks[2].is("see")) || len(toks) > 3 && toks[0].is("i", "we") && toks[1].is("will") && !modal(toks[2]) && english.Verb(toks[2].low) && toks[2].low != "like" && toks[2].low != "love" {
		return 1, true // "I can not stand the sign", "you can see a sign"
	}
	if person := toks[0].in(nominatives) || synonyms.subjects[toks[0].low]; person && (!toks[0].in(articles) || v.isFinite(toks[1], false) > 0) {
		for k := 1; k < min(len(toks), 4); k++ {
			if toks[k].in(fillers) || toks[k].in(adverbs) || hasSuffix(toks[k].low, "ly") {
				continue
			}
			return k * min(1, v.isFinite(toks[k], true)), true
		}
		return 0, false
	}
	if toks[0].in(wholeNouns) && toks[1].in(statives) {
		return 1, true // "photo is dark"
	}
	determined := opensNoun(toks) && !toks[0].in(pronouns) || toks[0].in(articles)
	if !determined && (v.startsOrder(toks, true) || toks[0].in(lightVerbs) || toks[0].in(fillers) || toks[0].in(negations) || prefixOf(wrappers, toks) > 0 || english.Verb(toks[0].low) && !toks[1].is(possessive)) {
		return 0, false
	}
	for k := 1; k < min(len(toks), maxSubject); k++ {
		t := toks[k]
		if t.in(adverbs) && k > 1 {
			continue
		}
		if t.kind != wordToken || t.is("that", "which", "who", "whose", "where", "to") {
			return 0, false
		}
		if t.is("can", "could") && k+2 < len(toks) && (toks[k+1].in(negations) || toks[k+1].in(scarcely)) && !toks[k+2].in(auxiliaries) && !toks[k+2].is("be") {
			return k, true // "my boss can hardly read this"
		}
		switch v.isFinite(t, false) {
		case 2:
			return k, true
		case 1:
			if determined && k+1 < len(toks) && v.predicates(toks[k:]) {
				return k, false
			}
		}
	}
	return 0, false
}

// hasVerb reports whether the words are a sentence by themselves.
func (v *vocabulary) hasVerb(toks []token) bool {
	at, _ := v.finiteVerb(toks)
	return at > 0 || prefixOf(smallTalk, toks) > 0
}

// isFinite is 2 for an auxiliary or a past that is no participle, 1 for another
// verb that may be finite, 0 for what is no finite verb. After a pronoun the plain form is one.
func (v *vocabulary) isFinite(t token, afterPronoun bool) int {
	if t.kind != wordToken || modal(t) {
		return 0
	}
	if t.in(statives) || t.in(finite) || synonyms.pasts[t.low] {
		return 2
	}
	w := t.low
	past := hasSuffix(w, "ed")
	form := past || hasSuffix(w, "s") || afterPronoun
	if !form || !afterPronoun && (v.isLabel(w) || isColorWord(w) || past && v.ordered(t)) {
		return 0
	}
	if slices.ContainsFunc(bases(w), func(b string) bool { return (b != w || afterPronoun) && english.Verb(b) }) {
		return 1
	}
	return 0
}

// ordered reports whether a participle is of a verb that the docs have alone: "removed".
func (v *vocabulary) ordered(t token) bool {
	return slices.ContainsFunc(bases(t.form.key), func(b string) bool {
		return slices.ContainsFunc(v.first[b], func(p *phrase) bool { return len(p.words) == 1 || len(p.words) == 2 && particles[p.words[1].key] })
	})
}

// alone is ordered without verbs that need a particle: "a croquet set" is not set up.
func (v *vocabulary) alone(t token) bool {
	return slices.ContainsFunc(bases(t.form.key), func(b string) bool {
		return slices.ContainsFunc(v.first[b], func(p *phrase) bool { return len(p.words) == 1 })
	})
}

// predicates reports whether the words are a verb with what it is said of: no
// colour, number or adjective of the docs stands alone at the end.
func (v *vocabulary) predicates(toks []token) bool {
	last := toks[len(toks)-1]
	if last.kind != wordToken || isColorWord(last.low) || isNumeric(last.low) || v.startsPredicate(toks[1:]) {
		return false
	}
	return !slices.ContainsFunc(toks[1:], func(t token) bool { return v.isParticiple(t) && hasSuffix(t.low, "ed") })
}

// wished reports whether a sentence with a finite verb says that something shall be, or stay.
func (v *vocabulary) wished(toks []token, verb int) bool {
	if toks[verb].is("becomes", "vanishes", "disappears") || toks[verb].is("turns") && verb+1 < len(toks) && toks[verb+1].is("into", "to") {
		return true // "her suitcase turns into a guitar"
	}
	if v.opensKeep(toks) || suffixOf(stays, toks) > 0 || correctionAt(toks) > 0 || hasModal(toks[verb+1:]) || !modal(toks[verb]) && hasModal(toks[:verb]) || slices.ContainsFunc(toks, func(t token) bool {
		return t.in(restWords) || t.is("if", "wish", exceptWord)
	}) {
		return true
	}
	for i := verb; i+1 < len(toks); i++ {
		if toks[i].in(statives) && (toks[i+1].is("to") || v.isParticiple(toks[i+1]) && !toks[i+1].in(statives)) {
			return true // "the dog is to go", "the dog is removed"
		}
	}
	return toks[0].is("i", "we") && v.ordersIn(toks[1:])
}

// modal reports whether a word says that something shall, should or may be; the month of May does not.
func modal(t token) bool { return t.in(modals) && (!t.is("may") || !capitalised(t.text)) }

// hasModal reports whether one of the words is a modal.
func hasModal(toks []token) bool {
	for i, t := range toks {
		if modal(t) && !nounCan(toks, i) {
			return true
		}
	}
	return false
}

// nounCan reports whether the "can" at i is a thing: "the trash can in the corner".
func nounCan(toks []token, i int) bool {
	if !toks[i].is("can") || i == 0 || toks[i-1].kind != wordToken || isGrammar(toks[i-1].low) && !toks[i-1].in(articles) || toks[i-1].in(nominatives) {
		return false
	}
	if i+1 == len(toks) || toks[i+1].kind != wordToken {
		return true
	}
	next := toks[i+1]
	return next.in(placePreps) || next.in(conjuncts) || next.in(statives) || hasSuffix(next.low, "s") && english.Verb(strings.TrimSuffix(next.low, "s"))
}

// picture reports whether a noun phrase means the picture itself, whatever is
// said of it: "grandma's old photo", "the picture from our trip".
func picture(toks []token) bool {
	for k := 1; k+1 < len(toks); k++ {
		if toks[k].in(wholeNouns) && toks[k+1].in(speakers) {
			return true // "the only picture I have"
		}
	}
	end := slices.IndexFunc(toks, func(t token) bool { return t.in(placePreps) && !t.in(articles) })
	if end < 0 {
		end = len(toks)
	}
	if end == 0 || end < len(toks) && !toks[end].is("of", "from", "with", "at", "in") {
		return false
	}
	one, _ := edit.Singularize(toks[end-1].low)
	return toks[end-1].in(wholeNouns) || end == len(toks) && synonyms.pictured[one] && toks[0].in(articles)
}

// aside reports whether a clause that is not understood may be passed over beside
// orders that are: a statement or a fragment. An order would begin with a verb, ask
// politely, or say what shall be; a question wants an answer.
func (v *vocabulary) aside(src string, c clause) bool {
	toks := trimGreetings(c.all)
	for len(toks) > 1 && (toks[0].is("also") || toks[0].in(stopBefore)) && opensNoun(toks[1:]) {
		toks = toks[1:]
	}
	if c.keep || len(toks) == 0 || hasQuote(toks) || strings.HasPrefix(c.behind(src), "?") || toks[0].in(questionWords) && !toks[0].in(subordinators) {
		return false
	}
	if slices.ContainsFunc(toks, func(t token) bool {
		return t.in(negations) && !t.in(adverbs) || t.is("please", exceptWord, "if", "unless", "too", "also", "likewise", "same", "instead", "into") || t.kind == wordToken && (isColorWord(t.low) || isNumeric(t.low) && !v.things[toks[len(toks)-1].form.one])
	}) {
		return false
	}
	if len(toks) > 2 && toks[0].in(subordinators) && (toks[1].in(speakers) || toks[1].is("that") || toks[1].in(nominatives) || toks[1].in(possessors)) {
		return !v.ordersIn(toks[1:]) && !slices.ContainsFunc(toks, func(t token) bool { return t.kind == wordToken && v.isLabel(t.low) })
	}
	if at, _ := v.finiteVerb(toks); at > 0 {
		return !v.wished(toks, at)
	}
	if len(stripWrappers(toks)) < len(toks) || hasModal(toks) || v.ordersIn(toks) || toks[0].in(placePreps) {
		return false
	}
	if toks[len(toks)-1].in(enclosed) {
		return true
	}
	for _, t := range toks { // a fragment: "old barn photo", "no rush at all"
		if v.isParticiple(t) || t.in(lightVerbs) || v.startsPredicate([]token{t}) {
			return false
		}
	}
	return opensNoun(toks) || !english.Verb(toks[0].low) && (len(toks) < 2 || !opensNoun(toks[1:])) && !v.unknownVerb(toks)
}
