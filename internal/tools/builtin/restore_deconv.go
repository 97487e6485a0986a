package builtin

import (
	"context"
	"math"
	"sync"

	"pentimento/internal/pixel"
)

// deconvTile is the side of the squares that are deconvolved one at a time, and deconvMargin
// what is cut off each side: there the square's own border shows.
const deconvTile, deconvMargin = 512, 48

// deconvolve undoes a blur in planes of one size with samples in [0,1]. Fine picture, coarse
// noise: gradients weigh by their power 2/3, as those of photographs do (Krishnan and Fergus, "Fast
// image deconvolution using hyper-Laplacian priors", 2009), and fidelity is the weight of the data
// against them; schedule holds the rising weights of the split, one round of work each. Planes go two at a time, as real and imaginary part. Tiles overlap.
func deconvolve(ctx context.Context, planes []*pixel.Plane, k *blurKernel, fidelity float64, schedule []float32, progress func(float64)) ([]*pixel.Plane, error) {
	w, h := planes[0].W, planes[0].H
	out := make([]*pixel.Plane, len(planes))
	for i := range out {
		out[i] = pixel.NewPlane(w, h)
	}
	// Jobs are pairs of pieces: of two planes at one place, or of one plane at two places.
	type piece struct{ plane, x, y int }
	var pieces []piece
	const core = deconvTile - 2*deconvMargin
	for p := range planes {
		for y := 0; y < h; y += core {
			for x := 0; x < w; x += core {
				pieces = append(pieces, piece{p, x, y})
			}
		}
	}
	jobs := (len(pieces) + 1) / 2
	var mu sync.Mutex
	done := 0
	const band = 16 // pixel.Rows gives a goroutine at least so many rows
	pixel.Rows(jobs*band, func(y0, y1 int) {
		d := newDeconvolver(k, fidelity)
		for j := (y0 + band - 1) / band; j*band < y1; j++ {
			if ctx.Err() != nil {
				return
			}
			pair := pieces[2*j : min(2*j+2, len(pieces))]
			g := newGrid(deconvTile)
			for n, p := range pair {
				d.load(g, n, planes[p.plane], p.x-deconvMargin, p.y-deconvMargin)
			}
			d.run(ctx, g, schedule)
			for n, p := range pair {
				d.store(g, n, out[p.plane], p.x, p.y)
			}
			mu.Lock()
			done++
			if progress != nil {
				progress(float64(done) / float64(jobs))
			}
			mu.Unlock()
		}
	})
	return out, ctx.Err()
}

// deconvolver holds what all tiles of one kernel share. It is not safe for concurrent use.
type deconvolver struct {
	f        *fourier
	k        *grid
	power    []float32 // |K|²
	slope    []float32 // |Dx|²+|Dy|²
	fidelity float64
	taper    []float32 // along one side: 1 inside, falling to 0 at the border
	h, v     []complex64
}

func newDeconvolver(k *blurKernel, fidelity float64) *deconvolver {
	const n = deconvTile
	d := &deconvolver{f: newFourier(n), fidelity: fidelity, taper: make([]float32, n)}
	d.k = k.spectrum(d.f)
	d.centre(k)
	dx, dy := differences(d.f)
	d.power, d.slope = make([]float32, n*n), make([]float32, n*n)
	for i := range d.power {
		d.power[i] = norm(d.k.v[i])
		d.slope[i] = norm(dx.v[i]) + norm(dy.v[i])
	}
	for i := range d.taper {
		d.taper[i] = smooth(min(float32(min(i, n-1-i))/(deconvMargin*0.75), 1))
	}
	d.h, d.v = make([]complex64, n*n), make([]complex64, n*n)
	return d
}

// centre moves the kernel's centre of mass to its centre, to a fraction of a pixel,
// so that the picture stays where it is: a factor of phase for every frequency.
// Only frequencies that have one, not the highest, are turned.
func (d *deconvolver) centre(k *blurKernel) {
	n := d.f.n
	mx, my := k.middle()
	turn := func(at float64) []complex64 {
		out := make([]complex64, n)
		for u := range out {
			freq := u
			if freq > n/2 {
				freq -= n
			}
			s, c := math.Sincos(2 * math.Pi * float64(freq) * at / float64(n))
			if u == n/2 {
				s = 0
			}
			out[u] = complex(float32(c), float32(s))
		}
		return out
	}
	tx, ty := turn(mx), turn(my)
	for u := range n { // spectra are transposed: rows are the frequencies along x
		for v := range n {
			d.k.v[u*n+v] *= tx[u] * ty[v]
		}
	}
}

