package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// Covers checks a plan against the words of its request, the only instruction there is: every
// clause is served, and nothing is in the plan that neither the request says nor, where the
// request refers to it, the history holds. Text that came from elsewhere (docs, words in the
// picture, a model's own ideas) therefore changes nothing. The error is an *InvalidPlanError.
//
// Of each clause the words that weigh must be accounted for: object words and colours that the
// docs know, numbers, sides, quotations, "all" and "every". Other words a person may use as they please.
func (g *Grammar) Covers(plan edit.Plan, h edit.History) error { return g.covers(plan, h, nil) }

// covers is Covers; own is the reading that the grammar made the plan of, nil for a plan of another's.
func (g *Grammar) covers(plan edit.Plan, h edit.History, own *parse) error {
	c, err := newCover(g.v, plan.Request, h, own)
	if err != nil {
		return err
	}
	var problems []string
	for _, d := range edit.Decompositions(plan) {
		c.problems = nil
		c.check(d.Plan.Subtasks)
		for _, p := range c.problems {
			if !slices.Contains(problems, p) {
				problems = append(problems, p)
			}
		}
	}
	if len(problems) > 0 {
		return &InvalidPlanError{Problems: problems}
	}
	return nil
}

// cover compares a plan with what a request says.
type cover struct {
	v        *vocabulary
	src      string
	toks     []token
	things   map[string]bool // words that mean any object
	all      map[string]bool // words of the whole request
	orders   []order
	barred   map[string]bool // nouns that are only named to be left alone
	spare    map[string]bool // words of what is to be left alone
	history  map[string]bool // words of the objects that the history holds
	colors   []edit.Color    // of the request
	problems []string
	// own says that the plan is the grammar's: what it read in other words it need not read again.
	own      bool
	skipped  map[int]bool // where words stand that the grammar read as a circumstance
	reshaped bool         // some subtask's outline is grown, shrunk or feathered
}

// order is a clause as the grammar cuts the request.
type order struct {
	clause
	words    map[string]bool
	refers   bool // to something named elsewhere: "it", "the other one"
	readings []*reading
}

func newCover(v *vocabulary, request string, h edit.History, own *parse) (*cover, error) {
	src, err := normalise(request)
	if err != nil {
		return nil, err
	}
	c := &cover{v: v, src: src, toks: tokenise(src), things: v.things, all: map[string]bool{}, barred: map[string]bool{}, spare: map[string]bool{}, history: historyWords(h), own: own != nil}
	spelt, clauses, err := c.cut(own)
	if err != nil {
		return nil, err
	}
	for _, t := range spelt {
		c.say(c.all, t)
	}
	p := parse{v: v, src: src}
	if own != nil {
		c.skipped = map[int]bool{}
		for _, t := range own.skipped {
			c.skipped[t.start] = true
		}
		p.known = own.known // what was read need not be read again
	}
	named := map[string]bool{}
	for _, cl := range clauses {
		o := order{clause: cl, words: map[string]bool{}}
		for _, t := range slices.Concat(cl.all, cl.toks) {
			c.say(o.words, t)
		}
		o.refers = refers(cl.all)
		if !cl.keep {
			for _, part := range v.coordinate(cl.toks) {
				o.readings = append(o.readings, p.limited(part.toks, own == nil)...)
			}
		}
		c.bar(cl, named)
		c.orders = append(c.orders, o)
	}
	for n := range named {
		delete(c.barred, n)
	}
	for i := range c.toks {
		if paint, ok := paintAt(src, c.toks, i); ok {
			c.colors = append(c.colors, paint.color)
		} else if paint, ok := v.misspeltPaint(c.toks[i]); ok {
			c.colors = append(c.colors, paint.color)
		}
	}
	return c, nil
}

// cut is the request with its slips mended and the orders in it, as the grammar that planned it saw them.
func (c *cover) cut(own *parse) ([]token, []clause, error) {
	if own != nil {
		return own.toks, own.cut, nil
	}
	spelt, _ := c.v.spell(c.toks)
	clauses, _, err := c.v.clauses(spelt)
	if err != nil {
		return nil, nil, err
	}
	p := parse{v: c.v, src: c.src}
	return spelt, p.remarks(p.corrected(clauses)), nil
}

// say adds the forms of a token that a plan may write it in: as written, as corrected, a number in digits.
func (c *cover) say(words map[string]bool, t token) {
	if t.kind == quoteToken {
		for _, q := range tokenise(t.text) {
			c.say(words, q)
		}
	}
	for _, w := range keys(c.src[t.start:t.end] + " " + t.low) {
		words[singularKey(w)] = true
		if n, ok := numberWords[w]; ok {
			words[fmt.Sprint(n)] = true
		}
	}
}

// bar notes the nouns after "except", "not" and "keep", and what is named elsewhere.
func (c *cover) bar(cl clause, named map[string]bool) {
	off := cl.keep
	for i, t := range cl.toks {
		wish := i+1 < len(cl.toks) && cl.toks[i+1].is("want", "need", "like") // "I do not want the sign" asks for its removal
		off = off || t.is(exceptWord) || t.in(negations) && !wish
		if off {
			c.say(c.spare, t)
		}
		if !c.noun(t) {
			continue
		}
		if off {
			c.barred[t.form.one] = true
		} else {
			named[t.form.one] = true
		}
	}
}

