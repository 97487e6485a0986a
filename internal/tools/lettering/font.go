package lettering

import (
	"fmt"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"pentimento/internal/edit"
)

// em is the size in units at which outlines are taken; all else scales them.
const em = 1000

// fonts are the shipped faces, parsed once: the Go fonts, regular to bold.
var fonts = sync.OnceValues(func() ([]*sfnt.Font, error) {
	var all []*sfnt.Font
	for _, ttf := range [][]byte{goregular.TTF, gomedium.TTF, gobold.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
})

// path is the outline of a line of text: contours in em units, x from the pen's
// start, y downwards from the baseline.
type path struct {
	segments []sfnt.Segment
	offsets  []float64 // x of each segment's glyph
	glyphs   []int     // which letter of the line each segment belongs to
}

// spaced is the outline with every letter set further from the one before, in em units.
func (p path) spaced(tracking float64) path {
	q := path{segments: p.segments, glyphs: p.glyphs, offsets: make([]float64, len(p.offsets))}
	for i, x := range p.offsets {
		q.offsets[i] = x + tracking*float64(p.glyphs[i])
	}
	return q
}

// outline sets text in one line. Letters that the font lacks are an error.
func outline(f *sfnt.Font, text string) (path, error) {
	var p path
	var buf sfnt.Buffer
	x := 0.0
	var last sfnt.GlyphIndex
	n := -1
	for i, r := range text {
		n++
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			return path{}, err
		}
		if g == 0 {
			return path{}, &edit.UserError{Msg: fmt.Sprintf("no font of this program has the letter %q", r), Hint: "write it in Latin, Greek or Cyrillic letters"}
		}
		if i > 0 {
			if k, err := f.Kern(&buf, last, g, fixed.I(em), font.HintingNone); err == nil {
				x += float64(k) / 64
			}
		}
		segments, err := f.LoadGlyph(&buf, g, fixed.I(em), nil)
		if err != nil {
			return path{}, err
		}
		for _, s := range segments { // the buffer is reused: copied
			p.segments, p.offsets, p.glyphs = append(p.segments, s), append(p.offsets, x), append(p.glyphs, n)
		}
		advance, err := f.GlyphAdvance(&buf, g, fixed.I(em), font.HintingNone)
		if err != nil {
			return path{}, err
		}
		x, last = x+float64(advance)/64, g
	}
	return p, nil
}

// affine maps em units to samples: x' = a·x + b·y + c, y' = d·y + e.
type affine struct{ a, b, c, d, e float64 }

func (t affine) at(x, y float64) (float32, float32) {
	return float32(t.a*x + t.b*y + t.c), float32(t.d*y + t.e)
}

// draw rasters an outline with exact area coverage: W×H shares of ink, 0 to 1.
func (p path) draw(w, h int, t affine) []float32 {
	r := vector.NewRasterizer(w, h)
	point := func(i, k int) (float32, float32) {
		q := p.segments[i].Args[k]
		return t.at(p.offsets[i]+float64(q.X)/64, float64(q.Y)/64)
	}
	for i, s := range p.segments {
		x, y := point(i, 0)
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			r.ClosePath()
			r.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			r.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x1, y1 := point(i, 1)
			r.QuadTo(x, y, x1, y1)
		case sfnt.SegmentOpCubeTo:
			x1, y1 := point(i, 1)
			x2, y2 := point(i, 2)
			r.CubeTo(x, y, x1, y1, x2, y2)
		}
	}
	r.ClosePath()
	out := image.NewAlpha(image.Rect(0, 0, w, h))
	r.Draw(out, out.Bounds(), image.Opaque, image.Point{})
	ink := make([]float32, w*h)
	for i, v := range out.Pix {
		ink[i] = float32(v) / 255
	}
	return ink
}

// extent is the outline's bounding box in em units after the slant b: x sheared by b·y.
func (p path) extent(slant float64) (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = 1e9, 1e9, -1e9, -1e9
	for i, s := range p.segments {
		n := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}[s.Op]
		for _, q := range s.Args[:n] {
			y := float64(q.Y) / 64
			x := p.offsets[i] + float64(q.X)/64 + slant*y
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
	}
	return x0, y0, x1, y1
}
