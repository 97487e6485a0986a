package judge

import (
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
)

// OutpaintInput is a picture that was extended.
type OutpaintInput struct {
	Before, After *pixel.Image
	// Left and Top are the widths in pixels of what was added there; negative: find them.
	Left, Top int
}

// Outpaint checks an extended picture. Its measures:
//
//	grown    how much larger the picture is, as a share
//	kept     share of the original whose samples are the same
//	seam     colour step across the original's border over that nearby
//	tone     difference of tone across it
//	foreign  share of what was added in colours that the original's rim lacks
//	grain    how much stronger the noise of what was added is than the rim's, in logarithms
//	smooth   mean gradient of the rim over that of what was added, in logarithms (either way)
func Outpaint(ctx context.Context, in OutpaintInput) (Verdict, error) {
	t := newTally("outpaint")
	b, a := in.Before, in.After
	if a.W < b.W || a.H < b.H || a.W == b.W && a.H == b.H {
		t.fail("the picture was not extended")
		return t.verdict(""), nil
	}
	t.note("grown", float64(a.W*a.H)/float64(b.W*b.H)-1)
	at, kept := placeOf(b, a, in.Left, in.Top)
	t.add("kept", kept, 0.97, 0.8, "only %s of the original was kept")
	inner := image.Rectangle{Min: at, Max: at.Add(image.Pt(b.W, b.H))}
	added := pixel.Invert(pixel.RectMask(a.W, a.H, inner))
	v, err := newView(ctx, a, a, added, 0)
	if err != nil {
		return Verdict{}, err
	}
	ring := float32(max(12, min(v.w, v.h)/6))
	t.add("seam", v.seamExcess(v.after), 1.6, 2.8, "a seam shows where the picture was extended")
	t.add("tone", v.stepAcross(v.after), 0.06, 0.22, "the tone of what was added differs from the original's")
	t.add("foreign", v.foreignShare(ring), 0.12, 0.6, "%s of what was added has colours that the original's rim lacks")
	t.add("grain", v.grainOdds(ring), 0.6, 1.6, "what was added is noisier than the original's rim")
	t.add("smooth", v.rimOdds(ring), 1.3, 2.2, "what was added is rougher or smoother than the original's rim")
	return t.verdict("the original was kept and what was added continues it"), nil
}

// rimOdds compares mean gradients beyond and within the border, as |ln|.
func (v *view) rimOdds(ring float32) float64 {
	grad := gradient(v.lightness(v.after))
	var in, out mean
	for i, d := range v.depth {
		switch {
		case d >= 2:
			in.add(float64(grad.V[i]))
		case d <= -2 && d >= -ring:
			out.add(float64(grad.V[i]))
		}
	}
	return logAbs(ratio(in.value(), out.value(), gradientFloor))
}

// grainOdds compares noise beyond and within the border: ln of the ratio, 0 at least.
func (v *view) grainOdds(ring float32) float64 {
	light := v.lightness(v.after)
	in := noiseWhere(light, func(i int) bool { return v.depth[i] >= 2 })
	out := noiseWhere(light, func(i int) bool { return v.depth[i] <= -2 && v.depth[i] >= -ring })
	return max(0, math.Log(ratio(in, out, 0.004)))
}

// placeOf finds where the original lies in the extended picture, near the place that is expected, and the share of
// its samples that are the same there.
func placeOf(b, a *pixel.Image, left, top int) (image.Point, float64) {
	dx, dy := a.W-b.W, a.H-b.H
	xs, ys := candidates(left, dx), candidates(top, dy)
	best, most := image.Point{}, -1.0
	for _, y := range ys {
		for _, x := range xs {
			if s := sameShare(b, a, x, y, max(1, min(b.W, b.H)/40)); s > most {
				best, most = image.Pt(x, y), s
			}
		}
	}
	return best, sameShare(b, a, best.X, best.Y, max(1, min(b.W, b.H)/400))
}

func candidates(expected, room int) []int {
	lo, hi := 0, room
	if expected >= 0 {
		lo, hi = max(0, expected-3), min(room, expected+3)
	}
	list := make([]int, 0, hi-lo+1)
	for k := lo; k <= hi; k++ {
		list = append(list, k)
	}
	if len(list) == 0 {
		list = append(list, room)
	}
	return list
}

// sameShare is the share of a grid of b's samples that a has at the offset, to one code.
func sameShare(b, a *pixel.Image, x0, y0, step int) float64 {
	same, n := 0, 0
	for y := 0; y < b.H; y += step {
		for x := 0; x < b.W; x += step {
			p, q := b.Pix[4*(y*b.W+x):], a.Pix[4*((y+y0)*a.W+x+x0):]
			n++
			if near(p[0], q[0]) && near(p[1], q[1]) && near(p[2], q[2]) {
				same++
			}
		}
	}
	return float64(same) / float64(max(n, 1))
}

func near(a, b uint8) bool { return a-b+1 <= 2 }
