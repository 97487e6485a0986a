package astar

import (
	"fmt"
	"math"
	"slices"

	"pentimento/internal/edit"
)

// done is the slot that stands for "the subtask is complete".
const done = 0

// graph is a problem made small: only calls that can contribute, slots as
// numbers. Slot 0 is done; a slot has a higher number than every slot that
// it is needed for, cycles apart.
type graph struct {
	ops       []node
	makers    [][]int32 // by slot: the ops that make it, ascending
	lone      []bool    // by slot: every maker makes this slot and nothing else
	before    []bitset  // by slot: the slots on the way to it, itself among them
	kin       []bitset  // by slot: before, and all that calls making those make
	cyclic    bool      // some slot is on the way to itself
	excess    excess
	cost      criterion
	loss      criterion
	weakness  *criterion // nil if no op is weak
	threshold float64
}

// node is an op in canonical order (see compareOps), so that comparing
// indices compares names.
type node struct {
	cost, quality float64
	loss          float64 // −log quality
	weakness      float64 // loss if the quality is below the threshold, else 0
	needs, makes  []int32 // slots, ascending; neither holds what is held at the start
	source        int     // index in Problem.Ops
	fresh         int32   // 1 unless cached
}

// maxLoss stands for −log 0, so that a loss is always finite: nothing but
// quality below 1e-300 comes near it.
const maxLoss = 1e4

func loss(quality float64) float64 {
	if quality <= 0 {
		return maxLoss
	}
	return max(0, -math.Log(quality)) // never -0
}

// compile checks p and prunes it to what can contribute: calls that can be
// reached from the held slots, and make something new that a completing call
// can use. Calls below the threshold go too if a path is left without them.
func compile(p *Problem) (*graph, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	order := make([]int, len(p.Ops))
	for i := range order {
		order[i] = i
	}
	byName := func(a, b int) int { return compareOps(&p.Ops[a], &p.Ops[b]) }
	if !slices.IsSortedFunc(order, byName) {
		slices.SortFunc(order, byName)
	}
	for i := 1; i < len(order); i++ {
		if byName(order[i-1], order[i]) == 0 {
			return nil, fmt.Errorf("%s is given twice", p.Ops[order[i]].Call.ID())
		}
	}
	raw := intern(p, order)
	weak := func(op int) bool { return raw.quality[op] < p.Threshold }
	reached, ok := raw.forward(func(op int) bool { return !weak(op) })
	if !ok {
		if reached, ok = raw.forward(func(int) bool { return true }); !ok {
			return nil, raw.diagnose(p, reached)
		}
	}
	keep, slots := raw.backward(reached)
	g := raw.number(p, keep, slots)
	g.relate()
	g.bounds()
	return g, nil
}

// table is a problem with its slots as numbers, in the order met.
type table struct {
	order        []int // canonical rank -> index in Problem.Ops
	names        []string
	needs, makes [][]int32 // by canonical rank, without held slots
	quality      []float64
	users        [][]int32 // by slot: the ops that need it
}

func intern(p *Problem, order []int) *table {
	total := 0
	for i := range p.Ops {
		total += len(p.Ops[i].Needs) + len(p.Ops[i].Makes) + 1
	}
	const held = -1
	t := &table{
		order: order,
		names: []string{"done"},
		needs: make([][]int32, len(order)), makes: make([][]int32, len(order)),
		quality: make([]float64, len(order)),
	}
	ids := make(map[string]int32, len(p.Ops)+len(p.Held))
	for _, s := range p.Held {
		ids[s] = held
	}
	arena := make([]int32, 0, total)
	var sorted []string
	take := func(slots []string, except []int32) []int32 {
		if len(slots) > 1 { // so that the order an op lists its slots in changes nothing
			sorted = append(sorted[:0], slots...)
			slices.Sort(sorted)
			slots = sorted
		}
		from := len(arena)
		for _, s := range slots {
			id, ok := ids[s]
			if !ok {
				id = int32(len(t.names))
				ids[s] = id
				t.names = append(t.names, s)
			}
			if id != held && !slices.Contains(arena[from:], id) && !slices.Contains(except, id) {
				arena = append(arena, id)
			}
		}
		return arena[from:len(arena):len(arena)]
	}
	for rank, i := range order {
		op := &p.Ops[i]
		t.quality[rank] = op.Quality
		t.needs[rank] = take(op.Needs, nil)
		if op.Completes { // what it makes beside that is of no use: the path ends here
			arena = append(arena, done)
			t.makes[rank] = arena[len(arena)-1 : len(arena) : len(arena)]
		} else {
			t.makes[rank] = take(op.Makes, t.needs[rank])
		}
	}
	t.users = invert(t.needs, len(t.names))
	return t
}

