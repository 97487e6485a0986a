package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// edits reports whether a subtask changes the picture.
func (c *cover) edits(s edit.Subtask) bool {
	t := c.v.byName[s.Task]
	return t == nil || !t.readOnly
}

// preamble reports whether the grammar takes a clause for one that only leads up to the others.
func (c *cover) preamble(o order) bool {
	p := parse{v: c.v, src: c.src}
	return p.preamble(o.clause)
}

// quoted reports whether a phrase of the subtasks holds the quotation.
func quoted(by []edit.Subtask, text string) bool {
	return slices.ContainsFunc(by, func(s edit.Subtask) bool {
		return slices.ContainsFunc(said(s), func(p string) bool { return strings.Contains(strings.ToLower(p), strings.ToLower(text)) })
	})
}

// introduces reports whether the word at i stands with others before a quotation: "the phone number '555'".
func introduces(toks []token, i int) bool {
	for ; i < len(toks) && toks[i].kind == wordToken && !isGrammar(toks[i].form.key); i++ {
	}
	return i < len(toks) && toks[i].kind == quoteToken
}

// usedByTask adds the words that are the task's own or that its arguments were made of.
func (c *cover) usedByTask(used map[string]bool, s edit.Subtask, o order) {
	t := c.v.byName[s.Task]
	if t == nil {
		return
	}
	for n := range t.nouns {
		used[n] = true
	}
	for name := range s.Args { // an input called "left" takes what is said of the left
		used[name] = true
		used["both"] = used["both"] || sideWords[name]
	}
	for _, r := range o.readings {
		if r.task != t {
			continue
		}
		for i, ro := range r.roles {
			if r.pronoun && ro == objectRole {
				used[r.toks[i].form.one] = true // "all three"
			}
			if ro == pictureRole || ro == verbRole || ro == nounRole || ro == numberRole || ro == targetRole && len(s.Args) > 0 {
				used[r.toks[i].form.one] = true
			}
		}
	}
	for _, p := range t.numbers {
		for _, v := range p.words {
			for _, w := range v.words {
				used[w.one] = true
			}
		}
	}
}

// behindIt reports whether the word at i only says what "everything" is behind.
func behindIt(toks []token, i int) bool {
	at := slices.IndexFunc(toks[:i], func(t token) bool { return t.is("behind") })
	return at > 0 && i-at < 4 && toks[at-1].is("everything", "all", "whatever", "anything")
}

// weighs reports whether the word at i changes what is to be done, so that a plan may not lose it.
func (c *cover) weighs(toks []token, i int) bool {
	t := toks[i]
	switch {
	case t.kind == quoteToken:
		return true
	case t.kind != wordToken || wholeNouns[t.low] || pronouns[t.low] || introduces(toks, i):
		return false
	case i > 0 && sideWords[t.low] && (i+1 == len(toks) || toks[i+1].kind != wordToken) && toks[i-1].in(statives):
		return false // "what is left"
	case c.own && isColorWord(t.low) && slices.ContainsFunc(toks[:i], func(w token) bool { return w.is("rather", "instead") }):
		return false // "blue instead of red"
	case c.own && isColorWord(t.low) && i > 2 && slices.ContainsFunc(toks[max(0, i-4):i], func(w token) bool { return w.is("which", "who") }):
		return false // ", which is red now,"
	case c.own && i > 0 && toks[i-1].kind == quoteToken && c.noun(t):
		return false // "the 'closed' sign"
	case c.own && i+2 < len(toks) && toks[i+1].is(possessive) && introduces(toks, i+2):
		return false // "the sign's text 'A'"
	case c.own && behindIt(toks, i):
		return false
	}
	_, color := edit.ParseColor(t.low)
	return c.noun(t) || color || sideWords[t.low] || isNumeric(t.low) || t.is("all", "every", "both", "each")
}
