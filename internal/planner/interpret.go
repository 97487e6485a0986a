package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

type role uint8

// What a word of a clause is to a task.
const (
	unread role = iota
	verbRole
	objectRole
	regionRole
	targetRole
	numberRole
	fillerRole
	nounRole    // the task's own noun: the "text" of "detect the yellow text"
	pictureRole // what the picture shows, said to tell which is meant: "this photo of my cat"
)

// reading is one interpretation of a clause: a task with what every word is to it.
type reading struct {
	v     *vocabulary
	src   string
	task  *task
	match match
	toks  []token
	roles []role

	object  string
	region  string
	like    string // the object whose colour is the target
	limited bool   // the clause leaves something out
	target  string
	args    map[string]edit.Arg
	now     string  // the object's present colour, said apart from it
	whole   bool    // the picture itself is named
	pronoun bool    // the object is "it" or "them"
	noun    []token // the words of the object, for a conjunct that shares it
	missing []string
	notices []string
	reason  string // why the reading is impossible, beyond words unread or missing
	guessed bool   // the target is whatever follows the verb
	loose   bool   // the object is what "to" introduces, beside a noun of the verb's own
	matched int    // content words that the docs explain
	frame   int    // how well the arguments fit the task's tools
	bm25    float64
	score   float64
}

// read interprets a clause as the match says.
func (v *vocabulary) read(src string, toks []token, m match, bm25 float64, limited bool) *reading {
	r := &reading{v: v, src: src, task: m.task, match: m, toks: toks, roles: make([]role, len(toks)), args: map[string]edit.Arg{}, matched: m.words(), bm25: bm25, limited: limited}
	if m.fixed != "" {
		r.toks = slices.Clone(toks)
		for _, i := range m.at[:1] {
			r.notices = append(r.notices, fmt.Sprintf("%q is read as %q", toks[i].text, m.fixed))
			r.toks[i] = r.toks[i].respelt(m.fixed)
		}
	}
	for n, i := range m.at {
		r.roles[i] = verbRole
		moreOf := toks[i].is("more") && i+1 < len(toks) && toks[i+1].is("of") // "show a bit more of the table"
		for k := i - 1; n > 0 && k > m.at[n-1] && (toks[k].in(articles) || toks[k].in(quantifiers) || toks[k].in(leftovers) || moreOf && toks[k].is("bit", "little")); k-- {
			r.roles[k] = verbRole
		}
	}
	r.again()
	r.fillers()
	r.quoted()
	r.sides()
	r.quantities()
	r.valueWords()
	r.degrees()
	r.choices()
	if len(r.task.colors) > 0 && !r.likeness() {
		r.paint()
	}
	if !r.question() {
		r.become()
	}
	r.nouns()
	if r.now != "" && r.object != "" && len(edit.ParsePhrase(r.object).Colors) == 0 {
		r.object = r.now + " " + r.object
	}
	r.check()
	r.rate()
	return r
}

func (r *reading) free(i int) bool { return i >= 0 && i < len(r.toks) && r.roles[i] == unread }

func (r *reading) mark(from, to int, as role) {
	for i := from; i < to; i++ {
		r.roles[i] = as
	}
}

