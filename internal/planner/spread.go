package planner

import "slices"

// spread makes an order about "them" or "all three" one order for each of the
// things that the order before it names: "detect the dog and the cat, then
// remove both".
func spread(drafts []draft) []draft {
	var out []draft
	for _, d := range drafts {
		group := groupBefore(out)
		if i, ok := d.reading.nthOf(len(group)); ok {
			r := *d.reading
			r.pronoun = false
			d.reading, d.Object = &r, becomes(group[i].Subtask, group[i].reading)
		}
		if !d.reading.manyPronoun() || len(group) < 2 || !d.reading.task.takesObject {
			out = append(out, d)
			continue
		}
		for _, g := range group {
			each := d
			r := *d.reading
			r.pronoun = false
			each.reading, each.Object = &r, becomes(g.Subtask, g.reading)
			each.Except = slices.Clone(d.Except)
			out = append(out, each)
		}
	}
	return out
}

// groupBefore is the last run of orders that one clause gave, with the same task and an object each.
func groupBefore(drafts []draft) []draft {
	n := len(drafts)
	if n == 0 {
		return nil
	}
	last := drafts[n-1]
	from := n
	for from > 0 {
		d := drafts[from-1]
		gone := d.reading.task.destroys && d.Target == ""
		if d.Object == "" || d.reading.pronoun || gone || d.Task != last.Task || d.Clause != last.Clause {
			break
		}
		from--
	}
	return drafts[from:]
}

// manyPronoun reports whether the object is a pronoun for several things.
func (r *reading) manyPronoun() bool {
	return r.pronoun && (several(r.noun) || slices.ContainsFunc(r.noun, func(t token) bool { return t.in(pluralPronouns) }))
}

// byAntecedent puts first the reading whose task is the one that what the
// pronoun stands for speaks for: after "find the text", "remove it" is about text.
func (p *parse) byAntecedent(rs []*reading, before []choice) []*reading {
	if len(rs) == 0 || !rs[0].complete() || !rs[0].pronoun || len(before) == 0 {
		return rs
	}
	last := before[len(before)-1].taken()
	if last == nil {
		return rs
	}
	named := spokenOf(rs[0].toks, trimArticles(last.spokenNoun()))
	with := p.readings(named)
	if len(with) == 0 || !with[0].complete() || with[0].task == rs[0].task || with[0].object == "" {
		return rs
	}
	i := slices.IndexFunc(rs, func(r *reading) bool { return r.task == with[0].task && r.complete() })
	if i < 0 {
		return rs
	}
	return slices.Concat(rs[i:i+1], rs[:i], rs[i+1:])
}

// spokenNoun is what a clause is about: its object, else the noun of the docs'
// phrase, else what its question asks for.
func (r *reading) spokenNoun() []token {
	if len(r.noun) > 0 {
		return r.noun
	}
	return r.topic()
}

// topic is "phone number" in "what is the phone number on the truck?".
func (r *reading) topic() []token {
	if r.task.readOnly && r.task.textual && r.match.phrase.namesNoun() && !r.task.takesObject {
		if i := r.match.at[len(r.match.at)-1]; r.v.isLabel(r.toks[i].low) {
			return r.toks[i : i+1] // "find the text, remove it"
		}
	}
	if r.freeText() == nil || !r.task.readOnly {
		return nil
	}
	at := slices.IndexFunc(r.toks, func(t token) bool { return t.is("the", "this", "that") })
	if at < 1 {
		return nil
	}
	return nounRun(trimArticles(r.toks[at:]))
}

// nthOf tells which of a group of n things the object is: "the latter", "the second one".
func (r *reading) nthOf(n int) (int, bool) {
	words := slices.DeleteFunc(slices.Clone(r.noun), func(t token) bool { return t.in(articles) || t.is(anaphor) || t.in(wholeNouns) })
	if n < 2 || len(words) != 1 || r.region != "" {
		return 0, false
	}
	switch {
	case words[0].is("former"):
		return 0, true
	case words[0].is("latter", "last"):
		return n - 1, true
	}
	i := slices.Index(ordinals, words[0].low)
	return i, i >= 0 && i < n
}
