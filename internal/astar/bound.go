package astar

import (
	"math"
	"slices"
)

// bounds sets up the criteria of a search.
func (g *graph) bounds() {
	g.cost = g.criterion(func(n *node) float64 { return n.cost })
	g.loss = g.criterion(func(n *node) float64 { return n.loss })
	if slices.ContainsFunc(g.ops, func(n node) bool { return n.weakness > 0 }) {
		c := g.criterion(func(n *node) float64 { return n.weakness })
		g.weakness = &c
	}
}

// criterion is a weight that adds up along a path, with what is needed to
// bound its sum.
type criterion struct {
	weight []float64 // by op
	need   []float64 // by slot: bound on the weight of a path to it
}

// criterion solves need(a) = min over makers m of weight(m) + bound of needs(m):
// the least fixed point from above, which is what Knuth's generalisation of Dijkstra's
// algorithm (1977) finds, in one sweep where there are no cycles.
func (g *graph) criterion(weight func(*node) float64) criterion {
	n := len(g.makers)
	c := criterion{weight: make([]float64, len(g.ops)), need: make([]float64, n)}
	for i := range g.ops {
		c.weight[i] = weight(&g.ops[i])
	}
	for s := range n {
		c.need[s] = math.Inf(1)
	}
	g.sweep(func(s int32) (changed bool) {
		best := c.need[s]
		for _, m := range g.makers[s] {
			if needs := g.ops[m].needs; c.weight[m]+c.greatest(needs) < best { // else its bound is no less either
				best = min(best, c.weight[m]+c.bound(g, needs))
			}
		}
		changed = best < c.need[s]
		c.need[s] = best
		return changed
	})
	return c
}

// greatest is the greatest need of open.
func (c *criterion) greatest(open []int32) float64 {
	most := 0.0
	for _, o := range open {
		most = max(most, c.need[o])
	}
	return most
}

// bound is a lower bound on the weight of any path that makes all of open:
// the greatest need of its slots, plus for each other slot what it takes
// beyond calls that may already be counted.
//
// A minimal path to o, found inside any path to open, holds only calls that
// make something on the way to o. So calls that make nothing of that kind can
// be added, and then those for a third slot that make nothing on the way to
// the first two.
func (c *criterion) bound(g *graph, open []int32) float64 {
	switch len(open) {
	case 0:
		return 0
	case 1:
		return c.need[open[0]]
	}
	hardest := open[0]
	for _, o := range open {
		if c.need[o] > c.need[hardest] {
			hardest = o
		}
	}
	sum := c.need[hardest]
	x := &g.excess
	copy(x.free, g.before[hardest])
	for _, o := range open {
		if !x.free.has(o) {
			x.now++
			sum += x.of(g, c, o, lookDown)
			x.free.or(g.before[o])
		}
	}
	return sum
}

// lookDown is how many calls below a slot its excess is worked out; below
// that it counts as nothing. At 3, graphs of 2,500 calls take the least time:
// less leaves more labels to expand, more does not leave fewer.
const lookDown = 3

// excess works out what slots take beyond calls that make a free slot: the
// scratch of bound, which asks it one question after the other.
type excess struct {
	free  bitset
	now   int32   // the number of the question
	stamp []int32 // by slot: value answers the question of this number
	value []float64
}

// of bounds the weight of the calls of a path to s that make nothing free.
func (x *excess) of(g *graph, c *criterion, s int32, depth int) float64 {
	if x.free.has(s) {
		return 0
	}
	if x.stamp[s] == x.now {
		return x.value[s]
	}
	x.stamp[s], x.value[s] = x.now, 0 // what a cycle leads back to: never too much
	if !x.free.meets(g.kin[s]) {
		x.value[s] = c.need[s]
		return x.value[s]
	}
	if depth == 0 {
		return 0
	}
	best := math.Inf(1)
	for _, m := range g.makers[s] {
		op := &g.ops[m]
		v := c.weight[m]
		if len(op.makes) > 1 && slices.ContainsFunc(op.makes, x.free.has) {
			v = 0
		}
		if v >= best {
			continue
		}
		most := 0.0
		for _, n := range op.needs {
			most = max(most, x.of(g, c, n, depth-1))
		}
		best = min(best, v+most)
	}
	x.value[s] = best
	return best
}
