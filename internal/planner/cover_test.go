package planner

import (
	"encoding/json"
	"os"
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

// TestCoversRequestsOfTheField: of plans that the grammar makes of requests in the style of the
// field, with the shipped docs, the check takes nearly all. What it refuses a model is asked to repair.
func TestCoversRequestsOfTheField(t *testing.T) {
	b, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Request string `json:"request"`
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	g := New(shippedSpecs(t))
	planned, refused := 0, 0
	for _, c := range cases {
		plan, err := g.Plan(t.Context(), c.Request, edit.History{})
		if err != nil {
			continue
		}
		planned++
		if err := g.Covers(plan, edit.History{}); err != nil {
			refused++
			t.Logf("%s: %v", c.Request, err)
		}
	}
	if planned < 100 || refused*20 > planned {
		t.Errorf("of %d plans %d are refused, wanted at most one in twenty", planned, refused)
	}
}
