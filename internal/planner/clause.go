package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// maxClauses bounds the orders of one request, maxWords those of one order:
// reading takes time in the square of its words.
const (
	maxClauses = 64
	maxWords   = 100
)

// clause is one order of the request, politeness taken off.
type clause struct {
	toks []token
	all  []token // with the politeness: what the subtask serves
	keep bool    // an order to leave something alone
	// optional says that there may be nothing of the kind: "if there are any".
	optional bool
	then     bool // the request says that it comes after what was said before
	// stated says that it is a statement and asks for nothing, surely or unless it can be read as an order.
	stated, surely bool
}

// behind is what follows the clause in the request, its stop first.
func (c clause) behind(src string) string {
	return strings.TrimLeft(src[c.all[len(c.all)-1].end:], " ")
}

// joint is what stands between two clauses: "and", ", then", "."
type joint struct {
	n                  int // tokens
	strong, then, weak bool
	colon              bool
}

// jointAt reads the separators that begin at i.
func jointAt(toks []token, i int) joint {
	var j joint
	for at := i; at < len(toks); {
		t, rest := toks[at], toks[at:]
		n := 1
		switch {
		case t.kind == stopToken || t.is("but"):
			j.strong = true
		case t.kind == commaToken || t.in(conjuncts):
			j.weak = true
			j.colon = j.colon || t.text == ":"
		case t.in(stopBefore) && (len(rest) < 2 || !rest[1].is("to")):
			j.then = true
		case prefixOf(afterThat, rest) > 0:
			j.then, n = true, 2
		case prefixOf(asWellAs, rest) > 0:
			j.weak, n = true, prefixOf(asWellAs, rest)
		case t.is("also", "finally") && j.n > 0:
		default:
			return j
		}
		at += n
		j.n += n
	}
	return j
}

// clauses splits a request into orders. It breaks at a full stop or "but", at
// "then", and at "and" or a comma only where a new order begins.
func (v *vocabulary) clauses(toks []token) ([]clause, []string, error) {
	out, notices, err := v.cut(toks, true)
	if err == nil && !slices.ContainsFunc(out, func(c clause) bool { return !c.stated }) {
		return v.cut(toks, false) // nothing but statements: one of them may mean an order
	}
	return out, notices, err
}

// cut is clauses, with statements taken for such or for orders like the others.
func (v *vocabulary) cut(toks []token, statements bool) ([]clause, []string, error) {
	toks, notices := v.circumstances(v.sideOrders(toks))
	toks = v.inOrder(v.exceptions(v.fronted(v.meanwhile(v.copulas(plainly(toks))))))
	var out []clause
	var cur []token
	then := false
	flush := func() {
		if c, ok := v.newClause(cur); ok {
			c.then, then = then, false
			out = append(out, c)
		}
		cur = nil
	}
	for i := 0; i < len(toks); {
		j := jointAt(toks, i)
		next := toks[i+j.n:]
		if n, sure := v.statement(next); statements && n > 0 && (j.n == 0 && opensSentence(toks, i) || j.n > 0 && len(cur) == 0 && stated(out) || j.weak && sure && len(cur) > 1 && toks[i].kind == commaToken && v.startsTask(stripWrappers(cur))) {
			flush()
			said := trimMarks(next[:n])
			out = append(out, clause{toks: said, all: said, stated: true, surely: sure})
			i += j.n + n
			continue
		}
		switch {
		case j.n == 0:
			n := max(v.denied(next), 1)
			if n == 1 && v.opensKeep(next) && !inQuestion(cur) {
				flush()
				n = keepLead(next)
			}
			cur = append(cur, toks[i:i+n]...)
			i += n
		case correctionAt(next) > 0 && len(cur) > 0:
			flush()
			k := correctionAt(next)
			cur = append(cur, next[:k]...)
			i += j.n + k
		case v.breaks(cur, j, next):
			also := j.weak && v.doneToo(cur, next)
			flush()
			then = then || j.then && len(out) > 0
			i += j.n
			if also {
				cur = append([]token{toks[i]}, say(toks[i], "it")...)
				i++
			}
		default:
			cur = append(cur, toks[i:i+j.n]...)
			i += j.n
		}
	}
	flush()
	if len(out) > maxClauses {
		return nil, nil, &edit.UserError{Msg: fmt.Sprintf("the request holds %d orders, at most %d are planned at once", len(out), maxClauses), Hint: "split it into several edits"}
	}
	out = attachPlaces(out)
	for _, c := range out {
		if len(c.toks) > maxWords {
			return nil, nil, &edit.UserError{Msg: fmt.Sprintf("one order of the request is %d words long, at most %d are read", len(c.toks), maxWords), Hint: "end each order with a full stop"}
		}
	}
	return out, notices, nil
}

