package astar

import (
	"context"
	"fmt"
	"slices"
)

// label is one way to get from a state to the end: the calls chosen so far.
type label struct {
	cost, quality float64
	weak          float64 // summed weakness
	parent        int32   // the label without its earliest call, or none
	op            int32   // its earliest call
	state         int32   // what is needed before that call
	next          int32   // the next label of the state, or none
	fresh         int32   // calls that are not cached
	calls         int32
	dead          bool // another label of the state beats it
}

// engine is one run of the label-setting search. Labels are set by their best
// bound first, and set again where a tie is broken better later on.
type engine struct {
	g      *graph
	aim    aim
	states *states
	labels []label
	open   heap
	limit  int // labels, after which the search gives up
	stats  Stats
	a, b   []int32 // scratch of tie
}

func newEngine(g *graph, a aim) *engine {
	return &engine{g: g, aim: a, states: newStates(g), limit: maxLabels, stats: Stats{Surviving: len(g.ops)}}
}

// maxLabels keeps a search within about half a gigabyte. Only graphs whose
// shortest paths have dozens of calls that need several artifacts each come near it.
const maxLabels = 1 << 22

// cancelEvery is how many labels are expanded between two looks at the
// context: well below a millisecond of work.
const cancelEvery = 1024

func (e *engine) run(ctx context.Context) error {
	root := label{quality: 1, parent: none, op: none, state: e.states.intern([]int32{done}), next: none}
	e.labels = append(e.labels, root)
	e.open.push(entry{label: 0})
	for len(e.open) > 0 {
		if e.stats.Expanded%cancelEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(e.labels) > e.limit {
				return fmt.Errorf("search given up after %d partial paths: too many of the %d calls need several artifacts at once", len(e.labels), len(e.g.ops))
			}
		}
		top := e.open.pop()
		if e.aim.over(&top) {
			break
		}
		l := e.labels[top.label]
		o := e.look(&l)
		if l.dead || e.aim.hopeless(&o, top.first) {
			e.stats.Pruned++
			continue
		}
		e.stats.Expanded++
		for _, next := range e.states.successors(l.state) {
			e.extend(top.label, next)
		}
	}
	e.stats.States, e.stats.Labels = len(e.states.all), len(e.labels)
	return nil
}

// look bounds what l can become.
func (e *engine) look(l *label) outlook {
	st := &e.states.all[l.state]
	return outlook{weak: l.weak + st.needW, cost: l.cost + st.needC, quality: l.quality * st.needQ, fresh: l.fresh, calls: l.calls}
}

// extend puts a call before a label's.
func (e *engine) extend(parent int32, next successor) {
	p, op := &e.labels[parent], &e.g.ops[next.op]
	l := label{
		cost: p.cost + op.cost, quality: p.quality * op.quality, weak: p.weak + op.weakness,
		parent: parent, op: next.op, state: next.state, fresh: p.fresh + op.fresh, calls: p.calls + 1,
	}
	o := e.look(&l)
	first, second := e.aim.rank(&o)
	if e.aim.hopeless(&o, first) || !e.admit(&l) {
		e.stats.Pruned++
		return
	}
	id := int32(len(e.labels))
	st := &e.states.all[l.state]
	l.next, st.labels = st.labels, id
	e.labels = append(e.labels, l)
	if st.count == 0 {
		e.aim.whole(id, &o)
		return
	}
	e.open.push(entry{weak: o.weak, first: first, second: second, label: id})
}

// admit reports whether l is beaten by no label of its state, and removes
// those that it beats.
func (e *engine) admit(l *label) bool {
	link := &e.states.all[l.state].labels
	for *link != none {
		x := &e.labels[*link]
		switch e.compare(l, x) {
		case beats:
			x.dead = true
			*link = x.next
		case beaten:
			return false
		case neither:
			link = &x.next
		}
	}
	return true
}

type verdict int

const (
	neither verdict = iota
	beats
	beaten
)

// compare says whether of two labels of one state a beats b. The same calls
// complete both, so a weaker one is always beaten; then a dominated one; then
// the one that ties decide against.
func (e *engine) compare(a, b *label) verdict {
	switch {
	case a.weak < b.weak-eps:
		return beats
	case a.weak > b.weak+eps:
		return beaten
	}
	aBetter := a.cost < b.cost*(1-eps) || a.quality > b.quality*(1+eps)
	bBetter := b.cost < a.cost*(1-eps) || b.quality > a.quality*(1+eps)
	switch {
	case aBetter && bBetter:
		return neither
	case aBetter:
		return beats
	case bBetter || e.tie(a, b) >= 0:
		return beaten
	}
	return beats
}

// tie is negative if a wins a tie against b: fewer calls that are not
// cached, then fewer calls, then names.
func (e *engine) tie(a, b *label) int {
	switch {
	case a.fresh != b.fresh:
		return int(a.fresh - b.fresh)
	case a.calls != b.calls:
		return int(a.calls - b.calls)
	}
	e.a, e.b = e.sorted(e.a[:0], a), e.sorted(e.b[:0], b)
	return slices.Compare(e.a, e.b)
}

// sorted appends the calls of l to to, in canonical order.
func (e *engine) sorted(to []int32, l *label) []int32 {
	for ; l.op != none; l = &e.labels[l.parent] {
		to = append(to, l.op)
	}
	slices.Sort(to)
	return to
}

// pathOf lists the calls of a label in canonical order.
func (e *engine) pathOf(l int32) []int32 { return e.sorted(nil, &e.labels[l]) }
