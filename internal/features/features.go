// Package features measures what a rule or an estimate may depend on: the
// context of one subtask on the picture as it is now. It is pure. What there is
// no evidence for (no mask, no detections, no reader) is absent, never 0.
//
// The table of features (Defs) documents each: unit, range, the evidence it
// needs and the cuts that part it into buckets. Numbers are meant for
// thresholds, categories for equality and set membership.
//
// Regions are measured on the picture reduced to at most 0.4 megapixels, so
// that a feature means the same at every size and costs the same; noise,
// sharpness and text are sampled at full size, where they live. A 12-megapixel
// picture takes about 0.1 s of one core.
package features

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// textPort is the input port that holds words to write.
const textPort = "text"

// View is a picture as it was measured by itself: what does not depend on a subtask, and is the dearer part.
type View struct {
	of  *pixel.Image
	k   *work
	set Set
}

// Look measures a picture by itself. Nobody may change it as long as the View is used.
func Look(m *pixel.Image) (*View, error) {
	if m == nil || m.W < 1 || m.H < 1 || len(m.Pix) != 4*m.W*m.H {
		return nil, fmt.Errorf("features need a picture")
	}
	v := &View{of: m, k: newWork(m)}
	describePicture(&v.set, m, v.k)
	return v, nil
}

// Input is the evidence at hand.
type Input struct {
	Picture *pixel.Image
	View    *View // of Picture, where it was looked at before; nil: it is looked at now
	Subtask edit.Subtask
	Mask    *pixel.Mask // the object's matte at the picture's size; nil: none
	Boxes   *edit.Boxes // what the phrase means and the others; nil: no detector ran
	// Spans are the pieces of text that the subtask is about; nil: none were
	// looked for, empty: looked for and none there.
	Spans edit.Spans
	// DetectorKnows says whether an installed detector's label list has the head noun; nil: not asked.
	DetectorKnows *bool
	// Told is what a vision model said, by feature; only those of Told count, by words of theirs.
	Told map[string]Value
}

// Of measures the features. It fails only for evidence that does not fit the
// picture, or when ctx ends.
func Of(ctx context.Context, in Input) (Set, error) {
	m, v := in.Picture, in.View
	if v == nil || v.of != m {
		var err error
		if v, err = Look(m); err != nil {
			return Set{}, err
		}
	}
	if in.Mask != nil && (in.Mask.W != m.W || in.Mask.H != m.H) {
		return Set{}, fmt.Errorf("the mask is %d×%d, the picture %d×%d", in.Mask.W, in.Mask.H, m.W, m.H)
	}
	if err := ctx.Err(); err != nil {
		return Set{}, err
	}
	s, k := Set{slices.Clone(v.set.items)}, v.k
	target, asked := targetColor(in.Subtask)
	describeSubtask(&s, in, target, asked)
	if in.Boxes != nil {
		describeBoxes(&s, in.Boxes, m.W, m.H)
	}
	if err := ctx.Err(); err != nil {
		return Set{}, err
	}
	if region := describeObject(&s, in, k, target, asked); region != nil {
		describeTouch(&s, region)
		describeOverlap(&s, in, region)
	}
	if err := ctx.Err(); err != nil {
		return Set{}, err
	}
	if in.Spans != nil {
		describeText(&s, in)
	}
	for _, d := range Told() {
		if v, ok := in.Told[d.Name]; ok && d.Has(v) {
			s.put(d.Name, v)
		}
	}
	return s, ctx.Err()
}

// describeObject puts what is measured on and around the object, and returns
// its region at working size: the mask, else the picked boxes, else nil.
func describeObject(s *Set, in Input, k *work, target pixel.Lab, asked bool) *pixel.Mask {
	if in.Mask == nil {
		if in.Boxes == nil {
			return nil
		}
		fx, fy := float64(k.w)/float64(in.Picture.W), float64(k.h)/float64(in.Picture.H)
		scaled := make([]edit.Box, len(in.Boxes.Picked))
		for i, b := range in.Boxes.Picked {
			b = b.Clip(in.Picture.W, in.Picture.H)
			scaled[i] = edit.Box{X0: b.X0 * fx, Y0: b.Y0 * fy, X1: b.X1 * fx, Y1: b.Y1 * fy}
		}
		region := boxMask(k.w, k.h, scaled)
		if region.Empty() {
			return nil
		}
		describeAround(s, k, region)
		return region
	}
	region := reduceMask(in.Mask, k.w, k.h)
	describeShape(s, in.Mask, region)
	if region.Count(pixel.Half) == 0 {
		return nil
	}
	paint, painted := describePaint(s, k, region)
	if painted && asked {
		describeChange(s, paint, target)
	}
	if ground, ok := describeAround(s, k, region); ok && painted {
		s.num("object-contrast", paint.Dist(ground))
	}
	return region
}

// targetColor is the first colour among the subtask's arguments, by name.
func targetColor(t edit.Subtask) (pixel.Lab, bool) {
	for _, name := range slices.Sorted(maps.Keys(t.Args)) {
		if c, ok := t.Args[name].Value.(edit.Color); ok {
			return pixel.LabOf(c), true
		}
	}
	return pixel.Lab{}, false
}

// describeSubtask puts what the words of the subtask say.
func describeSubtask(s *Set, in Input, target pixel.Lab, asked bool) {
	t := in.Subtask
	if t.Object != "" {
		p := edit.ParsePhrase(t.Object)
		s.cat("object-word", p.Head)
		s.yes("object-all", p.All)
		if !p.All {
			s.num("object-asked", float64(max(1, p.Count)))
		}
	}
	if asked {
		s.cat("target-color", ColorName(target))
	} else if t.Target != "" {
		s.cat("target-word", edit.ParsePhrase(t.Target).Head)
	}
	s.yes("has-except", len(t.Except) > 0)
	s.yes("has-region", t.Region != "")
	if in.DetectorKnows != nil {
		s.yes("detector-knows", *in.DetectorKnows)
	}
}
