package edit

import (
	"iter"
	"strings"
)

// Slips is the number of single-letter slips between two words: a letter left
// out, added, changed, or two neighbours swapped (optimal string alignment).
// Words whose lengths differ by more than three, or that are longer than 64
// letters, are not compared: they count as 64 apart.
func Slips(a, b string) int {
	const apart = 64
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 3 || d < -3 || len(x) > apart || len(y) > apart {
		return apart
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(y)]
}

// The costs of single slips: swapping neighbours and doubling a letter are the
// commonest, another letter in place of one the rarest.
const (
	costSwapped = 0.8
	costDoubled = 0.8
	costLeftOut = 1.1
	costAdded   = 1.2
	costBeside  = 1.3 // the key beside it, or a vowel for a vowel
	costOther   = 2.0
	costAtFirst = 2.0 // more, where the first letter is concerned
	vowels      = "aeiouy"
	keyboard    = "qwertyuiop asdfghjkl zxcvbnm"
)

// Unslipped yields the words that a word of the letters a to z may have been
// meant to be, one slip undone, with what the slip costs; a word may come twice.
func Unslipped(w string) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for i := 0; i <= len(w); i++ {
			if !unslippedAt(w, i, yield) {
				return
			}
		}
	}
}

// unslippedAt yields the words that differ from w at its letter i.
func unslippedAt(w string, i int, yield func(string, float64) bool) bool {
	first := 0.0
	if i == 0 {
		first = costAtFirst
	}
	if i+1 < len(w) && w[i] != w[i+1] && !yield(w[:i]+w[i+1:i+2]+w[i:i+1]+w[i+2:], costSwapped+first) {
		return false
	}
	if i < len(w) && !yield(w[:i]+w[i+1:], addedCost(w, i)+first) {
		return false
	}
	for c := byte('a'); c <= 'z'; c++ {
		cost := costLeftOut
		if i > 0 && w[i-1] == c {
			cost = costDoubled
		}
		if !yield(w[:i]+string(c)+w[i:], cost+first) {
			return false
		}
		if i < len(w) && w[i] != c && !yield(w[:i]+string(c)+w[i+1:], changedCost(w[i], c)+first) {
			return false
		}
	}
	return true
}

// addedCost is what it costs that letter i of w is one too many.
func addedCost(w string, i int) float64 {
	if i > 0 && w[i-1] == w[i] {
		return costDoubled
	}
	return costAdded
}

// changedCost is what it costs that a was typed for b.
func changedCost(a, b byte) float64 {
	x, y := strings.IndexByte(keyboard, a), strings.IndexByte(keyboard, b)
	beside := x-y == 1 || y-x == 1
	if beside || strings.IndexByte(vowels, a) >= 0 && strings.IndexByte(vowels, b) >= 0 {
		return costBeside
	}
	return costOther
}
