package builtin

import "pentimento/internal/edit"

// A box drawn by hand may cut its object: paws, a beak, the tip of a tail stick
// out by a few percent. So the border of a box known by colours alone is no
// wall: in a rim around it a pixel may be the object's where the colours say
// so, the less the farther out. Until they have been asked the rim teaches neither side.

const (
	// rimGrow is how far the rim reaches, as a share of the box's sides.
	rimGrow = 0.05
	// rimOfGap is how much of a gap to the picture's border the rim may take: a
	// strip of background has to remain on that side.
	rimOfGap = 0.5
	// rimLeast is the gap below which there is no room for a rim: who stops so
	// short of the picture's border has seen background there.
	rimLeast = 0.03
	// rimNear and rimFar are what speaks against a pixel at the rim's near and far end, in nats.
	rimNear, rimFar = 0.5, 3.0
	// rimSteps is the number of steps from one to the other.
	rimSteps = 7
)

// doubtRims marks the rims of the picked boxes that were drawn by hand in a picture of w×h, whose colours
// then teach nothing, and returns how far out each of their pixels lies, from 0 to 1.
func (t *target) doubtRims(fr *frame, ev *evidence, w, h int) []float32 {
	far := make([]float32, len(fr.f))
	for _, b := range t.picked {
		if b.Score > 0 && b.Score < 1 {
			continue // a detector's
		}
		near, end := grown(b, growAlone), rimEnd(b, float64(w), float64(h))
		for n := 1; n <= rimSteps; n++ {
			share := float64(n) / rimSteps
			each(fr, fr.place(between(near, end, share)), func(i int) {
				if ev.fixed[i] == surelyOut && !ev.ignore[i] && (far[i] == 0 || float64(far[i]) > share) {
					far[i] = float32(share)
				}
			})
		}
	}
	for i, f := range far {
		if f > 0 {
			ev.ignore[i], ev.rim[i] = true, true
		}
	}
	return far
}

// rimEnd is the outer border of a box's rim in a picture of w×h.
func rimEnd(b edit.Box, w, h float64) edit.Box {
	far := func(gap, size float64) float64 {
		sure := growAlone * size
		if gap < rimLeast*size {
			return sure
		}
		return min(rimGrow*size, sure+rimOfGap*(gap-sure))
	}
	dx, dy := b.W(), b.H()
	b.X0, b.X1 = b.X0-far(b.X0, dx), b.X1+far(w-b.X1, dx)
	b.Y0, b.Y1 = b.Y0-far(b.Y0, dy), b.Y1+far(h-b.Y1, dy)
	return b
}

// between is the box at a share of the way from one box to another.
func between(a, b edit.Box, share float64) edit.Box {
	a.X0, a.X1 = a.X0+share*(b.X0-a.X0), a.X1+share*(b.X1-a.X1)
	a.Y0, a.Y1 = a.Y0+share*(b.Y0-a.Y0), a.Y1+share*(b.Y1-a.Y1)
	return a
}

// openRims leaves the rims to the colours.
func openRims(ev *evidence, far []float32) {
	for i, share := range far {
		if ev.rim[i] {
			ev.fixed[i], ev.ignore[i] = unknown, false
			ev.prior[i] -= rimNear + (rimFar-rimNear)*share
		}
	}
}
