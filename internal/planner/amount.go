package planner

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"pentimento/internal/edit"
)

// sides binds numbers to the inputs named after sides: "by 25 percent on the
// left and on the top", "to the left by 30 and to the right by 20 percent".
func (r *reading) sides() {
	ports := map[string]*port{}
	for i := range r.task.numbers {
		if p := &r.task.numbers[i]; sideWords[p.name] {
			ports[p.name] = p
		}
	}
	if len(ports) < 2 {
		return
	}
	var waiting []string // sides whose number is still to come
	var last *quantity
	named := false
	for from, t := range r.toks {
		if !t.in(conjuncts) && from > 0 {
			continue
		}
		sides, q := r.sidesIn(from, r.nextConjunct(from))
		named = named || len(sides) > 0
		waiting = append(waiting, sides...)
		if q != nil {
			last = q
		}
		if last != nil && len(waiting) > 0 {
			r.bindSides(ports, waiting, *last)
			waiting = nil
		}
	}
	if last == nil && named {
		r.plainSides(ports, waiting)
	}
	if last != nil && !named {
		r.bindSides(ports, slices.Sorted(maps.Keys(ports)), *last)
	}
}

// plainSides binds sides of which no amount is said to what the docs say of the side alone.
func (r *reading) plainSides(ports map[string]*port, sides []string) {
	for _, side := range sides {
		p := ports[side]
		if p == nil {
			continue
		}
		for _, w := range p.words {
			if len(w.words) == 1 && w.words[0].key == side {
				r.number(p, w.value)
			}
		}
	}
}

func (r *reading) nextConjunct(from int) int {
	for i := from + 1; i < len(r.toks); i++ {
		if r.toks[i].in(conjuncts) {
			return i
		}
	}
	return len(r.toks)
}

// sidesIn reads the sides and the number of one part of the clause.
func (r *reading) sidesIn(from, to int) (sides []string, q *quantity) {
	for i := from; i < to; i++ {
		t := r.toks[i]
		if !r.free(i) {
			continue
		}
		if t.in(sideWords) {
			sides = append(sides, t.low)
		}
		if t.is("both") && i+1 < to && r.toks[i+1].in(sideNouns) && !slices.ContainsFunc(r.toks[from:to], func(t token) bool { return t.in(sideWords) }) {
			sides = append(sides, bothSides...)
		}
		if t.in(sideWords) || t.in(sideNouns) || t.in(conjuncts) || (t.in(placePreps) || t.in(quantifiers)) && r.nearSide(i) {
			r.roles[i] = numberRole
		}
	}
	for _, k := range quantities(r.toks) {
		if k.from >= from && k.to <= to {
			return sides, &k
		}
	}
	return sides, nil
}

func (r *reading) bindSides(ports map[string]*port, sides []string, q quantity) {
	for _, side := range sides {
		if p := ports[side]; p != nil {
			if value, ok := p.convert(q); ok {
				r.number(p, value)
				r.markQuantity(q)
			}
		}
	}
}

func (r *reading) nearSide(i int) bool {
	for j := i + 1; j < len(r.toks) && j <= i+3; j++ {
		if r.toks[j].in(sideWords) || r.toks[j].in(sideNouns) {
			return true
		}
	}
	return false
}

// quantities binds numbers to the task's number inputs by unit.
func (r *reading) quantities() {
	bound := -1
	for _, q := range quantities(r.toks) {
		if r.roles[q.from] == numberRole && q.from != bound || !r.counts(q) {
			continue
		}
		for i := range r.task.numbers {
			p := &r.task.numbers[i]
			if _, taken := r.args[p.name]; taken || sideWords[p.name] {
				continue
			}
			if value, ok := p.convert(q); ok {
				if q.thousands && p.unit == unitTimes {
					r.markQuantity(q) // "upscale to 4K" says how sharp, not how many times
					break
				}
				r.number(p, value)
				r.markQuantity(q)
				bound = q.from // a size is two numbers in the same words
				r.frame++
				break
			}
		}
		r.named(q)
	}
}

// named takes "to 4K" for larger by the tool's own factor where a task knows factors only.
func (r *reading) named(q quantity) {
	if q.unit != unitFormat || r.roles[q.from] == numberRole {
		return
	}
	if slices.ContainsFunc(r.task.numbers, func(p port) bool { return p.unit == unitTimes }) {
		r.markQuantity(q)
		r.frame++
		r.notices = append(r.notices, fmt.Sprintf("%q is read as larger by the tool's own factor; give a factor, or a width of %g pixels for the exact size", r.toks[q.from].text, q.value))
	}
}

// counts tells a quantity from the count of a noun: "two dogs" is no number for a tool.
func (r *reading) counts(q quantity) bool {
	return q.unit != "" || q.to >= len(r.toks) || !r.free(q.to) || r.toks[q.to].in(placePreps) || r.toks[q.to].in(targetPreps) || r.toks[q.to].kind != wordToken
}

func (r *reading) markQuantity(q quantity) {
	for i := q.from - numberLead(r.toks, q.from); i < q.to; i++ {
		if r.roles[i] == unread || r.roles[i] == fillerRole {
			r.roles[i] = numberRole
		}
	}
}

