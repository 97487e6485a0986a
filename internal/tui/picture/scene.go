package picture

import (
	"strconv"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Compare is how the picture before and the picture after are shown.
type Compare int

// The ways to compare.
const (
	After      Compare = iota
	Before             // the picture before alone
	Split              // before left of the edge, after right of it
	Difference         // what differs, on the picture in grey
)

// Overlay tints what a mask holds and draws its border. An overlay without a mask draws its box.
type Overlay struct {
	Mask  *pixel.Mask
	Box   edit.Box
	Color RGB
	Tint  float64 // in [0,1]; 0: the border alone
	// Corners draws of a box's border the corners alone, so that what it is around stays to be seen.
	Corners bool
}

// Mark is a short text at a place of the picture: the number of a region.
type Mark struct {
	Text  string
	Box   edit.Box // of what it marks
	Color RGB
	Bold  bool
}

// Scene is all that is drawn into the pane of the picture.
type Scene struct {
	After, Before *Pyramid // Before may be nil
	Compare       Compare
	Edge          float64 // of Split, in fractions of the shown part
	Overlays      []Overlay
	Marks         []Mark
	Cross         *edit.Point // the pointer that the keyboard moves; nil: none
	Ground        RGB         // under what is transparent
	Dim           bool        // everything outside the overlays is darker
}

// raster is a grid of samples of the screen with what is drawn on it.
type raster struct {
	w, h int
	pix  []RGB
}

// sample draws a scene into a grid that fills the place's cells, sx×sy samples.
func (s *Scene) sample(p Place, sx, sy int) raster {
	r := raster{w: sx, h: sy, pix: make([]RGB, sx*sy)}
	dx, dy := (p.X1-p.X0)/float64(sx), (p.Y1-p.Y0)/float64(sy)
	edge := int(s.Edge*float64(sx) + 0.5)
	pixel.Rows(sy, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range sx {
				fx, fy := p.X0+float64(x)*dx, p.Y0+float64(y)*dy
				r.pix[y*sx+x] = s.color(fx, fy, fx+dx, fy+dy, x < edge)
			}
		}
	})
	for i := range s.Overlays {
		s.Overlays[i].draw(r, p, dx, dy)
	}
	if s.Compare == Split && s.Before != nil && edge > 0 && edge < sx {
		for y := range sy {
			r.pix[y*sx+edge] = RGB{255, 255, 255}
		}
	}
	return r
}

// color is one sample, from the picture before where the scene shows that one there.
func (s *Scene) color(x0, y0, x1, y1 float64, left bool) RGB {
	if s.Before == nil || s.Compare == After {
		return s.After.at(x0, y0, x1, y1, s.Ground)
	}
	before := func() RGB { // another size: the same part of it
		kx, ky := float64(s.Before.W)/float64(s.After.W), float64(s.Before.H)/float64(s.After.H)
		return s.Before.at(x0*kx, y0*ky, x1*kx, y1*ky, s.Ground)
	}
	switch {
	case s.Compare == Before, s.Compare == Split && left:
		return before()
	case s.Compare == Split:
		return s.After.at(x0, y0, x1, y1, s.Ground)
	}
	return differ(before(), s.After.at(x0, y0, x1, y1, s.Ground))
}

// differ shows how far two samples are apart: grey where they are equal, from
// amber to white with the distance, which four shades of one channel already show.
func differ(a, b RGB) RGB {
	d := max(apart(a.R, b.R), apart(a.G, b.G), apart(a.B, b.B))
	grey := uint8((int(b.R)*3 + int(b.G)*6 + int(b.B)) / 10 / 3)
	if d < 4 {
		return RGB{grey, grey, grey}
	}
	t := min(1, 0.35+float64(d)/160)
	return mix(RGB{grey, grey, grey}, RGB{255, 196, 64}, t)
}

func apart(a, b uint8) int {
	if a > b {
		return int(a - b)
	}
	return int(b - a)
}

func mix(a, b RGB, t float64) RGB {
	f := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + 0.5) }
	return RGB{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B)}
}

// draw lays an overlay over the grid; its border is one sample wide at any zoom.
func (o *Overlay) draw(r raster, p Place, dx, dy float64) {
	inside := o.boxed()
	if o.Mask != nil {
		m := o.Mask
		inside = func(x, y float64) bool {
			ix, iy := int(x), int(y)
			return ix >= 0 && iy >= 0 && ix < m.W && iy < m.H && m.Pix[iy*m.W+ix] >= pixel.Half
		}
	}
	in := make([]bool, r.w*r.h)
	for y := range r.h {
		for x := range r.w {
			in[y*r.w+x] = inside(p.X0+(float64(x)+0.5)*dx, p.Y0+(float64(y)+0.5)*dy)
		}
	}
	out := func(x, y int) bool { return x < 0 || y < 0 || x >= r.w || y >= r.h || !in[y*r.w+x] }
	for y := range r.h {
		for x := range r.w {
			i := y*r.w + x
			switch {
			case !in[i] || o.Corners && o.Mask == nil && !o.corner(p.X0+(float64(x)+0.5)*dx, p.Y0+(float64(y)+0.5)*dy, 4*dx, 4*dy):
			case out(x-1, y) || out(x+1, y) || out(x, y-1) || out(x, y+1):
				r.pix[i] = o.Color
			case o.Tint > 0:
				r.pix[i] = mix(r.pix[i], o.Color, o.Tint)
			}
		}
	}
}

