package planner

import "slices"

// This file puts the orders of side clauses beside those of the main one: "with
// the horse replaced by a camel, ...", "having cropped it, ...", "once the wires
// have been erased, ...", "... while recolouring the sky".

// sideOrders writes each sentence with its side clauses as orders of their own.
func (v *vocabulary) sideOrders(toks []token) []token {
	var out []token
	for len(toks) > 0 {
		sentence := untilStop(toks)
		out = append(out, v.besideIt(v.absolute(sentence))...)
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
		return slices.Concat(toks[:lead], said[1:end], stopAt(said[end]), said[end+1:])
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
