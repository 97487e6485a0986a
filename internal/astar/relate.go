package astar

import "slices"

// bitset is a set of slots.
type bitset []uint64

func (b bitset) has(s int32) bool { return b[s>>6]&(1<<(s&63)) != 0 }

func (b bitset) set(s int32) { b[s>>6] |= 1 << (s & 63) }

// or adds o to b and reports whether that changed b.
func (b bitset) or(o bitset) bool {
	var changed uint64
	for i, w := range o {
		changed |= w &^ b[i]
		b[i] |= w
	}
	return changed != 0
}

// meets reports whether b and o have a slot in common.
func (b bitset) meets(o bitset) bool {
	for i, w := range o {
		if b[i]&w != 0 {
			return true
		}
	}
	return false
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

// relate finds out which slots can play a part in making which.
func (g *graph) relate() {
	n := len(g.makers)
	g.lone = make([]bool, n)
	for s := range g.makers {
		g.lone[s] = !slices.ContainsFunc(g.makers[s], func(m int32) bool { return len(g.ops[m].makes) > 1 })
	}
	g.cyclic = slices.ContainsFunc(g.ops, func(op node) bool {
		return len(op.needs) > 0 && op.needs[0] < op.makes[len(op.makes)-1]
	})
	g.before = bitsets(n)
	for s := range g.before {
		g.before[s].set(int32(s))
	}
	g.close(g.before)
	g.kin = g.before
	if slices.Contains(g.lone, false) {
		g.kin = bitsets(n)
		for s := range g.kin {
			for _, m := range g.makers[s] {
				for _, made := range g.ops[m].makes {
					g.kin[s].set(made)
				}
			}
		}
		g.close(g.kin)
	}
	g.excess = excess{free: make(bitset, (n+63)/64), stamp: make([]int32, n), value: make([]float64, n)}
}

// close adds to the set of every slot the sets of all slots on the way to it.
func (g *graph) close(sets []bitset) {
	g.sweep(func(s int32) (changed bool) {
		for _, m := range g.makers[s] {
			for _, need := range g.ops[m].needs {
				changed = sets[s].or(sets[need]) || changed
			}
		}
		return changed
	})
}

// sweep visits every slot after those it can be made from; where there are
// cycles, again and again until nothing changes.
func (g *graph) sweep(visit func(s int32) (changed bool)) {
	for changed := true; changed; {
		changed = false
		for s := len(g.makers) - 1; s >= 0; s-- {
			changed = visit(int32(s)) || changed
		}
		changed = changed && g.cyclic
	}
}

// alone reports whether a state can branch on the makers of its slot s only:
// whether some order of every minimal path to open ends with one.
//
// Take the first maker m of s in any order, and suppose that it cannot be
// moved to the end since a later call x needs what m was first to make, say t.
// The path is minimal, so x is there for the sake of a slot o of open that is
// first made by x or later; then t is on the way to o and is not o, which is
// what is ruled out here.
func (g *graph) alone(s int32, open []int32) bool {
	for _, o := range open {
		before := g.before[o]
		if g.lone[s] {
			if o != s && before.has(s) {
				return false
			}
			continue
		}
		for _, m := range g.makers[s] {
			for _, t := range g.ops[m].makes {
				if o != t && before.has(t) {
					return false
				}
			}
		}
	}
	return true
}