// inOrder rewrites each sentence so that orders stand in the order they are to
// be done: "X after Y-ing" and "after Y-ing, X" become "Y-ing. X".
func (v *vocabulary) inOrder(toks []token) []token {
	var out []token
	for len(toks) > 0 {
		sentence := untilStop(toks)
		out = append(out, v.sentenceInOrder(sentence)...)
		n := min(len(sentence)+1, len(toks))
		out = append(out, toks[len(sentence):n]...)
		toks = toks[n:]
	}
	return out
}

func (v *vocabulary) sentenceInOrder(toks []token) []token {
	if side, main := v.already(toks); side != nil {
		return slices.Concat(side, then(toks[0]), main)
	}
	if i := v.withDone(toks); i > 0 {
		if onlyPicture(toks[:i]) {
			return toks[i+1:] // "give me a version with the dog removed"
		}
		return slices.Concat(toks[:i], then(toks[i]), toks[i+1:])
	}
	at := slices.IndexFunc(toks, func(t token) bool { return t.is("before", "after") })
	if len(toks) > 3 && toks[0].is("once") && opensNoun(toks[1:]) && v.passive(toks[1:phraseEnd(toks)]) {
		at = 0 // "once the car is gone"
	}
	if at < 0 || at+1 >= len(toks) {
		return toks
	}
	side, main := toks[at+1:], toks[:at]
	if side[0].is("you", "we", "i") {
		side = side[1:] // "after you remove the dog"
	}
	if !v.startsOrder(side, true) && !toks[at].is("once") {
		return toks
	}
	if at == 0 {
		end := slices.IndexFunc(side, func(t token) bool { return t.kind == commaToken })
		if end < 0 {
			return toks
		}
		side, main = side[:end], side[end+1:]
	}
	if at == 0 {
		if verb := v.verbLength(side); verb < len(side) && side[verb].in(articles) {
			main = spokenOf(main, trimArticles(side[verb:])) // "before removing the dog, detect it"
		}
	}
	if toks[at].is("after", "once") {
		side, main = main, side
	}
	return slices.Concat(main, then(toks[at]), side)
}

// then ends an order and begins the next.
func then(at token) []token {
	return []token{{kind: stopToken, text: ".", start: at.start, end: at.start}, newToken("then", "then", at.start, at.start)}
}

// inQuestion reports whether a clause has begun as a question with an auxiliary,
// so that a verb in it is asked about: "when does the train leave".
func inQuestion(cur []token) bool {
	cur = stripWrappers(cur)
	return len(cur) > 1 && cur[0].in(questionWords) && slices.ContainsFunc(cur[:min(len(cur), 5)], func(t token) bool { return t.is("do", "does", "did", "will", "can") })
}

// breaks decides whether a joint ends a clause.
func (v *vocabulary) breaks(cur []token, j joint, next []token) bool {
	if len(next) == 0 || j.strong {
		return true
	}
	if v.takesWords(cur, next, j.colon) {
		return false // "answer: how many ...?"
	}
	if j.colon && next[0].kind == quoteToken && len(untilStop(next)) == 1 && !hasQuote(cur) {
		return false // "does this caption fit: 'Two dogs'?"
	}
	if len(cur) > 2 && prefixOf(wrappers, slices.Concat(cur, say(next[0], "and"))) > len(cur) {
		return false // "do me a favour and ..."
	}
	rest := stripWrappers(next)
	if len(rest) == 0 {
		return true
	}
	if len(rest) > 2 && (rest[0].in(makingVerbs) && rest[0].in(askedVerbs) || rest[0].is("let")) && (opensNoun(rest[1:]) || rest[1].in(wholeNouns) || rest[0].is("let") && rest[1].in(objectPronouns)) {
		return true
	}
	if len(rest) > 2 && rest[0].in(lightVerbs) && rest[1].is("me", "us") || asksAgain(cur, rest) {
		return true
	}
	if len(rest) > 1 && rest[0].is("they", "it", "he", "she", "we", "i") && rest[1].kind == wordToken && !rest[1].in(conjuncts) {
		return true // a statement of its own
	}
	if len(next) > 2 && next[0].is("could", "can", "should", "may", "might") && next[1].in(objectPronouns) && next[2].is("be", "become", "go") {
		return true // "the bin is ugly, could it be removed?"
	}
	if j.weak && (v.doneToo(cur, next) || opensNoun(rest) && v.reduced(lacking(stripWrappers(cur))) && inColor(rest)) {
		return true
	}
	if j.weak && !j.then && v.startsPredicate(rest) && predicated(cur) {
		return false // "make the sky brighter and more saturated"
	}
	if v.opensKeep(rest) || opensOutline(rest) || prefixOf(sameWords, rest) > 0 || v.startsTask(rest) || (len(rest) < len(next) || v.passive(cur)) && (isPassive(rest) || v.reduced(rest)) {
		return true
	}
	if j.then && !opensNoun(rest) || v.reduced(rest) && (v.changed(rest) || len(cur) > 0 && isColorWord(cur[len(cur)-1].low)) || toBe(rest) {
		return true
	}
	if lead := stripWrappers(cur); len(rest) > 2 && rest[0].is("to") && v.startsTask(rest[1:]) && (v.startsOrder(lead, false) || len(lead) > 1 && lead[0].is("to") && v.startsOrder(lead[1:], false) || v.hasVerb(lead)) {
		return true // "find the text and to read it"
	}
	return v.unknownVerb(rest)
}