func (r *reading) fillers() {
	for i, t := range r.toks {
		if t.in(fillers) && r.free(i) && !r.fillerNoun(i) {
			r.roles[i] = fillerRole
		}
		if i > 0 && i+1 < len(r.toks) && t.is("up", "down", "over", "out", "right") && r.toks[i+1].is("there", "here") && r.free(i) {
			r.roles[i] = fillerRole // "put a balloon up there"
		}
		if i > 2 && i+1 == len(r.toks) && t.in(placeVerbs) && r.free(i) && slices.ContainsFunc(r.toks[:i], func(w token) bool { return w.is("where") }) {
			r.roles[i] = fillerRole // "mark where the dog is"
		}
		if i > 0 && t.is("out") && i+1 < len(r.toks) && r.toks[i+1].is("of") && r.free(i) && r.match.phrase != nil && r.task.readOnly {
			r.roles[i] = fillerRole // "get the text out of the letter"
		}
		if i > 0 && t.is("up", "out") && (r.roles[i-1] == verbRole || i+1 == len(r.toks)) && r.free(i) && r.match.phrase != nil {
			r.roles[i] = fillerRole // "brighten up"
		}
		if i > 0 && i+1 < len(r.toks) && modal(t) && r.toks[i+1].is("be") && r.roles[i+1] == verbRole && r.free(i) {
			r.roles[i] = fillerRole // "there should be a kite"
		}
		if i > 0 && t.is("look", "be", "become", "appear") && r.toks[0].in(askedVerbs) && r.free(i) {
			r.roles[i] = fillerRole // "make it look red"
		}
		if i > 1 && i+1 < len(r.toks) && t.in(whereWords) && r.toks[0].in(questionWords) && r.roles[i+1] == verbRole && r.free(i) {
			r.roles[i] = fillerRole // "what does the plaque underneath say"
		}
		if i == 0 && r.match.phrase != nil && r.free(0) && t.in(lightVerbs) && r.match.at[0] > 0 {
			r.roles[0] = fillerRole // "perform object detection", "give me a depth map"
		}
	}
}

// fillerNoun reports whether a word that mostly means nothing is all that an article stands before: "a well".
func (r *reading) fillerNoun(i int) bool {
	if i > 1 && r.toks[i].in(fillerNouns) && r.toks[i-2].in(articles) && !r.toks[i-1].in(fillers) && !r.v.isLabel(r.toks[i-1].low) {
		return i+1 == len(r.toks) || r.toks[i+1].in(placePreps) || r.toks[i+1].kind == commaToken // "an old well in the middle"
	}
	if i > 1 && r.roles[i-1] != verbRole && synonyms.pictured[r.toks[i].low] && (i+1 == len(r.toks) || r.toks[i+1].kind != wordToken) && r.toks[i-1].kind == wordToken && !r.toks[i-1].in(objectPronouns) {
		return true // "the surveillance still"
	}
	return i > 0 && r.toks[i-1].is("a", "an", "the", "this", "that") && (i+1 == len(r.toks) || r.toks[i+1].in(placePreps) || r.toks[i+1].in(targetPreps) || r.toks[i+1].in(conjuncts) || r.toks[i+1].kind == commaToken)
}

// degrees consumes a degree, at the end or before a place, that sets nothing: "zoom out a bit", "extend it a bit on the left".
func (r *reading) degrees() {
	for i := 1; i < len(r.toks); i++ {
		n := max(prefixOf(weaker, r.toks[i:]), prefixOf(stronger, r.toks[i:]))
		ends := i+n == len(r.toks) || r.toks[i+n].in(placePreps) || r.toks[i+n].in(targetPreps)
		if n > 0 && ends && r.allFree(i, i+n) && r.match.phrase != nil && !isColorWord(r.toks[i-1].low) {
			r.mark(i, i+n, fillerRole)
		}
	}
}

