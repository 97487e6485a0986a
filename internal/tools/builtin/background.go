package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// autoBlur is the blur's radius as a share of the picture's shorter side when none is given.
const autoBlur = 0.02

// opBackgroundBlur blurs what is not foreground as a lens would, in linear
// light and by a disc. Inputs: image; foreground; radius in pixels, 0 where not
// said; amount, by which the radius that suits the picture's size is multiplied
// then. Output: image.
func opBackgroundBlur(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, fg, err := pictureAndForeground(req)
	if err != nil {
		return tools.Response{}, err
	}
	n, err := numberIn(req, "radius", 0)
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 1)
	if err != nil {
		return tools.Response{}, err
	}
	if n <= 0 {
		n = max(2, amount*autoBlur*float64(min(img.W, img.H)))
	}
	blurred, err := backgroundDisc(ctx, img, fg, n)
	if err != nil {
		return tools.Response{}, err
	}
	front := foregroundColors(img, fg)
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W; i++ {
			m := float32(fg.Pix[i]) / 255
			if m >= 1 {
				continue
			}
			for c := range 3 {
				v := m*front.at(i, c) + (1-m)*blurred[3*i+c]
				out.Pix[4*i+c] = pixel.FromLinear(v)
			}
		}
	})
	return imageResponse(out), ctx.Err()
}

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
	front := foregroundColors(img, fg)
	out := pixel.CutOut(img, fg)
	out.HasAlpha = true
	for i, m := range fg.Pix {
		p := out.Pix[4*i : 4*i+3]
		switch {
		case m == 0:
			p[0], p[1], p[2] = 0, 0, 0
		case m < 255:
			for c := range p {
				p[c] = pixel.FromLinear(front.at(i, c))
			}
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

// backgroundDisc returns the background blurred by a disc of the given radius,
// three linear samples per pixel: the mean of the background's samples alone,
// so that the foreground does not glow into it. Where the disc holds no
// background it is the picture.
func backgroundDisc(ctx context.Context, img *pixel.Image, fg *pixel.Mask, radius float64) ([]float32, error) {
	w, h := img.W, img.H
	// Running sums along rows: red, green, blue times weight, and weight.
	sums := make([]float64, 4*(w+1)*h)
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			row := sums[4*(w+1)*y:]
			for x := range w {
				i := y*w + x
				wt := float64(255-fg.Pix[i]) / 255 * float64(img.Pix[4*i+3]) / 255
				for c := range 3 {
					row[4*(x+1)+c] = row[4*x+c] + wt*float64(pixel.ToLinear(img.Pix[4*i+c]))
				}
				row[4*(x+1)+3] = row[4*x+3] + wt
			}
		}
	})
	reach := int(radius)
	half := make([]int, 2*reach+1) // half the disc's chord in each of its rows
	for i := range half {
		half[i] = int(math.Sqrt(max(0, radius*radius-float64((i-reach)*(i-reach)))) + 0.5)
	}
	out := make([]float32, 3*w*h)
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for x := range w {
				i := y*w + x
				if fg.Pix[i] == 255 {
					continue
				}
				var s [4]float64
				for k, r := range half {
					yy := y + k - reach
					if yy < 0 || yy >= h {
						continue
					}
					a := sums[4*((w+1)*yy+max(0, x-r)):]
					b := sums[4*((w+1)*yy+min(w, x+r+1)):]
					for c := range s {
						s[c] += b[c] - a[c]
					}
				}
				for c := range 3 {
					if s[3] > 0.01 {
						out[3*i+c] = float32(s[c] / s[3])
					} else {
						out[3*i+c] = pixel.ToLinear(img.Pix[4*i+c])
					}
				}
			}
		}
	})
	return out, ctx.Err()
}
