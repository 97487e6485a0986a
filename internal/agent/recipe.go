package agent

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
)

// turn records an edit. In a replay it is the recorded turn with what was
// found now: the picture, the device, the program.
func (w *writing) turn(ctx context.Context, out *Outcome) (recipe.Turn, error) {
	t := recipe.Turn{
		Request: w.plan.Request, Planner: w.plan.Planner,
		Alpha: w.job.Alpha, Threshold: w.job.Threshold, Seed: w.job.Seed,
		Evidence: w.shown(),
	}
	if r := w.job.replay; r != nil {
		t = *r
	} else {
		steps, err := w.steps(ctx, out)
		if err != nil {
			return recipe.Turn{}, err
		}
		t.Steps = steps
	}
	t.Program = "pentimento " + w.Options.Version
	t.Device = out.Summary.Device
	t.Input = pictureID(w.input)
	t.Output = recipe.Output{Format: string(w.job.format()), Quality: w.job.Quality}
	return t, nil
}

// shown is what the person pointed at, nil when nothing.
func (w *writing) shown() *recipe.Evidence {
	ev := w.evidence
	if len(ev.Boxes)+len(ev.Points)+len(ev.With)+len(ev.Objects)+len(ev.Beside) == 0 && ev.Mask == nil {
		return nil
	}
	e := &recipe.Evidence{Boxes: ev.Boxes, Points: ev.Points}
	if ev.Mask != nil {
		id := maskID(ev.Mask)
		e.Mask = &id
	}
	for n, m := range ev.Objects {
		if e.Masks == nil {
			e.Masks = make(map[int]recipe.Picture)
		}
		e.Masks[n] = maskID(m)
	}
	for n, masks := range ev.Beside {
		for phrase, m := range masks {
			if e.Beside == nil {
				e.Beside = make(map[int]map[string]recipe.Picture)
			}
			if e.Beside[n] == nil {
				e.Beside[n] = make(map[string]recipe.Picture)
			}
			e.Beside[n][phrase] = maskID(m)
		}
	}
	for name, m := range ev.With {
		if e.With == nil {
			e.With = make(map[string]recipe.Picture)
		}
		e.With[name] = pictureID(m)
	}
	return e
}

func (w *writing) steps(ctx context.Context, out *Outcome) ([]recipe.Step, error) {
	status := make(map[int]edit.Status)
	for _, s := range out.Summary.Subtasks {
		status[s.ID] = s.Status
	}
	steps := make([]recipe.Step, len(w.plan.Subtasks))
	for i, st := range w.plan.Subtasks {
		steps[i] = recipe.Step{Subtask: st, Status: status[st.ID]}
		if !w.completed(st, status[st.ID], out.Trails[st.ID]) {
			continue
		}
		for _, trail := range out.Trails[st.ID] {
			calls, err := w.calls(ctx, trail.Calls)
			if err != nil {
				return nil, err
			}
			asked, err := w.calls(ctx, trail.Asked)
			if err != nil {
				return nil, err
			}
			steps[i].Toolpaths = append(steps[i].Toolpaths, recipe.Toolpath{Calls: calls, Asked: asked})
		}
	}
	return steps, nil
}

// completed reports whether a subtask was done by a toolpath, rather than by there being nothing to do.
func (w *writing) completed(st edit.Subtask, s edit.Status, trails []*Trail) bool {
	if s != edit.StatusDone || len(trails) == 0 || len(trails[0].Calls) == 0 {
		return false
	}
	last := w.Engine.spec(trails[0].Calls[len(trails[0].Calls)-1].Tool)
	if last == nil {
		return false
	}
	_, ok := last.Claim(st.Task)
	return ok && last.Runtime.LLM == nil // what a model said once it may not say again, and it changed nothing
}

// calls records calls with the digests of their tools and models.
func (w *writing) calls(ctx context.Context, calls []edit.Call) ([]recipe.Call, error) {
	var out []recipe.Call
	for _, c := range calls {
		spec := w.Engine.spec(c.Tool)
		if spec == nil {
			return nil, fmt.Errorf("the tool %s ran and has no doc", c.Tool)
		}
		models, err := w.modelSums(ctx, spec)
		if err != nil {
			return nil, err
		}
		out = append(out, recipe.Call{Tool: c.Tool, Variant: c.Variant, Params: c.Params, Digest: spec.Digest, Models: models})
	}
	return out, nil
}

// modelSums are the sha256 of the model files that a tool runs with here, by part.
func (k *Kit) modelSums(ctx context.Context, spec *edit.ToolSpec) ([]string, error) {
	if spec.Runtime.ONNX == nil {
		return nil, nil
	}
	var sums []string
	for _, part := range spec.Runtime.ONNX.Models {
		_, src, err := k.Store.LocateContext(ctx, part)
		if err != nil {
			return nil, err
		}
		sums = append(sums, src.SHA256)
	}
	return sums, nil
}

// source is how the picture came to be by this edit: the weightiest of what its steps did to the pixels.
func (w *writing) source(out *Outcome) recipe.Source {
	var s recipe.Source
	for _, st := range w.plan.Subtasks {
		trails := out.Trails[st.ID]
		if len(trails) == 0 || len(trails[0].Calls) == 0 {
			continue
		}
		spec := w.Engine.spec(trails[0].Calls[len(trails[0].Calls)-1].Tool)
		if spec == nil {
			continue
		}
		if _, makes := spec.Output(edit.SlotImage); makes {
			s = s.Heavier(sourceOf(spec, st))
		}
	}
	return s
}

// sourceOf is what a tool that made a picture makes of it. Only models are trained; they
// count where they made the pixels, not where they only found an object.
func sourceOf(spec *edit.ToolSpec, st edit.Subtask) recipe.Source {
	_, masked := spec.MaskInput()
	second := slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return p.Kind == edit.KindImage && p.Name != edit.SlotImage })
	switch {
	case spec.Runtime.ONNX != nil:
		return recipe.Trained
	case masked && second:
		return recipe.Composite
	case masked || st.Object != "" || len(st.Except) > 0:
		return recipe.Human
	}
	return recipe.Enhanced
}

// pictureID tells a picture by its samples: those stored where they have more
// than 8 bits or a colour space of their own, else the 8-bit ones; rows from the top, RGBA.
func pictureID(m *pixel.Image) recipe.Picture {
	id := recipe.Picture{Width: m.W, Height: m.H}
	h := sha256.New()
	if m.Deep == nil {
		h.Write(m.Pix)
	} else {
		row := make([]byte, 0, 8*m.W)
		for y := range m.H {
			row = row[:0]
			for _, v := range m.Deep.Pix[4*y*m.W : 4*(y+1)*m.W] {
				row = binary.BigEndian.AppendUint16(row, v)
			}
			h.Write(row)
		}
	}
	id.SHA256 = hex.EncodeToString(h.Sum(nil))
	return id
}

func maskID(m *pixel.Mask) recipe.Picture {
	sum := sha256.Sum256(m.Pix)
	return recipe.Picture{Width: m.W, Height: m.H, SHA256: hex.EncodeToString(sum[:])}
}

// plural is "1 tool", "2 tools".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
