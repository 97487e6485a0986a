package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools/paint"
)

// This file composes what a subtask may change from the objects it names:
// those it is about, those it leaves alone (Except), and the one whose colour
// it takes (Like). Where the tool works on the whole picture, its result is
// kept inside that region.

// prepare finds the objects that a subtask names beside its own, before its
// own search begins: what is to stay as it is, and whose colour is the target.
// An object to be left alone that cannot be found fails the subtask, whatever
// else is named: an edit that may run over it is worse than none.
func (x *execution) prepare(ctx context.Context) error {
	for _, phrase := range x.st.Except {
		m, err := x.find(ctx, phrase)
		if err != nil {
			return fmt.Errorf("%s, which is to stay as it is, cannot be made out: %w", the(phrase), err)
		}
		if x.kept == nil {
			x.kept = m
		} else if !x.job.DryRun {
			x.kept = pixel.Union(x.kept, m)
		}
	}
	if x.st.Like != "" {
		if err := x.takeColor(ctx); err != nil {
			return err
		}
	}
	if x.kept == nil {
		return nil
	}
	x.held[slotExcept] = x.kept
	shown, given := x.held[edit.SlotMask].(*pixel.Mask)
	switch {
	case x.job.DryRun:
	case given:
		x.held[edit.SlotMask] = pixel.Subtract(shown, x.kept)
	case x.st.Object == "":
		x.held[edit.SlotMask] = pixel.Invert(x.kept)
	}
	if x.job.DryRun && x.st.Object == "" {
		x.held[edit.SlotMask] = x.kept // a search looks at what is held, not into it
	}
	return nil
}

// slotExcept is the mask of what is to stay as it is, for tools that look for
// the object elsewhere.
var slotExcept = edit.Slot("except", edit.KindMask)

// takeColor measures the paint of the object that the subtask's object is to
// look like, and holds it as the target colour.
func (x *execution) takeColor(ctx context.Context) error {
	m, err := x.find(ctx, x.st.Like)
	if err != nil {
		return fmt.Errorf("%s, whose colour is wanted, cannot be made out: %w", the(x.st.Like), err)
	}
	color := edit.Color{}
	if !x.job.DryRun {
		stats, err := paint.Measure(ctx, x.out.Image, m)
		if err != nil {
			return err
		}
		if !stats.Found {
			return &edit.UserError{Msg: the(x.st.Like) + " shows no paint to take the colour of", Hint: "name the colour instead"}
		}
		color = stats.Mean().Color()
		x.note("%s is %s", the(x.st.Like), color)
		x.target = fmt.Sprintf("%s, like %s", color, the(x.st.Like))
	}
	for i := range x.Specs {
		if !x.completes(&x.Specs[i]) {
			continue
		}
		for _, p := range x.Specs[i].Inputs {
			if p.Kind == edit.KindColor {
				x.held[p.Slot()] = color
			}
		}
	}
	return nil
}

// find outlines an object on the picture as it is now, by a search of its own
// under the same rules as the subtask's. What an earlier subtask outlined under the same
// name, and did not remove, is taken as it was.
func (x *execution) find(ctx context.Context, phrase string) (*pixel.Mask, error) {
	if m, ok := x.known(phrase); ok {
		return m, nil
	}
	st := edit.Subtask{ID: x.st.ID, Object: phrase}
	f := x.newExecution(st, x.holdNamed(st))
	f.finding = true
	err := f.complete(ctx)
	x.found = append(x.found, edit.Found{Object: phrase, Toolpath: f.path})
	x.seconds, x.wasted, x.beside = x.seconds+f.seconds, x.wasted+f.wasted, slices.Concat(x.beside, f.steps)
	if err != nil {
		return nil, err
	}
	x.foundQuality *= f.quality
	if x.job.DryRun {
		return &pixel.Mask{}, nil
	}
	m, ok := f.held[edit.SlotMask].(*pixel.Mask)
	if !ok || m.Empty() {
		return nil, &edit.NotFoundError{Phrase: phrase, By: f.path}
	}
	return m, nil
}

// known is the outline of an object that the person numbered, or that an earlier subtask of this run made.
func (x *execution) known(phrase string) (*pixel.Mask, bool) {
	m, ok := x.job.Evidence.Beside[x.st.ID][phrase]
	if !ok {
		m, ok = x.outlines[edit.ParsePhrase(phrase).Text]
	}
	if !ok || m.W != x.out.Image.W || m.H != x.out.Image.H {
		return nil, false
	}
	return m, true
}

// slotHole is the mask of what a tool paints over: the object is gone afterwards.
var slotHole = edit.Slot("hole", edit.KindMask)