// invert turns lists of slots by op into lists of ops by slot, each ascending.
func invert(lists [][]int32, slots int) [][]int32 {
	count := make([]int32, slots+1)
	for _, l := range lists {
		for _, s := range l {
			count[s+1]++
		}
	}
	for s := range slots {
		count[s+1] += count[s]
	}
	arena := make([]int32, count[slots])
	out := make([][]int32, slots)
	for s := range slots {
		out[s] = arena[count[s]:count[s]:count[s+1]]
	}
	for op, l := range lists {
		for _, s := range l {
			out[s] = append(out[s], int32(op))
		}
	}
	return out
}

// forward finds the ops that can run, of those allowed, and whether one completes.
func (t *table) forward(allowed func(op int) bool) (reached []bool, complete bool) {
	reached = make([]bool, len(t.needs))
	unmet := make([]int, len(t.needs))
	have := make([]bool, len(t.names))
	var ready []int32
	for op := range t.needs {
		unmet[op] = len(t.needs[op])
		if unmet[op] == 0 && allowed(op) {
			ready = append(ready, int32(op))
		}
	}
	for len(ready) > 0 {
		op := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		reached[op] = true
		for _, s := range t.makes[op] {
			if have[s] {
				continue
			}
			have[s] = true
			for _, user := range t.users[s] {
				if unmet[user]--; unmet[user] == 0 && allowed(int(user)) {
					ready = append(ready, user)
				}
			}
		}
	}
	return reached, have[done]
}

// backward finds, of the reached ops, those that make something a completing
// op can use, and the slots that matter.
func (t *table) backward(reached []bool) (keep, slots []bool) {
	keep, slots = make([]bool, len(t.needs)), make([]bool, len(t.names))
	makers := invert(t.makes, len(t.names))
	slots[done] = true
	open := []int32{done}
	for len(open) > 0 {
		s := open[len(open)-1]
		open = open[:len(open)-1]
		for _, op := range makers[s] {
			if !reached[op] || keep[op] {
				continue
			}
			keep[op] = true
			for _, n := range t.needs[op] {
				if !slots[n] {
					slots[n] = true
					open = append(open, n)
				}
			}
		}
	}
	return keep, slots
}

// number makes the graph of the kept ops, with slots numbered from done
// backwards by the order in which a depth-first walk leaves them, so that
// chains that are independent of each other have numbers apart.
func (t *table) number(p *Problem, keep, slots []bool) *graph {
	g := &graph{threshold: p.Threshold}
	needs, makes := make([][]int32, 0, len(keep)), make([][]int32, 0, len(keep))
	g.ops = make([]node, 0, len(keep))
	for rank, kept := range keep {
		if !kept {
			continue
		}
		source := t.order[rank]
		op := &p.Ops[source]
		n := node{cost: max(op.Cost, edit.MinSeconds), quality: op.Quality, loss: loss(op.Quality), source: source, fresh: 1}
		if op.sunk {
			n.cost = op.Cost
		}
		if op.Cached {
			n.fresh = 0
		}
		if op.Quality < p.Threshold {
			n.weakness = n.loss
		}
		g.ops = append(g.ops, n)
		needs = append(needs, t.needs[rank])
		makes = append(makes, slices.DeleteFunc(t.makes[rank], func(s int32) bool { return !slots[s] }))
	}
	number := numbering(needs, invert(makes, len(t.names)))
	for i := range g.ops {
		g.ops[i].needs, g.ops[i].makes = renumber(needs[i], number), renumber(makes[i], number)
	}
	count := 0
	for _, used := range slots {
		if used {
			count++
		}
	}
	g.makers = invert(makes, count)
	return g
}

// renumber rewrites a list of slots in place and sorts it.
func renumber(slots, number []int32) []int32 {
	for i, s := range slots {
		slots[i] = number[s]
	}
	slices.Sort(slots)
	return slots
}

// numbering walks from done through makers to needs and numbers the slots in
// reverse of the order the walk leaves them.
func numbering(needs, makers [][]int32) []int32 {
	number := make([]int32, len(makers))
	seen := make([]bool, len(makers))
	left := make([]int32, 0, len(makers))
	type frame struct {
		slot        int32
		maker, need int
	}
	stack := []frame{{slot: done}}
	seen[done] = true
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if f.maker == len(makers[f.slot]) {
			left = append(left, f.slot)
			stack = stack[:len(stack)-1]
			continue
		}
		of := needs[makers[f.slot][f.maker]]
		if f.need == len(of) {
			f.maker, f.need = f.maker+1, 0
			continue
		}
		next := of[f.need]
		f.need++
		if !seen[next] {
			seen[next] = true
			stack = append(stack, frame{slot: next})
		}
	}
	for i, s := range left {
		number[s] = int32(len(left) - 1 - i)
	}
	return number
}
