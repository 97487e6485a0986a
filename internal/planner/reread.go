package planner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// This file reads a request again that could not be read whole: words that ask
// for nothing ("We're putting our flat on the market", "for the intranet", "um")
// are left out where they stand in the way. Only what holds no order may be
// left out, each with a notice; an order that is not understood still fails.

// rereads bounds how often words are left out of one request, rereadTries the
// places that are tried each time.
const (
	rereads     = 8
	rereadTries = 24
)

// span is a range of tokens, to without the last.
type span struct{ from, to int }

// reread plans src with what asks for nothing left out; err is why it was not
// understood whole, and is returned where that does not help.
func (g *Grammar) reread(ctx context.Context, src string, h edit.History, err error) (edit.Plan, Explanation, error) {
	text, at := src, fault(err)
	var notices []string
	for range rereads {
		if ctx.Err() != nil {
			break
		}
		toks, _ := g.v.spell(tokenise(text))
		best, better := span{}, at
		for _, s := range g.idleNear(toks, at) {
			plan, ex, err := g.strict(ctx, without(text, toks, s), h)
			if err == nil {
				notices = append(notices, leftOut(text, toks, s))
				plan.Request, ex.Request = src, src
				plan.Notices = append(notices, plan.Notices...)
				return plan, ex, nil
			}
			if f := fault(err); f.less(better) {
				best, better = s, f
			}
		}
		if best.to == 0 {
			break
		}
		notices = append(notices, leftOut(text, toks, best))
		text, at = without(text, toks, best), better
	}
	return edit.Plan{Request: src, Planner: plannerName}, Explanation{Request: src}, err
}

func leftOut(text string, toks []token, s span) string {
	return fmt.Sprintf("%q is read as a remark and asks for nothing", join(text, toks[s.from:s.to]))
}

// without is the text without the words of a span, and without a stop or comma that then ends nothing.
func without(text string, toks []token, s span) string {
	from, to := toks[s.from].start, toks[s.to-1].end
	if s.to < len(toks) && toks[s.to].kind != wordToken && (s.from == 0 || toks[s.from-1].kind == stopToken || toks[s.from-1].kind == commaToken && toks[s.to].kind == commaToken) {
		to = toks[s.to].end
	}
	return strings.TrimSpace(text[:from] + text[to:])
}

// faults says how far a request is from being understood.
type faults struct {
	orders, words int
	clauses       []string // the parts that were not understood
}

func (f faults) less(than faults) bool {
	return cmp.Or(cmp.Compare(f.orders, than.orders), cmp.Compare(f.words, than.words)) < 0
}

func fault(err error) faults {
	var f faults
	var walk func(error)
	walk = func(err error) {
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				walk(e)
			}
			return
		}
		f.orders++
		var unread *NotUnderstoodError
		var invalid *InvalidPlanError
		switch {
		case errors.As(err, &unread):
			f.words += len(strings.Fields(unread.Clause))
			f.clauses = append(f.clauses, unread.Clause)
		case errors.As(err, &invalid):
			f.words += len(invalid.Problems)
			f.clauses = nil
		}
	}
	walk(err)
	return f
}

// understandable reports whether another reading of the same words may help:
// what was understood and cannot be done is not read in another way.
func understandable(err error) bool {
	var unread *NotUnderstoodError
	var invalid *InvalidPlanError
	return errors.As(err, &unread) && len(unread.Candidates) == 0 || errors.As(err, &invalid)
}

