package judge

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Judge holds the tools that checks may use, each as a function. Any may be nil:
// what it would have measured is then left out and said.
type Judge struct {
	// Detect looks for a phrase: whether a removed object is still found.
	Detect Detector
	// Second is another detector than the one that made a step's boxes.
	Second Detector
	// Read reads the picture's text.
	Read Reader
	// Segment outlines the object in a box: the stability of a mask.
	Segment func(ctx context.Context, img *pixel.Image, box edit.Box) (*pixel.Mask, error)
}

// Step is one call's result with what it was made from.
type Step struct {
	Task      string // the subtask's type
	Completes bool   // the call completes the subtask; else it prepares
	Spec      *edit.ToolSpec
	Before    *pixel.Image // the picture the call was given
	// After is the new picture; nil: the image among Outputs, if there is one.
	After  *pixel.Image
	Object string // the object phrase
	Target string // what it becomes, as written
	// Args are the request's typed values by input-port name.
	Args map[string]edit.Artifact
	// Inputs and Outputs are what the call took and made, by slot.
	Inputs, Outputs map[string]edit.Artifact
}

// Step judges one step. A completing call is checked by its task type, a
// preparing one by what it made; what no check is known for gets the generic
// one. It returns an error only when ctx ends or a function of the judge fails.
func (j Judge) Step(ctx context.Context, s Step) (Verdict, error) {
	if s.After == nil {
		s.After, _ = s.Outputs[edit.SlotImage].(*pixel.Image)
	}
	if s.Completes && s.After != nil && s.Before != nil {
		if check, ok := byTask[s.Task]; ok {
			return check(ctx, j, s)
		}
		return Generic(ctx, s.Spec, s.Before, s.After, s.mask())
	}
	return j.outputs(ctx, s)
}

// outputs checks every output by its kind; the worst verdict counts.
func (j Judge) outputs(ctx context.Context, s Step) (Verdict, error) {
	var worst *Verdict
	for _, slot := range sortedSlots(s.Outputs) {
		v, err := j.output(ctx, s, slot, s.Outputs[slot])
		if err != nil {
			return Verdict{}, err
		}
		if worst == nil || v.Score < worst.Score {
			worst = &v
		}
	}
	if worst == nil {
		t := newTally("generic")
		t.fail("the call made nothing")
		return t.verdict(""), nil
	}
	return *worst, nil
}

func (j Judge) output(ctx context.Context, s Step, slot string, a edit.Artifact) (Verdict, error) {
	w, h := s.size()
	switch a := a.(type) {
	case *pixel.Image:
		if s.Before == nil {
			return Generic(ctx, s.Spec, a, a, nil)
		}
		return Generic(ctx, s.Spec, s.Before, a, s.mask())
	case *pixel.Mask:
		return j.maskOutput(ctx, s, slot, a)
	case edit.Boxes:
		return j.boxesOutput(ctx, s, a)
	case edit.Spans:
		return TextSpans(w, h, a), nil
	case edit.Points:
		return Clicks(w, h, a), nil
	case edit.Text:
		return Words(a), nil
	case edit.Number:
		return Value(a), nil
	case *pixel.Depth:
		return DepthMap(s.Before, a), nil
	case *pixel.Classes:
		return ClassMap(a.W, a.H, a), nil
	}
	t := newTally("generic")
	t.skip("whether it is right")
	return t.verdict("the call made a " + string(a.Kind())), nil
}

func (j Judge) boxesOutput(ctx context.Context, s Step, b edit.Boxes) (Verdict, error) {
	w, h := s.size()
	in := DetectInput{Width: w, Height: h, Boxes: b}
	if s.Spec != nil && s.Spec.Runtime.ONNX != nil {
		in.Precision = s.Spec.Runtime.ONNX.Decode.Precision
	}
	if j.Second != nil && s.Object != "" && s.Before != nil {
		found, ok, err := look(ctx, j.Second, s.Before, s.Object)
		if err != nil {
			return Verdict{}, err
		}
		if !ok {
			found = edit.Boxes{}
		}
		in.Second = &found
	}
	return Detect(in), nil
}

