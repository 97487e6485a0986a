package builtin

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	unorm "golang.org/x/text/unicode/norm"

	"pentimento/internal/edit"
)

const (
	sameWords = 0.72 // similarity from which a line, as read, is the one meant
	nearBest  = 0.06 // how much less similar than the best a line may be to be meant as well
)

// quotedWords returns what a phrase holds in quotes.
func quotedWords(phrase string) (string, bool) {
	for _, q := range [][2]string{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"‘", "’"}, {"«", "»"}} {
		_, after, ok := strings.Cut(phrase, q[0])
		if i := strings.LastIndex(after, q[1]); ok && i > 0 {
			return after[:i], true
		}
	}
	return "", false
}

// withWords are the lines that hold the words, as well as the best of them does.
// Reading slips a letter here and there, so likeness is asked for and not equality.
// Lines that were found and not read are an error.
func withWords(spans edit.Spans, words string) (edit.Spans, error) {
	if len(spans) > 0 && !slices.ContainsFunc(spans, func(s edit.Span) bool { return s.Text != "" }) {
		return nil, edit.Userf("the lines were found and not read, so which of them says %q cannot be told", words)
	}
	type match struct {
		span edit.Span
		like float64
	}
	var all []match
	for _, s := range spans {
		if l := likeness(s.Text, words); l >= sameWords {
			all = append(all, match{s, l})
		}
	}
	slices.SortStableFunc(all, func(a, b match) int { return cmp.Compare(b.like, a.like) })
	var out edit.Spans
	for _, m := range all {
		if m.like >= all[0].like-nearBest {
			out = append(out, m.span)
		}
	}
	return out, nil
}

// likeness compares a line with words, in [0,1]: the words against the line, or
// against the stretch of it that is most like them, which counts a little less.
func likeness(line, words string) float64 {
	whole := similar(fold(line), fold(words))
	_, _, part := stretch(line, words)
	return max(whole, part-nearBest/2)
}

// stretch finds the run of whole words of a line that is most like the words: its
// place in strings.Fields(line) and its similarity.
func stretch(line, words string) (from, to int, like float64) {
	fields := strings.Fields(line)
	want := fold(words)
	for i := range fields {
		for j := i + 1; j <= len(fields); j++ {
			if s := similar(fold(strings.Join(fields[i:j], " ")), want); s > like {
				from, to, like = i, j, s
			}
		}
	}
	return from, to, like
}

// substitute is the line with the words in it replaced, or the new words where
// they were the whole line.
func substitute(line, old, words string) string {
	from, to, like := stretch(line, old)
	if similar(fold(line), fold(old)) >= like {
		return words
	}
	fields := strings.Fields(line)
	return strings.Join(slices.Concat(fields[:from], []string{words}, fields[to:]), " ")
}

// fold makes text comparable: lower case, no accents, letters and digits only.
func fold(s string) []rune {
	var out []rune
	for _, r := range unorm.NFD.String(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}

// similar is one less the edit distance over the longer length.
func similar(a, b []rune) float64 {
	n := max(len(a), len(b))
	if n == 0 {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			step := diagonal
			if x != y {
				step++
			}
			diagonal = row[j+1]
			row[j+1] = min(step, row[j+1]+1, row[j]+1)
		}
	}
	return 1 - float64(row[len(b)])/float64(n)
}
