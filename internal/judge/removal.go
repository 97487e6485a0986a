package judge

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// RemovalInput is a filled hole. All pictures and the hole have one size.
type RemovalInput struct {
	Before, After *pixel.Image
	Hole          *pixel.Mask // what was filled
	Phrase        string      // what was removed
	// FoundBefore are the object's boxes before; with Detect the picture after
	// is searched for what lies there.
	FoundBefore []edit.Box
	Detect      Detector // may be nil
}

// Removal checks a filled hole. Its measures:
//
//	changed   share of the hole that changed
//	ghost     correlation of the hole's detail before and after: what is left of the object
//	foreign   share of the fill in colours that its surroundings do not have
//	gradient  |ln| of the fill's mean gradient over its surroundings', beyond their own variation
//	seam      colour step across the border over that nearby
//	tone      difference of tone across the border
//	outside   as in Recolor
//	detected  score of the detection that still covers the place
func Removal(ctx context.Context, in RemovalInput) (Verdict, error) {
	t := newTally("removal")
	v, err := openView(ctx, t, in.Before, in.After, in.Hole, 0.35, "the hole")
	if err != nil || v == nil {
		return t.verdict(""), err
	}
	v.judgeFill(t, false)
	if err := in.detect(ctx, t); err != nil {
		return Verdict{}, err
	}
	return t.verdict("the object is gone and the fill continues its surroundings"), nil
}

// ringWidth is how far the surroundings of a fill reach, in view pixels: a
// third of the hole's mean side, at least 12.
func (v *view) ringWidth() float32 {
	return float32(max(12, math.Sqrt(v.mask.Area())/3))
}

