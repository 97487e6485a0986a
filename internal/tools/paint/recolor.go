package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// Solid is the matte, between 249 and 250 of 255, from which a pixel shows the
// object alone. Below it the pixel mixes the object with what lies behind.
const Solid = 249.5 / 255

// EdgeSigma and EdgeRadius describe the Gaussian by which border pixels learn
// how the solid object beside them changed, in pixels.
const (
	EdgeSigma  = 1.5
	EdgeRadius = 4
	EdgeFloor  = 0.02 // weight of solid neighbours below which a border pixel stands alone
	HoldTiny   = 1e-3 // added to samples whose ratio bounds the matte
)

// EdgeKernel returns the normalised one-dimensional kernel of EdgeSigma, 2·EdgeRadius+1 taps.
func EdgeKernel() []float32 {
	k := make([]float32, 2*EdgeRadius+1)
	var sum float32
	for i := range k {
		d := float32(i - EdgeRadius)
		k[i] = exp(-d * d / (2 * EdgeSigma * EdgeSigma))
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}

// Recolor gives the paint that the masked object mostly wears the target
// colour. The result has the picture's size and alpha; where the mask is 0 its
// samples are the picture's. An empty mask changes nothing.
//
// A border pixel is a mixture m·F + (1-m)·B of object and background. Its new
// colour is m·F' + (1-m)·B, which is the old one plus m·(F'-F): the change of
// the solid object beside it, weighed by the matte. B need not be known, and
// no fringe of the old paint is left. Where the matte claims more of F than the
// pixel can hold (B would be negative or above white) it is lowered to what fits.
func Recolor(ctx context.Context, img *pixel.Image, mask *pixel.Mask, target pixel.Lab) (*pixel.Image, error) {
	out := img.Clone()
	s, err := Measure(ctx, img, mask)
	if err != nil || !s.Found {
		return out, err
	}
	x0, y0, x1, y1, _ := bounds(mask)
	d := newDelta(x0, y0, x1, y1)
	d.solid(ctx, img, mask, NewRepainter(s, target))
	d.spread(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.apply(img, mask, out)
	return out, nil
}

// delta is the change of the object in linear light over its bounding box.
type delta struct {
	x0, y0, w, h int
	own          [][3]float32 // the change of every pixel taken for solid
	wide         []edge
}

// edge is what a border pixel learns of the solid pixels around it: their
// mean change, their mean colour in linear light, and their weight.
type edge [7]float32

func (e *edge) change(c int) float32 { return e[c] / e[6] }

// holds is the greatest share of the neighbours' colour that a pixel can be a mixture of.
func (e *edge) holds(px [3]float32) float32 {
	const tiny = HoldTiny
	m := float32(1)
	for c, v := range px {
		f := e[3+c] / e[6]
		m = min(m, (v+tiny)/(f+tiny), (1-v+tiny)/(1-f+tiny))
	}
	return m
}

func newDelta(x0, y0, x1, y1 int) *delta {
	d := &delta{x0: x0, y0: y0, w: x1 - x0, h: y1 - y0}
	d.own = make([][3]float32, d.w*d.h)
	d.wide = make([]edge, d.w*d.h)
	return d
}

// solid computes the change of every pixel under the mask as if it were solid.
func (d *delta) solid(ctx context.Context, img *pixel.Image, mask *pixel.Mask, r *Repainter) {
	near := &pixel.Plane{W: Grid, H: Grid, V: r.Near}
	sx, sy := Grid/float64(d.w), Grid/float64(d.h)
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			for x := range d.w {
				if mask.At(d.x0+x, d.y0+y) == 0 {
					continue
				}
				cr, cg, cb, _ := img.At(d.x0+x, d.y0+y)
				lr, lg, lb := pixel.ToLinear(cr), pixel.ToLinear(cg), pixel.ToLinear(cb)
				c := pixel.LinearLab(lr, lg, lb)
				alpha, along := r.Member(c)
				if alpha == 0 {
					continue
				}
				alpha *= near.Bilerp((float64(x)+0.5)*sx-0.5, (float64(y)+0.5)*sy-0.5)
				nr, ng, nb := r.Repaint(c, along)
				d.own[y*d.w+x] = [3]float32{alpha * (nr - lr), alpha * (ng - lg), alpha * (nb - lb)}
			}
		}
	})
	for y := range d.h {
		for x := range d.w {
			if float32(mask.At(d.x0+x, d.y0+y))/255 >= Solid {
				o := d.own[y*d.w+x]
				cr, cg, cb, _ := img.At(d.x0+x, d.y0+y)
				d.wide[y*d.w+x] = edge{o[0], o[1], o[2], pixel.ToLinear(cr), pixel.ToLinear(cg), pixel.ToLinear(cb), 1}
			}
		}
	}
}

// spread blurs the solid pixels' change and their weight, rows then columns;
// outside the box there is nothing.
func (d *delta) spread(ctx context.Context) {
	k := EdgeKernel()
	mid := make([]edge, len(d.wide))
	blur := func(dst, src []edge, n, at, step int) {
		for i := range n {
			var s edge
			for t := max(0, i-EdgeRadius); t <= min(n-1, i+EdgeRadius); t++ {
				v, wt := &src[at+t*step], k[t-i+EdgeRadius]
				for c := range s {
					s[c] += wt * v[c]
				}
			}
			dst[at+i*step] = s
		}
	}
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			blur(mid, d.wide, d.w, y*d.w, 1)
		}
	})
	pixel.Rows(d.w, func(a, b int) {
		for x := a; x < b && ctx.Err() == nil; x++ {
			blur(d.wide, mid, d.h, x, d.w)
		}
	})
}

// apply adds the change to the picture.
func (d *delta) apply(img *pixel.Image, mask *pixel.Mask, out *pixel.Image) {
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b; y++ {
			for x := range d.w {
				m := float32(mask.At(d.x0+x, d.y0+y)) / 255
				if m == 0 {
					continue
				}
				i := 4 * ((d.y0+y)*img.W + d.x0 + x)
				px := [3]float32{pixel.ToLinear(img.Pix[i]), pixel.ToLinear(img.Pix[i+1]), pixel.ToLinear(img.Pix[i+2])}
				ch := d.own[y*d.w+x]
				if e := &d.wide[y*d.w+x]; m < Solid && e[6] >= EdgeFloor {
					m = min(m, e.holds(px))
					ch = [3]float32{e.change(0), e.change(1), e.change(2)}
				}
				if ch == ([3]float32{}) {
					continue
				}
				for c := range ch {
					out.Pix[i+c] = pixel.FromLinear(px[c] + m*ch[c])
				}
			}
		}
	})
}
