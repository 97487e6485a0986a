package judge

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// RecolorInput is a recoloured object. All pictures and the mask have one size.
type RecolorInput struct {
	Before, After *pixel.Image
	Mask          *pixel.Mask
	Target        pixel.Lab
}

const (
	bandWidth  = 4    // width in view pixels of the band along an object's border, inside
	moved      = 0.4  // share of the way to the target from which a pixel counts as repainted
	noticeable = 0.02 // OKLab distance that is just noticed
)

// Recolor checks a recoloured object. Its measures:
//
//	reached  distance in OKLab of the repainted paint's mean from the target, lightness counting little
//	covered  share of the pixels that wore the object's paint and now wear the target
//	shading  correlation of lightness before and after over those pixels (left out where they are flat)
//	others   share of the object's other materials that changed by more than twice what is noticed
//	halo     along the border, inside, share of the old paint's pixels that still show it
//	outside  pixels changed where the mask is 0, over the mask's
//	speckle  how much finer-than-shading lightness detail was added, in doublings
func Recolor(ctx context.Context, in RecolorInput) (Verdict, error) {
	t := newTally("recolor")
	v, err := openView(ctx, t, in.Before, in.After, in.Mask, 0.15, "the object")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	w := v.findWear()
	if w.inside < 16 {
		t.skip("the paint (the object is too small)")
		return t.verdict("the object is too small to tell its paint"), nil
	}
	v.judgePaint(t, w, in.Target)
	return t.verdict("the object's paint reached the colour and kept its shading"), nil
}

func (v *view) judgePaint(t *tally, w wear, target pixel.Lab) {
	way := w.toward(target)
	var n, done, other, otherMoved, band, left float64
	var sum [3]float64
	for i, b := range v.before {
		a, d := v.after[i], v.depth[i]
		repainted := way(b, a) > moved
		switch {
		case w.members[i] && d >= 2:
			n++
			if repainted {
				done++
			}
			sum[0], sum[1], sum[2] = sum[0]+float64(a.L), sum[1]+float64(a.A), sum[2]+float64(a.B)
		case d >= 3 && v.clearlyOther(i, w):
			other++
			if b.Dist(a) > 2*noticeable {
				otherMoved++
			}
		}
		if w.members[i] && d >= 1.5 && d < bandWidth+2 && !v.onFrame(i) {
			band++
			if !repainted {
				left++
			}
		}
	}
	mean := pixel.Lab{L: float32(sum[0] / n), A: float32(sum[1] / n), B: float32(sum[2] / n)}
	t.add("reached", paintDistance(mean, target), 0.04, 0.16, "the object's paint did not reach the colour")
	t.add("covered", done/n, 0.85, 0.45, "only %s of the object's paint changed")
	if band >= 16 {
		t.addWeighted("halo", left/band, 0.22, 0.65, 0.9, "%s of the old paint is left along the border")
	}
	if other >= 0.02*n {
		t.addWeighted("others", otherMoved/other, 0.75, 1.1, 0.5, "other materials of the object were painted too")
	}
	shading, spread := correlation(len(v.before), func(i int) (float64, float64, bool) {
		return float64(v.before[i].L), float64(v.after[i].L), w.members[i] && v.depth[i] >= 2 && way(v.before[i], v.after[i]) > moved
	})
	if spread >= 0.004 || v.spreadBefore(w) > 0.02 {
		t.add("shading", shading, 0.7, 0.2, "the object's shading was lost")
	} else {
		t.skip("shading (the object is flat)")
	}
}

// toward measures the share of the way from the paint to the target that a pixel went.
func (w wear) toward(target pixel.Lab) func(b, a pixel.Lab) float64 {
	const lightWeight = 0.5 // lightness is mostly the light's
	ul, ua, ub := lightWeight*float64(target.L-w.mean.L), float64(target.A-w.mean.A), float64(target.B-w.mean.B)
	length := max(ul*ul+ua*ua+ub*ub, 1e-4)
	return func(b, a pixel.Lab) float64 {
		return (lightWeight*float64(a.L-b.L)*ul + float64(a.A-b.A)*ua + float64(a.B-b.B)*ub) / length
	}
}

// paintDistance compares a paint's mean with a colour: hue and saturation as
// chromaticity at the colour's lightness, and lightness beyond what light may do.
func paintDistance(mean, target pixel.Lab) float64 {
	p, q := chromaticity(mean)
	tp, tq := chromaticity(target)
	level := (float64(mean.L) + float64(target.L)) / 2
	chroma := level * math.Hypot(p-tp, q-tq)
	light := max(0, math.Abs(float64(mean.L-target.L))-0.20)
	return math.Hypot(chroma, light)
}

// clearlyOther reports whether no pixel within two wears the paint.
func (v *view) clearlyOther(i int, w wear) bool {
	x, y := i%v.w, i/v.w
	if x < 2 || y < 2 || x >= v.w-2 || y >= v.h-2 {
		return false
	}
	for _, j := range [9]int{i, i - 2, i + 2, i - 2*v.w, i + 2*v.w, i - v.w - 1, i - v.w + 1, i + v.w - 1, i + v.w + 1} {
		if w.members[j] {
			return false
		}
	}
	return true
}

// onFrame reports whether a view pixel lies within two of the view's edge.
func (v *view) onFrame(i int) bool {
	x, y := i%v.w, i/v.w
	return x < 2 || y < 2 || x >= v.w-2 || y >= v.h-2
}

// spreadBefore is the standard deviation of lightness over the paint's pixels before.
func (v *view) spreadBefore(w wear) float64 {
	_, s := correlation(len(v.before), func(i int) (float64, float64, bool) {
		l := float64(v.before[i].L)
		return l, l, w.members[i] && v.depth[i] >= 2
	})
	return s
}
