package lettering

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

const (
	minSide  = 3    // pixels: a quadrilateral lower or narrower than this holds no text
	maxSide  = 8192 // pixels of a patch's longer side, which bounds memory
	fineness = 2.0  // patch samples per picture pixel
	room     = 0.25 // margin on each side, as a share of the line's height
)

// Patch is a line of text straightened: W×H samples, with a margin around the line.
type Patch struct {
	W, H   int
	Lab    []pixel.Lab // W*H
	Margin float64     // samples between the patch's sides and the line's
	Scale  float64     // samples per picture pixel, across the line

	toPicture homography // from samples to pixels
}

// Straighten cuts the line in a quadrilateral (clockwise from the text's top
// left, in pixels) out of a picture. It reports false for a quadrilateral too
// small or too thin to hold text.
func Straighten(img *pixel.Image, quad [4]edit.Point) (*Patch, bool) {
	w := (distance(quad[0], quad[1]) + distance(quad[3], quad[2])) / 2
	h := (distance(quad[0], quad[3]) + distance(quad[1], quad[2])) / 2
	if !(w >= minSide && h >= minSide) || math.IsInf(w+h, 0) {
		return nil, false
	}
	scale := min(fineness, maxSide/(w+2*room*h), maxSide/(h*(1+2*room)))
	m, ok := rectToQuad(w*scale, h*scale, quad)
	if !ok {
		return nil, false
	}
	margin := math.Ceil(room * h * scale)
	p := &Patch{W: int(math.Ceil(w*scale + 2*margin)), H: int(math.Ceil(h*scale + 2*margin)), Margin: margin, Scale: scale}
	// Samples are counted from the margin's corner.
	p.toPicture = homography{
		m[0], m[1], m[2] - margin*(m[0]+m[1]),
		m[3], m[4], m[5] - margin*(m[3]+m[4]),
		m[6], m[7], m[8] - margin*(m[6]+m[7]),
	}
	p.Lab = make([]pixel.Lab, p.W*p.H)
	for y := range p.H {
		for x := range p.W {
			px, py := p.toPicture.at(float64(x)+0.5, float64(y)+0.5)
			p.Lab[y*p.W+x] = pixel.ToLab(sample(img, px-0.5, py-0.5))
		}
	}
	return p, true
}

// sample reads a picture between its pixels, its edge repeated outside.
func sample(img *pixel.Image, x, y float64) (r, g, b uint8) {
	x, y = min(max(x, 0), float64(img.W-1)), min(max(y, 0), float64(img.H-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, img.W-1), min(y0+1, img.H-1)
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(c int) uint8 {
		v := func(x, y int) float64 { return float64(img.Pix[4*(y*img.W+x)+c]) }
		top, low := v(x0, y0)*(1-fx)+v(x1, y0)*fx, v(x0, y1)*(1-fx)+v(x1, y1)*fx
		return uint8(top*(1-fy) + low*fy + 0.5)
	}
	return at(0), at(1), at(2)
}

// each calls f with every pixel of a w×h picture that the patch covers and with
// its place on the patch.
func (p *Patch) each(w, h int, f func(x, y int, px, py float64)) {
	corners := [4][2]float64{{0, 0}, {float64(p.W), 0}, {float64(p.W), float64(p.H)}, {0, float64(p.H)}}
	box := edit.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, c := range corners {
		x, y := p.toPicture.at(c[0], c[1])
		box.X0, box.Y0 = min(box.X0, x), min(box.Y0, y)
		box.X1, box.Y1 = max(box.X1, x), max(box.Y1, y)
	}
	box = box.Clip(w, h)
	back := p.toPicture.inverse()
	for y := int(box.Y0); y < min(h, int(math.Ceil(box.Y1))); y++ {
		for x := int(box.X0); x < min(w, int(math.Ceil(box.X1))); x++ {
			px, py := back.at(float64(x)+0.5, float64(y)+0.5)
			if px >= 0 && py >= 0 && px < float64(p.W) && py < float64(p.H) {
				f(x, y, px, py)
			}
		}
	}
}

// between reads a plane of the patch's size at a place on the patch.
func (p *Patch) between(v []float32, x, y float64) float64 {
	x, y = min(max(x-0.5, 0), float64(p.W-1)), min(max(y-0.5, 0), float64(p.H-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, p.W-1), min(y0+1, p.H-1)
	fx, fy := x-float64(x0), y-float64(y0)
	top := float64(v[y0*p.W+x0])*(1-fx) + float64(v[y0*p.W+x1])*fx
	low := float64(v[y1*p.W+x0])*(1-fx) + float64(v[y1*p.W+x1])*fx
	return top*(1-fy) + low*fy
}

// Fill marks the whole line, without the margin, in a mask of the picture's size.
func (p *Patch) Fill(m *pixel.Mask) {
	line := p.line()
	p.each(m.W, m.H, func(x, y int, px, py float64) {
		if px >= float64(line.Min.X) && px < float64(line.Max.X) && py >= float64(line.Min.Y) && py < float64(line.Max.Y) {
			m.Pix[y*m.W+x] = 255
		}
	})
}
