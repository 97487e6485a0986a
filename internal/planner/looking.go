package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// This file reads clauses of which only the gist is understood. Tasks that
// only look at the picture cost nothing when a word about them is lost, so that
// their own words may be enough.

// asQuestion reads a question that no task has words for as one for the task that
// answers questions: one that only looks, takes words as they are, and has a verb of its own.
func (p *parse) asQuestion(c clause) []way {
	toks := c.spoken()
	told := len(toks) > 0 && (toks[0].in(lightVerbs) && !toks[0].in(makingVerbs) || toks[0].is("find", "determine", "explain", "figure", "work")) && slices.ContainsFunc(toks, func(t token) bool { return t.in(questionWords) && !t.in(auxiliaries) && !t.is("do", "does") })
	if len(toks) < 3 || toks[0].is("let") && !toks[1].is("me", "us") || !toks[0].in(questionWords) && !leansOn(toks) && !told || p.denies(toks) || !p.v.answerable(toks) {
		return nil
	}
	if _, ok := p.gist(c); ok {
		return nil
	}
	var out []way
	for _, t := range p.v.tasks {
		if !t.readOnly || t.takesObject || !slices.ContainsFunc(t.texts, func(x port) bool { return x.labels == nil }) {
			continue
		}
		if verb := t.verb(); verb != "" {
			out = append(out, way{clauses: []clause{c.as(slices.Concat(say(toks[0], verb), toks))}})
		}
	}
	return out
}

// verb is the first word that the docs have alone for the task; "" where they have none.
func (t *task) verb() string {
	for _, ph := range t.phrases {
		if ph.from == fromWords && len(ph.words) == 1 {
			return ph.words[0].key
		}
	}
	return ""
}

// leansOn is "according to the sign, ...".
func leansOn(toks []token) bool {
	return toks[0].in(leanings) && slices.ContainsFunc(toks, func(t token) bool { return t.in(questionWords) })
}

func (p *parse) denies(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.in(negations) || t.is(exceptWord) })
}

// answerable reports whether a question is about something in the picture: it
// names a thing as known, and neither another time than the picture's own, nor
// a sum, nor what belongs to something named that is not there, "the capital of Peru".
func (v *vocabulary) answerable(toks []token) bool {
	known := false
	for i, t := range toks {
		if t.in(otherTimes) || prefixOf(synonyms.elsewhen, toks[i:]) > 0 || i > 0 && i+1 < len(toks) && isNumber(toks[i-1]) && isNumber(toks[i+1]) {
			return false
		}
		known = known || i > 0 && i+1 < len(toks) && toks[i-1].is("is", "are") && hasSuffix(t.low, "ing") // "who is performing on Friday"
		if i > 0 && toks[i-1].is("in") && t.kind == wordToken && capitalised(t.text) && !shouted(t.text) && !v.isLabel(t.low) {
			return false // "the weather in Madrid"
		}
		known = known || t.kind == quoteToken || i > 1 && synonyms.stated[t.low] && toks[i-1].in(statives) || t.is("this", "its", "his", "her", "their", "it") || i > 0 && (t.is("the") && !elsewhere(toks[i+1:]) || t.kind == wordToken && v.isLabel(t.low) && !capitalised(t.text))
	}
	return known
}

func isNumber(t token) bool { return t.kind == wordToken && isNumeric(t.low) }

// elsewhere reports whether the noun phrase is a name or belongs to one or to a
// number: "the (capital of Peru)", "the (Nile)".
func elsewhere(toks []token) bool {
	if len(toks) > 0 && capitalised(toks[0].text) && !shouted(toks[0].text) {
		return true
	}
	end := slices.IndexFunc(toks, func(t token) bool { return t.kind != wordToken || t.in(placePreps) })
	if end < 0 || end+1 >= len(toks) || !toks[end].is("of") {
		return false
	}
	return isNumber(toks[end+1]) || toks[end+1].kind == wordToken && capitalised(toks[end+1].text)
}

