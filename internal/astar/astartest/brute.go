// Package astartest holds the oracle that the search is tested against and the
// random tool graphs it is tested on. It shares no code with the search
// beyond the types of a problem.
package astartest

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
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

// All lists every minimal set of calls that completes p, by looking at all 2^n.
func All(p astar.Problem) []Set {
	n := len(p.Ops)
	if n > MaxOps {
		panic(fmt.Sprintf("astartest: %d calls are too many for brute force", n))
	}
	c := newCloser(p)
	var sets []Set
	works := make([]bool, 1<<n)
	for set := uint64(1); set < 1<<n; set++ {
		minimal := true
		for left := set; left != 0 && minimal; left &= left - 1 {
			minimal = !works[set&^(left&-left)] // without its lowest call left
		}
		works[set] = !minimal || c.completes(set)
		if minimal && works[set] {
			sets = append(sets, measure(p, set, c.order, c.names))
		}
	}
	return sets
}

// closer answers which sets of calls complete a problem.
type closer struct {
	held         uint64
	needs, makes []uint64 // by call: sets of slots
	ends         []bool
	names        []string // by call, sorting like (tool, variant)
	order        []int    // the calls by name
}

func newCloser(p astar.Problem) *closer {
	slots := make(map[string]int)
	slotsOf := func(list []string) (mask uint64) {
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
	c := &closer{held: slotsOf(p.Held)}
	for i, op := range p.Ops {
		c.names = append(c.names, fmt.Sprintf("%s %08d", op.Call.Tool, op.Call.Variant))
		c.order = append(c.order, i)
		c.needs, c.makes = append(c.needs, slotsOf(op.Needs)), append(c.makes, slotsOf(op.Makes))
		c.ends = append(c.ends, op.Completes)
	}
	if len(slots) > 64 {
		panic("astartest: more than 64 slots")
	}
	slices.SortFunc(c.order, func(a, b int) int { return cmp.Compare(c.names[a], c.names[b]) })
	return c
}

// completes reports whether running what can be run of set completes the subtask.
func (c *closer) completes(set uint64) bool {
	held := c.held
	for again := true; again; {
		again = false
		for left := set; left != 0; left &= left - 1 {
			i := bits.TrailingZeros64(left)
			if c.needs[i]&^held != 0 {
				continue
			}
			if c.ends[i] {
				return true
			}
			held |= c.makes[i]
			set &^= 1 << i
			again = true
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

// Best returns the set to be preferred at alpha to all others, or nil: the weak
// steps' qualities first, then f, then dominance, then ties.
func Best(alpha float64, sets []Set) *Set {
	var best *Set
	var least float64
	for i := range sets {
		f := astar.Objective(alpha, sets[i].Cost, sets[i].Quality)
		if best == nil || better(&sets[i], best, f, least) {
			best, least = &sets[i], f
		}
	}
	return best
}

func better(a, b *Set, f, g float64) bool {
	if c := order(b.Weakness, a.Weakness); c != 0 {
		return c < 0
	}
	if c := order(f, g); c != 0 {
		return c < 0
	}
	cost, quality := order(a.Cost, b.Cost), order(b.Quality, a.Quality)
	switch {
	case cost == 0 && quality == 0:
		return tie(a, b) < 0
	case cost <= 0 && quality <= 0:
		return true
	case cost >= 0 && quality >= 0:
		return false
	}
	return tie(a, b) < 0
}

func tie(a, b *Set) int {
	return cmp.Or(cmp.Compare(a.Fresh, b.Fresh), cmp.Compare(len(a.Ops), len(b.Ops)), slices.Compare(a.names, b.names))
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
