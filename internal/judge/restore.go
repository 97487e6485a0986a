package judge

import (
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
)

// RestoreInput is a picture that was enlarged, deblurred, denoised or sharpened.
type RestoreInput struct {
	Before, After *pixel.Image
	Factor        float64 // Upscale: how many times the side was to grow; 0: any more than 1
}

// Upscale checks an enlargement. Its measures:
//
//	size       |ln| of the factor reached over the one asked
//	structure  correlation of the fine detail of the picture scaled back with the original's
//	color      mean difference in OKLab of the picture scaled back
//	sharp      strong gradients over the original's, both per pixel of the original
func Upscale(ctx context.Context, in RestoreInput) (Verdict, error) {
	t := newTally("upscale")
	fx, fy := float64(in.After.W)/float64(in.Before.W), float64(in.After.H)/float64(in.Before.H)
	asked := in.Factor
	if asked == 0 {
		asked = max(fx, 1.01)
	}
	if fx < 1 || fy < 1 || fx == 1 && fy == 1 {
		t.fail("the picture did not become larger")
		return t.verdict(""), nil
	}
	t.add("size", max(math.Abs(math.Log(fx/asked)), math.Abs(math.Log(fy/asked))), 0.01, 0.2, "the picture was not enlarged by what was asked")
	// The busiest part, as large as a view may be after the enlargement.
	side := math.Sqrt(viewPixels / (fx * fy))
	r := busiest(in.Before, int(side))
	big := image.Rect(int(float64(r.Min.X)*fx), int(float64(r.Min.Y)*fy), int(float64(r.Max.X)*fx), int(float64(r.Max.Y)*fy))
	small, large := pixel.Crop(in.Before, r), pixel.Crop(in.After, big)
	back, err := pixel.ResizeContext(ctx, large, small.W, small.H, pixel.Box)
	if err != nil {
		return Verdict{}, err
	}
	compareRestored(t, small, back, 0.9, 0.5)
	was := strongGradient(luminance(small))
	is := strongGradient(luminance(large)) * math.Sqrt(fx*fy)
	t.add("sharp", ratio(is, was, 1e-4), 0.85, 0.45, "the enlarged picture is blurred")
	return t.verdict("the picture has the size asked, its structure and its sharpness"), nil
}

// Deblur checks a sharper picture. Its measures:
//
//	sharp      strong gradients after over before
//	structure  correlation of coarse detail before and after
//	color      mean difference in OKLab of the blurred pictures
//	noise      noise after over before, over the sharpening, which brings as much
func Deblur(ctx context.Context, in RestoreInput) (Verdict, error) {
	return in.compare(ctx, "deblur", func(t *tally, before, after *pixel.Plane) string {
		sharp := ratio(strongGradient(after), strongGradient(before), 1e-4)
		t.add("sharp", sharp, 1.15, 1.0, "the picture is not sharper")
		t.add("noise", ratio(noiseOf(after), noiseOf(before), 0.004)/max(1, sharp), 2.5, 6, "noise grew more than sharpening explains")
		return "the picture is sharper and kept its structure"
	})
}

// Denoise checks a cleaner picture. Its measures:
//
//	noise      noise after over before
//	edges      strong edges after over before
//	structure, color  as in Deblur
func Denoise(ctx context.Context, in RestoreInput) (Verdict, error) {
	return in.compare(ctx, "denoise", func(t *tally, before, after *pixel.Plane) string {
		was := noiseOf(before)
		t.note("noise before", was)
		if was < 0.003 {
			t.skip("noise (there was none to speak of)")
		} else {
			t.add("noise", noiseOf(after)/was, 0.6, 1, "%s of the noise is left")
		}
		t.add("edges", edgesKept(before, after), 0.8, 0.5, "edges became soft")
		return "the noise fell and the edges stayed"
	})
}

// compare cuts the busiest part out of both pictures, unreduced, has its lightness measured
// and compares its structure and colours. measure returns what is said of a good result.
func (in RestoreInput) compare(ctx context.Context, check string, measure func(t *tally, before, after *pixel.Plane) string) (Verdict, error) {
	t := newTally(check)
	if !sameSize(in.Before, in.After) {
		t.fail("the picture's size changed")
		return t.verdict(""), nil
	}
	r := busiest(in.Before, int(math.Sqrt(viewPixels)))
	b, a := pixel.Crop(in.Before, r), pixel.Crop(in.After, r)
	if err := ctx.Err(); err != nil {
		return Verdict{}, err
	}
	good := measure(t, luminance(b), luminance(a))
	compareCoarse(t, b, a)
	return t.verdict(good), nil
}

