// Package maxflow finds minimum cuts on grids of pixels.
package maxflow

import "context"

// Directions of the eight neighbours on a padded grid, paired so that the
// opposite of d is d^1.
const neighbours = 8

// The directions from a pixel to its next neighbours, for AddEdge.
const (
	Right     = 0
	Down      = 2
	DownRight = 4
	DownLeft  = 6
)

// Grid is a max-flow problem on an 8-connected grid, solved by the
// augmenting-path method of Boykov and Kolmogorov ("An experimental comparison
// of min-cut/max-flow algorithms for energy minimization in vision", PAMI
// 2004): two search trees grow from source and sink, are kept between
// augmentations, and are mended where a path saturated them.
//
// The grid is padded by one node on every side. Padding has no capacities, so
// it never joins a tree, and no neighbour test needs a bounds check. Capacities are integers: the cut is
// exact and the same on every machine.
type Grid struct {
	w, h, stride int
	off          [neighbours]int32 // node offset per direction
	cap          []int32           // residual capacity, neighbours per node
	term         []int32           // residual terminal capacity: >0 from the source, <0 to the sink

	tree   []uint8 // treeFree, treeSource or treeSink
	parent []int8  // direction of the parent, or one of the codes below
	stamp  []int32 // time at which dist was last known good
	dist   []int32 // steps to the terminal

	active  []int32 // ring of nodes whose neighbours are to be looked at
	head    int
	queued  []bool
	orphans []int32
	now     int32
	flow    int64
}

const (
	treeFree uint8 = iota
	treeSource
	treeSink
)

const (
	parentNone     int8 = -1
	parentTerminal int8 = 8
	parentOrphan   int8 = 9
)

// dx and dy of the directions of Grid.off.
var (
	neighbourX = [neighbours]int{1, -1, 0, 0, 1, -1, -1, 1}
	neighbourY = [neighbours]int{0, 0, 1, -1, 1, -1, 1, -1}
)

// New returns a w×h grid without capacities.
func New(w, h int) *Grid {
	stride := w + 2
	n := stride * (h + 2)
	g := &Grid{
		w: w, h: h, stride: stride,
		cap: make([]int32, neighbours*n), term: make([]int32, n),
		tree: make([]uint8, n), parent: make([]int8, n),
		stamp: make([]int32, n), dist: make([]int32, n), queued: make([]bool, n),
	}
	for d := range neighbours {
		g.off[d] = int32(neighbourY[d]*stride + neighbourX[d])
	}
	return g
}

// Node is the index of pixel (x,y).
func (g *Grid) Node(x, y int) int { return (y+1)*g.stride + x + 1 }

// AddTerminal adds capacity from the source (positive) or to the sink
// (negative). Opposite amounts cancel: only their difference matters to the cut.
func (g *Grid) AddTerminal(node int, c int32) { g.term[node] += c }

// AddEdge adds capacity c from a node to its neighbour in direction d, and back
// the other way.
func (g *Grid) AddEdge(node, d int, c, back int32) {
	to := node + int(g.off[d])
	g.cap[neighbours*node+d] += c
	g.cap[neighbours*to+(d^1)] += back
}

// Clear takes all capacities away, so that the grid serves another problem.
func (g *Grid) Clear() {
	clear(g.cap)
	clear(g.term)
	clear(g.tree)
	clear(g.stamp)
	clear(g.dist)
	clear(g.queued)
	g.active, g.head, g.orphans, g.now, g.flow = g.active[:0], 0, g.orphans[:0], 0, 0
}

// Source reports, after Solve, whether a node is on the source's side of the
// minimum cut. Nodes that neither terminal reaches count as the sink's.
func (g *Grid) Source(node int) bool { return g.tree[node] == treeSource }

// Solve finds the minimum cut. It returns the context's error when cancelled.
func (g *Grid) Solve(ctx context.Context) error {
	g.start()
	for n := 0; ; n++ {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		i, ok := g.nextActive()
		if !ok {
			return nil
		}
		for {
			a, d, found := g.grow(i)
			if !found {
				break
			}
			g.now++
			g.augment(a, d)
			g.adopt()
			if g.parent[i] == parentNone {
				break
			}
		}
	}
}

func (g *Grid) start() {
	for i, c := range g.term {
		g.parent[i] = parentNone
		if c == 0 {
			continue
		}
		g.tree[i] = treeSink
		if c > 0 {
			g.tree[i] = treeSource
		}
		g.parent[i], g.dist[i] = parentTerminal, 1
		g.activate(int32(i))
	}
}

func (g *Grid) activate(i int32) {
	if !g.queued[i] {
		g.queued[i] = true
		g.active = append(g.active, i)
	}
}

// nextActive takes the oldest active node that still hangs in a tree.
func (g *Grid) nextActive() (int32, bool) {
	for g.head < len(g.active) {
		i := g.active[g.head]
		g.head++
		g.queued[i] = false
		if g.head > 1<<16 && g.head*2 > len(g.active) {
			g.active = append(g.active[:0], g.active[g.head:]...)
			g.head = 0
		}
		if g.parent[i] != parentNone {
			return i, true
		}
	}
	return 0, false
}

