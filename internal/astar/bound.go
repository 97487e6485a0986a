package astar

import (
	"math"
	"slices"
)

// bitset is a set of slots.
type bitset []uint64

func (b bitset) has(s int32) bool { return b[s>>6]&(1<<(s&63)) != 0 }

func (b bitset) set(s int32) { b[s>>6] |= 1 << (s & 63) }

func (b bitset) clear(s int32) { b[s>>6] &^= 1 << (s & 63) }

// or adds o to b and reports whether that changed b.
func (b bitset) or(o bitset) bool {
	var changed uint64
	for i, w := range o {
		changed |= w &^ b[i]
		b[i] |= w
	}
	return changed != 0
}

func bitsets(n int) []bitset {
	words := (n + 63) / 64
	arena := make(bitset, n*words)
	sets := make([]bitset, n)
	for i := range sets {
		sets[i] = arena[i*words : (i+1)*words : (i+1)*words]
	}
	return sets
}

// order finds out which slots depend on which, and from that which slots a
// state can branch on alone (see blocked).
func (g *graph) order() {
	n := len(g.makers)
	g.reach = bitsets(n)
	for changed := true; changed; { // one pass and one to see that nothing is left, but for cycles
		changed = false
		for s := range g.makers {
			for _, m := range g.makers[s] {
				for _, need := range g.ops[m].needs {
					to := g.reach[need]
					if !to.has(int32(s)) { //nolint:gosec // fewer slots than 2^31
						to.set(int32(s)) //nolint:gosec // as above
						changed = true
					}
					changed = to.or(g.reach[s]) || changed
				}
			}
		}
	}
	// The maker m of s can be put last of a minimal path to a set O of slots if
	// no other call of that path needs what m makes. Such a call would be there for the sake of some
	// slot of O, which then can be reached from something that m makes.
	g.blocked = make([]bitset, n)
	g.lone = make([]bool, n)
	for s := range g.makers {
		g.lone[s] = !slices.ContainsFunc(g.makers[s], func(m int32) bool { return len(g.ops[m].makes) > 1 })
		if g.lone[s] && !g.reach[s].has(int32(s)) { //nolint:gosec // fewer slots than 2^31
			g.blocked[s] = g.reach[s]
			continue
		}
		g.blocked[s] = slices.Clone(g.reach[s])
		if g.lone[s] { // a second maker of s alone would be one too many
			g.blocked[s].clear(int32(s)) //nolint:gosec // as above
			continue
		}
		for _, m := range g.makers[s] {
			for _, also := range g.ops[m].makes {
				g.blocked[s].or(g.reach[also])
			}
		}
	}
}

// bounds computes need and least for cost, for −log quality and, where some
// call is weak, for weakness.
func (g *graph) bounds() {
	g.leastC, g.needC = g.need(func(n *node) float64 { return n.cost })
	g.leastL, g.needL = g.need(func(n *node) float64 { return n.loss })
	if slices.ContainsFunc(g.ops, func(n node) bool { return n.weakness > 0 }) {
		g.leastW, g.needW = g.need(func(n *node) float64 { return n.weakness })
	}
}

// need solves need(a) = min over makers m of w(m) + bound(needs(m)) by
// sweeping from the slots near the start until nothing changes: the least
// fixed point from above, which is what Knuth's generalisation of Dijkstra's
// algorithm (1977) finds, in one sweep where there are no cycles. least(a) is
// the least w over makers.
func (g *graph) need(w func(*node) float64) (least, need []float64) {
	n := len(g.makers)
	least, need = make([]float64, n), make([]float64, n)
	for s := range need {
		least[s], need[s] = math.Inf(1), math.Inf(1)
		for _, m := range g.makers[s] {
			least[s] = min(least[s], w(&g.ops[m]))
		}
	}
	for changed := true; changed; {
		changed = false
		for s := n - 1; s >= 0; s-- {
			best := need[s]
			for _, m := range g.makers[s] {
				op := &g.ops[m]
				best = min(best, w(op)+g.bound(op.needs, least, need))
			}
			if best < need[s] {
				need[s], changed = best, true
			}
		}
	}
	return least, need
}

// bound is a lower bound on the weight of any path that makes all of open.
//
// It is the greatest, over slots o of open, of need(o) plus the least maker
// of every other slot x that is lone and that o cannot be made with the help of. A minimal path to
// o, found inside any path to open, holds only makers of slots on the way to
// o; the maker of x makes x alone, so it is not among them, and makers of different lone slots differ.
func (g *graph) bound(open []int32, least, need []float64) float64 {
	switch len(open) {
	case 0:
		return 0
	case 1:
		return need[open[0]]
	}
	most := 0.0
	for _, o := range open {
		sum := need[o]
		for _, x := range open {
			if x != o && g.lone[x] && !g.reach[x].has(o) {
				sum += least[x]
			}
		}
		most = max(most, sum)
	}
	return most
}
