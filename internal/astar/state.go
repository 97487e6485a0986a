package astar

import (
	"math"
	"slices"
)

// state is a set of slots that still have to be made.
type state struct {
	slots  int32 // where its slots begin in states.arena
	count  int32 // how many
	labels int32 // first label of the list, or none
	nexts  int32 // where its successors begin in states.nexts, or none before the first expansion
	nextN  int32
	needC  float64 // least cost still to come
	needQ  float64 // greatest quality of what is to come
	needW  float64 // least weakness still to come
}

const none = -1

// successor is what a call, taken as the last before those already chosen, leads to.
type successor struct{ op, state int32 }

// states interns sets of slots. State 0 is the empty set: the path is whole.
type states struct {
	g       *graph
	all     []state
	arena   []int32
	nexts   []successor
	table   []int32 // open addressing; state+1, 0 for a free place
	scratch []int32
}

func newStates(g *graph) *states {
	t := &states{g: g, table: make([]int32, 64)}
	t.intern(nil)
	return t
}

// slotsOf lists the slots of a state, ascending.
func (t *states) slotsOf(s int32) []int32 {
	st := &t.all[s]
	return t.arena[st.slots : st.slots+st.count]
}

func hash(slots []int32) uint64 {
	h := uint64(len(slots))
	for _, s := range slots {
		h = (h ^ uint64(s)) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

// intern returns the state of a sorted list of slots.
func (t *states) intern(open []int32) int32 {
	mask := uint64(len(t.table) - 1)
	place := hash(open) & mask
	for t.table[place] != 0 {
		if id := t.table[place] - 1; slices.Equal(t.slotsOf(id), open) {
			return id
		}
		place = (place + 1) & mask
	}
	id := int32(len(t.all))
	t.table[place] = id + 1
	st := state{slots: int32(len(t.arena)), count: int32(len(open)), labels: none, nexts: none, needQ: 1}
	t.arena = append(t.arena, open...)
	if len(open) > 0 {
		st.needC = t.g.cost.bound(t.g, open)
		st.needQ = math.Exp(-t.g.loss.bound(t.g, open))
		if t.g.weakness != nil {
			st.needW = t.g.weakness.bound(t.g, open)
		}
	}
	t.all = append(t.all, st)
	if 2*len(t.all) > len(t.table) {
		t.grow()
	}
	return id
}

func (t *states) grow() {
	t.table = make([]int32, 4*len(t.table))
	mask := uint64(len(t.table) - 1)
	for id := range t.all {
		place := hash(t.slotsOf(int32(id))) & mask
		for t.table[place] != 0 {
			place = (place + 1) & mask
		}
		t.table[place] = int32(id) + 1
	}
}

// successors lists what a state branches on: the makers of its first slot
// that can be branched on alone, or the makers of all its slots.
func (t *states) successors(s int32) []successor {
	if st := &t.all[s]; st.nexts != none {
		return t.nexts[st.nexts : st.nexts+st.nextN]
	}
	from := len(t.nexts)
	open := t.slotsOf(s)
	if alone := t.alone(open); alone != none {
		for _, m := range t.g.makers[alone] {
			t.nexts = append(t.nexts, successor{m, t.before(t.slotsOf(s), m)})
		}
	} else {
		for _, o := range open {
			for _, m := range t.g.makers[o] {
				if first(t.g.ops[m].makes, open) == o { // once per call
					t.nexts = append(t.nexts, successor{m, t.before(t.slotsOf(s), m)})
				}
			}
		}
	}
	st := &t.all[s]
	st.nexts, st.nextN = int32(from), int32(len(t.nexts)-from)
	return t.nexts[from:]
}

// alone returns a slot of open whose makers are all there is to branch on, or none.
func (t *states) alone(open []int32) int32 {
	for _, o := range open {
		if t.g.alone(o, open) {
			return o
		}
	}
	return none
}

// first returns the first of slots that is in open; one is.
func first(slots, open []int32) int32 {
	for _, s := range slots {
		if slices.Contains(open, s) {
			return s
		}
	}
	return none
}

// before is the state that must hold before op so that open holds after it:
// (open \ makes) ∪ needs.
func (t *states) before(open []int32, op int32) int32 {
	n := &t.g.ops[op]
	out := t.scratch[:0]
	needs := n.needs
	for _, o := range open {
		if slices.Contains(n.makes, o) {
			continue
		}
		for len(needs) > 0 && needs[0] < o {
			out = append(out, needs[0])
			needs = needs[1:]
		}
		if len(needs) > 0 && needs[0] == o {
			needs = needs[1:]
		}
		out = append(out, o)
	}
	out = append(out, needs...)
	t.scratch = out
	return t.intern(out)
}
