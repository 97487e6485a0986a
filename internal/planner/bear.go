package planner

import (
	"fmt"
	"slices"
)

// This file lets what is remarked tell which of two tasks a verb means: who says
// "sharpen it, it came out blurry" means what the docs call "sharpen the blurry picture".

// borneOut takes each order whose verb alone was read for the task of which the
// docs have the verb with a noun that the request says of the picture elsewhere.
func (p *parse) borneOut(cs []choice) {
	for i := range cs {
		r := cs[i].taken()
		if r == nil || r.match.phrase == nil || slices.ContainsFunc(r.match.phrase.words[1:], func(w word) bool { return !wholeNouns[w.key] }) || r.object != "" || r.task.readOnly || len(quantities(r.toks)) > 0 || r.like != "" {
			continue
		}
		verb := r.match.at[0]
		for _, t := range p.remarked(cs) {
			toks := slices.Concat(r.toks[verb:verb+1], say(t, "the"), []token{t}, say(t, "picture"))
			rs := p.readings(toks)
			if len(rs) == 0 || !rs[0].complete() || rs[0].task == r.task || rs[0].object != "" || len(rs[0].match.at) < 2 || !rs[0].says(toks[2]) || !rs[0].match.led || rs[0].task.needsObject {
				continue
			}
			p.notices = append(p.notices, fmt.Sprintf("%q is read as %s, for the request says %q", join(p.src, cs[i].clause.all), rs[0].task.name, t.text))
			cs[i].readings = rs
			break
		}
	}
}

// says reports whether a word is among those of the docs' phrase.
func (r *reading) says(t token) bool {
	return slices.ContainsFunc(r.match.at, func(i int) bool { return r.toks[i].start == t.start && r.toks[i].end == t.end && t.start < t.end })
}

// predicative reports whether what follows the words says how something is: "it came out (blurry)", "is a bit out of (focus)".
func predicative(toks []token) bool {
	for i := len(toks) - 1; i >= 0 && i > len(toks)-6; i-- {
		switch t := toks[i]; {
		case t.in(statives), t.is("out", "turned"), t.is("of") && i > 0 && toks[i-1].is("out"):
			return true
		case !t.in(adverbs) && !t.in(midAdverbs) && !t.in(fillers) && !t.is("a", "bit", "little", "of", "rather", "slightly", "pretty", "somewhat") && !hasSuffix(t.low, "ly"):
			return false
		}
	}
	return false
}

// remarked are the words of the request that stand in none of its orders.
func (p *parse) remarked(cs []choice) []token {
	var out []token
	for i, t := range p.toks {
		within := func(c choice) bool {
			return t.start >= c.clause.all[0].start && t.end <= c.clause.all[len(c.clause.all)-1].end
		}
		if t.kind == wordToken && !isGrammar(t.low) && predicative(p.toks[:i]) && !slices.ContainsFunc(cs, within) {
			out = append(out, t)
		}
	}
	return out
}
