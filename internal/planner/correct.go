package planner

import (
	"fmt"
	"slices"
)

// This file reads what a person takes back: "make it pink, no wait, make it
// gray", "recolor the car red. Actually, blue."

// correctionAt counts the words at the start of toks that take back what was said before them.
func correctionAt(toks []token) int {
	n := 0
	for {
		k := prefixOf(corrections, toks[n:])
		if k == 0 || k == 1 && toks[n].is("no") && n+1 < len(toks) && toks[n+1].kind == wordToken && plural(toks[n+1:n+2]) {
			break // "no captions"
		}
		n += k
		for n < len(toks) && toks[n].kind == commaToken {
			n++
		}
	}
	return n
}

// corrected drops the order that a later clause takes back, and lends its words
// to what is said instead.
func (p *parse) corrected(cs []clause) []clause {
	var out []clause
	for _, c := range cs {
		n := correctionAt(c.all)
		if n == 0 || len(out) == 0 || c.keep {
			out = append(out, c)
			continue
		}
		weak := prefixOf(weakCorrections, c.all) > 0
		next, ok := p.v.newClause(c.all[n:])
		last := out[len(out)-1]
		if !ok {
			out = out[:len(out)-1] // "scratch that"
			p.takenBack(last, c.all[:n])
			p.void = true
			continue
		}
		if said, ok := p.insteadOfIt(last, next); ok {
			next = said
		} else if weak {
			out = append(out, c)
			continue
		}
		p.takenBack(last, c.all[:n])
		next.then = last.then
		out[len(out)-1] = next
	}
	return out
}

func (p *parse) takenBack(c clause, by []token) {
	p.notices = append(p.notices, fmt.Sprintf("%q is taken back (%q)", join(p.src, c.all), join(p.src, by)))
}

// insteadOfIt is the order that a correction makes of the one before it: the same
// verb with another object or target.
func (p *parse) insteadOfIt(last, next clause) (clause, bool) {
	toks := next.toks
	old := p.readings(last.toks)
	own := p.readings(toks)
	var was *reading
	if len(old) > 0 && old[0].complete() {
		was = old[0]
	}
	if len(own) > 0 && own[0].complete() && own[0].match.phrase != nil {
		if was != nil && own[0].pronoun && len(was.noun) > 0 {
			next.toks = spokenOf(toks, trimArticles(was.noun))
		}
		return next, was == nil || own[0].task == was.task || own[0].pronoun
	}
	var ways [][]token
	if was != nil && len(was.noun) > 0 {
		subject := was.noun
		for _, light := range []string{"make", "change"} { // "make it blue", "blue", "to a horse"
			rest := toks
			for len(rest) > 0 && (rest[0].in(lightVerbs) || rest[0].in(objectPronouns) || rest[0].in(targetPreps)) {
				rest = rest[1:]
			}
			if light == "make" {
				ways = append(ways, slices.Concat(say(toks[0], light), subject, rest))
			} else {
				ways = append(ways, slices.Concat(was.lead(), subject, say(toks[0], "to"), rest), slices.Concat(was.lead(), subject, say(toks[0], "with"), rest))
			}
		}
		ways = append(ways, slices.Concat(was.lead(), toks, was.tail()))
	}
	verb := p.v.verbLength(last.toks)
	ways = append(ways, slices.Concat(last.toks[:verb], toks))
	for _, w := range ways {
		if rs := p.readings(w); len(rs) > 0 && rs[0].complete() && (was == nil || rs[0].task == was.task) {
			next.toks = w
			return next, true
		}
	}
	return next, false
}
