package judge

import (
	"context"

	"pentimento/internal/pixel"
)

// Ground is what was to become of a background.
type Ground int

// The grounds.
const (
	Transparent Ground = iota // nothing is left of it
	Replaced                  // another picture, colour or gradient
	Blurred                   // the same, out of focus
)

// BackgroundInput is a picture whose background was changed.
type BackgroundInput struct {
	Before, After *pixel.Image
	Subject       *pixel.Mask // the matte of what stays
	Ground        Ground
	Color         *pixel.Lab // the colour the ground was to have; nil when none was named
}

// Background checks a changed background. Its measures:
//
//	subject  share of the subject, three pixels inside its border, that changed
//	ground   share of the background that is transparent, changed, or lost its detail
//	color    median distance of the new ground from the colour that was asked
//	edge     as in Segment: whether the matte's outline lies on the picture's edges
//	fringe   along the border, share of the visible pixels that still show the old ground
func Background(ctx context.Context, in BackgroundInput) (Verdict, error) {
	t := newTally("background")
	if !sameSize(in.Before, in.After) {
		t.fail("the picture's size changed")
		return t.verdict(""), nil
	}
	switch share := in.Subject.Area() / float64(len(in.Subject.Pix)); {
	case share < 0.001:
		t.fail("there is no subject")
	case share > 0.995:
		t.fail("the subject is the whole picture")
	}
	if t.fatal != "" {
		return t.verdict(""), nil
	}
	v, err := newView(ctx, in.Before, in.After, in.Subject, 1e6)
	if err != nil {
		return Verdict{}, err
	}
	var subject mean
	for i, b := range v.before {
		if v.depth[i] >= 3 {
			subject.add(indicator(b.Dist(v.after[i]) > 2*noticeable || v.alphaAt(i) < 0.95))
		}
	}
	t.add("subject", subject.value(), 0.01, 0.12, "%s of the subject changed")
	v.judgeGround(t, in)
	if edge, share := v.edgeFit(); share > 0 {
		t.add("edge", edge, 0.22, 0, "the cut does not follow the picture's edges")
	}
	if in.Ground != Blurred {
		t.add("fringe", v.fringe(), 0.10, 0.5, "a fringe of the old background is left along the border")
	}
	return t.verdict("the background changed and the subject did not"), nil
}

func (v *view) alphaAt(i int) float64 {
	if v.alpha == nil {
		return 1
	}
	return float64(v.alpha[i])
}

func (v *view) judgeGround(t *tally, in BackgroundInput) {
	var done mean
	var off []float64
	for i, b := range v.before {
		if v.depth[i] > -4 {
			continue
		}
		a := v.after[i]
		if in.Ground == Transparent {
			done.add(1 - v.alphaAt(i))
			continue
		}
		done.add(indicator(b.Dist(a) > noticeable))
		if in.Color != nil {
			off = append(off, a.Dist(*in.Color))
		}
	}
	switch in.Ground {
	case Transparent:
		t.add("ground", done.value(), 0.97, 0.7, "only %s of the background is transparent")
	case Replaced:
		t.add("ground", done.value(), 0.6, 0.1, "only %s of the background changed")
		if in.Color != nil {
			t.add("color", quantile(off, 0.5), 0.06, 0.3, "the new background is not of the colour that was asked")
		}
	case Blurred:
		sharp := func(lab []pixel.Lab) float64 {
			g := gradient(v.lightness(lab))
			var m mean
			for i, d := range v.depth {
				if d < -6 {
					m.add(float64(g.V[i]))
				}
			}
			return m.value()
		}
		t.add("ground", ratio(sharp(v.after), sharp(v.before), 0.0005), 0.7, 1, "the background is as sharp as it was")
	}
}

// fringe is the share of visible border pixels, outside the subject's solid part, whose
// colour is the old picture's and nearer to the old ground beside them than to the subject.
func (v *view) fringe() float64 {
	inside, outside := v.local(func(d float32) bool { return d >= 3 && d < 9 }), v.local(func(d float32) bool { return d <= -3 && d > -9 })
	var left mean
	for i, d := range v.depth {
		if d <= -3 || d >= 3 || v.onFrame(i) {
			continue
		}
		f, okF := inside(i)
		b, okB := outside(i)
		if !okF || !okB || f.Dist(b) < 0.08 {
			continue // subject and ground look alike here
		}
		a, old := v.after[i], v.before[i]
		isGround := old.Dist(b) < 0.4*old.Dist(f)
		if !isGround {
			left.add(0)
			continue
		}
		still := a.Dist(old) < 2*noticeable || a.Dist(b) < 0.25*f.Dist(b)
		left.add(indicator(still) * v.alphaAt(i))
	}
	return left.value()
}

// local returns the mean colour before of the pixels around one whose depth passes.
func (v *view) local(pick func(depth float32) bool) func(i int) (pixel.Lab, bool) {
	var planes [4]*pixel.Plane
	for k := range planes {
		planes[k] = pixel.NewPlane(v.w, v.h)
	}
	for i, c := range v.before {
		if pick(v.depth[i]) {
			planes[0].V[i], planes[1].V[i], planes[2].V[i], planes[3].V[i] = c.L, c.A, c.B, 1
		}
	}
	for k := range planes {
		planes[k] = pixel.BoxBlur(planes[k], 8)
	}
	return func(i int) (pixel.Lab, bool) {
		n := planes[3].V[i]
		if n < 0.02 {
			return pixel.Lab{}, false
		}
		return pixel.Lab{L: planes[0].V[i] / n, A: planes[1].V[i] / n, B: planes[2].V[i] / n}, true
	}
}
