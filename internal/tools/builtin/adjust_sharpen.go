package builtin

import (
	"context"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// sharpenNoise is the luma difference below which detail is taken for noise, in [0,1].
const sharpenNoise = 0.01

// opSharpen is an unsharp mask on luma: it adds amount times the difference
// from a Gaussian blur of standard deviation sigma (a parameter, pixels). Faint
// differences are left alone, and no pixel leaves the range of its 3×3
// neighbourhood by more than a third of it, so that edges get no bright rims.
// Inputs: image, amount. Output: image.
func opSharpen(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	amount, err := numberIn(req, "amount", 0.6)
	if err != nil {
		return tools.Response{}, err
	}
	sigma, err := paramIn(req, "sigma", 1.2, 0.3, 20)
	if err != nil {
		return tools.Response{}, err
	}
	luma := img.Luma()
	if img.Deep != nil {
		luma = img.DeepLuma()
	}
	soft := pixel.GaussianBlur(luma, sigma)
	if err := ctx.Err(); err != nil {
		return tools.Response{}, err
	}
	// add is what pixel i gains, in [0,1] units.
	add := func(i int) float32 {
		d := luma.V[i] - soft.V[i]
		fade := min(1, d*d/(sharpenNoise*sharpenNoise))
		lo, hi := localRange(luma, i%img.W, i/img.W)
		room := (hi - lo) / 3
		v := min(max(luma.V[i]+float32(amount)*fade*d, lo-room), hi+room)
		return v - luma.V[i]
	}
	if img.Deep != nil {
		out, err := pixel.MapDeep(ctx, img, func(i int, r, g, b float32) (nr, ng, nb float32, changed bool) {
			d := add(i)
			up := func(v float32) float32 { return pixel.ToLinearExact(pixel.FromLinearExact(v) + d) }
			return up(r), up(g), up(b), d != 0
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
				d := 255 * add(i)
				if d == 0 {
					continue
				}
				for c := range 3 {
					out.Pix[4*i+c] = uint8(min(max(float32(out.Pix[4*i+c])+d, 0), 255) + 0.5)
				}
			}
		}
	})
	return imageResponse(out), ctx.Err()
}

// localRange is the least and the greatest sample of the 3×3 window around (x,y).
func localRange(p *pixel.Plane, x, y int) (lo, hi float32) {
	lo = p.At(x, y)
	hi = lo
	for yy := max(0, y-1); yy <= min(p.H-1, y+1); yy++ {
		for _, v := range p.V[yy*p.W+max(0, x-1) : yy*p.W+min(p.W-1, x+1)+1] {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi
}
