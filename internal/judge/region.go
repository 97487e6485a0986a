package judge

import (
	"context"

	"pentimento/internal/pixel"
)

// HiddenInput is a picture of which a part (nil: all) was blurred, pixelated or painted over.
type HiddenInput struct {
	Before, After *pixel.Image
	Mask          *pixel.Mask
	// Most is how much of the detail may be left: 0.3 hides, 0.9 softens. 0 is 0.3.
	Most float64
}

// Hidden checks that detail is gone. Its measures:
//
//	legible  share of the old detail that is still there
//	outside  as in Recolor
func Hidden(ctx context.Context, in HiddenInput) (Verdict, error) {
	t := newTally("hidden")
	if in.Most == 0 {
		in.Most = 0.3
	}
	v, err := openView(ctx, t, in.Before, in.After, in.Mask, 0.05, "what was to be hidden")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	t.add("legible", v.legible(3), in.Most, (in.Most+2)/3+0.15, "%s of the detail can still be made out")
	return t.verdict("the detail is gone"), nil
}

// legible is the regression slope of the detail after on the detail before, inside the
// mask: 1 where all is still there, 0 where none is, or it is other detail.
func (v *view) legible(sigma float64) float64 {
	a, b := detail(v.lightness(v.before), sigma), detail(v.lightness(v.after), sigma)
	var xx, xy float64
	for i := range a.V {
		if v.depth == nil || v.depth[i] >= 2 {
			xx += float64(a.V[i]) * float64(a.V[i])
			xy += float64(a.V[i]) * float64(b.V[i])
		}
	}
	if xx < 1e-9 {
		return 0
	}
	return max(0, xy/xx)
}
