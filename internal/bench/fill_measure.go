package bench

import (
	"image"
	"math"

	"pentimento/internal/pixel"
)

// The three measures by which fills of one hole are compared. They were fixed
// before any fill was measured with them. All work on luma in 0..255.

const (
	histMagnitudes   = 16 // bins of gradient magnitude, two per doubling from 1 on
	histOrientations = 4  // and of its direction, folded to 180°
	ringWidth        = 24 // pixels around a hole whose gradients the fill's should resemble
	borderReach      = 8  // pixels around a hole whose gradients its border's should resemble
	ssimWindow       = 5  // pixels to either side
)

// ssimWeights are those of Wang, Simoncelli and Bovik, "Multiscale structural similarity" (2003).
var ssimWeights = []float64{0.0448, 0.2856, 0.3001, 0.2363, 0.1333}

// luma255 is the luma of a picture in 0..255.
func luma255(m *pixel.Image) *pixel.Plane {
	p := pixel.NewPlane(m.W, m.H)
	for i := range p.V {
		p.V[i] = 0.299*float32(m.Pix[4*i]) + 0.587*float32(m.Pix[4*i+1]) + 0.114*float32(m.Pix[4*i+2])
	}
	return p
}

// GradientDistance is how far the histogram of the fill's gradients (magnitude
// and direction) is from that of the ring around the hole: half the sum of
// absolute differences, 0 for alike to 1 for nothing in common. Only
// gradients with all their pixels in the hole, or in the ring, count.
func GradientDistance(luma *pixel.Plane, hole *pixel.Mask) float64 {
	ring := pixel.Subtract(pixel.Grow(hole, ringWidth), hole)
	a, b := gradientHistogram(luma, hole), gradientHistogram(luma, ring)
	var sum float64
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / 2
}

// gradientHistogram counts the gradients of forward differences inside a mask;
// the counts sum to 1. Bin 0 holds magnitudes below 1, which have no direction to speak of.
func gradientHistogram(luma *pixel.Plane, m *pixel.Mask) []float64 {
	h := make([]float64, 1+histMagnitudes*histOrientations)
	var n float64
	for y := range luma.H - 1 {
		for x := range luma.W - 1 {
			if m.At(x, y) == 0 || m.At(x+1, y) == 0 || m.At(x, y+1) == 0 {
				continue
			}
			v := luma.At(x, y)
			gx, gy := float64(luma.At(x+1, y)-v), float64(luma.At(x, y+1)-v)
			n++
			mag := math.Hypot(gx, gy)
			if mag < 1 {
				h[0]++
				continue
			}
			size := min(int(2*math.Log2(mag)), histMagnitudes-1)
			// Bins are centred on the horizontal, the vertical and the diagonals.
			turn := int(math.Floor(math.Atan2(gy, gx)/math.Pi*histOrientations+0.5)) & (histOrientations - 1)
			h[1+size*histOrientations+turn]++
		}
	}
	for i := range h {
		h[i] /= max(n, 1)
	}
	return h
}

// BorderRatio is the mean absolute luma difference of neighbours across the
// hole's border, over that of neighbours near the border that lie
// outside the hole: 1 where the seam cannot be told, above 1 where it shows,
// below 1 where the border is smoother than its surroundings. Differences are
// counted along rows and columns alike. A picture without gradients gives 1.
func BorderRatio(luma *pixel.Plane, hole *pixel.Mask) float64 {
	near := pixel.Subtract(pixel.Grow(hole, borderReach), hole)
	var across, nearby, n, m float64
	for y := range luma.H {
		for x := range luma.W {
			for _, d := range [2]image.Point{{X: 1}, {Y: 1}} {
				xx, yy := x+d.X, y+d.Y
				if xx >= luma.W || yy >= luma.H {
					continue
				}
				diff := math.Abs(float64(luma.At(x, y) - luma.At(xx, yy)))
				switch {
				case (hole.At(x, y) > 0) != (hole.At(xx, yy) > 0):
					across, n = across+diff, n+1
				case near.At(x, y) > 0 && near.At(xx, yy) > 0:
					nearby, m = nearby+diff, m+1
				}
			}
		}
	}
	const floor = 0.05 // of a step of 255: below it there is nothing to see
	return (across/max(n, 1) + floor) / (nearby/max(m, 1) + floor)
}

// MSSSIM is the multi-scale structural similarity of two equally large luma
// planes (Wang, Simoncelli and Bovik, 2003), 1 for equal ones. Planes
// too small for five scales use fewer, their weights scaled to sum to 1.
func MSSSIM(a, b *pixel.Plane) float64 {
	scales := 0
	for w := min(a.W, a.H); scales < len(ssimWeights) && w > 2*ssimWindow; w /= 2 {
		scales++
	}
	if scales == 0 {
		return 1
	}
	var total float64
	for _, w := range ssimWeights[:scales] {
		total += w
	}
	product := 1.0
	for s := range scales {
		luminance, structure := ssim(a, b)
		if s == scales-1 {
			structure *= luminance
		}
		product *= math.Pow(max(structure, 0), ssimWeights[s]/total)
		a, b = halved(a), halved(b)
	}
	return product
}

// ssim returns the means over the plane of SSIM's luminance term and of its
// contrast and structure term.
func ssim(a, b *pixel.Plane) (luminance, structure float64) {
	const c1, c2 = (0.01 * 255) * (0.01 * 255), (0.03 * 255) * (0.03 * 255)
	const sigma = 1.5
	product := func(p, q *pixel.Plane) *pixel.Plane {
		o := pixel.NewPlane(p.W, p.H)
		for i := range o.V {
			o.V[i] = p.V[i] * q.V[i]
		}
		return pixel.GaussianBlur(o, sigma)
	}
	ma, mb := pixel.GaussianBlur(a, sigma), pixel.GaussianBlur(b, sigma)
	aa, bb, ab := product(a, a), product(b, b), product(a, b)
	for i := range a.V {
		x, y := float64(ma.V[i]), float64(mb.V[i])
		va, vb, cov := float64(aa.V[i])-x*x, float64(bb.V[i])-y*y, float64(ab.V[i])-x*y
		luminance += (2*x*y + c1) / (x*x + y*y + c1)
		structure += (2*cov + c2) / (va + vb + c2)
	}
	n := float64(len(a.V))
	return luminance / n, structure / n
}

// halved averages squares of four pixels.
func halved(p *pixel.Plane) *pixel.Plane {
	o := pixel.NewPlane(p.W/2, p.H/2)
	for y := range o.H {
		for x := range o.W {
			o.V[y*o.W+x] = (p.At(2*x, 2*y) + p.At(2*x+1, 2*y) + p.At(2*x, 2*y+1) + p.At(2*x+1, 2*y+1)) / 4
		}
	}
	return o
}
