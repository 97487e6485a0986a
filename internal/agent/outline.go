package agent

import (
	"fmt"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// This file changes the outline of what a subtask edits as the request asks,
// before the tool that edits it runs: grown, shrunk, feathered.

// settleOutline finds which mask of a path is the one to be reshaped: the object's
// where there is one, else the one that the completing tool itself takes.
func (x *execution) settleOutline(path []astar.Op) error {
	how := x.st.Reshaped()
	if how == "" || len(path) == 0 {
		return nil
	}
	last := x.spec(path[len(path)-1].Call.Tool)
	_, ofObject := x.held[edit.SlotMask]
	for _, op := range path {
		ofObject = ofObject || makesMask(x.spec(op.Call.Tool))
	}
	slot := edit.SlotMask
	if p, ok := last.MaskInput(); !ofObject && ok {
		slot = p.Slot()
	} else if !ofObject {
		return &edit.UserError{
			Msg:  fmt.Sprintf("%s works on all of the picture here, so that nothing has an outline to be %s", last.Name, how),
			Hint: "name an object, or show a place with --mask",
		}
	}
	if x.outlineSlot == "" {
		x.note("the outline of %s is %s", x.outlined(), how)
	}
	x.outlineSlot = slot
	return nil
}

// outlined is whose outline is reshaped, in words.
func (x *execution) outlined() string {
	switch {
	case x.st.Object != "":
		return the(x.st.Object)
	case x.outlineSlot == "" && len(x.st.Except) > 0:
		return "all without " + x.excepted()
	}
	return "what is edited"
}

// reshapeHeld reshapes the mask that was held before any tool ran: the one that
// was shown, or all but what is to stay. It does so once.
func (x *execution) reshapeHeld() error {
	m, ok := x.held[x.outlineSlot].(*pixel.Mask)
	if !ok || x.outlineSlot == "" || x.reshaped {
		return nil
	}
	made := map[string]edit.Artifact{x.outlineSlot: m}
	if err := x.reshape(made); err != nil {
		return err
	}
	if err := x.leaveOut(made); err != nil {
		return err
	}
	x.held[x.outlineSlot] = made[x.outlineSlot]
	return nil
}

// reshape changes the outline that was just made. Its soft border lies on both
// sides of it, but wholly outside of what is to stay where that alone bounds it.
func (x *execution) reshape(made map[string]edit.Artifact) error {
	m, ok := made[x.outlineSlot].(*pixel.Mask)
	if !ok || x.outlineSlot == "" {
		return nil
	}
	grow := x.st.Grow
	if x.kept != nil && x.st.Object == "" {
		grow -= x.st.Feather
	}
	rest := feathered(grown(m, grow), x.st.Feather)
	if rest.Count(pixel.Half) == 0 {
		return &edit.UserError{
			Msg:  fmt.Sprintf("nothing is left of %s when its outline is %s", x.outlined(), x.st.Reshaped()),
			Hint: "use fewer pixels",
		}
	}
	made[x.outlineSlot], x.reshaped = rest, true
	return nil
}

// grown moves the border of a matte outwards by px pixels, inwards where px is negative.
func grown(m *pixel.Mask, px float64) *pixel.Mask {
	switch {
	case px > 0:
		return widened(m, px)
	case px < 0:
		return pixel.Invert(widened(pixel.Invert(m), -px))
	}
	return m
}

// widened covers each pixel by its share that lies within px pixels of the inside;
// what the matte itself covers stays.
func widened(m *pixel.Mask, px float64) *pixel.Mask {
	out := m.Clone()
	for i, d := range pixel.Distance(m, pixel.Half).V {
		share := min(max(px+1-float64(d), 0), 1)
		out.Pix[i] = max(out.Pix[i], uint8(255*share+0.5))
	}
	return out
}

// feathered spreads the border of a matte over px pixels on each side: a Gaussian
// whose two sigma they are, which is 2 % and 98 % there.
func feathered(m *pixel.Mask, px float64) *pixel.Mask { return pixel.Feather(m, px/2) }
