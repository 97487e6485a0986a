package builtin

import (
	"context"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// otherPixels bounds the picture on which an overlapping object is found: only
// its rough place is needed.
const otherPixels = 30_000

// exclude takes the picture's other objects out of the box: an object with a
// class map by that map, another by a quick cut of its own.
func (t *target) exclude(ctx context.Context, img *pixel.Image, fr *frame, ev *evidence) error {
	for _, o := range t.others {
		if t.sameAs(o) {
			continue
		}
		overlap, around := t.overlap(o)
		if !around {
			continue
		}
		if t.sameKind(o) {
			each(fr, fr.place(o), func(i int) { ev.ignore[i] = ev.ignore[i] || ev.fixed[i] == surelyOut })
		}
		if overlap < 0.02 {
			continue
		}
		m, sure, err := t.find(ctx, img, o)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		p := fr.mask(m)
		if sure {
			t.contest(fr, ev, o, p)
		}
		for i, v := range p {
			if v < 0.5 || ev.fixed[i] != unknown {
				continue
			}
			if sure {
				ev.fixed[i] = surelyOut
				ev.ignore[i] = true
			} else {
				ev.prior[i] -= 2 * v
			}
		}
	}
	return nil
}

// sameAs reports whether another box is a picked object under a second name,
// or the scene around it: neither is background.
func (t *target) sameAs(o edit.Box) bool {
	for _, b := range t.picked {
		if b.IoU(o) > sameObject {
			return true
		}
		if o.Area() > b.Area() && b.Intersect(o) > 0.9*b.Area() {
			return true
		}
	}
	return false
}

// overlap is the greatest share of a picked box that o covers, and whether o
// lies anywhere in its surroundings.
func (t *target) overlap(o edit.Box) (share float64, around bool) {
	for _, b := range t.picked {
		share = math.Max(share, b.Intersect(o)/math.Max(b.Area(), 1))
		around = around || grown(b, marginShare).Intersect(o) > 0
	}
	return share, around
}

func (t *target) sameKind(o edit.Box) bool {
	for _, b := range t.picked {
		if b.Label != "" && b.Label == o.Label {
			return true
		}
	}
	return false
}

// find segments another object roughly. sure says that a class map vouches for
// it. An object larger than all picked ones without a map is left alone: what
// is in front of it cannot be told by colours.
func (t *target) find(ctx context.Context, img *pixel.Image, o edit.Box) (m *pixel.Mask, sure bool, err error) {
	o.Score = 0 // what is only likely another object is better left open
	alone := &target{picked: []edit.Box{o}, classes: t.classes}
	layer := alone.layer(boxNames(alone.picked))
	sure = layer != nil && alone.covers(layer)
	if !sure {
		for _, b := range t.picked {
			if o.Area() > b.Area() {
				return nil, false, nil
			}
		}
	}
	m, err = alone.segment(ctx, img, otherPixels, cutOptions{rounds: 3, color: 1})
	return m, sure, err
}
