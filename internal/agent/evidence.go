package agent

import (
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// names reports whether an evidence name ("cup", "the red cup") means the
// object phrase: the same phrase or the same head noun.
func names(name, object string) bool {
	a, b := edit.ParsePhrase(name), edit.ParsePhrase(object)
	return a.Text == b.Text || a.Head != "" && a.Head == b.Head
}

func lookup[T any](m map[string]T, object string) (T, bool) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if names(name, object) {
			return m[name], true
		}
	}
	var zero T
	return zero, false
}

// unused refuses a --box or --point whose name no subtask mentions, so that a
// misspelt name is not a silent fall back to the detector.
func (e Evidence) unused(subtasks []edit.Subtask) error {
	var objects []string
	for _, st := range subtasks {
		for _, o := range append([]string{st.Object, st.Like}, st.Except...) {
			if o != "" && !slices.Contains(objects, o) {
				objects = append(objects, o)
			}
		}
	}
	all := append(slices.Sorted(maps.Keys(e.Boxes)), slices.Sorted(maps.Keys(e.Points))...)
	for _, name := range all {
		if slices.ContainsFunc(objects, func(o string) bool { return names(name, o) }) {
			continue
		}
		err := &edit.UserError{Msg: "no subtask is about " + strings.TrimSpace(name)}
		if len(objects) > 0 {
			err.Hint = "the request names: " + strings.Join(objects, ", ")
		}
		return err
	}
	return nil
}

// hold collects the artifacts a subtask starts with: the picture, the typed
// arguments of the request, and what the person pointed at.
func (r *run) hold(st edit.Subtask) map[string]edit.Artifact {
	held := map[string]edit.Artifact{edit.SlotImage: r.out.Image}
	for name, a := range st.Args {
		held[edit.Slot(name, a.Value.Kind())] = a.Value
	}
	for name, img := range r.job.Evidence.With {
		held[edit.Slot(name, edit.KindImage)] = img
	}
	if st.Object != "" {
		held[edit.SlotObject] = edit.Text(st.Object)
	}
	w, h := r.out.Image.W, r.out.Image.H
	if w != r.job.Image.W || h != r.job.Image.H {
		return held // the picture was resized: boxes and masks of the input no longer fit
	}
	ev := r.job.Evidence
	if m, ok := ev.Objects[st.ID]; ok {
		held[edit.SlotMask] = m
		return held
	}
	if st.Object == "" {
		// A mask shows the object of the plan; where no subtask names any, it shows the region.
		if ev.Mask != nil && !slices.ContainsFunc(r.job.Plan.Subtasks, func(s edit.Subtask) bool { return s.Object != "" }) {
			held[edit.SlotMask] = ev.Mask
		}
		return held
	}
	if boxes, ok := lookup(ev.Boxes, st.Object); ok {
		var clipped []edit.Box
		for _, b := range boxes {
			b = b.Clip(w, h)
			b.Label, b.Score = st.Object, 1
			clipped = append(clipped, b)
		}
		held[edit.SlotBoxes] = edit.Boxes{Picked: clipped}
	}
	if points, ok := lookup(ev.Points, st.Object); ok {
		held[edit.SlotPoints] = points
	}
	if ev.Mask != nil {
		held[edit.SlotMask] = ev.Mask
	}
	return held
}

// pointed reports whether the person showed where the object is.
func pointed(held map[string]edit.Artifact) bool {
	return held[edit.SlotBoxes] != nil || held[edit.SlotPoints] != nil || held[edit.SlotMask] != nil
}

// enforce keeps the promises of a tool that made a picture: where its mask is 0
// the input's samples are copied, and with alpha preserved the input's alpha is.
// The stored samples of a picture that has more than 8-bit sRGB are carried over.
func enforce(spec *edit.ToolSpec, inputs map[string]edit.Artifact, made *pixel.Image) *pixel.Image {
	before := picture(inputs)
	if before == nil {
		return made
	}
	if before.W == made.W && before.H == made.H {
		var mask *pixel.Mask
		if p, ok := spec.MaskInput(); ok && spec.Keeps(edit.PreserveOutsideMask) {
			mask, _ = inputs[p.Name].(*pixel.Mask)
		}
		if keepAlpha := spec.Keeps(edit.PreserveAlpha); mask != nil || keepAlpha {
			made = pixel.Preserve(before, made, mask, keepAlpha)
		}
	}
	return pixel.Carry(before, made)
}

// noteNarrowed remembers a tool that worked at 8 bits on a picture of 16.
func (r *run) noteNarrowed(spec *edit.ToolSpec, inputs map[string]edit.Artifact, made *pixel.Image) {
	before := picture(inputs)
	if before != nil && pixel.Narrowed(before, made) && !slices.Contains(r.narrowed, spec.Name) {
		r.narrowed = append(r.narrowed, spec.Name)
	}
}

// sayNarrowed tells once where a 16-bit picture has less than 16 bits now.
func (r *run) sayNarrowed() {
	if len(r.narrowed) == 0 {
		return
	}
	verb := " works"
	if len(r.narrowed) > 1 {
		verb = " work"
	}
	r.emit(edit.Event{Type: edit.EventNotice, Message: "the picture has 16 bits per sample and " + strings.Join(r.narrowed, ", ") + verb +
		" with 8: what was changed is precise to 8 bits, the rest keeps all 16"})
}

// picture is the picture a tool was given to edit, nil when it takes none.
func picture(inputs map[string]edit.Artifact) *pixel.Image {
	img, _ := inputs[edit.SlotImage].(*pixel.Image)
	return img
}
