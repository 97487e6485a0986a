package judge

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// Quantity is what a tone edit moves.
type Quantity string

// The quantities.
const (
	Light    Quantity = "light"    // mean lightness
	Shadow   Quantity = "shadow"   // mean lightness of what was the darkest quarter
	Contrast Quantity = "contrast" // standard deviation of lightness
	Strength Quantity = "strength" // mean chroma
	Warmth   Quantity = "warmth"   // mean of OKLab's b: blue to yellow
)

// ToneInput is a picture whose tone was changed, all of it or inside a mask.
type ToneInput struct {
	Before, After *pixel.Image
	Mask          *pixel.Mask // nil: all
	Quantity      Quantity
	Direction     float64 // above 0: more, below 0: less
}

// Tone checks that a quantity moved the way that was asked. Its measures:
//
//	moved      how far, over a step that people see as clear
//	structure  correlation of fine detail before and after
//	clipped    share of pixels newly at the ends of the range
//	outside    as in Recolor, where there is a mask
func Tone(ctx context.Context, in ToneInput) (Verdict, error) {
	t := newTally("tone")
	v, err := openView(ctx, t, in.Before, in.After, in.Mask, 0.05, "the region")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	was, is := v.quantity(v.before, in.Quantity), v.quantity(v.after, in.Quantity)
	step := map[Quantity]float64{Light: 0.03, Shadow: 0.03, Contrast: 0.012, Strength: max(0.15*was, 0.006), Warmth: 0.008}[in.Quantity]
	direction := "more"
	if in.Direction < 0 {
		direction = "less"
	}
	t.note("before", was)
	t.note("after", is)
	t.add("moved", sign(in.Direction)*(is-was)/step, 0.6, -0.1, string(in.Quantity)+" did not become "+direction)
	v.judgeStructure(t, 2, 0.75, 0.3)
	t.add("clipped", v.clipped(v.after)-v.clipped(v.before), 0.06, 0.4, "%s of the picture lost its detail in white or black")
	return t.verdict(string(in.Quantity) + " became " + direction + " and the structure stayed"), nil
}

func (v *view) holds(i int) bool { return v.depth == nil || v.depth[i] > 0 }

func (v *view) quantity(lab []pixel.Lab, q Quantity) float64 {
	dark := math.Inf(1)
	if q == Shadow {
		var ls []float64
		for i := 0; i < len(v.before); i += 5 {
			if v.holds(i) {
				ls = append(ls, float64(v.before[i].L))
			}
		}
		dark = quantile(ls, 0.25)
	}
	var m, sq mean
	for i, c := range lab {
		if !v.holds(i) || float64(v.before[i].L) > dark {
			continue
		}
		switch q {
		case Strength:
			m.add(c.Chroma())
		case Warmth:
			if v.before[i].L < 0.95 { // what is nearly white cannot become warmer
				m.add(float64(c.B))
			}
		case Light, Shadow, Contrast:
			m.add(float64(c.L))
			sq.add(float64(c.L) * float64(c.L))
		}
	}
	if q == Contrast {
		return math.Sqrt(max(0, sq.value()-m.value()*m.value()))
	}
	return m.value()
}

// judgeStructure correlates detail finer than sigma.
func (v *view) judgeStructure(t *tally, sigma, fine, bad float64) {
	a, b := detail(v.lightness(v.before), sigma), detail(v.lightness(v.after), sigma)
	was, is := v.spread(a.V), v.spread(b.V)
	if was < faintDetail && is < 3*faintDetail {
		t.skip("whether the structure stayed, of which there is little")
		return
	}
	r, spread := correlation(len(a.V), func(i int) (float64, float64, bool) {
		return float64(a.V[i]), float64(b.V[i]), v.holds(i)
	})
	if spread > 0.0008 || r > 0 {
		t.add("structure", r, fine, bad, "the picture's structure changed")
		return
	}
	t.add("structure", 0, fine, bad, "the picture's structure is gone")
}