// quoted binds quoted words: the last is what to write when the task writes, the first what stands there.
func (r *reading) quoted() {
	var at []int
	for i, t := range r.toks {
		if t.kind == quoteToken {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return
	}
	writes := r.freeText()
	last := at[len(at)-1]
	if len(at) == 2 && r.newFirst(at[0], at[1]) {
		r.mark(at[0]+1, at[1], fillerRole)
		at[0], at[1] = at[1], at[0]
		last = at[1]
	}
	switch {
	case writes != nil && (len(at) == 2 && (r.task.readsText || r.task.takesObject) || len(at) == 1 && (!r.task.takesObject || writes.required && !r.task.needsObject || r.afterPrep(last))):
		r.write(writes, r.toks[last].text)
		r.mark(last, last+1, targetRole)
		if r.afterPrep(last) {
			r.roles[last-1] = targetRole
			if r.toks[last-1].in(saysWords) {
				r.roles[last-2] = targetRole // "to say 'OPEN'"
			}
		} else {
			r.introduction(last)
		}
		at = at[:len(at)-1]
	case len(at) > 1:
		return // too many: they stay unread
	}
	if len(at) == 1 && r.free(at[0]-1) && r.toks[at[0]-1].is("from") {
		r.roles[at[0]-1] = fillerRole
	}
	if len(at) == 1 && (r.task.takesObject || r.task.readsText || r.task.located) {
		r.object = r.toks[at[0]].text
		r.noun = r.toks[at[0] : at[0]+1]
		r.mark(at[0], at[0]+1, objectRole)
		if r.task.readsText {
			r.introduction(at[0])
			r.quotedNoun(at[0])
		}
	}
}

// newFirst reports whether of two quotations the first is to stand where the second
// does now: "read 'A' instead of 'B'", "put 'A' where it says 'B'".
func (r *reading) newFirst(a, b int) bool {
	between := r.toks[a+1 : b]
	if len(between) > 0 && between[0].is("where") {
		return !slices.ContainsFunc(between[1:], func(t token) bool { return !t.in(saysWords) && !t.in(fillers) && !t.is("it", "used", "to") })
	}
	if len(between) == 1 && r.match.phrase != nil && slices.ContainsFunc(r.v.tasks, func(t *task) bool { return between[0].is(t.reversed[r.match.phrase.words[0].key]) }) {
		return true // "substitute 'B' for 'A'"
	}
	return len(between) == 2 && prefixOf(insteadOf, between) == 2
}

// quotedNoun consumes the noun that a quotation describes: "the 'Closed' notice".
func (r *reading) quotedNoun(quote int) {
	end := quote + 1
	for end <= quote+3 && r.free(end) && r.toks[end].kind == wordToken && (!isGrammar(r.toks[end].low) || r.toks[end].low == possessive) && !r.toks[end].in(becomeVerbs) {
		end++
	}
	if end > quote+1 && (end == len(r.toks) || !r.free(end) || r.toks[end].in(placePreps)) {
		r.mark(quote+1, end, fillerRole)
	}
}

// introduction consumes what only introduces a quotation: "the word", "a sign that says".
func (r *reading) introduction(quote int) {
	nouns := 0
	for i := quote - 1; r.free(i); i-- {
		t := r.toks[i]
		if plain := !t.in(sayings) && !t.in(articles); plain {
			if nouns++; nouns > 3 || t.in(placePreps) || t.in(targetPreps) {
				return
			}
		}
		r.roles[i] = fillerRole
	}
}

func (r *reading) afterPrep(i int) bool {
	return r.free(i-1) && (r.toks[i-1].in(targetPreps) || r.free(i-2) && r.toks[i-1].in(saysWords) && r.toks[i-2].is("to"))
}

// freeText is the text input that takes words of the request as they are.
func (r *reading) freeText() *port {
	var best *port
	for i := range r.task.texts {
		p := &r.task.texts[i]
		if p.labels == nil && (best == nil || p.required && !best.required) {
			best = p
		}
	}
	return best
}

func (r *reading) write(p *port, text string) {
	r.target = text
	r.args[p.name] = edit.Arg{Value: edit.Text(text)}
}

// again consumes what asks once more for the same task, which only looks at
// the picture: "how does it feel, positive or negative", and in a question what
// says no more than that the picture shows it.
func (r *reading) again() {
	if !r.task.readOnly || r.match.phrase == nil {
		return
	}
	for _, p := range r.task.phrases {
		if p.from != fromWords || len(p.words) < 2 {
			continue
		}
		for i := range r.toks {
			if at, ok := wordsAt(p.words, r.toks, i, false); ok && !slices.ContainsFunc(at, func(k int) bool { return !r.free(k) }) {
				for _, k := range at {
					r.roles[k] = verbRole
				}
			}
		}
	}
	if r.task.takesObject {
		return
	}
	if !r.toks[0].in(questionWords) {
		for i := r.match.at[len(r.match.at)-1] + 1; r.free(i) && (r.toks[i].in(shownWords) || r.toks[i].in(fillers)); i++ {
			r.roles[i] = fillerRole // "name the place shown here"
		}
		return
	}
	if r.task.located && len(r.match.at) > 1 && len(r.task.texts) == 0 {
		r.trailing() // "whether they sound angry or friendly"
	}
	for i, t := range r.toks {
		placed := t.in(placePreps) && wholeAdjunct(r.toks[i:min(i+3, len(r.toks))])
		if r.free(i) && (placed || t.in(shownWords) || t.in(statives) || t.in(wholeNouns) || t.in(auxiliaries) || t.in(articles) || t.in(pronouns)) {
			r.roles[i] = fillerRole
		}
	}
}

// trailing takes the alternatives at the end of a question for part of it.
func (r *reading) trailing() {
	last := r.match.at[len(r.match.at)-1] + 1
	if last+1 == len(r.toks) && r.free(last) && !r.v.isLabel(r.toks[last].low) {
		r.mark(last, last+1, fillerRole) // "whether it sounds optimistic"
	}
	if last < len(r.toks) && !r.toks[last].in(placePreps) && slices.ContainsFunc(r.toks[last:], func(t token) bool { return t.in(conjuncts) || t.kind == commaToken }) {
		r.mark(last, len(r.toks), fillerRole)
	}
}

// question takes a clause as it stands for what a tool that only looks at the
// picture is asked: the quotation in it, else all of it.
func (r *reading) question() bool {
	p := r.freeText()
	if p == nil || !r.task.readOnly || r.match.phrase == nil {
		return false
	}
	if _, quoted := r.args[p.name]; !quoted {
		if r.toks[0].in(questionWords) && !r.v.answerable(r.toks) {
			r.reason = "it asks about nothing in the picture"
			return true
		}
		r.write(p, spelt(r.src, r.toks))
	}
	for i := range r.toks {
		if r.roles[i] == unread {
			r.roles[i] = targetRole
		}
	}
	return true
}

// choices binds words of a closed list to the text input that has it.
func (r *reading) choices() {
	for _, p := range r.task.texts {
		if p.labels == nil {
			continue
		}
		for class := range p.labels.Names {
			if r.choose(p, class) {
				break
			}
		}
	}
}

func (r *reading) choose(p port, class int) bool {
	for _, word := range p.labels.Words(class) {
		for i := range r.toks {
			at, ok := wordsAt(wordsOf(word), r.toks, i, false)
			if !ok {
				continue
			}
			for _, k := range at {
				if r.roles[k] == unread {
					r.roles[k] = targetRole
					r.matched++
				}
			}
			for k := at[0] - 1; r.free(k) && (r.toks[k].in(articles) || r.toks[k].is("as", "in", "into", "to", "like", "with")); k-- {
				r.roles[k] = targetRole
			}
			r.write(&p, p.labels.Names[class])
			return true
		}
	}
	return false
}

// check notes what is missing: what the tool that comes nearest still needs.
func (r *reading) check() {
	if r.match.phrase == nil && r.matched == 0 && r.frame == 0 && r.reason == "" {
		r.reason = fmt.Sprintf("nothing in it asks for %s", r.task.name)
	}
	if r.pronoun && r.task.needsObject && r.task.effect == edit.EffectCreates && r.reason == "" {
		r.reason = "what is to be new is not named"
	}
	if p := r.match.phrase; p != nil && r.task.readOnly && !r.task.takesObject && r.reason == "" && len(r.noun) > 0 && !r.pronoun && !isWhole(r.noun) && !hasQuote(r.noun) && p.onlyAsks() {
		r.reason = fmt.Sprintf("it asks about %q, not about the picture", r.object)
	}
	for i, tool := range r.task.tools {
		lacks := r.lacks(tool)
		if i == 0 || len(lacks) < len(r.missing) {
			r.missing = lacks
		}
	}
	if head := trimArticles(r.noun); len(head) == 1 && head[0].in(colorNouns) && len(r.task.colors) == 0 && r.object != "" && r.task.needsObject && r.reason == "" {
		r.reason = fmt.Sprintf("%q is no thing", r.object)
	}
	if r.object != "" && len(r.task.colors) == 0 && isColorWord(r.object) && !hasQuote(r.noun) && r.reason == "" && r.beforeColorNoun() {
		r.reason = fmt.Sprintf("%q is a colour and names nothing", r.object)
	}
	if r.like != "" && r.whole && !r.limited && r.reason == "" {
		r.reason = "the whole picture has not one colour to be changed to another's"
	}
	if r.object == "" || r.task.takesObject || !r.task.readOnly || r.reason != "" {
		return
	}
	if (r.match.gapped || r.task.textual) && (r.task.located || !hasNoun(r.noun) || r.task.textual && r.task.nouns[lastWord(r.object)]) { // "what does the sign say", "detect the yellow text": it says where
		r.region = strings.TrimSpace(r.object + " " + r.region)
		r.object = ""
		return
	}
	r.reason = fmt.Sprintf("%s works on the whole picture, not on %q", r.task.name, r.object)
}

// onlyAsks reports whether a phrase is made of question words alone: "what is".
func (p *phrase) onlyAsks() bool {
	return !slices.ContainsFunc(p.words, func(w word) bool { return !questionWords[w.key] && !isGrammar(w.key) })
}

// beforeColorNoun reports whether a word such as "colour" follows the object: "give it an orange colour".
func (r *reading) beforeColorNoun() bool {
	for i := 1; i < len(r.toks); i++ {
		if r.toks[i].in(colorNouns) && r.roles[i-1] == objectRole {
			return true
		}
	}
	return false
}

// lacks lists what a tool needs and the clause does not give.
func (r *reading) lacks(tool *edit.ToolSpec) []string {
	var out []string
	wholeDoes := r.whole && (r.task.wholeToo || r.limited && !r.task.destroys)
	if r.task.bound[tool.Name] && r.object == "" && !r.pronoun && !wholeDoes {
		out = append(out, "an object")
	}
	for _, in := range tool.Inputs {
		if _, given := r.args[in.Name]; given || tool.Accepts[in.Name].Default != nil {
			continue
		}
		switch {
		case in.Kind == edit.KindColor && r.like != "":
		case in.Kind == edit.KindColor:
			out = append(out, fmt.Sprintf("a colour (%s)", in.Name))
		case in.Kind == edit.KindText && in.Slot() != edit.SlotObject && !r.task.made[in.Slot()]:
			out = append(out, fmt.Sprintf("words (%s)", in.Name))
		case in.Kind == edit.KindNumber:
			out = append(out, fmt.Sprintf("a number (%s)", in.Name))
		}
	}
	return out
}

// left lists the words that nothing explains.
func (r *reading) left() []token {
	var out []token
	for i, t := range r.toks {
		if r.roles[i] == unread && t.kind != commaToken && !t.in(articles) && !t.in(conjuncts) {
			out = append(out, t)
		}
	}
	return out
}

// complete reports whether every word is explained and nothing is missing.
func (r *reading) complete() bool {
	return r.reason == "" && len(r.missing) == 0 && len(r.left()) == 0
}

// sourceCost is what a phrase that is not the docs' own costs a reading.
var sourceCost = [...]float64{fromWords: 0, fromName: 1, fromSynonym: 4, fromExample: 3}
