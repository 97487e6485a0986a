package planner

import (
	"slices"

	"pentimento/internal/edit"
)

// This file reads wishes: "I would love a robin on the post", "the wall could use a clock".

// wished is what is wanted in "I would like a horse", "put a horse", "there should be a horse".
func (p *parse) wished(toks []token) []token {
	toks = stripWrappers(toks)
	for !opensNoun(toks) {
		if len(toks) < 2 {
			return nil
		}
		if !toks[0].in(lightVerbs) && !toks[0].in(auxiliaries) && !toks[0].is("there", "i", "we", "to", "see", "a") && !p.creates(toks[0]) {
			return nil
		}
		toks = toks[1:]
	}
	return trimMarks(toks)
}

// creates reports whether the docs have the word for making something new.
func (p *parse) creates(t token) bool {
	return slices.ContainsFunc(p.v.first[t.form.key], func(ph *phrase) bool { return len(ph.words) == 1 && ph.task.effect == edit.EffectCreates })
}

// given reads "give x a y" as adding y to x.
func (p *parse) given(c clause) []way {
	toks := c.spoken()
	if len(toks) > 4 && toks[0].is("give") && toks[1].is("me", "us") && slices.ContainsFunc(toks[4:], func(t token) bool { return t.in(placePreps) && !t.is("of", "to", "from") }) {
		return p.adding(c, toks[2:], nil) // "give me a cocktail on the table"
	}
	if len(toks) < 4 || !toks[0].is("give") || toks[1].is("me", "us") {
		return nil
	}
	at := slices.IndexFunc(toks[2:], func(t token) bool { return t.is("a", "an", "some", "another", "two", "three") })
	if n := len(toks); at < 0 && toks[1].in(articles) && plural(toks[n-1:]) {
		at = n - 3 // "give the horse wings"
	}
	if at < 0 {
		return nil
	}
	x, y := toks[1:2+at], toks[2+at:]
	return []way{{clauses: []clause{c.as(slices.Concat(say(toks[0], "add"), y, say(toks[0], "to"), x))}}}
}

// wanted reads "I would love a robin on the post" and "a robin would be nice" as adding it.
func (p *parse) wanted(c clause) []way {
	thing := stripWrappers(c.all)
	wished := slices.ContainsFunc(c.all[:max(0, len(c.all)-len(thing))], func(t token) bool { return t.in(wishes) })
	thing = stripTails(thing)
	if len(thing) > 1 && thing[0].is("see", "have") {
		thing, wished = thing[1:], true
	}
	if n := praiseAt(thing); n > 0 {
		thing, wished = thing[:n], true
	}
	if !wished {
		return nil
	}
	return p.adding(c, thing, nil)
}

// lacking reads "the wall could use a clock" as adding y to x.
func (p *parse) lacking(c clause) []way {
	toks := c.spoken()
	for i := 1; i < len(toks); i++ {
		if n := prefixOf(lacks, toks[i:]); n > 0 && opensNoun(toks) {
			return p.adding(c, toks[i+n:], toks[:i])
		}
	}
	return nil
}

// adding makes orders of a new thing by the verbs that the docs have for it.
func (p *parse) adding(c clause, thing, to []token) []way {
	if len(thing) < 2 || thing[1].in(coats) || !thing[0].is("a", "an", "some", "another", "more") && !isCount(thing) || hasQuote(thing) || isWhole(thing) || p.v.isDeliverable(thing) || modifiedWhole(trimArticles(thing)) {
		return nil
	}
	var out []way
	for _, t := range p.v.tasks {
		if t.effect != edit.EffectCreates || !t.needsObject {
			continue
		}
		toks := slices.Concat(say(thing[0], t.verb()), thing)
		if to != nil {
			toks = slices.Concat(toks, say(thing[0], "to"), to)
		}
		out = append(out, way{clauses: []clause{c.as(toks)}})
	}
	return out
}

// isDeliverable reports whether a noun is what a tool that looks at the picture gives: "a caption".
func (v *vocabulary) isDeliverable(thing []token) bool {
	np := nounRun(thing)
	if k := slices.IndexFunc(np, func(t token) bool { return t.is("that", "which") }); k > 0 {
		np = np[:k]
	}
	return len(np) > 0 && slices.ContainsFunc(v.first["give"], func(p *phrase) bool {
		return p.task.readOnly && len(p.words) == 2 && p.words[1].one == np[len(np)-1].form.one
	})
}

// praiseAt is where praise begins that ends the words: "(a dog) would be lovely"; 0 where there is none.
func praiseAt(toks []token) int {
	n := len(toks)
	for k := n - 1; k > 1 && n-k < 4 && (synonyms.praise[toks[k].form.key] || toks[k].in(midAdverbs)); k-- {
		if toks[k-1].is("be") && k > 2 && toks[k-2].is("would", "might", "could", "will") {
			return k - 2
		}
	}
	return 0
}
