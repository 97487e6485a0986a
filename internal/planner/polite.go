package planner

import "slices"

// This file takes politeness off an order, and what else stands round it and asks for nothing.

// maxKind bounds the words of "it would be such a great help".
const maxKind = 9

// newClause takes politeness off both ends.
func (v *vocabulary) newClause(toks []token) (clause, bool) {
	all := trimMarks(toks)
	body, optional := stripIfAny(stripWrappers(withoutOwner(all)))
	body = v.wantsDoing(body)
	if k := wishAt(body); k > 0 && k <= 3 && k+1 < len(body) && body[k-1].kind == wordToken {
		body = stripWrappers(body[k+1:])
	}
	if len(body) == 0 {
		return clause{}, false
	}
	if k := slices.IndexFunc(body, func(t token) bool { return t.is("stay", "remain") }); k > 1 && k+2 == len(body) && opensNoun(body) && modal(body[k-1]) && isColorWord(body[k+1].low) {
		body = body[:k+1] // "the wall must stay white"
	}
	if len(body) > 2 && body[0].is("you", "to") && v.startsTask(body[1:]) {
		body = body[1:] // "after this you remove the dog"
	}
	if len(body) > 2 && body[0].is("do") && v.startsTask(body[1:]) {
		body = body[1:] // "do read it out"
	}
	keep := v.opensKeep(body) || opensNoun(body) && suffixOf(stays, body) > 0
	if !keep {
		body = v.activeVoice(body)
	}
	return clause{toks: body, all: all, keep: keep, optional: optional}, true
}

// wishAt is where somebody's wish is said: "my friend wants", "my friend would like".
func wishAt(toks []token) int {
	for i, t := range toks {
		if t.in(wishing) {
			return i
		}
		if i > 0 && t.in(attitudes) && toks[i-1].is("would") {
			return i
		}
	}
	return -1
}

// withoutOwner drops "the picture's", which says nothing of its resolution or text.
func withoutOwner(toks []token) []token {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is(possessive) })
	if at < 1 || !toks[at-1].in(wholeNouns) {
		return toks
	}
	from := at - 1
	if from > 0 && toks[from-1].in(articles) {
		from--
	}
	return slices.Concat(toks[:from], toks[at+1:])
}

func trimMarks(toks []token) []token {
	for len(toks) > 0 && toks[0].kind == commaToken {
		toks = toks[1:]
	}
	for len(toks) > 0 && (toks[len(toks)-1].kind == commaToken || toks[len(toks)-1].in(conjuncts)) {
		toks = toks[:len(toks)-1]
	}
	return toks
}

func stripWrappers(toks []token) []token {
	for {
		toks = trimMarks(toks)
		n := max(spokenPrefix(wrappers, toks), spokenPrefix(synonyms.openings, toks), kindWish(toks))
		if k := spokenPrefix(askings, toks); k > 0 && k < len(toks) && toks[k].in(questionWords) {
			n = max(n, k)
		} else if len(toks) > 2 && synonyms.naming[toks[0].form.key] && toks[1].is("which", "what", "whose") {
			n = max(n, 1)
		}
		if n == 0 || n == len(toks) && n == 1 && toks[0].in(conjuncts) || prefixOf(insteadOf, toks) > 0 || alikeAt(toks) {
			return toks
		}
		toks = toks[n:]
	}
}

// alikeAt reports whether the words begin with "so should (the bench)"; "so should it" is about the same thing again.
func alikeAt(toks []token) bool {
	n := prefixOf(sameWords, toks)
	return n > 0 && (n == len(toks) || !toks[0].is("so") || !toks[n].in(pronouns) && !toks[n].in(speakers))
}

// kindWish counts the words of "it would be super helpful if you could", "I would
// be happy if you", "it would be nice to": a would and, before any thing is named,
// "if" or "to".
func kindWish(toks []token) int {
	if len(toks) < 5 || !toks[0].is("it", "i", "we", "that") || !toks[1].is("would", "will", "could") || !toks[2].is("be", "mean", "help", "make", "appreciate", "love", "like", "really") {
		return 0
	}
	for k := 3; k < min(len(toks)-1, maxKind); k++ {
		switch t := toks[k]; {
		case t.kind != wordToken || t.in(articles) && !t.is("a", "the", "it", "that", "this") || t.is("the") && !toks[k+1].is("world"):
			return 0
		case t.is("to") && toks[0].is("it"):
			return k + 1
		case t.is("if") && toks[k+1].is("you", "we", "i"):
			if k+2 < len(toks) && toks[k+2].is("could", "can", "would", "might", "were") {
				k++
			}
			if k+2 < len(toks) && toks[k+2].is("able") && k+3 < len(toks) {
				k += 2
			}
			return k + 2
		case t.is("if"):
			return k + 1
		}
	}
	return 0
}

func stripTails(toks []token) []token {
	for {
		toks = trimMarks(toks)
		n := max(suffixOf(tails, toks), suffixOf(synonyms.closings, toks))
		for k := 2; n == 0 && k <= 4 && k < len(toks); k++ { // "can you see in this photo"
			if m := suffixOf(tails, toks[:len(toks)-k]); m > 0 && m+k < len(toks) && wholeAdjunct(toks[len(toks)-k:]) {
				n = m + k
			}
		}
		if n == 0 {
			return toks
		}
		toks = toks[:len(toks)-n]
	}
}

// stripIfAny is stripTails, and tells whether one of the tails was "if there are any".
func stripIfAny(toks []token) (rest []token, optional bool) {
	for {
		toks = stripTails(toks)
		n := suffixOf(ifAny, toks)
		if n == 0 {
			return toks, optional
		}
		toks, optional = toks[:len(toks)-n], true
	}
}
