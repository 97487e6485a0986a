package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi/kitty"
)

// Style is how a picture is put into cells.
type Style int

// The styles.
const (
	Blocks  Style = iota // half-blocks, two samples a cell
	Letters              // by lightness, for terminals without colour
	Kitty                // the terminal draws it over Unicode placeholders
)

// Frame is a drawn scene.
type Frame struct {
	Place Place
	Lines []string // PaneRows lines of PaneCols cells
	// Send is what the terminal must be sent before the lines show the picture; empty but for Kitty.
	Send string
}

// maxKitty bounds the samples that are sent to a terminal for one frame.
const maxKitty = 4_000_000

// Draw draws a scene into a pane. id tells the frames of Kitty apart, from 1 to 2^24-1.
func Draw(s Scene, p Place, style Style, cell Cell, id int) Frame {
	f := Frame{Place: p}
	if p.Cols < 1 || s.After == nil {
		for range p.PaneRows {
			f.Lines = append(f.Lines, strings.Repeat(" ", p.PaneCols))
		}
		return f
	}
	labels := s.labels(p)
	switch style {
	case Kitty:
		if cell.W < 1 || cell.H < 1 {
			cell = DefaultCell
		}
		sx, sy := p.Cols*cell.W, p.Rows*cell.H
		for sx*sy > maxKitty {
			sx, sy = sx/2, sy/2
		}
		f.Send = transmit(s.sample(p, sx, sy), p, id)
		f.Lines = lines(p, labels, func(b *strings.Builder, col, row int, _ bool) { placeholder(b, col, row, id) })
	case Letters:
		r := s.sample(p, p.Cols, p.Rows)
		f.Lines = lines(p, labels, func(b *strings.Builder, col, row int, _ bool) { b.WriteByte(ramp(r.pix[row*r.w+col])) })
	case Blocks:
		r := s.sample(p, p.Cols, 2*p.Rows)
		f.Lines = lines(p, labels, blocks(r))
	}
	return f
}

// writeCell writes one cell of the picture; fresh says that no colour is set any more.
type writeCell func(b *strings.Builder, col, row int, fresh bool)

// blocks writes cells as upper half-blocks; colours that stay are not said again.
func blocks(r raster) writeCell {
	var fg, bg RGB
	return func(b *strings.Builder, col, row int, fresh bool) {
		up, down := r.pix[2*row*r.w+col], r.pix[(2*row+1)*r.w+col]
		if fresh || up != fg {
			b.WriteString("\x1b[38;2;" + up.params() + "m")
		}
		if fresh || down != bg {
			b.WriteString("\x1b[48;2;" + down.params() + "m")
		}
		fg, bg = up, down
		b.WriteString("▀")
	}
}

// lines writes the pane's rows: margin, cells with the labels over them, margin.
func lines(p Place, labels []label, cell writeCell) []string {
	out := make([]string, p.PaneRows)
	blank := strings.Repeat(" ", p.PaneCols)
	for row := range out {
		if row < p.Top || row >= p.Top+p.Rows {
			out[row] = blank
			continue
		}
		var b strings.Builder
		b.Grow(p.Cols * 24)
		b.WriteString(blank[:p.Left])
		fresh := true
		for col := 0; col < p.Cols; col++ {
			l, labelled := labelAt(labels, p.Left+col, row)
			if labelled {
				n := len([]rune(l.text))
				l.write(&b, min(n, p.Cols-col))
				col += n - 1
			} else {
				cell(&b, col, row-p.Top, fresh)
			}
			fresh = labelled
		}
		b.WriteString("\x1b[m")
		b.WriteString(blank[:p.PaneCols-p.Left-p.Cols])
		out[row] = b.String()
	}
	return out
}

func labelAt(labels []label, col, row int) (label, bool) {
	for _, l := range labels {
		if l.row == row && l.col == col {
			return l, true
		}
	}
	return label{}, false
}

func (l label) write(b *strings.Builder, cells int) {
	text := string([]rune(l.text)[:cells])
	weight := "\x1b[0;"
	if l.bold {
		weight = "\x1b[0;1;"
	}
	b.WriteString(weight + "38;2;" + l.color.Ink().params() + ";48;2;" + l.color.params() + "m" + text + "\x1b[m")
}

// shades are letters by the ink they leave, for light letters on a dark ground.
const shades = " .,:;-=+*o#%@"

func ramp(c RGB) byte {
	light := (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
	return shades[light*(len(shades)-1)/255]
}

// placeholder writes the cell that shows one part of the picture of an id: the
// id is the cell's colour, row and column are combining marks.
func placeholder(b *strings.Builder, col, row, id int) {
	fmt.Fprintf(b, "\x1b[38;2;%d;%d;%dm", id>>16&255, id>>8&255, id&255)
	b.WriteRune(kitty.Placeholder)
	b.WriteRune(kitty.Diacritic(row))
	b.WriteRune(kitty.Diacritic(col))
}

// transmit is the escape sequence that gives a terminal the samples and places
// them virtually on p's cells; the terminal answers nothing.
func transmit(r raster, p Place, id int) string {
	var packed bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	row := make([]byte, 3*r.w)
	for y := range r.h {
		for x, c := range r.pix[y*r.w : (y+1)*r.w] {
			row[3*x], row[3*x+1], row[3*x+2] = c.R, c.G, c.B
		}
		_, _ = z.Write(row)
	}
	_ = z.Close() // a buffer takes all that is written
	text := base64.StdEncoding.EncodeToString(packed.Bytes())
	var b strings.Builder
	head := fmt.Sprintf("a=T,q=2,f=24,o=z,U=1,t=d,i=%d,s=%d,v=%d,c=%d,r=%d,", id, r.w, r.h, p.Cols, p.Rows)
	for len(text) > 0 {
		n := min(len(text), kitty.MaxChunkSize)
		more := 0
		if n < len(text) {
			more = 1
		}
		fmt.Fprintf(&b, "\x1b_G%sm=%d;%s\x1b\\", head, more, text[:n])
		head, text = "q=2,", text[n:]
	}
	return b.String()
}

// Query asks a terminal whether it draws pictures: one that does answers with an event of this id.
func Query(id int) string {
	return fmt.Sprintf("\x1b_Gi=%d,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", id)
}
