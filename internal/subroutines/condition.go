package subroutines

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/features"
)

// Op is what a condition asks of its feature.
type Op string

// The operators, with their texts.
const (
	AtLeast Op = ">="      // a number: object-area-share >= 0.05
	Below   Op = "<"       // a number: object-area-share < 0.25
	Between Op = "between" // a number: object-area-share in [0.05, 0.25)
	In      Op = "in"      // a category: around-ground in {plain, gradient}
	Is      Op = "is"      // a bool: detector-knows, or: not detector-knows
)

// Condition is one typed demand on one measured feature (features.Defs). Its
// text form (String, ParseCondition) round-trips and is what files hold.
type Condition struct {
	Feature string
	Op      Op
	// Low is the bound of AtLeast, High that of Below; Between holds from Low, included, to High, excluded.
	Low, High float64
	Words     []string // of In: sorted, none twice, at least one
	Want      bool     // of Is
}

// Truth is the value of a condition on a picture: an absent feature is evidence of nothing.
type Truth int

// The values; only Yes holds.
const (
	Unknown Truth = iota
	No
	Yes
)

// Truth is Unknown where the feature is absent or of another type than the condition asks for.
func (c Condition) Truth(s features.Set) Truth {
	v, ok := s.Get(c.Feature)
	if !ok || v.Type != c.kind() {
		return Unknown
	}
	if c.Match(v) {
		return Yes
	}
	return No
}

// Holds reports whether the condition is known to be true.
func (c Condition) Holds(s features.Set) bool { return c.Truth(s) == Yes }

// Match reports whether a value meets the condition; one of another type does not.
func (c Condition) Match(v features.Value) bool {
	if v.Type != c.kind() {
		return false
	}
	switch c.Op {
	case AtLeast:
		return v.Number >= c.Low
	case Below:
		return v.Number < c.High
	case Between:
		return v.Number >= c.Low && v.Number < c.High
	case In:
		_, found := slices.BinarySearch(c.Words, v.Category)
		return found
	case Is:
		return v.Bool == c.Want
	}
	return false
}

// kind is the type of the feature that the operator is for.
func (c Condition) kind() features.Type {
	switch c.Op {
	case In:
		return features.Category
	case Is:
		return features.Bool
	case AtLeast, Below, Between:
	}
	return features.Number
}

// Known says whether this program measures the feature; a condition on another
// one never holds here, though it may in a newer program or a simulated world.
func (c Condition) Known() error {
	if _, ok := features.Lookup(c.Feature); !ok {
		return fmt.Errorf("there is no feature %q", c.Feature)
	}
	return nil
}

// Check says what is wrong with a condition: a feature that is no name, an
// operator for another type, a bound that is no number or outside the feature's range, a word it cannot have.
func (c Condition) Check() error {
	if !featureName.MatchString(c.Feature) {
		return fmt.Errorf("%q is no name of a feature: small letters, digits and hyphens", c.Feature)
	}
	if !slices.Contains([]Op{AtLeast, Below, Between, In, Is}, c.Op) {
		return fmt.Errorf("%s: %q is no operator", c.Feature, c.Op)
	}
	d, ok := features.Lookup(c.Feature)
	if !ok {
		d = features.Def{Type: c.kind(), Min: -math.MaxFloat64, Max: math.MaxFloat64}
	}
	if d.Type != c.kind() {
		return fmt.Errorf("%s is a %s, which %q is not for", c.Feature, d.Type, c.Op)
	}
	switch c.Op {
	case AtLeast:
		return c.inRange(d, c.Low)
	case Below:
		return c.inRange(d, c.High)
	case Between:
		if !(c.Low < c.High) {
			return fmt.Errorf("%s: nothing lies in [%s, %s)", c.Feature, number(c.Low), number(c.High))
		}
		return cmp.Or(c.inRange(d, c.Low), c.inRange(d, c.High))
	case In:
		return c.checkWords(d)
	case Is:
	}
	return nil
}

var featureName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

func (c Condition) inRange(d features.Def, v float64) error {
	if math.IsNaN(v) || v < d.Min || v > d.Max {
		return fmt.Errorf("%s is never %s: it lies in [%s, %s]", c.Feature, number(v), number(d.Min), number(d.Max))
	}
	return nil
}

