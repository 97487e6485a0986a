package patchmatch

import (
	"context"
	"math"

	"pentimento/internal/tools/maxflow"
)

const (
	layoutCycles = 3
	ringFrom     = 2 // pixels from the hole where its surroundings begin,
	ringTo       = 5 // and end
	ringSamples  = 200
	newPrice     = 0.5 // per pixel, of a distance of 1 from anything in the ring
	newTolerance = 6
	contextReach = 2       // known pixels this near a missing one judge its offset
	costScale    = 8       // capacities are integers
	costLimit    = 1 << 20 // more than any sum of costs at a pixel
	strange      = 40      // the distance that is assumed of pixels that are not there
	farPrice     = 1       // per pixel, of an offset as long as the hole,
	tilt         = 5       // and how much more that is up and down: pictures are mostly upright, and what is level with the hole likelier behind it
)

// layout is a choice of one offset for every missing pixel of a level.
type layout struct {
	*level
	offs  []offset
	nodes []int32 // the missing pixels
	label []int16 // w·h: index into offs, -1 where known
	unary [][]int32
	grid  *maxflow.Grid
	side  int // longer side of the hole
	x0    int
	y0    int
}

// arrange fills the level with large pieces of its surroundings, each moved by
// one of the offsets, so that the pieces meet each other and the known pixels
// with the least visible seams (shift-map editing, Pritch et al., 2009; the
// offsets as in He and Sun, 2012). Seams are found by alpha expansion (Boykov et
// al., 2001). Whole pieces keep structure, such as the line where a wall
// meets the ground, that patches chosen one by one lose.
func (l *level) arrange(ctx context.Context, seed int64) error {
	offs, err := l.offsets(ctx, seed)
	if err != nil {
		return err
	}
	a := &layout{level: l, offs: offs, label: make([]int16, len(l.unknown))}
	a.begin()
	for range layoutCycles {
		changed := false
		for k := range a.offs {
			c, err := a.expand(ctx, int16(k))
			if err != nil {
				return err
			}
			changed = changed || c
		}
		if !changed {
			break
		}
	}
	a.apply()
	return nil
}

// at is the pixel that stands in for i under offset k, or -1.
func (a *layout) at(i int32, k int16) int32 {
	o := a.offs[k]
	x, y := int(i)%a.w+o.dx, int(i)/a.w+o.dy
	if x < 0 || y < 0 || x >= a.w || y >= a.h {
		return -1
	}
	j := int32(y*a.w + x)
	if a.unknown[j] || a.barred[j] {
		return -1
	}
	return j
}

// begin gives every missing pixel its cheapest offset, adding offsets where none is usable.
func (a *layout) begin() {
	box := a.holeBox()
	a.side = max(box.Dx(), box.Dy())
	a.x0, a.y0 = box.Min.X, box.Min.Y
	a.grid = maxflow.New(box.Dx(), box.Dy())
	for i, u := range a.unknown {
		a.label[i] = -1
		if u {
			a.nodes = append(a.nodes, int32(i))
		}
	}
	for n := range a.nodes {
		a.cover(a.nodes[n])
	}
	a.unary = make([][]int32, len(a.offs))
	strange := a.strangeness()
	stray := a.stray()
	for k := range a.offs {
		a.unary[k] = make([]int32, len(a.nodes))
		for n, i := range a.nodes {
			a.unary[k][n] = min(a.fit(i, int16(k))+stray(n, int16(k))+a.newness(strange, i, int16(k)), costLimit)
			if a.label[i] < 0 || a.unary[k][n] < a.unary[a.label[i]][n] {
				a.label[i] = int16(k)
			}
		}
	}
}

// stray returns a function that prices how far what offset k puts at the n-th
// missing pixel is from what the ends of its row and column lead to expect.
func (a *layout) stray() func(n int, k int16) int32 {
	rows, columns := a.expectRows(), a.expectColumns()
	axes := [4]*expectation{rows, columns, rows.detail(), columns.detail()}
	type witness struct {
		want  [channels]float32
		worth float32
	}
	said := make([][4]witness, len(a.nodes))
	for n, i := range a.nodes {
		for d, e := range axes {
			said[n][d].want, said[n][d].worth = e.of(int(i))
		}
	}
	return func(n int, k int16) int32 {
		q := a.at(a.nodes[n], k)
		if q < 0 {
			return 0
		}
		var cost float32
		for d, e := range axes {
			if w := said[n][d]; w.worth > 0.01 {
				price := float32(1)
				if d > 1 {
					price = 2
				}
				cost += price * w.worth * min(distance(w.want[:], e.strip[channels*q:channels*q+channels]), strayLimit)
			}
		}
		return int32(costScale * strayPrice * cost)
	}
}

