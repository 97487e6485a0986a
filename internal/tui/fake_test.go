package tui_test

import (
	"context"
	"sync"
	"sync/atomic"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/session"
	"pentimento/internal/tui"
	"pentimento/internal/tui/desk"
	"pentimento/internal/tui/picture"
)

// fake is a Desk over a history in memory, whose one tool paints the picture or
// a region of it. Its requests wait for gate where that is not nil.
type fake struct {
	history *desk.Memory
	mu      sync.Mutex
	asks    []tui.Ask
	gate    chan struct{}
	held    atomic.Bool // a request waits at the gate
	skipped bool
	boxes   []edit.Box // candidates to answer with, once
	fail    error
	lesson  chan struct{} // learning waits for it where it is not nil
	lessons atomic.Int32
	theme   string
	model   string
	pulled  string
	rule    string // the subroutine that leads
}

func newFake(w, h int) *fake {
	img := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			img.Set(x, y, uint8(64+100*(2*x/w)), uint8(64+100*(3*y/h)/2), 96, 255)
		}
	}
	return &fake{history: desk.NewMemory("/pictures/street.png", img, imageio.Meta{})}
}

func (f *fake) see(ctx context.Context) tui.Seen {
	head := f.history.Head()
	after, _ := f.history.State(ctx, head)
	s := tui.Seen{After: picture.NewPyramid(after)}
	s.Tree = tui.Tree{Name: "street", File: "/pictures/street.png", Turns: f.history.Turns(), Branches: f.history.Branches(), Head: head, Thumbs: map[session.TurnID]*pixel.Image{}}
	for _, t := range s.Tree.Turns {
		s.Tree.Thumbs[t.ID], _ = f.history.Thumbnail(ctx, t.ID)
	}
	if t, _ := f.history.Turn(head); t.Parent != head {
		before, _ := f.history.State(ctx, t.Parent)
		s.Before = picture.NewPyramid(before)
	}
	s.Regions, _ = f.history.Regions(ctx, head)
	return s
}

func (f *fake) Open(ctx context.Context) (tui.Seen, error) { return f.see(ctx), nil }

func (f *fake) Warm(context.Context) (tui.Ready, error) { return tui.Ready{Device: "cpu"}, nil }

func (f *fake) Edit(ctx context.Context, a tui.Ask, emit func(edit.Event)) (tui.Reply, error) {
	f.mu.Lock()
	f.asks = append(f.asks, a)
	boxes := f.boxes
	f.boxes = nil
	f.mu.Unlock()
	if f.fail != nil {
		return tui.Reply{}, f.fail
	}
	st := edit.Subtask{ID: 1, Task: "object-recoloration", Object: "car", Target: "teal"}
	emit(edit.Event{Type: edit.EventPlanned, Plan: &edit.Plan{Request: a.Request, Subtasks: []edit.Subtask{st}}})
	emit(edit.Event{Type: edit.EventSearched, Subtask: 1, Toolpath: []string{"find", "paint"}, Cost: 2, Quality: 0.9, Subroutine: f.rule})
	emit(edit.Event{Type: edit.EventStepStarted, Subtask: 1, Call: "find"})
	emit(edit.Event{Type: edit.EventStepFinished, Subtask: 1, Call: "find", Seconds: 0.5, Quality: 0.95})
	emit(edit.Event{Type: edit.EventStepStarted, Subtask: 1, Call: "paint"})
	emit(edit.Event{Type: edit.EventProgress, Subtask: 1, Call: "paint", Fraction: 0.5})
	report := edit.SubtaskReport{ID: 1, Task: st.Task, Object: st.Object, Target: st.Target, Status: edit.StatusDone, Quality: 0.9, Via: "search", Toolpath: []string{"find", "paint"}, Seconds: 1.5}
	if f.rule != "" {
		report.Via, report.Subroutine = "subroutine", f.rule
	}
	summary := edit.Summary{Event: "done", Quality: 0.9}
	if f.gate != nil {
		f.held.Store(true)
		defer f.held.Store(false)
		select {
		case <-f.gate:
		case <-ctx.Done():
			report.Status, report.Reason = edit.StatusSkipped, "stopped before it was done"
			summary.Subtasks = []edit.SubtaskReport{report}
			return tui.Reply{Summary: summary}, ctx.Err()
		}
	}
	if len(boxes) > 0 {
		report.Status, report.Result = edit.StatusAmbiguous, map[string]any{"candidates": boxes}
		summary.Subtasks = []edit.SubtaskReport{report}
		return tui.Reply{Summary: summary}, nil
	}
	emit(edit.Event{Type: edit.EventStepFinished, Subtask: 1, Call: "paint", Seconds: 1, Quality: 0.95})
	emit(edit.Event{Type: edit.EventJudged, Subtask: 1, Call: "paint", Quality: 0.95, Passed: true})
	emit(edit.Event{Type: edit.EventCommitted, Subtask: 1, Quality: 0.9, Seconds: 1.5})
	summary.Subtasks = []edit.SubtaskReport{report}
	before, err := f.history.State(ctx, a.At)
	if err != nil {
		return tui.Reply{}, err
	}
	img := before.Clone()
	for y := img.H / 4; y < img.H/2; y++ {
		for x := img.W / 4; x < img.W/2; x++ {
			img.Set(x, y, 0, 128, 128, 255)
		}
	}
	if _, err := f.history.Commit(ctx, a.At, session.Turn{Request: a.Request, Summary: summary}, session.Result{Image: img}); err != nil {
		return tui.Reply{}, err
	}
	seen := f.see(ctx)
	return tui.Reply{Seen: &seen, Summary: summary}, nil
}

