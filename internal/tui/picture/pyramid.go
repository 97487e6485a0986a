// Package picture draws pictures into the cells of a terminal: as half-blocks
// in colour, as letters where there is no colour, or by the Kitty graphics
// protocol with Unicode placeholders. It is pure: it turns values into text.
package picture

import (
	"math"

	"pentimento/internal/pixel"
)

// level is one size of a picture: premultiplied linear samples, RGBA, 16 bits each.
type level struct {
	w, h int
	pix  []uint16
}

// Pyramid is a picture at its own size and at halves of it, so that any window
// of it is resampled from a few samples per cell. It shares the picture's samples.
type Pyramid struct {
	W, H   int
	full   *pixel.Image
	halves []level // 1/2, 1/4, ... until both sides are 1
}

// linear and encoded are the sRGB curve as tables: 8 bits to 16 linear and back, by the upper 12 bits.
var (
	linear  = makeLinear()
	encoded = makeEncoded()
)

func makeLinear() (t [256]uint16) {
	for i := range t {
		t[i] = uint16(math.Round(65535 * float64(pixel.ToLinear(uint8(i)))))
	}
	return t
}

func makeEncoded() (t [4096]uint8) {
	for i := range t {
		t[i] = pixel.FromLinear((float32(i) + 0.5) / 4096)
	}
	t[0] = 0
	return t
}

// NewPyramid makes the smaller sizes of a picture; it takes about 20 ns for each of its pixels.
func NewPyramid(m *pixel.Image) *Pyramid {
	p := &Pyramid{W: m.W, H: m.H, full: m}
	if m.W <= 1 && m.H <= 1 {
		return p
	}
	at := level{w: (m.W + 1) / 2, h: (m.H + 1) / 2}
	at.pix = make([]uint16, 4*at.w*at.h)
	pixel.Rows(at.h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			if !m.HasAlpha && 2*y+1 < m.H {
				meanOpaque(at.pix[4*y*at.w:][:4*at.w], m.Pix[4*2*y*m.W:][:4*m.W], m.Pix[4*(2*y+1)*m.W:][:4*m.W])
				continue
			}
			for x := range at.w {
				var sum [4]uint32
				for k := range 4 {
					px := sampleOf(m, min(2*x+k%2, m.W-1), min(2*y+k/2, m.H-1))
					for c := range sum {
						sum[c] += uint32(px[c])
					}
				}
				for c := range sum {
					at.pix[4*(y*at.w+x)+c] = uint16(sum[c] / 4)
				}
			}
		}
	})
	p.halves = append(p.halves, at)
	for at.w > 1 || at.h > 1 {
		at = at.half()
		p.halves = append(p.halves, at)
	}
	return p
}

// meanOpaque halves two rows of a picture without transparency into one.
func meanOpaque(out []uint16, a, b []uint8) {
	for x := 0; 4*x < len(out); x++ {
		i := 8 * x
		j := min(i+4, len(a)-4) // the last of an odd row counts twice
		for c := range 3 {
			out[4*x+c] = uint16((uint32(linear[a[i+c]]) + uint32(linear[a[j+c]]) + uint32(linear[b[i+c]]) + uint32(linear[b[j+c]])) / 4)
		}
		out[4*x+3] = 65535
	}
}

// sampleOf is one pixel, linear and premultiplied.
func sampleOf(m *pixel.Image, x, y int) [4]uint16 {
	i := 4 * (y*m.W + x)
	r, g, b, a := linear[m.Pix[i]], linear[m.Pix[i+1]], linear[m.Pix[i+2]], uint32(m.Pix[i+3])
	if a == 255 {
		return [4]uint16{r, g, b, 65535}
	}
	over := func(v uint16) uint16 { return uint16(uint32(v) * a / 255) }
	return [4]uint16{over(r), over(g), over(b), uint16(a * 257)}
}

