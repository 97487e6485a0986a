package planner

import (
	"cmp"
	"slices"

	"pentimento/internal/edit"
)

// This file puts words where the rest of the planner expects them: what a
// person says first, last or apart and means as the plain order.

// fronted writes each part of a request that names first what it is about as
// the order it means.
func (v *vocabulary) fronted(toks []token) []token {
	var out []token
	start := 0 // where the part of out that is being written begins
	for i := 0; i < len(toks); {
		if toks[i].kind != wordToken {
			if n := askedOf(out[start:], toks[i:]); n > 0 {
				for start < len(out) && out[start].in(conjuncts) {
					start++
				}
				out = slices.Insert(out, start, toks[i+1])
				i += n
				continue
			}
			out = append(out, toks[i])
			i++
			if toks[i-1].kind != quoteToken {
				start = len(out)
			}
			continue
		}
		if len(out) == start {
			said, n := v.part(toks[i:])
			out = append(out, said...)
			i += n
			if n > 0 {
				continue
			}
		}
		if n := coloredToo(out, toks[i:]); n > 0 {
			out = append(out, say(toks[i], "make")...)
			i++
			continue
		}
		if i > 1 && toks[i].is("of") && toks[i-1].in(conjuncts) && i+1 < len(toks) && toks[i+1].in(articles) && slices.ContainsFunc(out[start:], func(t token) bool { return t.is("of") }) {
			i++ // "a mask of the dog and of the cat"
			continue
		}
		out = append(out, toks[i])
		i++
	}
	return out
}

// asSaid puts the words of a clause back as the request has them.
func asSaid(toks []token) []token {
	out := slices.DeleteFunc(slices.Clone(toks), func(t token) bool { return t.start == t.end })
	slices.SortStableFunc(out, func(a, b token) int { return cmp.Compare(a.start, b.start) })
	return out
}

// part reads what stands at the start of a part in another order, and how many words that takes.
func (v *vocabulary) part(toks []token) ([]token, int) {
	if len(toks) > 1 && factorWord(toks[0].low) && toks[1].kind == wordToken && len(v.first[toks[1].form.key]) > 0 {
		return []token{toks[1], toks[0]}, 2 // "4x upscale"
	}
	if n := unwanted(toks); n > 0 {
		end := n + 4
		return slices.Concat(toks[n:end], toks[:n]), end // "the candles I do not want"
	}
	if n := colored(toks); n > 0 && !v.verbForm(toks[0]) {
		return slices.Concat(say(toks[0], "make", "the"), toks[:n]), n // "roof red"
	}
	if n := v.done(toks); n > 0 {
		return slices.Concat(say(toks[0], "the"), toks[:n]), n // "background removed"
	}
	if n := v.bareSubject(toks); n > 0 {
		if toks[n].is("to") {
			return slices.Concat(say(toks[0], "make", "the"), toks[:n]), n + 1 // "door to grey"
		}
		return slices.Concat(say(toks[0], "the"), toks[:n]), n
	}
	return v.inOrOut(toks)
}

// partEnd counts the words up to the next mark, quotation or conjunction.
func partEnd(toks []token) int {
	end := slices.IndexFunc(toks, func(t token) bool { return t.kind != wordToken || t.in(conjuncts) })
	if end < 0 {
		return len(toks)
	}
	return end
}

// done counts the words of a bare noun with a participle of the docs behind it, and nothing else.
func (v *vocabulary) done(toks []token) int {
	end := partEnd(toks)
	end -= suffixOf(tooWords, toks[:end])
	if k := slices.IndexFunc(toks[:min(end, 4)], func(t token) bool { return t.in(irregular) || hasSuffix(t.low, "ed") }); k > 0 && k+2 < end && toks[k+1].is("to", "into", "with", "by", "for") {
		end = k + 1 // "lamp replaced with a candle"
	}
	if end < 2 || end > 4 || !v.isParticiple(toks[end-1]) || !hasSuffix(toks[end-1].low, "ed") && !toks[end-1].in(irregular) || v.verbForm(toks[0]) && v.startsOrder(toks, true) {
		return 0
	}
	if slices.ContainsFunc(toks[:end-1], func(t token) bool {
		return isGrammar(t.low) || lightVerbs[t.low] || t.in(statives) || t.in(finite) || t.in(questionWords) || t.in(nominatives) || t.in(negations) || t.in(stopBefore) || isNumeric(t.low) || v.isParticiple(t) && !v.isLabel(t.low)
	}) || len(stripWrappers(toks[:end])) < end {
		return 0
	}
	return end
}

