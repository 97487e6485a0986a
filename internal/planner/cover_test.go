package planner

import (
	"testing"

	"pentimento/internal/edit"
)

// TestGrammarCovers: the coverage check finds nothing wrong with the grammar's own plans.
func TestGrammarCovers(t *testing.T) {
	g := New(testSpecs())
	requests, _ := readCases(t, "testdata/requests.txt")
	planned := 0
	for _, r := range requests {
		plan, err := g.Plan(t.Context(), r, edit.History{})
		if err != nil {
			continue
		}
		planned++
		if err := g.Covers(plan, edit.History{}); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	t.Logf("%d plans", planned)
}