// corner reports whether a place of the box is near one of its corners: within
// a fifth of its sides, and within reach at least.
func (o *Overlay) corner(x, y, reachX, reachY float64) bool {
	b := o.Box
	lx, ly := max(b.W()/5, reachX), max(b.H()/5, reachY)
	return (x-b.X0 < lx || b.X1-x < lx) && (y-b.Y0 < ly || b.Y1-y < ly)
}

func (o *Overlay) boxed() func(x, y float64) bool {
	b := o.Box
	return func(x, y float64) bool { return x >= b.X0 && x < b.X1 && y >= b.Y0 && y < b.Y1 }
}

// label is a mark with its cell in the pane.
type label struct {
	col, row int
	text     string
	color    RGB
	bold     bool
}

// labels place the marks so that none covers another: each in the middle of
// what it marks, or in a corner of it, the smallest first; one that finds no
// room is laid over.
func (s *Scene) labels(p Place) []label {
	var out []label
	taken := func(col, row, n int) bool {
		for _, l := range out {
			if l.row == row && col < l.col+len([]rune(l.text))+1 && l.col < col+n+1 {
				return true
			}
		}
		return false
	}
	for _, m := range smallestFirst(s.Marks) {
		text := " " + m.Text + " "
		n := len([]rune(text))
		b := m.Box
		b.X0, b.Y0, b.X1, b.Y1 = max(b.X0, p.X0), max(b.Y0, p.Y0), min(b.X1, p.X1-1e-6), min(b.Y1, p.Y1-1e-6)
		if b.X0 >= b.X1 || b.Y0 >= b.Y1 {
			continue
		}
		cx, cy := b.Center()
		ex, ey := (b.X1-b.X0)/6, (b.Y1-b.Y0)/6
		spots := [][2]float64{{cx, cy}, {b.X0 + ex, b.Y0 + ey}, {b.X1 - ex, b.Y0 + ey}, {b.X0 + ex, b.Y1 - ey}, {b.X1 - ex, b.Y1 - ey}, {cx, b.Y0}, {cx, b.Y1}}
		at := label{text: text, color: m.Color, bold: m.Bold, col: -1}
		for _, spot := range spots {
			col, row, ok := p.Spot(spot[0], spot[1])
			if !ok {
				continue
			}
			col = max(p.Left, min(col-n/2, p.Left+p.Cols-n))
			if at.col < 0 {
				at.col, at.row = col, row
			}
			if !taken(col, row, n) {
				at.col, at.row = col, row
				break
			}
		}
		if at.col >= 0 {
			out = append(out, at)
		}
	}
	if s.Cross != nil {
		if col, row, ok := p.Spot(s.Cross.X, s.Cross.Y); ok {
			out = append(out, label{col: col, row: row, text: "┼", color: RGB{255, 255, 255}, bold: true})
		}
	}
	return out
}

func smallestFirst(marks []Mark) []Mark {
	sorted := make([]Mark, 0, len(marks))
	for _, m := range marks {
		i := len(sorted)
		for i > 0 && sorted[i-1].Box.Area() > m.Box.Area() {
			i--
		}
		sorted = append(sorted[:i], append([]Mark{m}, sorted[i:]...)...)
	}
	return sorted
}

// Palette are colours for regions, told apart by any kind of colour vision
// (Okabe and Ito 2008, without black).
var Palette = []RGB{{230, 159, 0}, {86, 180, 233}, {0, 158, 115}, {240, 228, 66}, {0, 114, 178}, {213, 94, 0}, {204, 121, 167}}

// RegionColor is the colour of the region of a number from 1.
func RegionColor(number int) RGB { return Palette[(max(number, 1)-1)%len(Palette)] }

// Ink is black or white, whichever reads better on a colour.
func (c RGB) Ink() RGB {
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) > 140_000 {
		return RGB{}
	}
	return RGB{255, 255, 255}
}

// Hex writes the colour as #rrggbb.
func (c RGB) Hex() string {
	const digits = "0123456789abcdef"
	b := []byte{'#'}
	for _, v := range []uint8{c.R, c.G, c.B} {
		b = append(b, digits[v>>4], digits[v&15])
	}
	return string(b)
}

func (c RGB) params() string {
	return strconv.Itoa(int(c.R)) + ";" + strconv.Itoa(int(c.G)) + ";" + strconv.Itoa(int(c.B))
}
