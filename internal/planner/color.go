package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// paint is a colour expression of the request.
type paint struct {
	color edit.Color
	text  string // as written, without article: "bright red"
	n     int    // tokens
	many  bool   // "red and white": more than one colour
	fixed string // the colour name that a misspelt word was taken for
}

func isColorWord(w string) bool {
	_, ok := edit.ParseColor(w)
	return ok
}

// paintAt reads a colour expression at token i: an article, tints, a colour
// name of up to three words, a noun such as "shade".
func paintAt(src string, toks []token, i int) (paint, bool) {
	start := i
	for i < len(toks) && (toks[i].is("a", "an", "the") || toks[i].in(fillers)) {
		i++
	}
	if i+2 < len(toks) && toks[i].in(coats) && toks[i+1].is("of") {
		i += 2 // "a coat of white paint"
		for i < len(toks) && toks[i].is("a", "an", "the") {
			i++
		}
	}
	if i+1 < len(toks) && toks[i].in(colorNouns) && !toks[i].is("colored", "coloured") {
		i++ // "the colour red"
		if i < len(toks) && toks[i].is("of") {
			i++
		}
	}
	words := i
	mix := 0.0
	var c edit.Color
	n := 0
	for ; i < len(toks) && toks[i].kind == wordToken; i++ {
		if c, n = nameAt(toks, i); n > 0 {
			if n == 1 && synonyms.tints[toks[i].low] && i+1 < len(toks) && toks[i+1].kind == wordToken && isColorWord(toks[i+1].low) {
				n = 0
				continue // "olive green"
			}
			break
		}
		switch w := toks[i].low; {
		case lightTints[w]:
			mix = 0.5
		case darkTints[w]:
			mix = -0.4
		case plainTints[w] || weakerWord(w), synonyms.tints[w] && i+1 < len(toks) && toks[i+1].kind == wordToken && isColorWord(toks[i+1].low):
		default:
			return paint{}, false
		}
	}
	if n == 0 {
		return paint{}, false
	}
	i += n
	p := paint{color: shade(c, mix), text: spelt(src, toks[words:i])}
	if i+1 < len(toks) && (toks[i].in(conjuncts) || toks[i].kind == commaToken) {
		if more, ok := paintAt(src, toks, i+1); ok {
			p.many = true
			p.text = spelt(src, toks[words:i+1+more.n])
			i += 1 + more.n
		}
	}
	for i < len(toks) && toks[i].in(colorNouns) {
		i++
	}
	p.n = i - start
	return p, true
}

func weakerWord(w string) bool { return w == "very" || w == "slightly" || w == "more" }

// nameAt reads the longest colour name at token i, and a comparative such as "greener".
func nameAt(toks []token, i int) (edit.Color, int) {
	if toks[i].kind != wordToken {
		return edit.Color{}, 0
	}
	for n := min(3, len(toks)-i); n > 0; n-- {
		words := make([]string, n)
		for k := range n {
			words[k] = toks[i+k].low
			if toks[i+k].kind != wordToken {
				words[k] = "?"
			}
		}
		if c, ok := edit.ParseColor(strings.Join(words, " ")); ok {
			return c, n
		}
	}
	for _, s := range positives(toks[i].low) {
		if c, ok := edit.ParseColor(s); ok {
			return c, 1
		}
	}
	return edit.Color{}, 0
}

// shade mixes a colour with white (m > 0) or black (m < 0), for tints that the
// colour list has no name for. The result has no name, so that it is written as hex.
func shade(c edit.Color, m float64) edit.Color {
	if m == 0 {
		return c
	}
	to := 255.0
	if m < 0 {
		to, m = 0, -m
	}
	f := func(v uint8) uint8 { return uint8(float64(v)*(1-m) + to*m + 0.5) }
	return edit.Color{R: f(c.R), G: f(c.G), B: f(c.B)}
}

// misspeltPaint takes a word that nobody knows for the colour name it is nearest to.
func (v *vocabulary) misspeltPaint(t token) (paint, bool) {
	if t.kind != wordToken || v.known[key(t.low)] || v.isLabel(t.low) || isGrammar(t.low) || isColorWord(t.low) || slips(t.low) == 0 {
		return paint{}, false
	}
	names := edit.ColorNames()
	if short := slices.DeleteFunc(names, func(n string) bool { return len(n) != len(t.low)+1 || edit.Slips(t.low, n) != 1 }); len(short) == 1 {
		names = short // a letter left out is the commonest slip
	} else {
		names = edit.ColorNames()
	}
	name, ok := correct(t.low, names)
	if !ok || strings.Contains(name, " ") {
		return paint{}, false
	}
	c, _ := edit.ParseColor(name)
	return paint{color: c, text: name, n: 1, fixed: name}, true
}

// thingPaint reads a colour with the thing that has it: "chestnut brown", "a brick red".
func thingPaint(src string, toks []token, i int) (paint, bool) {
	n := len(toks[i:]) - len(trimArticles(toks[i:]))
	if i+n+1 >= len(toks) || toks[i+n].kind != wordToken || isGrammar(toks[i+n].low) {
		return paint{}, false
	}
	p, ok := paintAt(src, toks, i+n+1)
	if !ok || p.many || toks[i+n+1].in(articles) {
		return paint{}, false
	}
	p.text = spelt(src, toks[i+n:i+n+1]) + " " + p.text
	p.n += n + 1
	return p, true
}
