package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// What shows through hair, lace and glass beside an object of one colour
// belongs to the object by the share it shows. A pixel there is a sum of the
// paint's light and that of what covers it,
//
//	c = u·F + v·B,  u, v ≥ 0,
//
// with F the mean colour of the object beside it and B that of the ground
// beyond. Strands and folds make either of them lighter and darker, so u and v
// are free of each other (unlike a matte's), which three channels can afford.
const (
	sharedReach = 0.012 // width of the band outside the object, of the picture's diagonal
	sharedCore  = 3     // pixels from the border from which the object is pure
	sharedTiny  = 1e-3  // part of a square below which nothing was gathered in it
	// Squared sine of the angle between F and B below which they are one colour:
	sharedAngleLow  = 0.03
	sharedAngleHigh = 0.10
	// What of a pixel no such sum explains, squared and relative to it:
	sharedRestLow  = 0.01
	sharedRestHigh = 0.05
)

// shareColors raises a mask beside its border by how much of the object's
// colour each pixel shows. It lowers it nowhere.
func shareColors(ctx context.Context, img *pixel.Image, mask *pixel.Mask) (*pixel.Mask, error) {
	reach := sharedReach * math.Hypot(float64(img.W), float64(img.H))
	if reach < 2 || mask.Count(pixel.Half) == 0 {
		return mask, nil
	}
	outside, inside := pixel.Distance(mask, pixel.Half), pixel.Distance(pixel.Invert(mask), pixel.Half)
	front, back := pixel.NewPlane(mask.W, mask.H), pixel.NewPlane(mask.W, mask.H)
	for i := range front.V {
		if inside.V[i] > sharedCore {
			front.V[i] = 1
		}
		if float64(outside.V[i]) > reach {
			back.V[i] = 1
		}
	}
	r := int(1.5*reach) + sharedCore
	f, err := meanColors(ctx, img, front, r)
	if err != nil {
		return nil, err
	}
	b, err := meanColors(ctx, img, back, r)
	if err != nil {
		return nil, err
	}
	raw := pixel.NewPlane(mask.W, mask.H)
	pixel.Rows(mask.H, func(y0, y1 int) {
		for i := y0 * mask.W; i < y1*mask.W && ctx.Err() == nil; i++ {
			if mask.Pix[i] < 255 && float64(outside.V[i]) <= 2*reach && f.weight.V[i] > 0 && b.weight.V[i] > 0 {
				raw.V[i] = float32(sharedLight(linearAt(img, i), f.at(i), b.at(i)))
			}
		}
	})
	mean, spread := spreadOf(raw, back, r)
	out := mask.Clone()
	for i, u := range raw.V {
		if u == 0 || float64(outside.V[i]) > reach {
			continue
		}
		least := math.Min(float64(mean.V[i]+2*spread.V[i]), 0.99)
		v := math.Max(0, (float64(u)-least)/(1-least)) * (1 - ramp(float64(outside.V[i]), 0.6*reach, reach))
		out.Pix[i] = max(out.Pix[i], uint8(255*v+0.5))
	}
	return out, ctx.Err()
}

// linearAt is a pixel in linear light.
func linearAt(img *pixel.Image, i int) (c [3]float64) {
	for k := range c {
		c[k] = float64(pixel.ToLinear(img.Pix[4*i+k]))
	}
	return c
}

// spreadOf is the mean and the standard deviation of v around every pixel,
// where weight counts, in squares of radius r: the ground has colours of its
// own, and only a share beyond them is the object's.
func spreadOf(v, weight *pixel.Plane, r int) (mean, spread *pixel.Plane) {
	first, second := pixel.NewPlane(v.W, v.H), pixel.NewPlane(v.W, v.H)
	for i, w := range weight.V {
		first.V[i], second.V[i] = w*v.V[i], w*v.V[i]*v.V[i]
	}
	n := pixel.BoxBlur(weight, r)
	mean, spread = pixel.BoxBlur(first, r), pixel.BoxBlur(second, r)
	for i, c := range n.V {
		if c < sharedTiny {
			mean.V[i], spread.V[i] = 0, 0
			continue
		}
		mean.V[i] /= c
		spread.V[i] = float32(math.Sqrt(math.Max(0, float64(spread.V[i]/c-mean.V[i]*mean.V[i]))))
	}
	return mean, spread
}

// sharedLight is the share of F's light in a pixel, in [0,1], 0 where the two do not explain it.
func sharedLight(px, f, b [3]float64) float64 {
	var ff, bb, fb, pf, pb, pp float64
	for c := range px {
		ff, bb, fb = ff+f[c]*f[c], bb+b[c]*b[c], fb+f[c]*b[c]
		pf, pb, pp = pf+px[c]*f[c], pb+px[c]*b[c], pp+px[c]*px[c]
	}
	sine := 1 - fb*fb/math.Max(ff*bb, 1e-9)
	apart := ramp(sine, sharedAngleLow, sharedAngleHigh)
	if apart == 0 || pp < 1e-6 {
		return 0
	}
	det := ff*bb - fb*fb
	u, v := (pf*bb-pb*fb)/det, (pb*ff-pf*fb)/det
	switch {
	case u <= 0:
		return 0
	case v < 0:
		u, v = pf/ff, 0
	}
	var rest float64
	for c := range px {
		e := px[c] - u*f[c] - v*b[c]
		rest += e * e
	}
	return apart * (1 - ramp(rest/pp, sharedRestLow, sharedRestHigh)) * math.Min(u, 1)
}

// meanLight is the mean colour around every pixel, in linear light, of those that count.
type meanLight struct {
	sum    [3]*pixel.Plane
	weight *pixel.Plane
}

func (m *meanLight) at(i int) (c [3]float64) {
	for k := range c {
		c[k] = float64(m.sum[k].V[i] / m.weight.V[i])
	}
	return c
}

// meanColors gathers the pixels that count in squares of radius r.
func meanColors(ctx context.Context, img *pixel.Image, counts *pixel.Plane, r int) (*meanLight, error) {
	m := &meanLight{weight: pixel.BoxBlur(counts, r)}
	for i, v := range m.weight.V {
		if v < sharedTiny {
			m.weight.V[i] = 0
		}
	}
	for c := range m.sum {
		p := pixel.NewPlane(img.W, img.H)
		for i, v := range counts.V {
			if v > 0 {
				p.V[i] = pixel.ToLinear(img.Pix[4*i+c])
			}
		}
		m.sum[c] = pixel.BoxBlur(p, r)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return m, nil
}
