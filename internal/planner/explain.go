package planner

import (
	"fmt"
	"strings"
)

// Explanation is how a request was understood: each clause with the tasks it
// was weighed against.
type Explanation struct {
	Request string           `json:"request"`
	Clauses []ClauseEvidence `json:"clauses"`
}

// ClauseEvidence is one order with its candidates, best first. The first was
// taken if it fits.
type ClauseEvidence struct {
	Clause     string      `json:"clause"`
	Candidates []Candidate `json:"candidates"`
}

// Candidate is a task type that a clause may ask for.
type Candidate struct {
	Task  string   `json:"task"`
	Score float64  `json:"score"`
	BM25  float64  `json:"bm25"`            // part of the score: what the docs say of the clause
	Words []string `json:"words"`           // the task's words found in the clause
	Fits  bool     `json:"fits"`            // every word is explained and nothing is missing
	Why   string   `json:"why,omitempty"`   // what does not fit
	From  string   `json:"from,omitempty"`  // where the docs have the words: words, name, example
	Reads string   `json:"reads,omitempty"` // what the other words are to the task
}

// maxCandidates bounds the candidates that an explanation keeps per clause.
const maxCandidates = 4

// String writes the explanation for people, one line per candidate.
func (e Explanation) String() string {
	var b strings.Builder
	for _, c := range e.Clauses {
		fmt.Fprintf(&b, "%s\n", c.Clause)
		for _, k := range c.Candidates {
			mark := "-"
			if k.Fits {
				mark = "+"
			}
			fmt.Fprintf(&b, "  %s %-24s %6.2f", mark, k.Task, k.Score)
			if len(k.Words) > 0 {
				fmt.Fprintf(&b, "  %s (%s)", quoteList(k.Words), k.From)
			}
			if k.Reads != "" {
				fmt.Fprintf(&b, "  %s", k.Reads)
			}
			if k.Why != "" {
				fmt.Fprintf(&b, "  not taken: %s", k.Why)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

var sourceNames = [...]string{fromWords: "words", fromName: "name", fromSynonym: "synonym", fromExample: "example"}

func evidence(src string, c choice) ClauseEvidence {
	e := ClauseEvidence{Clause: join(src, c.part.toks)}
	seen := map[*task]bool{}
	for _, r := range c.readings {
		if seen[r.task] || len(e.Candidates) == maxCandidates {
			continue
		}
		seen[r.task] = true
		e.Candidates = append(e.Candidates, r.candidate())
	}
	return e
}

func (r *reading) candidate() Candidate {
	k := Candidate{Task: r.task.name, Score: r.score, BM25: r.bm25, Fits: r.complete(), Why: r.why(), Words: []string{}}
	if r.match.phrase != nil {
		k.Words, k.From = spelled(r.match.phrase.words), sourceNames[r.match.phrase.from]
	}
	var reads []string
	add := func(name, value string) {
		if value != "" {
			reads = append(reads, fmt.Sprintf("%s %q", name, value))
		}
	}
	add("object", r.object)
	add("target", r.target)
	add("region", r.region)
	add("like", r.like)
	k.Reads = strings.Join(reads, ", ")
	return k
}
