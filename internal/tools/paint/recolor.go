package paint

import (
	"context"

	"pentimento/internal/pixel"
)

// Solid is the matte, between 249 and 250 of 255, from which a pixel shows the
// object alone. Below it the pixel mixes the object with what lies behind.
const (
	Solid     = 249.5 / 255
	SolidCode = 250 // the least stored matte that is solid
)

// EdgeSigma and EdgeRadius describe the Gaussian by which border pixels learn
// how the solid object beside them changed, in pixels.
const (
	EdgeSigma  = 1.5
	EdgeRadius = 4
	EdgeFloor  = 0.02 // weight of solid neighbours below which a border pixel stands alone
	HoldTiny   = 1e-3 // added to samples whose ratio bounds the matte
)

// EdgeKernel returns the normalised one-dimensional kernel of EdgeSigma, 2·EdgeRadius+1 taps.
func EdgeKernel() []float32 { return gaussian(EdgeRadius, EdgeSigma) }

// InnerKernel is the same of InnerSigma and InnerRadius.
func InnerKernel() []float32 { return gaussian(InnerRadius, InnerSigma) }

func gaussian(radius int, sigma float32) []float32 {
	k := make([]float32, 2*radius+1)
	var sum float32
	for i := range k {
		d := float32(i - radius)
		k[i] = exp(-d * d / (2 * sigma * sigma))
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
	p := NewRepainter(s, target)
	return repainted(ctx, img, mask, out, func(c pixel.Lab, near float32) (share, r, g, b float32) {
		share, along := p.Member(c)
		if share *= near; share == 0 {
			return 0, 0, 0, 0
		}
		r, g, b = p.Repaint(c, along)
		return share, r, g, b
	}, s.Near, fringed(s, target))
}

// painter gives a colour of the solid object, in a place that wears the paint
// by the share near, its new colour in linear light, and the share of it.
type painter func(c pixel.Lab, near float32) (share, r, g, b float32)

// repainted changes the object in out, which holds a copy of the picture; with
// fringe, what a lens left beside its paint too.
func repainted(ctx context.Context, img *pixel.Image, mask *pixel.Mask, out *pixel.Image, paint painter, near []float32, fringe bool) (*pixel.Image, error) {
	x0, y0, x1, y1, _ := bounds(mask)
	d := &delta{img: img, mask: mask, x0: x0, y0: y0, w: x1 - x0, h: y1 - y0}
	d.own, d.share = make([][3]float32, d.w*d.h), make([]float32, d.w*d.h)
	d.solid(ctx, paint, &pixel.Plane{W: Grid, H: Grid, V: near})
	d.inner(ctx)
	d.apply(ctx, out)
	if fringe {
		d.unfringe(ctx, out)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// delta is the change of the object in linear light over its bounding box.
type delta struct {
	img          *pixel.Image
	mask         *pixel.Mask
	x0, y0, w, h int
	own          [][3]float32 // the change of every pixel taken for solid
	share        []float32    // how much of the paint it wears
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

// at returns a pixel of the box in linear light, and its matte.
func (d *delta) at(x, y int) (px [3]float32, m float32) {
	r, g, b, _ := d.img.At(d.x0+x, d.y0+y)
	return [3]float32{pixel.ToLinear(r), pixel.ToLinear(g), pixel.ToLinear(b)}, float32(d.mask.At(d.x0+x, d.y0+y)) / 255
}

// solid computes the change of every pixel under the mask as if it were solid.
func (d *delta) solid(ctx context.Context, paint painter, near *pixel.Plane) {
	sx, sy := Grid/float64(d.w), Grid/float64(d.h)
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			for x := range d.w {
				px, m := d.at(x, y)
				if m == 0 {
					continue
				}
				here := near.Bilerp((float64(x)+0.5)*sx-0.5, (float64(y)+0.5)*sy-0.5)
				share, nr, ng, nb := paint(pixel.LinearLab(px[0], px[1], px[2]), here)
				d.share[y*d.w+x] = share
				d.own[y*d.w+x] = [3]float32{share * (nr - px[0]), share * (ng - px[1]), share * (nb - px[2])}
			}
		}
	})
}

// around gathers the solid pixels in the window of EdgeRadius around (x,y),
// weighed by the Gaussian; outside the box there is nothing.
func (d *delta) around(x, y int, kernel []float32) (e edge) {
	for v := max(0, y-EdgeRadius); v <= min(d.h-1, y+EdgeRadius); v++ {
		for u := max(0, x-EdgeRadius); u <= min(d.w-1, x+EdgeRadius); u++ {
			px, m := d.at(u, v)
			if m < Solid {
				continue
			}
			w := kernel[v-y+EdgeRadius] * kernel[u-x+EdgeRadius]
			own := d.own[v*d.w+u]
			for c := range 3 {
				e[c] += w * own[c]
				e[3+c] += w * px[c]
			}
			e[6] += w
		}
	}
	return e
}

// apply adds the change to the picture.
func (d *delta) apply(ctx context.Context, out *pixel.Image) {
	kernel := EdgeKernel()
	pixel.Rows(d.h, func(a, b int) {
		for y := a; y < b && ctx.Err() == nil; y++ {
			for x := range d.w {
				px, m := d.at(x, y)
				if m == 0 {
					continue
				}
				ch := d.own[y*d.w+x]
				if m < Solid {
					if e := d.around(x, y, kernel); e[6] >= EdgeFloor {
						m = min(m, e.holds(px))
						ch = [3]float32{e.change(0), e.change(1), e.change(2)}
					}
				}
				if ch == ([3]float32{}) {
					continue
				}
				i := 4 * ((d.y0+y)*d.img.W + d.x0 + x)
				for c := range ch {
					out.Pix[i+c] = pixel.FromLinear(px[c] + m*ch[c])
				}
			}
		}
	})
}