// toBe reports whether the words say what a thing should be: "the coat would look better in green".
func toBe(toks []token) bool {
	at := auxiliaryAt(toks)
	return opensNoun(toks) && at > 1 && at < 5 && toks[at].is("should", "would", "must", "ought") && !slices.ContainsFunc(toks[:at], func(t token) bool {
		return t.is("that", "which", "who") && !toks[0].is("that") || t.kind != wordToken || t.in(conjuncts)
	})
}

// asksAgain reports whether a question of its own follows another: "what is this, what does the sign say".
func asksAgain(cur, next []token) bool {
	cur = stripWrappers(cur)
	asks := func(toks []token) bool {
		return len(toks) > 2 && toks[0].is("what", "which", "who", "where", "when", "how", "is", "are", "does") && slices.ContainsFunc(toks[:min(len(toks), 4)], func(t token) bool { return t.is("is", "are", "does", "do", "did", "was", "were") })
	}
	return asks(cur) && asks(next) && !cur[0].in(leanings)
}

// takesWords reports whether the words end in a verb of a task that answers what it is asked, or
// begin with one and end in a colon, and a question follows.
func (v *vocabulary) takesWords(cur, next []token, colon bool) bool {
	if len(cur) == 0 || !next[0].in(questionWords) {
		return false
	}
	verb := cur[len(cur)-1]
	if first := stripWrappers(cur); colon && len(first) > 0 {
		verb = first[0]
	}
	return slices.ContainsFunc(v.phraseOf(verb), func(p *phrase) bool {
		return p.task.readOnly && !p.task.takesObject && slices.ContainsFunc(p.task.texts, func(t port) bool { return t.labels == nil })
	})
}

// predicated reports whether the clause says what something should be, so that
// an adjective after "and" says it of the same thing.
func predicated(cur []token) bool {
	cur = stripWrappers(cur)
	return len(cur) > 0 && (cur[0].in(askedVerbs) || opensNoun(cur))
}

// unknownVerb reports whether a word that no doc and no grammar knows stands
// before an article: nouns do not, so it must be a verb.
func (v *vocabulary) unknownVerb(toks []token) bool {
	if len(toks) < 2 || toks[0].kind != wordToken || !toks[1].in(articles) && !toks[1].in(pronouns) && !toks[1].in(quantifiers) {
		return false
	}
	w := toks[0].low
	return !opensNoun(toks) && !placePreps[w] && !isGrammar(w) && !auxiliaries[w] && !isColorWord(w) && !isNumeric(w) && !negations[w] && !excluders[w] && !lightVerbs[w] && !v.isLabel(w)
}

// opensNoun reports whether the words begin a noun phrase with a determiner of its own.
func opensNoun(toks []token) bool {
	return len(toks) > 0 && (toks[0].in(articles) || toks[0].in(quantifiers) || toks[0].kind == quoteToken || toks[0].in(pronouns) && len(toks) == 1 || len(toks) > 2 && toks[1].is(possessive))
}

// startsTask reports whether the words begin with something the docs call a task.
func (v *vocabulary) startsTask(toks []token) bool { return v.startsOrder(toks, false) }

// startsOrder is startsTask; with gerund, a bare "-ing" form is taken for a verb.
func (v *vocabulary) startsOrder(toks []token, gerund bool) bool {
	if len(toks) == 0 || toks[0].kind != wordToken {
		return false
	}
	followed := len(toks) > 1 && (toks[1].in(articles) || toks[1].in(quantifiers) || toks[1].in(pronouns) || toks[1].is("what", "whatever") || toks[1].kind == quoteToken)
	if toks[0].in(askedVerbs) && followed {
		return true
	}
	if toks[0].in(lightVerbs) && v.namesTask(toks[1:]) {
		return true
	}
	w := toks[0].form.key
	for _, b := range bases(w) {
		for _, p := range v.first[b] {
			ing := b != w
			if ing && (!followed && !gerund || !hasSuffix(w, "ing")) {
				continue
			}
			if len(p.words) == 1 && v.isLabel(w) && !followed {
				continue
			}
			if _, ok := p.matchAt(untilStop(toks), 0); ok {
				return true
			}
		}
	}
	_, ok := v.misspeltVerb(w)
	return followed && ok
}