// colored counts the words of a noun of one or two words with a colour behind it, and nothing else.
func colored(toks []token) int {
	end := partEnd(toks)
	if _, all := paintAt("", toks[:end], 0); end < 2 || end > 4 || all || synonyms.tints[toks[0].low] {
		return 0
	}
	for i, t := range toks[:end] {
		if p, ok := paintAt("", toks[:end], i); ok && i > 0 && i < 3 {
			return end * min(1, max(0, i+p.n-end+1))
		}
		if isGrammar(t.low) || lightVerbs[t.low] || t.in(statives) || t.in(questionWords) || t.in(nominatives) || t.in(negations) || t.in(stopBefore) || isNumeric(t.low) || prefixOf(wrappers, toks[i:end]) > 0 || prefixOf(corrections, toks[i:end]) > 0 || prefixOf(weaker, toks[i:end]) > 0 || prefixOf(stronger, toks[i:end]) > 0 {
			return 0
		}
	}
	return 0
}

func factorWord(w string) bool {
	m := numberForm.FindStringSubmatch(w)
	return m != nil && (m[2] == "x" || m[2] == "×")
}

// unwanted counts the words of a noun phrase before "I do not want".
func unwanted(toks []token) int {
	if !opensNoun(toks) || toks[0].kind != wordToken {
		return 0
	}
	for i := 2; i+3 < len(toks) && i < maxSubject && toks[i].kind == wordToken; i++ {
		if toks[i].is("i", "we") {
			if toks[i+1].is("do") && toks[i+2].in(negations) && toks[i+3].is("want", "need", "like") {
				return i
			}
			return 0
		}
	}
	return 0
}

// maxInOrOut bounds the words of "two white horses in".
const maxInOrOut = 6

// inOrOut reads "tractor out" and "two horses in" with the verbs that the docs
// have for taking things away and for adding them.
func (v *vocabulary) inOrOut(toks []token) ([]token, int) {
	end := partEnd(toks)
	if end < 2 || end > maxInOrOut || !toks[end-1].is("in", "out") || !hasNoun(toks[:end-1]) {
		return nil, 0
	}
	noun := toks[:end-1]
	if !opensNoun(noun) && v.verbForm(noun[0]) || v.startsOrder(noun, true) || len(stripWrappers(noun)) < len(noun) || slices.ContainsFunc(noun, func(t token) bool {
		return t.in(statives) || t.in(auxiliaries) || t.in(finite) || t.in(lightVerbs) || t.in(nominatives) || t.in(placePreps) || t.in(questionWords) || modal(t) || v.isParticiple(t)
	}) || !opensNoun(noun) && !isCount(noun) && !v.isLabel(noun[len(noun)-1].low) && len(noun) > 1 {
		return nil, 0
	}
	for _, t := range v.tasks {
		adds := t.effect == edit.EffectCreates
		if t.needsObject && !t.closed && t.verb() != "" && (adds && toks[end-1].is("in") || !adds && t.destroys && toks[end-1].is("out")) {
			said := say(toks[0], t.verb())
			if !opensNoun(noun) && !isCount(noun) {
				said = append(said, say(toks[0], "the")...)
			}
			return slices.Concat(said, noun), end
		}
	}
	return nil, 0
}

// askedOf counts the words of ", could that" after a noun phrase that alone fills its part: "the gate, could that be red?"
func askedOf(noun, toks []token) int {
	if len(toks) < 4 || toks[0].kind != commaToken || !toks[1].is("could", "can", "should", "may", "might", "would") || !toks[2].in(pronouns) && !toks[2].is("he", "she") || !toks[3].is("be", "become", "go", "get") {
		return 0
	}
	for len(noun) > 0 && noun[0].in(conjuncts) {
		noun = noun[1:]
	}
	if len(noun) < 2 || !opensNoun(noun) || slices.ContainsFunc(noun, func(t token) bool { return t.in(statives) || t.in(auxiliaries) || t.in(finite) || modal(t) }) {
		return 0
	}
	return 3
}

// coloredToo counts the words of "with the roof in red" behind a comma: what has that colour is to get it.
func coloredToo(before, toks []token) int {
	if len(before) == 0 || before[len(before)-1].kind != commaToken || !toks[0].is("with") || len(toks) < 4 || !toks[1].in(articles) {
		return 0
	}
	end := partEnd(toks)
	for k := 3; k < end; k++ {
		if p, ok := paintAt("", toks, k); ok && k+p.n == end && !toks[k-1].in(articles) {
			return end
		}
	}
	return 0
}
