package planner

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// exceptWord is the token that every way to say "but not" becomes.
const exceptWord = "except"

// exceptions writes "except for", "apart from", "but not" and the "but" of
// "everything but the dog" as the one word "except", so that it neither ends a
// clause nor is taken for a denial.
func (v *vocabulary) exceptions(toks []token) []token {
	var out []token
	all := false // "all", "everything": what a bare "but" takes something from
	for i := 0; i < len(toks); {
		t := toks[i]
		if t.kind == stopToken {
			all = false
		}
		all = all || t.in(quantifiers) || t.in(wholeNouns)
		n := prefixOf(exceptFor, toks[i:])
		if n == 0 && i > 0 && (prefixOf(butNot, toks[i:]) > 0 && !v.denies(toks[i+2:]) || all && t.is("but") && !v.orders(toks[i+1:])) {
			n = max(prefixOf(butNot, toks[i:]), 1)
		}
		if n == 0 {
			out = append(out, t)
			i++
			continue
		}
		last := toks[i+n-1]
		if len(out) > 0 && out[len(out)-1].kind == commaToken {
			out = out[:len(out)-1]
		}
		said := make([]string, n)
		for k, s := range toks[i : i+n] {
			said[k] = s.text
		}
		out = append(out, newToken(strings.Join(said, " "), exceptWord, t.start, last.end))
		i += n
	}
	return out
}

// denies reports whether the words after "but not" deny doing something rather than name something.
func (v *vocabulary) denies(toks []token) bool {
	return len(toks) == 0 || toks[0].in(keepVerbs) || hasSuffix(toks[0].low, "ing") || v.startsOrder(toks, true)
}

// orders reports whether the words after "but" are a clause of their own.
func (v *vocabulary) orders(toks []token) bool {
	return len(toks) == 0 || v.opensKeep(toks) || v.startsOrder(toks, true) || isPassive(toks) || toks[0].in(lightVerbs) || prefixOf(wrappers, toks) > 0
}

// exception is a clause with what it leaves out taken apart.
type exception struct {
	rest   []token  // the clause without it
	except []string // object phrases
}

// splitException lists the ways to take the words after "except" for the
// objects that are left out, the longest first: "make everything except the
// raft | black and white".
func (p *parse) splitException(toks []token) []exception {
	at := slices.IndexFunc(toks, func(t token) bool { return t.is(exceptWord) })
	if at < 0 || slices.ContainsFunc(toks[at+1:], func(t token) bool { return t.is(exceptWord) }) {
		return nil
	}
	var out []exception
	for end := len(toks); end > at+1; end-- {
		if objects, ok := p.v.objects(p.src, toks[at+1:end]); ok {
			out = append(out, exception{slices.Concat(toks[:at], toks[end:]), objects})
		}
	}
	return out
}

// objects reads a list of noun phrases: "the dog, the cat and the left parrot".
func (v *vocabulary) objects(src string, toks []token) ([]string, bool) {
	var out []string
	for len(toks) > 0 {
		end := slices.IndexFunc(toks, func(t token) bool { return t.in(conjuncts) || t.kind == commaToken })
		if end < 0 {
			end = len(toks)
		}
		np := trimArticles(toks[:end])
		body := np
		if i := slices.IndexFunc(np, func(t token) bool { return t.in(placePreps) && !t.is("of") }); i > 0 {
			if !simplePlace(np[i:]) && !np[i-1].is(anaphor, "ones") { // "the one in the red hat" is told by it
				return nil, false
			}
			body = np[:i]
		}
		if len(body) == 0 || !soundNoun(v, body) || !hasNoun(body) || isWhole(body) {
			return nil, false
		}
		out = append(out, spelt(src, np))
		toks = trimMarks(toks[end:])
		for len(toks) > 0 && toks[0].in(conjuncts) {
			toks = toks[1:]
		}
	}
	return out, len(out) > 0
}

// canLeaveOut reports why a task cannot leave a part of the picture as it was.
func (t *task) canLeaveOut(what string) string {
	switch {
	case t.readOnly && !t.outlines:
		return fmt.Sprintf("%s only looks at the picture and cannot leave %q out", t.name, what)
	case !t.readOnly && !t.still:
		return fmt.Sprintf("%s works on the whole picture and cannot leave %q alone", t.name, what)
	}
	return ""
}

// likeness finds "like the door", "the same colour as the door", "to match the
// door": the object whose colour is wanted, for a task that takes a colour.
func (r *reading) likeness() bool {
	for i := 1; i < len(r.toks); i++ {
		if !r.free(i) {
			continue
		}
		n := likeAt(r.toks[i:])
		after := r.match.gapped && i == r.match.at[len(r.match.at)-1]+1 // the docs' own words for it, with the object inside
		if n == 0 && !after || i+n >= len(r.toks) || r.toks[i+n].is("a", "an") {
			continue // "like a cat" names nothing that is in the picture
		}
		end := len(r.toks)
		np := trimArticles(r.toks[i+n : end])
		if k := len(np); k > 2 && np[k-1].in(colorNouns) && np[k-2].is(possessive) {
			np = np[:k-2]
		} else if k > 1 && np[k-1].is(possessive) {
			np = np[:k-1]
		}
		objects, ok := r.v.objects(r.src, np)
		if !ok || len(objects) != 1 || slices.ContainsFunc(r.roles[i:end], func(o role) bool { return o != unread && o != fillerRole }) {
			continue
		}
		r.like = objects[0]
		r.mark(i, end, targetRole)
		r.frame += 2
		return true
	}
	return false
}

// likeAt counts the words that say that a colour is another object's.
func likeAt(toks []token) int {
	i := 0
	if toks[i].is("to", "in", "into", "with") && len(toks) > 1 {
		i++
	}
	if n := prefixOf(likeWords, toks[i:]); n > 0 {
		return i + n
	}
	for i < len(toks) && toks[i].is("the", "exactly", "exact", "same") {
		i++
	}
	if i+1 < len(toks) && toks[i].in(colorNouns) && (toks[i+1].is("as", "of") || toks[i+1].is("like")) {
		return i + 2
	}
	return 0
}

// occluder is the object of "behind the truck": what stands before an object
// takes no part in an edit of it.
func occluder(region string) string {
	toks := tokenise(region)
	if len(toks) < 2 || !toks[0].is("behind") {
		return ""
	}
	np := trimArticles(toks[1:])
	if len(np) == 0 || slices.ContainsFunc(np, func(t token) bool {
		return t.in(placePreps) || t.in(conjuncts) || t.in(pronouns) || t.kind != wordToken
	}) {
		return ""
	}
	return join(region, np)
}

// addExcept appends object phrases that are not yet among them and are not the subtask's own.
func addExcept(s *edit.Subtask, objects ...string) {
	for _, o := range objects {
		if !slices.ContainsFunc(s.Except, func(e string) bool { return sameObject(e, o) }) {
			s.Except = append(s.Except, o)
		}
	}
}