// maskOutput tells outlines of things from masks that cover places: those made
// from text, and those made for another role than an object's outline.
func (j Judge) maskOutput(ctx context.Context, s Step, slot string, m *pixel.Mask) (Verdict, error) {
	for _, k := range sortedSlots(s.Inputs) {
		if spans, ok := s.Inputs[k].(edit.Spans); ok {
			return Place(m, nil, spans), nil
		}
	}
	var from *pixel.Mask
	for _, k := range sortedSlots(s.Inputs) {
		if f, ok := s.Inputs[k].(*pixel.Mask); ok {
			from = f
		}
	}
	if slot != edit.SlotMask || s.Before == nil || m.W != s.Before.W || m.H != s.Before.H {
		return Place(m, from, nil), nil
	}
	in := SegmentInput{Image: s.Before, Mask: m, Whole: s.Spec != nil && len(s.Spec.Tasks) == 0}
	boxes, ok := s.Inputs[edit.SlotBoxes].(edit.Boxes)
	if !ok { // stuff and colours have no one outline whose edges could be looked for
		return Place(m, nil, nil), nil
	}
	in.Boxes, in.Part = boxes.Picked, s.ofPart(boxes.Picked)
	if j.Segment != nil && len(in.Boxes) == 1 {
		other, err := j.Segment(ctx, s.Before, perturbed(in.Boxes[0]).Clip(m.W, m.H))
		if err != nil {
			return Verdict{}, err
		}
		if other != nil && other.W == m.W && other.H == m.H {
			in.Perturbed = other
		}
	}
	return Segment(ctx, in)
}

// perturbed is the box moved and grown by a few percent: as uncertain as detectors' boxes are.
func perturbed(b edit.Box) edit.Box {
	dx, dy := 0.03*b.W(), 0.03*b.H()
	b.X0, b.X1, b.Y0, b.Y1 = b.X0-dx, b.X1+2*dx, b.Y0-2*dy, b.Y1+dy
	return b
}

func (s Step) size() (w, h int) {
	if s.Before != nil {
		return s.Before.W, s.Before.H
	}
	for _, a := range s.Outputs {
		switch a := a.(type) {
		case *pixel.Mask:
			return a.W, a.H
		case *pixel.Classes:
			return a.W, a.H
		case *pixel.Depth:
			return a.W, a.H
		}
	}
	return 0, 0
}

// mask is the mask the call worked with, or nil: its only one, or the object's.
func (s Step) mask() *pixel.Mask {
	if s.Spec != nil {
		if p, ok := s.Spec.MaskInput(); ok {
			if m, ok := s.Inputs[p.Slot()].(*pixel.Mask); ok {
				return m
			}
		}
	}
	if m, ok := s.Inputs[edit.SlotMask].(*pixel.Mask); ok {
		return m
	}
	for _, k := range sortedSlots(s.Inputs) {
		if m, ok := s.Inputs[k].(*pixel.Mask); ok {
			return m
		}
	}
	return nil
}

// boxes are the object's boxes among the inputs.
func (s Step) boxes() []edit.Box {
	b, _ := s.Inputs[edit.SlotBoxes].(edit.Boxes)
	return b.Picked
}

// number is a number the call was given, or the doc's default, or def.
func (s Step) number(name string, def float64) float64 {
	if n, ok := s.Inputs[edit.Slot(name, edit.KindNumber)].(edit.Number); ok {
		return float64(n)
	}
	if n, ok := s.Args[name].(edit.Number); ok {
		return float64(n)
	}
	if s.Spec != nil {
		if d := s.Spec.Accepts[name].Default; d != nil {
			return *d
		}
	}
	return def
}

func (s Step) color() (pixel.Lab, bool) {
	if c, ok := s.Inputs[edit.SlotColor].(edit.Color); ok {
		return pixel.LabOf(c), true
	}
	if c, ok := s.Args["color"].(edit.Color); ok {
		return pixel.LabOf(c), true
	}
	if c, ok := edit.ParseColor(s.Target); ok {
		return pixel.LabOf(c), true
	}
	return pixel.Lab{}, false
}

func (s Step) text() string {
	if t, ok := s.Inputs[edit.SlotText].(edit.Text); ok {
		return string(t)
	}
	if t, ok := s.Args["text"].(edit.Text); ok {
		return string(t)
	}
	return s.Target
}

// ofPart reports whether a tool that outlines what it has words for was given
// boxes of something else, which its object is a part of: the laptop of a screen.
func (s *Step) ofPart(boxes []edit.Box) bool {
	if s.Spec == nil || len(boxes) == 0 {
		return false
	}
	labels := s.Spec.Accepts["object"].Labels
	if labels == nil {
		return false
	}
	object, known := labels.Find(edit.ParsePhrase(s.Object).Head)
	box, same := labels.Find(edit.ParsePhrase(boxes[0].Label).Head)
	return known && (!same || box != object)
}
