package mine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

func mined(t *testing.T, traces []store.Trace, o mine.Options) []mine.Candidate {
	t.Helper()
	list, err := mine.Mine(traces, o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func show(list []mine.Candidate) string {
	var b strings.Builder
	for _, c := range list {
		s := &c.Subroutine
		fmt.Fprintf(&b, "\n%-22s %-60s when %-60s found %d/%d of %d gain %.2f; held %d/%d of %d gain %.2f; p %.2g; score %.4f (%s)", s.Task, s.Path, s.When,
			c.Found.Passed, c.Found.Tried, c.Found.Pictures, c.Found.Gain, c.Held.Passed, c.Held.Tried, c.Held.Pictures, c.Held.Gain, c.P, c.Score, s.Provenance.Proposer)
	}
	return b.String()
}

// Painting over text is found good on uniform grounds only, and never elsewhere.
func TestPlantedRule(t *testing.T) {
	right := 0
	const tables = 40
	for seed := range uint64(tables) {
		list := mined(t, painted(seed, 300), mine.DefaultOptions())
		before := right
		for _, c := range list {
			if c.Subroutine.Path[len(c.Subroutine.Path)-1].Tool != "painting" {
				continue
			}
			if got := c.Subroutine.When.String(); got == "ground in {uniform}" {
				right++
			} else {
				t.Logf("seed %d: painting when %s", seed, got)
			}
			for _, cond := range c.Subroutine.When {
				if cond.Feature == "always" || cond.Feature == "one" {
					t.Errorf("seed %d: a condition on %s, which never varies", seed, cond.Feature)
				}
			}
		}
		if seed == 0 || right == before {
			t.Log(seed, show(list))
		}
	}
	t.Logf("the planted rule was found in %d of %d tables", right, tables)
	if right < tables*95/100 {
		t.Errorf("the planted rule was found in %d of %d tables", right, tables)
	}
}

// Where nothing matters, conditions come out in at most 5 % of the tables.
func TestNoiseGivesNoConditions(t *testing.T) {
	const tables = 80
	wrong, all := 0, 0
	for _, rate := range []float64{0.5, 0.66, 0.85} {
		for seed := range uint64(tables) {
			r := rand.New(rand.NewPCG(seed, 2))
			var traces []store.Trace
			for i := range 120 {
				f := make(map[string]any)
				noise(r, f, 60)
				attempts := []attempt{
					{tool: "one", seconds: 2 + r.Float64(), quality: 0.9, pass: r.Float64() < rate},
					{tool: "two", seconds: 4 + r.Float64(), quality: 0.9, pass: r.Float64() < rate},
					{tool: "three", seconds: 6 + r.Float64(), quality: 0.9, pass: r.Float64() < rate},
				}
				r.Shuffle(len(attempts), func(i, j int) { attempts[i], attempts[j] = attempts[j], attempts[i] })
				traces = append(traces, traceOf(int64(i+1), "noise", f, attempts...))
			}
			for _, c := range mined(t, traces, mine.DefaultOptions()) {
				if len(c.Subroutine.When) > 0 {
					t.Logf("rate %v, seed %d: %s", rate, seed, show([]mine.Candidate{c}))
					wrong++
					break
				}
			}
		}
		all += tables
	}
	t.Logf("conditions on noise in %d of %d tables", wrong, all)
	if wrong > all/20 {
		t.Errorf("conditions on noise in %d of %d tables", wrong, all)
	}
}

// A table can be mined, added to and mined again.
func TestTableGrows(t *testing.T) {
	traces := painted(7, 250)
	var table mine.Table
	for i, tr := range traces {
		table.Add(tr)
		if i == 120 {
			table.Add(traces[5])
			if _, err := table.Mine(mine.DefaultOptions()); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := table.Mine(mine.DefaultOptions())
	if want := mined(t, traces, mine.DefaultOptions()); err != nil || asJSON(t, got) != asJSON(t, want) {
		t.Errorf("%v: mined on the way gives%s\ninstead of%s", err, show(got), show(want))
	}
}

// The order of the traces changes nothing, not a bit.
func TestOrderOfTraces(t *testing.T) {
	traces := painted(7, 250)
	want := mined(t, traces, mine.DefaultOptions())
	if len(want) == 0 {
		t.Fatal("nothing was mined")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		r.Shuffle(len(traces), func(i, j int) { traces[i], traces[j] = traces[j], traces[i] })
		if got := mined(t, traces, mine.DefaultOptions()); asJSON(t, got) != asJSON(t, want) {
			t.Fatalf("another order gives%s\ninstead of%s", show(got), show(want))
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		// Conditions on features of no picture have no text in files; their strings tell them.
		return fmt.Sprintf("%+v", v)
	}
	return string(b)
}

// Nothing is proposed on less than the least evidence.
func TestLeastEvidence(t *testing.T) {
	for n := 1; n < 60; n += 3 {
		for _, c := range mined(t, painted(3, n), mine.DefaultOptions()) {
			if c.Found.Tried < 6 || c.Held.Tried < 3 {
				t.Errorf("%d traces: %s", n, show([]mine.Candidate{c}))
			}
		}
	}
}

// A picture's traces are all in one fold, folds are about equal, and a candidate is
// measured on those that it was found without.
func TestFolds(t *testing.T) {
	o := mine.DefaultOptions()
	traces := painted(5, 1000)
	fold, sizes := make(map[int64]int), make([]int, o.Folds)
	for i, tr := range traces {
		fold[tr.ID] = o.Fold(tr)
		sizes[fold[tr.ID]]++
		again := tr
		again.ID, again.Request, again.Subtask.Task = int64(i+5000), "another", "another"
		if o.Fold(again) != o.Fold(tr) {
			t.Fatalf("picture %s is in two folds", tr.Picture)
		}
	}
	if n := len(traces) / o.Folds; slices.Min(sizes) < n*4/5 || slices.Max(sizes) > n*6/5 {
		t.Errorf("1000 pictures are parted into %v", sizes)
	}
	found := mined(t, traces, o)
	if len(found) == 0 {
		t.Error("nothing was found")
	}
	for _, c := range found {
		s := &c.Subroutine
		if s.Pass.N() != float64(c.Held.Tried) || s.Pass.Passed != float64(c.Held.Passed) || s.Cost.N != s.Pass.Passed || s.State != subroutines.Candidate || s.ID != s.NewID() {
			t.Errorf("the evidence of %s is not that of the held-out pictures: %+v", s.ID, s)
		}
		out := func(id int64) bool { return !slices.Contains(s.Provenance.Folds, fold[id]) }
		if len(s.Provenance.Folds) == 0 || len(c.Replay) != c.Held.Pictures || slices.ContainsFunc(c.Replay, out) {
			t.Errorf("%s is to be replayed on %d traces of %d in the folds %v", s.ID, len(c.Replay), c.Held.Pictures, s.Provenance.Folds)
		}
	}
}

// A request that is asked again on the same picture, and ends the same way, counts once.
func TestRepeatsCountOnce(t *testing.T) {
	traces := painted(7, 250)
	want := mined(t, traces, mine.DefaultOptions())
	for i := range 250 {
		again := traces[i]
		again.ID += 1000
		traces = append(traces, again, again)
	}
	if got := mined(t, traces, mine.DefaultOptions()); asJSON(t, got) != asJSON(t, want) {
		t.Errorf("repeats give%s\ninstead of%s", show(got), show(want))
	}
	for i := range traces { // the same edit asked for in other words is another
		traces[i].Subtask.Object = fmt.Sprint(i)
	}
	got := mined(t, traces, mine.DefaultOptions())
	if len(got) == 0 || got[0].Found.Tried <= want[0].Found.Tried {
		t.Errorf("other requests on the same pictures give%s", show(got))
	}
}

// A poisoned trace is passed over and changes nothing else.
func TestBrokenTraces(t *testing.T) {
	traces := painted(7, 250)
	want := mined(t, traces, mine.DefaultOptions())
	var table mine.Table
	for i, tr := range traces {
		table.Add(tr)
		bad := tr
		bad.ID += 10000
		bad.Steps = slices.Clone(tr.Steps)
		switch i % 3 {
		case 0:
			bad.Steps[1].Inputs = []int{7}
		case 1:
			bad.Steps[0].Seconds = -1
		case 2:
			bad.Outcome = "not-found"
		}
		table.Add(bad)
	}
	got, err := table.Mine(mine.DefaultOptions())
	if err != nil || asJSON(t, got) != asJSON(t, want) || table.Skipped() != 250 || table.Len() != 250 {
		t.Errorf("%v, %d skipped: %s\ninstead of%s", err, table.Skipped(), show(got), show(want))
	}
}
