package planner

import (
	"cmp"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// clauseDocs is how many docs each clause retrieves by itself, so that a long
// clause does not push out those of a short one.
const clauseDocs = 4

// retrieve picks the docs for a request: the best of each clause, then the best of all of
// it, then what makes the inputs of those. They come in the order of their names, so that
// equal choices make equal prompts, which servers cache.
func (l *LLM) retrieve(src string, h edit.History) []tooldoc.Hit {
	query := src
	if n := len(h.Turns); n > 0 {
		query += " " + h.Turns[n-1].Request // "the other one too"
	}
	all := l.docs.Search(query, len(l.docs.All()))
	r := retrieval{set: l.docs, scores: make(map[string]float64, len(all)), taken: map[string]bool{}, words: l.opts.Words, most: l.opts.DocWords}
	for _, hit := range all {
		r.scores[hit.Name] = hit.Score
	}
	parts := strings.FieldsFunc(src, func(c rune) bool { return strings.ContainsRune(",.;!?", c) })
	if clauses, _, err := l.grammar.v.clauses(tokenise(src)); err == nil {
		parts = parts[:0]
		for _, c := range clauses {
			parts = append(parts, join(src, c.toks))
		}
	}
	rest := l.opts.Docs
	each := min(clauseDocs, max(1, l.opts.Docs/max(1, len(parts))))
	for _, part := range parts {
		for _, hit := range l.docs.Search(part, each) {
			r.take(hit.Name, &rest)
		}
	}
	for _, hit := range all {
		r.take(hit.Name, &rest)
	}
	r.close()
	slices.SortFunc(r.hits, func(a, b tooldoc.Hit) int { return cmp.Compare(a.Name, b.Name) })
	return r.hits
}

// retrieval is a choice of docs in the making.
type retrieval struct {
	set    *tooldoc.Set
	scores map[string]float64
	taken  map[string]bool
	hits   []tooldoc.Hit
	words  int // left
	most   int // of one doc
}

// take adds a doc while some are left to be taken and its words fit.
func (r *retrieval) take(name string, left *int) {
	if *left <= 0 || r.taken[name] || !r.fits(name) {
		return
	}
	*left--
	r.add(name, r.scores[name])
}

func (r *retrieval) fits(name string) bool {
	spec, ok := r.set.Get(name)
	return ok && len(strings.Fields(docText(spec, r.most))) <= r.words
}

func (r *retrieval) add(name string, score float64) {
	spec, _ := r.set.Get(name)
	r.taken[name] = true
	r.words -= len(strings.Fields(docText(spec, r.most)))
	r.hits = append(r.hits, tooldoc.Hit{Name: name, Score: score})
}

// close adds, for each input that no picture and no request fills, the maker that fits the request
// best, and what that needs in turn.
func (r *retrieval) close() {
	makers := map[string][]string{}
	for _, s := range r.set.All() {
		for _, out := range s.Outputs {
			makers[out.Slot()] = append(makers[out.Slot()], s.Name)
		}
	}
	made := map[string]bool{edit.SlotImage: true}
	for i := 0; i < len(r.hits); i++ {
		spec, _ := r.set.Get(r.hits[i].Name)
		for _, out := range spec.Outputs {
			made[out.Slot()] = true
		}
		for _, in := range spec.Inputs {
			if made[in.Slot()] || spec.Accepts[in.Name].Default != nil {
				continue
			}
			made[in.Slot()] = true
			list := makers[in.Slot()]
			if len(list) == 0 {
				continue // the request gives it: a colour, a text, a number
			}
			best := slices.MinFunc(list, func(a, b string) int {
				return cmp.Or(cmp.Compare(r.scores[b], r.scores[a]), cmp.Compare(a, b))
			})
			if !r.taken[best] && r.fits(best) {
				r.add(best, 0)
			}
		}
	}
}

// docText is what the prompt says of a tool, cut at so many words. A doc cannot end the
// part of the prompt it stands in.
func docText(spec edit.ToolSpec, most int) string {
	text := strings.ReplaceAll(strings.ReplaceAll(tooldoc.View(spec), "<", "("), ">", ")")
	n, inWord := 0, false
	for i, c := range text {
		space := c == ' ' || c == '\n' || c == '\t'
		if !space && !inWord {
			if n++; n > most {
				return strings.TrimSpace(text[:i]) + " …"
			}
		}
		inWord = !space
	}
	return strings.TrimSpace(text)
}
