package builtin

import (
	"context"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// redactOps are the operations that make a part of a picture unreadable for good.
var redactOps = map[string]opFunc{
	"redact":   opRedact,
	"box-mask": opBoxMask,
}

// How coarse what hides must be, as shares of the hidden part's size (the square
// root of its area). Finer blocks and blurs can be undone by matching or deconvolution.
const (
	blockShare = 1.0 / 6
	leastBlock = 8
	blurShare  = 0.22
	leastBlur  = 6.0
)

// opRedact hides what is under the mask, each connected part by its own size.
// Inputs: image and one mask. Output: image, equal to the input where the mask is 0.
// Parameter style: fill (black), pixelate (blocks of their mean colour) or blur.
func opRedact(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	port, ok := req.Spec.MaskInput()
	if !ok {
		return tools.Response{}, &tools.ContractError{Tool: req.Spec.Name, Detail: "redact needs an input of kind mask"}
	}
	mask, err := tools.Input[*pixel.Mask](req, port.Name)
	if err != nil {
		return tools.Response{}, err
	}
	style, err := param(req, "style", "fill")
	if err != nil {
		return tools.Response{}, err
	}
	hide, ok := map[string]func(m *pixel.Image, size float64) *pixel.Image{"fill": black, "pixelate": pixelate, "blur": blurAway}[style]
	if !ok {
		return tools.Response{}, &edit.UserError{
			Msg:  "tool " + req.Spec.Name + ": the style " + style + " is not known",
			Hint: "styles: fill, pixelate, blur",
		}
	}
	out := img.Clone()
	for _, c := range pixel.Components(mask, 1, true) {
		if err := ctx.Err(); err != nil {
			return tools.Response{}, err
		}
		size := math.Sqrt(float64(c.Area))
		around := int(3 * blurShare * size)
		box := c.Box.Inset(-around).Intersect(image.Rect(0, 0, img.W, img.H))
		hidden := hide(pixel.Crop(img, box), size)
		lay(out, hidden, mask, box)
	}
	return imageResponse(out), nil
}

// lay puts what hides where the mask is: wholly from its half on, mixed below.
func lay(out, hidden *pixel.Image, mask *pixel.Mask, box image.Rectangle) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			v := mask.Pix[y*mask.W+x]
			if v == 0 {
				continue
			}
			a := min(2*uint32(v), 255)
			to := out.Pix[4*(y*out.W+x):]
			from := hidden.Pix[4*((y-box.Min.Y)*hidden.W+x-box.Min.X):]
			for c := range 3 {
				to[c] = uint8((uint32(from[c])*a + uint32(to[c])*(255-a) + 127) / 255)
			}
		}
	}
}

func black(m *pixel.Image, _ float64) *pixel.Image {
	return pixel.NewImage(m.W, m.H)
}

func blurAway(m *pixel.Image, size float64) *pixel.Image {
	return pixel.BlurImage(m, max(leastBlur, blurShare*size), pixel.Encoded)
}

func pixelate(m *pixel.Image, size float64) *pixel.Image {
	block := max(leastBlock, int(blockShare*size+0.5))
	out := m.Clone()
	for y0 := 0; y0 < m.H; y0 += block {
		for x0 := 0; x0 < m.W; x0 += block {
			r := image.Rect(x0, y0, min(x0+block, m.W), min(y0+block, m.H))
			flatten(out, r)
		}
	}
	return out
}

// flatten gives a rectangle its mean colour, in place.
func flatten(m *pixel.Image, r image.Rectangle) {
	var sum [3]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for c := range 3 {
				sum[c] += int(m.Pix[4*(y*m.W+x)+c])
			}
		}
	}
	n := r.Dx() * r.Dy()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for c := range 3 {
				m.Pix[4*(y*m.W+x)+c] = uint8((sum[c] + n/2) / n)
			}
		}
	}
}

// opBoxMask turns the picked boxes into a mask: the ellipse in each box, or the
// box whole. Inputs: image, object, boxes. Output: mask. Parameters: shape
// (ellipse or box); grow, by how much of its side each box is widened on each side.
func opBoxMask(_ context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	boxes, err := tools.Input[edit.Boxes](req, "boxes")
	if err != nil {
		return tools.Response{}, err
	}
	shape, err := param(req, "shape", "ellipse")
	if err != nil {
		return tools.Response{}, err
	}
	if shape != "ellipse" && shape != "box" {
		return tools.Response{}, &edit.UserError{Msg: "tool " + req.Spec.Name + ": the shape " + shape + " is not known", Hint: "shapes: ellipse, box"}
	}
	grow, err := paramIn(req, "grow", 0.0, 0, 1)
	if err != nil {
		return tools.Response{}, err
	}
	mask := pixel.NewMask(img.W, img.H)
	for _, b := range boxes.Picked {
		gx, gy := grow*b.W(), grow*b.H()
		b.X0, b.Y0, b.X1, b.Y1 = b.X0-gx, b.Y0-gy, b.X1+gx, b.Y1+gy
		drawShape(mask, b, shape == "ellipse")
	}
	return tools.Response{Outputs: map[string]edit.Artifact{req.Spec.Outputs[0].Name: mask}, Quality: math.NaN()}, nil
}

// drawShape adds a box, or the ellipse in it with a border of one soft pixel, to a mask.
func drawShape(m *pixel.Mask, b edit.Box, ellipse bool) {
	cx, cy := b.Center()
	rx, ry := b.W()/2, b.H()/2
	at := b.Clip(m.W, m.H)
	for y := int(at.Y0); y < min(m.H, int(math.Ceil(at.Y1))); y++ {
		for x := int(at.X0); x < min(m.W, int(math.Ceil(at.X1))); x++ {
			v := 1.0
			if ellipse && rx > 0 && ry > 0 {
				r := math.Hypot((float64(x)+0.5-cx)/rx, (float64(y)+0.5-cy)/ry)
				v = min(max((1-r)*min(rx, ry)+0.5, 0), 1)
			}
			p := &m.Pix[y*m.W+x]
			*p = max(*p, uint8(255*v+0.5))
		}
	}
}