// convert turns a quantity into the port's unit. Factors and percentages are
// the same thing said twice; a percentage of a plain amount is its hundredth.
func (p *port) convert(q quantity) (float64, bool) {
	switch {
	case q.unit == unitRatio:
		return q.value, slices.ContainsFunc(p.words, func(w valueWord) bool { return len(w.words) == 1 && ratioForm.MatchString(w.words[0].key) })
	case q.unit == p.unit, q.unit == unitFormat && p.unit == unitWidth:
		return q.value, true
	case q.unit == unitPercent && p.unit == unitTimes, q.unit == unitPercent && p.unit == "":
		return q.value / 100, true
	case q.unit == unitTimes && p.unit == unitPercent:
		return q.value * 100, true
	case q.unit == unitTimes && p.unit == "":
		return q.value - 1, true // half as much is less by half
	case q.unit == "" && (p.unit == unitTimes || p.unit == unitDegrees || p.unit == unitPercent || p.unit == unitPixels):
		return q.value, true
	}
	return 0, false
}

func (r *reading) number(p *port, value float64) {
	if p.lo != nil && value < *p.lo || p.hi != nil && value > *p.hi {
		r.reason = fmt.Sprintf("%s must be %s for %s, not %g", p.name, p.limits(), r.task.name, value)
	}
	r.args[p.name] = edit.Arg{Value: edit.Number(value)}
}

func (p *port) limits() string {
	switch {
	case p.lo != nil && p.hi != nil:
		return fmt.Sprintf("%g to %g", *p.lo, *p.hi)
	case p.lo != nil:
		return fmt.Sprintf("at least %g", *p.lo)
	case p.hi != nil:
		return fmt.Sprintf("at most %g", *p.hi)
	}
	return "any number"
}

// valueWords binds the docs' adjectives and adverbs ("warmer", "clockwise")
// with degree words ("a little") to number inputs.
func (r *reading) valueWords() {
	for i := range r.task.numbers {
		p := &r.task.numbers[i]
		if sideWords[p.name] {
			continue
		}
		value, found := r.wordValue(p)
		if !found {
			value, found = r.direction(p)
		}
		given, numbered := r.args[p.name]
		switch {
		case numbered && found && value < 0:
			if n, ok := given.Value.(edit.Number); ok && n > 0 {
				r.number(p, -float64(n))
			}
		case numbered:
		case found:
			r.args[p.name] = edit.Arg{Value: edit.Number(p.clamp(value * r.degree()))}
		case p.initial != nil && *p.initial != 0 && (p.unit == "" || p.unit == unitPixels):
			if d := r.degree(); d != 1 {
				r.args[p.name] = edit.Arg{Value: edit.Number(p.clamp(*p.initial * d))}
			}
		}
	}
}

func (r *reading) wordValue(p *port) (float64, bool) {
	for _, w := range p.words {
		for i := range r.toks {
			at, ok := valueAt(w, r.toks, i)
			if !ok || slices.ContainsFunc(at, func(k int) bool { return r.roles[k] != unread && r.roles[k] != verbRole }) {
				continue
			}
			last := at[len(at)-1]
			if r.roles[i] == unread && r.free(last+1) && followedByNoun(r.toks, last+1) && !r.toks[last+1].in(articles) {
				continue // "the darker car" describes the car
			}
			return r.takeValue(w, at), true
		}
	}
	return 0, false
}

func (r *reading) takeValue(w valueWord, at []int) float64 {
	value := w.value
	for _, k := range at {
		if r.roles[k] == unread {
			r.matched++
			r.roles[k] = numberRole
		}
	}
	if i := at[0] - 1; r.free(i) && (r.toks[i].in(raising) || r.toks[i].in(lowering)) {
		if r.toks[i].in(lowering) {
			value = -value
		}
		r.roles[i] = numberRole
	}
	for i := at[0] - 1; r.free(i) && (r.toks[i].in(targetPreps) || r.toks[i].in(articles)); i-- {
		if r.roles[i] = numberRole; r.toks[i].in(targetPreps) {
			break // "crop it to a square"
		}
	}
	return value
}

// direction reads "increase", "less" for an input that goes both ways.
func (r *reading) direction(p *port) (float64, bool) {
	if p.initial == nil || *p.initial == 0 || p.unit != "" || p.lo == nil || *p.lo >= 0 {
		return 0, false
	}
	for i, t := range r.toks {
		if (t.in(raising) || t.in(lowering)) && (r.free(i) || r.roles[i] == verbRole) {
			if r.free(i) {
				r.roles[i] = numberRole
			}
			if t.in(lowering) {
				return -math.Abs(*p.initial), true
			}
			return math.Abs(*p.initial), true
		}
	}
	return 0, false
}

// degree consumes the degree words of the clause: "a little" halves, "much" doubles.
func (r *reading) degree() float64 {
	f := 1.0
	for i := 0; i < len(r.toks); i++ {
		for _, d := range []struct {
			seqs [][]string
			by   float64
		}{{weaker, 0.5}, {stronger, 2}} {
			n := prefixOf(d.seqs, r.toks[i:])
			if n == 0 || !r.allFree(i, i+n) || r.free(i+n) && followedByNoun(r.toks, i+n) && !r.toks[i+n].in(articles) {
				continue
			}
			r.mark(i, i+n, numberRole)
			f *= d.by
		}
	}
	return f
}

func (r *reading) allFree(from, to int) bool {
	for i := from; i < to; i++ {
		if r.roles[i] != unread && r.roles[i] != fillerRole {
			return false
		}
	}
	return true
}

func (p *port) clamp(v float64) float64 {
	if p.lo != nil {
		v = max(v, *p.lo)
	}
	if p.hi != nil {
		v = min(v, *p.hi)
	}
	return math.Round(v*1e6) / 1e6
}
