package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// This file reads words that stand elsewhere than in a plain order, or are left
// out of it: "cover with black the number", "the note my aunt left".

// shifted reads "paint in red the old car" as "paint the old car in red".
func (p *parse) shifted(c clause) []way {
	n := p.v.verbLength(c.toks)
	if n == 0 || n+2 >= len(c.toks) || c.toks[0].in(questionWords) || !c.toks[n].in(targetPreps) && !c.toks[n].in(placePreps) {
		return nil
	}
	var out []way
	for k := n + 2; k+1 < len(c.toks); k++ {
		if c.toks[k].in(articles) && !c.toks[k+1].in(placePreps) && hasNounOrColor(c.toks[n+1:k]) && c.toks[k-1].kind == wordToken && !c.toks[k-1].in(placePreps) && !c.toks[k-1].in(articles) {
			out = append(out, way{clauses: []clause{c.as(slices.Concat(c.toks[:n], c.toks[k:], c.toks[n:k]))}})
		}
	}
	return out
}

func hasNounOrColor(toks []token) bool {
	return hasNoun(toks) || slices.ContainsFunc(toks, func(t token) bool { return t.kind == wordToken && isColorWord(t.low) })
}

// asIf reads "make it look as if it were on a beach" as "make it look like a beach".
func (p *parse) asIf(c clause) []way {
	toks := c.spoken()
	for at := 1; at+4 < len(toks); at++ {
		if !toks[at].is("as") || !toks[at+1].is("if", "though") {
			continue
		}
		for k := at + 3; k+1 < min(len(toks), at+9); k++ {
			if !toks[k].in(auxiliaries) {
				continue
			}
			for k+1 < len(toks) && (toks[k].in(auxiliaries) || toks[k].is("been", "all", "really", "just") || hasSuffix(toks[k].low, "ing") || toks[k].in(irregular) || hasSuffix(toks[k].low, "ed") || toks[k].is("shot")) {
				k++
			}
			if y := trimPreps(toks[k:]); len(y) > 0 && !slices.ContainsFunc(y, func(t token) bool { return t.in(auxiliaries) }) {
				return []way{{clauses: []clause{c.as(slices.Concat(wholeFor(toks[:at]), say(toks[at], "like"), y))}}}
			}
			return nil
		}
	}
	return nil
}

// reduced puts back the "that" of "the note my aunt left on the door".
func (p *parse) reduced(c clause) []way {
	for k := 2; k+1 < len(c.toks); k++ {
		t, before := c.toks[k], c.toks[k-1]
		subject := t.in(owners) || t.is("i", "we", "he", "she", "they", "you")
		if !subject || before.kind != wordToken || isGrammar(before.low) || len(p.v.phraseOf(before)) > 0 && k < 3 {
			continue
		}
		if rest := c.toks[k:]; p.v.finiteWithin(rest) > 0 || len(rest) > 2 && (rest[1].in(irregular) || rest[2].in(irregular)) {
			return []way{{clauses: []clause{c.as(slices.Concat(c.toks[:k], say(t, "that"), c.toks[k:]))}}}
		}
	}
	return nil
}

// wholeFor is "make the picture look" for "make it look".
func wholeFor(toks []token) []token {
	if n := len(toks) - 1; n > 1 && (toks[0].in(askedVerbs) || toks[0].is("let")) && toks[n].in(becomeVerbs) && isWhole(toks[1:n]) {
		return slices.Concat(say(toks[0], "make", "the", "picture"), toks[n:]) // "let the whole thing look"
	}
	if len(toks) < 2 || !toks[0].in(askedVerbs) && !toks[0].is("let") || !toks[1].in(objectPronouns) || len(toks) > 2 && !toks[2].in(becomeVerbs) {
		return toks
	}
	return slices.Concat(say(toks[0], "make", "the", "picture"), toks[2:])
}

// describesPicture reports whether the words before i only tell which picture the word at i means.
func (r *reading) describesPicture(i int) bool {
	return i < len(r.toks) && r.roles[i] == verbRole && r.toks[i].in(wholeNouns) && r.toks[i-1].kind == wordToken && !r.toks[i-1].is(possessive) && !r.toks[i-1].in(placePreps)
}

// pictured reports whether an object phrase is a kind of picture, "the old portrait",
// and so the picture itself to a task that needs no object; for one that can take
// an object, it must be no thing that the docs know.
func (v *vocabulary) pictured(object string, takesObject bool) bool {
	words := strings.Fields(edit.ParsePhrase(object).Head)
	if n := len(words); n > 0 && n < 4 && synonyms.pages[singularKey(words[n-1])] && !strings.Contains(object, possessive) {
		return true
	}
	for i, w := range words {
		if last := i+1 == len(words); v.isLabel(w) && (takesObject || !last) || last && !synonyms.pictured[singularKey(w)] || isGrammar(w) {
			return false
		}
	}
	return len(words) > 0 && len(words) <= 3
}
