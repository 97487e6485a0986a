package patchmatch

import (
	"cmp"
	"context"
	"image"
	"slices"

	"pentimento/internal/pixel"
)

const (
	dominantOffsets = 48 // how many of the picture's own repetitions are tried
	apartShare      = 12 // repetitions are at least the hole's longer side / this apart,
	outwardShare    = 80 // around a picture they are at least this percentage of the margin's width apart,
	leastApart      = 6  // and this many pixels
	axisBins        = 48 // in which the best offset along each half axis is tried
	offsetSweeps    = 5
	peakRadius      = 2 // an offset is a peak when none within this many pixels is more frequent
)

// offset is a displacement from a missing pixel to the known one that may take its place.
type offset struct {
	dx, dy int
	share  float32 // of the matches around the hole that have this offset, 0 for those made up
}

// offsets returns the displacements at which the hole's surroundings repeat
// themselves, most frequent first (He and Sun, "Statistics of patch offsets for
// image completion", ECCV 2012): bricks repeat by whole bricks, a kerb along
// itself. They are the peaks in the histogram of where the nearest patches lie
// that are not next door. After them come plain shifts by the hole's
// size, for places that do not repeat.
func (l *level) offsets(ctx context.Context, opt Options) ([]offset, error) {
	box := l.holeBox()
	side := max(box.Dx(), box.Dy())
	apart, stepX, stepY := max(leastApart, side/apartShare), box.Dx()+radius, box.Dy()+radius
	if opt.Outward {
		x, y := l.margins()
		least := max(x, y)
		if x > 0 && y > 0 {
			least = min(x, y)
		}
		apart, stepX, stepY = max(leastApart, outwardShare*least/100), x+radius, y+radius
	}
	found, err := l.repetitions(ctx, box.Inset(-side), apart, opt.Seed)
	if err != nil {
		return nil, err
	}
	for _, f := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}} {
		for _, share := range []int{55, 105} {
			found = append(found, offset{dx: f[0] * stepX * share / 100, dy: f[1] * stepY * share / 100})
		}
	}
	if opt.Outward {
		found = slices.DeleteFunc(found, func(o offset) bool { return max(o.dx, -o.dx, o.dy, -o.dy) < apart })
	}
	return found, nil
}

// margins are how far the hole around a picture reaches beyond it, sideways and up and down.
func (l *level) margins() (x, y int) {
	var known image.Rectangle
	for i, u := range l.unknown {
		if !u {
			known = known.Union(image.Rect(i%l.w, i/l.w, i%l.w+1, i/l.w+1))
		}
	}
	return max(known.Min.X, l.w-known.Max.X), max(known.Min.Y, l.h-known.Max.Y)
}

// repetitions matches the known patches in a box with others at least apart
// pixels away and returns the peaks of their offsets' histogram.
func (l *level) repetitions(ctx context.Context, box image.Rectangle, apart int, seed int64) ([]offset, error) {
	m := &level{
		w: l.w, h: l.h, px: l.px, source: l.source, apart: int32(apart), reach: int32(max(l.w, l.h)),
		nn: make([]int32, len(l.nn)), cost: make([]float32, len(l.nn)), rows: []int32{0},
	}
	rnd := newRNG(uint64(seed), 77)
	for y := range l.h {
		for x := range l.w {
			i := int32(y*l.w + x)
			if m.nn[i] = -1; !l.source[i] || !image.Pt(x, y).In(box) {
				continue
			}
			for range 8 { // a few tries suffice: what finds none is no witness
				if s := l.sources[rnd.intn(len(l.sources))]; m.distant(i, s) {
					m.targets, m.nn[i] = append(m.targets, i), s
					break
				}
			}
		}
		m.rows = append(m.rows, int32(len(m.targets)))
	}
	m.measure(ctx)
	for sweep := range offsetSweeps {
		m.search(ctx, sweep, uint64(seed)+uint64(sweep))
	}
	if err := ctx.Err(); err != nil || len(m.targets) == 0 {
		return nil, err
	}
	return m.peaks(), nil
}

// peaks are the most frequent offsets of a nearest-neighbour field, in both
// directions, since what matches at s matches back at -s.
func (l *level) peaks() []offset {
	hist := pixel.NewPlane(2*l.w+1, 2*l.h+1)
	for _, t := range l.targets {
		s := l.nn[t]
		dx, dy := int(s)%l.w-int(t)%l.w, int(s)/l.w-int(t)/l.w
		hist.V[(l.h+dy)*hist.W+l.w+dx]++
		hist.V[(l.h-dy)*hist.W+l.w-dx]++
	}
	smooth := pixel.GaussianBlur(hist, 1.4)
	var found []offset
	for y := range smooth.H {
		for x := range smooth.W {
			if v := smooth.V[y*smooth.W+x]; v > 0 && isPeak(smooth, x, y) {
				found = append(found, offset{dx: x - l.w, dy: y - l.h, share: v / float32(2*len(l.targets))})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b offset) int { return cmp.Compare(b.share, a.share) })
	found = found[:min(len(found), dominantOffsets)]
	// Along the axes, at every distance: what is level stays level, however wide the hole.
	for b := -axisBins; b < axisBins; b++ {
		found = append(found,
			l.likeliest(smooth, image.Rect(b*l.w/axisBins, -1, (b+1)*l.w/axisBins, 2)),
			l.likeliest(smooth, image.Rect(-1, b*l.h/axisBins, 2, (b+1)*l.h/axisBins)))
	}
	return found
}

// likeliest is the most frequent offset in a box, its middle if all are alike.
func (l *level) likeliest(hist *pixel.Plane, box image.Rectangle) offset {
	best := offset{dx: (box.Min.X + box.Max.X) / 2, dy: (box.Min.Y + box.Max.Y) / 2}
	for dy := box.Min.Y; dy < box.Max.Y; dy++ {
		for dx := box.Min.X; dx < box.Max.X; dx++ {
			if v := hist.V[(l.h+dy)*hist.W+l.w+dx]; v > best.share && max(dx, -dx, dy, -dy) >= int(l.apart) {
				best = offset{dx: dx, dy: dy, share: v}
			}
		}
	}
	return best
}

func isPeak(p *pixel.Plane, x, y int) bool {
	v := p.V[y*p.W+x]
	for yy := max(0, y-peakRadius); yy <= min(p.H-1, y+peakRadius); yy++ {
		for xx := max(0, x-peakRadius); xx <= min(p.W-1, x+peakRadius); xx++ {
			o := p.V[yy*p.W+xx]
			if o > v || o == v && (yy < y || yy == y && xx < x) {
				return false
			}
		}
	}
	return true
}

// distant reports whether a source is far enough from a target to be another place.
func (l *level) distant(t, s int32) bool {
	w := int32(l.w)
	dx, dy := t%w-s%w, t/w-s/w
	return max(dx, -dx, dy, -dy) >= l.apart
}

// holeBox is the smallest rectangle around the unknown pixels.
func (l *level) holeBox() image.Rectangle {
	var box image.Rectangle
	for i, u := range l.unknown {
		if u {
			x, y := i%l.w, i/l.w
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return box
}
