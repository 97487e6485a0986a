package planner

import (
	"fmt"
	"iter"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// way is a clause in other words.
type way struct {
	clauses []clause
	read    []choice // the clause as it is to be taken, when it is not read again
	notice  []string
	skipped []token // what it leaves out, and the plan may
}

// ways lists the other words for a clause, those nearest to it first. Each
// construction is English and no task's: which task is meant is for the docs to say.
func (p *parse) ways(c clause) iter.Seq2[int, way] {
	return func(yield func(int, way) bool) {
		n := 0
		for _, construct := range []func(clause) []way{p.headed, p.behind, p.counted, p.seen, p.instead, p.painted, p.rewritten, p.toppedWith, p.freeOf, p.mooded, p.fitsPicture, p.whereItIs, p.useAs, p.becoming, p.made, p.inTime, p.scribbled, p.given, p.means, p.deliverable, p.wanted, p.lacking, p.parted, p.shifted, p.reduced, p.asQuestion, p.inGist, p.letting, p.shorter} {
			for _, w := range construct(c) {
				if !yield(n, w) {
					return
				}
				n++
			}
		}
	}
}

// say makes tokens of words of the planner's own, standing where others do.
func say(at token, words ...string) []token {
	out := make([]token, len(words))
	for i, w := range words {
		out[i] = newToken(w, w, at.start, at.start)
	}
	return out
}

// as is the clause with other tokens.
func (c clause) as(toks []token) clause {
	c.toks = toks
	return c
}

// spoken are the words of the clause with only politeness taken off.
func (c clause) spoken() []token { return stripTails(stripWrappers(c.all)) }

// becomes lists the ways to say that x is to become y.
func (c clause) becomes(x, y []token) []way {
	if len(x) == 0 || len(y) == 0 || !canBecome(x, y) || len(y) == 1 && !isPaint(y) && !plural(y) && y[0].kind == wordToken && hasSuffix(y[0].low, "en") {
		return nil
	}
	at := c.all[0]
	var out []way
	if c.scene(x, y) {
		out = append(out, way{clauses: []clause{c.as(slices.Concat(say(at, "make", "the", "picture", "look", "like"), y))}})
	}
	if hasQuote(x) && hasQuote(y) {
		return []way{{clauses: []clause{c.as(slices.Concat(say(at, "change"), x, say(at, "to"), y))}, skipped: slices.DeleteFunc(slices.Clone(c.all), func(t token) bool { return t.kind == quoteToken })}}
	}
	for _, says := range [][2][]token{{say(at, "make"), nil}, {say(at, "turn"), say(at, "into")}, {say(at, "make"), say(at, "into")}, {say(at, "change"), say(at, "to")}} {
		out = append(out, way{clauses: []clause{c.as(slices.Concat(says[0], x, says[1], y))}})
	}
	return out
}

// canBecome reports whether x may be a thing and y what it becomes: neither is a clause, a pronoun of a person or a manner.
func canBecome(x, y []token) bool {
	if x[0].in(questionWords) || x[0].in(conjuncts) || prefixOf(occasions, x) > 0 || x[0].is("i", "me", "you", "we", "us", "he", "she") {
		return false
	}
	if len(y) == 1 && (synonyms.praise[y[0].form.key] || !isPaint(y) && describes(y[0].low)) {
		return false
	}
	if y[0].kind == commaToken || y[0].in(conjuncts) {
		return false
	}
	if len(y) > 1 && hasSuffix(y[0].low, "ed") && describes(y[0].low) && (y[1].in(placePreps) || y[1].in(targetPreps)) {
		return false // "shipped to the museum"
	}
	if len(y) > 1 && hasSuffix(y[0].low, "ing") && y[1].in(articles) {
		return false // "is missing a handle"
	}
	return !y[0].in(objectPronouns) && !y[0].is("me", "us", "for", "at", "on", "from")
}

// describes reports whether a word can be no thing by its ending: "xylographed", "anonymous".
func describes(w string) bool {
	for _, end := range []string{"ous", "ful", "less", "able", "ible"} {
		if hasSuffix(w, end) && len(w) > len(end)+2 {
			return !english.Verb(w)
		}
	}
	if !hasSuffix(w, "ed") || len(w) < 5 {
		return false
	}
	return !english.Known(w) || slices.ContainsFunc(bases(w), func(b string) bool { return b != w && english.Verb(b) })
}

// headed reads what follows a colon: "for the cat: segment it".
func (p *parse) headed(c clause) []way {
	k := slices.IndexFunc(c.toks, func(t token) bool { return t.kind == commaToken && t.text == ":" })
	if k < 1 || k+1 >= len(c.toks) {
		return nil
	}
	cs, _, err := p.v.clauses(spokenOf(c.toks[k+1:], trimArticles(trimPreps(c.toks[:k]))))
	if err != nil {
		return nil
	}
	if hasQuote(c.toks[k:]) && !hasQuote(c.toks[:k]) {
		return []way{{clauses: cs, skipped: c.toks[:k]}} // "sign on the door: 'A' becomes 'B'"
	}
	return []way{{clauses: cs}}
}

// instead reads "y in place of x" and "instead of x, y".
func (p *parse) instead(c clause) []way {
	toks := c.spoken()
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("rather", "instead", "in") })
	for at >= 0 && prefixOf(insteadOf, toks[at:]) == 0 {
		next := slices.IndexFunc(toks[at+1:], func(t token) bool { return t.is("rather", "instead", "in") })
		if next < 0 {
			return nil
		}
		at += 1 + next
	}
	if at < 0 {
		return nil
	}
	x := toks[at+prefixOf(insteadOf, toks[at:]):]
	y := toks[:at]
	if hasQuote(x) && hasQuote(y) && at > 0 {
		quote := func(toks []token) []token {
			i := slices.IndexFunc(toks, func(t token) bool { return t.kind == quoteToken })
			return toks[i : i+1]
		}
		return c.becomes(quote(x), quote(y)) // "it should be 'A' rather than 'B'"
	}
	if isPaint(x) && at > 0 {
		if next, ok := p.v.newClause(y); ok { // "the boots red rather than grey"
			next.all = c.all
			return []way{{clauses: []clause{next}}}
		}
	}
	if at == 0 {
		end := slices.IndexFunc(x, func(t token) bool { return t.kind == commaToken || t.is("i", "we", "there") || t.in(askedVerbs) })
		if end < 1 {
			return nil
		}
		x, y = x[:end], trimMarks(x[end:])
	}
	if out := p.notThis(c, y, x); out != nil {
		return out
	}
	if slices.ContainsFunc(stripWrappers(y), func(t token) bool { return t.in(becomeAux) }) {
		return p.becomesOf(c, stripWrappers(y))
	}
	if thing := p.wished(y); len(thing) > 0 {
		return c.becomes(trimMarks(x), thing)
	}
	return nil
}

