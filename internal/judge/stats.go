package judge

import (
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// correlation is Pearson's of the chosen pairs, and the smaller standard
// deviation of the two; 0 where there is nothing to correlate.
func correlation(n int, pair func(i int) (x, y float64, ok bool)) (r, spread float64) {
	var k, sx, sy, xx, yy, xy float64
	for i := range n {
		x, y, ok := pair(i)
		if !ok {
			continue
		}
		k, sx, sy, xx, yy, xy = k+1, sx+x, sy+y, xx+x*x, yy+y*y, xy+x*y
	}
	if k < 16 {
		return 0, 0
	}
	vx, vy := xx/k-sx*sx/k/k, yy/k-sy*sy/k/k
	if vx <= 1e-9 || vy <= 1e-9 {
		return 0, math.Sqrt(max(0, min(vx, vy)))
	}
	return (xy/k - sx*sy/k/k) / math.Sqrt(vx*vy), math.Sqrt(min(vx, vy))
}

// detail is what a plane holds finer than a Gaussian of sigma pixels.
func detail(p *pixel.Plane, sigma float64) *pixel.Plane {
	low := pixel.GaussianBlur(p, sigma)
	for i, v := range p.V {
		low.V[i] = v - low.V[i]
	}
	return low
}

// gradient is the length of the central-difference gradient of a plane per pixel.
func gradient(p *pixel.Plane) *pixel.Plane {
	out := pixel.NewPlane(p.W, p.H)
	pixel.Rows(p.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			up, down := max(y-1, 0)*p.W, min(y+1, p.H-1)*p.W
			for x := range p.W {
				gx := p.V[y*p.W+min(x+1, p.W-1)] - p.V[y*p.W+max(x-1, 0)]
				gy := p.V[down+x] - p.V[up+x]
				out.V[y*p.W+x] = float32(math.Sqrt(float64(gx*gx+gy*gy))) / 2
			}
		}
	})
	return out
}

// quantile is the q-th quantile of values, which it sorts; 0 when there are none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}

// ratio is (a+floor)/(b+floor).
func ratio(a, b, floor float64) float64 { return (a + floor) / (b + floor) }