func (f *fake) Skip() bool { f.skipped = true; return true }

func (f *fake) Ways(context.Context, tui.Ask) ([]tui.Way, error) {
	return []tui.Way{
		{Seconds: 0.5, Quality: 0.7, Calls: map[int][]string{1: {"guess", "paint"}}},
		{Seconds: 2, Quality: 0.9, Calls: map[int][]string{1: {"find", "paint"}}},
	}, nil
}

func (f *fake) Goto(ctx context.Context, id session.TurnID) (tui.Seen, error) {
	if err := f.history.Goto(ctx, id); err != nil {
		return tui.Seen{}, err
	}
	return f.see(ctx), nil
}

func (f *fake) Branch(ctx context.Context, at session.TurnID, name string) (tui.Tree, error) {
	err := f.history.Branch(ctx, at, name)
	return f.see(ctx).Tree, err
}

func (f *fake) Review(ctx context.Context, id session.TurnID, r session.Review) (tui.Tree, error) {
	err := f.history.Review(ctx, id, r)
	return f.see(ctx).Tree, err
}

func (f *fake) Objects(context.Context, session.TurnID) ([]session.Region, error) {
	return []session.Region{
		{Number: 1, Phrase: "car", Box: edit.Box{X0: 10, Y0: 10, X1: 50, Y1: 40}},
		{Number: 2, Phrase: "dog", Box: edit.Box{X0: 60, Y0: 30, X1: 90, Y1: 70}},
	}, nil
}

func (f *fake) Outline(ctx context.Context, id session.TurnID, r session.Region, points edit.Points) (session.Region, error) {
	img, err := f.history.State(ctx, id)
	if err != nil {
		return r, err
	}
	if len(points) > 0 {
		r.Box = edit.Box{X0: points[0].X - 5, Y0: points[0].Y - 5, X1: points[0].X + 5, Y1: points[0].Y + 5}
	}
	r.Mask = pixel.NewMask(img.W, img.H)
	b := r.Box.Clip(img.W, img.H)
	for y := int(b.Y0); y < int(b.Y1); y++ {
		for x := int(b.X0); x < int(b.X1); x++ {
			r.Mask.Pix[y*img.W+x] = 255
		}
	}
	return r, nil
}

func (f *fake) SetRegions(ctx context.Context, id session.TurnID, regions []session.Region) error {
	return f.history.SetRegions(ctx, id, regions)
}

func (f *fake) Export(_ context.Context, _ session.TurnID, path string) (string, error) {
	if path == "" {
		path = "/pictures/street.edited.png"
	}
	return path, nil
}

func (f *fake) Learn(ctx context.Context) (string, error) {
	f.lessons.Add(1)
	if f.lesson != nil {
		f.held.Store(true)
		defer f.held.Store(false)
		select {
		case <-f.lesson:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "2 toolpaths found that may pay", nil
}

func (f *fake) Settings(context.Context) ([]tui.Setting, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	theme := f.theme
	if theme == "" {
		theme = "auto"
	}
	return []tui.Setting{
		{Key: "llm.model", Value: f.model, Doc: "the model as its server names it"},
		{Key: "tui.theme", Value: theme, Doc: "light or dark", Choices: []string{"auto", "light", "dark"}, Now: true},
	}, nil
}

func (f *fake) Set(ctx context.Context, key, value string) ([]tui.Setting, error) {
	f.mu.Lock()
	if key == "tui.theme" {
		f.theme = value
	} else {
		f.model = value
	}
	f.mu.Unlock()
	return f.Settings(ctx)
}

func (f *fake) TryModel(context.Context) (string, error) { return f.model + " answers: yes", nil }

func (f *fake) Pull(_ context.Context, tool string, progress func(float64)) ([]tui.Tool, error) {
	progress(0.5)
	f.pulled = tool
	return f.Tools(), nil
}

func (f *fake) Watch(ctx context.Context) ([]tui.Tool, string, error) {
	<-ctx.Done()
	return nil, "", ctx.Err()
}

func (f *fake) Tools() []tui.Tool {
	return []tui.Tool{
		{Name: "paint", Title: "Paints", State: "ready"},
		{Name: "find", Title: "Finds", State: map[bool]string{true: "ready", false: "not installed"}[f.pulled == "find"], Reason: "model find.onnx is not installed; install it with: agent models pull find"},
		{Name: "a doc", State: "broken", Reason: "tooldocs/x.md:3: no such kind"},
	}
}
