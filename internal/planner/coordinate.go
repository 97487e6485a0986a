package planner

import (
	"slices"

	"pentimento/internal/edit"
)

// part is one conjunct of a clause as an order of its own.
type part struct {
	toks []token
	// predicate parts ("brighter and more saturated") lack their object: it is
	// that of the part before them, to be put after the verb.
	predicate bool
	verb      int // tokens of the verb at the start of toks
}

// coordinate splits "remove the dog and the bench" into two orders with one
// verb. Noun phrases with articles of their own are separate; "the red hat and
// scarf" shares article and colour and stays one phrase.
func (v *vocabulary) coordinate(toks []token) []part {
	verb := v.verbLength(toks)
	verb += v.ofWhat(toks, verb)
	body := toks[verb:]
	protected := v.protected(toks, verb)
	var parts []part
	start := 0
	add := func(end int, predicate bool) {
		seg := trimMarks(body[start:end])
		parts = append(parts, part{toks: slices.Concat(toks[:verb], seg), predicate: predicate, verb: verb})
	}
	predicate := false
	for i := 0; i < len(body); i++ {
		n := conjunction(body, i)
		if n == 0 || i == start || i+n >= len(body) || protected[i] || body[i].text == ":" && body[i+n].kind == quoteToken && !hasQuote(body[:i]) {
			continue
		}
		left, right := body[start:i], body[i+n:]
		kind := v.conjunct(left, right, body[i].kind == commaToken && !laterAnd(right))
		if kind == newPredicate && !predicated(toks) {
			kind = oneNoun
		}
		if kind == oneNoun {
			i += n - 1
			continue
		}
		add(i, predicate)
		if q := slices.IndexFunc(left, func(t token) bool { return t.kind == quoteToken }); q > 0 && right[0].kind == quoteToken {
			toks, verb = slices.Concat(toks[:verb], left[:q]), verb+q // "remove the words 'A' and 'B'"
		}
		predicate = kind == newPredicate
		start = i + n
		if kind == sharedAdjective {
			body = shareColor(body, left, &start)
		}
		i = start - 1
	}
	add(len(body), predicate)
	return parts
}

// ofWhat counts the words that lead from a verb to what each conjunct is: "(give) me a mask of (the dog and the cat)".
func (v *vocabulary) ofWhat(toks []token, verb int) int {
	if verb == 0 || verb >= len(toks) {
		return 0
	}
	if toks[verb].is("of") {
		return 1
	}
	rest := toks[verb:]
	at := slices.IndexFunc(rest, func(t token) bool { return t.is("of") })
	if !toks[0].in(lightVerbs) || at < 1 || at > 5 || at+1 >= len(rest) || !opensNoun(rest[at+1:]) {
		return 0
	}
	named := trimFillers(trimArticles(rest[:at]))
	for len(named) > 0 && (named[0].in(articles) || named[0].in(fillers)) {
		named = named[1:]
	}
	if len(named) > 0 && len(v.first[named[0].form.one]) > 0 && slices.ContainsFunc(v.tasks, func(t *task) bool { return t.readOnly && t.takesObject && t.nouns[named[len(named)-1].form.one] }) {
		return at + 1
	}
	return 0
}

type conjunctKind uint8

const (
	oneNoun conjunctKind = iota
	newNoun
	newPredicate
	sharedAdjective
)

// conjunct decides what the words after "and" are to those before it.
func (v *vocabulary) conjunct(left, right []token, commaOnly bool) conjunctKind {
	if len(right) == 0 || !hasNoun(left) {
		return oneNoun
	}
	np := nounRun(right)
	if left[0].kind == wordToken && len(right) == 1 && len(np) == 1 && !v.isLabel(np[0].low) && !plural(np) && whetherAt(left) {
		return oneNoun // "whether the words sound angry or hopeful"
	}
	switch {
	case v.startsPredicate(right):
		return newPredicate
	case right[0].kind == quoteToken:
		return newNoun
	case between(left):
		return oneNoun
	case right[0].in(articles) || right[0].in(quantifiers) || isCount(right):
		if hasNoun(np) {
			return newNoun
		}
		return oneNoun
	case !hasNoun(np) || right[0].in(placePreps) || commaOnly:
		return oneNoun
	}
	return v.bareConjunct(left, np, right)
}

