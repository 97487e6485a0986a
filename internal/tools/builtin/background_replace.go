package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// opBackgroundColor puts the subject before a ground of one colour. Inputs:
// image, foreground, color. Parameter shade: "plain", or "studio", a soft light
// behind the subject that fades to the corners. Output: image, opaque.
func opBackgroundColor(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, fg, err := pictureAndForeground(req)
	if err != nil {
		return tools.Response{}, err
	}
	color, err := tools.Input[edit.Color](req, "color")
	if err != nil {
		return tools.Response{}, err
	}
	shade, err := param(req, "shade", "plain")
	if err != nil {
		return tools.Response{}, err
	}
	switch shade {
	case "plain":
		r, g, b := pixel.LabOf(color).Linear()
		out, err := before(ctx, img, fg, func(int, int) [3]float32 { return [3]float32{r, g, b} })
		return imageResponse(out), err
	case "studio":
		out, err := before(ctx, img, fg, studio(img, fg, pixel.LabOf(color)))
		return imageResponse(out), err
	}
	return tools.Response{}, &edit.UserError{
		Msg:  "tool " + req.Spec.Name + ": parameter \"shade\" is " + shade,
		Hint: "it is plain or studio",
	}
}

// studio is a backdrop lit from behind the subject: the colour itself at mid
// distance, lighter around the subject's upper half, darker at the corners, the
// floor a little darker than the wall. Lightness alone changes.
func studio(img *pixel.Image, fg *pixel.Mask, color pixel.Lab) func(x, y int) [3]float32 {
	cx, cy := centre(fg)
	w, h := float64(img.W), float64(img.H)
	cy = 0.6*cy + 0.4*0.4*h
	cx = 0.5*cx + 0.25*w
	reach := 0.75 * math.Hypot(w, h)
	// Room up and down: a colour near white can only fade, one near black only glow.
	up, down := min(0.10, 0.99-float64(color.L)), min(0.16, 0.8*float64(color.L))
	const steps = 512
	var ramp [steps + 2][3]float32
	for k := range ramp {
		t := min(float64(k)/steps, 1)
		s := t * t * (3 - 2*t)
		c := color
		c.L += float32(up - (up+down)*s)
		c, _ = c.Fit()
		ramp[k][0], ramp[k][1], ramp[k][2] = c.Linear()
	}
	return func(x, y int) [3]float32 {
		dx, dy := float64(x)-cx, float64(y)-cy
		if dy > 0 {
			dy *= 1.15
		}
		at := min(math.Hypot(dx, dy)/reach, 1) * steps
		k := int(at)
		f := float32(at - float64(k))
		grain := 1 + 0.008*dither(x, y) // without it an 8-bit ramp shows bands
		var v [3]float32
		for c := range v {
			v[c] = grain * (ramp[k][c] + f*(ramp[k+1][c]-ramp[k][c]))
		}
		return v
	}
}

// dither is noise in [-1,1], triangular, the same for the same place.
func dither(x, y int) float32 {
	n := uint32(x)*0x9E3779B1 ^ uint32(y)*0x85EBCA77
	n ^= n >> 15
	n *= 0x2C1B3C6D
	n ^= n >> 12
	n *= 0x297A2D39
	n ^= n >> 15
	return (float32(n&0xFFFF) - float32(n>>16)) / 65535
}

// centre is the matte's centre of mass.
func centre(m *pixel.Mask) (x, y float64) {
	var sum float64
	for i, v := range m.Pix {
		sum += float64(v)
		x += float64(v) * float64(i%m.W)
		y += float64(v) * float64(i/m.W)
	}
	return x / sum, y / sum
}

// before lays the picture's foreground, in its own colours, over a ground in
// linear light. The result is opaque.
func before(ctx context.Context, img *pixel.Image, fg *pixel.Mask, ground func(x, y int) [3]float32) (*pixel.Image, error) {
	front, err := pixel.ForegroundColors(ctx, img, fg)
	if err != nil {
		return nil, err
	}
	out := pixel.NewImage(img.W, img.H)
	pixel.Rows(img.H, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for x := range img.W {
				i := y*img.W + x
				p := out.Pix[4*i : 4*i+3 : 4*i+3]
				m := float32(fg.Pix[i]) * float32(img.Pix[4*i+3]) / (255 * 255)
				if m >= 1 {
					copy(p, img.Pix[4*i:4*i+3])
					continue
				}
				g := ground(x, y)
				for c := range p {
					p[c] = pixel.FromLinear(m*pixel.ToLinear(front.Pix[4*i+c]) + (1-m)*g[c])
				}
			}
		}
	})
	return out, ctx.Err()
}
