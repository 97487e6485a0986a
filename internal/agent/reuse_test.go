package agent

import (
	"context"
	"slices"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// yard is a world of 64×64 pictures: a detector that sees a cat and a dog apart,
// a survey of the whole picture, a masker that takes both, a painter and a tool that adds.
// It reports which state of the picture each call was given.
type yard struct {
	boxes map[string][]edit.Box // by head noun
	saw   []string
}

const (
	originalGrey = 100
	painted      = 7
)

func (y *yard) engine() *Engine {
	image, object, boxes, mask, classes := imagePort, objectPort, port("boxes", edit.KindBoxes), port("mask", edit.KindMask), port("classes", edit.KindClasses)
	tool := func(name, task string, in []edit.Port, out ...edit.Port) edit.ToolSpec {
		s := edit.ToolSpec{Name: name, Quality: 0.9, Inputs: in, Outputs: out, Cost: edit.Cost{Seconds: 0.1}, Runtime: edit.Runtime{Kind: "fake"}, Deterministic: true}
		if task != "" {
			s.Tasks = []edit.TaskClaim{{Task: task, Quality: 0.9}}
		}
		return s
	}
	add := tool("adder", "add", []edit.Port{image, mask, port("thing", edit.KindText)}, image)
	find := tool("finder", "find", []edit.Port{image, object}, boxes)
	find.Accepts = map[string]edit.Accept{"object": {Labels: labels}}
	painter := tool("painter", "paint", []edit.Port{image, mask}, image)
	for _, s := range []*edit.ToolSpec{&add, &painter} {
		s.Preserves = []edit.Preserve{edit.PreserveSize, edit.PreserveAlpha, edit.PreserveOutsideMask}
	}
	f := &fakeRunner{do: map[string]func(tools.Request) (tools.Response, error){
		"adder": y.paint, "painter": y.paint, "finder": y.find, "masker": y.outline,
		"survey": func(r tools.Request) (tools.Response, error) {
			y.note(r)
			return out("classes", &pixel.Classes{W: 64, H: 64})
		},
	}}
	return engine([]edit.ToolSpec{add, find, tool("masker", "", []edit.Port{image, boxes, classes}, mask), painter, tool("survey", "", []edit.Port{image}, classes)}, f)
}

// note enters which state of the picture a call was given.
func (y *yard) note(r tools.Request) {
	img, state := r.Inputs["image"].(*pixel.Image), " original"
	if slices.Contains(img.Pix, painted) {
		state = " edited"
	}
	y.saw = append(y.saw, r.Spec.Name+state)
}

func (y *yard) find(r tools.Request) (tools.Response, error) {
	y.note(r)
	phrase := edit.ParsePhrase(string(r.Inputs["object"].(edit.Text)))
	var all []edit.Box
	for _, list := range []string{"cat", "dog"} {
		all = append(all, y.boxes[list]...)
	}
	b, err := tools.Pick(r.Inputs["image"].(*pixel.Image), all, labels, phrase, "finder")
	if err != nil {
		return tools.Response{}, err
	}
	return out("boxes", b)
}

func (y *yard) outline(r tools.Request) (tools.Response, error) {
	y.note(r)
	m := pixel.NewMask(64, 64)
	for _, b := range r.Inputs["boxes"].(edit.Boxes).Picked {
		for yy := int(b.Y0); yy < int(b.Y1); yy++ {
			for xx := int(b.X0); xx < int(b.X1); xx++ {
				m.Pix[64*yy+xx] = 255
			}
		}
	}
	return out("mask", m)
}

func (y *yard) paint(r tools.Request) (tools.Response, error) {
	return out("image", filled(r.Inputs["image"].(*pixel.Image), painted))
}

func square(label string, x, y, side float64) edit.Box {
	return edit.Box{X0: x, Y0: y, X1: x + side, Y1: y + side, Label: label, Score: 0.9}
}

// TestLookingBack: what an earlier subtask's tools saw serves the next object
// where nothing changed in or near it, and not where it might mislead.
func TestLookingBack(t *testing.T) {
	cat, dog := square("cat", 4, 4, 10), square("dog", 44, 44, 10)
	apart := map[string][]edit.Box{"cat": {cat}, "dog": {dog}}
	twoCats := map[string][]edit.Box{"cat": {cat, square("cat", 44, 4, 10)}, "dog": {dog}}
	first := []string{"finder original", "survey original", "masker original"}
	back := []string{"finder original", "masker original"} // the survey is at hand
	again := []string{"finder edited", "survey edited", "masker edited"}
	for name, c := range map[string]struct {
		boxes  map[string][]edit.Box
		task   string
		object string // of the second subtask
		want   []string
	}{
		"apart":                   {apart, "paint", "dog", back},
		"the same object":         {apart, "paint", "cat", append([]string{"finder original"}, again...)},
		"several are meant":       {apart, "paint", "all dogs", again},
		"after something new":     {apart, "add", "dog", again},
		"beside what changed":     {map[string][]edit.Box{"cat": {cat}, "dog": {square("dog", 16, 4, 20)}}, "paint", "dog", append([]string{"finder original"}, again...)},
		"one of its kind changed": {twoCats, "paint", "cat on the right", append([]string{"finder original"}, again...)},
	} {
		t.Run(name, func(t *testing.T) {
			y := &yard{boxes: c.boxes}
			one := edit.Subtask{ID: 1, Task: c.task, Object: "cat on the left"}
			if c.task == "add" {
				one.Args = map[string]edit.Arg{"thing": {Value: edit.Text("a bird")}}
			}
			two := edit.Subtask{ID: 2, Task: "paint", Object: c.object}
			img := filled(pixel.NewImage(64, 64), originalGrey)
			j := Job{Image: img, Plan: edit.Plan{Subtasks: []edit.Subtask{one, two}}, Alpha: 1, Threshold: 0.8}
			got, err := y.engine().Run(context.Background(), j, nil)
			if err != nil || got.Summary.Subtasks[0].Status != edit.StatusDone || got.Summary.Subtasks[1].Status != edit.StatusDone {
				t.Fatalf("%v %+v", err, got.Summary.Subtasks)
			}
			if !slices.Equal(y.saw[:3], first) || !sameCalls(y.saw[3:], c.want) {
				t.Errorf("the calls saw %v, want %v", y.saw[3:], c.want)
			}
			replayed(t, y, j, got)
		})
	}
}

func sameCalls(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// replayed runs the trails of an edit again, with nothing remembered: the calls
// look at the same pictures and make the same one.
func replayed(t *testing.T, first *yard, j Job, was Outcome) {
	t.Helper()
	j.Pinned = make(map[int][]Trail)
	for id, trails := range was.Trails {
		for _, tr := range trails {
			j.Pinned[id] = append(j.Pinned[id], *tr)
		}
	}
	y := &yard{boxes: first.boxes}
	got, err := y.engine().Run(context.Background(), j, nil)
	if err != nil || !slices.Equal(got.Image.Pix, was.Image.Pix) {
		t.Errorf("a replay makes another picture, %v", err)
	}
	if !sameCalls(y.saw, first.saw) {
		t.Errorf("in a replay the calls saw %v, and %v before", y.saw, first.saw)
	}
}

// TestTouched: the check of pixels is exact to the margin around a box.
func TestTouched(t *testing.T) {
	before := pixel.NewImage(64, 64)
	b := square("", 20, 20, 20) // the margin is 8
	for name, c := range map[string]struct {
		x, y int
		want bool
	}{
		"inside": {30, 30, true}, "in the margin": {12, 30, true}, "left of it": {11, 30, false}, "the last row": {30, 47, true}, "below it": {30, 48, false},
		"the far corner": {63, 63, false},
	} {
		after := before.Clone()
		after.Pix[4*(64*c.y+c.x)+2] = 1
		if touched(before, after, b) != c.want {
			t.Errorf("%s: a changed pixel at %d,%d: touched is %v", name, c.x, c.y, !c.want)
		}
	}
	if touched(before, before.Clone(), square("", -30, 90, 5)) {
		t.Error("a box outside the picture is touched")
	}
}
