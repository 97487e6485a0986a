package judge

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Generic checks what holds for any tool that makes a picture: the promises of its doc
// (size, alpha, outside-mask), that something changed, and that something is left to
// see. Its measures: changed, outside, alive.
func Generic(ctx context.Context, spec *edit.ToolSpec, before, after *pixel.Image, mask *pixel.Mask) (Verdict, error) {
	t := newTally("generic")
	t.skip("whether it is what was asked")
	if spec != nil && spec.Keeps(edit.PreserveSize) && !sameSize(before, after) {
		t.fail("the tool promised to keep the picture's size and did not")
		return t.verdict(""), nil
	}
	v, err := newView(ctx, after, nil, nil, 0)
	if err != nil {
		return Verdict{}, err
	}
	was, err := newView(ctx, before, nil, nil, 0)
	if err != nil {
		return Verdict{}, err
	}
	t.add("alive", ratio(v.quantity(v.before, Contrast), was.quantity(was.before, Contrast), 0.005), 0.3, 0.05, "the picture became flat")
	if !sameSize(before, after) {
		return t.verdict("the picture changed and kept what the tool promised"), nil
	}
	if spec != nil && mask != nil && !mask.Empty() && spec.Keeps(edit.PreserveOutsideMask) {
		outside, err := outsideChanged(ctx, before, after, mask)
		if err != nil {
			return Verdict{}, err
		}
		t.add("outside", outside, 0, 0.08, "the picture changed outside the mask")
	}
	changed := 0
	for i := 0; i < len(before.Pix); i += 4 {
		if [4]byte(before.Pix[i:]) != [4]byte(after.Pix[i:]) {
			changed++
		}
	}
	share := float64(changed) / float64(len(before.Pix)/4)
	if changed == 0 {
		t.fail("nothing changed")
	}
	t.note("changed", share)
	return t.verdict("the picture changed and kept what the tool promised"), nil
}
