package planner

import (
	"slices"
	"strings"
	"unicode"
)

// This file finds words that stand in the picture and are not quoted:
// "change OPEN to CLOSED", "replace Monday with Tuesday".

// written makes quotations of words in capitals, and of capitalised words on
// both sides of "with" or "to", where an article does not make a noun of them.
func (v *vocabulary) written(src string, toks []token) []token {
	if !strings.ContainsFunc(src, unicode.IsLower) {
		return toks
	}
	var out []token
	for i := 0; i < len(toks); {
		n := v.capitals(toks, i, shouted)
		if n == 0 && (i == 0 || !toks[i-1].in(articles)) {
			n = v.exchanged(toks, i)
		}
		if n == 0 && len(out) > 1 && out[len(out)-1].in(targetPreps) && out[len(out)-2].kind == quoteToken {
			n = v.capitals(toks, i, capitalised)
		}
		if n == 0 && v.introduced(toks, i) {
			n = v.sentence(toks, i)
		}
		if n == 0 && writtenNumber(toks, i) {
			n = 1
		}
		if n == 0 {
			out = append(out, toks[i])
			i++
			continue
		}
		words := src[toks[i].start:toks[i+n-1].end]
		out = append(out, token{kind: quoteToken, text: words, low: words, start: toks[i].start, end: toks[i+n-1].end})
		i += n
	}
	return out
}

// capitals counts the words at i that are written so and are no nouns of the docs' labels.
func (v *vocabulary) capitals(toks []token, i int, so func(string) bool) int {
	n := 0
	for i+n < len(toks) && toks[i+n].kind == wordToken && (so(toks[i+n].text) || n > 0 && isNumeric(toks[i+n].low)) {
		n++
	}
	switch {
	case n == 0:
		return 0
	case i > 0 && toks[i-1].in(articles), v.isLabel(toks[i+n-1].low), n == 1 && isColorWord(toks[i].low), n == 1 && len(v.first[toks[i].form.key]) > 0 && (i == 0 || toks[i-1].kind == stopToken):
		return 0
	}
	return n
}

// introduced reports whether a capitalised word stands behind what the docs call the words in a picture: "the words Limited Offer".
func (v *vocabulary) introduced(toks []token, i int) bool {
	if i < 2 || toks[i].kind != wordToken || !capitalised(toks[i].text) || toks[i-1].kind != wordToken || !toks[i-2].in(articles) {
		return false
	}
	noun := toks[i-1].form
	return slices.ContainsFunc(v.tasks, func(t *task) bool {
		if !t.textual {
			return false
		}
		for n := range t.nouns {
			if n == noun.one || synonyms.alike(noun, wordsOf(n)[0], false) {
				return true
			}
		}
		return false
	})
}

// maxWritten bounds the words of a text that is not quoted.
const maxWritten = 6

// sentence counts the words of a text at i, up to a mark, a conjunction or a place.
func (v *vocabulary) sentence(toks []token, i int) int {
	n := 1
	for i+n < len(toks) && toks[i+n].kind == wordToken && (capitalised(toks[i+n].text) || !toks[i+n].in(conjuncts) && !toks[i+n].in(placePreps) && !toks[i+n].in(targetPreps) && !modal(toks[i+n]) && !toks[i+n].in(auxiliaries) && !toks[i+n].in(statives)) {
		n++
	}
	if n > maxWritten {
		return 0
	}
	return n
}

// exchanged counts the capitalised words at i where "with" or "to" and more of them follow.
func (v *vocabulary) exchanged(toks []token, i int) int {
	if i == 0 || toks[i-1].kind != wordToken {
		return 0
	}
	n := v.capitals(toks, i, capitalised)
	if n == 0 || i+n+1 >= len(toks) || !toks[i+n].is("with", "to", "by", "into", "for") || v.capitals(toks, i+n+1, capitalised) == 0 {
		return 0
	}
	return n
}

// shouted reports whether a word is all capitals, at least three of them or two with a digit.
func shouted(w string) bool {
	letters := 0
	for _, r := range w {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters >= 3 || letters == 2 && slices.ContainsFunc([]rune(w), unicode.IsDigit)
}

func capitalised(w string) bool {
	r := []rune(w)
	return len(r) > 2 && unicode.IsUpper(r[0])
}

// writtenNumber reports whether the word at i is a number that is written in the picture or is to be: "(the year) 1988 by 1998".
func writtenNumber(toks []token, i int) bool {
	number := func(k int) bool {
		return k >= 0 && k < len(toks) && toks[k].kind == wordToken && isNumeric(toks[k].low) && numberWords[toks[k].low] == 0
	}
	swaps := func(k int) bool { return k > 0 && k < len(toks) && toks[k].is("to", "into", "with", "by", "for") }
	named := func(k int) bool {
		return k > 0 && synonyms.numbered[toks[k-1].form.one] || k > 2 && toks[k-1].is("from") && synonyms.numbered[toks[k-2].form.one]
	}
	return number(i) && (named(i) && swaps(i+1) && number(i+2) || swaps(i-1) && number(i-2) && named(i-2))
}
