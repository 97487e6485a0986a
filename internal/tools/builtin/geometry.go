package builtin

import (
	"context"
	"fmt"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// maxOutput is the greatest picture, in pixels, that a change of size may make.
const maxOutput = 200_000_000

// checkOutput refuses sizes that no picture should have.
func checkOutput(req tools.Request, w, h float64) error {
	if !(w >= 1 && h >= 1 && w*h <= maxOutput) {
		return &edit.UserError{
			Msg:  fmt.Sprintf("tool %s would make a picture of %.0f×%.0f pixels", req.Spec.Name, w, h),
			Hint: fmt.Sprintf("each side is at least 1, and the whole at most %d megapixels", maxOutput/1_000_000),
		}
	}
	return nil
}

// imageAndNumbers reads the picture and number ports, 0 where the doc has no such port.
func imageAndNumbers(req tools.Request, names ...string) (*pixel.Image, []float64, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return nil, nil, err
	}
	v := make([]float64, len(names))
	for i, name := range names {
		if v[i], err = numberIn(req, name, 0); err != nil {
			return nil, nil, err
		}
	}
	return img, v, nil
}

// opCrop cuts a centred part out of the picture. Inputs: image; width and
// height in pixels, 0 where not said; ratio, width over height, 0 where not
// said. A side larger than the picture's is the picture's. Output: image.
func opCrop(_ context.Context, req tools.Request) (tools.Response, error) {
	img, v, err := imageAndNumbers(req, "width", "height", "ratio")
	if err != nil {
		return tools.Response{}, err
	}
	width, height, ratio := v[0], v[1], v[2]
	if width <= 0 && height <= 0 && ratio <= 0 {
		return tools.Response{}, &edit.UserError{
			Msg:  "crop to what size?",
			Hint: `say a size or a shape: "crop to 800x600", "crop to a square", "crop to 16:9"`,
		}
	}
	w, h := cropSize(float64(img.W), float64(img.H), width, height, ratio)
	x0, y0 := (img.W-w)/2, (img.H-h)/2
	return imageResponse(pixel.Crop(img, image.Rect(x0, y0, x0+w, y0+h))), nil
}

// cropSize is the size of the part to keep of a w×h picture.
func cropSize(w, h, width, height, ratio float64) (cw, ch int) {
	cw, ch = int(w), int(h)
	if ratio > 0 {
		cw, ch = int(math.Round(min(w, h*ratio))), int(math.Round(min(h, w/ratio)))
	}
	if width > 0 {
		cw = int(math.Round(min(w, width)))
		if ratio > 0 && height <= 0 {
			ch = int(math.Round(min(h, width/ratio)))
		}
	}
	if height > 0 {
		ch = int(math.Round(min(h, height)))
		if ratio > 0 && width <= 0 {
			cw = int(math.Round(min(w, height*ratio)))
		}
	}
	return max(cw, 1), max(ch, 1)
}

// opCropToBoxes cuts the picture down to the picked boxes with a margin around
// them (parameter margin, a share of their longer side). Inputs: image, boxes. Output: image.
func opCropToBoxes(_ context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	boxes, err := tools.Input[edit.Boxes](req, "boxes")
	if err != nil {
		return tools.Response{}, err
	}
	margin, err := paramIn(req, "margin", 0.05, 0, 2)
	if err != nil {
		return tools.Response{}, err
	}
	all := edit.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, b := range boxes.Picked {
		b = b.Clip(img.W, img.H)
		all.X0, all.X1 = min(all.X0, b.X0), max(all.X1, b.X1)
		all.Y0, all.Y1 = min(all.Y0, b.Y0), max(all.Y1, b.Y1)
	}
	if all.Area() == 0 {
		return tools.Response{}, &edit.UserError{Msg: "there is no object to crop to", Hint: "name one that is in the picture, or give --box"}
	}
	m := margin * max(all.W(), all.H())
	r := image.Rect(int(all.X0-m), int(all.Y0-m), int(math.Ceil(all.X1+m)), int(math.Ceil(all.Y1+m)))
	return imageResponse(pixel.Crop(img, r)), nil
}

// opFlip mirrors the picture: left and right with axis 0, top and bottom with
// axis 1. Inputs: image, axis. Output: image.
func opFlip(_ context.Context, req tools.Request) (tools.Response, error) {
	img, v, err := imageAndNumbers(req, "axis")
	if err != nil {
		return tools.Response{}, err
	}
	if v[0] >= 0.5 {
		return imageResponse(pixel.Orient(img, 4)), nil
	}
	return imageResponse(pixel.Orient(img, 2)), nil
}
