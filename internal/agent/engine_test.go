package agent

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// fakeRunner answers each tool by a function and records what ran.
type fakeRunner struct {
	do      map[string]func(tools.Request) (tools.Response, error)
	missing map[string]string // tool -> command that installs it
	ran     []string
}

func (f *fakeRunner) Available(spec *edit.ToolSpec) error {
	if cmd, ok := f.missing[spec.Name]; ok {
		return &tools.UnavailableError{Tool: spec.Name, Reason: "its model is not installed", Command: cmd}
	}
	return nil
}

func (f *fakeRunner) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	return tools.Guard(ctx, req, func(context.Context) (tools.Response, error) {
		f.ran = append(f.ran, req.Spec.Name)
		return f.do[req.Spec.Name](req)
	})
}

func out(kv ...any) (tools.Response, error) {
	r := tools.Response{Outputs: map[string]edit.Artifact{}, Quality: math.NaN()}
	for i := 0; i < len(kv); i += 2 {
		r.Outputs[kv[i].(string)] = kv[i+1].(edit.Artifact)
	}
	return r, nil
}

func port(name string, kind edit.Kind) edit.Port { return edit.Port{Name: name, Kind: kind} }

var (
	labels     = edit.NewLabels([]string{"cat", "dog"}, map[string][]string{"cat": {"kitten"}}, nil)
	dogBox     = edit.Box{X0: 2, Y0: 2, X1: 6, Y1: 6, Label: "dog", Score: 0.9}
	imagePort  = port("image", edit.KindImage)
	objectPort = port("object", edit.KindText)
)

func detector(name string, quality float64) edit.ToolSpec {
	return edit.ToolSpec{
		Name: name, Quality: quality, Tasks: []edit.TaskClaim{{Task: "find", Quality: quality}},
		Inputs: []edit.Port{imagePort, objectPort}, Outputs: []edit.Port{port("boxes", edit.KindBoxes)},
		Accepts: map[string]edit.Accept{"object": {Labels: labels}}, Cost: edit.Cost{Seconds: 0.02}, Runtime: edit.Runtime{Kind: "fake"},
	}
}

// world is a small tool set: two detectors, a masker, an eraser that breaks its
// promise outside the mask, and a whole-picture tool.
func world() ([]edit.ToolSpec, *fakeRunner) {
	lo, hi, def := 0.0, 1.0, 0.5
	specs := []edit.ToolSpec{
		{
			Name: "brighten", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "tone", Quality: 0.9}},
			Inputs:  []edit.Port{port("amount", edit.KindNumber), imagePort},
			Outputs: []edit.Port{imagePort}, Cost: edit.Cost{Seconds: 0.01}, Runtime: edit.Runtime{Kind: "fake"},
			Accepts: map[string]edit.Accept{"amount": {Min: &lo, Max: &hi, Default: &def}},
		},
		{
			Name: "eraser", Quality: 0.9, Tasks: []edit.TaskClaim{{Task: "remove", Quality: 0.9}},
			Inputs:  []edit.Port{imagePort, port("mask", edit.KindMask)},
			Outputs: []edit.Port{imagePort}, Preserves: []edit.Preserve{edit.PreserveSize, edit.PreserveAlpha, edit.PreserveOutsideMask},
			Cost: edit.Cost{Seconds: 0.1}, Runtime: edit.Runtime{Kind: "fake"},
		},
		{
			Name: "masker", Quality: 0.9, Inputs: []edit.Port{port("boxes", edit.KindBoxes), imagePort},
			Outputs: []edit.Port{port("mask", edit.KindMask)}, Cost: edit.Cost{Seconds: 0.1}, Runtime: edit.Runtime{Kind: "fake"},
		},
		detector("sharp", 0.9), detector("weak", 0.6),
	}
	found := func(tools.Request) (tools.Response, error) {
		return out("boxes", edit.Boxes{Picked: []edit.Box{dogBox}})
	}
	f := &fakeRunner{missing: map[string]string{}, do: map[string]func(tools.Request) (tools.Response, error){
		"brighten": func(r tools.Request) (tools.Response, error) {
			return out("image", filled(r.Inputs["image"].(*pixel.Image), 200))
		},
		"eraser": func(r tools.Request) (tools.Response, error) {
			return out("image", filled(r.Inputs["image"].(*pixel.Image), 9))
		},
		"masker": func(r tools.Request) (tools.Response, error) {
			m := pixel.NewMask(8, 8)
			b := r.Inputs["boxes"].(edit.Boxes).Picked[0]
			for y := int(b.Y0); y < int(b.Y1); y++ {
				for x := int(b.X0); x < int(b.X1); x++ {
					m.Pix[8*y+x] = 255
				}
			}
			return out("mask", m)
		},
		"sharp": found, "weak": found,
	}}
	return specs, f
}

func filled(img *pixel.Image, v uint8) *pixel.Image {
	c := img.Clone()
	for i := range c.Pix {
		c.Pix[i] = v
	}
	return c
}

