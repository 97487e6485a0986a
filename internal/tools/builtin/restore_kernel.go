package builtin

import (
	"context"
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// The blind search for the blur. It looks at one square of the picture, at
// scales a factor kernelStep apart, from the coarsest, where any blur is a few pixels wide.
const (
	kernelMost   = 25  // side of the largest kernel, odd
	kernelStep   = 1.5 // between scales
	kernelRounds = 5   // of latent picture and kernel in turn at each scale
	kernelRegion = 440 // side of the square looked at, at most
	kernelPad    = 36  // least margin in which the square is made periodic
)

// Weights of the search, for samples in [0,1].
const (
	sparseStart = 16e-3 // of a gradient other than 0 in the latent picture
	sparseDecay = 1.1
	sparseLeast = 1e-4
	kernelEase  = 2.0 // of the kernel's energy
)

// blurKernel is a blur: weights that sum to 1, side odd, row-major.
type blurKernel struct {
	side int
	v    []float32
}

func newKernel(side int) *blurKernel { return &blurKernel{side: side, v: make([]float32, side*side)} }

// estimateKernel finds the blur of a luma plane without knowing what it shows: the
// latent picture has few gradients (Xu, Zheng and Jia, "Unnatural L0 sparse
// representation for natural image deblurring", 2013; the steps are those of Pan, Hu, Su
// and Yang, "L0-regularized intensity and gradient prior", 2016), and given it the kernel is a
// least-squares fit of gradients.
func estimateKernel(ctx context.Context, luma *pixel.Plane, most int, progress func(float64)) (*blurKernel, error) {
	region := busiest(luma, kernelRegion)
	var sides []int
	for s := float64(most); ; s /= kernelStep {
		side := max(3, int(s/2)*2+1)
		sides = append(sides, side)
		if side == 3 {
			break
		}
	}
	slices.Reverse(sides)
	k := newKernel(3)
	k.v[4], k.v[5] = 0.5, 0.5
	sparse := sparseStart
	for level, side := range sides {
		scale := float64(side) / float64(most)
		if level == len(sides)-1 {
			scale = 1
		}
		w, h := max(16, int(scale*float64(region.W)+0.5)), max(16, int(scale*float64(region.H)+0.5))
		seen := pixel.ResizePlane(region, w, h, pixel.Area)
		k = k.resized(side)
		var err error
		if k, err = kernelAt(ctx, seen, k, &sparse); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(scale)
		}
	}
	return k.pruned(0.05), nil
}

// kernelAt refines a kernel at one scale.
func kernelAt(ctx context.Context, seen *pixel.Plane, k *blurKernel, sparse *float64) (*blurKernel, error) {
	n := 32
	for n < max(seen.W, seen.H)+kernelPad {
		n *= 2
	}
	f := newFourier(n)
	blurred := periodic(seen, n)
	f.forward(blurred)
	dx, dy := differences(f)
	bx, by := times(blurred, dx), times(blurred, dy)
	for range kernelRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		latent, err := sparsePicture(ctx, f, blurred, k.spectrum(f), dx, dy, *sparse)
		if err != nil {
			return nil, err
		}
		sx, sy := strongGradients(latent, k.side)
		f.forward(sx)
		f.forward(sy)
		top, bottom := newGrid(n), make([]float32, n*n)
		for i := range top.v {
			top.v[i] = conj(sx.v[i])*bx.v[i] + conj(sy.v[i])*by.v[i]
			bottom[i] = norm(sx.v[i]) + norm(sy.v[i])
		}
		k = solveKernel(f, top, bottom, k).pruned(0.05)
		*sparse = max(*sparse/sparseDecay, sparseLeast)
	}
	return k.centred(), nil
}

// sparsePicture is the picture S with few gradients whose blur is what was seen:
// min |k*S-B|² + λ·#(∇S≠0), by half-quadratic splitting.
func sparsePicture(ctx context.Context, f *fourier, blurred, k, dx, dy *grid, lambda float64) (*grid, error) {
	n := f.n
	data, power, slope := newGrid(n), make([]float32, n*n), make([]float32, n*n)
	for i := range data.v {
		data.v[i] = conj(k.v[i]) * blurred.v[i]
		power[i] = norm(k.v[i])
		slope[i] = norm(dx.v[i]) + norm(dy.v[i])
	}
	s := blurred.clone()
	f.inverse(s)
	h, v := make([]float32, n*n), make([]float32, n*n)
	for beta := 2 * lambda; beta < 1e4; beta *= 4 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		cut := float32(lambda / beta)
		for y := range n {
			up := ((y + 1) % n) * n
			for x := range n {
				i := y*n + x
				here := real(s.v[i])
				a, b := real(s.v[y*n+(x+1)%n])-here, real(s.v[up+x])-here
				if a*a+b*b < cut {
					a, b = 0, 0
				}
				h[i], v[i] = a, b
			}
		}
		div := divergence(h, v, n)
		f.forward(div)
		for i := range s.v {
			b := float32(beta)
			d := power[i] + b*slope[i] + 1e-6
			t := data.v[i] + complex(b, 0)*div.v[i]
			s.v[i] = complex(real(t)/d, imag(t)/d)
		}
		f.inverse(s)
	}
	return s, nil
}