// noun reports whether a word names a kind of object that the docs know.
func (c *cover) noun(t token) bool {
	return t.kind == wordToken && c.v.labels[t.form.one] && !c.things[t.form.one]
}

// refers reports whether words point at something that they do not name.
func refers(toks []token) bool {
	content := 0
	for _, t := range toks {
		if t.in(pronouns) || t.in(restWords) || t.in(possessors) || t.is("same", "again", "too", "also", "former", "latter") || slices.Contains(ordinals, t.low) || isNumeric(t.low) || superlativeWord(t) {
			return true
		}
		if t.kind == quoteToken || t.kind == wordToken && !isGrammar(t.form.key) {
			content++
		}
	}
	return content < 2 // a bare verb: "detect and remove the dog"
}

// historyWords are the words of the objects that earlier turns and numbered regions name.
func historyWords(h edit.History) map[string]bool {
	words := map[string]bool{}
	add := func(phrase string) {
		p := edit.ParsePhrase(phrase)
		if p.Head == "" || len(strings.Fields(phrase)) > 6 { // a sentence is no object
			return
		}
		for _, w := range keys(phrase) {
			words[singularKey(w)] = true
		}
	}
	for _, t := range h.Turns {
		for _, s := range t.Subtasks {
			add(s.Object)
			add(s.Target)
		}
	}
	for _, r := range h.Regions {
		add(r.Phrase)
		words[fmt.Sprint(r.Number)] = true
	}
	return words
}

func (c *cover) problem(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); len(c.problems) < maxCoverProblems {
		c.problems = append(c.problems, s)
	}
}

const maxCoverProblems = 20

func (c *cover) check(subtasks []edit.Subtask) {
	served := make([][]edit.Subtask, len(c.orders))
	c.reshaped = slices.ContainsFunc(subtasks, func(s edit.Subtask) bool { return s.Reshaped() != "" })
	seen := map[string]bool{}
	for _, s := range subtasks {
		same := fmt.Sprint(s.Task, "|", s.Object, "|", s.Target, "|", s.Region, "|", s.Args, "|", s.Except)
		if seen[same] {
			c.problem("subtask %d does again what another does", s.ID)
		}
		seen[same] = true
		at := c.overlaps(s)
		for i := range c.orders {
			if c.own && len(at) <= i && s.Clause != "" && !c.verbatim(s) {
				at = append(at, i) // the grammar put a noun in place of its pronoun
			}
		}
		if len(at) == 0 {
			c.problem("subtask %d: its clause %q is not in the request", s.ID, s.Clause)
			continue
		}
		for _, i := range at {
			served[i] = append(served[i], s)
		}
		c.words(s, at)
		c.evidence(s, at)
		c.spared(s)
	}
	for i, o := range c.orders {
		c.order(o, served[i])
	}
}

// verbatim reports whether the clause of a subtask stands in the request as it is.
func (c *cover) verbatim(s edit.Subtask) bool { return len(c.overlaps(s)) > 0 }

