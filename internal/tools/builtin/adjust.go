package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// tone changes one colour of linear light. In a picture of stored samples with
// a wide gamut, values may lie outside [0,1].
type tone func(r, g, b float32) (lr, lg, lb float32)

// adjust runs a tone over a picture, on its stored samples where it has them.
// Inputs: image and amount; output: image. prepare makes the tone for an amount
// and the picture. On a part of the picture the engine keeps the result inside that part.
func adjust(ctx context.Context, req tools.Request, prepare func(amount float64, img *pixel.Image) tone) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 0)
	if err != nil {
		return tools.Response{}, err
	}
	f := prepare(min(max(amount, -1), 1), img)
	if img.Deep != nil {
		out, err := pixel.MapDeep(ctx, img, func(_ int, r, g, b float32) (nr, ng, nb float32, changed bool) {
			nr, ng, nb = f(r, g, b)
			return nr, ng, nb, true
		})
		if err != nil {
			return tools.Response{}, err
		}
		return imageResponse(out), nil
	}
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for i := y * img.W; i < (y+1)*img.W; i++ {
				p := out.Pix[4*i : 4*i+3 : 4*i+3]
				r, g, b := f(pixel.ToLinear(p[0]), pixel.ToLinear(p[1]), pixel.ToLinear(p[2]))
				p[0], p[1], p[2] = pixel.FromLinear(r), pixel.FromLinear(g), pixel.FromLinear(b)
			}
		}
	})
	return imageResponse(out), ctx.Err()
}

// opExposure lightens or darkens: amount 1 is two stops more light, -1 two
// stops less. The brightest sample v of a pixel becomes gv/(1+(g-1)v), which is
// g·v in the shadows and keeps white white, and the others follow in
// proportion, so that nothing clips and hue and saturation stay.
func opExposure(ctx context.Context, req tools.Request) (tools.Response, error) {
	return adjust(ctx, req, func(amount float64, _ *pixel.Image) tone {
		gain := float32(math.Exp2(2 * amount))
		return func(r, g, b float32) (lr, lg, lb float32) {
			k := gain / (1 + (gain-1)*min(max(r, g, b, 0), 1))
			return k * r, k * g, k * b
		}
	})
}

// opContrast spreads or gathers OKLab lightness around the picture's own mean:
// the odds L/(1-L) relative to the mean's are raised to the power 2^amount,
// which keeps black black and white white. Saturation, the ratio of chroma to
// lightness, stays.
func opContrast(ctx context.Context, req tools.Request) (tools.Response, error) {
	return adjust(ctx, req, func(amount float64, img *pixel.Image) tone {
		shown := shownIn(img)
		pivot := min(max(meanLightness(img), 0.35), 0.7)
		power := math.Exp2(amount)
		const steps = 1024
		var curve [steps + 1]float32
		for i := range curve {
			l := float64(i) / steps
			up := math.Pow(l*(1-pivot), power)
			down := math.Pow((1-l)*pivot, power)
			curve[i] = float32(pivot * up / (pivot*up + (1-pivot)*down))
		}
		return func(r, g, b float32) (lr, lg, lb float32) {
			c := pixel.LinearLab(r, g, b)
			at := min(max(c.L, 0), 1) * steps
			i := min(int(at), steps-1)
			l := curve[i] + (at-float32(i))*(curve[i+1]-curve[i])
			k := l / max(c.L, 1e-4)
			return shown(pixel.Lab{L: l, A: k * c.A, B: k * c.B})
		}
	})
}

// meanLightness is the mean OKLab lightness of every eighth row and column.
func meanLightness(img *pixel.Image) float64 {
	var sum, n float64
	for y := 0; y < img.H; y += 8 {
		for x := 0; x < img.W; x += 8 {
			r, g, b, _ := img.At(x, y)
			sum += float64(pixel.ToLab(r, g, b).L)
			n++
		}
	}
	if n == 0 {
		return 0.5
	}
	return sum / n
}

// opSaturation scales OKLab chroma by 1+amount: -1 is black and white. Above 0
// strong colours gain less than weak ones, as they have less room.
func opSaturation(ctx context.Context, req tools.Request) (tools.Response, error) {
	return adjust(ctx, req, func(amount float64, img *pixel.Image) tone {
		a, shown := float32(amount), shownIn(img)
		return func(r, g, b float32) (lr, lg, lb float32) {
			c := pixel.LinearLab(r, g, b)
			k := 1 + a
			if a > 0 {
				k = 1 + a*(1-min(1, float32(c.Chroma())/0.4))
			}
			return shown(pixel.Lab{L: c.L, A: k * c.A, B: k * c.B})
		}
	})
}

// opTemperature shifts the light towards amber (amount above 0) or blue: red
// and blue are scaled against each other in linear light and luminance is kept.
func opTemperature(ctx context.Context, req tools.Request) (tools.Response, error) {
	return adjust(ctx, req, func(amount float64, img *pixel.Image) tone {
		shown := shownIn(img)
		kr, kb := float32(math.Exp2(0.55*amount)), float32(math.Exp2(-0.9*amount))
		return func(r, g, b float32) (lr, lg, lb float32) {
			y := luminance(r, g, b)
			r, b = r*kr, b*kb
			k := y / max(luminance(r, g, b), 1e-6)
			return shown(pixel.LinearLab(k*r, k*g, k*b))
		}
	})
}

func luminance(r, g, b float32) float32 { return 0.2126*r + 0.7152*g + 0.0722*b }

// shownIn returns the function that gives a colour in linear light, with less chroma where the
// picture's space cannot hold it. Stored samples of another space than sRGB are clipped at that space's own bounds instead.
func shownIn(img *pixel.Image) func(c pixel.Lab) (r, g, b float32) {
	if img.Deep != nil && img.Deep.Space != nil {
		return pixel.Lab.Linear
	}
	return shown
}

// shown is the colour in linear light, with less chroma where a screen could not show it.
func shown(c pixel.Lab) (r, g, b float32) {
	c, _ = c.Fit()
	return c.Linear()
}
