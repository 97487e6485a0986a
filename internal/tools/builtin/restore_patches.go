package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// denoiseEffort is how thoroughly patches are looked for: large pictures are
// seen smaller, and must not take minutes.
type denoiseEffort struct {
	step   int  // between reference patches
	reach  int  // of the search for like patches
	stride int  // of that search
	group  int  // most patches in a group; a power of two
	colors bool // colour channels in groups too, not patch by patch
}

func effortFor(megapixels float64) denoiseEffort {
	switch {
	case megapixels <= 2:
		return denoiseEffort{step: 4, reach: 10, stride: 1, group: 8, colors: true}
	case megapixels <= 5:
		return denoiseEffort{step: 4, reach: 8, stride: 2, group: 8}
	}
	return denoiseEffort{step: 5, reach: 6, stride: 2, group: 4}
}

// hardThreshold is the multiple of the noise below which a coefficient is taken for noise.
const hardThreshold = 2.7

// stripRows is how many rows of references one goroutine works through at a
// time. A strip writes at most reach rows above and reach+patchSide below
// itself, so that every other strip may run beside it without sharing a row.
const stripRows = 64

// filterPatches is one pass over a picture's opponent channels: without a pilot
// a hard threshold, with one a Wiener filter that takes the pilot's spectra for the truth.
func filterPatches(ctx context.Context, noisy [3]*pixel.Plane, pilot *[3]*pixel.Plane, noise *noiseModel, effort denoiseEffort) ([3]*pixel.Plane, error) {
	w, h := noisy[0].W, noisy[0].H
	if w < patchSide || h < patchSide {
		return noisy, ctx.Err()
	}
	f := &patchFilter{noisy: noisy, pilot: pilot, noise: noise, effort: effort, window: kaiser()}
	for c := range f.sum {
		f.sum[c] = pixel.NewPlane(w, h)
	}
	for c := range f.weight {
		f.weight[c] = pixel.NewPlane(w, h)
	}
	strips := (h + stripRows - 1) / stripRows
	for parity := range 2 { // even strips, then odd ones: the order of sums is always the same
		pixel.Rows(strips*stripRows, func(y0, y1 int) {
			for s := parity; s < strips; s += 2 {
				if top := s * stripRows; top >= y0 && top < y1 {
					f.strip(ctx, top, min(top+stripRows, h))
				}
			}
		})
	}
	for c := range f.sum {
		for i, wt := range f.weight[c].V {
			if wt > 0 {
				f.sum[c].V[i] /= wt
			} else {
				f.sum[c].V[i] = noisy[c].V[i]
			}
		}
	}
	return f.sum, ctx.Err()
}

type patchFilter struct {
	noisy  [3]*pixel.Plane
	pilot  *[3]*pixel.Plane
	noise  *noiseModel
	effort denoiseEffort
	window patch
	sum    [3]*pixel.Plane
	weight [3]*pixel.Plane
}

