package astar

import (
	"context"
	"math"
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

// outlook bounds every whole path that a label can become; for a whole path it is the path.
type outlook struct {
	weak, cost, quality float64
	fresh, calls        int32
}

// aim is what a search looks for.
type aim interface {
	// rank orders the open labels: the least is expanded first.
	rank(o *outlook) (first, second float64)
	// hopeless reports that no path the label can become is wanted.
	hopeless(o *outlook, first float64) bool
	// over reports that neither this entry nor any after it is wanted.
	over(e *entry) bool
	// whole takes a path.
	whole(label int32, o *outlook)
}

// engine is one run of the label-setting search. Labels are set by their best
// bound first, and set again where a tie is broken better later on.
type engine struct {
	g      *graph
	aim    aim
	states *states
	labels []label
	open   heap
	stats  Stats
	a, b   []int32 // scratch of byNames
}

func newEngine(g *graph, a aim) *engine {
	return &engine{g: g, aim: a, states: newStates(g), stats: Stats{Surviving: len(g.ops)}}
}

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
	id := int32(len(e.labels)) //nolint:gosec // fewer labels than 2^31
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

// compare says whether of two labels of one state a beats b. A weaker one is always beaten,
// since the same calls complete both; then a dominated one; then the one that ties decide against.
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

// bestAim looks for the path of least f.
type bestAim struct {
	engine *engine
	alpha  float64
	found  bool
	best   int32 // its label
	end    outlook
	f      float64 // log f of it
}

// logF is the logarithm of the objective, which sorts like it.
func (a *bestAim) logF(o *outlook) float64 {
	f := 0.0
	if a.alpha > 0 {
		f = a.alpha * math.Log(o.cost)
	}
	if a.alpha < 2 {
		f += (2 - a.alpha) * math.Log(2-o.quality)
	}
	return f
}

// rank is log f, then what decides ties of f: at the ends of the dial the other
// criterion, else depth, which gets to a whole path sooner.
func (a *bestAim) rank(o *outlook) (first, second float64) {
	switch a.alpha {
	case 0:
		second = o.cost
	case 2:
		second = -o.quality
	default:
		second = -float64(o.calls)
	}
	return a.logF(o), second
}

func (a *bestAim) over(e *entry) bool {
	return a.found && (e.weak > a.end.weak+eps || a.engine.g.weakness == nil && e.first > a.f+eps)
}

func (a *bestAim) hopeless(o *outlook, f float64) bool {
	if !a.found || o.weak < a.end.weak-eps {
		return false
	}
	if o.weak > a.end.weak+eps || f > a.f+eps {
		return true
	}
	if f < a.f-eps {
		return false
	}
	switch c := a.settle(o); {
	case c != 0:
		return c > 0
	case o.fresh != a.end.fresh:
		return o.fresh > a.end.fresh
	}
	return o.calls > a.end.calls
}

// settle compares, where f ties, what f does not see: cost at α = 0, quality
// at α = 2. Positive says that o is worse than the best path.
func (a *bestAim) settle(o *outlook) int {
	switch {
	case a.alpha == 0 && o.cost > a.end.cost*(1+eps), a.alpha == 2 && o.quality < a.end.quality*(1-eps):
		return 1
	case a.alpha == 0 && o.cost < a.end.cost*(1-eps), a.alpha == 2 && o.quality > a.end.quality*(1+eps):
		return -1
	}
	return 0
}

func (a *bestAim) whole(l int32, o *outlook) {
	f := a.logF(o)
	if a.found && o.weak >= a.end.weak-eps && f >= a.f-eps {
		// Not hopeless, so f ties.
		if c := a.settle(o); c > 0 || c == 0 && a.engine.tie(&a.engine.labels[l], &a.engine.labels[a.best]) >= 0 {
			return
		}
	}
	a.found, a.best, a.end, a.f = true, l, *o, f
}

// frontAim looks for every undominated path.
type frontAim struct {
	engine *engine
	front  []int32
}

// rank is cost, then quality: so paths are found in the order of their cost.
func (*frontAim) rank(o *outlook) (first, second float64) { return o.cost, -o.quality }

func (*frontAim) over(*entry) bool { return false }

func (a *frontAim) hopeless(o *outlook, _ float64) bool {
	for _, l := range a.front {
		x := &a.engine.labels[l]
		if x.weak > o.weak+eps {
			continue
		}
		if x.weak < o.weak-eps {
			return true
		}
		if x.cost <= o.cost*(1+eps) && x.quality >= o.quality*(1-eps) && (x.cost < o.cost*(1-eps) || x.quality > o.quality*(1+eps)) {
			return true
		}
	}
	return false
}

// whole keeps the front to what the empty state's own list holds.
func (a *frontAim) whole(int32, *outlook) {
	a.front = a.front[:0]
	for l := a.engine.states.all[0].labels; l != none; l = a.engine.labels[l].next {
		a.front = append(a.front, l)
	}
}
