package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pentimento/internal/bench"
)

func TestRunSearch(t *testing.T) {
	last := map[string]int{}
	report, err := bench.RunSearch(context.Background(), bench.SearchOptions{Graphs: 60, Seed: 3}, func(p bench.SearchProgress) { last[p.Family] = p.Done })
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range []string{"layers", "shortcuts", "conjunctive"} {
		counts := report.Family[family]
		if len(counts.Wrong) != 9 || len(counts.EagerWrong) != 9 {
			t.Errorf("%s: %d and %d values of the dial, want 9", family, len(counts.Wrong), len(counts.EagerWrong))
		}
		eager := 0
		for alpha, wrong := range counts.Wrong {
			if wrong != 0 {
				t.Errorf("%s at α %s: %d wrong", family, alpha, wrong)
			}
			eager += counts.EagerWrong[alpha]
		}
		if eager == 0 {
			t.Errorf("%s: the published search is never wrong, so the comparison shows nothing", family)
		}
		if last[family] != 60 {
			t.Errorf("%s: progress ended at %d of 60", family, last[family])
		}
	}
	for size, tools := range map[string]int{"25": 25, "250": 250, "2500": 2500} {
		if report.MS[size] <= 0 || report.WorstMS[size] < report.MS[size] {
			t.Errorf("%s tools: median %v ms, worst %v ms", size, report.MS[size], report.WorstMS[size])
		}
		if 2*report.Surviving[size] < tools {
			t.Errorf("%s tools: pruning left %d, fewer than half", size, report.Surviving[size])
		}
	}
	for _, word := range []string{"layers", "re-enacted", "released", "16.2 %", "α=0.25", "2500"} {
		if !strings.Contains(report.String(), word) {
			t.Errorf("the table lacks %q:\n%s", word, report)
		}
	}
}

func TestSearchReportForm(t *testing.T) {
	report, err := bench.RunSearch(context.Background(), bench.SearchOptions{Graphs: 1, Seed: 1, Alphas: []float64{0, 0.25}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var form struct {
		Event  string
		Family map[string]map[string]map[string]int
		MS     map[string]float64
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		t.Fatal(err)
	}
	if form.Event != "done" || len(form.MS) != 3 {
		t.Errorf("event %q, times %v", form.Event, form.MS)
	}
	if want := map[string]int{"0": 0, "0.25": 0}; !reflect.DeepEqual(form.Family["layers"]["wrong"], want) {
		t.Errorf("wrong %v, want %v", form.Family["layers"]["wrong"], want)
	}
	if _, ok := form.Family["conjunctive"]["eager_wrong"]["0.25"]; !ok {
		t.Errorf("no eager_wrong in %s", raw)
	}
}

func TestSameSeedSameCounts(t *testing.T) {
	var counts [2]map[string]bench.SearchFamily
	for i := range counts {
		report, err := bench.RunSearch(context.Background(), bench.SearchOptions{Graphs: 20, Seed: 7}, nil)
		if err != nil {
			t.Fatal(err)
		}
		counts[i] = report.Family
	}
	if !reflect.DeepEqual(counts[0], counts[1]) {
		t.Errorf("%v and %v", counts[0], counts[1])
	}
}

func TestRunSearchRefusals(t *testing.T) {
	if _, err := bench.RunSearch(context.Background(), bench.SearchOptions{}, nil); err == nil {
		t.Error("no graphs were taken for enough")
	}
	if _, err := bench.RunSearch(context.Background(), bench.SearchOptions{Graphs: 1, Alphas: []float64{3}}, nil); err == nil {
		t.Error("α = 3 was taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bench.RunSearch(ctx, bench.SearchOptions{Graphs: 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
