package features

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
)

// Value is one typed value: a number, a category or a yes or no.
type Value struct {
	Type     Type
	Number   float64
	Category string
	Bool     bool
}

// String writes the value as JSON does, words without quotes.
func (v Value) String() string {
	switch v.Type {
	case Number:
		return strconv.FormatFloat(v.Number, 'g', -1, 64)
	case Bool:
		return strconv.FormatBool(v.Bool)
	case Category:
	}
	return v.Category
}

// MarshalJSON writes a number, a string or a boolean.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Type {
	case Number:
		return json.Marshal(v.Number)
	case Bool:
		return json.Marshal(v.Bool)
	case Category:
	}
	return json.Marshal(v.Category)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	var a any
	if err := json.Unmarshal(b, &a); err != nil {
		return err
	}
	switch a := a.(type) {
	case float64:
		*v = Value{Type: Number, Number: a}
	case string:
		*v = Value{Type: Category, Category: a}
	case bool:
		*v = Value{Type: Bool, Bool: a}
	default:
		return fmt.Errorf("a feature is a number, a string or a boolean, not %s", b)
	}
	return nil
}

type item struct {
	name  string
	value Value
}

// Set maps names to values, in the order of the table; names it does not have
// follow, sorted. A feature without evidence is not in it. The zero Set is empty.
// A Set is not changed once it has been handed on.
type Set struct{ items []item }

func rank(a item, name string) int {
	place := func(n string) int {
		if i, ok := defOf[n]; ok {
			return i
		}
		return len(defs)
	}
	return cmp.Or(cmp.Compare(place(a.name), place(name)), cmp.Compare(a.name, name))
}

// Get returns a feature; ok is false where it is absent.
func (s Set) Get(name string) (v Value, ok bool) {
	i, ok := slices.BinarySearchFunc(s.items, name, rank)
	if !ok {
		return Value{}, false
	}
	return s.items[i].value, true
}

// Num returns a feature that is a number.
func (s Set) Num(name string) (float64, bool) {
	v, ok := s.Get(name)
	return v.Number, ok && v.Type == Number
}

// Len is the number of features present.
func (s Set) Len() int { return len(s.items) }

// All yields the features in order.
func (s Set) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, it := range s.items {
			if !yield(it.name, it.value) {
				return
			}
		}
	}
}

func (s *Set) put(name string, v Value) {
	i, found := slices.BinarySearchFunc(s.items, name, rank)
	if found {
		s.items[i].value = v
		return
	}
	s.items = slices.Insert(s.items, i, item{name, v})
}

// num puts a number, cut to its range; one that is no number is evidence of nothing.
// Four significant digits are kept: more would be noise, and rules would be unreadable.
func (s *Set) num(name string, v float64) {
	d, ok := Lookup(name)
	if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(min(max(v, d.Min), d.Max), 'g', 4, 64), 64)
	if err == nil {
		s.put(name, Value{Type: Number, Number: short})
	}
}

func (s *Set) cat(name, v string) { s.put(name, Value{Type: Category, Category: v}) }
func (s *Set) yes(name string, v bool) {
	s.put(name, Value{Type: Bool, Bool: v})
}

// MarshalJSON writes one object with its keys in order.
func (s Set) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, it := range s.items {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(it.name)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(it.value)
		if err != nil {
			return nil, fmt.Errorf("feature %s: %w", it.name, err)
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object of numbers, strings and booleans in any order.
func (s *Set) UnmarshalJSON(b []byte) error {
	var m map[string]Value
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*s = FromMap(m)
	return nil
}

// FromMap makes a Set of values by name.
func FromMap(m map[string]Value) Set {
	var s Set
	for name, v := range m {
		s.put(name, v)
	}
	return s
}

// Bucket is the part of a feature's range that its value lies in, as
// "name=[0.01,0.05)", "name=plain" or "name=true"; ok is false where it is absent.
func (s Set) Bucket(name string) (bucket string, ok bool) {
	v, ok := s.Get(name)
	if !ok {
		return "", false
	}
	if v.Type != Number {
		return name + "=" + v.String(), true
	}
	d, _ := Lookup(name)
	lo, hi := "", ""
	for _, c := range d.Cuts {
		text := strconv.FormatFloat(c, 'g', -1, 64)
		if v.Number < c {
			hi = text
			break
		}
		lo = text
	}
	return name + "=[" + lo + "," + hi + ")", true
}

// Buckets is Bucket of each name in turn, for estimates conditional on a
// context; names that are absent are passed over.
func (s Set) Buckets(names ...string) []string {
	var out []string
	for _, n := range names {
		if b, ok := s.Bucket(n); ok {
			out = append(out, b)
		}
	}
	return out
}

// ContextNames are the features that quality is told apart by: what must be
// continued behind the object or text, how large and how busy that is, how far
// a colour has to go, and what the picture itself suffers from. Few, since
// every further one is another chance to be told something by accident.
func ContextNames() []string {
	return []string{
		"text-ground", "text-height-pixels", "around-ground", "object-area-share", "object-texture", "touches-boxes",
		"color-change-lightness", "picture-noise", "picture-sharpness", "picture-brightness",
	}
}