// load puts part n (0 real, 1 imaginary) of a tile in place; outside the plane it is mirrored.
func (d *deconvolver) load(g *grid, n int, p *pixel.Plane, x0, y0 int) {
	for y := range g.n {
		row := p.V[mirror(y0+y, p.H)*p.W:]
		for x := range g.n {
			v := row[mirror(x0+x, p.W)]
			if n == 0 {
				g.v[y*g.n+x] = complex(v, imag(g.v[y*g.n+x]))
			} else {
				g.v[y*g.n+x] = complex(real(g.v[y*g.n+x]), v)
			}
		}
	}
}

// store copies the middle of part n to where it belongs.
func (d *deconvolver) store(g *grid, n int, p *pixel.Plane, x0, y0 int) {
	const core = deconvTile - 2*deconvMargin
	for y := y0; y < min(y0+core, p.H); y++ {
		for x := x0; x < min(x0+core, p.W); x++ {
			v := g.v[(y-y0+deconvMargin)*g.n+x-x0+deconvMargin]
			if n == 0 {
				p.V[y*p.W+x] = real(v)
			} else {
				p.V[y*p.W+x] = imag(v)
			}
		}
	}
}

// mirror reflects an index into [0,n).
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2*n - 2
	i = ((i % period) + period) % period
	return min(i, period-i)
}

// run deconvolves a tile in place: half-quadratic splitting.
func (d *deconvolver) run(ctx context.Context, g *grid, schedule []float32) {
	n := g.n
	// Towards the tile's border the picture gives way to its own blur around the corner,
	// which is what a periodic blur would have made there (edge tapering).
	around := g.clone()
	d.f.forward(around)
	for i := range around.v {
		around.v[i] *= d.k.v[i]
	}
	d.f.inverse(around)
	for y := range n {
		for x := range n {
			i := y*n + x
			t := complex(d.taper[y]*d.taper[x], 0)
			g.v[i] = t*g.v[i] + (1-t)*around.v[i]
		}
	}
	blurred := g.clone()
	d.f.forward(blurred)
	for i := range blurred.v {
		blurred.v[i] *= conj(d.k.v[i])
	}
	for _, beta := range schedule {
		if ctx.Err() != nil {
			return
		}
		d.split(g, beta)
		div := newGrid(n)
		for y := range n {
			down := ((y + n - 1) % n) * n
			for x := range n {
				i := y*n + x
				div.v[i] = d.h[y*n+(x+n-1)%n] - d.h[i] + d.v[down+x] - d.v[i]
			}
		}
		d.f.forward(div)
		ratio := beta / float32(d.fidelity)
		for i := range g.v {
			t := blurred.v[i] + complex(ratio, 0)*div.v[i]
			s := 1 / (d.power[i] + ratio*d.slope[i] + 1e-7)
			g.v[i] = complex(real(t)*s, imag(t)*s)
		}
		d.f.inverse(g)
	}
}

// split shrinks the picture's gradients: the minimum of |w|^(2/3) + β/2·(w-d)² for each.
func (d *deconvolver) split(g *grid, beta float32) {
	n := g.n
	shrink := newShrinkage(float64(beta))
	for y := range n {
		row, up := g.v[y*n:(y+1)*n], g.v[((y+1)%n)*n:][:n]
		for x, here := range row {
			next := row[(x+1)%n]
			a, b := next-here, up[x]-here
			d.h[y*n+x] = complex(shrink.of(real(a)), shrink.of(imag(a)))
			d.v[y*n+x] = complex(shrink.of(real(b)), shrink.of(imag(b)))
		}
	}
}

// shrinkage tabulates shrinkGradient for one β, for steps up to shrinkMost.
type shrinkage struct{ v [shrinkSteps + 2]float32 }

const shrinkSteps, shrinkMost = 2048, 1.0

func newShrinkage(beta float64) *shrinkage {
	s := &shrinkage{}
	for i := range s.v {
		s.v[i] = float32(shrinkGradient(float64(i)*shrinkMost/shrinkSteps, beta))
	}
	return s
}

func (s *shrinkage) of(d float32) float32 {
	m := max(d, -d) * (shrinkSteps / shrinkMost)
	if m >= shrinkSteps {
		return d // a step that large is kept
	}
	k := int(m)
	w := s.v[k] + (m-float32(k))*(s.v[k+1]-s.v[k])
	if d < 0 {
		return -w
	}
	return w
}

// shrinkGradient minimises w^(2/3) + β/2·(w-d)² for d >= 0 by Newton's method
// from d; it is 0 where that is less.
func shrinkGradient(d, beta float64) float64 {
	w := d
	for range 4 {
		root := math.Cbrt(max(w, 1e-12))
		w = max(w-(2/(3*root)+beta*(w-d))/(beta-2/(9*w*root+1e-12)), d/4)
	}
	root := math.Cbrt(w)
	if w > d || root*root+beta/2*(w-d)*(w-d) >= beta/2*d*d {
		return 0
	}
	return w
}
