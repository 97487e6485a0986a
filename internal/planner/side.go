package planner

import (
	"slices"

	"pentimento/internal/edit"
)

// This file puts the orders of side clauses beside those of the main one: "with
// the horse replaced by a camel, ...", "having cropped it, ...", "once the wires
// have been erased, ...", "... while recolouring the sky".

// sideOrders writes each sentence with its side clauses as orders of their own.
func (v *vocabulary) sideOrders(toks []token) []token {
	var out []token
	for len(toks) > 0 {
		sentence := untilStop(toks)
		out = append(out, v.besideIt(v.unmasked(v.absolute(v.reasoned(sentence))))...)
		n := min(len(sentence)+1, len(toks))
		out = append(out, toks[len(sentence):n]...)
		toks = toks[n:]
	}
	return out
}

// stopAt makes a full stop of the planner's own, with a "then" behind it.
func stopAt(at token) []token {
	return []token{{kind: stopToken, text: ".", start: at.start, end: at.start}, newToken("then", "then", at.start, at.start)}
}

// absolute reads a sentence that opens with "with x removed," or "having removed x,".
func (v *vocabulary) absolute(toks []token) []token {
	lead := len(toks) - len(trimGreetings(toks))
	said := toks[lead:]
	if len(said) < 4 {
		return toks
	}
	switch end := v.mainAt(said); {
	case end == 0:
	case said[0].is("with") && v.doneTo(said[1:end]):
		return slices.Concat(toks[:lead], v.participleFirst(said[1:end]), stopAt(said[end]), said[end+1:])
	case said[0].is("having") && said[1].kind == wordToken && v.isParticiple(said[1]):
		if verb, ok := v.plainVerb(said[1]); ok {
			return slices.Concat(toks[:lead], []token{verb}, said[2:end], stopAt(said[end]), said[end+1:])
		}
	case said[0].in(subordinators) && opensNoun(said[1:]) && v.doneTo(said[1:end]):
		if said[0].is("once", "after", "when", "as") {
			return slices.Concat(toks[:lead], shallBe(said[1:end]), stopAt(said[end]), said[end+1:])
		}
	}
	return toks
}

// participleFirst writes "the fence removed" as "remove the fence".
func (v *vocabulary) participleFirst(toks []token) []token {
	n := len(toks) - 1
	if n < 1 || !v.ordered(toks[n]) && !toks[n].is("gone") || slices.ContainsFunc(toks, func(t token) bool { return t.in(conjuncts) || t.kind != wordToken }) {
		return toks
	}
	if toks[n].is("gone") {
		return slices.Concat(v.verbTo(toks[n], true), toks[:n])
	}
	if verb, ok := v.plainVerb(toks[n]); ok {
		return slices.Concat([]token{verb}, toks[:n])
	}
	return toks
}

// verbTo is the verb that the docs have for taking things away, or for adding them.
func (v *vocabulary) verbTo(at token, destroys bool) []token {
	for _, t := range v.tasks {
		if t.needsObject && !t.closed && t.verb() != "" && (destroys && t.destroys && t.effect != edit.EffectCreates || !destroys && t.effect == edit.EffectCreates) {
			return say(at, t.verb())
		}
	}
	return nil
}

// mainAt is the comma behind which the main order of a sentence begins; 0 where there is none.
func (v *vocabulary) mainAt(toks []token) int {
	for i, t := range toks {
		if t.kind != commaToken || i+1 == len(toks) {
			continue
		}
		if rest := stripWrappers(toks[i+1:]); v.startsTask(rest) || v.unknownVerb(rest) || len(rest) > 1 && rest[0].in(lightVerbs) && opensNoun(rest[1:]) {
			return i
		}
	}
	return 0
}

// doneTo reports whether the words are a noun phrase with a participle of the docs: "the fence removed".
func (v *vocabulary) doneTo(toks []token) bool {
	return opensNoun(toks) && slices.ContainsFunc(toks[1:], func(t token) bool {
		return (hasSuffix(t.low, "ed") || t.in(irregular)) && v.isParticiple(t)
	})
}

