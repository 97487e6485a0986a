// Package screen draws captured terminal screens (text with ANSI colours, as
// tmux capture-pane -ep prints it) as pictures.
package screen

import (
	"image"
	"image/color"
	"image/draw"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Cell size of the drawn screen in pixels, and the height of its letters.
const (
	CellW  = 9
	CellH  = 18
	points = 15
)

// The colours of a terminal that a text does not name.
var (
	paper = color.RGBA{0x14, 0x16, 0x19, 255}
	ink   = color.RGBA{0xe4, 0xe4, 0xe0, 255}
)

// style is how a cell is painted.
type style struct {
	fg, bg        color.RGBA
	bold, reverse bool
}

// Draw draws a screen of cols×rows cells.
func Draw(text string, cols, rows int) (*image.RGBA, error) {
	regular, err := face(gomono.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := face(gomonobold.TTF)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, cols*CellW, rows*CellH))
	draw.Draw(img, img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	st := style{fg: ink, bg: paper}
	for row, line := range lines[:min(rows, len(lines))] {
		col := 0
		var state byte
		for len(line) > 0 {
			seq, w, n, next := ansi.DecodeSequence(line, state, nil)
			state, line = next, line[n:]
			if w == 0 {
				st.apply(seq)
				continue
			}
			if col+w <= cols {
				f := regular
				if st.bold {
					f = bold
				}
				cell(img, f, st, seq, image.Rect(col*CellW, row*CellH, (col+w)*CellW, (row+1)*CellH))
			}
			col += w
		}
	}
	return img, nil
}

func face(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: 72, Hinting: font.HintingFull})
}

// apply takes in one control sequence; all but SGR are passed over.
func (s *style) apply(seq string) {
	body, ok := strings.CutPrefix(seq, "\x1b[")
	if !ok || !strings.HasSuffix(body, "m") {
		return
	}
	fields := strings.FieldsFunc(strings.TrimSuffix(body, "m"), func(r rune) bool { return r == ';' || r == ':' })
	if len(fields) == 0 {
		fields = []string{"0"}
	}
	var p []int
	for _, f := range fields {
		n, _ := strconv.Atoi(f) // what is no number counts as 0, as in terminals
		p = append(p, n)
	}
	for i := 0; i < len(p); i++ {
		switch v := p[i]; {
		case v == 0:
			*s = style{fg: ink, bg: paper}
		case v == 1:
			s.bold = true
		case v == 22:
			s.bold = false
		case v == 7:
			s.reverse = true
		case v == 27:
			s.reverse = false
		case v == 39:
			s.fg = ink
		case v == 49:
			s.bg = paper
		case v == 38 || v == 48:
			c, used := extended(p[i+1:])
			if i += used; v == 38 {
				s.fg = c
			} else {
				s.bg = c
			}
		case v >= 30 && v <= 37:
			s.fg = indexed(v - 30)
		case v >= 40 && v <= 47:
			s.bg = indexed(v - 40)
		case v >= 90 && v <= 97:
			s.fg = indexed(v - 90 + 8)
		}
	}
}

// extended reads 2;r;g;b or 5;n and says how many numbers it took.
func extended(p []int) (color.RGBA, int) {
	switch {
	case len(p) >= 4 && p[0] == 2:
		return color.RGBA{uint8(p[1]), uint8(p[2]), uint8(p[3]), 255}, 4
	case len(p) >= 2 && p[0] == 5:
		return indexed(p[1]), 2
	}
	return ink, len(p)
}

// indexed is a colour of the 256 of xterm.
func indexed(n int) color.RGBA {
	basic := []color.RGBA{
		{0, 0, 0, 255},
		{205, 49, 49, 255},
		{13, 188, 121, 255},
		{229, 229, 16, 255},
		{36, 114, 200, 255},
		{188, 63, 188, 255},
		{17, 168, 205, 255},
		{229, 229, 229, 255},
		{102, 102, 102, 255},
		{241, 76, 76, 255},
		{35, 209, 139, 255},
		{245, 245, 67, 255},
		{59, 142, 234, 255},
		{214, 112, 214, 255},
		{41, 184, 219, 255},
		{255, 255, 255, 255},
	}
	switch {
	case n < 16:
		return basic[max(0, n)]
	case n < 232:
		level := func(v int) uint8 { return []uint8{0, 95, 135, 175, 215, 255}[v] }
		n -= 16
		return color.RGBA{level(n / 36), level(n / 6 % 6), level(n % 6), 255}
	case n < 256:
		v := uint8(8 + 10*(n-232))
		return color.RGBA{v, v, v, 255}
	}
	return ink
}