// remember keeps the outline of a finished subtask's object for the subtasks
// after it, and forgets it when the object was removed.
func (r *run) remember(x *execution) {
	name := edit.ParsePhrase(x.st.Object).Text
	m, ok := x.held[edit.SlotMask].(*pixel.Mask)
	if name == "" || !ok {
		return
	}
	delete(r.outlines, name)
	if _, removed := x.held[slotHole]; !removed && len(x.st.Except) == 0 && !x.reshaped {
		r.outlines[name] = m
	}
}

// completes reports whether running a tool completes the execution: it claims
// the task, or makes the outline that is looked for.
func (x *execution) completes(spec *edit.ToolSpec) bool {
	if x.finding {
		return slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return p.Slot() == edit.SlotMask })
	}
	_, ok := spec.Claim(x.st.Task)
	return ok
}

// limited reports whether the subtask is about a part of the picture.
func (x *execution) limited() bool {
	return x.st.Object != "" || x.kept != nil || x.base[edit.SlotMask] != nil
}

// inside reports whether a tool's result is to be kept inside the region by the
// engine: it would complete a subtask about a part, and works on the whole picture.
func (x *execution) inside(spec *edit.ToolSpec) bool {
	return x.limited() && x.completes(spec) && movesNothing(spec)
}

// movesNothing reports whether a tool turns the whole picture into one of the same
// size and shape, so that its result can be kept inside a region: it takes no
// mask and no place of its own, and promises size and alpha.
func movesNothing(spec *edit.ToolSpec) bool {
	for _, p := range spec.Inputs {
		switch {
		case p.Kind == edit.KindMask, p.Kind == edit.KindBoxes, p.Kind == edit.KindPoints, p.Kind == edit.KindSpans, p.Slot() == edit.SlotObject:
			return false
		}
	}
	return edits(spec) && spec.Keeps(edit.PreserveSize) && spec.Keeps(edit.PreserveAlpha)
}

// edits reports whether a tool takes the picture and makes a new one.
func edits(spec *edit.ToolSpec) bool {
	_, takes := spec.Input(edit.SlotImage)
	_, makes := spec.Output(edit.SlotImage)
	return takes && makes
}

// makesMask reports whether a tool makes the object's outline.
func makesMask(spec *edit.ToolSpec) bool {
	return slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return p.Slot() == edit.SlotMask })
}

// confine settles for every tool that would complete the subtask how it keeps
// to the region: it needs the object itself, or the engine keeps its result
// inside the object's outline, or its own mask is made from the object. Others
// are refused, since a part is asked for and they would edit all of it.
func (x *execution) confine(specs []edit.ToolSpec, refused map[string]error) []edit.ToolSpec {
	if !x.limited() {
		return specs
	}
	anyway := x.reachableWithoutObject(specs)
	own := make(map[string]bool) // slots of masks that must come from the object
	for i := range specs {
		spec := &specs[i]
		if !x.completes(spec) {
			continue
		}
		whole := !slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return !anyway[p.Slot()] && !x.defaulted(spec, p) })
		mask, masked := spec.MaskInput()
		switch {
		case x.kept != nil && !makesMask(spec) && (!edits(spec) || !spec.Keeps(edit.PreserveSize)):
			refused[spec.Name] = fmt.Errorf("%s works on the whole picture and cannot leave %s out", spec.Name, x.excepted())
		case !whole:
		case movesNothing(spec): // the search gives it the outline to need
		case x.st.Object == "":
		case masked && mask.Slot() != edit.SlotMask:
			own[mask.Slot()] = true
		default:
			refused[spec.Name] = fmt.Errorf("%s works on the whole picture, not on one object", spec.Name)
		}
	}
	return slices.DeleteFunc(specs, func(spec edit.ToolSpec) bool {
		if refused[spec.Name] != nil {
			return true
		}
		makes := slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return own[p.Slot()] })
		free := !slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return !anyway[p.Slot()] && !x.defaulted(&spec, p) })
		return makes && free
	})
}

// limit is the region outside of which the picture stays as it was after a
// tool, nil where the tool's own mask already sees to it.
func (x *execution) limit(spec *edit.ToolSpec) *pixel.Mask {
	if !x.completes(spec) {
		return nil
	}
	var region *pixel.Mask
	if x.inside(spec) {
		region, _ = x.held[edit.SlotMask].(*pixel.Mask)
	}
	if p, ok := spec.MaskInput(); x.kept == nil || region != nil || ok && p.Slot() == edit.SlotMask && spec.Keeps(edit.PreserveOutsideMask) {
		return region // the outline leaves out what is to be kept
	}
	return pixel.Invert(x.kept)
}

