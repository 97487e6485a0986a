package builtin

import (
	"context"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// target is what is to be separated, as the tools before said it.
type target struct {
	picked  []edit.Box
	others  []edit.Box
	names   []string // words for the object: the phrase's head
	classes *pixel.Classes
}

const (
	// marginShare of a box's sides is looked at around it: the ring whose
	// colours the object lacks.
	marginShare = 0.22
	// growWithLayer and growAlone are how much a detector's box is mistrusted:
	// with a class map the map holds the object back, so the box may be wider.
	growWithLayer = 0.05
	growAlone     = 0.015
	// followShare of a box's size is how far a class map may lead beyond the box.
	followShare = 0.2
	// sameObject is the overlap from which another box is a second name of this one.
	sameObject = 0.7
	// layerBlur is the standard deviation, as a share of the picture's longer
	// side, of the error of a class map's border.
	layerBlur = 0.006
	// layerWeight scales a class map's log odds; layerLimit bounds them, in nats.
	layerWeight = 0.8
	layerLimit  = 3.5
	// layerShift moves a class map's log odds: inside objects the coarse map is
	// often as low as 0.2 on heads, tails and wheels, and outside rarely above 0.1.
	layerShift = 1.2
)

// layers returns the class maps that go by one of the names, merged, or nil.
func (t *target) layer(names []string) *pixel.Mask {
	if t.classes == nil {
		return nil
	}
	var found *pixel.Mask
	for _, l := range t.classes.Layers {
		if !layerNamed(l, names) {
			continue
		}
		if found == nil {
			found = l.Mask
		} else {
			found = pixel.Union(found, l.Mask)
		}
	}
	return found
}

// layerNamed reports whether a class goes by one of the names, plural and compounds allowed.
func layerNamed(l pixel.Layer, names []string) bool {
	words := edit.NewLabels([]string{l.Label}, map[string][]string{l.Label: l.Aliases}, nil)
	for _, n := range names {
		if n == "" {
			continue
		}
		if _, ok := words.Find(n); ok {
			return true
		}
	}
	return false
}

// boxNames are the words under which a class map may hold what is in a box.
func boxNames(boxes []edit.Box, more ...string) []string {
	names := append([]string(nil), more...)
	for _, b := range boxes {
		names = append(names, b.Label)
	}
	return names
}

// grown returns b with every side moved out by share of the box's size.
func grown(b edit.Box, share float64) edit.Box {
	dx, dy := share*b.W(), share*b.H()
	b.X0, b.X1, b.Y0, b.Y1 = b.X0-dx, b.X1+dx, b.Y0-dy, b.Y1+dy
	return b
}

// surroundings is the part of the picture that is looked at: the picked boxes and a margin.
func surroundings(boxes []edit.Box, w, h int) image.Rectangle {
	var r image.Rectangle
	for _, b := range boxes {
		// A margin in proportion to both sides, so that a thin box has a ring too.
		m := marginShare * (b.W() + b.H()) / 2
		b.X0, b.X1, b.Y0, b.Y1 = b.X0-m, b.X1+m, b.Y0-m, b.Y1+m
		r = r.Union(rectOf(b.Clip(w, h)))
	}
	return r
}

func rectOf(b edit.Box) image.Rectangle {
	return image.Rect(int(math.Floor(b.X0)), int(math.Floor(b.Y0)), int(math.Ceil(b.X1)), int(math.Ceil(b.Y1)))
}

// place maps boxes and masks of the picture into a frame.
func (fr *frame) place(b edit.Box) image.Rectangle {
	sx, sy := float64(fr.w)/float64(fr.crop.Dx()), float64(fr.h)/float64(fr.crop.Dy())
	ox, oy := float64(fr.crop.Min.X), float64(fr.crop.Min.Y)
	r := image.Rect(
		int(math.Floor((b.X0-ox)*sx)), int(math.Floor((b.Y0-oy)*sy)),
		int(math.Ceil((b.X1-ox)*sx)), int(math.Ceil((b.Y1-oy)*sy)))
	return r.Intersect(image.Rect(0, 0, fr.w, fr.h))
}

func (fr *frame) mask(m *pixel.Mask) []float32 {
	part := pixel.CropMask(m, fr.crop).Plane()
	return pixel.ResizePlane(part, fr.w, fr.h, pixel.Area).V
}

// gather turns a target into the evidence of a frame.
func gather(ctx context.Context, img *pixel.Image, fr *frame, t *target) (*evidence, error) {
	ev := newEvidence(len(fr.f))
	layer := t.layer(boxNames(t.picked, t.names...))
	if layer != nil && !t.covers(layer) {
		layer = nil
	}
	grow := growAlone
	if layer != nil {
		grow = growWithLayer
	}
	inside := make([]bool, len(fr.f))
	for _, b := range t.picked {
		each(fr, fr.place(grown(b, grow)), func(i int) { inside[i] = true })
		// A box drawn by a person may be loose, and without a class map what is
		// odd beside the object cannot be told from it.
		if layer != nil && b.Score > 0 && b.Score < 1 {
			ev.tight = append(ev.tight, fr.place(b))
		}
	}
	if layer != nil {
		t.follow(fr, layer, inside)
	}
	for i, in := range inside {
		if !in {
			ev.fixed[i] = surelyOut
		}
	}
	if err := t.exclude(ctx, img, fr, ev); err != nil {
		return nil, err
	}
	ev.colorsOnly = layer == nil
	switch {
	case layer != nil:
		fr.believeLayer(ev, layer, img)
	case t.classes != nil:
		// The neighbours are cut out by their class maps, and what stands in front
		// of the ring's grounds is told from them; the clues were fitted without.
		fr.believeContrast(ev)
	default:
		ev.alone = true
		rims := t.doubtRims(fr, ev, img.W, img.H)
		if err := t.believeClues(ctx, fr, ev); err != nil {
			return nil, err
		}
		openRims(ev, rims)
	}
	return ev, nil
}

// follow widens the inside beyond a box where the class map goes on: detectors
// often cut hats and tails off. It stays within followShare of the box and off
// other objects of the kind.
func (t *target) follow(fr *frame, layer *pixel.Mask, inside []bool) {
	taken := make([]bool, len(inside))
	for _, o := range t.others {
		if !t.sameAs(o) {
			each(fr, fr.place(o), func(i int) { taken[i] = true })
		}
	}
	p := fr.mask(layer)
	for _, b := range t.picked {
		each(fr, fr.place(grown(b, followShare)), func(i int) {
			inside[i] = inside[i] || p[i] > 0.6 && !taken[i]
		})
	}
}

// covers reports whether a class map has seen the picked objects at all.
func (t *target) covers(layer *pixel.Mask) bool { return t.coverage(layer) > 0.15 }

// coverage is the share of the picked boxes, a tenth of each side left out, that a class map fills.
func (t *target) coverage(layer *pixel.Mask) float64 {
	var sum, area float64
	for _, b := range t.picked {
		r := rectOf(grown(b, -0.1).Clip(layer.W, layer.H))
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				sum += float64(layer.Pix[y*layer.W+x])
			}
		}
		area += float64(r.Dx() * r.Dy())
	}
	return sum / (255 * max(area, 1))
}