func (c Condition) checkWords(d features.Def) error {
	if len(c.Words) == 0 {
		return fmt.Errorf("%s: the set is empty", c.Feature)
	}
	for i, w := range c.Words {
		if d.Values != nil && !slices.Contains(d.Values, w) {
			return fmt.Errorf("%s is never %q: it is one of %s", c.Feature, w, strings.Join(d.Values, ", "))
		}
		if i > 0 && c.Words[i-1] >= w {
			return fmt.Errorf("%s: the words of a set are sorted and stand there once", c.Feature)
		}
	}
	return nil
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// String is the text form.
func (c Condition) String() string {
	switch c.Op {
	case AtLeast:
		return c.Feature + " >= " + number(c.Low)
	case Below:
		return c.Feature + " < " + number(c.High)
	case Between:
		return c.Feature + " in [" + number(c.Low) + ", " + number(c.High) + ")"
	case In:
		words := make([]string, len(c.Words))
		for i, w := range c.Words {
			words[i] = quoted(w)
		}
		return c.Feature + " in {" + strings.Join(words, ", ") + "}"
	case Is:
		if !c.Want {
			return "not " + c.Feature
		}
	}
	return c.Feature
}

// quoted is a word of a set, in quotes where it is not made of letters, digits, hyphens and inner spaces.
func quoted(w string) string {
	plain := func(r rune) bool {
		return r == '-' || r == ' ' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if w != "" && w == strings.TrimSpace(w) && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	return strconv.Quote(w)
}

// ParseCondition reads the text form. The errors say what is wrong with it.
func ParseCondition(text string) (Condition, error) {
	c, err := parseCondition(strings.TrimSpace(text))
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return Condition{}, &edit.UserError{Msg: fmt.Sprintf("the condition %q cannot be used", text), Err: err}
	}
	return c, nil
}

func parseCondition(text string) (Condition, error) {
	if name, set, ok := strings.Cut(text, " in "); ok {
		c := Condition{Feature: strings.TrimSpace(name)}
		return c, c.parseSet(strings.TrimSpace(set))
	}
	if name, bound, ok := strings.Cut(text, string(AtLeast)); ok {
		low, err := readNumber(bound)
		return Condition{Feature: strings.TrimSpace(name), Op: AtLeast, Low: low}, err
	}
	if name, bound, ok := strings.Cut(text, string(Below)); ok {
		high, err := readNumber(bound)
		return Condition{Feature: strings.TrimSpace(name), Op: Below, High: high}, err
	}
	if name, ok := strings.CutPrefix(text, "not "); ok {
		return Condition{Feature: strings.TrimSpace(name), Op: Is}, nil
	}
	return Condition{Feature: text, Op: Is, Want: true}, nil
}

// parseSet reads [low, high) or {word, word}.
func (c *Condition) parseSet(set string) error {
	if body, ok := enclosed(set, "[", ")"); ok {
		low, high, two := strings.Cut(body, ",")
		if !two {
			return fmt.Errorf("%s has no two bounds: the form is [0.1, 0.5)", set)
		}
		c.Op = Between
		var errLow, errHigh error
		c.Low, errLow = readNumber(low)
		c.High, errHigh = readNumber(high)
		return cmp.Or(errLow, errHigh)
	}
	body, ok := enclosed(set, "{", "}")
	if !ok {
		return fmt.Errorf("%s is neither a range [0.1, 0.5) nor a set {plain, gradient}", set)
	}
	c.Op = In
	for {
		word, rest, err := cutWord(strings.TrimSpace(body))
		if err != nil {
			return err
		}
		c.Words = append(c.Words, word)
		if rest == "" {
			break
		}
		body = rest[1:] // after the comma
	}
	slices.Sort(c.Words)
	c.Words = slices.Compact(c.Words)
	return nil
}

func enclosed(s, left, right string) (string, bool) {
	s, a := strings.CutPrefix(s, left)
	s, b := strings.CutSuffix(s, right)
	return s, a && b
}

// cutWord takes a word off the front of a list; rest is empty or begins with a comma.
func cutWord(s string) (word, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		q, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", fmt.Errorf("%s: a quote is not closed", s)
		}
		word, err = strconv.Unquote(q)
		rest = strings.TrimSpace(s[len(q):])
		if err == nil && rest != "" && rest[0] != ',' {
			err = fmt.Errorf("%s: a comma is missing", rest)
		}
		return word, rest, err
	}
	i := strings.IndexByte(s, ',')
	if i < 0 {
		i = len(s)
	}
	word = strings.TrimSpace(s[:i])
	if word == "" || quoted(word) != word {
		return "", "", fmt.Errorf("%q is no word: put it in quotes", word)
	}
	return word, s[i:], nil
}

func readNumber(s string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", strings.TrimSpace(s))
	}
	return v, nil
}

// MarshalText writes the text form.
func (c Condition) MarshalText() ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads the text form.
func (c *Condition) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCondition(string(b))
	return err
}
