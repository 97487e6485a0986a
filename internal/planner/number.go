package planner

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// quantity is a number of the request with its unit and the tokens that say it.
type quantity struct {
	value    float64
	unit     string // "" when none is said
	from, to int    // tokens [from, to)
	// thousands says that it is written so: "4K".
	thousands bool
}

var (
	numberForm = regexp.MustCompile(`^([+-]?\d+(?:,\d{3})*(?:\.\d+)?)(x|×|%|°|px|deg|k)?$`)
	factorForm = regexp.MustCompile(`^[x×](\d+(?:\.\d+)?)$`)
	ratioForm  = regexp.MustCompile(`^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$`)
	sizeForm   = regexp.MustCompile(`^(\d+)[x×](\d+)(?:px)?$`)
)

func isNumeric(w string) bool {
	_, word := numberWords[w]
	return word || numberForm.MatchString(w) || ratioForm.MatchString(w) || factorForm.MatchString(w) || sizeForm.MatchString(w)
}

// quantities finds every number of a clause.
func quantities(toks []token) []quantity {
	var out []quantity
	for i := 0; i < len(toks); {
		qs := quantityAt(toks, i)
		out = append(out, qs...)
		i++
		if len(qs) > 0 {
			i = qs[0].to
		}
	}
	return out
}

// quantityAt reads the number that begins at token i; a size gives two.
func quantityAt(toks []token, i int) []quantity {
	if toks[i].kind != wordToken {
		return nil
	}
	w := toks[i].low
	if q, ok := namedSize(toks, i); ok {
		return []quantity{q}
	}
	if m := sizeForm.FindStringSubmatch(w); m != nil {
		return size(m[1], m[2], i, pastUnit(toks, i+1))
	}
	if m := ratioForm.FindStringSubmatch(w); m != nil && atof(m[2]) > 0 {
		return []quantity{{value: math.Round(1e6*atof(m[1])/atof(m[2])) / 1e6, unit: unitRatio, from: i, to: i + 1}}
	}
	if m := factorForm.FindStringSubmatch(w); m != nil {
		return []quantity{{value: atof(m[1]), unit: unitTimes, from: i, to: i + 1}}
	}
	if f, ok := multiples[w]; ok {
		return []quantity{{value: f, unit: unitTimes, from: i, to: pastTail(toks, i+1)}}
	}
	if w == "half" && isHalf(toks, i) {
		return []quantity{{value: 0.5, unit: unitTimes, from: i, to: pastTail(toks, i+1)}}
	}
	q, ok := plainNumber(toks, i)
	if !ok {
		return nil
	}
	if q.unit == "" && q.to+1 < len(toks) && toks[q.to].is("x", "×", "by") && numberForm.MatchString(toks[q.to+1].low) {
		second := numberForm.FindStringSubmatch(toks[q.to+1].low)
		return size(strconv.FormatFloat(q.value, 'f', -1, 64), second[1], i, pastUnit(toks, q.to+2))
	}
	return []quantity{withUnit(q, toks)}
}

// sizeNames are the sizes of pictures that have a name, by their width in pixels.
var sizeNames = map[string]float64{"2k": 2560, "4k": 3840, "5k": 5120, "6k": 6144, "8k": 7680, "uhd": 3840, "1080p": 1920, "1440p": 2560, "2160p": 3840}

// namedSize reads "to 4K", "in 8K resolution"; "the 4K television" is no size of the picture.
func namedSize(toks []token, i int) (quantity, bool) {
	width := sizeNames[toks[i].low]
	to := pastTail(toks, i+1)
	if to == i+1 && to < len(toks) && synonyms.losses[toks[to].low] {
		to++ // "in 4K quality"
	}
	if led := i > 0 && (toks[i-1].is("to", "in", "at", "into") || i > 1 && toks[i-1].is("a", "full") && toks[i-2].is("to", "in", "at")); width == 0 || !led && to == i+1 {
		return quantity{}, false
	}
	if to < len(toks) && to == i+1 && followedByNoun(toks, to) {
		return quantity{}, false
	}
	return quantity{value: width, unit: unitFormat, from: i, to: to}, true
}