// shallBe writes "the wires have been erased" as "the wires should be erased".
func shallBe(toks []token) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("is", "are", "has", "have", "was", "were", "get", "gets") })
	if at < 1 {
		return toks
	}
	end := at + 1
	for end < len(toks) && (toks[end].is("been", "being") || toks[end].in(adverbs)) {
		end++
	}
	return slices.Concat(toks[:at], say(toks[at], "should", "be"), toks[end:])
}

// besideIt makes orders of their own of "while recolouring the sky" and what is joined to it.
func (v *vocabulary) besideIt(toks []token) []token {
	for i, t := range toks {
		if !t.in(whileWords) || i+1 >= len(toks) || toks[i+1].in(keepVerbs) || !v.startsOrder(toks[i+1:], true) && !v.makes(toks[i+1]) {
			continue
		}
		rest := v.imperatives(toks[i+1:])
		if i == 0 {
			return rest
		}
		return slices.Concat(toks[:i], stopAt(t)[:1], v.besideIt(rest))
	}
	if n := prefixOf(startBy, toks); n > 0 {
		return slices.Concat(toks[:n], v.imperatives(toks[n:]))
	}
	return toks
}

// imperatives writes the gerunds that begin the words and what is joined to them as plain verbs.
func (v *vocabulary) imperatives(toks []token) []token {
	out := slices.Clone(toks)
	for i, t := range out {
		joined := i == 0 || out[i-1].kind == commaToken || out[i-1].in(conjuncts) || out[i-1].in(stopBefore) || out[i-1].is("also", "by")
		if !joined || !hasSuffix(t.low, "ing") || i+1 == len(out) || v.isLabel(t.low) || !v.startsOrder(out[i:], true) && !v.makes(t) {
			continue
		}
		if verb, ok := v.plainVerb(t); ok {
			out[i] = verb
		}
	}
	return out
}

// plainVerb is the verb of the docs of which the token is a form.
func (v *vocabulary) plainVerb(t token) (token, bool) {
	for _, b := range bases(t.form.key)[1:] {
		if len(v.first[b]) > 0 || lightVerbs[b] {
			return t.respelt(b), true
		}
	}
	return t, false
}

// reasoned leaves out what stands before ", so (remove the cat)" where it is no order by
// itself: "my landlord must not see the cat", "my kid wants a dragon".
func (v *vocabulary) reasoned(toks []token) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("so") })
	if at < 4 || toks[at-1].kind != commaToken || at+2 >= len(toks) || !v.startsTask(stripWrappers(toks[at+1:])) {
		return toks
	}
	said := trimGreetings(toks[:at-1])
	denies := slices.ContainsFunc(said, func(t token) bool { return t.in(negations) }) && slices.ContainsFunc(said, modal)
	wants := slices.IndexFunc(said, func(t token) bool { return t.in(wishing) })
	subject := said[0].in(articles) || said[0].in(nominatives)
	if !subject || hasQuote(said) || !denies && (wants < 1 || said[len(said)-1].is(anaphor) || !v.names(toks[at+1:], said[len(said)-1])) {
		return toks
	}
	return toks[at+1:]
}

// names reports whether the words hold the noun.
func (v *vocabulary) names(toks []token, noun token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == wordToken && t.form.one == noun.form.one })
}

// unmasked writes orders that open with another verb than the one they mean:
// "let a vase appear", "rid the lawn of the chairs", "scan the page for dates",
// "edit the label so it says 'A'", "finish with a caption".
func (v *vocabulary) unmasked(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		opens := i == 0 || toks[i-1].kind == commaToken || toks[i-1].in(conjuncts) || toks[i-1].in(stopBefore) || prefixOf(wrappers, toks[:i]) == i
		if !opens || toks[i].kind != wordToken {
			out = append(out, toks[i])
			continue
		}
		if n := prefixOf(closeWith, toks[i:]); n > 0 && opensNoun(toks[i+n:]) {
			out = append(out, say(toks[i], "give")...)
			i += n - 1
			continue
		}
		end := i + v.orderEnd(toks[i:])
		if said := v.meant(toks[i:end]); said != nil {
			out = append(out, said...)
			i = end - 1
			continue
		}
		out = append(out, toks[i])
	}
	return out
}

