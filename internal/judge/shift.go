package judge

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// ShiftInput is an object whose paint was to become lighter, darker, stronger or paler.
type ShiftInput struct {
	Before, After     *pixel.Image
	Mask              *pixel.Mask
	Lightness, Chroma float64 // what was asked, in [-1,1]; 0 is no change
}

// Shift checks that the paint moved the way that was asked. Its measures:
//
//	light, chroma  how far it moved in the direction asked (of lightness by what was asked, of chroma as a share)
//	tint           mean change of colour where only lightness was asked
//	hue            mean turn of the paint's hue in radians (coloured paints)
//	shading        correlation of lightness before and after
//	outside        as in Recolor
func Shift(ctx context.Context, in ShiftInput) (Verdict, error) {
	t := newTally("shift")
	v, err := openView(ctx, t, in.Before, in.After, in.Mask, 0.15, "the object")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	w := v.findWear()
	var n, dl, dc, hue, hues, tint float64
	for i, b := range v.before {
		if !w.members[i] || v.depth[i] < 2 {
			continue
		}
		a := v.after[i]
		n, dl, dc = n+1, dl+float64(a.L-b.L), dc+a.Chroma()-b.Chroma()
		p, q := chromaticity(b)
		ap, aq := chromaticity(a)
		if in.Chroma == 0 {
			tint += float64(a.L) * math.Hypot(ap-p, aq-q)
		}
		if b.Chroma() > 0.03 && a.Chroma() > 0.03 {
			hue, hues = hue+pixel.HueDist(a.Hue(), b.Hue()), hues+1
		}
	}
	if n < 16 {
		t.skip("the paint (the object is too small)")
		return t.verdict("the object is too small to tell its paint"), nil
	}
	if in.Lightness != 0 {
		// A shade of 0.3 moves a paint of middle lightness by about 0.12.
		asked := 0.35 * math.Abs(in.Lightness)
		t.add("light", sign(in.Lightness)*dl/n/asked, 0.5, -0.1, "the object did not become "+word(in.Lightness, "lighter", "darker"))
	}
	if in.Chroma != 0 {
		asked := 0.4 * math.Abs(in.Chroma) * max(w.mean.Chroma(), 0.02)
		t.add("chroma", sign(in.Chroma)*dc/n/asked, 0.5, -0.1, "the object's colours did not become "+word(in.Chroma, "stronger", "paler"))
	}
	if hues > 0.3*n {
		t.add("hue", hue/hues, 0.08, 0.5, "the object's hue turned")
	}
	if in.Chroma == 0 {
		t.add("tint", tint/n, 0.03, 0.12, "the object's colour changed, not only its shade")
	}
	shading, spread := correlation(len(v.before), func(i int) (float64, float64, bool) {
		return float64(v.before[i].L), float64(v.after[i].L), w.members[i] && v.depth[i] >= 2
	})
	if spread >= 0.004 || v.spreadBefore(w) > 0.02 {
		t.add("shading", shading, 0.75, 0.25, "the object's shading was lost")
	}
	return t.verdict("the object's paint moved the way that was asked"), nil
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

func word(v float64, up, down string) string {
	if v < 0 {
		return down
	}
	return up
}