// idleNear lists the spans that ask for nothing, shortest first, those in parts
// that were not understood before others.
func (g *Grammar) idleNear(toks []token, at faults) []span {
	hit := func(s span) bool {
		return slices.ContainsFunc(at.clauses, func(c string) bool {
			said := strings.Join(strings.Fields(strings.ToLower(c)), " ")
			words := strings.Join(lows(toks[s.from:s.to]), " ")
			return strings.Contains(said, words) || strings.Contains(words, said)
		})
	}
	out := g.v.idle(toks)
	slices.SortStableFunc(out, func(a, b span) int {
		return cmp.Or(cmp.Compare(rank(hit(b)), rank(hit(a))), cmp.Compare(a.to-a.from, b.to-b.from))
	})
	return out[:min(len(out), rereadTries)]
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// idle lists the spans of a request that ask for nothing.
func (v *vocabulary) idle(toks []token) []span {
	var out []span
	for from := 0; from < len(toks); {
		to := from + len(untilStop(toks[from:]))
		cuts := v.seams(toks[from:to])
		for i, a := range cuts {
			for _, b := range cuts[i+1:] {
				s := span{from + a, from + b}
				for s.from < s.to && toks[s.from].kind == commaToken {
					s.from++
				}
				if s.from < s.to && v.idles(toks[s.from:s.to], toks[s.to:to], s.from == from, b == to-from) {
					out = append(out, s)
				}
			}
		}
		from = to + 1
	}
	return out
}

// seams are the places of a sentence where something else may begin or end: its
// ends, joints, words that open an aside, and where somebody is asked for something.
func (v *vocabulary) seams(toks []token) []int {
	out := []int{0}
	for i := 1; i < len(toks); i++ {
		rest := toks[i:]
		j := jointAt(toks, i-1)
		switch {
		case toks[i].kind == commaToken || toks[i-1].kind == commaToken || j.n > 0 || jointAt(toks, i).n > 0,
			toks[i].in(asideWords), prefixOf(wrappers, rest) > 1, v.startsTask(rest) && !toks[i-1].is("to"):
			out = append(out, i)
		}
	}
	return append(out, len(toks))
}

// idles reports whether words ask for nothing; rest is what follows them in the sentence.
func (v *vocabulary) idles(toks, rest []token, opens, ends bool) bool {
	toks = trimMarks(toks)
	for len(toks) > 0 && (toks[0].in(conjuncts) || toks[0].is("but", "so")) {
		toks = trimMarks(toks[1:])
	}
	if len(toks) == 0 || v.demands(toks) {
		return false
	}
	if toks[0].in(asideWords) && !hasQuote(toks) && len(toks) > 1 && !slices.ContainsFunc(toks[1:], func(t token) bool { return t.kind == commaToken }) {
		if toks[0].is("for") {
			return (ends || opens) && !v.holdsWork(toks[1:])
		}
		return v.finiteWithin(toks[1:]) > 0 || !v.holdsWork(toks[1:])
	}
	if v.ableTo(toks, 1) {
		return !hasQuote(toks)
	}
	if at := slices.IndexFunc(toks, modal); at > 0 && v.hopes(toks, at) {
		return !hasQuote(toks)
	}
	if at := v.finiteWithin(toks); at > 0 {
		return !hasQuote(toks) || toks[at].in(saysWords)
	}
	titled := opens && len(toks) <= 6 && (ends || len(rest) > 0 && rest[0].kind == commaToken)
	if titled && !hasQuote(toks) && (toks[0].is("dear") || slices.ContainsFunc(toks, func(t token) bool { return t.in(wholeNouns) || synonyms.pictured[t.form.one] })) {
		return !v.imperative(toks) // "old barn photo", "dear computer"
	}
	if titled && !hasQuote(toks) && v.introduces(toks, rest) {
		return true
	}
	return ends && len(toks) <= 4 && toks[0].in(owners) && !v.holdsWork(toks) // ", our company colour"
}

// demands reports whether words hold an order, a wish, or something that is to stay as it is.
func (v *vocabulary) demands(toks []token) bool {
	for i, t := range toks {
		if joined := i == 0 || toks[i-1].kind != wordToken || toks[i-1].in(conjuncts) || toks[i-1].in(stopBefore) || toks[i-1].is("but", "so", "please"); joined {
			if rest := stripWrappers(toks[i:]); len(rest) > 0 && (v.startsOrder(rest, true) || v.opensKeep(rest) || asksFor(rest)) || prefixOf(wrappers, toks[i:]) > 1 && !toks[i].in(nominatives) {
				return true
			}
		}
		if t.is("please", "pls", "plz", "kindly", "becomes") {
			return true
		}
		if modal(t) && !v.ableTo(toks, i) && !v.hopes(toks, i) {
			return true
		}
		if t.in(restWords) || t.is("if", "unless", "wish", exceptWord, "only") || t.in(excluders) || t.is("without") {
			return true
		}
	}
	rest := stripWrappers(toks)
	if len(rest) == 0 {
		return false
	}
	if len(rest) < len(toks) && rest[0].in(questionWords) || len(toks) > 2 && toks[0].in(lightVerbs) && toks[1].is("me", "us") {
		return true // "tell me which dish is the dearest"
	}
	return v.opensKeep(toks) || v.opensKeep(rest) || suffixOf(stays, toks) > 0 || correctionAt(toks) > 0 || v.startsTask(rest) || v.ordersIn(toks) || v.imperative(rest) || rest[0].in(negations)
}

// asksFor reports whether the words ask a question of somebody: "tell me who is there".
func asksFor(toks []token) bool {
	n := spokenPrefix(askings, toks)
	return n > 1 && n < len(toks) && toks[n].in(questionWords)
}

// ableTo reports whether the modal at i says what somebody can or would be: "I can't read it", "he would be thrilled".
func (v *vocabulary) ableTo(toks []token, i int) bool {
	if i == 0 || i+1 >= len(toks) || !toks[i-1].in(nominatives) || toks[i-1].is("you", "it", "this", "that") || !toks[i].is("can", "could", "may", "might", "will", "would") {
		return false
	}
	last := toks[len(toks)-1]
	if toks[i+1].is("be") {
		return len(toks) <= i+4 && last.kind == wordToken && !isColorWord(last.low) && !v.isParticiple(last) && !v.startsPredicate(toks[i+2:])
	}
	return !toks[i+1].is("like", "love", "have", "want", "prefer", "see")
}

// hopes reports whether the "wants" at i says what somebody would like to be or do, and nothing that the
// docs do: "my uncle wants to look like a king".
func (v *vocabulary) hopes(toks []token, i int) bool {
	if i == 0 || i+2 >= len(toks) || !toks[i].is("wants", "want") || toks[0].is("i", "we", "you") || !toks[i+1].is("to") {
		return false
	}
	rest := toks[i+2:]
	return !rest[0].in(seenVerbs) && !rest[0].in(askedVerbs) && !v.startsOrder(rest, true) && english.Verb(rest[0].low)
}

// imperative reports whether words begin as an order does: with a verb in its plain form and what it is done to.
func (v *vocabulary) imperative(toks []token) bool {
	if len(toks) < 2 || toks[0].kind != wordToken || opensNoun(toks) || toks[0].in(nominatives) || toks[0].in(placePreps) {
		return toks[0].in(lightVerbs)
	}
	next := toks[1]
	does := next.in(articles) || next.in(pronouns) || next.in(quantifiers) || next.kind == quoteToken || (next.in(placePreps) || next.in(particles) && len(toks) > 2 && !isWhole(toks[2:])) && english.Verb(toks[0].low) && !next.is("of")
	return toks[0].in(lightVerbs) || does
}

// finiteWithin is the place of a verb in the words that makes a statement of them, 0 where there is none.
func (v *vocabulary) finiteWithin(toks []token) int {
	if len(toks) < 2 || toks[0].kind != wordToken || toks[0].in(questionWords) {
		return 0
	}
	for k := 1; k < min(len(toks), maxSubject+1); k++ {
		t := toks[k]
		if t.kind != wordToken {
			return 0
		}
		plural := hasSuffix(toks[k-1].low, "s") && !toks[k-1].in(adverbs)
		switch n := v.isFinite(t, plural || toks[k-1].in(nominatives) || toks[k-1].in(adverbs)); {
		case n == 2, n == 1 && t.in(saysWords) && k+1 < len(toks) && toks[k+1].kind == quoteToken, n == 1 && !v.isLabel(t.low) && v.predicates(toks[k:]):
			return k
		}
	}
	return 0
}

// holdsWork reports whether words name something the docs know, or say what it is to be.
func (v *vocabulary) holdsWork(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool {
		return t.kind != wordToken || v.isLabel(t.low) || isColorWord(t.low) || isNumeric(t.low) || sideWords[t.low] || v.isParticiple(t)
	})
}

// introduces reports whether the words before a comma or colon only lead up to the order that follows and names
// nothing that they say: "desk cleanup:", "between you and me,".
func (v *vocabulary) introduces(toks, rest []token) bool {
	if len(rest) < 3 || rest[0].kind != commaToken || slices.ContainsFunc(toks, func(t token) bool { return t.kind != wordToken || isColorWord(t.low) || t.in(negations) }) {
		return false
	}
	order := stripWrappers(rest[1:])
	if slices.ContainsFunc(order[:min(len(order), 6)], func(t token) bool { return t.in(objectPronouns) && !t.in(articles) }) {
		return false // "the bench, paint it"
	}
	named := rest[0].text != ":" && slices.ContainsFunc(toks, func(t token) bool { return v.isLabel(t.low) && !synonyms.vocatives[t.low] || isNumeric(t.low) })
	return !named && (v.startsOrder(order, false) || opensNoun(order) && rest[0].text == ":" || len(order) > 0 && order[0].in(lightVerbs))
}
