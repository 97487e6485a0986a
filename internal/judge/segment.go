package judge

import (
	"context"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// SegmentInput is the mask of an object.
type SegmentInput struct {
	Image *pixel.Image
	Mask  *pixel.Mask
	Boxes []edit.Box // where the object is; empty when nobody said
	// Perturbed is the mask made again from a slightly different prompt; nil when there is none.
	Perturbed *pixel.Mask
	// Part says that the boxes are of something that the object is a part of, which it need not fill.
	Part bool
	// Whole says that the whole picture is a sound answer ("the picture").
	Whole bool
}

// Segment checks a mask. Its measures:
//
//	area       share of the picture, or of its boxes; none and nearly all are failures
//	outside    share of the mask outside its boxes, grown by a twelfth
//	extent     overlap of the mask's own bounding box with the boxes, where they are of the object itself
//	edge       share of the outline that is the strongest edge nearby, beyond chance (see edgeFit)
//	crumbs     share of the mask in pieces beyond the largest few
//	stability  overlap with the mask from a perturbed prompt
func Segment(ctx context.Context, in SegmentInput) (Verdict, error) {
	t := newTally("segment")
	if in.Mask.W != in.Image.W || in.Mask.H != in.Image.H {
		t.fail("the mask is not of the picture's size")
		return t.verdict(""), nil
	}
	area := float64(in.Mask.Count(pixel.Half))
	share := area / float64(len(in.Mask.Pix))
	t.note("area", share)
	switch {
	case area == 0:
		t.fail("the mask is empty")
	case share > 0.985 && in.Whole:
		return t.verdict("the mask is the whole picture"), nil
	case share > 0.985:
		t.fail("the mask covers the whole picture")
	}
	if t.fatal != "" {
		return t.verdict(""), nil
	}
	in.judgeBoxes(t, area)
	v, err := newView(ctx, in.Image, nil, in.Mask, 0.1)
	if err != nil {
		return Verdict{}, err
	}
	v.judgeOutline(t, max(1, len(in.Boxes)))
	if in.Perturbed != nil {
		t.add("stability", pixel.IoU(in.Mask, in.Perturbed, nil), 0.85, 0.4, "the outline changes when the prompt moves a little")
	} else {
		t.skip("stability under another prompt")
	}
	return t.verdict("the mask lies in its box and follows the picture's edges"), nil
}

func (in SegmentInput) judgeBoxes(t *tally, area float64) {
	if len(in.Boxes) == 0 {
		t.skip("whether it lies in its box")
		return
	}
	w, h := in.Mask.W, in.Mask.H
	inBox := pixel.NewMask(w, h)
	var want image.Rectangle
	for _, b := range in.Boxes {
		padX, padY := max(3, b.W()/12), max(3, b.H()/12)
		g := edit.Box{X0: b.X0 - padX, Y0: b.Y0 - padY, X1: b.X1 + padX, Y1: b.Y1 + padY}.Clip(w, h)
		r := image.Rect(int(g.X0), int(g.Y0), int(math.Ceil(g.X1)), int(math.Ceil(g.Y1)))
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := inBox.Pix[y*w : (y+1)*w]
			for x := r.Min.X; x < r.Max.X; x++ {
				row[x] = 255
			}
		}
		c := b.Clip(w, h)
		want = want.Union(image.Rect(int(c.X0), int(c.Y0), int(math.Ceil(c.X1)), int(math.Ceil(c.Y1))))
	}
	out := 0
	for i, m := range in.Mask.Pix {
		if m >= pixel.Half && inBox.Pix[i] == 0 {
			out++
		}
	}
	t.add("outside", float64(out)/area, 0.04, 0.35, "%s of the mask lies outside its box")
	if in.Part {
		return
	}
	have := in.Mask.Bounds(pixel.Half)
	t.add("extent", asBox(have).IoU(asBox(want)), 0.75, 0.35, "the mask does not fill its box")
	boxArea := 0.0
	for _, b := range in.Boxes {
		boxArea += b.Clip(w, h).Area()
	}
	t.add("fill", math.Log(max(area/max(boxArea, 1), 1e-6)), math.Log(0.15), math.Log(0.01), "the mask is a small part of its box")
}