// namesTask reports whether the words, articles off, begin with a phrase of
// several words of the docs: "perform text detection", "give me a depth map".
func (v *vocabulary) namesTask(toks []token) bool {
	for len(toks) > 0 && (toks[0].in(articles) || toks[0].in(fillers)) {
		toks = toks[1:]
	}
	return len(toks) > 1 && toks[0].kind == wordToken && slices.ContainsFunc(v.first[toks[0].form.key], func(p *phrase) bool {
		_, ok := wordsAt(p.words, toks, 0, false)
		return ok && len(p.words) > 1
	})
}

func untilStop(toks []token) []token {
	if i := slices.IndexFunc(toks, func(t token) bool { return t.kind == stopToken }); i >= 0 {
		return toks[:i]
	}
	return toks
}

// opensKeep reports whether the words begin an order to leave something alone.
// A phrase of the docs that begins with the same word wins.
func (v *vocabulary) opensKeep(toks []token) bool {
	if len(toks) == 0 {
		return false
	}
	if toks[0].in(whileWords) && len(toks) > 1 {
		return toks[1].in(keepVerbs)
	}
	if v.denied(toks) > 0 {
		return false // the docs' own way to ask
	}
	switch {
	case toks[0].is("do", "does", "should", "must", "but") && len(toks) > 1 && toks[1].in(negations):
		return len(toks) < 3 || !toks[2].in(attitudes)
	case toks[0].is("never", "not"):
		return len(toks) < 2 || !toks[1].in(attitudes)
	case toks[0].is("without"):
		return len(toks) > 1 && hasSuffix(toks[1].low, "ing")
	case toks[0].in(keepVerbs) && len(toks) > 2 && toks[1].is("in") && toks[2].is("mind"):
		return false
	case toks[0].in(keepVerbs):
		if len(toks) > 1 && hasSuffix(toks[1].low, "ing") && !v.isLabel(toks[1].low) && slices.ContainsFunc(bases(toks[1].low)[1:], english.Verb) {
			return false // "they keep asking"
		}
		for _, p := range v.first[toks[0].form.key] {
			if _, ok := p.matchAt(untilStop(toks), 0); ok {
				return false
			}
		}
		return true
	}
	return false
}

// keepLead counts the words that open such an order: "do not", "while keeping".
func keepLead(toks []token) int {
	n := 1
	for n < len(toks) && (toks[n].in(negations) || toks[n].in(keepVerbs)) {
		n++
	}
	return n
}

func hasSuffix(w, end string) bool { return len(w) > len(end)+1 && w[len(w)-len(end):] == end }

// attachPlaces joins a leading place ("on the left, remove the dog") to the order it leads.
func attachPlaces(cs []clause) []clause {
	var out []clause
	for i := 0; i < len(cs); i++ {
		c := cs[i]
		if i+1 < len(cs) && prefixOf(ifAny, c.all) == len(c.all) {
			cs[i+1].optional = true
			continue
		}
		if i+1 < len(cs) && (prefixOf(insteadOf, c.all) > 0 || c.all[0].in(leanings) && !c.all[0].in(placePreps) && cs[i+1].all[0].in(questionWords)) && len(c.all) <= 8 && !cs[i+1].keep {
			next := cs[i+1]
			comma := token{kind: commaToken, text: ",", start: c.all[len(c.all)-1].end, end: c.all[len(c.all)-1].end}
			next.all = slices.Concat(c.all, []token{comma}, next.all)
			next.toks = next.all
			cs[i+1] = next
			continue
		}
		if i+1 < len(cs) && !c.keep && c.toks[0].is("in", "on", "from", "for") && len(c.toks) > 1 && (picture(c.toks[1:]) || wholeAdjunct(c.toks)) {
			cs[i+1].all = slices.Concat(c.all, cs[i+1].all)
			continue // "in this nursery photo, ..."
		}
		if i+1 < len(cs) && !c.keep && c.toks[0].in(placePreps) && !c.toks[0].in(questionWords) && len(c.toks) <= 6 && (isWhole(trimPreps(c.toks)) || !picture(trimPreps(c.toks))) {
			next, place := cs[i+1], slices.Clone(c.toks)
			place[0].text = place[0].low
			next.toks = slices.Concat(next.toks, place)
			next.all = slices.Concat(c.all, next.all)
			cs[i+1] = next
			continue
		}
		out = append(out, c)
	}
	return out
}