// faintDetail is detail, a standard deviation in OKLab lightness, below which
// it is the rounding to 8 bits: one code.
const faintDetail = 0.004

// spread is the standard deviation of what counts.
func (v *view) spread(values []float32) float64 {
	var m, sq mean
	for i, x := range values {
		if v.holds(i) {
			m.add(float64(x))
			sq.add(float64(x) * float64(x))
		}
	}
	return math.Sqrt(max(0, sq.value()-m.value()*m.value()))
}

func (v *view) clipped(lab []pixel.Lab) float64 {
	var m mean
	for i, c := range lab {
		if v.holds(i) {
			m.add(indicator(c.L < 0.02 || c.L > 0.995))
		}
	}
	return m.value()
}

// RestyleInput is a picture that was given another style, scenery or palette.
type RestyleInput struct {
	Before, After *pixel.Image
	Mask          *pixel.Mask  // nil: all
	Reference     *pixel.Image // whose palette was to be taken; nil: none
}

// Restyle checks a change of look. Its measures:
//
//	changed    share of the pixels that changed clearly
//	structure  correlation of coarse lightness before and after
//	palette    how much nearer the mean colour and its spread came to the reference's
//	alive      standard deviation of lightness: a flat picture is no style
//	outside    as in Recolor, where there is a mask
func Restyle(ctx context.Context, in RestyleInput) (Verdict, error) {
	t := newTally("restyle")
	v, err := openView(ctx, t, in.Before, in.After, in.Mask, 0.05, "the region")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	var changed mean
	for i, b := range v.before {
		if v.holds(i) {
			changed.add(indicator(b.Dist(v.after[i]) > noticeable))
		}
	}
	t.add("changed", changed.value(), 0.5, 0.05, "only %s of the picture changed")
	la, lb := pixel.GaussianBlur(v.lightness(v.before), 4), pixel.GaussianBlur(v.lightness(v.after), 4)
	r, _ := correlation(len(la.V), func(i int) (float64, float64, bool) { return float64(la.V[i]), float64(lb.V[i]), v.holds(i) })
	t.add("structure", r, 0.65, 0.15, "what the picture shows can no longer be told")
	t.add("alive", ratio(v.quantity(v.after, Contrast), v.quantity(v.before, Contrast), 0.005), 0.35, 0.08, "the picture became flat")
	if in.Reference != nil {
		was, is := paletteDistance(v.before, in.Reference), paletteDistance(v.after, in.Reference)
		t.note("palette before", was)
		t.add("palette", ratio(is, was, 0.01), 0.75, 1.05, "the picture's colours did not come nearer to the reference's")
	}
	return t.verdict("the look changed and the picture can still be told"), nil
}

// paletteDistance compares means and spreads of the OKLab channels.
func paletteDistance(lab []pixel.Lab, ref *pixel.Image) float64 {
	a, b := palette(lab), palette(pixel.LabPlane(thumbnail(ref)))
	var sum float64
	for k := range a {
		sum += (a[k] - b[k]) * (a[k] - b[k])
	}
	return math.Sqrt(sum)
}

func palette(lab []pixel.Lab) (p [6]float64) {
	n := float64(max(len(lab), 1))
	for _, c := range lab {
		for k, x := range [3]float64{float64(c.L), float64(c.A), float64(c.B)} {
			p[k] += x / n
			p[k+3] += x * x / n
		}
	}
	for k := range 3 {
		p[k+3] = math.Sqrt(max(0, p[k+3]-p[k]*p[k]))
	}
	return p
}

func thumbnail(m *pixel.Image) *pixel.Image {
	w, h := pixel.FitWithin(m.W, m.H, 512, 512)
	return pixel.Resize(m, w, h, pixel.Box)
}

func logAbs(v float64) float64 { return math.Abs(math.Log(max(v, 1e-9))) }