func each(fr *frame, r image.Rectangle, f func(i int)) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			f(y*fr.w + x)
		}
	}
}

// believeLayer takes beliefs and priors from a class map.
func (fr *frame) believeLayer(ev *evidence, layer *pixel.Mask, img *pixel.Image) {
	p := fr.mask(layer)
	sigma := layerBlur * float64(max(img.W, img.H)) * float64(fr.w) / float64(fr.crop.Dx())
	p = pixel.GaussianBlur(&pixel.Plane{W: fr.w, H: fr.h, V: p}, sigma).V
	for i, v := range p {
		if ev.fixed[i] != unknown {
			continue
		}
		if ev.open[i] {
			ev.seed[i], ev.trust[i] = 0.5, 0
			continue
		}
		o := logit(v, 8) + layerShift
		ev.seed[i] = float32(1 / (1 + math.Exp(-float64(o))))
		ev.prior[i] += layerWeight * min(max(o, -layerLimit/layerWeight), layerLimit/layerWeight)
		ev.trust[i] = min(2*float32(math.Abs(float64(ev.seed[i])-0.5)), 1)
	}
}

func logit(p float32, limit float64) float32 {
	v := math.Log((float64(p) + 1e-3) / (1 - float64(p) + 1e-3))
	return float32(min(max(v, -limit), limit))
}

// cluePrior is how much of the clues' log odds stays a prior beside the colours learned from them.
const cluePrior = 0.15

// believeClues takes beliefs from what a box alone tells of its object.
func (t *target) believeClues(ctx context.Context, fr *frame, ev *evidence) error {
	var boxes []image.Rectangle
	for _, b := range t.picked {
		boxes = append(boxes, fr.place(grown(b, growAlone)))
	}
	odds, err := fr.clues(ctx, ev, boxes)
	if err != nil {
		return err
	}
	for i, o := range odds {
		if ev.fixed[i] == unknown || ev.rim[i] {
			ev.seed[i] = float32(1 / (1 + math.Exp(-float64(o))))
			ev.prior[i] += cluePrior * min(max(o, -5), 5)
		}
	}
	return nil
}

// believeContrast takes beliefs from what the box has and its ring lacks: with
// half the box taken up by the object, a colour c in the box is the object's
// with probability 1 - p(c|ring)/(2·p(c|box)).
func (fr *frame) believeContrast(ev *evidence) {
	box, ring := fr.boxAndRing(ev)
	for i, f := range fr.f {
		if ev.fixed[i] == unknown {
			ev.seed[i] = float32(min(max(1-0.5*ring.at(f)/math.Max(box.at(f), 1e-9), 0), 1))
		}
	}
	smooth := pixel.BoxBlur(&pixel.Plane{W: fr.w, H: fr.h, V: ev.seed}, 1)
	copy(ev.seed, smooth.V)
}

// boxAndRing count the colours that may be the object's and those around it.
func (fr *frame) boxAndRing(ev *evidence) (box, ring *histogram) {
	box, ring = new(histogram), new(histogram)
	for i, f := range fr.f {
		switch {
		case ev.ignore[i]:
		case ev.fixed[i] == surelyOut:
			ring.add(f)
		default:
			box.add(f)
		}
	}
	box.finish()
	ring.finish()
	return box, ring
}