func size(w, h string, from, to int) []quantity {
	return []quantity{{value: atof(w), unit: unitWidth, from: from, to: to}, {value: atof(h), unit: unitHeight, from: from, to: to}}
}

func pastUnit(toks []token, i int) int {
	if i < len(toks) && toks[i].kind == wordToken && unitWords[toks[i].low] == unitPixels {
		i++
	}
	return i
}

func pastTail(toks []token, i int) int { return i + prefixOf(sizeTails, toks[i:]) }

func atof(s string) float64 {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	if err != nil {
		return 0 // the forms above admit only numbers; one too large for a float is no size either
	}
	return f
}

// isHalf tells the number ("by half", "half the size") from the place ("the left half").
func isHalf(toks []token, i int) bool {
	after := i+1 < len(toks) && toks[i+1].is("of")
	before := i > 0 && (toks[i-1].in(sideWords) || toks[i-1].is("upper", "lower", "the", "other"))
	return !before && !after
}

// plainNumber reads "25", "25%", "1,200", "twenty five".
func plainNumber(toks []token, i int) (quantity, bool) {
	w := toks[i].low
	if m := numberForm.FindStringSubmatch(w); m != nil {
		q := quantity{value: atof(m[1]), unit: unitWords[m[2]], from: i, to: i + 1}
		if m[2] == "k" {
			q.value *= 1000
			q.thousands = true
		}
		return q, true
	}
	n, ok := numberWords[w]
	if !ok {
		return quantity{}, false
	}
	q := quantity{value: n, from: i, to: i + 1}
	for q.to < len(toks) {
		m, ok := numberWords[toks[q.to].low]
		if !ok || toks[q.to].kind != wordToken {
			break
		}
		if m == 100 {
			q.value *= 100
		} else {
			q.value += m
		}
		q.to++
	}
	return q, true
}

// withUnit reads the unit after a number: "90 degrees", "400 pixels wide", "2 times larger".
func withUnit(q quantity, toks []token) quantity {
	if q.to < len(toks) && toks[q.to].is("per") && q.to+1 < len(toks) && toks[q.to+1].is("cent") {
		q.unit, q.to = unitPercent, q.to+2
	} else if q.unit == "" && q.to < len(toks) && toks[q.to].kind == wordToken && unitWords[toks[q.to].low] != "" {
		q.unit = unitWords[toks[q.to].low]
		q.to++
	}
	switch q.unit {
	case unitTimes:
		q.to = pastTail(toks, q.to)
	case unitPixels, "":
		at := q.to
		if at < len(toks) && toks[at].is("in") {
			at++
		}
		if at < len(toks) && toks[at].kind == wordToken && extentWords[toks[at].low] != "" {
			q.unit, q.to = extentWords[toks[at].low], at+1
		} else if before := extentBefore(toks, q.from); before != "" {
			q.unit = before
		}
	}
	return q
}

// extentBefore reads the "width" of "a width of 400 pixels".
func extentBefore(toks []token, i int) string {
	for n := 0; n < 2 && i > 0; n++ {
		i--
		if u := extentWords[toks[i].low]; u != "" && toks[i].kind == wordToken {
			return u
		}
		if !toks[i].is("of", "to", "is") {
			return ""
		}
	}
	return ""
}

// numberLead is how many tokens before a number only introduce it: "by a factor of".
func numberLead(toks []token, i int) int {
	n := 0
	for n < i && n < 5 {
		t := toks[i-n-1]
		if !t.is("by", "to", "of", "at", "a", "an", "the", "factor", "about", "around", "approximately", "exactly", "roughly", "up", "with", "for") &&
			extentWords[t.low] == "" {
			break
		}
		n++
	}
	return n
}
