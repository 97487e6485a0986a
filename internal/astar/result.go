package astar

// result turns a set of calls into a path that can be run, its estimates
// summed in canonical order, so that equal sets give equal numbers.
func (g *graph) result(p *Problem, set []int32) Result {
	r := Result{Cost: 0, Quality: 1, Path: make([]Op, 0, len(set))}
	for _, op := range set {
		n := &g.ops[op]
		r.Cost += n.cost
		r.Quality *= n.quality
		if n.quality < g.threshold {
			r.Weak++
		}
	}
	r.F = Objective(p.Alpha, r.Cost, r.Quality)
	// Of the calls that can run next, the first by name, the completing one last.
	have := make(map[int32]bool, len(set))
	left := append([]int32(nil), set...)
	for len(left) > 0 {
		next := none
		for i, op := range left {
			if g.ready(op, have) && (next == none || g.ops[left[next]].makes[0] == done) {
				next = i
			}
		}
		if next == none {
			panic("astar: a path that cannot be run") // the search builds paths from runnable steps only
		}
		op := left[next]
		for _, s := range g.ops[op].makes {
			have[s] = true
		}
		r.Path = append(r.Path, p.Ops[g.ops[op].source])
		left = append(left[:next], left[next+1:]...)
	}
	return r
}

func (g *graph) ready(op int32, have map[int32]bool) bool {
	for _, s := range g.ops[op].needs {
		if !have[s] {
			return false
		}
	}
	return true
}
