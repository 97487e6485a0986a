package patchmatch

import (
	"context"
	"sync"

	"pentimento/internal/pixel"
)

// bands is how many strips of rows are searched at once. It is fixed, so that
// the result does not depend on the number of cores.
const bands = 4

// search improves the nearest-neighbour field by one PatchMatch sweep (Barnes
// et al., 2009): each target tries the sources that its scanned neighbours
// point to, shifted by one, then random ones in shrinking windows around its
// best. Odd sweeps run backwards. Rows are cut into bands that do not look at
// each other within a sweep; the cuts move from sweep to sweep.
func (l *level) search(ctx context.Context, sweep int, seed uint64) {
	cut := func(b int) int {
		if b == 0 || b == bands {
			return b / bands * l.h
		}
		return (2*b + sweep%2) * l.h / (2*bands + 1)
	}
	var wg sync.WaitGroup
	for b := range bands {
		wg.Go(func() { l.searchRows(ctx, cut(b), cut(b+1), sweep%2 == 1, seed) })
	}
	wg.Wait()
}

func (l *level) searchRows(ctx context.Context, y0, y1 int, backward bool, seed uint64) {
	for k := range y1 - y0 {
		y := y0 + k
		if backward {
			y = y1 - 1 - k
		}
		if ctx.Err() != nil {
			return
		}
		row := l.targets[l.rows[y]:l.rows[y+1]]
		rnd := newRNG(seed, uint64(y))
		for j := range row {
			t := row[j]
			dx, dy := int32(-1), int32(-l.w)
			if backward {
				t, dx, dy = row[len(row)-1-j], 1, int32(l.w)
			}
			l.improve(t, dx, dy, y > y0 && !backward || y < y1-1 && backward, &rnd)
		}
	}
}

// improve tries to find a better source for one target. vertical says whether
// the neighbour at t+dy belongs to the same band.
func (l *level) improve(t, dx, dy int32, vertical bool, rnd *rng) {
	best, cost := l.nn[t], l.cost[t]
	try := func(s int32) {
		if s != best && l.source[s] && (l.apart == 0 || l.distant(t, s)) {
			if c := l.dist(t, s, cost); c < cost {
				best, cost = s, c
			}
		}
	}
	if n := l.nn[t+dx]; n >= 0 {
		try(n - dx)
	}
	if vertical {
		if n := l.nn[t+dy]; n >= 0 {
			try(n - dy)
		}
	}
	w, h := int32(l.w), int32(l.h)
	for r := min(l.reach, max(w, h)); r >= 1; r /= 2 {
		bx, by := best%w, best/w
		x0, x1 := max(bx-r, radius), min(bx+r, w-1-radius)
		y0, y1 := max(by-r, radius), min(by+r, h-1-radius)
		x := x0 + int32(rnd.intn(int(x1-x0+1)))
		y := y0 + int32(rnd.intn(int(y1-y0+1)))
		try(y*w + x)
	}
	l.nn[t], l.cost[t] = best, cost
}

// measure recomputes the cost of every target's source after the guess has changed.
func (l *level) measure(ctx context.Context) {
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for _, t := range l.targets[l.rows[y]:l.rows[y+1]] {
				l.cost[t] = l.dist(t, l.nn[t], infinite)
			}
		}
	})
}

// rng is splitmix64: tiny, seedable, and the same everywhere.
type rng struct{ s uint64 }

func newRNG(seed, stream uint64) rng {
	r := rng{seed ^ (stream+1)*0x9e3779b97f4a7c15}
	r.next()
	return r
}

func (r *rng) next() uint64 {
	r.s += 0x9e3779b97f4a7c15
	z := r.s
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// intn returns a number in [0,n), n up to 2³¹.
func (r *rng) intn(n int) int { return int(r.next() >> 33 * uint64(n) >> 31) }
