package planner

import (
	"slices"

	"pentimento/internal/edit"
)

// This file reads what people leave out when they are brief: "bird on the cable
// goes", "door to grey", "bring me a mask".

// bareSubject counts the words of a noun without its article before what is to
// become of it: "bird on the cable (goes)", "fuse box door (to) grey".
func (v *vocabulary) bareSubject(toks []token) int {
	end := partEnd(toks)
	if end < 2 || opensNoun(toks) || isGrammar(toks[0].low) || v.verbForm(toks[0]) || toks[0].in(lightVerbs) || toks[0].in(questionWords) || toks[0].in(statives) || toks[0].in(finite) || modal(toks[0]) || toks[0].in(nominatives) || toks[0].in(stopBefore) || toks[0].in(negations) || len(stripWrappers(toks[:end])) < end {
		return 0
	}
	for k := 1; k < min(end, maxSubject); k++ {
		t, last := toks[k], k+1 == end
		switch {
		case t.is("goes", "must", "should", "becomes", "gets") && !nounCan(toks, k), t.is("has", "have", "needs", "need", "is", "are") && !last && toks[k+1].is("to"), t.is("to") && isPaint(toks[k+1:end]):
			return k * rank(hasNoun(toks[:k]) && !slices.ContainsFunc(toks[:k], v.isParticiple))
		case t.in(auxiliaries), modal(t), t.in(pronouns) && !t.in(articles), t.in(negations), t.is("to", "if", "so"):
			return 0
		}
	}
	return 0
}

// handed reports whether somebody is asked to give the speaker something: "hand me", "fetch us".
func handed(toks []token) bool {
	return len(toks) > 2 && synonyms.handing[toks[0].low] && toks[1].is("me", "us") && (toks[2].in(articles) || toks[2].in(quantifiers))
}

// wantsDoing reads "the fence wants painting brown" as "painting the fence brown".
func (v *vocabulary) wantsDoing(toks []token) []token {
	if !opensNoun(toks) {
		return toks
	}
	for i := 1; i+1 < len(toks) && i < 2*maxSubject; i++ {
		if toks[i].is("needs", "need", "wants", "want", "requires", "require", "deserves") && hasSuffix(toks[i+1].low, "ing") && v.verbForm(toks[i+1]) && !v.isLabel(toks[i+1].low) {
			return slices.Concat(toks[i+1:i+2], toks[:i], toks[i+2:])
		}
		if toks[i].kind != wordToken {
			break
		}
	}
	return toks
}

// already reads what stands first and is done before the rest: "having removed the dog, ...",
// "with the dog removed, ...". It gives the order and what follows it.
func (v *vocabulary) already(toks []token) (side, main []token) {
	end := slices.IndexFunc(toks, func(t token) bool { return t.kind == commaToken })
	if end < 3 || end+1 >= len(toks) {
		return nil, nil
	}
	side = toks[1:end]
	switch {
	case toks[0].is("having") && v.isParticiple(side[0]):
	case toks[0].is("with") && opensNoun(side) && v.reduced(side) && !v.isLabel(side[len(side)-1].low):
	default:
		return nil, nil
	}
	return side, toks[end+1:]
}

// withDone is where, behind an order or a wish, "with the dog removed" begins; 0 where nothing of the kind does.
func (v *vocabulary) withDone(toks []token) int {
	for i := 2; i+3 < len(toks); i++ {
		rest := toks[i+1:]
		if !toks[i].is("with") || !opensNoun(rest) || rest[0].kind != wordToken {
			continue
		}
		for k := 2; k < min(len(rest), maxSubject) && rest[k].kind == wordToken && !rest[k].in(conjuncts) && !rest[k].is("with"); k++ {
			if t := rest[k]; (hasSuffix(t.low, "ed") || t.in(irregular)) && v.alone(t) && !v.isLabel(t.low) && (k+1 == len(rest) || rest[k+1].kind != wordToken || rest[k+1].in(conjuncts) || rest[k+1].in(targetPreps) || isColorWord(rest[k+1].low)) {
				return i
			}
		}
	}
	return 0
}

