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
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	mask, err := tools.Input[*pixel.Mask](req, "mask")
	if err != nil {
		return tools.Response{}, err
	}
	color, err := tools.Input[edit.Color](req, "color")
	if err != nil {
		return tools.Response{}, err
	}
	out, err := paint.Recolor(ctx, img, mask, pixel.LabOf(color))
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}
