package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// This file reads clauses in every way the docs allow, and what they borrow
// from the clauses beside them.

// sameNoun puts the noun of the order before in place of a pronoun where that
// makes words of the docs: "detect the text, extract it".
func (p *parse) sameNoun(toks []token, before []choice) []token {
	i := slices.IndexFunc(toks, func(t token) bool { return t.in(objectPronouns) })
	if i < 1 || len(before) == 0 {
		return toks
	}
	r := before[len(before)-1].taken()
	if r == nil || r.object != "" || r.match.phrase == nil {
		return toks
	}
	if rs := p.readings(toks); len(rs) > 0 && rs[0].complete() {
		return toks
	}
	for k := len(r.match.at) - 1; k > 0; k-- {
		noun := slices.Concat(toks[:i], []token{r.toks[r.match.at[k]]}, toks[i+1:])
		if rs := p.readings(noun); len(rs) > 0 && rs[0].complete() {
			return noun
		}
	}
	return toks
}

// denied counts the words of a phrase of the docs that the words begin with and
// that holds a denial, the only one; 0 where there is none.
func (v *vocabulary) denied(toks []token) int {
	if len(toks) == 0 {
		return 0
	}
	deny := func(t token) bool { return t.in(negations) }
	for _, p := range v.first[toks[0].form.key] {
		at, ok := wordsAt(p.words, toks, 0, true)
		if !ok || !slices.ContainsFunc(at, func(i int) bool { return deny(toks[i]) }) {
			continue
		}
		if n := at[len(at)-1] + 1; !slices.ContainsFunc(toks[n:], deny) {
			return n
		}
	}
	return 0
}

// covered reports whether words of the docs explain a clause in full: "check
// whether the caption fits" is no condition.
func (p *parse) covered(toks []token) bool {
	rs := p.readings(toks)
	return len(rs) > 0 && rs[0].complete() && rs[0].task.readOnly && rs[0].match.phrase != nil && len(rs[0].task.texts) > 0
}

// recall reads the last order of the turn before, so that "the same to the
// bench" and "the other one too" can lean on it.
func (p *parse) recall(h edit.History) {
	p.asked = len(p.src)
	if len(h.Turns) == 0 {
		return
	}
	last := h.Turns[len(h.Turns)-1]
	if len(last.Subtasks) == 0 {
		return
	}
	clause, err := normalise(last.Subtasks[len(last.Subtasks)-1].Clause)
	if err != nil {
		return
	}
	p.src += "\n" + clause
	toks := tokenise(p.src)
	toks = toks[slices.IndexFunc(toks, func(t token) bool { return t.start >= p.asked }):]
	if cs, _, err := p.v.clauses(toks); err == nil && len(cs) == 1 && !cs[0].keep {
		p.before = p.clause(cs[0], nil)
	}
	p.notices, p.errs = nil, nil
}

// request is what this turn asks.
func (p *parse) request() string { return p.src[:p.asked] }

// readings interprets the words in every way the docs allow, best first.
func (p *parse) readings(toks []token) []*reading { return p.limited(toks, false) }

// limited is readings for a clause that leaves something out, so that the
// whole picture may be what a tool for one object works on.
func (p *parse) limited(toks []token, some bool) []*reading {
	if len(toks) == 0 {
		return nil
	}
	key := placeOf(toks, some)
	if rs, ok := p.known[key]; ok {
		return slices.Clone(rs)
	}
	bm25 := p.v.rank.scores(lows(toks))
	var out []*reading
	for _, m := range p.v.matches(toks) {
		out = append(out, p.v.read(p.src, toks, m, bm25[m.task.name], some))
	}
	slices.SortStableFunc(out, func(a, b *reading) int {
		return cmp.Or(-boolCompare(a.complete(), b.complete()), cmp.Compare(b.score, a.score),
			cmp.Compare(a.task.name, b.task.name), cmp.Compare(b.matched, a.matched))
	})
	if p.known == nil {
		p.known = map[string][]*reading{}
	}
	p.known[key] = out
	return slices.Clone(out)
}

// placeOf tells tokens apart by place and spelling: clauses are read more than once.
func placeOf(toks []token, some bool) string {
	var b strings.Builder
	fmt.Fprint(&b, some)
	for _, t := range toks {
		fmt.Fprintf(&b, " %d %s", t.start, t.low)
	}
	return b.String()
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// raise gives a bare verb the object of its neighbour: "find and remove the dog".
func (p *parse) raise(cs []choice) {
	for i := len(cs) - 1; i >= 0; i-- {
		toks := cs[i].part.toks
		if len(cs[i].readings) == 0 || opensNoun(toks) || len(nounRun(toks)) > 3 || len(cs[i].readings[0].noun) > 0 {
			continue
		}
		for _, k := range []int{i + 1, i - 1} {
			if k < 0 || k >= len(cs) || k < i && cs[i].taken() != nil {
				continue
			}
			r := cs[k].taken()
			if r == nil || len(r.noun) == 0 || hasQuote(r.noun) || cs[i].taken() != nil && !p.andOnly(cs[i], cs[k]) {
				continue
			}
			rs := p.limited(slices.Concat(toks, r.noun), len(cs[i].except) > 0)
			if len(rs) == 0 || !rs[0].complete() || rs[0].object == "" || !rs[0].task.takesObject {
				continue
			}
			if own := cs[i].taken(); own == nil || !own.match.phrase.namesNoun() && rs[0].score > own.score {
				cs[i].readings = rs
				break
			}
		}
	}
}

// andOnly reports whether nothing but "and" stands between two clauses.
func (p *parse) andOnly(a, b choice) bool {
	from, to := a.clause.all[len(a.clause.all)-1].end, b.clause.all[0].start
	return from < to && strings.TrimSpace(p.src[from:to]) == "and"
}

// shareTails gives a conjunct that lacks something the words that a later (else an
// earlier) one has after its object: "the car and the bench red".
func (p *parse) shareTails(cs []choice) {
	for i := len(cs) - 1; i >= 0; i-- {
		if cs[i].taken() != nil {
			continue
		}
		for _, k := range neighbours(i, len(cs)) {
			r := cs[k].taken()
			if r == nil || len(r.tail()) == 0 {
				continue
			}
			pt := cs[i].part
			pt.toks = slices.Concat(pt.toks, r.tail())
			if rs := p.limited(pt.toks, len(cs[i].except) > 0); len(rs) > 0 && rs[0].complete() {
				cs[i].part, cs[i].readings = pt, rs
				break
			}
		}
	}
}

// neighbours lists the later indexes, nearest first, then the earlier ones.
func neighbours(i, n int) []int {
	var out []int
	for k := i + 1; k < n; k++ {
		out = append(out, k)
	}
	for k := i - 1; k >= 0; k-- {
		out = append(out, k)
	}
	return out
}