// overlaps lists the orders that a subtask's clause is a part of; none where the request
// does not hold its words as they are. At a comma the clause may leave something out.
func (c *cover) overlaps(s edit.Subtask) []int {
	var at []int
	toks := tokenise(s.Clause)
	for len(toks) > 0 {
		n := slices.IndexFunc(toks, func(t token) bool { return t.kind == commaToken })
		if n < 0 {
			n = len(toks)
		}
		if part := lows(words(toks[:n])); len(part) > 0 {
			found := c.find(part)
			if len(found) == 0 {
				return nil
			}
			at = append(at, found...)
		}
		toks = toks[min(n+1, len(toks)):]
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// find lists the orders that the words, as they stand in the request, are a part of.
func (c *cover) find(want []string) []int {
	var at []int
	all := words(c.toks)
	have := lows(all)
	for from := 0; from+len(want) <= len(have); from++ {
		if !slices.Equal(have[from:from+len(want)], want) {
			continue
		}
		start, end := all[from].start, all[from+len(want)-1].end
		for i, o := range c.orders {
			if slices.ContainsFunc(o.all, func(t token) bool { return t.start >= start && t.end <= end }) {
				at = append(at, i)
			}
		}
	}
	return at
}

// words drops the marks, which a model may write otherwise.
func words(toks []token) []token {
	return slices.DeleteFunc(slices.Clone(toks), func(t token) bool { return t.kind != wordToken && t.kind != quoteToken })
}

// said are the phrases of a subtask that must come from its part of the request.
func said(s edit.Subtask) []string { return []string{s.Object, s.Target, s.Region, s.Like} }

// words checks that one of the orders, with what it refers to, holds every word of the subtask.
func (c *cover) words(s edit.Subtask, at []int) {
	var invented []string
	for n, i := range at {
		missing := c.missing(s, c.orders[i])
		if n == 0 || len(missing) < len(invented) {
			invented = missing
		}
	}
	if len(invented) > 0 {
		c.problem("subtask %d holds %s, which its part of the request does not say", s.ID, quoteList(invented))
	}
}

func (c *cover) missing(s edit.Subtask, o order) []string {
	var out []string
	for _, phrase := range said(s) {
		if color, ok := edit.ParseColor(phrase); ok && slices.Contains(c.colors, color) {
			continue
		}
		for _, w := range keys(phrase) {
			one := singularKey(w)
			if o.words[one] || linking(w) || o.refers && (c.history[one] || c.all[one]) || slices.Contains(out, w) {
				continue
			}
			out = append(out, w)
		}
	}
	for _, w := range c.unwarranted(s) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// unwarranted are the exceptions' words that neither an order to leave something alone
// holds nor the place of the edit: "the wall behind the truck".
func (c *cover) unwarranted(s edit.Subtask) []string {
	var out []string
	place := map[string]bool{}
	for _, w := range keys(s.Region + " " + s.Object) {
		place[singularKey(w)] = s.Region != ""
	}
	head := singularKey(edit.ParsePhrase(s.Object).Head)
	for _, phrase := range s.Except {
		words := slices.DeleteFunc(keys(phrase), linking)
		for _, w := range words {
			one := singularKey(w)
			again := one == head && len(words) > 1 // "all parrots but the left one"
			if !c.spare[one] && !place[one] && !again {
				out = append(out, w)
			}
		}
	}
	return out
}

// linking words say nothing by themselves; "all" and "everything" are none of them.
func linking(w string) bool {
	return articles[w] || conjuncts[w] || targetPreps[w] || placePreps[w] || fillers[w] || auxiliaries[w] || colorNouns[w] || w == possessive
}

// evidence checks that the words of the request speak for the task. Where they plainly speak for
// another, the plan is wrong; where the grammar cannot tell, a task near to the words is believed.
func (c *cover) evidence(s edit.Subtask, at []int) {
	t := c.v.byName[s.Task]
	if t == nil || c.own {
		return // check says so, or the grammar has its evidence
	}
	plain := ""
	for _, i := range at {
		for _, r := range c.orders[i].readings {
			spoken := r.match.phrase != nil || r.matched > 0
			if r.task == t && (r.complete() || spoken) {
				return
			}
			if plain == "" && r.complete() && r.match.phrase != nil && r.match.led {
				plain = r.task.name
			}
		}
	}
	if plain != "" {
		c.problem("subtask %d: %q asks for %s, not for %s", s.ID, s.Clause, plain, s.Task)
		return
	}
	for _, p := range t.colors { // a colour to become speaks for a task that takes one
		if s.Target != "" && s.Args[p.name].Value != nil {
			return
		}
	}
	near := c.v.nearest(lows(tokenise(s.Clause)), nearTasks)
	if len(near) > 0 && !slices.Contains(near, t) {
		c.problem("subtask %d: nothing in %q speaks for %s", s.ID, s.Clause, s.Task)
	}
}

// nearTasks is how many tasks near to a clause are believed where the grammar cannot tell.
const nearTasks = 8

// spared checks that what is only named to be left alone is not worked on.
func (c *cover) spared(s edit.Subtask) {
	t := c.v.byName[s.Task]
	if t == nil || t.readOnly || s.Object == "" || c.own { // the grammar weighs orders to keep by itself
		return
	}
	if head := singularKey(edit.ParsePhrase(s.Object).Head); c.barred[head] {
		c.problem("subtask %d works on %q, which the request leaves alone", s.ID, s.Object)
	}
}

// order checks that a clause is served, with every word that weighs.
func (c *cover) order(o order, by []edit.Subtask) {
	text := join(c.src, o.all)
	if o.keep || slices.ContainsFunc(o.toks, func(t token) bool { return t.is("nothing") }) {
		return // it asks for nothing
	}
	if c.own && !slices.ContainsFunc(by, c.edits) && (len(by) > 0 || c.preamble(o)) {
		return // a word lost on what only looks changes nothing
	}
	if c.own && c.reshaped && slices.ContainsFunc(o.all, func(t token) bool { return t.kind == wordToken && isOutlineWord(t.low) }) {
		return // it went into the outlines of the others
	}
	if len(by) == 0 && !c.own && len(c.orders) > 1 && c.v.aside(c.src, o.clause) {
		return // small talk
	}
	if len(by) == 0 {
		c.problem("nothing serves %q", text)
		return
	}
	used := map[string]bool{}
	for _, s := range by {
		for _, phrase := range append(said(s), s.Except...) {
			for _, w := range keys(phrase) {
				used[singularKey(w)] = true
			}
		}
		c.usedByTask(used, s, o)
	}
	var lost []string
	for i, t := range o.toks {
		held := used[t.form.one] || used[singularKey(t.text)] || t.kind == quoteToken && quoted(by, t.text)
		if c.weighs(o.toks, i) && !held && !c.skipped[t.start] && !slices.Contains(lost, t.text) {
			lost = append(lost, t.text)
		}
	}
	if len(lost) > 0 {
		c.problem("%s of %q is nowhere in the plan", quoteList(lost), text)
	}
}
