package patchmatch

import (
	"context"
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// weigh sets each target's weight: its confidence times how well its source
// fits, on the scale of the given quantile of all costs (Wexler et al., 2007).
func (l *level) weigh(quantile float64) {
	costs := make([]float32, len(l.targets))
	for i, t := range l.targets {
		costs[i] = l.cost[t]
	}
	slices.Sort(costs)
	scale := max(costs[int(quantile*float64(len(costs)-1))], 1)
	for _, t := range l.targets {
		l.weight[t] = l.conf[t]*float32(math.Exp(-float64(l.cost[t]/(2*scale)))) + 1e-9
	}
}

// vote replaces every unknown pixel by the weighted mean of what the target
// patches that cover it would put there, and returns the mean absolute change
// per colour sample.
func (l *level) vote(ctx context.Context) float64 {
	out := make([]float32, len(l.px))
	changes := make([]float64, l.h)
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for x := range l.w {
				if i := y*l.w + x; l.unknown[i] {
					var v [channels]float32
					if !l.opinions(x, y, &v) {
						copy(v[:], l.px[channels*i:])
					}
					copy(out[channels*i:], v[:])
				}
			}
		}
	})
	pixel.Rows(l.h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for i := y * l.w; i < (y+1)*l.w; i++ {
				if !l.unknown[i] {
					continue
				}
				p, q := l.px[channels*i:channels*(i+1)], out[channels*i:channels*(i+1)]
				for c := range 3 {
					changes[y] += float64(abs(p[c] - q[c]))
				}
				copy(p, q)
			}
		}
	})
	var sum float64
	for _, c := range changes {
		sum += c
	}
	return sum / float64(3*max(1, l.holeSize()))
}

// opinions averages the samples that the patches around (x,y) propose for it.
func (l *level) opinions(x, y int, v *[channels]float32) bool {
	var n float32
	for dy := -radius; dy <= radius; dy++ {
		if y+dy < radius || y+dy >= l.h-radius {
			continue
		}
		for dx := -radius; dx <= radius; dx++ {
			if x+dx < radius || x+dx >= l.w-radius {
				continue
			}
			t := (y+dy)*l.w + x + dx
			s := l.nn[t]
			if s < 0 {
				continue
			}
			wt := l.weight[t]
			from := (int(s) - dy*l.w - dx) * channels
			p := l.px[from : from+channels]
			n += wt
			for c := range v {
				v[c] += wt * p[c]
			}
		}
	}
	if n == 0 {
		return false
	}
	for c := range v {
		v[c] /= n
	}
	return true
}

func (l *level) holeSize() int {
	n := 0
	for _, u := range l.unknown {
		if u {
			n++
		}
	}
	return n
}