// whetherAt reports whether words hold a verb that says how something seems.
func whetherAt(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool {
		return synonyms.seeming[t.form.one]
	})
}

// bareConjunct decides about a noun without an article: it is separate when the
// first has none either, when it has a colour of its own, or when both are
// things that the docs' label lists know one by one.
func (v *vocabulary) bareConjunct(left, np, right []token) conjunctKind {
	if slices.ContainsFunc(left, func(t token) bool { return t.in(placePreps) && !t.is("of") }) {
		if plural(np) && followedByPlace(right, len(np)) {
			return newNoun // "a boat on the water and birds near the clouds"
		}
		return oneNoun // inside the description of the first
	}
	first := nounRun(left)
	for len(np) > 1 && isColorWord(head(np)) {
		np = np[:len(np)-1] // the colour it is to become
	}
	colored := slices.ContainsFunc(first, func(t token) bool { return t.kind == wordToken && isColorWord(t.low) })
	determined := len(first) > 0 && (first[0].in(articles) || first[0].in(quantifiers))
	bothKnown := v.isLabel(head(first)) && v.isLabel(head(np))
	switch {
	case len(np) > 1 && isColorWord(np[0].low):
		return newNoun
	case colored && bothKnown:
		return sharedAdjective
	case colored:
		return oneNoun
	case bothKnown, !determined, first[0].is("a", "an") && !plural(first) && hasSuffix(head(np), "s"), plural(first) && plural(np):
		return newNoun
	}
	return oneNoun
}

// shareColor puts the first noun's colour before the second: "the red car and
// truck" is the red car and the red truck.
func shareColor(body, left []token, start *int) []token {
	var colors []token
	for _, t := range nounRun(left) {
		if t.kind == wordToken && isColorWord(t.low) {
			colors = append(colors, t)
		}
	}
	return slices.Concat(body[:*start], colors, body[*start:])
}

// startsPredicate reports whether the words are an adjective or number of the docs, or a colour, with nothing to describe.
func (v *vocabulary) startsPredicate(toks []token) bool {
	toks = toks[max(prefixOf(weaker, toks), prefixOf(stronger, toks)):]
	for len(toks) > 0 && (toks[0].in(raising) || toks[0].in(lowering)) && len(toks) > 1 {
		toks = toks[1:]
	}
	if len(toks) == 0 {
		return false
	}
	if multiples[toks[0].low] > 0 && prefixOf(sizeTails, toks[1:]) == len(toks)-1 {
		return true // "sharper and twice as big"
	}
	for _, t := range v.tasks {
		for _, p := range t.numbers {
			for _, w := range p.words {
				if at, ok := wordsAt(w.words, toks, 0, true); ok && !followedByNoun(toks, at[len(at)-1]+1) {
					return true
				}
				if len(w.words) == 1 && slices.Contains(w.positive, toks[0].low) && !followedByNoun(toks, 1) {
					return true
				}
			}
		}
	}
	return false
}

func followedByNoun(toks []token, i int) bool {
	return i < len(toks) && toks[i].kind == wordToken && !toks[i].in(placePreps) && !toks[i].in(conjuncts) && !toks[i].in(targetPreps) && !toks[i].in(fillers) &&
		prefixOf(weaker, toks[i:]) == 0 && prefixOf(stronger, toks[i:]) == 0
}

// nounRun is the leading run of words up to a preposition, a conjunction or a mark.
func nounRun(toks []token) []token {
	end := slices.IndexFunc(toks, func(t token) bool {
		return t.kind != wordToken || t.in(conjuncts) || t.in(placePreps) || t.in(targetPreps)
	})
	if end < 0 {
		end = len(toks)
	}
	return toks[:end]
}