// seeming counts the words of "as if it was taken on" before a scene: "(look like) a beach".
func seeming(toks []token) int {
	i := prefixOf(seemings, toks)
	if i == 0 || i+3 >= len(toks) {
		return 0
	}
	for k := i; k < min(len(toks)-1, i+7) && toks[k].kind == wordToken; k++ {
		if toks[k].is("in", "on", "at", "under", "inside") && k > i {
			return k + 1
		}
		if toks[k].is("is", "was", "were") && k > i && synonyms.times[toks[k+1].form.one] {
			return k + 1
		}
	}
	return 0
}

// doneToo reports whether a participle of the docs says what else is to be done to the subject of a passive:
// "the photo should be deblurred and (enlarged)".
func (v *vocabulary) doneToo(cur, next []token) bool {
	cur = stripWrappers(cur)
	if len(cur) < 3 || len(next) == 0 || !opensNoun(cur) || !v.ordered(next[0]) || !hasSuffix(next[0].low, "ed") || v.isLabel(next[0].low) {
		return false
	}
	at := auxiliaryAt(cur)
	return at > 0 && at+1 < len(cur) && v.isParticiple(cur[len(cur)-1]) && (len(next) == 1 || next[1].kind != wordToken || next[1].in(targetPreps) || isColorWord(next[1].low) || next[1].in(conjuncts))
}

// toppedWith reads "garnish the soup with a leaf" as adding a leaf to the soup.
func (p *parse) toppedWith(c clause) []way {
	toks := c.spoken()
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("with") })
	if at < 2 || !slices.ContainsFunc(bases(toks[0].low), func(b string) bool { return synonyms.adorning[b] }) {
		return nil
	}
	thing := toks[at+1:]
	if run := nounRun(thing); len(run) > 0 && !opensNoun(run) && plural(run) {
		thing = slices.Concat(say(toks[0], "some"), thing)
	}
	return p.adding(c, thing, toks[1:at])
}

// mooded reads "whether he is furious or only passionate" as the question how it sounds.
func (p *parse) mooded(c clause) []way {
	toks := c.all
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("whether", "if") })
	if at < 0 || at+3 >= len(toks) || !toks[at+1].is("it", "he", "she", "they", "that") || !toks[at+2].in(statives) && !synonyms.seeming[toks[at+2].low] {
		return nil
	}
	said := toks[at+3:]
	if slices.ContainsFunc(said, func(t token) bool {
		return t.kind != wordToken || t.in(articles) || isColorWord(t.low) || p.v.isParticiple(t) || p.v.asking[t.low] && !t.in(conjuncts) && !t.in(placePreps)
	}) || !slices.ContainsFunc(said, func(t token) bool { return t.is("or") }) {
		return nil
	}
	mood := c.as(say(toks[at], synonyms.mood...))
	left, ok := p.v.newClause(toks[:at])
	if said := left.spoken(); ok && len(said) > 0 && !prefixedAll(askings, said) {
		return []way{{clauses: []clause{left, mood}}}
	}
	return []way{{clauses: []clause{mood}}}
}

// prefixedAll reports whether the words are one of the sequences and nothing else.
func prefixedAll(seqs [][]string, toks []token) bool { return prefixOf(seqs, toks) == len(toks) }

// letting reads "let the van disappear" as making it do so.
func (p *parse) letting(c clause) []way {
	toks := c.spoken()
	if len(toks) < 3 || !toks[0].is("let") || !opensNoun(toks[1:]) && !toks[1].in(objectPronouns) {
		return nil
	}
	return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "make"), toks[1:]))}}}
}

