package builtin

import (
	"context"
	"fmt"
	"image"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Noise below leastNoise steps is not visible and is left alone.
const leastNoise = 0.9

// chromaGain is how much stronger colour noise is treated than brightness
// noise: the eye sees less detail in colour and more of its noise.
const chromaGain = 1.25

// denoiseBand is about how many pixels are denoised at a time, so that memory
// does not grow with the picture; denoiseMargin rows around a band are seen too.
const denoiseBand, denoiseMargin = 3_000_000, 32

// opDenoise removes noise by collaborative filtering of like patches (Dabov, Foi,
// Katkovnik and Egiazarian, "Image denoising by sparse 3-D transform-domain
// collaborative filtering", 2007), in two passes: a hard threshold, then a
// Wiener filter that knows the first pass's result. Inputs: image; sigma, the
// noise's standard deviation in 8-bit steps, 0 to measure it. Output: image.
func opDenoise(ctx context.Context, req tools.Request) (tools.Response, error) {
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return tools.Response{}, err
	}
	sigma, err := numberIn(req, "sigma", 0)
	if err != nil {
		return tools.Response{}, err
	}
	noise, notice := flatNoise(float32(sigma)), ""
	if sigma <= 0 {
		var hist [noiseLevels]int
		if noise, hist, err = measureNoise(ctx, img); err != nil {
			return tools.Response{}, err
		}
		found := noise.mean(0, hist)
		if max(found, noise.mean(1, hist), noise.mean(2, hist)) < leastNoise {
			resp := imageResponse(img.Clone())
			resp.Notices = []string{fmt.Sprintf("no noise to speak of (measured %.1f of 255): nothing was changed", found)}
			return resp, nil
		}
		notice = fmt.Sprintf("noise measured: %.1f of 255", found)
	}
	out, err := denoise(ctx, img, noise, req.Progress)
	if err != nil {
		return tools.Response{}, err
	}
	resp := imageResponse(out)
	if notice != "" {
		resp.Notices = []string{notice}
	}
	return resp, nil
}

// denoise works through the picture in bands of rows.
func denoise(ctx context.Context, img *pixel.Image, noise *noiseModel, progress func(float64)) (*pixel.Image, error) {
	out := img.Clone()
	effort := effortFor(img.Megapixels())
	rows := max(4*denoiseMargin, denoiseBand/img.W)
	for y := 0; y < img.H; y += rows {
		end := min(y+rows, img.H)
		top, bottom := max(0, y-denoiseMargin), min(img.H, end+denoiseMargin)
		part := pixel.Crop(img, image.Rect(0, top, img.W, bottom))
		done, err := denoiseBandOf(ctx, part, noise, effort)
		if err != nil {
			return nil, err
		}
		pixel.Rows(end-y, func(y0, y1 int) {
			for i := (y + y0) * img.W; i < (y+y1)*img.W; i++ {
				j := i - top*img.W
				r, g, b := rgbOf(done[0].V[j], done[1].V[j], done[2].V[j])
				p := out.Pix[4*i : 4*i+3 : 4*i+3]
				p[0], p[1], p[2] = code(r), code(g), code(b)
			}
		})
		if progress != nil {
			progress(float64(end) / float64(img.H))
		}
	}
	return out, ctx.Err()
}

// denoiseBandOf denoises one band and returns its opponent channels.
func denoiseBandOf(ctx context.Context, part *pixel.Image, noise *noiseModel, effort denoiseEffort) ([3]*pixel.Plane, error) {
	noisy := opponents(part)
	pilot, err := filterPatches(ctx, noisy, nil, noise, effort)
	if err != nil {
		return pilot, err
	}
	return filterPatches(ctx, noisy, &pilot, noise, effort)
}

const sqrt3 = 1.7320508

// opponent rotates 8-bit samples into brightness, red against blue and green
// against both; a rotation keeps white noise white and of equal strength.
func opponent(r, g, b uint8) [3]float32 {
	fr, fg, fb := float32(r), float32(g), float32(b)
	return [3]float32{(fr + fg + fb) / sqrt3, (fr - fb) * (math.Sqrt2 / 2), (fr - 2*fg + fb) * 0.40824829}
}

// rgbOf undoes opponent.
func rgbOf(o0, o1, o2 float32) (r, g, b float32) {
	grey, rb, gm := o0/sqrt3, o1*(math.Sqrt2/2), o2*0.40824829
	return grey + rb + gm, grey - 2*gm, grey - rb + gm
}

func opponents(m *pixel.Image) [3]*pixel.Plane {
	var out [3]*pixel.Plane
	for c := range out {
		out[c] = pixel.NewPlane(m.W, m.H)
	}
	pixel.Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			o := opponent(m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2])
			for c := range out {
				out[c].V[i] = o[c]
			}
		}
	})
	return out
}
