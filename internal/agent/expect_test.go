package agent

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/tools"
)

// loading is a fake runner that knows which models are in memory.
type loading struct {
	*fakeRunner
	loaded map[string]bool
}

func (l loading) Loaded(spec *edit.ToolSpec) bool { return l.loaded[spec.Name] }

// seen has a store hold a cost entry.
func seen(t *testing.T, e *Engine, c estimate.CostEntry) {
	t.Helper()
	err := e.Store.Update(t.Context(), costKeys+c.Tool+"@"+c.Device, func([]byte) []byte {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return text
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A model that must be loaded first is charged for it, one that is loaded is
// not; a frozen run does not look what other runs loaded.
func TestColdModelsAreCharged(t *testing.T) {
	for _, c := range []struct {
		loaded, frozen bool
		want           string
	}{{false, false, "eraser-two"}, {true, false, "eraser"}, {true, true, "eraser-two"}, {false, true, "eraser-two"}} {
		specs, f := two()
		e := remembering(t, t.TempDir(), specs, f)
		e.Runners["fake"] = loading{f, map[string]bool{"eraser": c.loaded, "sharp": true, "masker": true, "eraser-two": true}}
		seen(t, e, estimate.CostEntry{Tool: "eraser", Device: "cpu", Loads: []float64{3}})
		seen(t, e, estimate.CostEntry{Tool: "eraser-two", Device: "cpu", Loads: []float64{0.01}})
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Frozen, j.DryRun = c.frozen, c.frozen && c.loaded
		got, err := e.Run(t.Context(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if path := got.Summary.Subtasks[0].Toolpath; len(path) == 0 || path[len(path)-1] != c.want {
			t.Errorf("loaded %v, frozen %v: took %v, want %s", c.loaded, c.frozen, path, c.want)
		}
	}
}

// What fails on dark pictures and not on bright ones is chosen on bright ones only.
func TestQualityDependsOnThePicture(t *testing.T) {
	specs, f := two()
	e := remembering(t, t.TempDir(), specs, f)
	e.Judge = func(_ context.Context, _ judge.Judge, s judge.Step) (judge.Verdict, error) {
		v := judge.Verdict{Check: "table", Score: 0.9, Pass: true, Parts: 1, Reason: "Fine."}
		if s.Spec.Name == "eraser" && s.Before.Pix[0] < 100 {
			v.Score, v.Pass = 0.05, false
		}
		return v, nil
	}
	remove := func(light uint8) string {
		f.ran = nil
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Image = filled(pixel.NewImage(8, 8), light)
		for i := 3; i < len(j.Image.Pix); i += 4 {
			j.Image.Pix[i] = 255
		}
		got, err := e.Run(t.Context(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := got.Summary.Subtasks[0]; r.Status != edit.StatusDone {
			t.Fatalf("%s: %s", r.Status, r.Reason)
		}
		i := slices.IndexFunc(f.ran, func(tool string) bool { return tool == "eraser" || tool == "eraser-two" })
		if i < 0 {
			t.Fatalf("ran %v", f.ran)
		}
		return f.ran[i]
	}
	if first := remove(10); first != "eraser" {
		t.Fatalf("before anything was learned it began with %s", first)
	}
	for i := range 12 { // other pictures each, of which nothing is at hand
		remove(uint8(12 + i))
		remove(uint8(220 + i))
	}
	if dark, bright := remove(30), remove(240); dark != "eraser-two" || bright != "eraser" {
		t.Errorf("begins with %s where it is dark and %s where it is bright", dark, bright)
	}
}

// Money is weighed against time at the price that is set, entered in the ledger, and bounded.
func TestMoney(t *testing.T) {
	none, little, enough := 0.0, 0.03, 0.05
	for name, c := range map[string]struct {
		perHour float64
		most    *float64
		want    string // the last tool of the path; "" where nothing may be run
		usd     float64
	}{
		"as it is set": {0, nil, "eraser", 0},         // 0.04 dollars are 24 s
		"time is dear": {10000, nil, "dear", 0.04},    // 0.0144 s
		"enough":       {10000, &enough, "dear", .04}, //
		"too little":   {10000, &little, "eraser", 0},
		"nothing":      {10000, &none, "eraser", 0},
	} {
		t.Run(name, func(t *testing.T) {
			specs, f := world()
			i := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == "eraser" })
			specs[i].Cost.Seconds = 20
			dear := specs[i]
			dear.Name, dear.Cost = "dear", edit.Cost{Seconds: 0.1, USD: 0.04}
			specs = slices.Insert(specs, i, dear)
			f.do["dear"] = f.do["eraser"]
			j := job(edit.Subtask{Task: "remove", Object: "dog"})
			j.USDPerHour, j.MaxUSD = c.perHour, c.most
			got, err := engine(specs, f).Run(t.Context(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := got.Summary.Subtasks[0]
			if len(r.Toolpath) == 0 || r.Toolpath[len(r.Toolpath)-1] != c.want || got.Summary.USD != c.usd {
				t.Errorf("took %v (%s) for %v dollars, want %s for %v", r.Toolpath, r.Reason, got.Summary.USD, c.want, c.usd)
			}
		})
	}
}

// A budget that one call has used up refuses the next.
func TestBudgetIsOneForAllSubtasks(t *testing.T) {
	specs, f := world()
	most := 0.05
	for i := range specs {
		if specs[i].Name == "brighten" {
			specs[i].Cost.USD = 0.04
		}
	}
	j := job(edit.Subtask{Task: "tone"}, edit.Subtask{Task: "tone", After: []int{1}})
	j.MaxUSD = &most
	tone := func(v uint8) func(tools.Request) (tools.Response, error) {
		return func(r tools.Request) (tools.Response, error) {
			return out("image", filled(r.Inputs["image"].(*pixel.Image), v))
		}
	}
	f.do["brighten"] = tone(90)
	got, err := engine(specs, f).Run(t.Context(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, second := got.Summary.Subtasks[0], got.Summary.Subtasks[1]
	if first.Status != edit.StatusDone || second.Status != edit.StatusBudget || got.Summary.USD != 0.04 {
		t.Errorf("ended as %s and %s for %v dollars", first.Status, second.Status, got.Summary.USD)
	}
	if want := "the money that may be spent does not suffice: brighten costs $0.04 a run, and of the $0.05 that may be spent $0.01 is left"; second.Reason != want {
		t.Errorf("the reason is %q", second.Reason)
	}
}

// A subtask ends for want of money only where money is what it lacks.
func TestBudgetIsToBlameOnlyWhereItIs(t *testing.T) {
	for name, c := range map[string]struct {
		dear   string // this tool costs money
		breaks string
		want   edit.Status
	}{
		"the detectors":           {"sharp weak", "", edit.StatusBudget},
		"the only other is dear":  {"dear", "eraser", edit.StatusBudget},
		"another would do it":     {"dear", "", edit.StatusDone},
		"what is free breaks":     {"brighten", "eraser dear", edit.StatusFailed},
		"nothing makes the mask":  {"brighten", "masker", edit.StatusFailed},
		"the dear tool is no use": {"brighten", "sharp weak", edit.StatusFailed},
	} {
		t.Run(name, func(t *testing.T) {
			specs, f := world()
			i := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == "eraser" })
			second := specs[i]
			second.Name, second.Cost.Seconds = "dear", 0.2
			f.do["dear"] = f.do["eraser"]
			specs = slices.Insert(specs, i, second)
			for i := range specs {
				if slices.Contains(strings.Fields(c.dear), specs[i].Name) {
					specs[i].Cost.USD = 1
				}
			}
			for _, tool := range strings.Fields(c.breaks) {
				f.do[tool] = func(tools.Request) (tools.Response, error) { return tools.Response{}, errors.New("out of paint") }
			}
			j := job(edit.Subtask{Task: "remove", Object: "dog"})
			j.MaxUSD = new(float64)
			got, err := engine(specs, f).Run(t.Context(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r := got.Summary.Subtasks[0]; r.Status != c.want || strings.Contains(r.Reason, "$") != (c.want == edit.StatusBudget) {
				t.Errorf("ended as %s: %s", r.Status, r.Reason)
			}
		})
	}
}

// What a runner answers from memory is no run, and teaches nothing of what a
// run takes; what it partly did is one, which teaches nothing either.
func TestRememberedAnswersAreNoRuns(t *testing.T) {
	specs, f := two()
	e := remembering(t, t.TempDir(), specs, f)
	now := 0.0
	e.Now = func() time.Time { now += 0.5; return time.Unix(0, int64(now*1e9)) }
	e.CPU = func() float64 { return now }
	answers := func(tool string, saved float64, all bool) {
		run := f.do[tool]
		f.do[tool] = func(r tools.Request) (tools.Response, error) {
			resp, err := run(r)
			resp.Saved, resp.Remembered = saved, all
			return resp, err
		}
	}
	answers("sharp", 7, true)
	answers("masker", 7, false)
	var atHand []string
	got, err := e.Run(t.Context(), job(edit.Subtask{Task: "remove", Object: "dog"}), func(ev edit.Event) {
		if ev.Type == edit.EventStepFinished && ev.Cached {
			atHand = append(atHand, ev.Call)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Summary; s.ToolRuns != 2 || s.CacheHits != 1 || !slices.Equal(atHand, []string{"sharp"}) {
		t.Errorf("%d runs and %d answers at hand, %v", s.ToolRuns, s.CacheHits, atHand)
	}
	costs, err := e.Store.Statistics(t.Context(), costKeys)
	if _, learned := costs[costKeys+"eraser@cpu"]; err != nil || !learned || len(costs) != 1 {
		t.Errorf("learned the cost of %v (%v), want that of the eraser alone", slices.Collect(maps.Keys(costs)), err)
	}
	traces, err := e.Store.Traces(t.Context(), store.Filter{})
	if err != nil || len(traces) != 1 {
		t.Fatalf("%d traces (%v)", len(traces), err)
	}
	for _, s := range traces[0].Steps {
		if memory := s.Call == "sharp"; s.Cached != memory || s.FreeCore != (s.Call == "eraser") || s.Seconds >= 7 != (s.Call != "eraser") {
			t.Errorf("%s: cached %v, free core %v, %v s", s.Call, s.Cached, s.FreeCore, s.Seconds)
		}
	}
}