// copulas reads the "'s" of "picture's blurry" as "is": an adjective of the docs and nothing that could be had follows.
func (v *vocabulary) copulas(toks []token) []token {
	for i := 1; i+1 < len(toks); i++ {
		next := toks[i+1]
		ends := i+2 >= len(toks) || toks[i+2].kind != wordToken || toks[i+2].in(conjuncts) || toks[i+2].is("so", "as", "but")
		if toks[i].is(possessive) && ends && v.asking[next.low] && !v.isLabel(next.low) && (hasSuffix(next.low, "y") || hasSuffix(next.low, "ed") || next.is("dark", "dim", "soft")) {
			toks = slices.Clone(toks)
			toks[i] = toks[i].respelt("is")
		}
	}
	return toks
}

// meanwhile ends an order where another begins with "while": "remove the dog while (detecting the cat)".
func (v *vocabulary) meanwhile(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		n := prefixOf(besideThat, toks[i:])
		for n > 0 && i+n < len(toks) && toks[i+n].is("also", "simultaneously", "you", "still") {
			n++
		}
		next := toks[min(i+n, len(toks)):]
		if n == 0 || len(next) < 2 || !v.startsOrder(next, true) || !hasSuffix(next[0].low, "ing") && !toks[i+n-1].is("you") || v.opensKeep(next) {
			out = append(out, toks[i])
			continue
		}
		if len(out) > 0 && out[len(out)-1].kind != stopToken {
			out = append(out, token{kind: stopToken, text: ".", start: toks[i].start, end: toks[i].start})
		}
		i += n - 1
	}
	return out
}

// fits reads "check that 'A' describes the photo" as a question about a caption.
func (p *parse) fitsPicture(c clause) []way {
	toks := c.all
	at := slices.IndexFunc(toks, func(t token) bool { return t.kind == quoteToken })
	if at < 1 || at+2 >= len(toks) || !toks[at-1].is("that", "if", "whether", "does") || !isWhole(stripTails(toks[at+2:])) && !isWhole(trimPreps(stripTails(toks[at+2:]))) {
		return nil
	}
	var out []way
	for _, words := range synonyms.legends {
		out = append(out, way{clauses: []clause{c.as(slices.Concat(say(toks[0], words...), toks[at:]))}})
	}
	return out
}

// lacking takes the verb of a wish off: "see (the logo gone)".
func lacking(toks []token) []token {
	if len(toks) > 1 && toks[0].in(seenVerbs) {
		return toks[1:]
	}
	return toks
}

// inColor reports whether a noun with "in" and a colour fills the words up to the next mark: "the shirt in navy".
func inColor(toks []token) bool {
	end := partEnd(toks)
	for k := 2; k+1 < end; k++ {
		if p, ok := paintAt("", toks, k+1); ok && toks[k].is("in") && k+1+p.n == end {
			return true
		}
	}
	return false
}

// onlyPicture reports whether an order asks for nothing but a picture: "give me a version".
func onlyPicture(toks []token) bool {
	toks = stripWrappers(toks)
	for len(toks) > 1 && (toks[0].in(lightVerbs) || toks[0].is("me", "us")) {
		toks = toks[1:]
	}
	toks = trimArticles(toks)
	return len(toks) == 1 && (toks[0].in(wholeNouns) || synonyms.pictured[toks[0].form.one]) || isWhole(toks)
}

// freeOf reads "a version without the cars" with the verb that the docs have for taking things away.
func (p *parse) freeOf(c clause) []way {
	at := slices.IndexFunc(c.all, func(t token) bool { return t.is("without", "minus") })
	if at < 1 || at+1 >= len(c.all) || !onlyPicture(c.all[:at]) || !opensNoun(c.all[at+1:]) {
		return nil
	}
	var out []way
	for _, t := range p.v.tasks {
		if t.needsObject && !t.closed && t.destroys && t.effect != edit.EffectCreates && t.verb() != "" {
			out = append(out, way{clauses: []clause{c.as(slices.Concat(say(c.all[0], t.verb()), stripTails(c.all[at+1:])))}})
		}
	}
	return out
}
