package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// This file mends what is mistyped. A word of the docs, of the planner's own or
// of English stays as it is; another is taken for the nearest of them, those of
// the docs first, with a notice.

// spell mends the words of a request, with a notice for each.
func (v *vocabulary) spell(toks []token) ([]token, []string) {
	out, notices := v.parted(v.compounds(v.hyphened(everyBit(toks))))
	for i, t := range out {
		if full := synonyms.short[t.low]; full != "" && t.kind == wordToken {
			out[i] = t.respelt(full)
			continue
		}
		if right, ok := v.mended(out, i); ok {
			out[i] = t.respelt(right)
			notices = append(notices, fmt.Sprintf("%q is read as %q", t.text, right))
		}
	}
	return out, notices
}

// hyphened writes a word that a particle is part of as one: "broken-down", "pick-up",
// unless the docs know its parts.
func (v *vocabulary) hyphened(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		n := 1
		for i+n < len(toks) && n < 4 && toks[i+n].kind == wordToken && toks[i+n-1].kind == wordToken && toks[i+n].low != possessive && toks[i+n].start == toks[i+n-1].end+1 && toks[i+n].glued {
			n++
		}
		run := toks[i : i+n]
		if n < 2 || run[0].in(particles) || isColorWord(run[n-1].low) || isNumeric(run[0].low) || !slices.ContainsFunc(run[1:], func(t token) bool { return t.in(particles) || t.in(lowering) || t.in(raising) }) || !slices.ContainsFunc(run, func(t token) bool { return !v.asking[t.form.one] && !isGrammar(t.low) }) {
			out = append(out, toks[i])
			continue
		}
		text := make([]string, n)
		for k, t := range run {
			text[k] = t.text
		}
		said := strings.Join(text, "-")
		out = append(out, newToken(said, strings.ToLower(said), run[0].start, run[n-1].end))
		i += n - 1
	}
	return out
}

// mended is the word that the one at i was meant to be. A capitalised word
// inside a sentence is a name and left alone; one that begins a sentence is
// taken for words of the docs only.
func (v *vocabulary) mended(toks []token, i int) (string, bool) {
	t := toks[i]
	if t.kind != wordToken || !letters(t.low) || v.isKnown(t.form.key) || english.Known(t.low) {
		return "", false
	}
	opens := i == 0 || toks[i-1].kind == stopToken
	if capitalised(t.text) && !opens {
		return "", false
	}
	if w, ok := v.begins(toks, i); ok {
		return w, true
	}
	if joined := opens || toks[i-1].kind != wordToken || toks[i-1].in(conjuncts) || toks[i-1].in(stopBefore); joined && i+1 < len(toks) && toks[i+1].in(articles) {
		if w, ok := v.misspeltVerb(t.form.key); ok {
			return w, true // "remoe the background"
		}
	}
	if w, ok := v.nearestWord(t.low, !capitalised(t.text) && !compound(t.low)); ok {
		return w, true
	}
	if w, ok := v.nearestLong(t.form.key); ok {
		return w, true
	}
	return v.transposed(t.low)
}

// transposed is the word of the docs that w becomes by exchanging two of its letters: "bycicle".
func (v *vocabulary) transposed(w string) (string, bool) {
	for i := 1; i+1 < len(w); i++ {
		for k := i + 1; k < len(w); k++ {
			b := []byte(w)
			b[i], b[k] = b[k], b[i]
			if c := string(b); c != w && len(w) >= minLong-1 && v.isWord(key(c)) {
				return c, true
			}
		}
	}
	return "", false
}

// begins is the verb that a word must be for the words after it: "ged rid of" is "get rid of".
func (v *vocabulary) begins(toks []token, i int) (string, bool) {
	for _, verb := range v.verbs {
		if verb[0] != toks[i].low[0] || edit.Slips(toks[i].low, verb) != 1 {
			continue
		}
		for _, p := range v.first[verb] {
			n := len(p.words)
			if n < 3 || i+n > len(toks) || !particles[p.words[n-1].key] {
				continue
			}
			if slices.EqualFunc(p.words[1:], toks[i+1:i+n], func(w word, t token) bool { return w.key == t.form.key }) {
				return verb, true
			}
		}
	}
	return "", false
}

// letters reports whether a word is written in a to z alone, so that it may be misspelt.
func letters(w string) bool {
	return !strings.ContainsFunc(w, func(r rune) bool { return r < 'a' || r > 'z' })
}

// compound reports whether a word that no list has is made of two common ones: "streetlamp".
func compound(w string) bool {
	const common = 4
	for cut := 3; cut+3 <= len(w); cut++ {
		a, b := english.Tier(w[:cut]), english.Tier(w[cut:])
		if a > 0 && b > 0 && a <= common && b <= common {
			return true
		}
	}
	return false
}

// What a word costs as the one that was meant, beside the slip itself: docsWord
// is what a word of the docs is ahead of one of English, tierCost what a rarer
// word is behind, maxCost the most for a word of five letters and more, of fewer.
const (
	docsWord  = -0.7
	tierCost  = 0.25
	maxCost   = 3.0
	shortCost = 2.0
)

// nearestWord is the word that w becomes by undoing the likeliest slip, among the
// words of the docs and, where any will do, of English.
func (v *vocabulary) nearestWord(w string, anyWord bool) (string, bool) {
	best, at := "", maxCost
	if len(w) < 5 {
		at = shortCost
	}
	for c, cost := range edit.Unslipped(w) {
		if len(w) < 4 && cost > 1 { // so short a word has too many neighbours
			continue
		}
		if cost+docsWord >= at && (!anyWord || cost >= at) {
			continue
		}
		switch tier := 0; {
		case v.isWord(key(c)):
			cost += docsWord
		case anyWord:
			if tier = english.Tier(c); tier == 0 {
				continue
			}
			cost += tierCost * float64(tier-1)
		default:
			continue
		}
		if cost < at || cost == at && c < best {
			best, at = c, cost
		}
	}
	return best, best != ""
}

// nearestLong is the one long word of the docs that is two slips from w.
func (v *vocabulary) nearestLong(w string) (string, bool) {
	if len(w) < minLong {
		return "", false
	}
	best := ""
	for _, c := range v.long {
		if w[0] == c[0] && edit.Slips(w, c) == 2 {
			if best != "" {
				return "", false
			}
			best = c
		}
	}
	return best, best != ""
}

// isWord reports whether the docs' words to ask with, their labels or the planner's own lists hold the word.
func (v *vocabulary) isWord(w string) bool {
	return v.isLabel(w) || isGrammar(w) || lightVerbs[w] || sideWords[w] || isColorWord(w) || slices.ContainsFunc(bases(w), func(b string) bool {
		return v.asking[b] && (b == w || english.Known(w) || !english.Known(b)) // "sliping" is no word
	})
}

// misspeltVerb is the verb of the docs that is nearest to a word which nobody
// knows, or which English knows and which has the verb's letters in another order.
func (v *vocabulary) misspeltVerb(w string) (string, bool) {
	if v.known[w] || isGrammar(w) || lightVerbs[w] {
		return "", false
	}
	if len(w) < 4 {
		for c, cost := range edit.Unslipped(w) {
			if _, found := slices.BinarySearch(v.verbs, c); found && cost <= 1 && c[0] == w[0] {
				return c, true // "ad" for "add"
			}
		}
	}
	right, ok := correct(w, v.verbs)
	return right, ok && (!english.Known(w) || sameLetters(w, right))
}

// sameLetters reports whether two words have the same letters, in whatever order.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
