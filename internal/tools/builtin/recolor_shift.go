package builtin

import (
	"context"

	"pentimento/internal/tools"
	"pentimento/internal/tools/paint"
)

// opColorShift makes the masked object's paint darker, lighter, paler or
// stronger, redder or greener, yellower or bluer. Inputs: image, mask,
// lightness, chroma, redness and yellowness in [-1,1]. Output: image, equal to
// the input where the mask is 0.
func opColorShift(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, mask, err := pictureAndMask(req)
	if err != nil {
		return tools.Response{}, err
	}
	var by paint.Change
	for name, to := range map[string]*float64{"lightness": &by.Lightness, "chroma": &by.Chroma, "redness": &by.Redness, "yellowness": &by.Yellowness} {
		if *to, err = numberIn(req, name, 0); err != nil {
			return tools.Response{}, err
		}
	}
	out, err := paint.Shift(ctx, img, mask, by)
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}