func engine(specs []edit.ToolSpec, f *fakeRunner) *Engine {
	return &Engine{Specs: specs, Runners: map[string]tools.Runner{"fake": f}, Now: func() time.Time { return time.Unix(0, 0) }}
}

func job(subtasks ...edit.Subtask) Job {
	for i := range subtasks {
		subtasks[i].ID = i + 1
	}
	return Job{Image: pixel.NewImage(8, 8), Plan: edit.Plan{Subtasks: subtasks}, Alpha: 1, Threshold: 0.8}
}

func TestRunEditsInsideTheMaskOnly(t *testing.T) {
	specs, f := world()
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"sharp", "masker", "eraser"}; !slices.Equal(f.ran, want) {
		t.Fatalf("ran %v, want %v", f.ran, want)
	}
	for i := range 64 {
		x, y := i%8, i/8
		inside := x >= 2 && x < 6 && y >= 2 && y < 6
		r, _, _, a := got.Image.At(x, y)
		if inside && r != 9 || !inside && r != 0 || a != 255 {
			t.Fatalf("pixel %d,%d is %d (alpha %d) after the eraser wrote 9 everywhere", x, y, r, a)
		}
	}
	if got.Mask == nil || got.Mask.Count(128) != 16 || !got.Edited {
		t.Errorf("outcome = edited %v, mask %v", got.Edited, got.Mask)
	}
	s := got.Summary
	if s.ToolRuns != 3 || s.Subtasks[0].Status != edit.StatusDone || math.Abs(s.Quality-0.9*0.9*0.9) > 1e-9 {
		t.Errorf("summary = %+v", s)
	}
}