func (v *view) judgeFill(t *tally, plainGround bool) {
	ring := v.ringWidth()
	light := v.lightness(v.after)
	var changed mean
	for i, b := range v.before {
		if v.depth[i] > 0 {
			changed.add(indicator(b.Dist(v.after[i]) > noticeable/2))
		}
	}
	t.add("changed", changed.value(), 0.35, 0.02, "the place looks as it did before")
	fine := detail(light, 4)
	old := detail(v.lightness(v.before), 4)
	ghost, spread := correlation(len(v.depth), func(i int) (float64, float64, bool) {
		return float64(old.V[i]), float64(fine.V[i]), v.depth[i] >= 3
	})
	if spread < 1e-4 {
		ghost = 0
	}
	t.add("ghost", ghost, 0.3, 0.65, "the object still shows through")
	t.add("foreign", v.foreignShare(ring), 0.08, 0.5, "%s of the fill has colours that its surroundings lack")
	if rough := v.roughness(light, ring); rough != "smoother" || !plainGround {
		t.add("gradient", v.gradientOdds(light, ring), 0.35, 1.2, "the fill is "+rough+" than its surroundings")
	}
	t.add("seam", v.seamExcess(v.after), 1.25, 2.4, "a seam shows at the border of the fill")
	t.add("tone", v.stepAcross(v.after), 0.07, 0.25, "the fill's tone differs from what borders on it")
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// colorCell is a coarse cell of OKLab, for histograms that say which colours occur.
func colorCell(c pixel.Lab) (l, a, b int) {
	return min(max(int(c.L*16), 0), 15), min(max(int((c.A+0.4)*25), 0), 19), min(max(int((c.B+0.4)*25), 0), 19)
}

// foreignShare is the share of the fill whose colour, neighbouring cells included, is
// rare in the ring around the hole: a ghost of the object, or another thing.
func (v *view) foreignShare(ring float32) float64 {
	const la, lb = 20 * 20, 20
	var hist [16 * la]float32
	var n float32
	for i, d := range v.depth {
		if d < 0 && d >= -ring {
			l, a, b := colorCell(v.after[i])
			hist[l*la+a*lb+b]++
			n++
		}
	}
	if n == 0 {
		return 0
	}
	near := func(l, a, b int) (sum float32) {
		for dl := max(l-1, 0); dl <= min(l+1, 15); dl++ {
			for da := max(a-1, 0); da <= min(a+1, 19); da++ {
				for db := max(b-1, 0); db <= min(b+1, 19); db++ {
					sum += hist[dl*la+da*lb+db]
				}
			}
		}
		return sum
	}
	var known [16 * la]int8
	var foreign mean
	for i, d := range v.depth {
		if d <= 0 {
			continue
		}
		l, a, b := colorCell(v.after[i])
		k := l*la + a*lb + b
		if known[k] == 0 {
			known[k] = 1
			if near(l, a, b) < 0.004*n {
				known[k] = 2
			}
		}
		foreign.add(indicator(known[k] == 2))
	}
	return foreign.value()
}

// gradientMeans are the mean gradients of the fill, and the second least and second greatest
// of the ring's eight sectors around the hole's middle: surroundings are rarely alike on all sides.
func (v *view) gradientMeans(light *pixel.Plane, ring float32) (fill, lo, hi float64) {
	grad := gradient(light)
	box := v.mask.Bounds(pixel.Half)
	cx, cy := float64(box.Min.X+box.Max.X)/2, float64(box.Min.Y+box.Max.Y)/2
	var in mean
	var sectors [8]mean
	for i, d := range v.depth {
		switch {
		case d >= 2:
			in.add(float64(grad.V[i]))
		case d <= -2 && d >= -ring:
			turn := math.Atan2(float64(i/v.w)-cy, float64(i%v.w)-cx)
			sectors[int(math.Floor(turn/math.Pi*4+4))&7].add(float64(grad.V[i]))
		}
	}
	var known []float64
	for _, s := range sectors {
		if s.n >= 32 {
			known = append(known, s.value())
		}
	}
	if len(known) == 0 {
		return in.value(), 0, math.Inf(1)
	}
	// The second of eight at either end: one odd sector is to excuse nothing.
	lo, hi = quantile(known, 0.15), quantile(known, 0.8)
	return in.value(), lo, hi
}

const gradientFloor = 0.0015

// gradientOdds is how far, in logarithms, the fill's mean gradient lies outside the range of its surroundings.
func (v *view) gradientOdds(light *pixel.Plane, ring float32) float64 {
	fill, lo, hi := v.gradientMeans(light, ring)
	return max(0, math.Log(ratio(lo, fill, gradientFloor)), math.Log(ratio(fill, hi, gradientFloor)))
}

func (v *view) roughness(light *pixel.Plane, ring float32) string {
	if fill, lo, _ := v.gradientMeans(light, ring); fill < lo {
		return "smoother"
	}
	return "rougher"
}

// detect asks the detector, if there is one, whether the object is still where it was.
func (in RemovalInput) detect(ctx context.Context, t *tally) error {
	if in.Detect == nil || in.Phrase == "" {
		t.skip("whether a detector still finds it")
		return nil
	}
	before := in.FoundBefore
	if len(before) == 0 {
		found, ok, err := look(ctx, in.Detect, in.Before, in.Phrase)
		if err != nil {
			return err
		}
		if !ok || len(found.Picked) == 0 {
			t.skip("whether a detector still finds it (it did not before)")
			return nil
		}
		before = found.Picked
	}
	after, ok, err := look(ctx, in.Detect, in.After, in.Phrase)
	if err != nil {
		return err
	}
	if !ok {
		after = edit.Boxes{}
	}
	t.add("detected", stillThere(before, after, in.Hole), 0.2, 0.75, "the detector still finds the object")
	return nil
}

// stillThere is the highest score of a box after that covers the place of one before and is mostly hole.
func stillThere(before []edit.Box, after edit.Boxes, hole *pixel.Mask) float64 {
	b := hole.Bounds(pixel.Half)
	hb := edit.Box{X0: float64(b.Min.X), Y0: float64(b.Min.Y), X1: float64(b.Max.X), Y1: float64(b.Max.Y)}
	best := 0.0
	for _, a := range append(append([]edit.Box(nil), after.Picked...), after.Others...) {
		if a.Intersect(hb) < 0.5*a.Area() {
			continue // another one of its kind, beside the hole
		}
		for _, o := range before {
			if a.IoU(o) > 0.3 {
				best = max(best, a.Score)
			}
		}
	}
	return best
}
