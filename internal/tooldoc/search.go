package tooldoc

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"pentimento/internal/edit"
)

// Hit is a tool that a query fits.
type Hit struct {
	Name  string
	Score float64 // BM25, above 0
}

// BM25 constants: saturation of repeated terms and the weight of length.
const (
	bm25K1 = 1.2
	bm25B  = 0.75
)

type posting struct {
	doc  int
	freq float64
}

// index is an inverted index of the docs' words.
type index struct {
	names    []string
	terms    map[string][]posting
	lengths  []float64
	meanSize float64
}

func newIndex(specs []edit.ToolSpec) *index {
	x := &index{terms: make(map[string][]posting)}
	for doc, s := range specs {
		freq := make(map[string]float64)
		for _, t := range terms(docText(s)) {
			freq[t]++
		}
		length := 0.0
		for _, n := range freq {
			length += n
		}
		// A class list says what a detector knows, not what the doc talks
		// about: its words are found, but do not make the doc a long one.
		for _, a := range s.Accepts {
			for _, t := range terms(labelText(a.Labels)) {
				freq[t] = max(freq[t], 1)
			}
		}
		for t, n := range freq {
			x.terms[t] = append(x.terms[t], posting{doc, n})
		}
		x.names = append(x.names, s.Name)
		x.lengths = append(x.lengths, length)
		x.meanSize += length / float64(len(specs))
	}
	return x
}

// Search ranks the tools by BM25 over all their docs say and returns at most k
// of those that share a word with the query; equal scores are ordered by name.
func (s *Set) Search(query string, k int) []Hit {
	x := s.index
	scores := make(map[int]float64)
	n := float64(len(x.names))
	for _, t := range terms(query) {
		list := x.terms[t]
		df := float64(len(list))
		idf := math.Log(1 + (n-df+0.5)/(df+0.5))
		for _, p := range list {
			norm := bm25K1 * (1 - bm25B + bm25B*x.lengths[p.doc]/max(x.meanSize, 1))
			scores[p.doc] += idf * p.freq * (bm25K1 + 1) / (p.freq + norm)
		}
	}
	hits := make([]Hit, 0, len(scores))
	for doc, score := range scores {
		hits = append(hits, Hit{x.names[doc], score})
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	return hits[:min(max(k, 0), len(hits))]
}

func docText(s edit.ToolSpec) string {
	parts := []string{s.Name, s.Title, s.Description, s.Prose}
	for _, t := range s.Tasks {
		parts = append(parts, t.Task, strings.Join(t.Words, " "))
	}
	for _, e := range s.Examples {
		parts = append(parts, e.Request)
	}
	for _, name := range sortedKeys(s.Accepts) {
		parts = append(parts, strings.Join(sortedKeys(s.Accepts[name].Words), " "))
	}
	return strings.Join(parts, " ")
}

func labelText(l *edit.Labels) string {
	if l == nil {
		return ""
	}
	var parts []string
	for i := range l.Names {
		parts = append(parts, l.Words(i)...)
	}
	return strings.Join(append(parts, l.Any...), " ")
}

// terms splits text into stemmed lower-case words; words that carry no meaning
// of their own are left out.
func terms(text string) []string { return stems(text, stopWords) }

// allTerms is terms with every word kept.
func allTerms(text string) []string { return stems(text, nil) }

func stems(text string, without []string) []string {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	out := fields[:0]
	for _, w := range fields {
		if !slices.Contains(without, w) {
			out = append(out, stem(w))
		}
	}
	return out
}

var stopWords = strings.Fields("a an and are as at be by for from has in is it its of on or that the then this to too was where which with")

// stem strips the commonest English endings, so that "removes", "removing" and
// "removed" meet in "remov". It is light on purpose: a wrong match costs more than a missed one.
func stem(w string) string {
	w, _ = edit.Singularize(w)
	for _, end := range []string{"ing", "ed"} {
		if s, ok := strings.CutSuffix(w, end); ok && len(s) >= 3 && strings.ContainsAny(s, "aeiouy") {
			if n := len(s); s[n-1] == s[n-2] && !strings.ContainsRune("lsz", rune(s[n-1])) {
				s = s[:n-1] // cropped -> crop
			}
			return strings.TrimSuffix(s, "e")
		}
	}
	if len(w) > 3 {
		w = strings.TrimSuffix(w, "e")
	}
	return w
}
