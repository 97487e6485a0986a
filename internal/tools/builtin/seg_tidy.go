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
