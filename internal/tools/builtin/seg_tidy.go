package builtin

import "pentimento/internal/pixel"

const (
	// speck is the share of the object below which a separate piece is noise.
	speck = 0.006
	// stray is the share below which a piece that the evidence speaks against is another object.
	stray = 0.12
	// pinhole is the share of the object below which a hole is noise.
	pinhole = 0.0006
	// covered is the share below which a hole that the evidence speaks against is filled.
	covered = 0.06
)

// tidy removes specks and strays from a labelling and fills pinholes and holes
// that the evidence says are the object (a white scarf in a dark coat).
func tidy(fr *frame, ev *evidence, label []float32) {
	m := pixel.NewMask(fr.w, fr.h)
	for i, v := range label {
		if v >= 0.5 {
			m.Pix[i] = 255
		}
	}
	total := m.Count(pixel.Half)
	sweep(m, ev, func(area int, belief float64, _ bool) bool {
		share := float64(area) / float64(total)
		return share < speck || share < stray && belief < 0.35
	}, label, 0)
	holes := pixel.Invert(m)
	sweep(holes, ev, func(area int, belief float64, edge bool) bool {
		share := float64(area) / float64(total)
		return !edge && (share < pinhole || share < covered && belief > 0.6)
	}, label, 1)
	if ev.alone {
		fr.closeHoles(ev, label)
	}
}

const (
	// panel is the share of its box that the outline of a sign, a book or a
	// screen fills: what looks like a hole in one is print.
	panel = 0.9
	// glazed is the share of the object below which a hole unlike what is beside the box may be glass or a hub.
	glazed = 0.25
	// seenThrough is the share of a hole's pixels like the ground beside the box from which the ground is seen through it.
	seenThrough = 0.35
)

// closeHoles fills the holes of a labelling that colours alone left open: print
// on a panel, and whatever is unlike the ground beside the box in its rows.
// What is like it, is it: the grass behind a bench's slats.
func (fr *frame) closeHoles(ev *evidence, label []float32) {
	m := pixel.NewMask(fr.w, fr.h)
	for i, v := range label {
		if v >= 0.5 {
			m.Pix[i] = 255
		}
	}
	total := m.Count(pixel.Half)
	filled := pixel.FillHoles(m, 0)
	b := filled.Bounds(pixel.Half)
	solid := float64(filled.Count(pixel.Half)) > panel*float64(b.Dx()*b.Dy())
	rows := fr.beside(ev, b)
	holes := pixel.Label(pixel.Subtract(filled, m), pixel.Half, false)
	like := make([]int, len(holes.Components))
	known := make([]bool, len(holes.Components))
	for i, id := range holes.Of {
		if id == 0 {
			continue
		}
		known[id-1] = known[id-1] || ev.fixed[i] == surelyOut
		if r := &rows[i/fr.w]; r.n < leastBeside || !r.unlike(fr.f[i]) {
			like[id-1]++
		}
	}
	for i, id := range holes.Of {
		if id == 0 || known[id-1] {
			continue
		}
		area := float64(holes.Components[id-1].Area)
		if solid || area < glazed*float64(total) && float64(like[id-1]) < seenThrough*area {
			label[i] = 1
			ev.prior[i] = max(ev.prior[i], reachedPrior)
		}
	}
}

// sweep gives the pixels of every component of m that drop accepts another
// label. drop is told the component's area, the mean evidence that it is
// inside, and whether it touches the frame's border. Surely known pixels stay.
func sweep(m *pixel.Mask, ev *evidence, drop func(area int, belief float64, edge bool) bool, label []float32, to float32) {
	found := pixel.Label(m, pixel.Half, to == 0)
	belief := make([]float64, len(found.Components))
	known := make([]bool, len(found.Components))
	for i, id := range found.Of {
		if id == 0 {
			continue
		}
		belief[id-1] += float64(ev.seed[i])
		known[id-1] = known[id-1] || to == 0 && ev.fixed[i] == surelyIn || to == 1 && ev.fixed[i] == surelyOut
	}
	change := make([]bool, len(found.Components))
	for i, c := range found.Components {
		edge := c.Box.Min.X == 0 || c.Box.Min.Y == 0 || c.Box.Max.X == m.W || c.Box.Max.Y == m.H
		change[i] = !known[i] && drop(c.Area, belief[i]/float64(c.Area), edge)
	}
	for i, id := range found.Of {
		if id > 0 && change[id-1] {
			label[i] = to
		}
	}
}
