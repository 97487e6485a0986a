package builtin

import (
	"context"
	"math"
	"slices"

	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// autoBlur is the blur's radius as a share of the picture's shorter side when none is given.
const autoBlur = 0.02

// sampleGap is how far, in pixels, the blur keeps away from the subject's
// matte: what a matte misses of a subject lies there, and would glow.
const sampleGap = 2

// opBackgroundBlur blurs what is not foreground as a lens would, in linear
// light and by a disc. Inputs: image; foreground; radius in pixels, 0 where not
// said; amount, by which the radius that suits the picture's size is multiplied
// then; depth where the doc has one: then the radius grows with the distance
// from the subject, before and behind it. Output: image.
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
	var circle *pixel.Plane
	if _, ok := req.Spec.Input("depth"); ok {
		depth, err := tools.Input[*pixel.Depth](req, "depth")
		if err != nil {
			return tools.Response{}, err
		}
		circle = circles(img, fg, depth, n)
	}
	out, err := blurBehind(ctx, img, fg, circle, n)
	if err != nil {
		return tools.Response{}, err
	}
	return imageResponse(out), nil
}

// circles are the radii, in pixels, of the discs that a lens focused on the
// subject makes of points: they grow with the difference of inverse depth, which
// is what the map holds, and reach most where the picture is farthest from the
// subject. Near the subject's own depth they are 0, so that it keeps its footing.
func circles(img *pixel.Image, fg *pixel.Mask, depth *pixel.Depth, most float64) *pixel.Plane {
	const inFocus = 0.06
	r := max(2, min(img.W, img.H)/100)
	d := pixel.GuidedFilter(img.Luma(), depth.Plane(), r, 1e-3)
	var all, subject []float32
	step := max(1, len(d.V)/100_000)
	for i := 0; i < len(d.V); i += step {
		all = append(all, d.V[i])
		if fg.Pix[i] >= pixel.Half {
			subject = append(subject, d.V[i])
		}
	}
	if len(subject) == 0 {
		subject = all
	}
	slices.Sort(all)
	slices.Sort(subject)
	at := subject[len(subject)/2]
	lo, hi := all[len(all)/50], all[len(all)-1-len(all)/50]
	scale := max(hi-at, at-lo, 1e-6)
	for i, v := range d.V {
		away := float64(max(v-at, at-v) / scale)
		d.V[i] = float32(most * min(max((away-inFocus)/(1-inFocus), 0), 1.1))
	}
	return d
}

// blurBehind lays the sharp subject over the blurred rest. circle holds each
// pixel's radius; nil is most everywhere. The blur is made at a few radii, and
// a pixel is mixed of the two nearest to its own.
func blurBehind(ctx context.Context, img *pixel.Image, fg *pixel.Mask, circle *pixel.Plane, most float64) (*pixel.Image, error) {
	radii := []float64{most}
	if circle != nil {
		for r := most; r > 1.5; r /= 1.5 {
			radii = append(radii, r/1.5)
		}
		slices.Reverse(radii)
		radii = append(radii, 1.1*most)
	}
	front, err := pixel.ForegroundColors(ctx, img, fg)
	if err != nil {
		return nil, err
	}
	gap := pixel.Grow(fg, sampleGap)
	acc := make([]float32, 3*img.W*img.H)
	below := 0.0 // the radius before: 0 is the picture as it is
	for k, r := range radii {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		layer := blurredLayer(ctx, img, fg, gap, circle, r)
		above := math.Inf(1)
		if k+1 < len(radii) {
			above = radii[k+1]
		}
		pixel.Rows(img.H, func(y0, y1 int) {
			for i := y0 * img.W; i < y1*img.W; i++ {
				own := r
				if circle != nil {
					own = float64(circle.V[i])
				}
				if w := float32(tentBetween(own, below, r, above)); w > 0 {
					for c := range 3 {
						acc[3*i+c] += w * layer.at(img, i, c)
					}
				}
				if k == 0 && own < r {
					w := float32(1 - own/r)
					for c := range 3 {
						acc[3*i+c] += w * pixel.ToLinear(img.Pix[4*i+c])
					}
				}
			}
		})
		below = r
	}
	out := img.Clone()
	pixel.Rows(img.H, func(y0, y1 int) {
		for i := y0 * img.W; i < y1*img.W; i++ {
			m := float32(fg.Pix[i]) / 255
			if m >= 1 || circle != nil && circle.V[i] == 0 {
				continue
			}
			for c := range 3 {
				out.Pix[4*i+c] = pixel.FromLinear(m*pixel.ToLinear(front.Pix[4*i+c]) + (1-m)*acc[3*i+c])
			}
		}
	})
	return out, ctx.Err()
}

