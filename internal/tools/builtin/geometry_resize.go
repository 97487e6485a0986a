package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// opResize resamples the picture. Inputs: image; width, height and side (the
// longer one) in pixels, percent of the size, each 0 where not said. One side
// alone keeps the shape; width and height give exactly that size. Output: image.
func opResize(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, v, err := imageAndNumbers(req, "width", "height", "side", "percent")
	if err != nil {
		return tools.Response{}, err
	}
	w, h := float64(img.W), float64(img.H)
	switch width, height, side, percent := v[0], v[1], v[2], v[3]; {
	case width > 0 && height > 0:
		w, h = width, height
	case width > 0:
		w, h = width, h*width/w
	case height > 0:
		w, h = w*height/h, height
	case side > 0:
		w, h = w*side/max(w, h), h*side/max(w, h)
	case percent > 0:
		w, h = w*percent/100, h*percent/100
	default:
		return tools.Response{}, &edit.UserError{
			Msg:  "resize to what size?",
			Hint: `say a size: "resize to 800 pixels wide", "resize to 50%", "resize to 800x600"`,
		}
	}
	return resizeTo(ctx, req, img, w, h)
}

// opUpscale enlarges the picture scale times. Inputs: image, scale. Output: image.
func opUpscale(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, v, err := imageAndNumbers(req, "scale")
	if err != nil {
		return tools.Response{}, err
	}
	return resizeTo(ctx, req, img, float64(img.W)*v[0], float64(img.H)*v[0])
}

func resizeTo(ctx context.Context, req tools.Request, img *pixel.Image, w, h float64) (tools.Response, error) {
	w, h = max(1, math.Round(w)), max(1, math.Round(h))
	if err := checkOutput(req, w, h); err != nil {
		return tools.Response{}, err
	}
	out, err := pixel.ResizeContext(ctx, img, int(w), int(h), pixel.Lanczos)
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}