func (a *layout) newness(strange []float32, i int32, k int16) int32 {
	if q := a.at(i, k); q >= 0 {
		return int32(costScale * newPrice * strange[q])
	}
	return 0
}

// strangeness tells for every known pixel how unlike it is to anything that
// borders on the hole. A tree beside the hole is no part of what goes on behind it.
func (l *level) strangeness() []float32 {
	mean := l.means(1)
	var ring []int
	for i, d := range l.distanceFromHole(ringTo) {
		if d >= ringFrom && !l.barred[i] {
			ring = append(ring, i)
		}
	}
	out := make([]float32, len(l.unknown))
	step := 1 + len(ring)/ringSamples
	for i := range out {
		if l.unknown[i] || l.barred[i] {
			continue
		}
		least := float32(strayLimit)
		for r := 0; r < len(ring); r += step {
			j := ring[r]
			least = min(least, distance(mean[channels*i:channels*i+channels], mean[channels*j:channels*j+channels]))
		}
		out[i] = max(0, least-newTolerance)
	}
	return out
}

// means averages the known pixels in windows of the given radius.
func (l *level) means(r int) []float32 {
	out := make([]float32, len(l.px))
	for y := range l.h {
		for x := range l.w {
			o := out[channels*(y*l.w+x):][:channels]
			var n float32
			for yy := max(0, y-r); yy <= min(l.h-1, y+r); yy++ {
				for xx := max(0, x-r); xx <= min(l.w-1, x+r); xx++ {
					if j := yy*l.w + xx; !l.unknown[j] && !l.barred[j] {
						n++
						for c, v := range l.px[channels*j : channels*j+channels] {
							o[c] += v
						}
					}
				}
			}
			for c := range o {
				o[c] /= max(n, 1)
			}
		}
	}
	return out
}

// distanceFromHole is how many steps to any of eight neighbours a known pixel
// is from the hole, 0 where that is more than most, and in the hole.
func (l *level) distanceFromHole(most int) []int {
	out := make([]int, len(l.unknown))
	reached := append([]bool(nil), l.unknown...)
	for d := 1; d <= most; d++ {
		var edge []int
		for i := range reached {
			if reached[i] {
				continue
			}
			x, y := i%l.w, i/l.w
			for yy := max(0, y-1); yy <= min(l.h-1, y+1); yy++ {
				for xx := max(0, x-1); xx <= min(l.w-1, x+1); xx++ {
					if reached[yy*l.w+xx] && out[i] == 0 {
						out[i] = d
						edge = append(edge, i)
					}
				}
			}
		}
		for _, i := range edge {
			reached[i] = true
		}
	}
	return out
}

// cover makes sure that some offset is usable at pixel i.
func (a *layout) cover(i int32) {
	for k := range a.offs {
		if a.at(i, int16(k)) >= 0 {
			return
		}
	}
	x, y := int(i)%a.w, int(i)/a.w
	best, least := a.sources[0], math.MaxInt
	for _, s := range a.sources {
		dx, dy := int(s)%a.w-x, int(s)/a.w-y
		if d := dx*dx + dy*dy; d < least {
			best, least = s, d
		}
	}
	a.offs = append(a.offs, offset{dx: int(best)%a.w - x, dy: int(best)/a.w - y})
}

// fit is what offset k costs at missing pixel i on its own: how badly the
// known pixels beside i agree with those beside its stand-in, and its length.
func (a *layout) fit(i int32, k int16) int32 {
	if a.at(i, k) < 0 {
		return costLimit
	}
	o := a.offs[k]
	cost := farPrice * float32(math.Hypot(float64(o.dx), tilt*float64(o.dy))) / float32(a.side)
	x, y := int(i)%a.w, int(i)/a.w
	var sum, n float32
	for yy := max(0, y-contextReach); yy <= min(a.h-1, y+contextReach); yy++ {
		for xx := max(0, x-contextReach); xx <= min(a.w-1, x+contextReach); xx++ {
			p := int32(yy*a.w + xx)
			if a.unknown[p] || a.barred[p] {
				continue
			}
			n++
			if q := a.at(p, k); q >= 0 {
				sum += a.apart2(p, q)
			} else {
				sum += strange
			}
		}
	}
	if n > 0 {
		cost += 2 * sum / n * min(1, n/5)
	}
	return int32(costScale * cost)
}

