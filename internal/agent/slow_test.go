package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/tools"
)

// two adds to the world a second, dearer eraser.
func two() ([]edit.ToolSpec, *fakeRunner) {
	specs, f := world()
	i := slices.IndexFunc(specs, func(s edit.ToolSpec) bool { return s.Name == "eraser" })
	better := specs[i]
	better.Name, better.Cost.Seconds = "eraser-two", 0.5
	better.Deterministic, specs[i].Deterministic = true, true
	specs = slices.Insert(specs, i+1, better)
	for i := range specs {
		specs[i].Deterministic = true
	}
	f.do["eraser-two"] = func(r tools.Request) (tools.Response, error) {
		return out("image", filled(r.Inputs["image"].(*pixel.Image), 77))
	}
	return specs, f
}

// scores judges completing calls by a table and takes everything else.
func scores(by map[string]float64) func(context.Context, judge.Judge, judge.Step) (judge.Verdict, error) {
	return func(_ context.Context, _ judge.Judge, s judge.Step) (judge.Verdict, error) {
		v := judge.Verdict{Check: "table", Score: 0.9, Pass: true, Reason: "Fine."}
		if q, ok := by[s.Spec.Name]; ok {
			v.Score, v.Parts, v.Pass = q, 1, q >= judge.PassMark
			v.Reason = "The table says so."
		}
		return v, nil
	}
}