func TestRunOutcomes(t *testing.T) {
	notFound := func(tools.Request) (tools.Response, error) {
		return tools.Response{}, &edit.NotFoundError{Phrase: "dog"}
	}
	elsewhere := func(tools.Request) (tools.Response, error) {
		return out("boxes", edit.Boxes{Picked: []edit.Box{{X0: 6, Y0: 6, X1: 8, Y1: 8, Label: "dog", Score: 0.5}}})
	}
	ambiguous := func(tools.Request) (tools.Response, error) {
		return tools.Response{}, &edit.AmbiguousError{Phrase: "dog", Candidates: []edit.Box{dogBox, {X0: 6, X1: 8, Y1: 2, Label: "dog"}}}
	}
	for name, tc := range map[string]struct {
		change func(*fakeRunner)
		task   edit.Subtask
		job    func(*Job)
		status edit.Status
		reason string
		ran    []string
	}{
		"the most precise detector sees none: a weak one is not asked": {
			change: func(f *fakeRunner) { f.do["sharp"] = notFound },
			task:   edit.Subtask{Task: "remove", Object: "dog"}, status: edit.StatusNotFound, reason: "dog not found", ran: []string{"sharp"},
		},
		"a weak detector alone is not believed": {
			change: func(f *fakeRunner) { f.missing["sharp"] = "pull sharp" },
			task:   edit.Subtask{Task: "remove", Object: "dog"}, status: edit.StatusNotFound, ran: []string{"weak"},
		},
		"two that fit a singular phrase are both listed": {
			change: func(f *fakeRunner) { f.do["sharp"] = ambiguous },
			task:   edit.Subtask{Task: "remove", Object: "dog"}, status: edit.StatusAmbiguous, reason: "6,0,8,2", ran: []string{"sharp"},
		},
		"detectors that disagree find nothing": {
			change: func(f *fakeRunner) {
				f.do["weak"] = elsewhere
				f.missing["sharp"] = "pull sharp"
			},
			task: edit.Subtask{Task: "find", Object: "dog"}, status: edit.StatusNotFound, ran: []string{"weak"},
		},
		"a word that an absent tool knows names its command": {
			change: func(f *fakeRunner) { f.missing["sharp"], f.missing["weak"] = "pull sharp", "pull weak" },
			task:   edit.Subtask{Task: "remove", Object: "the kitten"}, status: edit.StatusNoTool, reason: "no installed tool finds \"kitten\"; install one with: pull sharp",
		},
		"a word that nobody knows": {
			task: edit.Subtask{Task: "remove", Object: "wall"}, status: edit.StatusNoTool, reason: `--box "wall=x0,y0,x1,y1"`,
		},
		"a whole-picture tool does not serve an object": {
			task: edit.Subtask{Task: "tone", Object: "dog"}, status: edit.StatusNoTool, reason: "works on the whole picture",
		},
		"a number out of range": {
			task:   edit.Subtask{Task: "tone", Args: map[string]edit.Arg{"amount": {Value: edit.Number(7)}}},
			status: edit.StatusNoTool, reason: "takes amount from 0 to 1, not 7",
		},
		"the default fills a number": {task: edit.Subtask{Task: "tone"}, status: edit.StatusDone, ran: []string{"brighten"}},
		"a task that no doc claims":  {task: edit.Subtask{Task: "juggle"}, status: edit.StatusNoTool, reason: `"juggle"`},
		"a box that was shown needs no detector": {
			task: edit.Subtask{Task: "remove", Object: "the wall"}, status: edit.StatusDone, ran: []string{"masker", "eraser"},
			job: func(j *Job) { j.Evidence.Boxes = map[string][]edit.Box{"wall": {dogBox}} },
		},
		"a mask that was shown needs neither": {
			task: edit.Subtask{Task: "remove", Object: "the wall"}, status: edit.StatusDone, ran: []string{"eraser"},
			job: func(j *Job) { j.Evidence.Mask = pixel.FullMask(8, 8) },
		},
		"a broken tool is ruled out and the reason told": {
			change: func(f *fakeRunner) {
				f.do["masker"] = func(tools.Request) (tools.Response, error) { return out("mask", pixel.NewMask(3, 3)) }
			},
			task: edit.Subtask{Task: "remove", Object: "dog"}, status: edit.StatusFailed, reason: "3×3", ran: []string{"sharp", "masker", "weak", "masker"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			specs, f := world()
			if tc.change != nil {
				tc.change(f)
			}
			j := job(tc.task)
			if tc.job != nil {
				tc.job(&j)
			}
			got, err := engine(specs, f).Run(context.Background(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := got.Summary.Subtasks[0]
			if r.Status != tc.status || !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("ended as %s: %q; want %s: %q", r.Status, r.Reason, tc.status, tc.reason)
			}
			if !slices.Equal(f.ran, tc.ran) {
				t.Errorf("ran %v, want %v", f.ran, tc.ran)
			}
			if r.Status != edit.StatusDone && got.Edited {
				t.Error("the picture was edited")
			}
		})
	}
}

func TestIndependentSubtasksFinish(t *testing.T) {
	specs, f := world()
	j := job(
		edit.Subtask{Task: "remove", Object: "giraffe"},
		edit.Subtask{Task: "remove", Object: "dog"},
		edit.Subtask{Task: "tone", After: []int{1}},
	)
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	var status []edit.Status
	for _, r := range got.Summary.Subtasks {
		status = append(status, r.Status)
	}
	if want := []edit.Status{edit.StatusNoTool, edit.StatusDone, edit.StatusSkipped}; !slices.Equal(status, want) {
		t.Errorf("statuses %v, want %v", status, want)
	}
	if !got.Edited {
		t.Error("what succeeded is lost")
	}
}

func TestRunRefusesBrokenPlans(t *testing.T) {
	specs, f := world()
	for name, plan := range map[string][]edit.Subtask{
		"empty":   nil,
		"cycle":   {{ID: 1, Task: "tone", After: []int{2}}, {ID: 2, Task: "tone", After: []int{1}}},
		"unknown": {{ID: 1, Task: "tone", After: []int{9}}},
		"twice":   {{ID: 1, Task: "tone"}, {ID: 1, Task: "tone"}},
	} {
		if _, err := engine(specs, f).Run(context.Background(), Job{Image: pixel.NewImage(8, 8), Plan: edit.Plan{Subtasks: plan}}, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	j := job(edit.Subtask{Task: "tone"})
	j.Evidence.Boxes = map[string][]edit.Box{"doog": {dogBox}}
	if _, err := engine(specs, f).Run(context.Background(), j, nil); err == nil || !strings.Contains(err.Error(), "doog") {
		t.Errorf("a --box that no subtask names: %v", err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	specs, f := world()
	ctx, cancel := context.WithCancel(context.Background())
	f.do["sharp"] = func(tools.Request) (tools.Response, error) {
		cancel()
		return tools.Response{}, ctx.Err()
	}
	_, err := engine(specs, f).Run(ctx, job(edit.Subtask{Task: "remove", Object: "dog"}), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want a cancelled context", err)
	}
}

func TestDryRunRunsNothing(t *testing.T) {
	specs, f := world()
	j := job(edit.Subtask{Task: "remove", Object: "dog"})
	j.DryRun = true
	got, err := engine(specs, f).Run(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := got.Summary.Subtasks[0]
	if len(f.ran) != 0 || r.Status != edit.StatusPlanned || !slices.Equal(r.Toolpath, []string{"sharp", "masker", "eraser"}) {
		t.Errorf("ran %v, report %+v", f.ran, r)
	}
}

func TestEventsTellTheStory(t *testing.T) {
	specs, f := world()
	var types []edit.EventType
	_, err := engine(specs, f).Run(context.Background(), job(edit.Subtask{Task: "tone"}), func(e edit.Event) { types = append(types, e.Type) })
	want := []edit.EventType{edit.EventPlanned, edit.EventSearched, edit.EventStepStarted, edit.EventStepFinished, edit.EventCommitted}
	if err != nil || !slices.Equal(types, want) {
		t.Errorf("events %v (%v), want %v", types, err, want)
	}
}
