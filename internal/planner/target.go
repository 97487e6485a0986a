package planner

import (
	"fmt"
	"slices"

	"pentimento/internal/edit"
)

// colorPreps introduce a target colour, the most telling first.
var colorPreps = []string{"to", "into", "as", "in", "with", "using"}

// paint finds the target colour: after a preposition ("to pink"), else at the
// end ("make the truck matte black").
func (r *reading) paint() {
	at, p, ok := r.colorAfterPrep()
	if !ok {
		at, p, ok = r.colorAtEnd()
	}
	if !ok && r.match.led {
		at, p, ok = r.misspeltColor()
	}
	if !ok {
		return
	}
	r.mark(at, at+p.n, targetRole)
	if p.many {
		r.reason = fmt.Sprintf("%s takes one target colour, not %q", r.task.name, p.text)
		return
	}
	if p.fixed != "" {
		r.notices = append(r.notices, fmt.Sprintf("%q is read as %q", r.toks[at+p.n-1].text, p.fixed))
	}
	r.present(at)
	r.target = p.text
	r.args[r.task.colors[0].name] = edit.Arg{Value: p.color}
	r.frame += 2
}

// present reads the colour that the object has now: "from red" in "change the car from red to blue".
func (r *reading) present(before int) {
	for i := range before {
		if r.free(i) && r.toks[i].is("from") {
			if p, ok := paintAt(r.src, r.toks, i+1); ok && !p.many && i+1+p.n <= before && r.endsHere(i+1+p.n) {
				r.now = p.text
				r.mark(i, i+1+p.n, fillerRole)
				return
			}
		}
	}
}

func (r *reading) colorAfterPrep() (int, paint, bool) {
	for _, prep := range colorPreps {
		for i := len(r.toks) - 2; i >= 0; i-- {
			if !r.free(i) || !r.toks[i].is(prep) {
				continue
			}
			start := i + 1
			if r.toks[start].is("be") {
				start++
			}
			p, ok := paintAt(r.src, r.toks, start)
			if !ok {
				p, ok = thingPaint(r.src, r.toks, start)
			}
			if ok && r.repeats(start+p.n, i) {
				p.n++
			}
			if ok && r.endsHere(start+p.n) {
				p.n += start - i
				return i, p, true
			}
		}
	}
	return 0, paint{}, false
}

// repeats reports whether the word at i says the object again: "the leaves to red leaves".
func (r *reading) repeats(i, before int) bool {
	if !r.free(i) || r.toks[i].kind != wordToken {
		return false
	}
	return r.toks[i].is(anaphor, "ones") || slices.ContainsFunc(r.toks[:before], func(t token) bool { return t.form.one == r.toks[i].form.one })
}

// endsHere reports whether no noun follows at i, so that a colour before it describes nothing.
func (r *reading) endsHere(i int) bool {
	return !r.free(i) || r.toks[i].kind != wordToken || r.toks[i].in(placePreps) || r.toks[i].in(targetPreps) || r.toks[i].in(conjuncts)
}

func (r *reading) colorAtEnd() (int, paint, bool) {
	seen := r.match.gapped && !r.match.phrase.opensVerb() // a word that the colour can belong to
	for i := range r.toks {
		if !r.free(i) {
			continue
		}
		t := r.toks[i]
		if seen && (!t.in(articles) || t.is("a", "an")) {
			if p, ok := paintAt(r.src, r.toks, i); ok && r.endsHere(i+p.n) && !r.namesItself(i, p) {
				return i, p, true
			}
		}
		noun := t.kind == wordToken && !t.in(articles) && !t.in(quantifiers) && (!isNumeric(t.low) || t.is(anaphor))
		seen = seen || noun || t.in(pronouns) && !followedByNoun(r.toks, i+1)
	}
	return 0, paint{}, false
}

// namesItself reports whether a colour of two words holds the noun that has it,
// for nothing before it is one: "the brown (lawn green)".
func (r *reading) namesItself(at int, p paint) bool {
	from := at
	for from > 0 && r.free(from-1) {
		from--
	}
	return p.n > 1 && from < at && !hasNoun(r.toks[from:at]) && r.toks[from].in(articles) && r.toks[at].kind == wordToken && !isColorWord(r.toks[at].low) && !lightTints[r.toks[at].low] && !darkTints[r.toks[at].low] && !plainTints[r.toks[at].low]
}

// misspeltColor takes the last word, or the one after "to", for a colour name with a slip.
func (r *reading) misspeltColor() (int, paint, bool) {
	last := len(r.toks) - 1
	if last < 2 || !r.free(last) {
		return 0, paint{}, false
	}
	p, ok := r.v.misspeltPaint(r.toks[last])
	if !ok || plural(r.toks[last:]) {
		return 0, paint{}, false
	}
	if r.free(last-1) && r.toks[last-1].is("to", "into", "as") {
		p.n++
		return last - 1, p, true
	}
	return last, p, true
}

