package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// opRotate turns the picture clockwise by degrees, anticlockwise when below 0. Quarter
// turns move pixels and change none; other angles resample by cubic convolution
// on a canvas that holds the whole turned picture, transparent around it.
// Inputs: image, degrees. Output: image.
func opRotate(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	degrees, err := numberIn(req, "degrees", 90)
	if err != nil {
		return tools.Response{}, err
	}
	turn := math.Mod(degrees, 360)
	if turn < 0 {
		turn += 360
	}
	switch turn {
	case 0:
		return imageResponse(img.Clone()), nil
	case 90:
		return imageResponse(pixel.Orient(img, 6)), nil
	case 180:
		return imageResponse(pixel.Orient(img, 3)), nil
	case 270:
		return imageResponse(pixel.Orient(img, 8)), nil
	}
	return rotateFree(ctx, req, img, turn*math.Pi/180)
}

// rotateFree turns the picture clockwise by an angle in radians.
func rotateFree(ctx context.Context, req tools.Request, img *pixel.Image, angle float64) (tools.Response, error) {
	sin, cos := math.Sincos(angle)
	fw, fh := float64(img.W), float64(img.H)
	// A hair less than the exact box, so that rounding adds no empty line.
	w := math.Ceil(math.Abs(fw*cos) + math.Abs(fh*sin) - 1e-6)
	h := math.Ceil(math.Abs(fw*sin) + math.Abs(fh*cos) - 1e-6)
	if err := checkOutput(req, w, h); err != nil {
		return tools.Response{}, err
	}
	// at calls sample with where in the picture each output pixel lies.
	at := func(sample func(i int, x, y float64)) {
		pixel.Rows(int(h), func(y0, y1 int) {
			for y := y0; y < y1 && ctx.Err() == nil; y++ {
				for x := range int(w) {
					dx, dy := float64(x)+0.5-w/2, float64(y)+0.5-h/2
					sx, sy := cos*dx+sin*dy+fw/2-0.5, -sin*dx+cos*dy+fh/2-0.5
					if sx > -2 && sy > -2 && sx < fw+1 && sy < fh+1 {
						sample(y*int(w)+x, sx, sy)
					}
				}
			}
		})
	}
	if d := img.Deep; d != nil {
		pix := make([]uint16, 4*int(w)*int(h))
		at(func(i int, x, y float64) { cubicAt(d.Pix, img.W, img.H, x, y, pix[4*i:4*i+4:4*i+4], 65535) })
		if err := ctx.Err(); err != nil {
			return tools.Response{}, err
		}
		out := pixel.FromDeep(int(w), int(h), &pixel.Deep{Pix: pix, Bits: d.Bits, Space: d.Space}, true)
		return imageResponse(out), nil
	}
	out := &pixel.Image{W: int(w), H: int(h), Pix: make([]uint8, 4*int(w)*int(h)), HasAlpha: true}
	at(func(i int, x, y float64) { cubicAt(img.Pix, img.W, img.H, x, y, out.Pix[4*i:4*i+4:4*i+4], 255) })
	return imageResponse(out), ctx.Err()
}

// cubicAt samples RGBA pixels at (x,y), pixel centres at whole numbers, by
// Catmull-Rom convolution of alpha-weighted codes. Outside the picture all is transparent. top is the greatest code.
func cubicAt[T uint8 | uint16](pix []T, w, h int, x, y float64, dst []T, top float32) {
	ix, iy := int(math.Floor(x)), int(math.Floor(y))
	wx, wy := catmullRom(float32(x-float64(ix))), catmullRom(float32(y-float64(iy)))
	var s [4]float32
	for j, v := range wy {
		yy := iy + j - 1
		if yy < 0 || yy >= h {
			continue
		}
		for i, u := range wx {
			xx := ix + i - 1
			if xx < 0 || xx >= w {
				continue
			}
			p := pix[4*(yy*w+xx):][:4]
			a := u * v * float32(p[3])
			s[0] += a * float32(p[0])
			s[1] += a * float32(p[1])
			s[2] += a * float32(p[2])
			s[3] += a
		}
	}
	if s[3] < 0.5 {
		return
	}
	for c := range 3 {
		dst[c] = rounded[T](s[c]/s[3], top)
	}
	dst[3] = rounded[T](s[3], top)
}

// catmullRom are the weights of the four neighbours at fraction t.
func catmullRom(t float32) [4]float32 {
	t2, t3 := t*t, t*t*t
	return [4]float32{
		(-t3 + 2*t2 - t) / 2,
		(3*t3 - 5*t2 + 2) / 2,
		(-3*t3 + 4*t2 + t) / 2,
		(t3 - t2) / 2,
	}
}

func rounded[T uint8 | uint16](v, top float32) T { return T(min(max(v, 0), top) + 0.5) }

func code(v float32) uint8 { return uint8(min(max(v, 0), 255) + 0.5) }