func TestWhatDoesNotPassIsRuledOutAsThatCall(t *testing.T) {
	specs, f := two()
	e := engine(specs, f)
	e.Judge = scores(map[string]float64{"eraser": 0.3, "eraser-two": 0.95})
	got, err := e.Run(context.Background(), job(edit.Subtask{Task: "remove", Object: "dog"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"sharp", "masker", "eraser", "eraser-two"}; !slices.Equal(f.ran, want) {
		t.Errorf("ran %v, want %v", f.ran, want)
	}
	r := got.Summary.Subtasks[0]
	if want := []string{"sharp", "masker", "eraser-two"}; r.Status != edit.StatusDone || !slices.Equal(r.Toolpath, want) {
		t.Errorf("%s by %v, want %v", r.Status, r.Toolpath, want)
	}
	if at := got.Image.Pix[4*(4*8+4)]; at != 77 {
		t.Errorf("the picture holds %d where the dog was, want the result that passed", at)
	}
}

// When nothing passes the subtask fails alone, the picture stays as it was and
// the next subtask runs; --accept-best takes the best of what there is.
func TestNothingPasses(t *testing.T) {
	for name, best := range map[string]bool{"fails": false, "accept-best": true} {
		t.Run(name, func(t *testing.T) {
			specs, f := two()
			e := engine(specs, f)
			e.Judge = scores(map[string]float64{"eraser": 0.3, "eraser-two": 0.6})
			j := job(edit.Subtask{Task: "remove", Object: "dog"}, edit.Subtask{Task: "tone"})
			j.AcceptBest = best
			got, err := e.Run(context.Background(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			first, second := got.Summary.Subtasks[0], got.Summary.Subtasks[1]
			if second.Status != edit.StatusDone {
				t.Errorf("the second subtask ended as %s: %s", second.Status, second.Reason)
			}
			if !best {
				if first.Status != edit.StatusFailed || !strings.Contains(first.Reason, "The table says so") {
					t.Errorf("ended as %s: %q", first.Status, first.Reason)
				}
				if got.Summary.WastedSeconds != 0 { // the test's clock stands still
					t.Errorf("wasted %v s", got.Summary.WastedSeconds)
				}
				return
			}
			if first.Status != edit.StatusDone || first.Toolpath[len(first.Toolpath)-1] != "eraser-two" || !strings.Contains(first.Reason, "best imperfect") {
				t.Errorf("ended as %s by %v: %q", first.Status, first.Toolpath, first.Reason)
			}
		})
	}
}

// remembering is an engine with a store in dir.
func remembering(t *testing.T, dir string, specs []edit.ToolSpec, f *fakeRunner) *Engine {
	t.Helper()
	st, err := store.Open(context.Background(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	e := engine(specs, f)
	e.Store = st
	e.Fingerprint = func(context.Context, *edit.ToolSpec) (string, error) { return "test", nil }
	e.Judge = scores(nil)
	return e
}

// A repeated request runs no tool, after a restart too, and gives the same picture.
func TestRepeatedRequestRunsNothing(t *testing.T) {
	dir := t.TempDir()
	specs, f := two()
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	first, err := remembering(t, dir, specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	specs, again := two()
	second, err := remembering(t, dir, specs, again).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.ran) != 0 || second.Summary.CacheHits != 3 || second.Summary.ToolRuns != 0 {
		t.Errorf("ran %v with %d cache hits", again.ran, second.Summary.CacheHits)
	}
	if !slices.Equal(first.Image.Pix, second.Image.Pix) {
		t.Error("the picture is another")
	}
	// Another picture, seed or doc is another call.
	other := j
	other.Image = filled(j.Image, 50)
	if _, err := remembering(t, dir, specs, again).Run(context.Background(), other, nil); err != nil || len(again.ran) != 3 {
		t.Errorf("on another picture ran %v (%v)", again.ran, err)
	}
}

// A tool that may answer otherwise the next time is run again for the next request.
func TestUncertainToolsAreNotRemembered(t *testing.T) {
	dir := t.TempDir()
	specs, f := two()
	for i := range specs {
		specs[i].Deterministic = specs[i].Name != "sharp"
		specs[i].Network = specs[i].Name == "masker"
	}
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	for range 2 {
		if _, err := remembering(t, dir, specs, f).Run(context.Background(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"sharp", "masker", "eraser", "sharp", "masker"}; !slices.Equal(f.ran, want) {
		t.Errorf("ran %v, want %v", f.ran, want)
	}
}

// Every attempt leaves a trace, one that fails too.
func TestTraces(t *testing.T) {
	specs, f := two()
	f.do["eraser-two"] = func(tools.Request) (tools.Response, error) { return tools.Response{}, errors.New("out of paint") }
	e := remembering(t, t.TempDir(), specs, f)
	e.Judge = scores(map[string]float64{"eraser": 0.3})
	if _, err := e.Run(context.Background(), job(edit.Subtask{Task: "remove", Object: "dog"}, edit.Subtask{Task: "tone"}), nil); err != nil {
		t.Fatal(err)
	}
	traces, err := e.Store.Traces(context.Background(), store.Filter{})
	if err != nil || len(traces) != 2 {
		t.Fatalf("%d traces (%v), want 2", len(traces), err)
	}
	removal, tone := traces[0], traces[1]
	if removal.Outcome != edit.StatusFailed || tone.Outcome != edit.StatusDone || len(removal.Features) == 0 {
		t.Errorf("outcomes %s and %s with %d features", removal.Outcome, tone.Outcome, len(removal.Features))
	}
	var calls []string
	for _, s := range removal.Steps {
		calls = append(calls, s.Call)
		if s.Final {
			t.Errorf("%s is on a final path of an attempt that failed", s.Call)
		}
		if breaks := s.Call == "eraser-two"; breaks != (s.Error == "out of paint") || breaks && s.Verdict != store.Unjudged {
			t.Errorf("%s: error %q, verdict %q", s.Call, s.Error, s.Verdict)
		}
		if s.Call == "eraser" && (s.Verdict != store.Fail || s.Quality != 0.3) {
			t.Errorf("eraser was found %s at %v", s.Verdict, s.Quality)
		}
	}
	if want := []string{"sharp", "masker", "eraser", "eraser-two"}; !slices.Equal(calls[:4], want) {
		t.Errorf("the trace holds %v, want it to begin with %v", calls, want)
	}
}

// A trace tells what the request began with, what the subtask did, and whether the person showed the place.
func TestTracesTellWhereTheyBegan(t *testing.T) {
	specs, f := two()
	e := remembering(t, t.TempDir(), specs, f)
	pointed := job(edit.Subtask{Task: "remove", Object: "dog"})
	pointed.Evidence.Boxes = map[string][]edit.Box{"dog": {dogBox}}
	for _, j := range []Job{job(edit.Subtask{Task: "tone"}, edit.Subtask{Task: "remove", Object: "dog", After: []int{1}}), pointed} {
		if _, err := e.Run(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	traces, err := e.Store.Traces(t.Context(), store.Filter{})
	if err != nil || len(traces) != 3 {
		t.Fatalf("%d traces (%v), want 3", len(traces), err)
	}
	first, second, third := traces[0], traces[1], traces[2]
	if first.Origin != first.Picture || second.Origin != first.Origin || second.Picture == first.Picture || third.Origin != first.Origin {
		t.Errorf("began with %.8s, %.8s, %.8s of %.8s, %.8s, %.8s", first.Picture, second.Picture, third.Picture, first.Origin, second.Origin, third.Origin)
	}
	if first.Shown || second.Shown || !third.Shown {
		t.Errorf("shown: %v, %v, %v", first.Shown, second.Shown, third.Shown)
	}
}

// What the judge found is learned: after results that did not pass, the other tool is tried first.
func TestJudgedQualityIsLearned(t *testing.T) {
	dir := t.TempDir()
	specs, f := two()
	for i := range uint8(6) {
		e := remembering(t, dir, specs, f)
		e.Judge = scores(map[string]float64{"eraser": 0.1, "eraser-two": 0.95})
		j := job(edit.Subtask{Task: "remove", Object: "dog"})
		j.Image = filled(j.Image, i)
		f.ran = nil
		if _, err := e.Run(context.Background(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Contains(f.ran, "eraser") {
		t.Errorf("ran %v, although eraser never passed", f.ran)
	}
}

// What has no identity is not remembered: two such pictures would be taken for one.
func TestNoIdentityIsNotRemembered(t *testing.T) {
	specs, f := two()
	e := remembering(t, t.TempDir(), specs, f)
	r := newResults(e, Job{})
	broken := pixel.NewMask(2, 2)
	broken.Pix = broken.Pix[:1]
	for name, in := range map[string]edit.Artifact{"whole": pixel.NewMask(2, 2), "broken": broken} {
		key, lasting := r.key(context.Background(), tools.Request{Spec: &specs[0], Inputs: map[string]edit.Artifact{"mask": in}})
		if known := name == "whole"; lasting != known || (key != "") != known {
			t.Errorf("%s: key %q, lasting %v", name, key, lasting)
		}
	}
}