// notThis reads "remove the dog instead of the cat": what is done to the one is not done to the other.
func (p *parse) notThis(c clause, order, not []token) []way {
	rs := p.readings(stripWrappers(order))
	if len(rs) == 0 || opensNoun(stripWrappers(order)) || !rs[0].complete() || rs[0].task.effect == edit.EffectCreates || rs[0].match.phrase == nil && !isPaint(not) {
		return nil
	}
	return []way{{
		clauses: []clause{c.as(stripWrappers(order))},
		notice:  []string{fmt.Sprintf("%q is not to be edited", join(p.src, not))},
	}}
}

func isPaint(toks []token) bool {
	toks = trimArticles(toks)
	return len(toks) == 1 && toks[0].kind == wordToken && isColorWord(toks[0].low)
}

// whereItIs reads "put y where x is".
func (p *parse) whereItIs(c clause) []way {
	toks := c.spoken()
	n := len(toks)
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("where") })
	if at < 1 || at+2 >= n || !toks[n-1].in(placeVerbs) {
		return nil
	}
	y := toks[:at]
	if !opensNoun(y) {
		y = p.wished(y)
	}
	return c.becomes(toks[at+1:n-1], y)
}

// seen reads "see the pigeons gone", "have the car painted red".
func (p *parse) seen(c clause) []way {
	toks := c.spoken()
	if len(toks) < 3 || !toks[0].in(seenVerbs) || !opensNoun(toks[1:]) {
		return nil
	}
	next, ok := p.v.newClause(toks[1:])
	if !ok {
		return nil
	}
	next.all = c.all
	return append([]way{{clauses: []clause{next}}}, p.becomesOf(c, toks[1:])...)
}

