package scene

import (
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// SignText is what the shop's sign says.
const SignText = "CAFE ROSA"

// shopSign is a navy board with raised white letters and three lamps above it.
func (p painter) shopSign(x0, y0, x1, y1 float64) {
	p.shade(box(x0+5, y0+6, x1+9, y1+10), 6, 0.55)
	board := only(sign)
	p.fill(rounded(x0, y0, x1, y1, 4), board, func(x, y float64) (rgb, float64) {
		grain := 0.9 + 0.2*(p.n+163).fbm(x/60, y/2.2, 3)
		edge := 0.5*bump(y0, 3, y) + 0.3*bump(x0, 3, x) - 0.4*bump(y1, 3, y) - 0.3*bump(x1, 3, x)
		return hex(0x1c4a63).scale((1.12 - 0.3*(y-y0)/(y1-y0) + edge) * grain), 1
	})
	p.fill(outlineOnly(rounded(x0+7, y0+7, x1-7, y1-7, 3), rounded(x0+9, y0+9, x1-9, y1-9, 3)), board, flat(hex(0xd5dadc)))
	const size = 50.0
	words, width := text(SignText, size, 4)
	words = words.moved((x0+x1-width)/2, (y0+y1)/2+size*0.365)
	p.shade(words.moved(2.5, 3), 1.2, 0.6)
	p.fill(words, board, func(_, y float64) (rgb, float64) {
		return hex(0xf3f4f4).scale(1.0 - 0.10*(y-y0)/(y1-y0)), 1
	})
	for _, x := range []float64{x0 + 70, (x0 + x1) / 2, x1 - 70} {
		p.gooseneck(x, y0-4)
	}
}

// outlineOnly is outer with inner cut out: inner's direction is turned, so the windings cancel.
func outlineOnly(outer, inner *path) *path {
	out := &path{segs: append([]segment(nil), outer.segs...)}
	// Mirroring twice keeps the place; mirroring the order of points turns the direction.
	pts := inner.segs
	last := endOf(pts[len(pts)-1])
	out.move(last.x, last.y)
	for i := len(pts) - 1; i > 0; i-- {
		from := endOf(pts[i-1])
		if pts[i].op == 'c' {
			a, b := pts[i].pts[1], pts[i].pts[0]
			out.cubic(a.x, a.y, b.x, b.y, from.x, from.y)
			continue
		}
		out.line(from.x, from.y)
	}
	return out
}

func endOf(s segment) pt {
	if s.op == 'c' {
		return s.pts[2]
	}
	return s.pts[0]
}

// gooseneck is a small lamp that lights the board from above.
func (p painter) gooseneck(x, y float64) {
	p.fill(stroke(2.6, pt{x, y - 22}, pt{x, y - 30}, pt{x + 8, y - 36}, pt{x + 16, y - 30}, pt{x + 16, y - 22}), 0, flat(iron.scale(1.3)))
	shade := smooth(pt{x + 4, y - 8}, pt{x + 12, y - 22}, pt{x + 20, y - 22}, pt{x + 28, y - 8}, pt{x + 16, y - 6})
	p.fill(shade, 0, func(sx, _ float64) (rgb, float64) {
		return iron.scale(1.1).add(hex(0xffffff).scale(0.25 * bump(x+11, 5, sx))), 1
	})
}

// text lays out words as outlines: the pen starts at the origin, on the
// baseline; spacing is added after each letter. It returns the width too.
func text(s string, size, spacing float64) (*path, float64) {
	f, err := sfnt.Parse(gobold.TTF)
	if err != nil {
		panic("scene: the embedded font does not parse: " + err.Error())
	}
	var buf sfnt.Buffer
	const unit = 64 // outlines are asked for at 64 times the size, for their full precision
	ppem := fixed.Int26_6(size * unit)
	p := &path{}
	pen := 0.0
	for _, r := range s {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			panic("scene: the embedded font lacks a letter: " + err.Error())
		}
		if segs, err := f.LoadGlyph(&buf, g, ppem, nil); err == nil {
			for _, s := range segs {
				p.glyph(s, pen)
			}
		}
		if adv, err := f.GlyphAdvance(&buf, g, ppem, font.HintingNone); err == nil {
			pen += float64(adv)/unit + spacing
		}
	}
	return p, pen - spacing
}

// glyph appends one segment of a letter whose pen is at x.
func (p *path) glyph(s sfnt.Segment, x float64) {
	at := func(i int) pt {
		return pt{x + float64(s.Args[i].X)/64, float64(s.Args[i].Y) / 64}
	}
	a := at(0)
	switch s.Op {
	case sfnt.SegmentOpMoveTo:
		p.move(a.x, a.y)
	case sfnt.SegmentOpLineTo:
		p.line(a.x, a.y)
	case sfnt.SegmentOpQuadTo:
		from, to := endOf(p.segs[len(p.segs)-1]), at(1)
		p.cubic(from.x+2*(a.x-from.x)/3, from.y+2*(a.y-from.y)/3, to.x+2*(a.x-to.x)/3, to.y+2*(a.y-to.y)/3, to.x, to.y)
	case sfnt.SegmentOpCubeTo:
		b, to := at(1), at(2)
		p.cubic(a.x, a.y, b.x, b.y, to.x, to.y)
	}
}
