package subroutines_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pentimento/internal/features"
	. "pentimento/internal/subroutines"
)

func set(pairs ...any) features.Set {
	m := make(map[string]any)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return Values(m)
}

func condition(t testing.TB, text string) Condition {
	t.Helper()
	c, err := ParseCondition(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConditionsHold(t *testing.T) {
	here := set("object-area-share", 0.05, "around-ground", "plain", "detector-knows", true, "object-word", "pickup truck", "has-region", "true")
	for text, want := range map[string]Truth{
		"object-area-share >= 0.05":             Yes,
		"object-area-share >= 0.051":            No,
		"object-area-share < 0.05":              No,
		"object-area-share < 0.06":              Yes,
		"object-area-share in [0.05, 0.1)":      Yes,
		"object-area-share in [0.01, 0.05)":     No,
		"around-ground in {gradient, plain}":    Yes,
		"around-ground in {complex}":            No,
		"object-word in {pickup truck}":         Yes,
		"detector-knows":                        Yes,
		"not detector-knows":                    No,
		"text-ground in {plain}":                Unknown, // absent
		"has-except":                            Unknown,
		"not has-except":                        Unknown,
		"has-region":                            Unknown, // of another type
		"object-area-pixels < 4096":             Unknown,
		"a-feature-of-another-world in {a, b}":  Unknown,
		"not a-feature-of-another-world":        Unknown,
		"a-feature-of-another-world >= -1e+300": Unknown,
	} {
		c := condition(t, text)
		if got := c.Truth(here); got != want || c.Holds(here) != (want == Yes) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestConditionsThatCannotBeUsed(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "no name of a feature",
		"object area >= 1":                     "no name of a feature",
		"object-area-share >= ":                `"" is no number`,
		"object-area-share >= NaN":             "is never NaN",
		"object-area-share >= 1.5":             "lies in [0, 1]",
		"object-area-share < -0.1":             "lies in [0, 1]",
		"object-area-share in [0.5, 0.5)":      "nothing lies in",
		"object-area-share in [0.5)":           "no two bounds",
		"object-area-share in (0.1, 0.5)":      "neither a range",
		"object-area-share in {plain}":         "is a number",
		"object-area-share":                    "is a number",
		"around-ground >= 1":                   "is a category",
		"around-ground in {}":                  "is no word",
		"around-ground in {plain,}":            "is no word",
		"around-ground in {flat}":              "one of plain, gradient, texture, complex",
		"detector-knows in {true}":             "is a bool",
		`object-word in {"cat}`:                "quote is not closed",
		`object-word in {"cat" dog}`:           "comma is missing",
		`object-word in {cat; dog}`:            "is no word",
		"not not detector-knows":               "no name of a feature",
		"object-area-share >= 0.1 and has-all": "is no number",
	} {
		if c, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", text, c, err, want)
		}
	}
}

// conditions draws usable conditions on every feature of the table.
func conditions() *rapid.Generator[Condition] {
	return rapid.Custom(func(t *rapid.T) Condition {
		d := rapid.SampledFrom(features.Defs()).Draw(t, "feature")
		c := Condition{Feature: d.Name}
		switch d.Type {
		case features.Bool:
			c.Op, c.Want = Is, rapid.Bool().Draw(t, "want")
		case features.Category:
			words := rapid.SampledFrom(append(d.Values, "")).Filter(func(w string) bool { return w != "" })
			if d.Values == nil {
				words = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"cat", "dog", "pickup truck", "a, b", `"`, " in {", ">="}))
			}
			c.Op = In
			for _, w := range rapid.SliceOfNDistinct(words, 1, 3, rapid.ID).Draw(t, "words") {
				c.Words = append(c.Words, strings.ToValidUTF8(w, "?"))
			}
			c.Words = sortedDistinct(c.Words)
		case features.Number:
			v := rapid.Float64Range(d.Min, d.Max)
			c.Op = rapid.SampledFrom([]Op{AtLeast, Below, Between}).Draw(t, "op")
			a, b := v.Draw(t, "a"), v.Draw(t, "b")
			if a == b {
				c.Op = AtLeast
			}
			switch c.Op {
			case AtLeast:
				c.Low = a
			case Below:
				c.High = a
			default:
				c.Low, c.High = min(a, b), max(a, b)
			}
		}
		return c
	})
}

func TestConditionTextRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := conditions().Draw(t, "condition")
		back, err := ParseCondition(c.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, back); diff != "" {
			t.Fatalf("%s: %s", c, diff)
		}
	})
}

func FuzzParseCondition(f *testing.F) {
	for _, text := range []string{"object-area-share >= 0.05", "object-area-share in [0.1, 0.5)", `object-word in {cat, "a, b"}`, "not has-region", "x < 0x1p-3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil {
			t.Fatalf("%q was read as %s, which cannot be: %v", text, c, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

// values draws a picture's features: some absent, numbers often on a bound of the rule.
func values(t *rapid.T, r Rule) features.Set {
	m := make(map[string]any)
	for _, c := range r {
		if rapid.IntRange(0, 9).Draw(t, "absent") == 0 {
			continue
		}
		switch c.Op {
		case Is:
			m[c.Feature] = rapid.Bool().Draw(t, "bool")
		case In:
			m[c.Feature] = rapid.SampledFrom(append([]string{"none"}, c.Words...)).Draw(t, "word")
		default:
			m[c.Feature] = rapid.SampledFrom([]float64{c.Low, c.High, (c.Low + c.High) / 2, math.Nextafter(c.High, -1), c.Low - 1, c.High + 1}).Draw(t, "number")
		}
	}
	return Values(m)
}

// A canonical rule says the same as the rule, with each feature once.
func TestCanonicalRulesSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(conditions(), 0, 4).Draw(t, "rule")
		r := append(Rule{}, some...)
		for _, c := range some { // further conditions on the same features
			if c.Op == Between {
				r = append(r, Condition{Feature: c.Feature, Op: AtLeast, Low: (c.Low + c.High) / 2})
			}
			if c.Op == In {
				r = append(r, Condition{Feature: c.Feature, Op: In, Words: c.Words[:1]})
			}
		}
		canonical, ok := r.Canonical()
		for i := 1; i < len(canonical); i++ {
			if canonical[i-1].Feature >= canonical[i].Feature {
				t.Fatalf("%s is not in order", canonical)
			}
		}
		again, _ := canonical.Canonical()
		if ok && cmp.Diff(canonical, again) != "" {
			t.Fatalf("%s is not canonical: %s", canonical, again)
		}
		here := values(t, r)
		if got := ok && canonical.Holds(here); got != r.Holds(here) {
			t.Fatalf("%s holds: %v; canonical %s, can be met %v: %v", r, r.Holds(here), canonical, ok, got)
		}
	})
}

func TestRuleTruth(t *testing.T) {
	r := Rule{condition(t, "detector-knows"), condition(t, "object-area-share < 0.5")}
	for _, c := range []struct {
		here features.Set
		want Truth
	}{
		{set("detector-knows", true, "object-area-share", 0.1), Yes},
		{set("detector-knows", true), Unknown},
		{set("detector-knows", false), No},
		{set(), Unknown},
	} {
		if got := r.Truth(c.here); got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	if got := r.String(); got != "detector-knows and object-area-share < 0.5" {
		t.Error(got)
	}
	if !(Rule{}).Holds(set()) || (Rule{}).String() != "always" {
		t.Error("a rule without conditions holds everywhere")
	}
}