// divergence is the adjoint of the forward difference applied to a field.
func divergence(h, v []float32, n int) *grid {
	out := newGrid(n)
	for y := range n {
		down := ((y + n - 1) % n) * n
		for x := range n {
			i := y*n + x
			out.v[i] = complex(h[y*n+(x+n-1)%n]-h[i]+v[down+x]-v[i], 0)
		}
	}
	return out
}

// strongGradients are the latent picture's gradients, the weak ones left out:
// only edges wider than the blur tell of it, and enough in every direction.
func strongGradients(s *grid, side int) (sx, sy *grid) {
	n := s.n
	sx, sy = newGrid(n), newGrid(n)
	var bins [4][]float32
	for y := range n {
		up := ((y + 1) % n) * n
		for x := range n {
			i := y*n + x
			a, b := real(s.v[y*n+(x+1)%n])-real(s.v[i]), real(s.v[up+x])-real(s.v[i])
			sx.v[i], sy.v[i] = complex(a, 0), complex(b, 0)
			if m := a*a + b*b; m > 1e-8 {
				k := 0
				if a*b < 0 {
					k = 1
				}
				if a*a > b*b {
					k += 2
				}
				bins[k] = append(bins[k], m)
			}
		}
	}
	// So many of the strongest in each of four directions that the kernel is determined.
	want := 4 * side * side
	cut := float32(math.Inf(1))
	for _, b := range bins {
		if len(b) == 0 {
			continue
		}
		slices.Sort(b)
		cut = min(cut, b[max(0, len(b)-want)])
	}
	for i := range sx.v {
		a, b := real(sx.v[i]), real(sy.v[i])
		if a*a+b*b < cut {
			sx.v[i], sy.v[i] = 0, 0
		}
	}
	return sx, sy
}

// solveKernel fits the kernel within its square: conjugate gradients on
// (A'A+γ)k = A'b, where A'A is the convolution with bottom's transform.
func solveKernel(f *fourier, top *grid, bottom []float32, start *blurKernel) *blurKernel {
	side := start.side
	f.inverse(top)
	auto := newGrid(f.n)
	for i, v := range bottom {
		auto.v[i] = complex(v, 0)
	}
	f.inverse(auto)
	wide := 2*side - 1
	near := window(auto, wide)
	apply := func(k []float32) []float32 {
		out := make([]float32, len(k))
		pixel.Rows(side, func(y0, y1 int) {
			for y := y0; y < y1; y++ {
				for x := range side {
					sum := kernelEase * k[y*side+x]
					for j := range side {
						row := near[(y-j+side-1)*wide+x:]
						for i, v := range k[j*side : (j+1)*side] {
							sum += v * row[side-1-i]
						}
					}
					out[y*side+x] = sum
				}
			}
		})
		return out
	}
	x := append([]float32(nil), start.v...)
	r, ax := window(top, side), apply(x)
	for i := range r {
		r[i] -= ax[i]
	}
	p := append([]float32(nil), r...)
	rr := dot(r, r)
	for range 20 {
		if rr < 1e-10 {
			break
		}
		ap := apply(p)
		alpha := float32(rr / max(dot(p, ap), 1e-20))
		for i := range x {
			x[i] += alpha * p[i]
			r[i] -= alpha * ap[i]
		}
		next := dot(r, r)
		beta := float32(next / rr)
		for i := range p {
			p[i] = r[i] + beta*p[i]
		}
		rr = next
	}
	return &blurKernel{side, x}
}

func dot(a, b []float32) float64 {
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// window cuts the middle, around the origin of a periodic grid, out of it.
func window(g *grid, side int) []float32 {
	out, half, n := make([]float32, side*side), side/2, g.n
	for j := range side {
		for i := range side {
			out[j*side+i] = real(g.v[((j-half+n)%n)*n+(i-half+n)%n])
		}
	}
	return out
}

func conj(c complex64) complex64 { return complex(real(c), -imag(c)) }

func norm(c complex64) float32 { return real(c)*real(c) + imag(c)*imag(c) }

func times(a, b *grid) *grid {
	out := newGrid(a.n)
	for i := range out.v {
		out.v[i] = a.v[i] * b.v[i]
	}
	return out
}

// differences are the spectra of the forward differences along rows and columns.
func differences(f *fourier) (dx, dy *grid) {
	n := f.n
	dx, dy = newGrid(n), newGrid(n)
	dx.v[0], dx.v[n-1] = -1, 1 // (f*d)[x] = f[x+1]-f[x]
	dy.v[0], dy.v[(n-1)*n] = -1, 1
	f.forward(dx)
	f.forward(dy)
	return dx, dy
}