// cell paints one cell: shapes by hand, so that they meet those of the next, letters by the face.
func cell(img *image.RGBA, f font.Face, s style, text string, r image.Rectangle) {
	fg, bg := s.fg, s.bg
	if s.reverse {
		fg, bg = bg, fg
	}
	draw.Draw(img, r, image.NewUniform(bg), image.Point{}, draw.Src)
	fill := func(x0, y0, x1, y1 int) {
		draw.Draw(img, image.Rect(r.Min.X+x0, r.Min.Y+y0, r.Min.X+x1, r.Min.Y+y1), image.NewUniform(fg), image.Point{}, draw.Src)
	}
	w, h := r.Dx(), r.Dy()
	cx, cy := w/2, h/2
	switch text {
	case " ", "":
	case "▀":
		fill(0, 0, w, cy)
	case "▄":
		fill(0, cy, w, h)
	case "█":
		fill(0, 0, w, h)
	case "▏":
		fill(0, 0, 1, h)
	case "─":
		fill(0, cy, w, cy+1)
	case "━":
		fill(0, cy-1, w, cy+2)
	case "│":
		fill(cx, 0, cx+1, h)
	case "├":
		fill(cx, 0, cx+1, h)
		fill(cx, cy, w, cy+1)
	case "┼":
		fill(cx, 0, cx+1, h)
		fill(0, cy, w, cy+1)
	case "■":
		fill(1, cy-3, w-1, cy+4)
	case "●", "○", "◉", "◷":
		disc(img, r, fg, text)
	case "✓":
		stroke(img, r, fg, [][2]float64{{0.15, 0.55}, {0.4, 0.72}, {0.9, 0.3}})
	case "✗":
		stroke(img, r, fg, [][2]float64{{0.15, 0.33}, {0.85, 0.7}})
		stroke(img, r, fg, [][2]float64{{0.85, 0.33}, {0.15, 0.7}})
	case "▸":
		for i := range 5 {
			fill(2+i, cy-4+i, 3+i, cy+5-i)
		}
	default:
		if dots, ok := braille(text); ok {
			for i := range 8 {
				if dots>>i&1 == 1 {
					x, y := []int{0, 0, 0, 1, 1, 1, 0, 1}[i], []int{0, 1, 2, 0, 1, 2, 3, 3}[i]
					fill(2+3*x, 3+3*y, 4+3*x, 5+3*y)
				}
			}
			return
		}
		d := font.Drawer{Dst: img, Src: image.NewUniform(fg), Face: f, Dot: fixed.P(r.Min.X, r.Min.Y+CellH-5)}
		d.DrawString(text)
	}
}

func braille(text string) (rune, bool) {
	r := []rune(text)
	if len(r) == 1 && r[0] >= 0x2800 && r[0] <= 0x28ff {
		return r[0] - 0x2800, true
	}
	return 0, false
}

// disc draws a filled, an empty or a ringed circle, smooth at its border.
func disc(img *image.RGBA, r image.Rectangle, c color.RGBA, text string) {
	cx, cy := float64(r.Min.X+r.Max.X)/2, float64(r.Min.Y+r.Max.Y)/2
	inside := func(d float64) bool {
		switch text {
		case "●":
			return d <= 3.6
		case "◉":
			return d <= 2.2 || d >= 3.4 && d <= 4.4
		}
		return d >= 2.8 && d <= 3.9
	}
	coverage(img, r, c, func(x, y float64) bool { return inside(hypot(x-cx, y-cy)) })
}

// stroke draws a line through points, given in fractions of the cell.
func stroke(img *image.RGBA, r image.Rectangle, c color.RGBA, pts [][2]float64) {
	at := func(p [2]float64) (float64, float64) {
		return float64(r.Min.X) + p[0]*float64(r.Dx()), float64(r.Min.Y) + p[1]*float64(r.Dy())
	}
	coverage(img, r, c, func(x, y float64) bool {
		for i := 1; i < len(pts); i++ {
			ax, ay := at(pts[i-1])
			bx, by := at(pts[i])
			t := ((x-ax)*(bx-ax) + (y-ay)*(by-ay)) / ((bx-ax)*(bx-ax) + (by-ay)*(by-ay))
			t = min(max(t, 0), 1)
			if hypot(x-ax-t*(bx-ax), y-ay-t*(by-ay)) <= 0.9 {
				return true
			}
		}
		return false
	})
}
