package planner

import (
	"cmp"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// ranker scores task types against words by BM25 over what their docs say:
// one document per task type, made of what its tools say about it.
type ranker struct{ set *tooldoc.Set }

func newRanker(tasks []*task) ranker {
	docs := make([]edit.ToolSpec, 0, len(tasks))
	for _, t := range tasks {
		doc := edit.ToolSpec{Name: t.name}
		for _, p := range t.phrases {
			if p.from == fromSynonym {
				continue
			}
			doc.Tasks = append(doc.Tasks, edit.TaskClaim{Task: t.name, Words: spelled(p.words)})
		}
		for _, tool := range t.tools {
			doc.Description += " " + tool.Title + " " + tool.Description
		}
		for _, e := range t.examples {
			doc.Examples = append(doc.Examples, edit.Example{Request: e})
		}
		docs = append(docs, doc)
	}
	return ranker{tooldoc.NewSet(docs...)}
}

// scores maps task types to their BM25 score for the words, those with no word in common left out.
func (r ranker) scores(words []string) map[string]float64 {
	words = slices.DeleteFunc(slices.Clone(words), isGrammar)
	out := map[string]float64{}
	for _, h := range r.set.Search(strings.Join(words, " "), len(r.set.All())) {
		out[h.Name] = h.Score
	}
	return out
}

// nearest lists the tasks whose docs are closest to the words in meaning or spelling, best first.
func (v *vocabulary) nearest(words []string, n int) []*task {
	scores := v.rank.scores(words)
	for _, t := range v.tasks {
		for _, p := range t.phrases {
			if p.from == fromSynonym {
				continue
			}
			for _, w := range words {
				if d := edit.Slips(key(w), p.words[0].key); len(w) > 3 && d <= 2 {
					scores[t.name] += 3 - float64(d)
				}
			}
		}
	}
	var out []*task
	for _, t := range v.tasks {
		if scores[t.name] > 0 {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b *task) int { return cmp.Compare(scores[b.name], scores[a.name]) })
	return out[:min(n, len(out))]
}

func (v *vocabulary) suggest(tasks []*task) []Suggestion {
	var out []Suggestion
	for _, t := range tasks {
		s := Suggestion{Task: t.name}
		if len(t.examples) > 0 {
			s.Example = t.examples[0]
		}
		out = append(out, s)
	}
	return out
}

// isGrammar reports whether a word is one of the planner's own and says nothing about a task.
func isGrammar(w string) bool {
	return articles[w] || quantifiers[w] || pronouns[w] || conjuncts[w] || targetPreps[w] || placePreps[w] || fillers[w] || auxiliaries[w] || wholeNouns[w] || w == possessive
}