// within lays what a tool made over the picture it was given, through a region:
// soft at its border, sample for sample the old picture outside it.
func within(before, made *pixel.Image, region *pixel.Mask) *pixel.Image {
	if before == nil || before.W != made.W || before.H != made.H || region.W != made.W || region.H != made.H {
		return made
	}
	out := pixel.Composite(before, made, region)
	out.Deep = nil // the engine carries the stored samples over, unless the tool made its own
	if d := made.Deep; d != nil && before.Deep != nil && d != before.Deep && d.Bits == before.Deep.Bits && len(d.Pix) == len(before.Deep.Pix) {
		out.Deep = mixDeep(before.Deep, d, region)
	}
	return out
}

// mixDeep is within for the stored samples: straight alpha, weighted by it.
func mixDeep(before, made *pixel.Deep, region *pixel.Mask) *pixel.Deep {
	out := &pixel.Deep{Pix: slices.Clone(before.Pix), Bits: before.Bits, Space: before.Space}
	for i, v := range region.Pix {
		d, s := out.Pix[4*i:4*i+4], made.Pix[4*i:4*i+4]
		switch v {
		case 0:
			continue
		case 255:
			copy(d, s)
			continue
		}
		ws, wd := uint64(v)*uint64(s[3]), (255-uint64(v))*uint64(d[3])
		total := ws + wd
		if total == 0 {
			continue
		}
		for c := range 3 {
			d[c] = uint16((uint64(s[c])*ws + uint64(d[c])*wd + total/2) / total)
		}
		d[3] = uint16((total + 127) / 255)
	}
	return out
}

// leaveOut takes what is to stay as it is out of an outline that was just made.
func (x *execution) leaveOut(made map[string]edit.Artifact) error {
	m, ok := made[edit.SlotMask].(*pixel.Mask)
	if !ok || x.kept == nil {
		return nil
	}
	rest := pixel.Subtract(m, x.kept)
	if rest.Count(pixel.Half) == 0 {
		return &edit.UserError{Msg: fmt.Sprintf("nothing is left of %s without %s", the(x.st.Object), x.excepted())}
	}
	made[edit.SlotMask] = rest
	return nil
}

// tellRegion says what of the picture may change, where the chosen tool itself
// does not tell: it works on all of the picture.
func (x *execution) tellRegion(path []astar.Op) {
	x.region = ""
	if x.finding || len(path) == 0 {
		return
	}
	spec := x.spec(path[len(path)-1].Call.Tool)
	switch {
	case x.st.Object != "" && x.inside(spec):
		x.region = the(x.st.Object)
	case x.inside(spec) && len(x.st.Except) == 0:
		x.region = "the mask that was given"
	case x.st.Object == "" && len(x.st.Except) > 0:
		x.region = "all of the picture"
	case len(x.st.Except) == 0:
		return
	default:
		x.region = the(x.st.Object)
	}
	if len(x.st.Except) > 0 {
		x.region += " without " + x.excepted()
	}
	why := ""
	if x.inside(spec) {
		why = spec.Name + " works on the whole picture, and only part of its result is taken; "
	}
	x.note("%swhat may change: %s", why, x.region)
}

// forgive turns "not found" into nothing to do, where the request says that there may be none.
func (x *execution) forgive(err error) (reason string, ok bool) {
	var nf *edit.NotFoundError
	if !x.st.Optional || !errors.As(err, &nf) {
		return "", false
	}
	return err.Error() + ": there is nothing to do", true
}

func (x *execution) note(format string, args ...any) {
	x.emit(edit.Event{Type: edit.EventNotice, Subtask: x.st.ID, Message: fmt.Sprintf(format, args...)})
}

func (x *execution) excepted() string {
	list := make([]string, len(x.st.Except))
	for i, e := range x.st.Except {
		list[i] = the(e)
	}
	return strings.Join(list, " and ")
}

// the puts an article before an object phrase for a message.
func the(phrase string) string {
	if p := edit.ParsePhrase(phrase); p.All && !p.Plural || strings.HasPrefix(strings.ToLower(phrase), "the ") {
		return phrase
	}
	return "the " + phrase
}

// holdNamed is what the search for a named object starts with: the picture and
// what the person pointed at under that name. A mask is the subtask's own object's.
func (r *run) holdNamed(st edit.Subtask) map[string]edit.Artifact {
	held := r.hold(st)
	if r.job.Evidence.Mask != nil {
		delete(held, edit.SlotMask)
	}
	return maps.Clone(held)
}
