package patchmatch

import (
	"context"

	"pentimento/internal/pixel"
)

const (
	borderLimit = 24   // a difference from what the patches say, in steps of 255, at which half their pull is gone, at the border
	seamLimit   = 60   // and inside the hole
	screening   = 1e-4 // how strongly the fill holds to its own tone: over about 1/√screening pixels it drifts to its surroundings'
	// Around a picture the light goes on from its one side.
	screeningOutward = 1e-5
)

// blend replaces the filled pixels' colours by those that have the patches'
// gradients, and meet the known pixels at the border (Poisson editing, Pérez
// et al., 2003, with gradients voted by the patches as in Darabi et al.,
// "Image melding", 2012). The fill's detail is its own and its tone the
// place's, and where patches from places lit differently meet there is no step.
func (l *level) blend(ctx context.Context, outward bool) error {
	box := l.holeBox()
	if box.Empty() {
		return nil
	}
	hold := float32(screening)
	if outward {
		hold = screeningOutward
	}
	g := newGrid(box.Dx(), box.Dy())
	b := make([]float32, 3*g.w*g.h)
	pixel.Rows(g.h, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for x := range g.w {
				if i := (y+box.Min.Y)*l.w + x + box.Min.X; l.unknown[i] {
					g.weak[y*g.w+x] = hold
					l.pulls(g, b[3*(y*g.w+x):], x, y, i)
				}
			}
		}
	})
	g.ready()
	u, err := g.solve(ctx, b)
	if err != nil {
		return err
	}
	for y := range g.h {
		for x := range g.w {
			if i := (y+box.Min.Y)*l.w + x + box.Min.X; l.unknown[i] {
				for c := range 3 {
					l.px[channels*i+c] += u[3*(y*g.w+x)+c]
				}
			}
		}
	}
	return nil
}

// pulls sets the weights of one cell, for pixel i, and the right side: how far
// the gradients that the patches want are from those of the present colours.
func (l *level) pulls(g *grid, b []float32, x, y, i int) {
	at := y*g.w + x
	for d, step := range [4][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
		px, py := i%l.w+step[0], i/l.w+step[1]
		if px < 0 || py < 0 || px >= l.w || py >= l.h {
			continue
		}
		j := py*l.w + px
		if l.barred[j] {
			continue
		}
		want, ok := l.gradient(i%l.w, i/l.w, step[0], step[1])
		if !ok {
			continue
		}
		var diff [3]float32
		var size float32
		for c := range diff {
			diff[c] = l.px[channels*j+c] - l.px[channels*i+c] - want[c]
			size += abs(diff[c]) / 3
		}
		// A greater difference than light makes is an edge to keep, or at the border structure out of place.
		limit := float32(seamLimit)
		if !l.unknown[j] {
			limit = borderLimit
		}
		trust := 1 / (1 + size*size/(limit*limit))
		switch {
		case !l.unknown[j]:
			g.tie[at] += trust
		case d == 0:
			g.right[at] = 1
		case d == 1:
			g.down[at] = 1
		}
		for c, v := range diff {
			b[c] += trust * v
		}
	}
}

// gradient is the difference from pixel (x,y) to its neighbour that the patches
// over both propose.
func (l *level) gradient(x, y, sx, sy int) (out [3]float32, ok bool) {
	var n float32
	step := (sy*l.w + sx) * channels
	for dy := -radius + max(sy, 0); dy <= radius+min(sy, 0); dy++ {
		if y+dy < radius || y+dy >= l.h-radius {
			continue
		}
		for dx := -radius + max(sx, 0); dx <= radius+min(sx, 0); dx++ {
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
			p, q := l.px[from:from+3], l.px[from+step:from+step+3]
			n += wt
			for c := range out {
				out[c] += wt * (q[c] - p[c])
			}
		}
	}
	if n == 0 {
		return out, false
	}
	for c := range out {
		out[c] /= n
	}
	return out, true
}
