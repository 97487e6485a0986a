package patchmatch

import (
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools/maxflow"
)

const (
	layoutCycles = 3
	costScale    = 8       // capacities are integers
	costLimit    = 1 << 20 // more than any sum of costs at a pixel
	coverTries   = 32      // sources of which the one that helps most pixels becomes an offset
)

// layout is a choice of one offset for every missing pixel of a level.
type layout struct {
	*level
	offs    []offset
	nodes   []int32   // the missing pixels
	node    []int32   // w·h: their places in nodes
	stand   [][]int32 // per offset and node, what at tells
	label   []int16   // w·h: index into offs, -1 where known
	unary   [][]int32 // what an offset costs at a missing pixel on its own
	grid    *maxflow.Grid
	outward bool        // see Options
	side    int         // longer side of the hole
	min     image.Point // top left corner of the hole and of grid
}

// arrange fills the level with large pieces of its surroundings, each moved by
// one of the offsets, so that the pieces meet each other and the known pixels
// with the least visible seams (shift-map editing, Pritch et al., 2009; the
// offsets as in He and Sun, 2012). Seams are found by alpha expansion (Boykov et
// al., 2001). Whole pieces keep structure, such as the line where a wall
// meets the ground, that patches chosen one by one lose.
func (l *level) arrange(ctx context.Context, opt Options) error {
	offs, err := l.offsets(ctx, opt)
	if err != nil {
		return err
	}
	a := newLayout(l, offs)
	a.outward = opt.Outward
	if err := a.begin(ctx); err != nil {
		return err
	}
	for cycle := range layoutCycles {
		changed := false
		for _, k := range a.candidates(cycle) {
			c, err := a.expand(ctx, k)
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

// candidates are the offsets that a cycle of expansions tries: at first all, and
// then, since what found no place seldom finds one later, those in use.
func (a *layout) candidates(cycle int) []int16 {
	used := make([]bool, len(a.offs))
	for _, i := range a.nodes {
		used[a.label[i]] = true
	}
	var list []int16
	for k, u := range used {
		if u || cycle == 0 {
			list = append(list, int16(k))
		}
	}
	return list
}

func newLayout(l *level, offs []offset) *layout {
	n := len(l.unknown)
	return &layout{level: l, offs: offs, node: make([]int32, n), label: make([]int16, n)}
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
func (a *layout) begin(ctx context.Context) error {
	box := a.holeBox()
	a.side = max(box.Dx(), box.Dy())
	a.min = box.Min
	a.grid = maxflow.New(box.Dx(), box.Dy())
	for i, u := range a.unknown {
		a.label[i] = -1
		if u {
			a.node[i] = int32(len(a.nodes))
			a.nodes = append(a.nodes, int32(i))
		}
	}
	a.cover()
	a.unary = make([][]int32, len(a.offs))
	a.stand = make([][]int32, len(a.offs))
	cost := a.prior()
	pixel.Rows(len(a.offs), func(k0, k1 int) {
		for k := k0; k < k1 && ctx.Err() == nil; k++ {
			a.unary[k], a.stand[k] = make([]int32, len(a.nodes)), make([]int32, len(a.nodes))
			for n, i := range a.nodes {
				a.stand[k][n] = a.at(i, int16(k))
				a.unary[k][n] = cost(n, int16(k))
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for n, i := range a.nodes {
		for k := range a.offs {
			if a.label[i] < 0 || a.unary[k][n] < a.unary[a.label[i]][n] {
				a.label[i] = int16(k)
			}
		}
	}
	return nil
}

// cover adds offsets until one is usable at every missing pixel.
func (a *layout) cover() {
	var bare []int32
	for _, i := range a.nodes {
		usable := false
		for k := 0; k < len(a.offs) && !usable; k++ {
			usable = a.at(i, int16(k)) >= 0
		}
		if !usable {
			bare = append(bare, i)
		}
	}
	for len(bare) > 0 {
		x, y := int(bare[0])%a.w, int(bare[0])/a.w
		k := int16(len(a.offs))
		var best offset
		var left []int32
		for try := range coverTries {
			s := int(a.sources[try*len(a.sources)/coverTries])
			a.offs = append(a.offs[:k], offset{dx: s%a.w - x, dy: s/a.w - y})
			var still []int32
			for _, i := range bare {
				if a.at(i, k) < 0 {
					still = append(still, i)
				}
			}
			if try == 0 || len(still) < len(left) {
				best, left = a.offs[k], still
			}
		}
		a.offs[k], bare = best, left
	}
}

// seamCost is what it costs that neighbours i and j have offsets k and m: how much
// the two pieces differ where they meet. It is a metric on offsets.
func (a *layout) seamCost(i, j int32, k, m int16) int32 {
	if k == m {
		return 0
	}
	ni, nj := a.node[i], a.node[j]
	ik, im, jk, jm := a.stand[k][ni], a.stand[m][ni], a.stand[k][nj], a.stand[m][nj]
	var sum, n float32
	if ik >= 0 && im >= 0 {
		sum, n = a.gap(ik, im), 1
	}
	if jk >= 0 && jm >= 0 {
		sum, n = sum+a.gap(jk, jm), n+1
	}
	if n == 0 {
		return 2 * costScale * absent
	}
	return int32(2 * costScale * sum / n)
}

// expand lets offset k replace others wherever that lowers the whole cost.
func (a *layout) expand(ctx context.Context, k int16) (bool, error) {
	g := a.grid
	g.Clear()
	for n, i := range a.nodes {
		x, y := int(i)%a.w-a.min.X, int(i)/a.w-a.min.Y
		node := g.Node(x, y)
		// The source's side takes offset k.
		g.AddTerminal(node, a.unary[a.label[i]][n]-a.unary[k][n])
		for d, j := range [2]int32{i + 1, i + int32(a.w)} { // right and down
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
			g.AddEdge(node, [2]int{maxflow.Right, maxflow.Down}[d], 0, max(iKeeps+jKeeps-both, 0))
		}
	}
	if err := g.Solve(ctx); err != nil {
		return false, err
	}
	changed := false
	for n, i := range a.nodes {
		x, y := int(i)%a.w-a.min.X, int(i)/a.w-a.min.Y
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