// strip filters the groups whose reference patch begins in rows [top, bottom).
func (f *patchFilter) strip(ctx context.Context, top, bottom int) {
	w, h := f.noisy[0].W, f.noisy[0].H
	s := &patchScratch{group: make([]patch, f.effort.group), guide: make([]patch, f.effort.group)}
	for y := top; y < bottom; y++ {
		if y != h-patchSide && (y%f.effort.step != 0 || y > h-patchSide) {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		for x := 0; x <= w-patchSide; x++ {
			if x%f.effort.step == 0 || x == w-patchSide {
				f.reference(x, y, s)
			}
		}
	}
}

// patchScratch is what one goroutine works in.
type patchScratch struct {
	at           []place
	group, guide []patch
}

// place is a patch's top left corner and how far it is from the reference.
type place struct {
	x, y int
	d    float32
}

// reference filters one group and adds its patches to the sums.
func (f *patchFilter) reference(x, y int, s *patchScratch) {
	look := f.noisy[0]
	if f.pilot != nil {
		look = f.pilot[0]
	}
	bright := look.At(x+patchSide/2, y+patchSide/2)
	f.match(look, x, y, f.noise.at(0, bright), s)
	for c := range f.noisy {
		sigma := f.noise.at(c, bright)
		at := s.at
		if c > 0 {
			sigma *= chromaGain
			if !f.effort.colors {
				at = at[:1]
			}
		}
		group := s.group[:len(at)]
		load(f.noisy[c], at, group)
		kept := f.shrink(c, at, group, s.guide[:len(at)], sigma)
		for k, p := range at {
			group[k].idct()
			f.add(c, p, &group[k], 1/(1+kept))
		}
	}
}

// match lists the patches most like the one at (x,y), itself first, by the
// squared differences of half of their samples. Their number is a power of two.
func (f *patchFilter) match(look *pixel.Plane, x, y int, sigma float32, s *patchScratch) {
	limit := samePatch + 3*sigma*sigma
	if f.pilot != nil {
		limit = samePatch + sigma*sigma/2
	}
	limit *= patchSide * patchSide / 2
	s.at = append(s.at[:0], place{x, y, 0})
	n := f.effort.group
	x0, x1 := max(0, x-f.effort.reach), min(look.W-patchSide, x+f.effort.reach)
	y0, y1 := max(0, y-f.effort.reach), min(look.H-patchSide, y+f.effort.reach)
	// The grid of candidates goes through the reference itself.
	x0 += (x - x0) % f.effort.stride
	y0 += (y - y0) % f.effort.stride
	ref := look.V[y*look.W+x:]
	for yy := y0; yy <= y1; yy += f.effort.stride {
		for xx := x0; xx <= x1; xx += f.effort.stride {
			if xx == x && yy == y {
				continue
			}
			bound := limit
			if len(s.at) == n {
				bound = s.at[n-1].d
			}
			d := difference(ref, look.V[yy*look.W+xx:], look.W, bound)
			if d >= bound {
				continue
			}
			if len(s.at) < n {
				s.at = append(s.at, place{})
			}
			k := len(s.at) - 1
			for ; k > 1 && s.at[k-1].d > d; k-- {
				s.at[k] = s.at[k-1]
			}
			s.at[k] = place{xx, yy, d}
		}
	}
	for n = 1; 2*n <= len(s.at); n *= 2 {
	}
	s.at = s.at[:n]
}

// samePatch is the mean squared difference up to which patches count as alike even without noise.
const samePatch = 20

// difference sums the squared differences of every other row of two patches,
// and stops once it exceeds bound.
func difference(a, b []float32, stride int, bound float32) float32 {
	var d float32
	for j := 0; j < patchSide; j += 2 {
		p, q := (*[patchSide]float32)(a[j*stride:]), (*[patchSide]float32)(b[j*stride:])
		e0, e1, e2, e3 := p[0]-q[0], p[1]-q[1], p[2]-q[2], p[3]-q[3]
		e4, e5, e6, e7 := p[4]-q[4], p[5]-q[5], p[6]-q[6], p[7]-q[7]
		d += e0*e0 + e1*e1 + e2*e2 + e3*e3 + (e4*e4 + e5*e5 + e6*e6 + e7*e7)
		if d > bound {
			return d
		}
	}
	return d
}

// kaiser is the two-dimensional Kaiser window with beta 2, which hides the seams of patches.
func kaiser() patch {
	const beta = 2
	bessel := func(x float64) float64 { // I0 by its series
		sum, term := 1.0, 1.0
		for k := 1.0; k < 20; k++ {
			term *= (x / (2 * k)) * (x / (2 * k))
			sum += term
		}
		return sum
	}
	var p patch
	at := func(i int) float64 {
		t := 2*float64(i)/(patchSide-1) - 1
		return bessel(beta*math.Sqrt(1-t*t)) / bessel(beta)
	}
	for i := range p {
		p[i] = float32(at(i/patchSide) * at(i%patchSide))
	}
	return p
}

// load reads patches and transforms each, then across the group.
func load(from *pixel.Plane, at []place, group []patch) {
	for k, p := range at {
		for j := range patchSide {
			copy(group[k][patchSide*j:patchSide*(j+1)], from.V[(p.y+j)*from.W+p.x:])
		}
		group[k].dct()
	}
	hadamard(group)
}

// shrink removes the noise from a group's spectrum and undoes the transform
// across it. It returns how much of the noise is left, in coefficients.
func (f *patchFilter) shrink(c int, at []place, group, guide []patch, sigma float32) float32 {
	var kept float32
	if f.pilot == nil {
		cut := hardThreshold * sigma
		for k := range group {
			for i, v := range group[k] {
				if v > cut || v < -cut || k == 0 && i == 0 {
					kept++
				} else {
					group[k][i] = 0
				}
			}
		}
	} else {
		load(f.pilot[c], at, guide)
		noise := sigma * sigma
		for k := range group {
			for i := range group[k] {
				e := guide[k][i] * guide[k][i]
				g := e / (e + noise)
				if k == 0 && i == 0 {
					g = 1
				}
				group[k][i] *= g
				kept += g * g
			}
		}
	}
	hadamard(group)
	return kept
}

// add puts a patch back, weighted by how little noise is left in it and by the window.
func (f *patchFilter) add(c int, at place, p *patch, weight float32) {
	w := f.sum[c].W
	for j := range patchSide {
		from := (at.y+j)*w + at.x
		row, win := p[patchSide*j:patchSide*(j+1)], f.window[patchSide*j:patchSide*(j+1)]
		sum, all := f.sum[c].V[from:from+patchSide], f.weight[c].V[from:from+patchSide]
		for i, v := range row {
			sum[i] += weight * win[i] * v
			all[i] += weight * win[i]
		}
	}
}
