package builtin

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// opBackgroundRemoval makes what is not foreground transparent. At the soft
// border the background's share is taken out of the colour, so that the cut-out
// shows no fringe on another ground; where nothing is left the colour is
// black, so that the removed part cannot be brought back. Inputs: image,
// foreground. Output: image with alpha.
func opBackgroundRemoval(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, fg, err := pictureAndForeground(req)
	if err != nil {
		return tools.Response{}, err
	}
	front, err := pixel.ForegroundColors(ctx, img, fg)
	if err != nil {
		return tools.Response{}, err
	}
	out := pixel.CutOut(front, fg)
	out.HasAlpha = true
	for i, m := range fg.Pix {
		if m == 0 {
			clear(out.Pix[4*i : 4*i+3])
		}
	}
	return imageResponse(out), ctx.Err()
}

func pictureAndForeground(req tools.Request) (*pixel.Image, *pixel.Mask, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return nil, nil, err
	}
	fg, err := tools.Input[*pixel.Mask](req, "foreground")
	if err != nil {
		return nil, nil, err
	}
	if fg.Empty() {
		return nil, nil, &edit.UserError{
			Msg:  "no foreground was found, so there is nothing to keep",
			Hint: "name the subject, or give --mask or --box",
		}
	}
	return img, fg, nil
}
