package patchmatch

import "context"

// A grid of unknowns, three values each, that are joined to their neighbours by
// weighted edges and tied to what is known: the weighted Laplacian
//
//	A u = tie·u + Σ edge·(u − u')
//
// is solved by conjugate gradients with a multigrid V-cycle as preconditioner.
type grid struct {
	w, h  int
	right []float32 // weight of the edge to the right neighbour, 0 for none
	down  []float32
	tie   []float32 // weight of the edges to known pixels
	weak  []float32 // screening, which does not weaken with the size of a cell
	diag  []float32 // of A
	next  *grid     // at half the size
	r, u  []float32 // 3·w·h: right side and answer of a V-cycle
}

const (
	solveRounds  = 14   // conjugate gradient steps at most
	solvedShare  = 1e-4 // of the first residual's square at which it is done
	coarsestGrid = 8    // unknowns at which the halving ends
	coarseSweeps = 8
)

func newGrid(w, h int) *grid {
	n := w * h
	return &grid{w: w, h: h, right: make([]float32, n), down: make([]float32, n), tie: make([]float32, n), weak: make([]float32, n)}
}

// ready derives the diagonal and the coarser grids from the weights. A pixel
// with no weight at all is no unknown.
func (g *grid) ready() {
	n := g.w * g.h
	g.diag, g.r, g.u = make([]float32, n), make([]float32, 3*n), make([]float32, 3*n)
	for y := range g.h {
		for x := range g.w {
			i := y*g.w + x
			d := g.tie[i] + g.weak[i] + g.right[i] + g.down[i]
			if x > 0 {
				d += g.right[i-1]
			}
			if y > 0 {
				d += g.down[i-g.w]
			}
			g.diag[i] = d
		}
	}
	if n <= coarsestGrid {
		return
	}
	g.next = g.half()
	g.next.ready()
}

// half joins squares of four cells. Their edges are twice as long, and so half as stiff.
func (g *grid) half() *grid {
	o := newGrid((g.w+1)/2, (g.h+1)/2)
	for y := range g.h {
		for x := range g.w {
			i, j := y*g.w+x, y/2*o.w+x/2
			o.tie[j] += g.tie[i] / 2
			o.weak[j] += g.weak[i]
			if x%2 == 1 {
				o.right[j] += g.right[i] / 2
			}
			if y%2 == 1 {
				o.down[j] += g.down[i] / 2
			}
		}
	}
	return o
}

// neighbours adds up the weighted neighbours' values of cell i.
func (g *grid) neighbours(u []float32, i, x, y int) (s [3]float32) {
	add := func(w float32, j int) {
		if w != 0 {
			s[0] += w * u[3*j]
			s[1] += w * u[3*j+1]
			s[2] += w * u[3*j+2]
		}
	}
	add(g.right[i], i+1)
	add(g.down[i], i+g.w)
	if x > 0 {
		add(g.right[i-1], i-1)
	}
	if y > 0 {
		add(g.down[i-g.w], i-g.w)
	}
	return s
}

// relax does one Gauss-Seidel sweep over g.u, backwards or forwards.
func (g *grid) relax(backward bool) {
	for k := range g.w * g.h {
		i := k
		if backward {
			i = g.w*g.h - 1 - k
		}
		d := g.diag[i]
		if d == 0 {
			continue
		}
		s := g.neighbours(g.u, i, i%g.w, i/g.w)
		for c := range s {
			g.u[3*i+c] = (g.r[3*i+c] + s[c]) / d
		}
	}
}

// cycle improves nothing but answers: g.u becomes about A⁻¹ g.r.
func (g *grid) cycle() {
	clear(g.u)
	if g.next == nil {
		for range coarseSweeps {
			g.relax(false)
			g.relax(true)
		}
		return
	}
	g.relax(false)
	clear(g.next.r)
	for y := range g.h {
		for x := range g.w {
			i := y*g.w + x
			if g.diag[i] == 0 {
				continue
			}
			s := g.neighbours(g.u, i, x, y)
			out := g.next.r[3*(y/2*g.next.w+x/2):]
			for c := range s {
				out[c] += g.r[3*i+c] + s[c] - g.diag[i]*g.u[3*i+c]
			}
		}
	}
	g.next.cycle()
	for y := range g.h {
		for x := range g.w {
			if i := y*g.w + x; g.diag[i] != 0 {
				from := g.next.u[3*(y/2*g.next.w+x/2):]
				for c := range 3 {
					g.u[3*i+c] += from[c]
				}
			}
		}
	}
	g.relax(true)
}

// solve returns about A⁻¹ b; b has three values per cell and is overwritten.
func (g *grid) solve(ctx context.Context, b []float32) ([]float32, error) {
	n := g.w * g.h
	x, p, ap := make([]float32, 3*n), make([]float32, 3*n), make([]float32, 3*n)
	var rz, first float64
	for round := range solveRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		copy(g.r, b)
		g.cycle()
		z := dot(b, g.u)
		if round == 0 {
			first = z
		}
		if z <= solvedShare*first {
			break
		}
		beta := float32(0)
		if round > 0 {
			beta = float32(z / rz)
		}
		rz = z
		for i, v := range g.u {
			p[i] = v + beta*p[i]
		}
		for i := range n {
			s := [3]float32{}
			if g.diag[i] != 0 {
				s = g.neighbours(p, i, i%g.w, i/g.w)
			}
			for c := range s {
				ap[3*i+c] = g.diag[i]*p[3*i+c] - s[c]
			}
		}
		step := dot(p, ap)
		if step <= 0 {
			break
		}
		alpha := float32(rz / step)
		for i := range x {
			x[i] += alpha * p[i]
			b[i] -= alpha * ap[i]
		}
	}
	return x, nil
}

func dot(a, b []float32) float64 {
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}
