package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// segOps are the operations that make masks: regions by colour, GrabCut from
// several kinds of evidence, and the foreground of a picture.
var segOps = map[string]opFunc{}

const (
	defaultSmooth = 12.0
	defaultColor  = 1.0
	defaultRounds = 4
)

// segment separates the target at a scale of at most pixels for its
// surroundings and carries the result to full size.
func (t *target) segment(ctx context.Context, img *pixel.Image, pixels int, opt cutOptions) (*pixel.Mask, error) {
	crop := surroundings(t.picked, img.W, img.H)
	if crop.Empty() {
		return pixel.NewMask(img.W, img.H), nil
	}
	w, h := crop.Dx(), crop.Dy()
	if s := math.Sqrt(float64(pixels) / (float64(w) * float64(h))); s < 1 {
		w, h = max(1, int(float64(w)*s)), max(1, int(float64(h)*s))
	}
	fr := newFrame(img, crop, w, h)
	ev, err := gather(ctx, img, fr, t)
	if err != nil {
		return nil, err
	}
	label, m, err := grabCut(ctx, fr, ev, opt)
	if err != nil {
		return nil, err
	}
	if label, err = carryUp(ctx, img, fr, ev, label, m, opt); err != nil {
		return nil, err
	}
	return matte(img, fr, label), nil
}
