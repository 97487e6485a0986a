package planner

import "slices"

// This file takes apart relative clauses that only say that a thing is there:
// "whatever text is on the wall", "all the places where there is writing", and
// modals of several words: "have got to".

// plainly writes such clauses as the thing alone.
func plainly(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); {
		if n := instancesOf(toks[i:]); n > 0 {
			i += n // "every occurrence of the word"
			continue
		}
		if i > 0 && i+2 < len(toks) && toks[i-1].is("a", "an") && toks[i+1].in(coats) && toks[i+2].is("of") && toks[i].kind == wordToken {
			i++ // "a fresh coat of paint"
			continue
		}
		if k := prefixOf(onEarth, toks[i:]); k > 0 && i > 0 && toks[i-1].in(questionWords) {
			i += k // "where in the world"
			continue
		}
		if k := prefixOf([][]string{{"up", "top"}}, toks[i:]); k > 0 {
			out = append(append(out, toks[i].respelt("at")), toks[i+1])
			i += k
			continue
		}
		if opens := i == 0 || toks[i-1].kind != wordToken || toks[i-1].in(conjuncts); opens && toks[i].is("do") && i+3 < len(toks) && toks[i+1].in(articles) && comparesAt(toks[i+2:]) {
			out = append(out, toks[i].respelt("make")) // "do the image more sharp"
			i++
			continue
		}
		if i > 1 && toks[i].is("go", "goes") && toks[i-1].kind == wordToken && !toks[i-1].is("to", "should", "must", "can", "could", "let", "would") {
			if p, ok := paintAt("", toks, i+1); ok && i+1+p.n <= len(toks) {
				out = append(out, say(toks[i], "should", "be")...)
				i++
				continue
			}
		}
		if m := numberForm.FindStringSubmatch(toks[i].low); m != nil && m[2] == "k" && i+1 < len(toks) && (toks[i+1].in(wholeNouns) || synonyms.pictured[toks[i+1].form.one]) {
			out = append(out, toks[i].respelt("bigger")) // "a 4K version"
			i++
			continue
		}
		if n := contrasted(toks, i); n > 0 {
			out = append(out, say(toks[i], "instead", "of")...)
			i += n
			continue
		}
		if n := placesOf(toks[i:]); n > 0 {
			out = append(out, say(toks[i], "all")...)
			i += n
			continue
		}
		if n := thereIs(toks[i:]); n > 0 {
			out = append(out, say(toks[i], "any")...)
			out = append(out, toks[i+1:i+n-1]...)
			i += n
			continue
		}
		if handed(toks[i:]) && (i == 0 || toks[i-1].kind != wordToken || toks[i-1].in(conjuncts) || toks[i-1].in(stopBefore) || prefixOf(wrappers, toks[i-1:]) > 0) {
			out = append(out, toks[i].respelt("give"))
			i++
			continue
		}
		if n := seeming(toks[i:]); n > 0 && i > 0 && toks[i-1].is("look", "appear", "seem", "feel", "it") && slices.ContainsFunc(toks[max(0, i-5):i], func(t token) bool { return t.in(askedVerbs) && !t.is("want", "need", "like") }) {
			out = append(out, say(toks[i], "like")...)
			i += n
			continue
		}
		if i > 0 && toks[i-1].kind == quoteToken && i+3 < len(toks) && toks[i].is("when", "while", "whereas", "though", "although", "but") && toks[i+1].is("it", "they", "that") && (modal(toks[i+2]) || prefixOf(obliged, toks[i+2:]) > 0) {
			out = append(out, token{kind: stopToken, text: ".", start: toks[i].start, end: toks[i].start})
			i++
			continue
		}
		if n := prefixOf(obliged, toks[i:]); n > 0 && i > 0 {
			out = append(out, toks[i].respelt("should"))
			i += n
			continue
		}
		out = append(out, toks[i])
		i++
	}
	return out
}

// placesOf counts the words before the noun in "all the places where there is (text)",
// "every spot with (text)", "the parts that have (text)".
func placesOf(toks []token) int {
	i := 0
	for i < len(toks) && (toks[i].in(articles) || toks[i].in(quantifiers)) {
		i++
	}
	if i == 0 || i >= len(toks) || !synonyms.spots[toks[i].form.one] {
		return 0
	}
	i++
	n := prefixOf(holding, toks[i:])
	if n == 0 || i+n >= len(toks) || toks[i+n].kind != wordToken {
		return 0
	}
	i += n
	for i < len(toks) && (toks[i].in(quantifiers) || toks[i].is("some", "any")) {
		i++
	}
	return i
}

// thereIs counts the words of "whatever (noun) is", before a place.
func thereIs(toks []token) int {
	if !toks[0].is("whatever", "whichever") {
		return 0
	}
	for i := 2; i < min(len(toks)-1, 5); i++ {
		if toks[i].is("is", "are") && toks[i+1].in(placePreps) && !toks[i-1].in(pronouns) {
			return i + 1
		}
		if toks[i].kind != wordToken || isGrammar(toks[i].low) {
			return 0
		}
	}
	return 0
}

// instancesOf counts the words of "every occurrence of", "all instances of" before what occurs.
func instancesOf(toks []token) int {
	i := 0
	for i < len(toks) && (toks[i].in(articles) || toks[i].in(quantifiers)) {
		i++
	}
	if i == 0 || i+2 >= len(toks) || !synonyms.instances[toks[i].form.one] || !toks[i+1].is("of") {
		return 0
	}
	return i + 2
}

// contrasted counts the words of ", not" or "and not" at i between two quotations or two colours:
// the second is what stands there now.
func contrasted(toks []token, i int) int {
	n := 0
	for i+n < len(toks) && (toks[i+n].kind == commaToken || toks[i+n].is("and", "but")) {
		n++
	}
	if i == 0 || i+n+1 >= len(toks) || !toks[i+n].is("not") {
		return 0
	}
	before, after := toks[i-1], toks[i+n+1]
	if before.kind == quoteToken && after.kind == quoteToken {
		return n + 1
	}
	if before.kind == wordToken && after.kind == wordToken && isColorWord(before.low) && isColorWord(after.low) && (i+n+2 == len(toks) || toks[i+n+2].kind != wordToken || toks[i+n+2].in(conjuncts)) {
		return n + 1
	}
	return 0
}

// comparesAt reports whether "more" or "less" stands behind a short noun and before the end of an order.
func comparesAt(toks []token) bool {
	for k := 0; k < min(len(toks)-1, 4) && toks[k].kind == wordToken; k++ {
		if toks[k].is("more", "less") {
			return true
		}
	}
	return false
}