// apart2 is the distance of two pixels' samples.
func (a *layout) apart2(p, q int32) float32 {
	return distance(a.px[channels*p:channels*p+channels], a.px[channels*q:channels*q+channels])
}

// seamCost is what it costs that neighbours i and j have offsets k and m: how much
// the two pieces differ where they meet. It is a metric on offsets.
func (a *layout) seamCost(i, j int32, k, m int16) int32 {
	if k == m {
		return 0
	}
	ik, im, jk, jm := a.at(i, k), a.at(i, m), a.at(j, k), a.at(j, m)
	var sum, n float32
	if ik >= 0 && im >= 0 {
		sum, n = a.apart2(ik, im), 1
	}
	if jk >= 0 && jm >= 0 {
		sum, n = sum+a.apart2(jk, jm), n+1
	}
	if n == 0 {
		return 2 * costScale * strange
	}
	return int32(2 * costScale * sum / n)
}

// expand lets offset k replace others wherever that lowers the whole cost.
func (a *layout) expand(ctx context.Context, k int16) (bool, error) {
	g := a.grid
	g.Clear()
	for n, i := range a.nodes {
		x, y := int(i)%a.w-a.x0, int(i)/a.w-a.y0
		node := g.Node(x, y)
		// The source's side takes offset k.
		g.AddTerminal(node, a.unary[a.label[i]][n]-a.unary[k][n])
		for d, j := range [2]int32{i + 1, i + int32(a.w)} {
			if d == 0 && int(i)%a.w == a.w-1 || int(j) >= len(a.unknown) || !a.unknown[j] {
				continue
			}
			other := g.Node(x+1-d, y+d)
			both := a.seamCost(i, j, a.label[i], a.label[j])
			iKeeps := a.seamCost(i, j, a.label[i], k) // i keeps, j takes
			jKeeps := a.seamCost(i, j, k, a.label[j])
			// A cost of two binary choices as costs of one and an edge (Kolmogorov and Zabih, 2004).
			g.AddTerminal(node, both-jKeeps)
			g.AddTerminal(other, jKeeps)
			g.AddEdge(node, 2*d, 0, max(iKeeps+jKeeps-both, 0))
		}
	}
	if err := g.Solve(ctx); err != nil {
		return false, err
	}
	changed := false
	for n, i := range a.nodes {
		x, y := int(i)%a.w-a.x0, int(i)/a.w-a.y0
		if g.Source(g.Node(x, y)) && a.label[i] != k && a.unary[k][n] < costLimit {
			a.label[i], changed = k, true
		}
	}
	return changed, nil
}

// apply copies the pieces and points every target at its place in its piece.
func (a *layout) apply() {
	for _, i := range a.nodes {
		if s := a.at(i, a.label[i]); s >= 0 {
			copy(a.px[channels*i:channels*i+channels], a.px[channels*s:channels*s+channels])
		}
	}
	for _, t := range a.targets {
		a.nn[t] = a.sourceFor(t)
	}
}

// sourceFor is the source that target t's piece, or the piece nearest to it, puts there.
func (a *layout) sourceFor(t int32) int32 {
	x, y := int(t)%a.w, int(t)/a.w
	for r := range radius + 1 {
		for yy := y - r; yy <= y+r; yy++ {
			for xx := x - r; xx <= x+r; xx++ {
				if max(xx-x, x-xx, yy-y, y-yy) != r {
					continue
				}
				if k := a.label[yy*a.w+xx]; k >= 0 {
					if s := a.nearSource(x+a.offs[k].dx, y+a.offs[k].dy); s >= 0 {
						return s
					}
				}
			}
		}
	}
	return a.nearestSource(x, y)
}

// nearestSource is the source nearest to (x,y).
func (l *level) nearestSource(x, y int) int32 {
	best, least := l.sources[0], math.MaxInt
	for _, s := range l.sources {
		dx, dy := int(s)%l.w-x, int(s)/l.w-y
		if d := dx*dx + dy*dy; d < least {
			best, least = s, d
		}
	}
	return best
}
