package picture

import "math"

// Cell is the size of a terminal's cell in its pixels; only the ratio matters for half-blocks.
type Cell struct{ W, H int }

// DefaultCell is what terminals have that do not tell: twice as high as wide.
var DefaultCell = Cell{W: 10, H: 20}

// Lens is which part of a picture is looked at: how many times larger than what
// fits, from 1, and the middle in fractions of the picture.
type Lens struct{ Zoom, X, Y float64 }

// Whole shows all of a picture.
var Whole = Lens{Zoom: 1, X: 0.5, Y: 0.5}

// MaxZoom is the most that a lens enlarges.
const MaxZoom = 64

// Clamped is the lens kept within the picture.
func (l Lens) Clamped() Lens {
	l.Zoom = min(max(l.Zoom, 1), MaxZoom)
	half := 0.5 / l.Zoom
	l.X, l.Y = min(max(l.X, half), 1-half), min(max(l.Y, half), 1-half)
	return l
}

// Place is where a picture lies in a pane of cells and which part of it shows:
// the pane's size, the picture's cells in it, and the shown rectangle in pixels of the picture.
type Place struct {
	PaneCols, PaneRows     int
	Left, Top, Cols, Rows  int
	X0, Y0, X1, Y1         float64
	pictureCols, pictureRs int // of the whole picture at this size, for tests
}

// Fit places a w×h picture in a pane, its aspect kept for the cells' own.
func Fit(w, h, cols, rows int, cell Cell, lens Lens) Place {
	p := Place{PaneCols: cols, PaneRows: rows}
	if w < 1 || h < 1 || cols < 1 || rows < 1 {
		return p
	}
	if cell.W < 1 || cell.H < 1 {
		cell = DefaultCell
	}
	lens = lens.Clamped()
	cw, ch := float64(cell.W), float64(cell.H)
	scale := min(float64(cols)*cw/float64(w), float64(rows)*ch/float64(h)) * lens.Zoom
	p.pictureCols = max(1, int(math.Round(float64(w)*scale/cw)))
	p.pictureRs = max(1, int(math.Round(float64(h)*scale/ch)))
	p.Cols, p.Rows = min(cols, p.pictureCols), min(rows, p.pictureRs)
	p.Left, p.Top = (cols-p.Cols)/2, (rows-p.Rows)/2
	shownW := float64(w) * float64(p.Cols) / float64(p.pictureCols)
	shownH := float64(h) * float64(p.Rows) / float64(p.pictureRs)
	p.X0 = min(max(lens.X*float64(w)-shownW/2, 0), float64(w)-shownW)
	p.Y0 = min(max(lens.Y*float64(h)-shownH/2, 0), float64(h)-shownH)
	p.X1, p.Y1 = p.X0+shownW, p.Y0+shownH
	return p
}

// Pixel is the pixel of the picture under the middle of a cell of the pane;
// not ok where the cell shows none of it.
func (p Place) Pixel(col, row int) (x, y float64, ok bool) {
	if p.Cols < 1 || col < p.Left || row < p.Top || col >= p.Left+p.Cols || row >= p.Top+p.Rows {
		return 0, 0, false
	}
	x = p.X0 + (float64(col-p.Left)+0.5)*(p.X1-p.X0)/float64(p.Cols)
	y = p.Y0 + (float64(row-p.Top)+0.5)*(p.Y1-p.Y0)/float64(p.Rows)
	return x, y, true
}

// Spot is the cell of the pane that shows a pixel; not ok where none does.
func (p Place) Spot(x, y float64) (col, row int, ok bool) {
	if p.Cols < 1 || x < p.X0 || y < p.Y0 || x >= p.X1 || y >= p.Y1 {
		return 0, 0, false
	}
	col = p.Left + int((x-p.X0)*float64(p.Cols)/(p.X1-p.X0))
	row = p.Top + int((y-p.Y0)*float64(p.Rows)/(p.Y1-p.Y0))
	return col, row, true
}
