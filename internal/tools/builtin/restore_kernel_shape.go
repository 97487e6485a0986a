package builtin

import (
	"image"
	"math"

	"pentimento/internal/pixel"
)

// spectrum is the kernel's transform on a grid, its centre at the origin.
func (k *blurKernel) spectrum(f *fourier) *grid {
	g, half := newGrid(f.n), k.side/2
	for j := range k.side {
		for i := range k.side {
			g.v[((j-half+f.n)%f.n)*f.n+(i-half+f.n)%f.n] = complex(k.v[j*k.side+i], 0)
		}
	}
	f.forward(g)
	return g
}

// pruned drops negative weights, those below share of the largest, and islands
// that hold under a quarter of the kernel; the rest sums to 1.
func (k *blurKernel) pruned(share float32) *blurKernel {
	out := newKernel(k.side)
	var top float32
	for _, v := range k.v {
		top = max(top, v)
	}
	if top <= 0 {
		out.v[len(out.v)/2] = 1
		return out
	}
	shape := pixel.NewMask(k.side, k.side)
	for i, v := range k.v {
		if v >= share*top {
			out.v[i] = v
			shape.Pix[i] = 255
		}
	}
	out.normalise()
	labels := pixel.Label(shape, pixel.Half, true)
	weight := make([]float32, len(labels.Components)+1)
	for i, l := range labels.Of {
		weight[l] += out.v[i]
	}
	for i, l := range labels.Of {
		if weight[l] < 0.25 {
			out.v[i] = 0
		}
	}
	out.normalise()
	return out
}

func (k *blurKernel) normalise() {
	var sum float32
	for _, v := range k.v {
		sum += v
	}
	if sum <= 0 {
		k.v[len(k.v)/2] = 1
		return
	}
	for i := range k.v {
		k.v[i] /= sum
	}
}

// middle is the centre of mass, from the kernel's centre.
func (k *blurKernel) middle() (x, y float64) {
	half := k.side / 2
	for i, v := range k.v {
		x += float64(v) * float64(i%k.side-half)
		y += float64(v) * float64(i/k.side-half)
	}
	return x, y
}

// centred moves the kernel by whole pixels so that its centre of mass is at its
// centre: a shifted kernel with a shifted picture explains as much.
func (k *blurKernel) centred() *blurKernel {
	x, y := k.middle()
	dx, dy := int(math.Round(x)), int(math.Round(y))
	out := newKernel(k.side)
	for j := range k.side {
		for i := range k.side {
			if u, v := i+dx, j+dy; u >= 0 && v >= 0 && u < k.side && v < k.side {
				out.v[j*k.side+i] = k.v[v*k.side+u]
			}
		}
	}
	out.normalise()
	return out
}

// resized stretches the kernel to another side, keeping its shape.
func (k *blurKernel) resized(side int) *blurKernel {
	p := pixel.ResizePlane(&pixel.Plane{W: k.side, H: k.side, V: k.v}, side, side, pixel.Bilinear)
	out := &blurKernel{side, p.V}
	out.normalise()
	return out
}

// spread is the standard deviation of the kernel in pixels along its longest
// axis: how far it carries a point's light.
func (k *blurKernel) spread() float64 {
	mx, my := k.middle()
	half := float64(k.side / 2)
	var xx, yy, xy float64
	for i, v := range k.v {
		x, y := float64(i%k.side)-half-mx, float64(i/k.side)-half-my
		xx, yy, xy = xx+float64(v)*x*x, yy+float64(v)*y*y, xy+float64(v)*x*y
	}
	return math.Sqrt((xx + yy + math.Hypot(xx-yy, 2*xy)) / 2)
}

// busiest cuts the square of the given side with the most gradient out of a plane.
func busiest(p *pixel.Plane, side int) *pixel.Plane {
	w, h := min(side, p.W), min(side, p.H)
	slopes := pixel.NewPlane(p.W, p.H)
	for y := 1; y < p.H; y++ {
		for x := 1; x < p.W; x++ {
			i := y*p.W + x
			a, b := p.V[i]-p.V[i-1], p.V[i]-p.V[i-p.W]
			slopes.V[i] = min(a*a+b*b, 0.02) // one bright edge is not texture
		}
	}
	sums := pixel.NewIntegral(slopes)
	best, bx, by := -1.0, 0, 0
	for y := 0; ; y = min(y+32, p.H-h) {
		for x := 0; ; x = min(x+32, p.W-w) {
			if s := sums.Sum(image.Rect(x, y, x+w, y+h)); s > best {
				best, bx, by = s, x, y
			}
			if x >= p.W-w {
				break
			}
		}
		if y >= p.H-h {
			break
		}
	}
	out := pixel.NewPlane(w, h)
	for y := range h {
		copy(out.V[y*w:(y+1)*w], p.V[(by+y)*p.W+bx:])
	}
	return out
}

// periodic lays a plane into an n×n grid; the margin leads smoothly from each
// border to the opposite one, so that the grid has no edge of its own.
func periodic(p *pixel.Plane, n int) *grid {
	g := newGrid(n)
	for y := range p.H {
		for x := range p.W {
			g.v[y*n+x] = complex(p.V[y*p.W+x], 0)
		}
		a, b := p.V[y*p.W+p.W-1], p.V[y*p.W]
		for x := p.W; x < n; x++ {
			t := smooth(float32(x-p.W+1) / float32(n-p.W+1))
			g.v[y*n+x] = complex(a+t*(b-a), 0)
		}
	}
	for x := range n {
		a, b := real(g.v[(p.H-1)*n+x]), real(g.v[x])
		for y := p.H; y < n; y++ {
			t := smooth(float32(y-p.H+1) / float32(n-p.H+1))
			g.v[y*n+x] = complex(a+t*(b-a), 0)
		}
	}
	return g
}

func smooth(t float32) float32 { return t * t * (3 - 2*t) }
