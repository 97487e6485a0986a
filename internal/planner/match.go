package planner

import (
	"slices"
	"strings"
)

// match is a phrase of the docs found in a clause.
type match struct {
	phrase *phrase // nil: the clause is led by a light verb or by no verb at all
	task   *task
	at     []int // tokens that are the task's words
	led    bool  // the match begins where an order begins
	gapped bool  // the object stands inside the phrase: "take the car out"
	fixed  string
}

// words is how many content words of the docs the match explains.
func (m match) words() int {
	if m.phrase == nil {
		return 0
	}
	n := len(m.at)
	for _, w := range m.phrase.words[1:len(m.at)] {
		if quantifiers[w.key] {
			n-- // "detect all" says no more than "detect"
		}
	}
	return n
}

// matchAt finds the phrase at token i: word by word, articles between them
// skipped, or with the object standing before its last words.
func (p *phrase) matchAt(toks []token, i int) ([]int, bool) {
	if at, ok := wordsAt(p.words, toks, i, true); ok {
		return at, true
	}
	if len(p.words) == 3 && particles[p.words[1].key] {
		if at, ok := wordsAt([]word{p.words[0], p.words[2], p.words[1]}, toks, i, true); ok {
			return at, true // "take the noise out"
		}
	}
	for cut := len(p.words) - 1; cut >= 1; cut-- {
		head, ok := wordsAt(p.words[:cut], toks, i, true)
		if !ok {
			continue
		}
		if next := head[len(head)-1] + 1; p.task.textual && len(p.words)-cut == 1 && next < len(toks) && toks[next].kind == quoteToken && (cut > 1 || !askedVerbs[p.words[0].key]) {
			return head, true // the quotation stands for the noun: "remove 'SALE'"
		}
		for j := head[len(head)-1] + 2; j < len(toks); j++ {
			before := toks[j-1]
			owned := before.is(possessive) && !toks[j].in(colorNouns) // "the dog's face" is one object
			if owned || before.in(articles) || before.in(conjuncts) || before.in(placePreps) && (!before.in(whereWords) || !questionWords[p.words[0].key]) || before.kind == commaToken && j > 0 {
				continue
			}
			if tail, ok := wordsAt(p.words[cut:], toks, j, false); ok {
				return dropTargetPrep(append(head, tail...), toks), true
			}
		}
	}
	return nil, false
}

// dropTargetPrep leaves the "into" of "turn … into" to the target that follows it.
func dropTargetPrep(at []int, toks []token) []int {
	if last := at[len(at)-1]; len(at) > 1 && toks[last].in(targetPreps) && last+1 < len(toks) {
		return at[:len(at)-1]
	}
	return at
}

// wordsAt matches words from token i on; the first may be in any verb form.
func wordsAt(words []word, toks []token, i int, verb bool) ([]int, bool) {
	var at []int
	asked := questionWords[words[0].key]
	named := synonyms.naming[words[0].key]
	for n, w := range words {
		if n > 0 && asked && i < len(toks) && (w.key == "it" || w.key == "this" || w.key == "that") && toks[i].is("it", "this", "that") {
			at = append(at, i) // "where was this taken"
			i++
			continue
		}
		if n == 1 && verb && i+1 < len(toks) && toks[i].is("up") && w.key != "up" {
			i++ // "sharpen up the edges"
		}
		for n > 0 && i < len(toks) && (toks[i].in(articles) || toks[i].in(quantifiers) || toks[i].in(fillers) || toks[i].in(leftovers) || toks[i].is("bit", "little") || toks[i].is("rest") && i+1 < len(toks) && toks[i+1].is("of") || toks[i].is("of") && toks[i-1].is("rest")) && toks[i].form.key != w.key {
			i++
		}
		if i >= len(toks) || toks[i].kind != wordToken {
			return nil, false
		}
		f := toks[i].form
		photo := wholeNouns[f.key] && wholeNouns[w.key] // one word for the picture is as good as another
		alike := (n > 0 || !verb) && synonyms.alike(f, w, asked || named && i > 0 && toks[i-1].is("this"))
		if f.key != w.key && f.one != w.one && !photo && !alike && (n > 0 || !verb || !isForm(f.key, w.key)) {
			return nil, false
		}
		at = append(at, i)
		i++
	}
	return at, true
}

// opensVerb reports whether a phrase is a verb with its particle, so that what
// stands between its words is the object: "take … out". A phrase of more words holds its object.
func (p *phrase) opensVerb() bool { return len(p.words) <= 2 }

// matches lists every way the docs' words occur in a clause.
func (v *vocabulary) matches(toks []token) []match {
	var out []match
	lead := leadEnd(toks)
	light := len(toks) > 0 && toks[0].in(lightVerbs)
	first := lead
	if lead+1 < len(toks) && toks[lead].is("a", "an", "the") {
		first++ // "a depth map, please"
	}
	asked := lead < len(toks) && toks[lead].in(questionWords)
	for i := range toks {
		if toks[i].kind != wordToken || i > first && !light && !directed(toks[lead:]) && !asked {
			continue
		}
		for _, b := range bases(toks[i].form.key) {
			for _, p := range v.first[b] {
				if i > first && light && p.from == fromSynonym && len(p.words) == 1 {
					continue // "this comic strip"
				}
				if at, ok := p.matchAt(toks, i); ok && (i <= first || !asked || p.task.readOnly) {
					out = append(out, match{phrase: p, task: p.task, at: at, led: i <= first, gapped: gapped(at, toks)})
				}
			}
		}
	}
	if !slices.ContainsFunc(out, func(m match) bool { return m.led }) && !light && !directed(toks[min(lead, len(toks)):]) {
		out = append(out, v.misspelt(toks, lead)...)
	}
	return append(out, v.verbless(toks, lead, light)...)
}

