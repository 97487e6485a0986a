package mine

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"pentimento/internal/features"
	"pentimento/internal/subroutines"
)

// maxBins is how many values of a feature are told apart; absent is the code of none.
const (
	maxBins = 255
	absent  = maxBins
)

// column is a feature in few codes: numbers in bins of equal frequency, in
// order; words and bools by their own.
type column struct {
	columnName
	codes []uint8 // by row
	bins  int
	low   []float64 // of numbers: the least and the greatest value in each bin
	high  []float64
	words []string
}

// columnsOf are the features that vary, by name.
func (k *task) columnsOf() []column {
	if k.cut != nil {
		return k.cut
	}
	names := slices.SortedFunc(maps.Keys(k.columns), func(a, b columnName) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.kind, b.kind))
	})
	out := make([]column, 0, len(names))
	for _, name := range names {
		c := column{columnName: name, codes: make([]uint8, len(k.rows))}
		r := k.columns[name]
		if name.kind == features.Category {
			c.fillWords(r)
		} else {
			c.fillNumbers(r)
		}
		if c.bins > 1 {
			out = append(out, c)
		}
	}
	k.cut = out
	return out
}

// fillNumbers sorts the values once and cuts them into bins between values that differ.
func (c *column) fillNumbers(r *raw) {
	sorted := make([]float64, 0, len(r.values))
	for _, v := range r.values {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	distinct := slices.Compact(slices.Clone(sorted))
	if len(distinct) <= maxBins {
		c.low, c.high = distinct, distinct
	} else {
		for i := 0; i < len(sorted); {
			end := min(max(i+1, (len(c.low)+1)*len(sorted)/maxBins), len(sorted))
			for end < len(sorted) && sorted[end] == sorted[end-1] {
				end++
			}
			c.low, c.high = append(c.low, sorted[i]), append(c.high, sorted[end-1])
			i = end
		}
	}
	c.bins = len(c.low)
	for i := range c.codes {
		c.codes[i] = absent
		if i < len(r.values) && !math.IsNaN(r.values[i]) {
			n, _ := slices.BinarySearch(c.high, r.values[i])
			c.codes[i] = uint8(n)
		}
	}
}

// fillWords numbers the words by name; those beyond the most frequent are left out.
func (c *column) fillWords(r *raw) {
	count := make([]int, len(r.words))
	for _, v := range r.values {
		if !math.IsNaN(v) {
			count[int(v)]++
		}
	}
	words := slices.SortedFunc(maps.Keys(r.words), func(a, b string) int {
		return cmp.Or(count[r.words[b]]-count[r.words[a]], cmp.Compare(a, b))
	})
	words = words[:min(len(words), maxBins)]
	slices.Sort(words)
	code := slices.Repeat([]uint8{absent}, len(r.words))
	for i, w := range words {
		code[r.words[w]] = uint8(i)
	}
	c.words, c.bins = words, len(words)
	for i := range c.codes {
		c.codes[i] = absent
		if i < len(r.values) && !math.IsNaN(r.values[i]) {
			c.codes[i] = code[int(r.values[i])]
		}
	}
}

// test is a condition on a column as the set of codes that meet it.
type test struct {
	column *column
	codes  [maxBins + 1]bool
	cond   subroutines.Condition
}

// atLeast and below part a column of numbers before bin n, 0 < n < bins.
func (c *column) atLeast(n int) test {
	t := test{column: c, cond: subroutines.Condition{Feature: c.name, Op: subroutines.AtLeast, Low: between(c.high[n-1], c.low[n])}}
	for i := n; i < c.bins; i++ {
		t.codes[i] = true
	}
	return t
}

func (c *column) below(n int) test {
	t := test{column: c, cond: subroutines.Condition{Feature: c.name, Op: subroutines.Below, High: between(c.high[n-1], c.low[n])}}
	for i := range n {
		t.codes[i] = true
	}
	return t
}

// among is the test for some codes of words or of a bool.
func (c *column) among(codes []int) test {
	t := test{column: c}
	for _, i := range codes {
		t.codes[i] = true
	}
	if c.kind == features.Bool {
		t.cond = subroutines.Condition{Feature: c.name, Op: subroutines.Is, Want: c.low[codes[0]] == 1}
		return t
	}
	t.cond = subroutines.Condition{Feature: c.name, Op: subroutines.In}
	for _, i := range codes {
		t.cond.Words = append(t.cond.Words, c.words[i])
	}
	slices.Sort(t.cond.Words)
	return t
}

// of is the rows that meet the test.
func (t *test) of(rows []int32) []int32 {
	out := make([]int32, 0, len(rows)/2)
	for _, r := range rows {
		if t.codes[t.column.codes[r]] {
			out = append(out, r)
		}
	}
	return out
}

// between is the shortest number above low and at most high, near their middle:
// a threshold that people can read.
func between(low, high float64) float64 {
	mid := low + (high-low)/2
	for digits := 1; digits < 17; digits++ {
		v, err := strconv.ParseFloat(strconv.FormatFloat(mid, 'g', digits, 64), 64)
		if err == nil && v > low && v <= high {
			return v
		}
	}
	return high
}

// value is what a code stands for; of a bin of numbers, its least.
func (c *column) value(code int) features.Value {
	switch c.kind {
	case features.Number:
		return features.Value{Type: c.kind, Number: c.low[code]}
	case features.Bool:
		return features.Value{Type: c.kind, Bool: c.low[code] == 1}
	case features.Category:
	}
	return features.Value{Type: features.Category, Category: c.words[code]}
}
