package builtin

import (
	"context"
	"fmt"
	"math"
	"slices"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Measures of sharpness. Photographs as they are lie below blurredSlope in every
// direction (smoothness), those blurred by two pixels or more above it in one;
// a kernel that spreads less than sharpSpread pixels is no blur to speak of, and
// a result below ringingSlope in every direction is ringing, not detail.
const (
	blurredSlope = 1.6
	sharpSpread  = 0.75
	ringingSlope = 0.55
)

// haloRoom is the share of a neighbourhood's range of brightness by which a
// deconvolved sample may leave it: more than that is ringing.
const haloRoom = 0.35

// opDeblur estimates one blur for the whole picture and undoes it. A picture that
// turns out to be sharp is returned as it is, with a notice. Inputs: image. Output: image.
func opDeblur(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	same := func(notice string) (tools.Response, error) {
		resp := imageResponse(img.Clone())
		resp.Notices = []string{notice + ": nothing was changed"}
		return resp, ctx.Err()
	}
	if min(img.W, img.H) < leastDeblur {
		return same("the picture is too small to tell its blur")
	}
	report := func(from, to float64) func(float64) {
		return func(f float64) {
			if req.Progress != nil {
				req.Progress(from + (to-from)*min(max(f, 0), 1))
			}
		}
	}
	levels, hist, err := measureNoise(ctx, img)
	if err != nil {
		return tools.Response{}, err
	}
	luma, noise := img.Luma(), levels.mean(0, hist)/sqrt3
	if steepest(luma, noise) < blurredSlope {
		return same("the picture is sharp already")
	}
	k, err := estimateKernel(ctx, luma, kernelMost, report(0, 0.3))
	if err != nil {
		return tools.Response{}, err
	}
	if k.spread() < sharpSpread {
		return same("the picture is sharp already")
	}
	out, err := undo(ctx, img, k, noise, report(0.3, 1))
	if err != nil {
		return tools.Response{}, err
	}
	if steepest(out.Luma(), noise) < ringingSlope {
		return same("the blur could not be told well enough to undo it")
	}
	resp := imageResponse(out)
	resp.Notices = []string{fmt.Sprintf("undid a blur that spreads a point over about %.0f pixels", max(2, math.Round(2*math.Sqrt(3)*k.spread())))}
	return resp, nil
}

// leastDeblur is the least side of a picture whose blur can be told.
const leastDeblur = 64

// steepest is the greatest smoothness in any direction; noise is in 8-bit steps.
func steepest(luma *pixel.Plane, noise float64) float64 {
	e := smoothness(luma, noise/255)
	return slices.Max(e[:])
}

// undo deconvolves the picture's opponent channels: brightness by what the noise
// (8-bit steps) allows, colours more cautiously, since they hold little detail.
func undo(ctx context.Context, img *pixel.Image, k *blurKernel, noise float64, progress func(float64)) (*pixel.Image, error) {
	o := opponents(img)
	for c := range o {
		for i := range o[c].V {
			o[c].V[i] /= 255
		}
	}
	sigma := max(noise, 0.6) / 255
	fidelity := min(max(0.05/(sigma*sigma), 200), 6000)
	part := func(from, to float64) func(float64) { return func(f float64) { progress(from + f*(to-from)) } }
	light, err := deconvolve(ctx, []*pixel.Plane{o[0]}, k, fidelity, []float32{1, 2.8, 8, 22.6, 64, 181}, part(0, 0.7))
	if err != nil {
		return nil, err
	}
	colors, err := deconvolve(ctx, []*pixel.Plane{o[1], o[2]}, k, fidelity/6, []float32{8, 64}, part(0.7, 1))
	if err != nil {
		return nil, err
	}
	bright := withinRange(light[0], o[0], max(1, k.side/4))
	red, green := withinRange(colors[0], o[1], max(1, k.side/4)), withinRange(colors[1], o[2], max(1, k.side/4))
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W; i++ {
			r, g, b := rgbOf(255*bright.V[i], 255*red.V[i], 255*green.V[i])
			p := out.Pix[4*i : 4*i+3 : 4*i+3]
			p[0], p[1], p[2] = code(r), code(g), code(b)
		}
	})
	return out, ctx.Err()
}

// withinRange keeps samples within the range that the blurred picture has around
// them, and a share of that range beyond.
func withinRange(sharp, blurred *pixel.Plane, r int) *pixel.Plane {
	lo, hi := extremes(blurred, r)
	for i, v := range sharp.V {
		room := haloRoom * (hi.V[i] - lo.V[i])
		sharp.V[i] = min(max(v, lo.V[i]-room), hi.V[i]+room)
	}
	return sharp
}

// extremes are the least and greatest sample within r pixels along each axis.
func extremes(p *pixel.Plane, r int) (lo, hi *pixel.Plane) {
	lo, hi = pixel.NewPlane(p.W, p.H), pixel.NewPlane(p.W, p.H)
	ml, mh := pixel.NewPlane(p.W, p.H), pixel.NewPlane(p.W, p.H)
	pixel.Rows(p.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			row := p.V[y*p.W : (y+1)*p.W]
			for x := range row {
				l, h := row[x], row[x]
				for _, v := range row[max(0, x-r):min(p.W, x+r+1)] {
					l, h = min(l, v), max(h, v)
				}
				ml.V[y*p.W+x], mh.V[y*p.W+x] = l, h
			}
		}
	})
	pixel.Rows(p.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range p.W {
				l, h := ml.V[y*p.W+x], mh.V[y*p.W+x]
				for yy := max(0, y-r); yy < min(p.H, y+r+1); yy++ {
					l, h = min(l, ml.V[yy*p.W+x]), max(h, mh.V[yy*p.W+x])
				}
				lo.V[y*p.W+x], hi.V[y*p.W+x] = l, h
			}
		}
	})
	return lo, hi
}