// counted reads "how many dogs are in the garden" as "how many dogs in the garden".
func (p *parse) counted(c clause) []way {
	toks := c.spoken()
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("many") })
	if at < 0 || at > 3 || at+2 >= len(toks) {
		return nil
	}
	from := slices.IndexFunc(toks[at:], func(t token) bool { return t.in(auxiliaries) || t.is("can", "do", "does", "appear", "appears") })
	if from < 2 {
		return nil
	}
	end := at + from + 1
	if end < len(toks) && (hasSuffix(toks[end].low, "ed") || hasSuffix(toks[end].low, "ing") || toks[end].in(irregular)) && !toks[end].in(placePreps) && (end+1 == len(toks) || toks[end+1].in(placePreps)) {
		end++ // "how many tents are pitched here"
	}
	if end+1 == len(toks) && toks[end].in(placePreps) {
		end++ // "are outside"
	}
	for end < len(toks) && (toks[end].in(shownWords) || toks[end].in(pronouns) || toks[end].is("there", "be", "we", "you", "i", "in", "on", "to") && end+1 == len(toks)) {
		end++
	}
	if toks[end-1].is("there") || end < len(toks) && !toks[end].in(placePreps) {
		for end < len(toks) && toks[end].is("there") {
			end++
		}
	}
	if end < len(toks) && !toks[end].in(placePreps) {
		return nil
	}
	return []way{{clauses: []clause{c.as(slices.Concat(toks[:at+from], toks[end:]))}}}
}

// useAs reads "use y as the x", "use y for the x".
func (p *parse) useAs(c clause) []way {
	toks := c.spoken()
	for len(toks) > 4 && toks[0].is("go") && toks[1].is("for", "with") {
		toks = toks[1:]
	}
	if len(toks) < 4 || !toks[0].is("use", "have", "take", "choose", "pick", "set", "for", "with") && !toks[0].is("a", "an") {
		return nil
	}
	loose := toks[0].is("a", "an")
	if loose {
		toks = slices.Concat(say(toks[0], "use"), toks) // "how about a beach as the backdrop"
	}
	for i := len(toks) - 2; i > 1; i-- {
		if toks[i].is("for") && toks[0].is("set") {
			return nil // "set my alarm for six"
		}
		if toks[i].is("as", "for") {
			x := trimFillers(trimArticles(toks[i+1:]))
			if loose && !p.v.isGround(x) {
				return nil
			}
			if len(x) > 1 && x[0].is("new") {
				x = x[1:]
			}
			return c.becomes(x, toks[1:i])
		}
	}
	return nil
}

// isGround reports whether the words name what others stand before: "the background".
func (v *vocabulary) isGround(toks []token) bool {
	return len(toks) > 0 && slices.ContainsFunc(v.tasks, func(t *task) bool {
		return t.effect == edit.EffectGround && t.nouns[toks[len(toks)-1].form.one]
	})
}

// trimFillers takes words that mean nothing off the end.
func trimFillers(toks []token) []token {
	for len(toks) > 1 && toks[len(toks)-1].in(fillers) && !toks[len(toks)-1].in(fillerNouns) {
		toks = toks[:len(toks)-1]
	}
	return toks
}

// becoming reads "x should become y", "x ought to be y", "let x be y".
func (p *parse) becoming(c clause) []way { return p.becomesOf(c, c.spoken()) }

