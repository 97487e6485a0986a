package astar

import (
	"context"
	"math"
	"slices"

	"pentimento/internal/edit"
)

// PublishedResult is what the published search returns, and what it spent to get there.
type PublishedResult struct {
	Result
	// Runnable reports whether the calls of Path can run in that order. The
	// published graph takes all makers of a call's inputs for alternatives, so a
	// call that needs two artifacts may be reached with only one of them made.
	Runnable bool
	Spent    float64 // seconds of all calls run while searching
	Runs     int     // how many there were
}

// Published re-enacts the search of CoSTA* (arXiv 2503.10613, section 3), as
// its released code has it, for comparison only; nothing in the program
// chooses a path by it.
//
//   - Nodes are calls; an edge leads from a call to each call that needs
//     something it makes, and from the start to those that need nothing more
//     than is held.
//   - g(x) = (Σc)^α (2 − Πq)^(2−α) along the path to x; each node keeps one g, the least.
//   - h(x) = min over children y of (h_C(y)+C(y))^α (2 − Q(y)·h_Q(y))^(2−α),
//     from the leaves backwards (h_C = 0, h_Q = 1, h = 0), each node keeping the
//     pair (h_C, h_Q) of the child that wins.
//   - f = g + h; the first completing call taken from the open list ends it.
//   - Eager: expanding a node runs every call after it, again if it ran before.
//
// It is not optimal: g is not additive, so f = g + h can overestimate
// for α < 1; h keeps one pair where two may be needed; and so does g.
// The threshold and ties on cached calls are none of its business. Errors
// are those of Search.
func Published(ctx context.Context, p Problem) (PublishedResult, error) {
	whole := p
	whole.Threshold = 0
	g, err := compile(&whole)
	if err != nil {
		return PublishedResult{}, err
	}
	s := newPublished(g, p.Alpha)
	last, err := s.run(ctx)
	if err != nil {
		return PublishedResult{}, err
	}
	if last == none {
		return PublishedResult{}, edit.ErrNoPath
	}
	r := PublishedResult{Spent: s.spent, Runs: s.runs, Runnable: true}
	r.Quality = 1
	r.Stats = Stats{Surviving: len(g.ops), Expanded: s.expanded, Labels: len(g.ops)}
	have := make(map[int32]bool)
	for _, op := range s.pathTo(last) {
		n := &g.ops[op]
		r.Runnable = r.Runnable && g.ready(op, have)
		for _, slot := range n.makes {
			have[slot] = true
		}
		r.Path = append(r.Path, p.Ops[n.source])
		r.Cost += n.cost
		r.Quality *= n.quality
	}
	r.F = Objective(p.Alpha, r.Cost, r.Quality)
	return r, nil
}

// published is the state of one such search; all slices go by op.
type published struct {
	g               *graph
	alpha           float64
	starts          []int32
	children        [][]int32
	h, toGoC, toGoQ []float64
	gOf             []float64 // of the one path kept to a call
	label           []int32   // that path, in labels
	labels          []publishedLabel
	spent           float64
	runs, expanded  int
}

// publishedLabel is a path that was the best known one to its last call at some time.
type publishedLabel struct {
	op, from   int32 // from: the label before it, or none
	cost, qual float64
}

func newPublished(g *graph, alpha float64) *published {
	n := len(g.ops)
	s := &published{
		g: g, alpha: alpha, children: make([][]int32, n),
		h: make([]float64, n), toGoC: make([]float64, n), toGoQ: make([]float64, n),
		gOf: make([]float64, n), label: make([]int32, n),
	}
	needs := make([][]int32, n)
	for i := range g.ops {
		needs[i] = g.ops[i].needs
		s.gOf[i] = math.Inf(1)
	}
	users := invert(needs, len(g.makers))
	for i := range g.ops {
		if len(g.ops[i].needs) == 0 {
			s.starts = append(s.starts, int32(i))
		}
		for _, slot := range g.ops[i].makes {
			s.children[i] = append(s.children[i], users[slot]...)
		}
		slices.Sort(s.children[i])
		s.children[i] = slices.Compact(s.children[i])
	}
	seen := make([]bool, n)
	for i := range g.ops {
		s.look(int32(i), seen)
	}
	return s
}

// look fills in h of a call after that of its children; a child still being
// looked at closes a cycle and is passed over.
func (s *published) look(x int32, seen []bool) {
	if seen[x] {
		return
	}
	seen[x] = true
	s.toGoQ[x] = 1
	if len(s.children[x]) == 0 {
		return
	}
	s.h[x] = math.Inf(1)
	for _, y := range s.children[x] {
		s.look(y, seen)
		c, q := s.toGoC[y]+s.g.ops[y].cost, s.toGoQ[y]*s.g.ops[y].quality
		if h := Objective(s.alpha, c, q); h < s.h[x] {
			s.h[x], s.toGoC[x], s.toGoQ[x] = h, c, q
		}
	}
}

// run returns the label of the completing call that was taken first.
func (s *published) run(ctx context.Context) (int32, error) {
	var open heap
	visit := func(from int32, calls []int32, c, q float64) {
		for _, y := range calls {
			n := &s.g.ops[y]
			s.spent += n.cost
			s.runs++
			l := publishedLabel{op: y, from: from, cost: c + n.cost, qual: q * n.quality}
			if g := Objective(s.alpha, l.cost, l.qual); g < s.gOf[y] {
				s.gOf[y], s.label[y] = g, int32(len(s.labels))
				s.labels = append(s.labels, l)
				open.push(entry{first: g + s.h[y], second: g, label: y})
			}
		}
	}
	visit(none, s.starts, 0, 1)
	for len(open) > 0 {
		if s.expanded%cancelEvery == 0 {
			if err := ctx.Err(); err != nil {
				return none, err
			}
		}
		top := open.pop()
		x := top.label
		if top.second > s.gOf[x] {
			continue // a better path to x was found after this one
		}
		l := s.label[x]
		if s.g.ops[x].makes[0] == done {
			return l, nil
		}
		s.expanded++
		visit(l, s.children[x], s.labels[l].cost, s.labels[l].qual)
	}
	return none, nil
}

// pathTo is the path that a label stands for, as it was when the label was made.
func (s *published) pathTo(label int32) []int32 {
	var path []int32
	for ; label != none; label = s.labels[label].from {
		path = append(path, s.labels[label].op)
	}
	slices.Reverse(path)
	return path
}