// orderEnd counts the words up to where the next order begins.
func (v *vocabulary) orderEnd(toks []token) int {
	for i := 1; i < len(toks); i++ {
		j := jointAt(toks, i)
		if toks[i].kind == commaToken && i+1 < len(toks) && toks[i+1].is("so") {
			continue
		}
		if j.n > 0 && (j.strong || i+j.n == len(toks) || v.startsTask(stripWrappers(toks[i+j.n:])) || toks[i+j.n].in(lightVerbs) || synonyms.ridding[toks[i+j.n].low]) {
			return i
		}
		i += max(0, j.n-1)
	}
	return len(toks)
}

// meant is one order in plainer words, nil where it is plain.
func (v *vocabulary) meant(toks []token) []token {
	if len(toks) < 4 {
		return nil
	}
	rest := toks[1:]
	switch {
	case toks[0].is("let", "have", "make") && rest[0].is("a", "an", "some", "two", "three", "another"):
		k := slices.IndexFunc(rest, func(t token) bool { return synonyms.appearing[t.low] })
		if k > 1 && (k+1 == len(rest) || rest[k+1].in(placePreps) || rest[k+1].is("there", "here")) {
			return slices.Concat(v.verbTo(toks[0], false), rest[:k], rest[k+1:])
		}
	case synonyms.ridding[toks[0].low] && opensNoun(rest):
		k := slices.IndexFunc(rest, func(t token) bool { return t.is("of") })
		if k > 1 && k < 5 && k+1 < len(rest) && (opensNoun(rest[k+1:]) || plural(nounRun(rest[k+1:]))) && (toks[0].is("rid") || v.freed(rest[:k])) {
			return slices.Concat(v.verbTo(toks[0], true), rest[k+1:])
		}
	case synonyms.searching[toks[0].low] && opensNoun(rest):
		k := slices.IndexFunc(rest, func(t token) bool { return t.is("for") })
		if k > 1 && k+1 < len(rest) && !hasQuote(rest) {
			said := slices.Concat(say(toks[0], "find"), rest[k+1:])
			if !isWhole(rest[:k]) && !picture(rest[:k]) {
				said = slices.Concat(said, say(toks[0], "on"), rest[:k])
			}
			return said
		}
	}
	return v.soItSays(toks)
}

// freed reports whether a noun is what something can be taken away from rather than a part
// of it: "the lawn", not "the top (of the hill)".
func (v *vocabulary) freed(toks []token) bool {
	last := toks[len(toks)-1]
	return last.kind == wordToken && !last.in(sideNouns) && !last.in(sideWords) && !last.in(measures) && !isPosition(last.low) && !v.isGroundWord(last)
}

// isGroundWord reports whether a word is the docs' own for what lies behind: "the background (of the bottle)".
func (v *vocabulary) isGroundWord(t token) bool {
	return v.isGround([]token{t}) || v.asking[t.form.one]
}

// soItSays reads "edit the label so it says 'A' instead of 'B'" as "make the label say" that.
func (v *vocabulary) soItSays(toks []token) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("so") })
	if at < 2 || !opensNoun(toks[1:]) || hasQuote(toks[:at]) {
		return nil
	}
	k := at + 1
	for k < len(toks) && (toks[k].is("that", "it", "they", "now", "instead") || modal(toks[k])) {
		k++
	}
	if k == at+1 || k+1 >= len(toks) || !toks[k].in(saysWords) || !hasQuote(toks[k:]) {
		return nil
	}
	for n := at; n > 1 && toks[n-1].kind == commaToken; n-- {
		at = n - 1
	}
	return slices.Concat(say(toks[0], "make"), toks[1:at], say(toks[k], "say"), toks[k+1:])
}
