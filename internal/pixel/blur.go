package pixel

import "math"

// BoxBlur replaces each sample by the mean of the (2r+1)×(2r+1) window around
// it, cut at the border (the mean is over what lies inside). r is in pixels.
func BoxBlur(p *Plane, r int) *Plane {
	if r <= 0 {
		return p.Clone()
	}
	return boxColumns(boxRows(p, r), r)
}

func boxRows(p *Plane, r int) *Plane {
	out := NewPlane(p.W, p.H)
	Rows(p.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			src, dst := p.V[y*p.W:(y+1)*p.W], out.V[y*p.W:(y+1)*p.W]
			var sum float64 // float64: a running float32 sum drifts over a wide picture
			for x := 0; x < min(r, p.W); x++ {
				sum += float64(src[x])
			}
			for x := range dst {
				if x+r < p.W {
					sum += float64(src[x+r])
				}
				if x-r-1 >= 0 {
					sum -= float64(src[x-r-1])
				}
				n := min(x+r, p.W-1) - max(x-r, 0) + 1
				dst[x] = float32(sum / float64(n))
			}
		}
	})
	return out
}

func boxColumns(p *Plane, r int) *Plane {
	out := NewPlane(p.W, p.H)
	w := p.W
	// Bands of columns: each keeps its running sums, and memory is walked row by row.
	Rows(w, func(x0, x1 int) {
		sum := make([]float64, x1-x0)
		addRow := func(y int, sign float64) {
			for x, v := range p.V[y*w+x0 : y*w+x1] {
				sum[x] += sign * float64(v)
			}
		}
		for y := 0; y < min(r, p.H); y++ {
			addRow(y, 1)
		}
		for y := range p.H {
			if y+r < p.H {
				addRow(y+r, 1)
			}
			if y-r-1 >= 0 {
				addRow(y-r-1, -1)
			}
			n := 1 / float64(min(y+r, p.H-1)-max(y-r, 0)+1)
			dst := out.V[y*w+x0 : y*w+x1]
			for x := range dst {
				dst[x] = float32(sum[x] * n)
			}
		}
	})
	return out
}

// Up to exactSigma a Gaussian is convolved as it is; four boxes, whose cost
// does not grow with the width, are close enough beyond it. Below leastSigma
// the neighbours' weight rounds to nothing.
const (
	leastSigma = 0.1
	exactSigma = 6
	boxPasses  = 4
)

// GaussianBlur convolves with a Gaussian of standard deviation sigma pixels,
// weights renormalised at the border. Beyond a sigma of 6 it is the repeated
// extended box of Gwosdek et al. (2011): its variance is exact, its peak 7 % low.
func GaussianBlur(p *Plane, sigma float64) *Plane {
	switch {
	case !(sigma >= leastSigma):
		return p.Clone()
	case sigma <= exactSigma:
		return convolve(p, gaussKernel(sigma))
	}
	r, frac := boxForSigma(sigma)
	for range boxPasses {
		p = extendedBox(p, r, frac)
	}
	return p
}

// gaussKernel returns weights for distances 0, 1, ... up to 3.5 sigma; they sum to 1 over both sides.
func gaussKernel(sigma float64) []float32 {
	n := max(1, int(math.Ceil(3.5*sigma)))
	k := make([]float64, n+1)
	sum := 0.0
	for i := range k {
		k[i] = math.Exp(-float64(i*i) / (2 * sigma * sigma))
		sum += k[i]
		if i > 0 {
			sum += k[i]
		}
	}
	out := make([]float32, n+1)
	for i := range k {
		out[i] = float32(k[i] / sum)
	}
	return out
}

// convolve applies a symmetric kernel along rows, then columns.
func convolve(p *Plane, k []float32) *Plane {
	w, h := p.W, p.H
	mid, out := NewPlane(w, h), NewPlane(w, h)
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			src, dst := p.V[y*w:(y+1)*w], mid.V[y*w:(y+1)*w]
			for i, wt := range k {
				if i == 0 {
					addScaled(dst, src, wt)
					continue
				}
				if i < w {
					addScaled(dst[i:], src[:w-i], wt)
					addScaled(dst[:w-i], src[i:], wt)
				}
			}
			scaleBorder(dst, k)
		}
	})
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			dst := out.V[y*w : (y+1)*w]
			var sum float32
			for i := -(len(k) - 1); i < len(k); i++ {
				if j := y + i; j >= 0 && j < h {
					wt := k[max(i, -i)]
					addScaled(dst, mid.V[j*w:(j+1)*w], wt)
					sum += wt
				}
			}
			for x := range dst {
				dst[x] /= sum
			}
		}
	})
	return out
}

func addScaled(dst, src []float32, wt float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += wt * src[i]
	}
}

// scaleBorder divides by the part of the kernel that lay inside the row.
func scaleBorder(row, k []float32) {
	n := len(row)
	for x := range row {
		if x >= len(k)-1 && n-1-x >= len(k)-1 {
			continue
		}
		var sum float32
		for i := -(len(k) - 1); i < len(k); i++ {
			if j := x + i; j >= 0 && j < n {
				sum += k[max(i, -i)]
			}
		}
		row[x] /= sum
	}
}

// boxForSigma solves Gwosdek's equations for boxPasses passes: whole radius r and
// the weight frac in [0,1) of the two samples just outside it.
func boxForSigma(sigma float64) (r int, frac float64) {
	v := sigma * sigma / boxPasses // variance of one pass
	r = int((math.Sqrt(12*v+1) - 1) / 2)
	l := float64(r)
	frac = (2*l + 1) * (l*(l+1) - 3*v) / (6 * (v - (l+1)*(l+1)))
	return r, frac
}

// extendedBox is one pass of a box whose two outermost samples a side weigh
// frac, written as the mix of the boxes of radius r and r+1 that has these weights.
func extendedBox(p *Plane, r int, frac float64) *Plane {
	n0, n1 := float64(2*r+1), float64(2*r+3)
	total := n0 + 2*frac
	a, b := float32(frac*n1/total), float32((1-frac)*n0/total)
	mix := func(narrow, wide *Plane) *Plane {
		for i, v := range wide.V {
			narrow.V[i] = b*narrow.V[i] + a*v
		}
		return narrow
	}
	p = mix(boxRows(p, r), boxRows(p, r+1))
	return mix(boxColumns(p, r), boxColumns(p, r+1))
}
