package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/planner/english"
)

// This file reads what a request says of its orders and asks for by none of
// them: why, when and for whom, "because it is ugly", "before I send it", "if it still fits".

// circumstances takes such words out of a request, with a notice for those
// that a person may have meant to be weighed.
func (v *vocabulary) circumstances(toks []token) ([]token, []string) {
	var out []token
	var notices []string
	for i := 0; i < len(toks); {
		if rest, ok := wishedFor(out, toks[i:]); ok {
			toks, out, i = rest, nil, 0 // "edit the picture so that the car is red"
			continue
		}
		if k := prefixOf(resulting, toks[i:]); k > 0 && len(out) > 0 {
			if _, ok := paintAt("", toks, i+k); ok {
				out = append(out, say(toks[i], "to")...) // "recolor the tent so that it is red"
				i += k
				continue
			}
		}
		n, how := v.circumstance(toks, i)
		if n == 0 {
			out = append(out, toks[i])
			i++
			continue
		}
		if how != "" {
			notices = append(notices, fmt.Sprintf("%q %s", strings.Join(lows(toks[i:i+n]), " "), how))
		}
		i += n
	}
	return out, notices
}

// circumstance counts the words at i that ask for nothing, and says how they are read.
func (v *vocabulary) circumstance(toks []token, i int) (n int, how string) {
	rest := toks[i:]
	if n := spokenPrefix(synonyms.feasible, rest); n > 0 {
		return n, "is not weighed: it is done in any case"
	}
	if n := spokenPrefix(asides, rest); n > 0 && !leadsOn(toks, i, n) {
		return n, ""
	}
	if n := v.hailed(rest); n > 0 && opensSentence(toks, i) {
		return n, ""
	}
	if rest[0].in(listens) && opensSentence(toks, i) && len(rest) > 2 && rest[1].kind == commaToken && rest[1].text == "," {
		return 2, "" // "right, mate"
	}
	if synonyms.vocatives[rest[0].low] && called(toks, i) {
		return 1, ""
	}
	if rest[0].in(noises) && (i == 0 || !toks[i-1].in(articles)) {
		if len(rest) > 1 && rest[1].kind == commaToken && (i == 0 || toks[i-1].kind == stopToken) {
			return 2, "" // "hm, ..."
		}
		return 1, ""
	}
	if prefixOf(unharmed, rest) > 0 {
		return phraseEnd(rest), "is read as a hope and asks for nothing"
	}
	if n := lossless(rest); n > 0 {
		return n, "is read as a hope and asks for nothing"
	}
	if n := v.occasion(rest, i == 0 || toks[i-1].kind != wordToken && toks[i-1].kind != quoteToken || toks[i-1].in(conjuncts)); n > 0 {
		return n, "is read as a time or place and asks for nothing"
	}
	if end := phraseEnd(rest); i > 0 && toks[i-1].kind == commaToken && end > 2 && end < 6 && end < len(rest) && rest[end].kind == commaToken && rest[0].is("which", "who") && rest[1].is("is", "are") && isPaint(slices.DeleteFunc(slices.Clone(rest[2:end]), func(t token) bool {
		return t.in(fillers) || t.is("now", "currently", "presently", "at", "moment", "today")
	})) {
		return end + 1, "is read as a remark and asks for nothing" // ", which is red now,"
	}
	if i > 0 && toks[i-1].kind == commaToken && v.besides(rest) {
		return phraseEnd(rest), "is read as a remark and asks for nothing"
	}
	if end := phraseEnd(rest); i > 1 && toks[i-1].kind == commaToken && toks[i-2].kind == wordToken && isColorWord(toks[i-2].low) && end > 1 && end < 6 && rest[0].in(owners) && rest[end-1].in(colorNouns) {
		return end, "is read as a remark and asks for nothing"
	}
	if i > 0 && len(rest) > 1 && rest[0].is("before", "after") && hasSuffix(rest[1].low, "ing") && !v.startsOrder(rest[1:], true) && slices.ContainsFunc(bases(rest[1].low)[1:], english.Verb) && !slices.ContainsFunc(rest[:phraseEnd(rest)], func(t token) bool { return t.in(conjuncts) || t.in(articles) || t.kind == quoteToken }) {
		return phraseEnd(rest), "is read as a time and asks for nothing" // "before serving"
	}
	if i > 0 && (rest[0].in(reasons) || prefixOf(purposes, rest) > 0) {
		return phraseEnd(rest), "is read as a reason and asks for nothing"
	}
	return 0, ""
}

// called reports whether the word at i stands apart, between marks or behind a greeting.
func called(toks []token, i int) bool {
	marked := func(k int) bool {
		return k < 0 || k >= len(toks) || toks[k].kind == stopToken || toks[k].kind == commaToken
	}
	if toks[i].kind != wordToken {
		return false
	}
	start := i
	for start > 0 && (toks[start-1].is("my", "dear", "old", "hey", "hi", "hello", "ok", "okay", "right", "listen", "please", "thanks", "so", "well", "yo", "good", "oh", "all") || prefixOf(greetings, toks[start-1:i]) == i-start+1) {
		start--
	}
	loose := i == 0 && toks[i].is("bro", "dude", "guys", "mate") && len(toks) > 2
	return marked(start-1) && (marked(i+1) || loose) && (start > 0 || i+1 < len(toks) && toks[min(i+1, len(toks)-1)].text != ":" || loose) && len(toks) > 1
}

