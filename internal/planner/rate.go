package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// rate scores the reading: words of the docs explained count most, then how
// well the arguments fit, then what the docs say of the clause (BM25).
func (r *reading) rate() {
	s := 10*float64(r.matched) + float64(r.frame)
	if r.match.led {
		s += 3
	}
	if r.match.phrase.lent() && !r.ownObject() {
		s -= 5 // another task's own verb goes first
	}
	if p := r.match.phrase; p != nil {
		cost := sourceCost[p.from]
		if p.from == fromSynonym && p.namesNoun() && !isGrammar(p.words[len(p.words)-1].key) {
			cost /= 2 // the noun bears the verb out
		}
		if p.lent() && r.ownObject() {
			cost = 0
		}
		s -= cost + 3*float64(r.match.alike(r.toks))
	}
	s -= 2 * float64(len(r.missing))
	s -= 3 * float64(len(r.left()))
	if r.object != "" {
		s += r.objectFit()
		if r.task.needsObject {
			s += 1.5 // with an object named, a task about objects goes before one about whole pictures
		}
	}
	if r.object != "" && r.task.needsObject && r.wrongArticle() {
		s -= 2 // "drop a coin", "drop the coin"
	}
	if r.match.phrase.namesNoun() && len(r.noun) > 1 && r.noun[0].is("a", "an") && r.task.effect != edit.EffectCreates && !r.task.readOnly {
		s -= 6 // the phrase says itself what it is done to
	}
	if r.target != "" && r.object != "" && len(r.task.colors) == 0 && isColorWord(r.target) {
		s -= 12 // a colour is no thing to put in place of another
	}
	if r.target != "" && r.object == "" && len(r.task.colors) == 0 && r.task.effect == edit.EffectGround && isColorWord(r.target) {
		s -= 12 // nor is it a scene
	}
	if r.loose {
		s -= 5
	}
	if !r.task.textual && !r.task.readOnly && r.target != "" && hasQuote(r.toks) {
		s -= 8 // what is quoted is to be written
	}
	if r.pronoun && r.task.closed {
		s -= 2 // what it stands for need not be one of the few that the task knows
	}
	r.score = s + r.bm25/(r.bm25+5)
}

// ownObject reports whether the object is one of the few that the task's tools are for.
func (r *reading) ownObject() bool {
	return r.object != "" && r.task.closed && inAny(r.task.own, edit.ParsePhrase(r.object).Head)
}

// wrongArticle reports whether the object is spoken of as known though the task makes
// something new, or as new though it is to be in the picture.
func (r *reading) wrongArticle() bool {
	if len(r.noun) == 0 || !r.noun[0].in(articles) {
		return false
	}
	return r.noun[0].is("a", "an", "some", "another") != (r.task.effect == edit.EffectCreates)
}

func (r *reading) objectFit() float64 {
	switch {
	case hasQuote(r.noun) && r.task.textual:
		return 5
	case hasQuote(r.noun):
		return -5 // quoted words are words in the picture
	case !r.task.takesObject:
		return -4
	case r.task.textual && !r.task.closed:
		return -4 // a thing is no word
	case r.task.closed && r.task.textual && !inAny(r.task.own, edit.ParsePhrase(r.object).Head):
		return -6
	case r.task.closed && !inAny(r.task.own, edit.ParsePhrase(r.object).Head):
	case r.task.closed:
		return 4
	case r.task.open || len(r.task.labels) == 0:
		return 2
	case r.task.knows(edit.ParsePhrase(r.object).Head):
		return 3
	}
	// No tool knows the word: the task whose tools know the most words is the one meant.
	n := 0
	lists := r.task.labels
	if r.task.closed {
		lists = r.task.own
	}
	for _, l := range lists {
		n = max(n, len(l.Names))
	}
	return min(float64(n)/40, 2) - 2
}

func hasQuote(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == quoteToken })
}

// tail lists the words after the object: what a conjunct before it may share.
func (r *reading) tail() []token {
	last := -1
	for i, ro := range r.roles {
		if ro == objectRole {
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	var out []token
	for i := last + 1; i < len(r.toks); i++ {
		if r.roles[i] != regionRole {
			out = append(out, r.toks[i])
		}
	}
	return out
}

// subtask is what the reading asks for; the caller numbers it.
func (r *reading) subtask() edit.Subtask {
	s := edit.Subtask{Task: r.task.name, Object: r.object, Target: r.target, Region: r.region, Like: r.like}
	if r.task.readOnly {
		s.Target = "" // nothing becomes anything
	}
	if len(r.args) > 0 {
		s.Args = r.args
	}
	return s
}

func (r *reading) why() string {
	switch {
	case r.reason != "":
		return r.reason
	case len(r.left()) > 0:
		return fmt.Sprintf("%s leaves %s unexplained", r.task.name, quoteList(lows(r.left())))
	case len(r.missing) > 0:
		return fmt.Sprintf("%s needs %s", r.task.name, strings.Join(r.missing, " and "))
	}
	return ""
}

func quoteList(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(q, " ")
}

// lastWord is the noun that a phrase ends in, in the singular.
func lastWord(phrase string) string {
	words := strings.Fields(edit.ParsePhrase(phrase).Head)
	if len(words) == 0 {
		return ""
	}
	return singularKey(words[len(words)-1])
}
