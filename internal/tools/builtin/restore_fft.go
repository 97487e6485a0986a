package builtin

import (
	"math"
	"math/bits"

	"pentimento/internal/pixel"
)

// grid is a square of complex samples whose side is a power of two.
type grid struct {
	n int
	v []complex64 // n*n, row-major
}

func newGrid(n int) *grid { return &grid{n: n, v: make([]complex64, n*n)} }

func (g *grid) clone() *grid { return &grid{n: g.n, v: append([]complex64(nil), g.v...)} }

// fourier transforms grids of one size. It is not safe for concurrent use.
type fourier struct {
	n       int
	twiddle [][]complex64 // of each stage: e^(-πik/half), k < half
	swap    []int         // bit-reversed index
	scratch []complex64
}

func newFourier(n int) *fourier {
	f := &fourier{n: n, swap: make([]int, n), scratch: make([]complex64, n*n)}
	for half := 2; half < n; half *= 2 {
		stage := make([]complex64, half)
		for k := range stage {
			s, c := math.Sincos(-math.Pi * float64(k) / float64(half))
			stage[k] = complex(float32(c), float32(s))
		}
		f.twiddle = append(f.twiddle, stage)
	}
	shift := 64 - bits.TrailingZeros(uint(n))
	for i := range f.swap {
		f.swap[i] = int(bits.Reverse64(uint64(i)) >> shift)
	}
	return f
}

// row transforms n samples in place (Cooley and Tukey, radix 2).
func (f *fourier) row(v []complex64) {
	for i, j := range f.swap {
		if i < j {
			v[i], v[j] = v[j], v[i]
		}
	}
	n := f.n
	for i := 0; i < n; i += 2 { // the first stage has no twiddle
		a, b := v[i], v[i+1]
		v[i], v[i+1] = a+b, a-b
	}
	for _, stage := range f.twiddle {
		half := len(stage)
		for at := 0; at < n; at += 2 * half {
			lo, hi := v[at:at+half], v[at+half:at+2*half]
			hi = hi[:len(lo)]
			for k, w := range stage[:len(lo)] {
				h, a := hi[k], lo[k]
				wr, wi, hr, hj := real(w), imag(w), real(h), imag(h)
				tr, ti := wr*hr-wi*hj, wr*hj+wi*hr
				lo[k] = complex(real(a)+tr, imag(a)+ti)
				hi[k] = complex(real(a)-tr, imag(a)-ti)
			}
		}
	}
}

// forward replaces samples by their spectrum, transposed: every use is
// pointwise, and inverse transposes back.
func (f *fourier) forward(g *grid) {
	f.rows(g)
	f.transpose(g)
	f.rows(g)
}

func (f *fourier) rows(g *grid) {
	pixel.Rows(f.n, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			f.row(g.v[y*f.n : (y+1)*f.n])
		}
	})
}

// inverse undoes forward.
func (f *fourier) inverse(g *grid) {
	// The inverse is the conjugate of the transform of the conjugate, over n².
	for i, v := range g.v {
		g.v[i] = complex(real(v), -imag(v))
	}
	f.forward(g)
	s := 1 / float32(f.n*f.n)
	for i, v := range g.v {
		g.v[i] = complex(real(v)*s, -imag(v)*s)
	}
}

func (f *fourier) transpose(g *grid) {
	const block = 16
	n := f.n
	pixel.Rows(n, func(x0, x1 int) { // bands of columns become bands of rows
		for y := 0; y < n; y += block {
			for x := x0; x < x1; x++ {
				dst := f.scratch[x*n+y : x*n+min(y+block, n)]
				for j := range dst {
					dst[j] = g.v[(y+j)*n+x]
				}
			}
		}
	})
	g.v, f.scratch = f.scratch, g.v
}
