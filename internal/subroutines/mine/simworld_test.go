package mine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/features"
	"pentimento/internal/simworld"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
	"pentimento/internal/tools"
)

// worldTraces are what the agent's search leaves behind after so many
// requests in the published world, with the world's features instead of those measured on its pictures.
func worldTraces(t *testing.T, seed int64, requests int, r *simworld.Runner) []store.Trace {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	e := agent.Engine{Specs: simworld.Specs(), Runners: map[string]tools.Runner{simworld.Kind: r}, Now: r.Clock.Now, Judge: r.Judge, Store: st}
	var out []store.Trace
	since := int64(0)
	for _, req := range simworld.Published().Draw(seed, requests) {
		picture := simworld.Picture(req.Picture)
		if _, err := e.Run(ctx, agent.Job{Image: picture, Plan: req.Plan, Alpha: 1, Threshold: 0.8}, nil); err != nil {
			t.Fatal(err)
		}
		traces, err := st.Traces(ctx, store.Filter{Since: since})
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			since = tr.ID
			tr.Picture = fmt.Sprint(req.Picture) // what it was before any edit, so that one request is on one side
			tr.Features = make(map[string]any)
			values, err := r.Features(picture, tr.Subtask.Object)
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range values {
				tr.Features[name] = v
			}
			out = append(out, tr)
		}
	}
	return out
}

// truth says how a candidate's condition agrees with that of the published
// rule for its path, over so many pictures: of those that the candidate takes,
// the share that the rule takes, and the reverse.
func truth(t *testing.T, r *simworld.Runner, s *subroutines.Subroutine, rule *simworld.Rule) (precision, recall float64) {
	t.Helper()
	var both, mined, published float64
	for n := range uint64(3000) {
		values, err := r.Features(simworld.Picture(1_000_000+n), "car")
		if err != nil {
			t.Fatal(err)
		}
		typed := make(map[string]features.Value)
		right := true
		for name, v := range values {
			typed[name] = features.Value{Type: features.Category, Category: v}
			if words, asked := rule.When[name]; asked && !slices.Contains(words, v) {
				right = false
			}
		}
		holds := s.When.Holds(features.FromMap(typed))
		if holds {
			mined++
		}
		if right {
			published++
		}
		if holds && right {
			both++
		}
	}
	return both / max(mined, 1), both / max(published, 1)
}

// publishedRule is the published rule for a path; the world's docs are named after tool and use.
func publishedRule(s *subroutines.Subroutine) *simworld.Rule {
	rules := simworld.Published().Rules
	for i := range rules {
		if rules[i].Task != s.Task || len(rules[i].Path) != len(s.Path) {
			continue
		}
		if !slices.ContainsFunc(rules[i].Path, func(tool string) bool {
			return !slices.ContainsFunc(s.Path, func(p subroutines.PathStep) bool { return strings.HasPrefix(p.Tool, tool) })
		}) {
			return &rules[i]
		}
	}
	return nil
}

// What is mined from the agent's own traces in the published world agrees with
// the conditions that are true there.
func TestPublishedWorld(t *testing.T) {
	r := simworld.NewRunner(3, simworld.Published().Assume(0.3))
	traces := worldTraces(t, 3, 250, r)
	list := mined(t, traces, mine.DefaultOptions())
	t.Logf("%d traces: %s", len(traces), show(list))
	exact := 0
	for _, c := range list {
		s := &c.Subroutine
		rule := publishedRule(s)
		if rule == nil {
			continue
		}
		p, rc := truth(t, r, s, rule)
		t.Logf("%s: %s when %s: precision %.2f, recall %.2f", rule.ID, s.Path, s.When, p, rc)
		if p > 0.999 && rc > 0.999 {
			exact++
		}
		if p < 0.7 { // every condition of these paths is known: what is proposed must mostly be true
			t.Errorf("%s holds where %s does not: precision %.2f", s.When, rule.ID, p)
		}
	}
	if exact < 4 {
		t.Errorf("%d of the published conditions were found exactly", exact)
	}
}
