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
					addPair(dst, src, i, wt)
				}
			}
			scaleBorder(dst, k)
		}
	})
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			dst := out.V[y*w : (y+1)*w]
			var sum float32
			from, to := max(0, y-len(k)+1), min(h, y+len(k))
			weight := func(j int) float32 { return k[max(j-y, y-j)] }
			row := func(j int) []float32 { return mid.V[j*w : (j+1)*w] }
			for j := from; j < to; j++ {
				sum += weight(j)
			}
			j := from
			for ; j+4 <= to; j += 4 {
				addFour(dst, [4][]float32{row(j), row(j + 1), row(j + 2), row(j + 3)}, [4]float32{weight(j), weight(j + 1), weight(j + 2), weight(j + 3)})
			}
			for ; j < to; j++ {
				addScaled(dst, row(j), weight(j))
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

// addPair adds what lies i to the left of each place, then what lies i to the right, as two calls of addScaled would.
func addPair(dst, src []float32, i int, wt float32) {
	n := len(dst)
	if 2*i >= n {
		addScaled(dst[i:], src[:n-i], wt)
		addScaled(dst[:n-i], src[i:], wt)
		return
	}
	addScaled(dst[:i], src[i:], wt)
	mid, left, right := dst[i:n-i], src[:n-2*i], src[2*i:]
	left, right = left[:len(mid)], right[:len(mid)]
	for x := range mid {
		mid[x] = mid[x] + wt*left[x] + wt*right[x]
	}
	addScaled(dst[n-i:], src[n-2*i:], wt)
}

// addFour adds four rows in turn, each sample read and written once.
func addFour(dst []float32, rows [4][]float32, wt [4]float32) {
	a, b, c, d := rows[0][:len(dst)], rows[1][:len(dst)], rows[2][:len(dst)], rows[3][:len(dst)]
	for x := range dst {
		dst[x] = dst[x] + wt[0]*a[x] + wt[1]*b[x] + wt[2]*c[x] + wt[3]*d[x]
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