func (p *parse) becomesOf(c clause, toks []token) []way {
	if len(toks) > 3 && toks[0].is("let", "have") {
		toks = toks[1:]
	}
	if len(toks) > 3 && toks[0].is("could", "can", "should", "may", "might", "would") {
		toks = toks[1:]
	}
	at := 0
	for at < len(toks) && (!toks[at].in(becomeAux) || nounCan(toks, at)) {
		at++
	}
	if at == len(toks) {
		return nil
	}
	if at < 1 || toks[at-1].is("that", "which", "who") || toks[0].in(questionWords) {
		return nil
	}
	being := prefixOf([][]string{{"do", "with", "being"}}, toks[at+1:]) // "could do with being red"
	end := at + 1 + being
	for end < len(toks) && (toks[end].in(becomeAux) || toks[end].in(becomeVerbs) || toks[end].in(fillers)) {
		end++
	}
	if end == len(toks) || slices.ContainsFunc(toks[:at], func(t token) bool { return t.kind == commaToken }) || being == 0 && toks[at].in(needAux) && !toks[at+1].in(becomeVerbs) && !isPaint(toks[end:]) {
		return nil
	}
	x, y := toks[:at], toks[end:]
	if slices.ContainsFunc(x, func(t token) bool { return t.in(speakers) }) {
		return nil
	}
	if modal(toks[end-1]) && y[0].kind == wordToken && !opensNoun(y) && !y[0].in(articles) && !isColorWord(y[0].low) && !p.v.isLabel(y[len(y)-1].low) && !p.v.verbForm(y[0]) && slices.ContainsFunc(bases(y[0].low), english.Verb) {
		return nil // "the cat should fly"
	}
	if toks[end].is("into", "to") {
		y = y[1:]
	}
	if p.v.isParticiple(y[0]) || hasSuffix(y[0].low, "ing") && len(p.v.first[key(y[0].low)]) == 0 && len(bases(y[0].form.key)) > 1 && p.v.verbForm(y[0]) {
		return append([]way{{clauses: []clause{c.as(slices.Concat(y[:1], x, y[1:]))}}}, c.becomes(x, y)...)
	}
	return c.becomes(x, y)
}

// verbForm reports whether a word is a form of a verb of the docs.
func (v *vocabulary) verbForm(t token) bool {
	return slices.ContainsFunc(bases(t.form.key), func(b string) bool { return len(v.first[b]) > 0 })
}

// means reads "sharpen it by removing the blur", of which the second is what is to be done.
func (p *parse) means(c clause) []way {
	at := slices.IndexFunc(c.toks, func(t token) bool { return t.is("by") })
	if at < 1 || at+1 >= len(c.toks) || !hasSuffix(c.toks[at+1].low, "ing") || !p.v.verbForm(c.toks[at+1]) {
		return nil
	}
	return []way{{clauses: []clause{c.as(c.toks[at+1:])}}}
}

// deliverable reads a noun alone as what is asked for: "a caption".
func (p *parse) deliverable(c clause) []way {
	toks := c.spoken()
	if len(toks) > 2 && toks[0].is("see") {
		toks = toks[1:] // "let me see the depth of this"
	}
	if len(toks) > 3 && toks[0].is("tell") && toks[1].is("me", "us") {
		toks = toks[2:]
	}
	if len(toks) == 0 || len(toks) > 12 || hasQuote(toks) || !opensNoun(toks) && (!p.v.namesTask(toks) || p.verbed(toks)) {
		return nil
	}
	return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "give"), toks))}}}
}

// verbed reports whether the words begin with a verb of the docs and its particle: "get rid of".
func (p *parse) verbed(toks []token) bool {
	n := p.v.verbLength(toks)
	return n > 1 && particles[toks[n-1].low]
}

// parted reads a clause as two orders that a conjunction joins.
func (p *parse) parted(c clause) []way {
	var out []way
	for i := 1; i+1 < len(c.all); i++ {
		n := conjunction(c.all, i)
		if n == 0 || i+n >= len(c.all) || i+n+1 == len(c.all) && c.all[i+n].kind == quoteToken {
			continue
		}
		left, ok := p.v.newClause(c.all[:i])
		right, ok2 := p.v.newClause(c.all[i+n:])
		if ok && ok2 {
			left.optional, right.optional = c.optional, c.optional
			left.then = c.then
			out = append(out, way{clauses: []clause{left, right}})
		}
		i += n - 1
	}
	return out
}

