// Package astartest holds the oracle that the search is tested against and the
// random tool graphs it is tested on. It shares no code with the search
// beyond the types of a problem.
package astartest

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// MaxOps is the most calls BruteForce takes: it looks at every set of them.
const MaxOps = 20

// Set is a set of calls that can be run in some order and completes the subtask.
type Set struct {
	Ops           []int // indices in Problem.Ops, sorted by tool and variant
	Cost, Quality float64
	Weakness      float64 // product of the qualities below the threshold
	Fresh         int     // calls that are not cached
	names         []string
}

// All lists every set of calls that completes p with one completing
// call, minimal or not, by trying all 2^n.
func All(p astar.Problem) []Set {
	n := len(p.Ops)
	if n > MaxOps {
		panic(fmt.Sprintf("astartest: %d calls are too many for brute force", n))
	}
	names := make([]string, n)
	order := make([]int, n)
	slots := make(map[string]int)
	bits := func(list []string) (mask uint64) {
		for _, s := range list {
			i, ok := slots[s]
			if !ok {
				i = len(slots)
				slots[s] = i
			}
			mask |= 1 << i
		}
		return mask
	}
	held := bits(p.Held)
	needs, makes := make([]uint64, n), make([]uint64, n)
	var completing uint64
	for i, op := range p.Ops {
		names[i] = fmt.Sprintf("%s %08d", op.Call.Tool, op.Call.Variant)
		order[i] = i
		needs[i], makes[i] = bits(op.Needs), bits(op.Makes)
		if op.Completes {
			completing |= 1 << i
		}
	}
	if len(slots) > 64 {
		panic("astartest: more than 64 slots")
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })

	var sets []Set
	for set := uint64(1); set < 1<<n; set++ {
		end := set & completing
		if end == 0 || end&(end-1) != 0 || !runs(set, end, held, needs, makes) {
			continue
		}
		sets = append(sets, measure(p, set, order, names))
	}
	return sets
}

// runs reports whether all calls of set can be run, the call end last.
func runs(set, end, held uint64, needs, makes []uint64) bool {
	left := set &^ end
	for progress := true; progress && left != 0; {
		progress = false
		for i := range needs {
			if left&(1<<i) != 0 && needs[i]&^held == 0 {
				held |= makes[i]
				left &^= 1 << i
				progress = true
			}
		}
	}
	for i := range needs {
		if end == 1<<i {
			return left == 0 && needs[i]&^held == 0
		}
	}
	return false
}

func measure(p astar.Problem, set uint64, order []int, names []string) Set {
	s := Set{Quality: 1, Weakness: 1}
	for _, i := range order {
		if set&(1<<i) == 0 {
			continue
		}
		op := &p.Ops[i]
		s.Ops = append(s.Ops, i)
		s.names = append(s.names, names[i])
		s.Cost += max(op.Cost, edit.MinSeconds)
		s.Quality *= op.Quality
		if op.Quality < p.Threshold {
			s.Weakness *= op.Quality
		}
		if !op.Cached {
			s.Fresh++
		}
	}
	return s
}

const eps = 1e-12

// order compares two numbers, those within rounding of each other as equal.
func order(a, b float64) int {
	if math.Abs(a-b) <= eps*max(math.Abs(a), math.Abs(b)) {
		return 0
	}
	return cmp.Compare(a, b)
}

// Better reports whether a is to be preferred to b at alpha: the weak steps'
// qualities first, then f, then dominance, then ties.
func Better(alpha float64, a, b *Set) bool {
	if c := order(b.Weakness, a.Weakness); c != 0 {
		return c < 0
	}
	f := astar.Objective(alpha, a.Cost, a.Quality)
	g := astar.Objective(alpha, b.Cost, b.Quality)
	if c := order(f, g); c != 0 {
		return c < 0
	}
	cost, quality := order(a.Cost, b.Cost), order(b.Quality, a.Quality)
	if cost <= 0 && quality <= 0 && cost+quality < 0 {
		return true
	}
	if cost >= 0 && quality >= 0 && cost+quality > 0 {
		return false
	}
	return tie(a, b) < 0
}

func tie(a, b *Set) int {
	return cmp.Or(cmp.Compare(a.Fresh, b.Fresh), cmp.Compare(len(a.Ops), len(b.Ops)), slices.Compare(a.names, b.names))
}

// Best returns the set to be preferred at alpha to all others, or nil.
func Best(alpha float64, sets []Set) *Set {
	var best *Set
	for i := range sets {
		if best == nil || Better(alpha, &sets[i], best) {
			best = &sets[i]
		}
	}
	return best
}

// Front returns the undominated sets among those with the best weak steps, one
// per cost and quality, sorted by cost.
func Front(sets []Set) []Set {
	weakness := 0.0
	for i := range sets {
		weakness = max(weakness, sets[i].Weakness)
	}
	var front []Set
	for i := range sets {
		s := &sets[i]
		if order(s.Weakness, weakness) != 0 || slices.ContainsFunc(sets, func(o Set) bool { return beats(&o, s, weakness) }) {
			continue
		}
		front = append(front, *s)
	}
	slices.SortFunc(front, func(a, b Set) int { return cmp.Compare(a.Cost, b.Cost) })
	return front
}

func beats(o, s *Set, weakness float64) bool {
	if order(o.Weakness, weakness) != 0 {
		return false
	}
	cost, quality := order(o.Cost, s.Cost), order(s.Quality, o.Quality)
	if cost == 0 && quality == 0 {
		return tie(o, s) < 0
	}
	return cost <= 0 && quality <= 0
}