func asBox(r image.Rectangle) edit.Box {
	return edit.Box{X0: float64(r.Min.X), Y0: float64(r.Min.Y), X1: float64(r.Max.X), Y1: float64(r.Max.Y)}
}

// judgeOutline measures how the outline lies on the picture's edges, and its crumbs.
func (v *view) judgeOutline(t *tally, objects int) {
	edge, share := v.edgeFit()
	if share > 0 {
		t.add("edge", edge, 0.22, 0, "the outline does not follow the picture's edges")
	} else {
		t.skip("the outline (it runs along the picture's border)")
	}
	t.addWeighted("crumbs", v.crumbs(2+objects), 0.03, 0.4, 0.6, "the mask is in many pieces")
}

// edgeFit is the share of the outline along which the strongest colour step, of those met
// within reach pixels on a line across it, lies on the outline, to a tolerance of near
// pixels; beyond what chance gives: 1 where the outline is always the strongest edge nearby,
// 0 where it runs anywhere. A share of places is steadier than a mean of steps, which
// a few strong edges decide. share is the part of the outline that could be measured.
func (v *view) edgeFit() (fit, share float64) {
	const near, reach = 2, 8
	lab := v.smoothed()
	at := func(x, y float64) (pixel.Lab, bool) {
		ix, iy := int(math.Round(x)), int(math.Round(y))
		if ix < 0 || iy < 0 || ix >= v.w || iy >= v.h {
			return pixel.Lab{}, false
		}
		return lab[iy*v.w+ix], true
	}
	var on mean
	total := 0
	for i, depth := range v.depth {
		if depth <= 0 || depth >= 1.5 || v.onFrame(i) {
			continue
		}
		total++
		x, y := i%v.w, i/v.w
		nx, ny := float64(v.slope(x, y, 1, 0)), float64(v.slope(x, y, 0, 1))
		n := math.Hypot(nx, ny)
		if n < 0.1 {
			continue
		}
		nx, ny = nx/n, ny/n
		fx, fy := float64(x)-0.5*nx, float64(y)-0.5*ny
		best, where, whole := -1.0, 0, true
		for k := -reach; k <= reach && whole; k++ {
			a, okA := at(fx+float64(k-1)*nx, fy+float64(k-1)*ny)
			b, okB := at(fx+float64(k+1)*nx, fy+float64(k+1)*ny)
			if whole = okA && okB; whole {
				if d := a.Dist(b); d > best {
					best, where = d, k
				}
			}
		}
		if whole {
			on.add(indicator(where >= -near && where <= near))
		}
	}
	if total == 0 {
		return 0, 0
	}
	const chance = 1.0 / 3 // 5 of 17 places, and what texture adds
	return max(0, (on.value()-chance)/(1-chance)), on.n / float64(total)
}

// slope is the change of depth over a span of three pixels on each side, cut at the view's edge.
func (v *view) slope(x, y, dx, dy int) float32 {
	clampAt := func(x, y int) float32 {
		return v.depth[min(max(y, 0), v.h-1)*v.w+min(max(x, 0), v.w-1)]
	}
	return clampAt(x+3*dx, y+3*dy) - clampAt(x-3*dx, y-3*dy)
}

// smoothed is the view before with a little blur, against noise.
func (v *view) smoothed() []pixel.Lab {
	out := make([]pixel.Lab, len(v.before))
	plane := pixel.NewPlane(v.w, v.h)
	for k := range 3 {
		for i, c := range v.before {
			plane.V[i] = [3]float32{c.L, c.A, c.B}[k]
		}
		for i, x := range pixel.BoxBlur(plane, 1).V {
			switch k {
			case 0:
				out[i].L = x
			case 1:
				out[i].A = x
			default:
				out[i].B = x
			}
		}
	}
	return out
}

// crumbs is the share of the mask outside its n largest pieces.
func (v *view) crumbs(n int) float64 {
	var total, kept float64
	for i, c := range pixel.Components(v.mask, pixel.Half, true) {
		total += float64(c.Area)
		if i < n {
			kept += float64(c.Area)
		}
	}
	if total == 0 {
		return 1
	}
	return 1 - kept/total
}
