package planner

import (
	"fmt"
	"strings"
)

// Suggestion is a task type near to what was not understood, with an example from its docs.
type Suggestion struct {
	Task    string `json:"task"`
	Example string `json:"example,omitempty"`
}

// NotUnderstoodError says which words of a request the planner could not place.
// Nothing of the request is planned: half an order is a guess.
type NotUnderstoodError struct {
	Clause  string       // the part of the request
	Words   []string     // the words that could not be placed; empty when something is missing instead
	Reason  string       // what is wrong, in words
	Nearest []Suggestion // best first, at most three
	// Candidates are the things of earlier turns that a word such as "it" could mean.
	Candidates []string
}

// Error implements error.
func (e *NotUnderstoodError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q is not understood: %s", e.Clause, e.Reason)
	for i, s := range e.Nearest {
		if i == 0 {
			b.WriteString("; the nearest tasks are ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(s.Task)
		if s.Example != "" {
			fmt.Fprintf(&b, " (%q)", s.Example)
		}
	}
	return b.String()
}

// InvalidPlanError lists everything that is wrong with a plan.
type InvalidPlanError struct{ Problems []string }

// Error implements error.
func (e *InvalidPlanError) Error() string {
	return "the plan cannot be run: " + strings.Join(e.Problems, "; ")
}
