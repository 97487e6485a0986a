package planner

import "slices"

// activeVoice turns "the dog should be removed" and "the dog removed" into
// "removed the dog", and "the car to be red" into "the car red".
func (v *vocabulary) activeVoice(toks []token) []token {
	if len(toks) > 4 && toks[0].is("could", "can", "should", "may", "might", "would") && opensNoun(toks[1:]) {
		toks = toks[1:] // "could the car be made red"
	}
	if len(toks) < 3 || !opensNoun(toks) {
		return toks
	}
	aux := auxiliaryAt(toks)
	var end int
	if aux > 0 {
		for end = aux + 1; end < len(toks) && (toks[end].in(auxiliaries) || toks[end].is("to", "can", "may")); end++ {
		}
		end += praised(toks[end:])
		if toks[aux-1].is("to") {
			aux--
		}
		if toks[max(aux-1, 0)].is("that", "which", "who") {
			return toks // a relative clause
		}
	} else if k := slices.IndexFunc(toks, func(t token) bool { return t.is("to") }); k > 1 && k+1 < len(toks) && len(v.phraseOf(toks[k+1])) > 0 {
		return slices.Concat(toks[k+1:k+2], toks[:k], toks[k+2:]) // "the sign to say"
	} else {
		end = slices.IndexFunc(toks, func(t token) bool { return (hasSuffix(t.low, "ed") || t.in(irregular)) && v.isParticiple(t) })
		aux = end
	}
	if aux < 1 || end >= len(toks) || twoPredicates(toks[:aux]) {
		return toks
	}
	if v.isParticiple(toks[end]) || end == len(toks)-1 && len(v.first[toks[end].form.key]) > 0 && len(v.phraseOf(toks[end])) > 0 {
		return slices.Concat([]token{toks[end]}, toks[:aux], toks[end+1:])
	}
	if _, plain := paintAt("", toks[end:], 0); !plain {
		if p, ok := thingPaint("", toks[end:], 0); ok && p.n == len(toks[end:]) {
			return slices.Concat(toks[:aux], say(toks[end], "to"), toks[end:]) // "should be brick red"
		}
	}
	return slices.Concat(toks[:aux], toks[end:])
}

// praised counts the words of praise before what earns it: "(would look) lovely in red".
func praised(toks []token) int {
	n := 0
	for n < len(toks) && (synonyms.praise[toks[n].form.key] || toks[n].in(midAdverbs) || toks[n].is("much", "so", "far", "a", "lot", "bit")) {
		n++
	}
	if n == 0 || n+1 >= len(toks) || !synonyms.praise[toks[n-1].form.key] || !toks[n].is("in", "as", "with", "if") {
		return 0
	}
	return n
}

// auxiliaryAt is the place of the auxiliary that ends a subject; "can" is one
// before "be" or "go" only, "need" before "to".
func auxiliaryAt(toks []token) int {
	for i, t := range toks {
		if (t.in(auxiliaries) && prefixOf(lacks, toks[i:]) == 0) || t.is("need", "have") && i > 1 && i+1 < len(toks) && toks[i+1].is("to") || t.is("can", "may") && i > 1 && i+1 < len(toks) && toks[i+1].is("be", "go", "leave") {
			return i
		}
	}
	return -1
}

func (v *vocabulary) isParticiple(t token) bool {
	if t.kind != wordToken {
		return false
	}
	w := t.form.key
	for _, b := range bases(w) {
		if len(v.first[b]) > 0 && (b != w || hasSuffix(w, "ed") || irregular[w]) {
			return true
		}
	}
	return false
}

// isPassive reports whether the words say what something should become.
func isPassive(toks []token) bool {
	return opensNoun(toks) && (auxiliaryAt(toks) > 0 || slices.ContainsFunc(toks, func(t token) bool { return t.in(auxiliaries) }))
}

// phraseOf lists the phrases of the docs that are that word alone: "the sign has to go".
func (v *vocabulary) phraseOf(t token) []*phrase {
	var out []*phrase
	for _, p := range v.first[t.form.key] {
		if len(p.words) == 1 && !p.task.takesNoVerb() {
			out = append(out, p)
		}
	}
	return out
}

// takesNoVerb reports whether the words of a task are values rather than verbs.
func (t *task) takesNoVerb() bool { return len(t.colors) > 0 || len(t.numbers) > 0 }

// passive reports whether the words say what is to be done to something: "the car to be removed".
func (v *vocabulary) passive(toks []token) bool {
	toks = stripWrappers(toks)
	if len(toks) > 1 && toks[0].in(seenVerbs) {
		toks = toks[1:]
	}
	return opensNoun(toks) && slices.ContainsFunc(toks, func(t token) bool {
		return t.in(auxiliaries) || (hasSuffix(t.low, "ed") || t.in(irregular)) && v.isParticiple(t)
	})
}

// reduced reports whether the words are a noun with a participle of the docs
// after it that nothing follows but what it becomes: "the bench removed".
func (v *vocabulary) reduced(toks []token) bool {
	if !opensNoun(toks) {
		return false
	}
	for i := 2; i < len(toks) && toks[i].kind == wordToken && !toks[i].in(conjuncts); i++ {
		if (hasSuffix(toks[i].low, "ed") || toks[i].in(irregular)) && v.isParticiple(toks[i]) {
			return i+1 == len(toks) || v.makes(toks[i]) || toks[i+1].kind != wordToken || isColorWord(toks[i+1].low) || toks[i+1].in(conjuncts) || toks[i+1].in(targetPreps) || toks[i+1].in(placePreps) || hasSuffix(toks[i+1].low, "ward") || hasSuffix(toks[i+1].low, "wards")
		}
	}
	return false
}

// changed reports whether a participle says what a thing is to become: "the cap changed to a hat".
func (v *vocabulary) changed(toks []token) bool {
	i := slices.IndexFunc(toks, func(t token) bool { return (hasSuffix(t.low, "ed") || t.in(irregular)) && v.isParticiple(t) })
	return i > 0 && i+2 < len(toks) && toks[i+1].is("to", "into", "with", "by", "for")
}

// makes reports whether a participle is of a verb that says what a thing becomes: "the bench made longer".
func (v *vocabulary) makes(t token) bool {
	return slices.ContainsFunc(bases(t.form.key), func(b string) bool { return askedVerbs[b] })
}

// twoPredicates reports whether the words before a verb already say of something
// what it is to become: "the curtains in gray, the television (gone)".
func twoPredicates(toks []token) bool {
	for i := range toks {
		if toks[i].kind != commaToken && !toks[i].in(conjuncts) || i < 2 {
			continue
		}
		if toks[i-1].kind == wordToken && isColorWord(toks[i-1].low) && toks[i-2].is("in", "into", "to") {
			return true
		}
	}
	return false
}