// directed reports whether the words begin with "increase" or "less": what is raised or lowered follows.
func directed(toks []token) bool {
	return len(toks) > 0 && (toks[0].in(raising) || toks[0].in(lowering))
}

func gapped(at []int, toks []token) bool {
	for i := 1; i < len(at); i++ {
		for j := at[i-1] + 1; j < at[i]; j++ {
			if !toks[j].in(articles) && !toks[j].in(quantifiers) && !toks[j].in(fillers) {
				return true
			}
		}
	}
	return false
}

// leadEnd is the index where the verb of an order may stand: after fillers and degree words.
func leadEnd(toks []token) int {
	i := 0
	for i < len(toks) {
		if n := max(prefixOf(weaker, toks[i:]), prefixOf(stronger, toks[i:])); n > 0 && i+n < len(toks) {
			i += n
			continue
		}
		if toks[i].in(fillers) && i+1 < len(toks) {
			i++
			continue
		}
		break
	}
	return i
}

// misspelt tries the nearest verb of the docs where an order begins with a word that nobody knows.
func (v *vocabulary) misspelt(toks []token, lead int) []match {
	if lead >= len(toks) || toks[lead].kind != wordToken {
		return nil
	}
	right, ok := v.misspeltVerb(toks[lead].form.key)
	if !ok {
		return nil
	}
	fixed := slices.Clone(toks)
	fixed[lead] = fixed[lead].respelt(right)
	var out []match
	for _, p := range v.first[right] {
		if at, ok := p.matchAt(fixed, lead); ok {
			out = append(out, match{phrase: p, task: p.task, at: at, led: true, gapped: gapped(at, fixed), fixed: right})
		}
	}
	return out
}

// verbless offers the tasks that a colour or an adjective of the docs alone
// can ask for: "make the sky warmer", "the bench pink", "brighter, please".
func (v *vocabulary) verbless(toks []token, lead int, light bool) []match {
	bare := lead < len(toks) && (opensNoun(toks[lead:]) || toks[lead].in(pronouns) || directed(toks[lead:]))
	var out []match
	for _, t := range v.tasks {
		asks := false
		switch {
		case len(toks) == 0:
		case light && toks[0].in(askedVerbs), bare:
			asks = len(t.colors) > 0 && t.colors[0].required || v.hasValueWord(t, toks) || hasMeasure(t, toks)
		default:
			asks = v.hasValueWord(t, toks[lead:min(lead+1, len(toks))])
		}
		if !asks {
			continue
		}
		m := match{task: t, led: true}
		if light {
			m.at = []int{0}
		}
		out = append(out, m)
	}
	return out
}

func (v *vocabulary) hasValueWord(t *task, toks []token) bool {
	for _, p := range t.numbers {
		for _, w := range p.words {
			if w.degree || sideWords[p.name] {
				continue // "a little" says how much, not what
			}
			for i := range toks {
				if at, ok := valueAt(w, toks, i); ok && (i == 0 || !toks[i-1].in(articles) || !followedByNoun(toks, at[len(at)-1]+1)) {
					return true
				}
			}
		}
	}
	return false
}

// hasMeasure reports whether the words hold a number in the unit of one of the task's inputs.
func hasMeasure(t *task, toks []token) bool {
	return slices.ContainsFunc(quantities(toks), func(q quantity) bool {
		return q.unit != "" && slices.ContainsFunc(t.numbers, func(p port) bool { return p.unit == q.unit })
	})
}

// valueAt matches a word that sets a number; "more bright" is "brighter".
func valueAt(w valueWord, toks []token, i int) (at []int, ok bool) {
	if at, ok := wordsAt(w.words, toks, i, true); ok {
		return at, true
	}
	if len(w.words) == 1 && i > 0 && (toks[i-1].in(raising) || toks[i-1].in(lowering)) && toks[i].kind == wordToken &&
		slices.Contains(w.positive, toks[i].low) {
		return []int{i}, true
	}
	return nil, false
}

// positives lists the adjectives that w may be the comparative of: brighter → bright.
func positives(w string) []string {
	s, ok := strings.CutSuffix(w, "er")
	if !ok || len(s) < 3 {
		return nil
	}
	out := []string{s, s + "e"}
	if s[len(s)-1] == s[len(s)-2] {
		out = append(out, s[:len(s)-1])
	}
	if y, ok := strings.CutSuffix(s, "i"); ok {
		out = append(out, y+"y")
	}
	return out
}

// alike counts the words of the match that are only synonyms of the docs' nouns.
func (m match) alike(toks []token) int {
	n := 0
	for k, i := range m.at {
		if k > 0 && k < len(m.phrase.words) {
			f, w := toks[i].form, m.phrase.words[k]
			same := func(w word) bool { return f.key == w.key || f.one == w.one }
			if !same(w) && !wholeNouns[f.key] && (len(m.at) != 3 || k == 0 || !same(m.phrase.words[3-k])) {
				n++
			}
		}
	}
	return n
}
