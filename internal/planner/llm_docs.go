package planner

import (
	"cmp"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// retrieve picks the docs for a request: in turns the next best of each clause (those one of
// whose phrases stands in it, then by BM25) and of all of it, of those only docs that bring a task type
// which is not in the prompt yet, for the model names task types and one doc teaches one; then
// what makes the inputs of those. They come in the order of their names, so that equal choices make
// equal prompts, which servers cache.
func (l *LLM) retrieve(src string, h edit.History) []tooldoc.Hit {
	query := src
	if n := len(h.Turns); n > 0 {
		query += " " + h.Turns[n-1].Request // "the other one too"
	}
	all := l.docs.Search(query, len(l.specs))
	r := retrieval{
		set: l.docs, specs: l.specs, scores: make(map[string]float64, len(all)), taken: map[string]bool{}, tasks: map[string]bool{},
		left: l.opts.Docs, words: l.opts.Words, most: l.opts.DocWords,
	}
	for _, hit := range all {
		r.scores[hit.Name] = hit.Score
	}
	lists := l.lists(src, r.scores)
	r.inTurns(append(lists, all))
	for _, hit := range all { // what room is left goes to further docs of the same task types
		r.take(hit.Name)
	}
	r.close()
	slices.SortFunc(r.hits, func(a, b tooldoc.Hit) int { return cmp.Compare(a.Name, b.Name) })
	return r.hits
}

// lists are the docs for each clause of a request, the best first.
func (l *LLM) lists(src string, scores map[string]float64) (out [][]tooldoc.Hit) {
	everything := len(l.specs)
	clauses, _, err := l.grammar.v.clauses(tokenise(src))
	if err != nil {
		for _, part := range strings.FieldsFunc(src, func(c rune) bool { return strings.ContainsRune(",.;!?", c) }) {
			out = append(out, l.docs.Search(part, everything))
		}
		return out
	}
	best := l.best(scores)
	for _, c := range clauses {
		matches := l.grammar.v.matches(c.toks)
		slices.SortStableFunc(matches, func(a, b match) int {
			return cmp.Or(cmp.Compare(b.words(), a.words()), cmp.Compare(scores[best[b.task.name]], scores[best[a.task.name]]), cmp.Compare(a.task.name, b.task.name))
		})
		var list []tooldoc.Hit
		for _, m := range matches {
			list = append(list, tooldoc.Hit{Name: best[m.task.name]})
		}
		out = append(out, append(list, l.docs.Search(join(src, c.toks), everything)...))
	}
	return out
}

// best is the doc of each task type that fits the request best.
func (l *LLM) best(scores map[string]float64) map[string]string {
	best := make(map[string]string)
	for _, s := range l.specs {
		for _, c := range s.Tasks {
			if now, ok := best[c.Task]; !ok || scores[s.Name] > scores[now] {
				best[c.Task] = s.Name
			}
		}
	}
	return best
}

// retrieval is a choice of docs in the making.
type retrieval struct {
	set    *tooldoc.Set
	specs  []edit.ToolSpec
	scores map[string]float64
	taken  map[string]bool
	tasks  map[string]bool // that the docs taken claim
	hits   []tooldoc.Hit
	left   int // docs
	words  int // left
	most   int // of one doc
}

// inTurns takes from each list in turn the next doc with a new task type.
func (r *retrieval) inTurns(lists [][]tooldoc.Hit) {
	for again := true; again && r.left > 0; {
		again = false
		for i := range lists {
			for len(lists[i]) > 0 {
				name := lists[i][0].Name
				lists[i] = lists[i][1:]
				if r.brings(name) && r.take(name) {
					again = true
					break
				}
			}
		}
	}
}

// brings reports whether a doc claims a task type that none of those taken does.
func (r *retrieval) brings(name string) bool {
	spec, _ := r.set.Get(name)
	return slices.ContainsFunc(spec.Tasks, func(c edit.TaskClaim) bool { return !r.tasks[c.Task] })
}

// take adds a doc while some are left to be taken and its words fit.
func (r *retrieval) take(name string) bool {
	if r.left <= 0 || r.taken[name] || !r.fits(name) {
		return false
	}
	r.left--
	r.add(name, r.scores[name])
	return true
}

func (r *retrieval) fits(name string) bool {
	spec, ok := r.set.Get(name)
	return ok && len(strings.Fields(docText(spec, r.most))) <= r.words
}

func (r *retrieval) add(name string, score float64) {
	spec, _ := r.set.Get(name)
	r.taken[name] = true
	for _, c := range spec.Tasks {
		r.tasks[c.Task] = true
	}
	r.words -= len(strings.Fields(docText(spec, r.most)))
	r.hits = append(r.hits, tooldoc.Hit{Name: name, Score: score})
}

// close adds, for each input that no picture and no request fills, the maker that fits the request
// best, and what that needs in turn.
func (r *retrieval) close() {
	makers := map[string][]string{}
	for _, s := range r.specs {
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
