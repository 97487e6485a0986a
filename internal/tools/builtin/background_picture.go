package builtin

import (
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Bounds of what matching may do to a subject: lightness and colour of OKLab.
const (
	matchShare     = 0.35 // of the difference between the two pictures' means
	matchLightness = 0.07
	matchColor     = 0.02
	wrapStrength   = 0.35 // of the ground's light that reaches round the border
	wrapReach      = 0.008
)

// opBackgroundPicture puts the subject before another picture, which is scaled
// to cover and cut at the centre. The subject's exposure and colour are moved a
// bounded part of the way to the ground's, and the ground's light reaches a little
// way round its border, as it would if it stood there. Inputs: image,
// foreground, background (a picture of any size). Output: image, opaque.
func opBackgroundPicture(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, fg, err := pictureAndForeground(req)
	if err != nil {
		return tools.Response{}, err
	}
	other, err := tools.Input[*pixel.Image](req, "background")
	if err != nil {
		return tools.Response{}, err
	}
	ground := cover(other, img.W, img.H)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	match := matchTo(img, fg, ground)
	front, err := pixel.ForegroundColors(ctx, img, fg)
	if err != nil {
		return tools.Response{}, err
	}
	sigma := max(1, wrapReach*math.Sqrt(float64(img.W)*float64(img.H)))
	open := pixel.GaussianBlur(pixel.Invert(fg).Plane(), sigma) // how much of the ground a place sees
	light := pixel.BlurImage(ground, 2*sigma, pixel.LinearLight)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	out := pixel.NewImage(img.W, img.H)
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W; i++ {
			p, g := out.Pix[4*i:4*i+3:4*i+3], ground.Pix[4*i:4*i+3:4*i+3]
			m := float32(fg.Pix[i]) * float32(img.Pix[4*i+3]) / (255 * 255)
			if m == 0 {
				copy(p, g)
				continue
			}
			var v [3]float32
			f := front.Pix[4*i : 4*i+3 : 4*i+3]
			v[0], v[1], v[2] = match(pixel.ToLinear(f[0]), pixel.ToLinear(f[1]), pixel.ToLinear(f[2]))
			wrap := wrapStrength * open.V[i]
			for c := range p {
				// Light only adds: a darker ground takes none away.
				v[c] += wrap * max(0, pixel.ToLinear(light.Pix[4*i+c])-v[c])
				p[c] = pixel.FromLinear(m*v[c] + (1-m)*pixel.ToLinear(g[c]))
			}
		}
	})
	return imageResponse(out), ctx.Err()
}

// cover scales a picture so that it covers w×h and cuts out the middle. What is
// transparent becomes white.
func cover(m *pixel.Image, w, h int) *pixel.Image {
	if m.HasAlpha {
		m = pixel.Flatten(m, 255, 255, 255)
	}
	s := max(float64(w)/float64(m.W), float64(h)/float64(m.H))
	// Cut first, then scale, so that a panorama is not scaled whole.
	cw, ch := min(m.W, int(math.Ceil(float64(w)/s))), min(m.H, int(math.Ceil(float64(h)/s)))
	x0, y0 := (m.W-cw)/2, (m.H-ch)/2
	return pixel.Resize(pixel.Crop(m, image.Rect(x0, y0, x0+cw, y0+ch)), w, h, pixel.Lanczos)
}

// matchTo returns how the subject's colours, in linear light, change before the ground.
func matchTo(img *pixel.Image, fg *pixel.Mask, ground *pixel.Image) func(r, g, b float32) (lr, lg, lb float32) {
	was, is := meanLab(img, pixel.Invert(fg)), meanLab(ground, nil)
	if fg.Area() > 0.97*float64(len(fg.Pix)) { // no old ground left to compare with
		was = meanLab(img, nil)
	}
	bound := func(d float32, most float64) float32 {
		return float32(min(max(matchShare*float64(d), -most), most))
	}
	dl, da, db := bound(is.L-was.L, matchLightness), bound(is.A-was.A, matchColor), bound(is.B-was.B, matchColor)
	// Exposure is a gain of linear light: that which moves a mid-grey by dl.
	const grey = 0.6
	gain := float32(math.Pow((grey+float64(dl))/grey, 3))
	return func(r, g, b float32) (lr, lg, lb float32) {
		top := max(r, g, b, 1e-6)
		k := gain / (1 + (gain-1)*top) // white stays white
		c := pixel.LinearLab(k*r, k*g, k*b)
		t := min(max(c.L, 0), 1)
		t = 4 * t * (1 - t) // black and white take no tint
		c.A += t * da
		c.B += t * db
		return shown(c)
	}
}

// meanLab is the mean OKLab colour of a picture under a matte (nil: everywhere),
// of every fourth row and column.
func meanLab(m *pixel.Image, mask *pixel.Mask) pixel.Lab {
	var l, a, b, n float64
	for y := 0; y < m.H; y += 4 {
		for x := 0; x < m.W; x += 4 {
			i := y*m.W + x
			w := float64(m.Pix[4*i+3]) / 255
			if mask != nil {
				w *= float64(mask.Pix[i]) / 255
			}
			c := pixel.ToLab(m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2])
			l, a, b, n = l+w*float64(c.L), a+w*float64(c.A), b+w*float64(c.B), n+w
		}
	}
	if n == 0 {
		return pixel.Lab{L: 0.6}
	}
	return pixel.Lab{L: float32(l / n), A: float32(a / n), B: float32(b / n)}
}
