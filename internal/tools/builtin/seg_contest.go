package builtin

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// A class map and the detector's boxes may contradict each other: where a cat
// lies before a dog, the map calls its paws dog, in the middle of the cat's box.
// What lies in the boxes of two objects of different classes is contested, and
// its colours decide, learned where boxes and maps agree: the pixels that
// the map of one claims in the box of that one alone.

const (
	// contestLeast is the share of the frame that each side needs of uncontested pixels to be known by.
	contestLeast = 0.01
	// contestBlur is the radius, as a share of the frame's longer side, over which colours vote.
	contestBlur = 0.012
)

// contest takes from p, the rough mask of another object with its class map,
// the contested pixels whose colours are nearer to the picked object's.
// There the maps are no evidence: ev.open says so.
func (t *target) contest(fr *frame, ev *evidence, o edit.Box, p []float32) {
	own, other := t.layer(boxNames(t.picked, t.names...)), t.layer(boxNames([]edit.Box{o}))
	if own == nil || other == nil || own == other || t.sameKind(o) {
		return
	}
	mine, its := fr.mask(own), fr.mask(other)
	inMine, inIts := make([]bool, len(p)), make([]bool, len(p))
	for _, b := range t.picked {
		each(fr, fr.place(grown(b, growWithLayer)), func(i int) { inMine[i] = true })
	}
	each(fr, fr.place(grown(o, growWithLayer)), func(i int) { inIts[i] = true })
	var a, b []sample
	for i, f := range fr.f {
		switch {
		case inMine[i] && mine[i] > 0.5 && mine[i] > its[i]:
			a = append(a, sample{f, 1})
		case inIts[i] && !inMine[i] && its[i] > 0.5:
			b = append(b, sample{f, 1})
		}
	}
	least := int(contestLeast * float64(len(p)))
	if len(a) < least || len(b) < least {
		return
	}
	m := models{in: fitMixture(a), out: fitMixture(b)}
	vote := pixel.NewPlane(fr.w, fr.h)
	for i, f := range fr.f {
		vote.V[i] = m.odds(f)
	}
	vote = pixel.BoxBlur(vote, max(1, int(contestBlur*math.Max(float64(fr.w), float64(fr.h)))))
	contested := func(i int) bool { return inMine[i] && inIts[i] && (p[i] >= 0.5 || its[i] > mine[i]) }
	left := pixel.NewMask(fr.w, fr.h)
	for i, v := range vote.V {
		switch {
		case contested(i) && v > 0:
			p[i], ev.open[i] = 0, true
		case p[i] >= 0.5:
			left.Pix[i] = 255
		}
	}
	// What is left of the other in the contested place without a way to the rest of it is a spot on the picked one.
	found := pixel.Label(left, pixel.Half, true)
	joined := make([]bool, len(found.Components)+1)
	for i, id := range found.Of {
		joined[id] = joined[id] || !contested(i)
	}
	for i, id := range found.Of {
		if id > 0 && !joined[id] {
			p[i], ev.open[i] = 0, true
		}
	}
}
