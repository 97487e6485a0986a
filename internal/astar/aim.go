package astar

import "math"

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