// gist takes a clause for a task that only looks at the picture when the
// task's own words are in it, whatever stands beside them.
func (p *parse) gist(c clause) (choice, bool) {
	if len(c.toks) == 0 || p.denies(c.toks) || slices.ContainsFunc(c.toks, func(t token) bool { return t.in(otherTimes) }) || c.toks[0].is("if") && !prefixedBy(c, askings) {
		return choice{}, false
	}
	quoted := hasQuote(c.toks)
	if rs := p.readings(c.toks); slices.ContainsFunc(rs, func(r *reading) bool {
		return r.match.phrase != nil && r.match.led && r.match.phrase.from == fromWords && (!r.task.readOnly || r.task.needsObject) && !c.toks[0].in(lightVerbs) && !c.toks[0].in(questionWords)
	}) {
		return choice{}, false // an edit with something left out is another edit
	}
	var best *reading
	for _, r := range slices.Concat(p.readings(c.toks), p.readings(c.spoken())) {
		if r.freeText() != nil && c.toks[0].in(questionWords) && !p.v.answerable(c.toks) {
			continue
		}
		ok := r.match.phrase != nil && r.task.readOnly && !r.task.takesObject && len(r.missing) == 0 && (!quoted || r.freeText() != nil) && (r.reason == "" || r.object != "" && !r.match.phrase.onlyAsks()) &&
			(len(r.match.at) > 1 || r.match.led && r.match.phrase.from == fromWords)
		if ok && (best == nil || r.score > best.score) {
			best = r
		}
	}
	if best == nil {
		return choice{}, false
	}
	if toks := best.left(); len(toks) > 0 {
		best.notices = append(best.notices, fmt.Sprintf("%s of %q is not read", quoteList(lows(toks)), join(p.src, c.all)))
	}
	for i := range best.roles {
		if best.roles[i] == unread || best.roles[i] == objectRole {
			best.roles[i] = fillerRole
		}
	}
	best.object, best.reason, best.noun = "", "", nil
	return choice{part: part{toks: best.toks}, clause: c, readings: []*reading{best}}, true
}

// inGist is gist as a way to read a clause.
func (p *parse) inGist(c clause) []way {
	if g, ok := p.gist(c); ok {
		return []way{{read: []choice{g}}}
	}
	return nil
}

func prefixedBy(c clause, seqs [][]string) bool {
	for i := range c.all {
		if prefixOf(seqs, c.all[i:]) > 0 {
			return true
		}
	}
	return false
}

// behind writes the word that the docs have for what lies behind the subject
// in place of "everything behind the dog".
func (p *parse) behind(c clause) []way {
	at := slices.IndexFunc(c.toks, func(t token) bool { return t.is("behind") })
	if at < 1 || !c.toks[at-1].is("everything", "all", "is", "whatever", "anything") {
		return nil
	}
	from := at - 1
	for from > 0 && c.toks[from-1].is("all", "everything", "that", "what", "which", "whatever") {
		from--
	}
	end := at + 1
	for end < len(c.toks) && (c.toks[end].in(articles) || !c.toks[end].in(auxiliaries) && !c.toks[end].in(targetPreps) && !c.toks[end].in(conjuncts) && c.toks[end].kind == wordToken && !isColorWord(c.toks[end].low) && end < at+4) {
		end++
	}
	name := p.v.classLike("everything behind")
	if name == "" {
		return nil
	}
	noun := say(c.toks[at], "the", name)
	var out []way
	for ; end > at+1; end-- {
		toks := slices.Concat(c.toks[:from], noun, c.toks[end:])
		if from == 0 {
			next, ok := p.v.newClause(toks)
			if !ok {
				return nil
			}
			next.all = c.all
			out = append(out, way{clauses: []clause{next}})
			out = append(out, p.becomesOf(c, toks)...)
			continue
		}
		out = append(out, way{clauses: []clause{c.as(toks)}})
	}
	return out
}

// classLike is the name of the class of which the docs' label lists have a word that begins so.
func (v *vocabulary) classLike(lead string) string {
	for _, w := range slices.Sorted(maps.Keys(v.classes)) {
		if strings.HasPrefix(w, lead) {
			return v.classes[w]
		}
	}
	return ""
}