// hasNoun reports whether the words hold anything but articles, numbers, colours and places.
func hasNoun(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool {
		if t.kind == quoteToken {
			return true
		}
		return t.kind == wordToken && !t.in(articles) && !t.in(quantifiers) && !t.in(conjuncts) && !isNumeric(t.low) && !isColorWord(t.low) &&
			!isPosition(t.low) && !t.in(sideNouns) && !t.in(placePreps) && !t.in(colorNouns) || t.in(pronouns)
	})
}

// isPosition reports whether the word is a place word of object phrases.
func isPosition(w string) bool { return edit.ParsePhrase(w+" x").Position != edit.Anywhere }

func isCount(toks []token) bool {
	return len(toks) > 1 && toks[0].kind == wordToken && isNumeric(toks[0].low) && unitWords[toks[1].low] == "" && numberWords[toks[1].low] == 0
}

func between(left []token) bool {
	i := slices.IndexFunc(left, func(t token) bool { return t.is("between") })
	return i >= 0 && !slices.ContainsFunc(left[i:], func(t token) bool { return t.in(conjuncts) })
}

func head(np []token) string {
	if len(np) == 0 {
		return ""
	}
	return np[len(np)-1].low
}

func plural(np []token) bool {
	_, is := edit.Singularize(head(np))
	return is
}

// conjunction counts the tokens of ", and", "and", ",".
func conjunction(toks []token, i int) int {
	n := 0
	for i+n < len(toks) {
		t, rest := toks[i+n], toks[i+n:]
		switch {
		case t.kind == commaToken, t.in(conjuncts), n > 0 && t.is("also"):
			n++
		case t.in(stopBefore) && (len(rest) < 2 || !rest[1].is("to")):
			n++
		case prefixOf(asWellAs, rest) > 0:
			n += prefixOf(asWellAs, rest)
		default:
			return n
		}
	}
	return n
}

func laterAnd(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.in(conjuncts) })
}

// verbLength counts the tokens of the verb that the conjuncts share: the
// longest verb of the docs at the start ("cut out" before "cut"), else the first word.
func (v *vocabulary) verbLength(toks []token) int {
	lead := leadEnd(toks)
	if lead >= len(toks) || opensNoun(toks[lead:]) || toks[lead].kind != wordToken {
		return 0
	}
	best := 0
	for _, b := range bases(toks[lead].form.key) {
		for _, p := range v.first[b] {
			at, ok := wordsAt(p.words, toks, lead, true)
			n := len(p.words)
			verb := n == 1 || particles[p.words[n-1].key] || n > 2 && targetPreps[p.words[n-1].key] // "increase contrast" is a verb with its object
			if ok && verb && at[n-1] == lead+n-1 && lead+n > best {
				best = lead + n
			}
		}
	}
	if best == 0 {
		best = lead + 1
	}
	return best
}

// protected marks the "and" inside a phrase of the docs or a value word: "black and white".
func (v *vocabulary) protected(toks []token, verb int) map[int]bool {
	out := map[int]bool{}
	for _, words := range v.joined {
		for i := range toks {
			at, ok := wordsAt(words, toks, i, false)
			for _, k := range at {
				if ok && toks[k].in(conjuncts) {
					out[k-verb] = true
				}
			}
		}
	}
	return out
}

// joinedWords are the phrases, value words and class names of the docs that hold an "and".
func joinedWords(tasks []*task) [][]word {
	var out [][]word
	keep := func(words []word) {
		if slices.ContainsFunc(words, func(w word) bool { return conjuncts[w.key] }) {
			out = append(out, words)
		}
	}
	for _, t := range tasks {
		for _, p := range t.phrases {
			keep(p.words)
		}
		for _, n := range t.numbers {
			for _, w := range n.words {
				keep(w.words)
			}
		}
		for _, x := range t.texts {
			for _, name := range labelNames(x.labels) {
				keep(wordsOf(name))
			}
		}
	}
	return out
}

func labelNames(l *edit.Labels) []string {
	if l == nil {
		return nil
	}
	var out []string
	for i := range l.Names {
		out = append(out, l.Words(i)...)
	}
	return out
}

func followedByPlace(toks []token, i int) bool {
	return i < len(toks) && toks[i].in(placePreps) && !toks[i].is("of", "to")
}
