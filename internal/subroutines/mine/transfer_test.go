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

// Where a call passes is seen sooner on the pictures of all tasks than on those of one: a
// seldom task is proposed its own usual path under the condition that all of them show.
func TestConditionOfTheUsualPath(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	var traces []store.Trace
	for i := range 120 {
		f := map[string]any{"ground": []string{"plain", "tiles", "marble"}[r.IntN(3)]}
		task, seldom := "text-removal", i%24 == 0
		if seldom {
			task = "text-replacement"
		}
		tried := []attempt{{tool: "fill", seconds: 14, quality: 0.97, pass: f["ground"] != "marble"}, {tool: "redraw", seconds: 15, quality: 0.95, pass: true}}
		tr := traceOf(int64(i+1), task, f, tried...)
		if seldom {
			last := len(tr.Steps) - 1
			tr.Steps = append(tr.Steps, store.Step{
				Call: "write", Tool: "write", Seconds: 1, Megapixels: 1, FreeCore: true, Inputs: []int{last}, Final: true,
				Judgement: store.Judgement{Quality: 0.95, Verdict: store.Pass},
			})
		}
		traces = append(traces, tr)
	}
	o := mine.DefaultOptions()
	o.Alike = func(a, b string) bool { return a != "write" && b != "write" && a != "reader" && b != "reader" }
	list := mined(t, traces, o)
	if !slices.ContainsFunc(list, func(c mine.Candidate) bool {
		s := &c.Subroutine
		return s.Task == "text-replacement" && s.Path.String() == "reader → fill → write" && s.When.String() == "ground in {plain, tiles}" && s.Provenance.Proposer == "as in all tasks"
	}) {
		t.Errorf("the seldom task's own path has no condition:%s", show(list))
	}
}

// A rule that holds on few pictures is measured on the held-out ones of all folds that it was found without together.
func TestFoldsMeasureTogether(t *testing.T) {
	o := mine.DefaultOptions()
	together := 0
	for seed := range uint64(40) {
		for _, c := range mined(t, painted(seed, 90), o) {
			s := &c.Subroutine
			if s.When.String() != "ground in {uniform}" {
				continue
			}
			if c.Held.Tried < o.LeastHeld {
				t.Errorf("seed %d: held out on %d", seed, c.Held.Tried)
			}
			if c.Held.Tried < o.LeastHeld*len(s.Provenance.Folds) {
				together++
			}
		}
	}
	if together < 10 {
		t.Errorf("%d of 40 tables have a rule that no fold could measure alone", together)
	}
}

// What a subroutine did is no word of what the slow path comes to: where one is taken on plain
// grounds, what passes there too and is dearer is still worth proposing for where the search does it.
func TestRuledTracesTellNothingOfTheSlowPath(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	var traces []store.Trace
	for i := range 100 {
		ground := []string{"plain", "tiles", "marble"}[r.IntN(3)]
		f := map[string]any{"ground": ground}
		fill := attempt{tool: "fill", seconds: 14, quality: 0.97, pass: ground != "marble"}
		attempts := []attempt{fill, {tool: "redraw", seconds: 15, quality: 0.95, pass: true}}
		ruled := ground == "plain" && i > 30
		if ruled {
			attempts = []attempt{{tool: "paint", seconds: 0.1, quality: 0.97, pass: true}}
		}
		tr := traceOf(int64(i+1), "text-removal", f, attempts...)
		if ruled {
			tr.Subroutine = "r1"
		}
		traces = append(traces, tr)
	}
	want := func() bool {
		return slices.ContainsFunc(mined(t, traces, mine.DefaultOptions()), func(c mine.Candidate) bool {
			return c.Subroutine.Path.String() == "reader → fill" && c.Subroutine.When.String() == "ground in {plain, tiles}"
		})
	}
	if !want() {
		t.Errorf("the slow path's own condition is missing:%s", show(mined(t, traces, mine.DefaultOptions())))
	}
	for i := range traces {
		traces[i].Subroutine = ""
	}
	if want() {
		t.Error("filling is proposed where the search itself does it for less")
	}
}