// grow takes the neighbours of an active node into its tree until it touches
// the other tree. It returns that contact as the node on the source's side and
// the direction across.
func (g *Grid) grow(i int32) (node int32, dir int, found bool) {
	mine := g.tree[i]
	base := neighbours * int(i)
	for d := range neighbours {
		j := i + g.off[d]
		residual := g.cap[base+d]
		if mine == treeSink {
			residual = g.cap[neighbours*int(j)+(d^1)]
		}
		if residual == 0 {
			continue
		}
		switch {
		case g.tree[j] == treeFree:
			g.tree[j], g.parent[j] = mine, int8(d^1)
			g.stamp[j], g.dist[j] = g.stamp[i], g.dist[i]+1
			g.activate(j)
		case g.tree[j] != mine:
			if mine == treeSource {
				return i, d, true
			}
			return j, d ^ 1, true
		case g.stamp[j] <= g.stamp[i] && g.dist[j] > g.dist[i]:
			// A shorter way to the terminal: keeps the trees flat.
			g.parent[j] = int8(d ^ 1)
			g.stamp[j], g.dist[j] = g.stamp[i], g.dist[i]+1
		}
	}
	return 0, 0, false
}

// augment pushes what the path through the contact (a, d) can carry and makes
// orphans of the nodes it cut off.
func (g *Grid) augment(a int32, d int) {
	b := a + g.off[d]
	push := g.cap[neighbours*int(a)+d]
	for i := a; ; {
		p := g.parent[i]
		if p == parentTerminal {
			push = min(push, g.term[i])
			break
		}
		up := i + g.off[p]
		push = min(push, g.cap[neighbours*int(up)+int(p^1)])
		i = up
	}
	for i := b; ; {
		p := g.parent[i]
		if p == parentTerminal {
			push = min(push, -g.term[i])
			break
		}
		push = min(push, g.cap[neighbours*int(i)+int(p)])
		i += g.off[p]
	}
	g.flow += int64(push)
	g.cap[neighbours*int(a)+d] -= push
	g.cap[neighbours*int(b)+(d^1)] += push
	for i := a; ; {
		p := g.parent[i]
		if p == parentTerminal {
			if g.term[i] -= push; g.term[i] == 0 {
				g.orphan(i)
			}
			break
		}
		up := i + g.off[p]
		g.cap[neighbours*int(i)+int(p)] += push
		if g.cap[neighbours*int(up)+int(p^1)] -= push; g.cap[neighbours*int(up)+int(p^1)] == 0 {
			g.orphan(i)
		}
		i = up
	}
	for i := b; ; {
		p := g.parent[i]
		if p == parentTerminal {
			if g.term[i] += push; g.term[i] == 0 {
				g.orphan(i)
			}
			break
		}
		up := i + g.off[p]
		g.cap[neighbours*int(up)+int(p^1)] += push
		if g.cap[neighbours*int(i)+int(p)] -= push; g.cap[neighbours*int(i)+int(p)] == 0 {
			g.orphan(i)
		}
		i = up
	}
}

func (g *Grid) orphan(i int32) {
	g.parent[i] = parentOrphan
	g.orphans = append(g.orphans, i)
}

// adopt finds each orphan a new parent in its tree, or sets it free.
func (g *Grid) adopt() {
	for k := 0; k < len(g.orphans); k++ {
		g.rehome(g.orphans[k])
	}
	g.orphans = g.orphans[:0]
}

func (g *Grid) rehome(i int32) {
	mine := g.tree[i]
	best, bestDist := parentNone, int32(1<<30)
	for d := range neighbours {
		if g.toChild(i, d, mine) == 0 {
			continue
		}
		j := i + g.off[d]
		if g.tree[j] != mine || g.parent[j] == parentNone {
			continue
		}
		if dist, rooted := g.origin(j); rooted && dist < bestDist {
			best, bestDist = int8(d), dist
		}
	}
	if g.parent[i] = best; best != parentNone {
		g.stamp[i], g.dist[i] = g.now, bestDist+1
		return
	}
	for d := range neighbours {
		j := i + g.off[d]
		if g.tree[j] != mine || g.parent[j] == parentNone {
			continue
		}
		if g.toChild(i, d, mine) > 0 {
			g.activate(j)
		}
		if p := g.parent[j]; p < parentTerminal && j+g.off[p] == i {
			g.orphan(j)
		}
	}
	g.tree[i] = treeFree
}

// toChild is the residual capacity with which neighbour d could feed node i:
// towards i in the source's tree, away from it in the sink's.
func (g *Grid) toChild(i int32, d int, tree uint8) int32 {
	if tree == treeSink {
		return g.cap[neighbours*int(i)+d]
	}
	return g.cap[neighbours*int(i+g.off[d])+(d^1)]
}

// origin walks from j to its terminal and reports the distance, or that j hangs
// from an orphan. The nodes walked are stamped so that the next walk is short.
func (g *Grid) origin(j int32) (int32, bool) {
	steps := int32(0)
	for i := j; ; {
		if g.stamp[i] == g.now {
			steps += g.dist[i]
			break
		}
		p := g.parent[i]
		steps++
		if p == parentTerminal {
			g.stamp[i], g.dist[i] = g.now, 1
			break
		}
		if p == parentOrphan || p == parentNone {
			return 0, false
		}
		i += g.off[p]
	}
	for i, d := j, steps; g.stamp[i] != g.now; {
		g.stamp[i], g.dist[i] = g.now, d
		d--
		i += g.off[g.parent[i]]
	}
	return steps, true
}
