package builtin

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	"pentimento/internal/tools/paint"
)

// opRecolor gives the masked object's dominant paint the target colour.
// Inputs: image, mask, color. Output: image, equal to the input where the mask is 0.
func opRecolor(ctx context.Context, req tools.Request) (tools.Response, error) {
	return recolorBy(ctx, req, paint.Recolor)
}

// opRecolorPanel does the same for a flat surface, all of which is of one
// paint. Inputs and output are opRecolor's.
func opRecolorPanel(ctx context.Context, req tools.Request) (tools.Response, error) {
	return recolorBy(ctx, req, paint.Surface)
}

func recolorBy(ctx context.Context, req tools.Request, by func(context.Context, *pixel.Image, *pixel.Mask, pixel.Lab) (*pixel.Image, error)) (tools.Response, error) {
	img, mask, err := pictureAndMask(req)
	if err != nil {
		return tools.Response{}, err
	}
	color, err := tools.Input[edit.Color](req, "color")
	if err != nil {
		return tools.Response{}, err
	}
	out, err := by(ctx, img, mask, pixel.LabOf(color))
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}