// becomePreps introduce a target in words, the most telling first.
var becomePreps = []string{"with", "into", "by", "for", "to", "as"}

// become finds the target in words, for a task that takes one: "with a rabbit".
func (r *reading) become() {
	p := r.freeText()
	if p == nil || r.target != "" || r.backwards(p) {
		return
	}
	for _, prep := range becomePreps {
		for i := 1; i+1 < len(r.toks); i++ {
			if !r.free(i) || !r.toks[i].is(prep) {
				continue
			}
			end := i + 1
			for r.free(end) && (end == i+1 || !simplePlace(r.toks[end:])) {
				end++
			}
			words := trimArticles(r.toks[i+1 : end])
			if len(words) == 0 || simplePlace(r.toks[i:]) || isWhole(words) {
				continue
			}
			r.write(p, spelt(r.src, words))
			r.mark(i, end, targetRole)
			r.formerly(i)
			r.frame++
			return
		}
	}
	r.writeLike(p)
	switch {
	case r.target != "" || !p.required || r.task.needsObject:
	case !r.task.takesObject:
		r.writeRest(p)
	default:
		r.writePlace(p)
	}
}

// writeRest takes the words after the verb for what to write: "write hello at the top".
func (r *reading) writeRest(p *port) {
	from := 0
	for from < len(r.toks) && !r.free(from) {
		from++
	}
	end := from
	for r.free(end) && (end == from || !r.toks[end].in(placePreps) || r.toks[end].is("of")) {
		end++
	}
	copies := func(t token) bool { return t.in(wholeNouns) || modal(t) } // "three copies of this photo" is nothing to write, nor "I would like"
	if words := r.toks[from:end]; len(words) > 0 && !words[0].in(placePreps) && !words[0].in(articles) && !words[0].in(pronouns) && !slices.ContainsFunc(words, copies) {
		r.write(p, spelt(r.src, words))
		r.mark(from, end, targetRole)
		r.guessed = true
	}
}

func trimArticles(toks []token) []token {
	for len(toks) > 0 && toks[0].in(articles) {
		toks = toks[1:]
	}
	return toks
}

// writePlace takes a place for the words that a task of the whole picture
// cannot do without: "set the scene in Paris".
func (r *reading) writePlace(p *port) {
	for i := 1; i+1 < len(r.toks); i++ {
		if !r.free(i) || !r.toks[i].in(placePreps) || simplePlace(r.toks[i:]) {
			continue
		}
		words := trimArticles(r.toks[i+1:])
		if len(words) == 0 || isWhole(words) || !r.allFree(i, len(r.toks)) {
			continue
		}
		r.write(p, spelt(r.src, words))
		r.mark(i, len(r.toks), targetRole)
		return
	}
}

// backwards reads the target before the object, for a verb of which an example of the docs shows it.
func (r *reading) backwards(p *port) bool {
	if r.match.phrase == nil || len(r.match.at) != 1 {
		return false
	}
	prep := r.task.reversed[r.match.phrase.words[0].key]
	from := r.match.at[0] + 1
	for i := from + 1; prep != "" && i+1 < len(r.toks); i++ {
		words := trimArticles(r.toks[from:i])
		if r.toks[i].is(prep) && len(words) > 0 && r.allFree(from, i+1) {
			r.write(p, spelt(r.src, words))
			r.mark(from, i, targetRole)
			r.roles[i] = fillerRole
			return true
		}
	}
	return false
}

// formerly consumes what a task that needs no object changes from: "from day" in "from day to night".
func (r *reading) formerly(to int) {
	for i := range to {
		if r.free(i) && r.toks[i].is("from") && !r.task.needsObject && r.allFree(i, to) {
			r.mark(i, to, fillerRole)
			return
		}
	}
}

// writeLike takes what stands right after a phrase of the docs: "make it look
// like winter", "make the background a starry sky".
func (r *reading) writeLike(p *port) {
	if r.match.phrase == nil || !p.required || r.target != "" || !r.match.phrase.namesNoun() {
		return
	}
	from := r.match.at[len(r.match.at)-1] + 1
	if like := r.match.phrase.words[len(r.match.phrase.words)-1].key == "like"; !like && (from >= len(r.toks) || !r.toks[from].is("a", "an")) {
		return
	}
	if words := trimArticles(r.toks[from:]); len(words) > 0 && r.allFree(from, len(r.toks)) && !hasModal(words) && !slices.ContainsFunc(words, func(t token) bool { return t.in(speakers) && !t.is("you") }) {
		r.write(p, spelt(r.src, words))
		r.mark(from, len(r.toks), targetRole)
	}
}
