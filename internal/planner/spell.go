package planner

import "strings"

// distance is the number of single-letter slips between two words: a letter
// left out, added, changed, or two neighbours swapped (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 {
		return 3 // more than any caller accepts
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

// slips is how many a word of that length may have and still be recognised.
func slips(w string) int {
	switch n := len([]rune(w)); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// correct returns the one word of the list that is nearest to w, if it is near
// enough and no other is as near.
func correct(w string, list []string) (string, bool) {
	best, at, tie := "", slips(w)+1, false
	for _, c := range list {
		if len(c) < 4 || c[0] != w[0] && at <= 1 {
			continue
		}
		switch d := distance(w, c); {
		case d < at:
			best, at, tie = c, d, false
		case d == at && c != best:
			tie = true
		}
	}
	return best, best != "" && !tie
}

// bases lists the words that w may be a form of: "removing" → remov, remove.
func bases(w string) []string {
	out := []string{w}
	for _, end := range []string{"ing", "ed", "es", "s", "d"} {
		s, ok := strings.CutSuffix(w, end)
		if !ok || len(s) < 2 {
			continue
		}
		out = append(out, s)
		if end == "ing" || end == "ed" {
			out = append(out, s+"e")
			if n := len(s); n > 2 && s[n-1] == s[n-2] {
				out = append(out, s[:n-1])
			}
		}
		if s, ok := strings.CutSuffix(w, "i"+end); ok && len(s) > 1 {
			out = append(out, s+"y")
		}
	}
	return out
}

// isForm reports whether w is the word base in some form.
func isForm(w, base string) bool {
	if w == base || singularKey(w) == base || singularKey(w) == singularKey(base) {
		return true
	}
	if len(w) < len(base) {
		return false
	}
	for _, b := range bases(w) {
		if b == base {
			return true
		}
	}
	return false
}