// busiest is the square of that side (or the whole picture where it is smaller) with the most
// variation of a sparse grid of samples, among nine.
func busiest(m *pixel.Image, side int) image.Rectangle {
	w, h := min(side, m.W), min(side, m.H)
	best, most := image.Rect(0, 0, w, h), -1.0
	for k := range 9 {
		x0, y0 := (m.W-w)*(k%3)/2, (m.H-h)*(k/3)/2
		var sum, sq, n float64
		for y := y0; y < y0+h; y += max(1, h/48) {
			for x := x0; x < x0+w; x += max(1, w/48) {
				g := float64(m.Pix[4*(y*m.W+x)+1])
				sum, sq, n = sum+g, sq+g*g, n+1
			}
		}
		if v := sq/n - sum*sum/n/n; v > most {
			best, most = image.Rect(x0, y0, x0+w, y0+h), v
		}
	}
	return best
}

func luminance(m *pixel.Image) *pixel.Plane {
	p := pixel.NewPlane(m.W, m.H)
	for i, c := range pixel.LabPlane(m) {
		p.V[i] = c.L
	}
	return p
}

// strongGradient is the mean of the strongest tenth of the gradients.
func strongGradient(p *pixel.Plane) float64 {
	g := gradient(pixel.GaussianBlur(p, 0.7))
	var hist [1024]int
	const scale = 1023 / 0.5
	for _, v := range g.V {
		hist[min(int(v*scale), 1023)]++
	}
	left, sum, n := len(g.V)/10, 0.0, 0.0
	for k := 1023; k >= 0 && left > 0; k-- {
		take := min(hist[k], left)
		left, sum, n = left-take, sum+float64(take)*(float64(k)+0.5)/scale, n+float64(take)
	}
	return sum / max(n, 1)
}

// noiseOf estimates the standard deviation of noise: the median of Immerkær's
// operator (1996), which straight edges do not excite.
func noiseOf(p *pixel.Plane) float64 {
	return noiseWhere(p, func(int) bool { return true })
}

// noiseWhere is noiseOf for the places that hold.
func noiseWhere(p *pixel.Plane, holds func(i int) bool) float64 {
	var hist [4096]int
	const scale = 4095 / 2.0
	n := 0
	for y := 1; y < p.H-1; y++ {
		r0, r1, r2 := p.V[(y-1)*p.W:], p.V[y*p.W:], p.V[(y+1)*p.W:]
		for x := 1; x < p.W-1; x++ {
			if !holds(y*p.W + x) {
				continue
			}
			v := r0[x-1] - 2*r0[x] + r0[x+1] - 2*r1[x-1] + 4*r1[x] - 2*r1[x+1] + r2[x-1] - 2*r2[x] + r2[x+1]
			hist[min(int(math.Abs(float64(v))*scale), 4095)]++
			n++
		}
	}
	for k, seen := 0, 0; k < len(hist); k++ {
		if seen += hist[k]; 2*seen >= n {
			return (float64(k) + 0.5) / scale / 0.6745 / 6
		}
	}
	return 0
}

// edgesKept is the gradient after over before at the strongest twentieth of the edges before.
func edgesKept(before, after *pixel.Plane) float64 {
	b, a := gradient(pixel.GaussianBlur(before, 1.5)), gradient(pixel.GaussianBlur(after, 1.5))
	sample := make([]float64, 0, len(b.V)/7+1)
	for i := 0; i < len(b.V); i += 7 {
		sample = append(sample, float64(b.V[i]))
	}
	least := float32(quantile(sample, 0.95))
	var was, is mean
	for i, v := range b.V {
		if v >= least {
			was.add(float64(v))
			is.add(float64(a.V[i]))
		}
	}
	return ratio(is.value(), was.value(), 1e-4)
}

// compareRestored compares fine detail and colour of two pictures of one size.
func compareRestored(t *tally, before, after *pixel.Image, fine, bad float64) {
	compareStructure(t, before, after, fine, bad)
	compareColor(t, before, after, 0.02, 0.10)
}

func compareStructure(t *tally, before, after *pixel.Image, fine, bad float64) {
	a, b := detail(luminance(before), 3), detail(luminance(after), 3)
	r, spread := correlation(len(a.V), func(i int) (float64, float64, bool) { return float64(a.V[i]), float64(b.V[i]), true })
	if spread > 0.001 {
		t.add("structure", r, fine, bad, "the picture's structure changed")
	}
}

// compareColor compares the colours of two pictures of one size.
func compareColor(t *tally, before, after *pixel.Image, fine, bad float64) {
	var off mean
	lb, la := pixel.LabPlane(before), pixel.LabPlane(after)
	for i := range lb {
		off.add(lb[i].Dist(la[i]))
	}
	t.add("color", off.value(), fine, bad, "the picture's colours changed")
}

// compareCoarse compares structure and colour at scales that blur and noise do not reach.
func compareCoarse(t *tally, before, after *pixel.Image) {
	reduced := func(m *pixel.Image, by int) *pixel.Image {
		return pixel.Resize(m, max(1, before.W/by), max(1, before.H/by), pixel.Box)
	}
	compareStructure(t, reduced(before, 4), reduced(after, 4), 0.9, 0.5)
	compareColor(t, reduced(before, 8), reduced(after, 8), 0.04, 0.12)
}
