package mine_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/store"
	"pentimento/internal/subroutines/mine"
)

// What was found of a tool in a frequent task is proposed in a seldom one, in
// whose usual path it may stand, and measured on pictures that had no part in it.
func TestTransfer(t *testing.T) {
	traces := painted(6, 300)
	r := rand.New(rand.NewPCG(6, 6))
	for i := range 30 { // the seldom task fills, and writes on what was filled
		f := map[string]any{"ground": []string{"uniform", "complex"}[r.IntN(2)]}
		tr := traceOf(int64(1000+i), "text-replacement", f, attempt{tool: "fill", seconds: 14, quality: 0.97, pass: true})
		tr.Steps = append(tr.Steps, store.Step{
			Call: "write", Tool: "write", Seconds: 1, Megapixels: 1, FreeCore: true, Inputs: []int{1}, Final: true,
			Judgement: store.Judgement{Quality: 0.95, Verdict: store.Pass},
		})
		traces = append(traces, tr)
	}
	o := mine.DefaultOptions()
	if list := mined(t, traces, o); slices.ContainsFunc(list, func(c mine.Candidate) bool { return strings.HasPrefix(c.Subroutine.Provenance.Proposer, "as in") }) {
		t.Fatalf("without leave to swap:%s", show(list))
	}
	o.Alike = func(a, b string) bool { return a != "write" && b != "write" && a != "reader" && b != "reader" }
	found := 0
	for _, c := range mined(t, traces, o) {
		s := &c.Subroutine
		if s.Task != "text-replacement" || s.Path.String() != "reader → painting → write" {
			continue
		}
		found++
		if s.When.String() != "ground in {uniform}" || s.Provenance.Proposer != "as in text-removal" || s.Pass.N() != 0 || len(s.Provenance.Folds) != o.Folds {
			t.Errorf("%+v", s)
		}
	}
	if found != 1 {
		t.Errorf("%d rules came from the other task", found)
	}
}
