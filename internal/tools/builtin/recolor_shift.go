package builtin

import (
	"context"

	"pentimento/internal/tools"
	"pentimento/internal/tools/paint"
)

// opColorShift makes the masked object's paint darker, lighter, paler or
// stronger. Inputs: image, mask, lightness and chroma in [-1,1]. Output:
// image, equal to the input where the mask is 0.
func opColorShift(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, mask, err := pictureAndMask(req)
	if err != nil {
		return tools.Response{}, err
	}
	lightness, err := numberIn(req, "lightness", 0)
	if err != nil {
		return tools.Response{}, err
	}
	chroma, err := numberIn(req, "chroma", 0)
	if err != nil {
		return tools.Response{}, err
	}
	out, err := paint.Shift(ctx, img, mask, lightness, chroma)
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}
