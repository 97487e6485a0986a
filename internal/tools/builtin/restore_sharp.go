package builtin

import (
	"math"

	"pentimento/internal/pixel"
)

// smoothness says along rows, columns and the two diagonals how the mean squared
// difference of two samples grows with their distance, as an exponent of distance
// between one and four pixels, noise of standard deviation sigma taken out. Sharp
// pictures have about 1, the law of edges, or less; what a blur wider than
// that has smoothed comes near 2, the law of slopes.
func smoothness(p *pixel.Plane, sigma float64) [4]float64 {
	const far = 4
	var out [4]float64
	for k, d := range [4][2]int{{1, 0}, {0, 1}, {1, 1}, {1, -1}} {
		var near, wide float64
		for y := far; y < p.H-far; y++ {
			for x := far; x < p.W-far; x++ {
				v := p.V[y*p.W+x]
				a := float64(p.V[(y+d[1])*p.W+x+d[0]] - v)
				b := float64(p.V[(y+far*d[1])*p.W+x+far*d[0]] - v)
				near += a * a
				wide += b * b
			}
		}
		n := float64(max(p.W-2*far, 1)) * float64(max(p.H-2*far, 1))
		noise := 2 * sigma * sigma
		near, wide = max(near/n-noise, 1e-9), max(wide/n-noise, 1e-9)
		out[k] = math.Log(wide/near) / math.Log(far)
	}
	return out
}
