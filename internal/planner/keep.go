package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// unsupported refuses a clause with a denial or a condition: reading past one
// would edit what the person wants left alone.
func unsupported(src string, c clause) error {
	for i, t := range c.toks {
		rest := join(src, c.toks[i:])
		switch {
		case prefixOf(insteadOf, c.toks[i:]) > 0 && (i+2 >= len(c.toks) || i == 0 || c.toks[i-1].kind != quoteToken || c.toks[i+2].kind != quoteToken):
			return &NotUnderstoodError{Clause: join(src, c.toks), Words: lows(c.toks[i:]), Reason: fmt.Sprintf("%q is not supported; name only what to edit", rest)}
		case t.in(negations) && !t.is("without"), t.is("without") && i == 0:
			return &NotUnderstoodError{Clause: join(src, c.toks), Words: lows(c.toks[i:]), Reason: fmt.Sprintf("the denial %q is not supported here; name only what to edit", rest)}
		case t.is("if", "unless"):
			return &NotUnderstoodError{Clause: join(src, c.toks), Words: lows(c.toks[i:]), Reason: fmt.Sprintf("conditions such as %q are not supported", rest)}
		}
	}
	return nil
}

// keep makes what must stay as it is an exception of every edit. That nothing
// else may change ("leave the rest alone") is what edits of an object promise anyway.
func (p *parse) keep(keeps []clause, drafts []draft) {
	for _, c := range keeps {
		words := join(p.src, c.toks)
		np := keptNoun(c.toks)
		rest := slices.ContainsFunc(np, func(t token) bool { return t.in(restWords) })
		kept, ok := p.v.objects(p.src, np)
		if short := nounRun(np); !ok && len(short) > 0 {
			kept, ok = p.v.objects(p.src, short) // "the creases in the sheet"
		}
		if len(np) > 1 && np[0].in(objectPronouns) && !rest {
			p.notices = append(p.notices, fmt.Sprintf("%q is read as a hope and asks for nothing", words))
			continue // "keep it crisp"
		}
		var edited []string
		for i := range drafts {
			d := &drafts[i]
			if d.reading.task.readOnly {
				continue
			}
			if why := p.contradicts(d, kept, rest, ok); why != "" {
				p.errs = append(p.errs, &NotUnderstoodError{Clause: words, Words: lows(c.toks), Reason: why})
				return
			}
			if !rest {
				addExcept(&d.Subtask, kept...)
			}
			edited = append(edited, "the "+d.Object)
			d.Clause = strings.TrimSpace(d.Clause + ", " + words)
		}
		switch {
		case len(drafts) > 0 && len(edited) == 0:
			p.notices = append(p.notices, fmt.Sprintf("%q: nothing is edited", words))
		case len(edited) > 0 && rest:
			p.notices = append(p.notices, fmt.Sprintf("%q: only %s may change", words, strings.Join(edited, " and ")))
		}
	}
}

// contradicts says why an edit and an order to leave something alone cannot both be carried out.
func (p *parse) contradicts(d *draft, kept []string, rest, named bool) string {
	switch {
	case rest && d.Object == "" && !d.reading.pronoun:
		return fmt.Sprintf("%s works on the whole picture and leaves no rest", d.Task)
	case rest:
		return ""
	case !named:
		return "it does not say plainly what to leave alone"
	}
	for _, k := range kept {
		if sameObject(d.Object, k) {
			return fmt.Sprintf("%q is also to be edited (%s)", d.Object, d.Task)
		}
		if why := d.reading.task.canLeaveOut(k); why != "" {
			return why
		}
	}
	return ""
}

// keptNoun is the noun phrase of "don't touch the dog", "keep the bicycle as it is".
func keptNoun(toks []token) []token {
	denied := false
	for len(toks) > 0 && (toks[0].in(negations) || toks[0].in(keepVerbs) || toks[0].in(whileWords) || toks[0].in(auxiliaries) || toks[0].is("do", "does", "but")) {
		denied = denied || toks[0].in(negations)
		toks = toks[1:]
	}
	if denied && len(toks) > 0 && !opensNoun(toks) {
		toks = toks[1:] // the verb that is denied
	}
	toks = stripTails(toks)
	toks = toks[:len(toks)-max(suffixOf(keptTails, toks), suffixOf(stays, toks))]
	for len(toks) > 0 && (toks[len(toks)-1].in(auxiliaries) || len(toks) > 1 && isColorWord(toks[len(toks)-1].low)) {
		toks = toks[:len(toks)-1]
	}
	return trimArticles(toks)
}

// sameObject reports whether two object phrases can mean the same thing: equal
// heads and no attribute that tells them apart.
func sameObject(a, b string) bool {
	x, y := edit.ParsePhrase(a), edit.ParsePhrase(b)
	if x.Head == "" || x.Head != y.Head {
		return false
	}
	if x.Position != edit.Anywhere && y.Position != edit.Anywhere && x.Position != y.Position {
		return false
	}
	if x.Ordinal != 0 && y.Ordinal != 0 && x.Ordinal != y.Ordinal {
		return false
	}
	return len(x.Colors) == 0 || len(y.Colors) == 0 || slices.ContainsFunc(x.Colors, func(c edit.Color) bool { return slices.Contains(y.Colors, c) })
}