// tentBetween weighs the layer of radius at for a pixel of radius own: 1 at it,
// falling to 0 at the neighbouring layers' radii. Past the last one it stays 1.
func tentBetween(own, below, at, above float64) float64 {
	switch {
	case own <= below:
		return 0
	case own <= at:
		return (own - below) / (at - below)
	case math.IsInf(above, 1):
		return 1
	case own < above:
		return (above - own) / (above - at)
	}
	return 0
}

// discLayer is a picture blurred by one disc: colour times weight, and weight, on a
// grid that is coarser than the picture's by a whole step.
type discLayer struct {
	w, h, step int
	sum        []float32 // 4*w*h
}

// coarseDisc is the radius, in samples, below which a layer's grid is not made coarser.
const coarseDisc = 7

// blurredLayer blurs what is not foreground by a disc of the given radius.
// Samples weigh nothing inside the grown matte gap, or next to nothing, so that
// places which see no other ground still have one; and those that are in focus
// themselves weigh less, so that they do not bleed over what is behind them.
func blurredLayer(ctx context.Context, img *pixel.Image, fg, gap *pixel.Mask, circle *pixel.Plane, radius float64) *discLayer {
	step := max(1, int(radius/coarseDisc))
	src := &discLayer{w: (img.W + step - 1) / step, h: (img.H + step - 1) / step, step: step}
	src.sum = make([]float32, 4*src.w*src.h)
	pixel.Rows(src.h, func(y0, y1 int) {
		for y := y0 * step; y < min(y1*step, img.H) && ctx.Err() == nil; y++ {
			row := src.sum[4*src.w*(y/step):]
			for x := range img.W {
				i := y*img.W + x
				wt := float32(255-gap.Pix[i]) + 1e-3*float32(255-fg.Pix[i])
				wt *= float32(img.Pix[4*i+3])
				if wt == 0 {
					continue
				}
				if circle != nil {
					sharp := min(1, circle.V[i]/float32(radius))
					wt *= 0.02 + 0.98*sharp*sharp
				}
				s := row[4*(x/step):][:4]
				for c := range 3 {
					s[c] += wt * pixel.ToLinear(img.Pix[4*i+c])
				}
				s[3] += wt
			}
		}
	})
	return src.disc(ctx, radius/float64(step))
}

// disc sums every window of the disc of radius r, in samples of the grid.
func (l *discLayer) disc(ctx context.Context, r float64) *discLayer {
	// Running sums along rows, in float64 since differences are taken.
	runs := make([]float64, 4*(l.w+1)*l.h)
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			row := runs[4*(l.w+1)*y:]
			for k, v := range l.sum[4*l.w*y : 4*l.w*(y+1)] {
				row[k+4] = row[k] + float64(v)
			}
		}
	})
	reach := int(r)
	half := make([]int, 2*reach+1) // half the disc's chord in each of its rows
	for k := range half {
		half[k] = int(math.Sqrt(max(0, r*r-float64((k-reach)*(k-reach)))) + 0.5)
	}
	out := &discLayer{w: l.w, h: l.h, step: l.step, sum: make([]float32, 4*l.w*l.h)}
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for x := range l.w {
				var s [4]float64
				for k, chord := range half {
					yy := y + k - reach
					if yy < 0 || yy >= l.h {
						continue
					}
					a := runs[4*((l.w+1)*yy+max(0, x-chord)):][:4]
					b := runs[4*((l.w+1)*yy+min(l.w, x+chord+1)):][:4]
					for c := range s {
						s[c] += b[c] - a[c]
					}
				}
				for c, v := range s {
					out.sum[4*(l.w*y+x)+c] = float32(v)
				}
			}
		}
	})
	return out
}

// at is sample c of the layer at the picture's pixel i, in linear light. Where
// the disc holds no background it is the picture's own.
func (l *discLayer) at(img *pixel.Image, i, c int) float32 {
	x := (float32(i%img.W)+0.5)/float32(l.step) - 0.5
	y := (float32(i/img.W)+0.5)/float32(l.step) - 0.5
	x, y = min(max(x, 0), float32(l.w-1)), min(max(y, 0), float32(l.h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, l.w-1), min(y0+1, l.h-1)
	fx, fy := x-float32(x0), y-float32(y0)
	var v, w float32
	for _, t := range [4]struct {
		at int
		wt float32
	}{
		{y0*l.w + x0, (1 - fx) * (1 - fy)},
		{y0*l.w + x1, fx * (1 - fy)},
		{y1*l.w + x0, (1 - fx) * fy},
		{y1*l.w + x1, fx * fy},
	} {
		v += t.wt * l.sum[4*t.at+c]
		w += t.wt * l.sum[4*t.at+3]
	}
	if w <= 1e-6 {
		return pixel.ToLinear(img.Pix[4*i+c])
	}
	return v / w
}
