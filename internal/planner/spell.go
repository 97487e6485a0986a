package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// slips is how many a word of that length may have and still be recognised.
func slips(w string) int {
	switch n := len([]rune(w)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// correct returns the one word of the list that is nearest to w, if it is near
// enough and no other is as near.
func correct(w string, list []string) (string, bool) {
	best, at, tie := "", slips(w)+1, false
	for _, c := range list {
		if len(c) < 4 || c[0] != w[0] && slips(w) == 1 {
			continue
		}
		switch d := edit.Slips(w, c); {
		case d < at:
			best, at, tie = c, d, false
		case d == at && c != best:
			tie = true
		}
	}
	return best, best != "" && !tie
}

// bases lists the words that w may be a form of: "removing" → remov, remove.
func bases(w string) []string {
	out := []string{w}
	if base := synonyms.forms[w]; base != "" {
		out = append(out, base)
	}
	for _, end := range []string{"ing", "ed", "es", "s", "d"} {
		s, ok := strings.CutSuffix(w, end)
		if !ok || len(s) < 2 {
			continue
		}
		out = append(out, s)
		if end == "ing" || end == "ed" {
			out = append(out, s+"e")
			if n := len(s); n > 2 && s[n-1] == s[n-2] {
				out = append(out, s[:n-1])
			}
		}
		if s, ok := strings.CutSuffix(w, "i"+end); ok && len(s) > 1 {
			out = append(out, s+"y")
		}
	}
	return out
}

// isForm reports whether w is the word base in some form.
func isForm(w, base string) bool {
	if w == base {
		return true
	}
	if synonyms.forms[w] == base {
		return true
	}
	// Every form begins as its base does, but for a last letter or two ("carry", "carries").
	if n := len(base) - 2; n > 0 && !strings.HasPrefix(w, base[:n]) {
		return false
	}
	return slices.Contains(bases(w), base)
}

// minLong is the length from which a misspelt word of the docs is mended
// wherever it stands. Shorter words have too many neighbours that are nouns.
const minLong = 7

func longWords(tasks []*task) []string {
	var out []string
	add := func(words []word) {
		for _, w := range words {
			if len(w.key) >= minLong {
				out = append(out, w.key)
			}
		}
	}
	for _, t := range tasks {
		for _, p := range t.phrases {
			add(p.words)
		}
		for _, n := range t.numbers {
			for _, w := range n.words {
				add(w.words)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isKnown reports whether a word, in some form, is one of the docs' or the planner's own.
func (v *vocabulary) isKnown(w string) bool {
	if isGrammar(w) || lightVerbs[w] || isOutlineWord(w) || noises[w] || v.isLabel(w) || isColorWord(w) || isNumeric(w) || isPosition(w) {
		return true
	}
	return slices.ContainsFunc(bases(w), func(b string) bool { return v.known[b] })
}

// compounds joins two words that the docs write as one: "key words", "up-scale".
func (v *vocabulary) compounds(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		if i+1 < len(toks) && t.kind == wordToken && toks[i+1].kind == wordToken && toks[i+1].low != possessive && t.end < toks[i+1].start {
			w := key(t.low + toks[i+1].low)
			one, _ := edit.Singularize(w)
			if len(w) >= minLong && (v.compound(w) || v.compound(one)) {
				out = append(out, newToken(t.text+toks[i+1].text, w, t.start, toks[i+1].end))
				i++
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

// parted takes apart a word that nobody knows and that is a verb of the docs and an
// article written together, in one way only: "removethe".
func (v *vocabulary) parted(toks []token) (out []token, notices []string) {
	for i, t := range toks {
		cut := 0
		if t.kind == wordToken && len(t.low) == t.end-t.start && !v.isKnown(t.form.key) {
			cut = v.cutAt(t.low)
		}
		if cut == 0 && i+1 < len(toks) && toks[i+1].is("of") && len(t.low) == t.end-t.start && !english.Known(t.low) {
			cut = placeCut(t.low)
		}
		if cut == 0 {
			out = append(out, t)
			continue
		}
		glued := placeCut(t.low) == cut
		verb, rest := newToken(t.text[:cut], t.low[:cut], t.start, t.start+cut), newToken(t.text[cut:], t.low[cut:], t.start+cut, t.end)
		verb.fixed, rest.fixed = glued, glued
		out = append(out, verb, rest)
		notices = append(notices, fmt.Sprintf("%q is read as %q", t.text, verb.text+" "+rest.text))
	}
	return out, notices
}

// placeCut is where a word falls into "in", "on" or "at" and an English word: "infront of"; 0 where it does not.
func placeCut(w string) int {
	for _, prep := range []string{"in", "on", "at"} {
		if rest, ok := strings.CutPrefix(w, prep); ok && len(rest) > 2 && english.Tier(rest) > 0 {
			return len(prep)
		}
	}
	return 0
}

// cutAt is where a word falls into a verb of the docs and an article; 0 where it does not, or in two ways.
func (v *vocabulary) cutAt(w string) int {
	at := 0
	for cut := 4; cut+3 <= len(w); cut++ {
		if len(v.first[key(w[:cut])]) == 0 || !articles[w[cut:]] && !quantifiers[w[cut:]] {
			continue
		}
		if at > 0 {
			return 0
		}
		at = cut
	}
	return at
}

// everyBit writes "every bit of" and "every single" as "every".
func everyBit(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		n := 0
		if t.in(quantifiers) && i+2 < len(toks) {
			switch {
			case toks[i+1].in(bits) && toks[i+2].is("of"):
				n = 2
			case toks[i+1].is("single", "last"):
				n = 1
			}
		}
		if n > 0 {
			t.end = toks[i+n].end
			t.fixed = true
			i += n
		}
		out = append(out, t)
	}
	return out
}

func (v *vocabulary) compound(w string) bool {
	_, ok := slices.BinarySearch(v.long, w)
	return ok
}