// shorter leaves out an adjunct at the end that only says how, why or where.
func (p *parse) shorter(c clause) []way {
	var out []way
	for i := len(c.toks) - 1; i > 0; i-- {
		t := c.toks[i]
		why := t.is("so", "for", "to", "because", "since", "as", "with", "until", "when", "which", "that", "like", "before", "after", "while", "once", "wherever", "whenever", "though", "although") || t.in(placePreps) || hasSuffix(t.low, "ly")
		use := t.is("for") && i+2 == len(c.toks) && hasSuffix(c.toks[i+1].low, "ing") // "for printing"
		if !why || !use && p.weighty(c.toks[i:]) {
			continue
		}
		out = append(out, way{
			clauses: []clause{c.as(c.toks[:i])},
			notice:  []string{fmt.Sprintf("%q is read as a circumstance and asks for nothing", join(p.src, c.toks[i:]))},
			skipped: purpose(c.toks[i:]),
		})
	}
	return out
}

// purpose is words that say for what, when or why, and not where: they may name
// things that the order is not about.
func purpose(toks []token) []token {
	if toks[0].is("for") || toks[0].in(subordinators) || toks[0].is("so") {
		return toks
	}
	return nil
}

// weighty reports whether words say what is to be done, so that they may not be left out.
func (p *parse) weighty(toks []token) bool {
	for i, t := range toks {
		if t.kind == quoteToken || t.in(negations) || t.is(exceptWord, "only", "but", "if", "unless") || t.kind == wordToken && (isNumeric(t.low) || isColorWord(t.low)) || t.in(targetPreps) && !t.in(placePreps) && !t.is("for", "with", "as", "to") {
			return true
		}
		if t.kind == wordToken && !t.in(lightVerbs) && !t.in(articles) && !t.in(placePreps) && !p.v.isLabel(t.low) && (len(p.v.phraseOf(t)) > 0 || p.v.startsOrder(toks[i:], true)) {
			return true
		}
	}
	return false
}

// scene reports whether the picture itself is to become a scene: "make this a winter scene".
func (c clause) scene(x, y []token) bool {
	if !isWhole(x) && (len(x) != 1 || !x[0].in(objectPronouns)) {
		return false
	}
	last := y[len(y)-1].form.one
	return len(y) > 1 && synonyms.scenes[last] || synonyms.places[last]
}

// made reads "make this a winter scene", "turn the street into a night scene".
func (p *parse) made(c clause) []way {
	toks := c.spoken()
	if len(toks) < 3 || !toks[0].in(askedVerbs) {
		return nil
	}
	if n := len(toks) - 1; synonyms.times[toks[n].form.one] {
		x := toks[1:n]
		for len(x) > 1 && (x[len(x)-1].in(becomeVerbs) || x[len(x)-1].in(targetPreps) || x[len(x)-1].in(fillers) || x[len(x)-1].is("like")) {
			x = x[:len(x)-1]
		}
		if isWhole(x) || len(x) == 1 && x[0].in(objectPronouns) || synonyms.scenes[x[len(x)-1].form.one] {
			return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "make", "the", "picture", "look", "like"), toks[n:]))}}}
		}
	}
	at := slices.IndexFunc(toks[1:], func(t token) bool { return t.is("a", "an", "into") }) + 1
	if at < 2 {
		return nil
	}
	y := trimArticles(toks[at:])
	if toks[at].is("into") {
		y = trimArticles(toks[at+1:])
	}
	y = trimFillers(y)
	if c.scene(toks[1:at], y) {
		return c.becomes(toks[1:at], y)
	}
	return nil
}

// inTime reads "x once you have done y" as y, then x.
func (p *parse) inTime(c clause) []way {
	at := slices.IndexFunc(c.all, func(t token) bool { return t.is("once", "when", "as", "until") })
	if at < 1 || at+2 >= len(c.all) {
		return nil
	}
	side := c.all[at+1:]
	if c.all[at].is("as") {
		if prefixOf([][]string{{"soon", "as"}}, side) == 0 {
			return nil
		}
		side = side[2:]
	}
	for len(side) > 1 && side[0].is("you", "we", "have", "has", "are", "done", "finished") {
		side = side[1:]
	}
	first, ok := p.v.newClause(side)
	then, ok2 := p.v.newClause(c.all[:at])
	if !ok || !ok2 {
		return nil
	}
	then.then = true
	return []way{{clauses: []clause{first, then}}}
}
