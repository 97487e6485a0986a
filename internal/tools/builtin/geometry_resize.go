package builtin

import (
	"context"
	"image"
	"math"

	"github.com/disintegration/imaging"

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
	out, err := lanczos(ctx, img, int(w), int(h))
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}

// stripPixels is how many output pixels are resampled between two looks at the context.
const stripPixels = 1 << 21

// lanczos is a Lanczos resize by the imaging library, which weighs colours by
// alpha. The library cannot be cancelled, but its two passes, sideways and then
// upright, each treat lines on their own: so it is given strips, with the same result.
func lanczos(ctx context.Context, img *pixel.Image, w, h int) (*pixel.Image, error) {
	if w == img.W && h == img.H {
		return img.Clone(), ctx.Err()
	}
	mid := &pixel.Image{W: w, H: img.H, HasAlpha: img.HasAlpha}
	if w == img.W {
		mid = img
	} else {
		mid.Pix = make([]uint8, 0, 4*w*img.H)
		for y, step := 0, max(1, stripPixels/w); y < img.H; y += step {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			strip := img.NRGBA().SubImage(image.Rect(0, y, img.W, min(y+step, img.H)))
			mid.Pix = append(mid.Pix, imaging.Resize(strip, w, strip.Bounds().Dy(), imaging.Lanczos).Pix...)
		}
	}
	if h == img.H {
		return mid, ctx.Err()
	}
	out := &pixel.Image{W: w, H: h, Pix: make([]uint8, 4*w*h), HasAlpha: img.HasAlpha}
	for x, step := 0, max(1, stripPixels/h); x < w; x += step {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(step, w-x)
		strip := imaging.Resize(mid.NRGBA().SubImage(image.Rect(x, 0, x+n, img.H)), n, h, imaging.Lanczos)
		for y := range h {
			copy(out.Pix[4*(y*w+x):4*(y*w+x+n)], strip.Pix[y*strip.Stride:])
		}
	}
	return out, ctx.Err()
}
