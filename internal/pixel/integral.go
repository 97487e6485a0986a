package pixel

import "image"

// Integral is a summed-area table: the sum over any rectangle in four reads.
type Integral struct {
	w, h int
	sum  []float64 // (w+1)*(h+1), first row and column 0
}

// NewIntegral sums a plane.
func NewIntegral(p *Plane) *Integral {
	t := &Integral{w: p.W, h: p.H, sum: make([]float64, (p.W+1)*(p.H+1))}
	stride := p.W + 1
	for y := range p.H {
		var row float64
		for x, v := range p.V[y*p.W : (y+1)*p.W] {
			row += float64(v)
			t.sum[(y+1)*stride+x+1] = t.sum[y*stride+x+1] + row
		}
	}
	return t
}

// Sum adds up the samples in r, which is cut to the plane.
func (t *Integral) Sum(r image.Rectangle) float64 {
	r = r.Intersect(image.Rect(0, 0, t.w, t.h))
	s := t.w + 1
	return t.sum[r.Max.Y*s+r.Max.X] - t.sum[r.Min.Y*s+r.Max.X] - t.sum[r.Max.Y*s+r.Min.X] + t.sum[r.Min.Y*s+r.Min.X]
}