// besides reports whether a relative clause behind a comma only adds something: "which ruins the view".
func (v *vocabulary) besides(toks []token) bool {
	said := toks[:phraseEnd(toks)]
	if len(said) < 3 || !said[0].is("which", "who") {
		return false
	}
	n := v.isFinite(said[1], said[0].is("who"))
	return (n > 0 || hasSuffix(said[1].low, "s")) && !said[1].is("is", "are", "does", "do") && !hasModal(said) && !slices.ContainsFunc(said, v.weighs) && !slices.ContainsFunc(said, func(t token) bool { return t.in(conjuncts) })
}

// leadsOn reports whether the "if you could" of n words at i leads up to what
// "it would be great if you could" do: a word that is no article follows, and no comma stands before it.
func leadsOn(toks []token, i, n int) bool {
	if !toks[i].is("if") || n < 3 || i == 0 || i+n >= len(toks) {
		return false
	}
	next := toks[i+n]
	return toks[i-1].kind == wordToken && next.kind == wordToken && !next.in(articles) && !next.in(quantifiers) && !next.in(conjuncts)
}

// phraseEnd counts the words up to the next stop or comma.
func phraseEnd(toks []token) int {
	end := slices.IndexFunc(toks, func(t token) bool { return t.kind == stopToken || t.kind == commaToken })
	if end < 0 {
		return len(toks)
	}
	return end
}

// lossless counts the words of "without losing quality", "with no loss of detail".
func lossless(toks []token) int {
	if !toks[0].is("without") && (len(toks) < 2 || !toks[0].is("with") || !toks[1].is("no")) {
		return 0
	}
	for k := 1; k < min(len(toks), 7) && toks[k].kind == wordToken; k++ {
		ends := k+1 == len(toks) || toks[k+1].kind != wordToken || toks[k+1].in(conjuncts) || suffixOf(tails, toks[k+1:phraseEnd(toks)]) > 0
		if synonyms.losses[toks[k].form.one] && ends {
			return k + 1
		}
	}
	return 0
}

// occasion counts the words of "before I send it", "wherever it shows up",
// "once you have told me that": a clause whose subject is a pronoun and that
// names nothing of the picture. opens says that a clause begins here.
func (v *vocabulary) occasion(toks []token, opens bool) int {
	n := prefixOf(occasions, toks)
	if n == 0 || n+1 >= len(toks) || !synonyms.onlookers[toks[n].form.one] || !subjectOf(toks[n], toks[n+1]) {
		return 0
	}
	if toks[0].in(questionWords) && !opens {
		return 0 // "tell me when it opens"
	}
	if toks[n].is("this", "that") && v.startsTask(toks[n+1:]) {
		return 0 // "after this put a bench there"
	}
	end := n + 2
	for end < phraseEnd(toks) && !v.nextOrder(toks, end, opens) {
		end++
	}
	if end > phraseEnd(toks) {
		return 0
	}
	said := toks[n+1 : end]
	if toks[n].is("you", "we") && v.namesWork(said[1:]) || slices.ContainsFunc(said, v.weighs) {
		return 0 // "once you have removed the dog"
	}
	return end
}

// subjectOf reports whether a verb may be the subject's: after "that" an order would have no "s".
func subjectOf(subject, verb token) bool {
	if subject.is("i", "you", "we", "they") {
		return verb.kind == wordToken
	}
	return verb.in(auxiliaries) || verb.in(midAdverbs) || verb.in(irregular) || hasSuffix(verb.low, "s") || hasSuffix(verb.low, "ed")
}

// nextOrder reports whether an order begins at i, after a conjunction or, with opens, without one.
func (v *vocabulary) nextOrder(toks []token, i int, opens bool) bool {
	if toks[i].in(conjuncts) {
		return v.startsTask(stripWrappers(toks[i+1:]))
	}
	return opens && v.startsTask(toks[i:])
}

// namesWork reports whether the words after "once you" hold a noun phrase to be worked on.
func (v *vocabulary) namesWork(said []token) bool {
	return slices.ContainsFunc(said, func(t token) bool {
		return t.kind != wordToken || t.in(articles) && !t.in(pronouns) || v.isLabel(t.low)
	})
}

// weighs reports whether a word says what is to be done, so that it may not be dropped.
func (v *vocabulary) weighs(t token) bool {
	return t.kind == quoteToken || t.in(negations) || t.is(exceptWord, "only") || t.kind == wordToken && isColorWord(t.low)
}

// spokenPrefix is prefixOf for what people say with an adverb in it: "could you also please".
func spokenPrefix(seqs [][]string, toks []token) int {
	best := 0
	for _, s := range seqs {
		best = max(best, spokenAt(s, toks))
	}
	return best
}

func spokenAt(words []string, toks []token) int {
	i := 0
	for n, w := range words {
		for n > 0 && i < len(toks) && !toks[i].is(w) && toks[i].in(midAdverbs) {
			i++
		}
		if i >= len(toks) || !toks[i].is(w) {
			return 0
		}
		i++
	}
	return i
}