func (l level) half() level {
	n := level{w: (l.w + 1) / 2, h: (l.h + 1) / 2}
	n.pix = make([]uint16, 4*n.w*n.h)
	for y := range n.h {
		for x := range n.w {
			x0, x1, y0, y1 := 2*x, min(2*x+1, l.w-1), 2*y, min(2*y+1, l.h-1)
			for c := range 4 {
				sum := uint32(l.pix[4*(y0*l.w+x0)+c]) + uint32(l.pix[4*(y0*l.w+x1)+c]) +
					uint32(l.pix[4*(y1*l.w+x0)+c]) + uint32(l.pix[4*(y1*l.w+x1)+c])
				n.pix[4*(y*n.w+x)+c] = uint16(sum / 4)
			}
		}
	}
	return n
}

// RGB is one sample of a screen.
type RGB struct{ R, G, B uint8 }

// at is the mean of the picture over the rectangle from (x0,y0) to (x1,y1), in
// its pixels, laid over ground where it is transparent.
func (p *Pyramid) at(x0, y0, x1, y1 float64, ground RGB) RGB {
	n := 0
	for size := min(x1-x0, y1-y0); size >= 2 && n < len(p.halves); size /= 2 {
		n++
	}
	if n == 0 && x1-x0 < 1 {
		return flatten(sampleOf(p.full, clamp(int((x0+x1)/2), p.W-1), clamp(int((y0+y1)/2), p.H-1)), ground)
	}
	w, h := p.W, p.H
	get := func(x, y int) [4]uint16 { return sampleOf(p.full, x, y) }
	if n > 0 {
		l := &p.halves[n-1]
		w, h = l.w, l.h
		get = func(x, y int) [4]uint16 { return [4]uint16(l.pix[4*(y*l.w+x):]) }
		by := 1 / float64(int(1)<<n)
		x0, y0, x1, y1 = x0*by, y0*by, x1*by, y1*by
	}
	var sum [4]float64
	total := 0.0
	for y := clamp(int(y0), h-1); y < h && float64(y) < y1; y++ {
		wy := min(y1, float64(y+1)) - max(y0, float64(y))
		for x := clamp(int(x0), w-1); x < w && float64(x) < x1; x++ {
			weight := wy * (min(x1, float64(x+1)) - max(x0, float64(x)))
			if weight <= 0 {
				continue
			}
			px := get(x, y)
			for c := range sum {
				sum[c] += weight * float64(px[c])
			}
			total += weight
		}
	}
	if total == 0 {
		return flatten(get(clamp(int(x0), w-1), clamp(int(y0), h-1)), ground)
	}
	var mean [4]uint16
	for c := range mean {
		mean[c] = uint16(sum[c]/total + 0.5)
	}
	return flatten(mean, ground)
}

func clamp(v, hi int) int { return max(0, min(v, hi)) }

func flatten(px [4]uint16, ground RGB) RGB {
	if px[3] < 65535 {
		rest := uint32(65535 - px[3])
		px[0] += uint16(uint32(linear[ground.R]) * rest / 65535)
		px[1] += uint16(uint32(linear[ground.G]) * rest / 65535)
		px[2] += uint16(uint32(linear[ground.B]) * rest / 65535)
	}
	return RGB{encoded[px[0]>>4], encoded[px[1]>>4], encoded[px[2]>>4]}
}

// Thumb is the picture at most w×h pixels large, laid over grey.
func (p *Pyramid) Thumb(w, h int) *pixel.Image {
	tw, th := pixel.FitWithin(p.W, p.H, w, h)
	out := pixel.NewImage(tw, th)
	sx, sy := float64(p.W)/float64(tw), float64(p.H)/float64(th)
	for y := range th {
		for x := range tw {
			c := p.at(float64(x)*sx, float64(y)*sy, float64(x+1)*sx, float64(y+1)*sy, RGB{128, 128, 128})
			out.Set(x, y, c.R, c.G, c.B, 255)
		}
	}
	return out
}
