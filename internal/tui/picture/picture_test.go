package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

func checker(w, h int) *pixel.Image {
	m := pixel.NewImage(w, h)
	for y := range h {
		for x := range w {
			if (x+y)%2 == 0 {
				m.Set(x, y, 255, 255, 255, 255)
			}
		}
	}
	return m
}

// TestMeansAreOfLight: half black and half white is as bright as 188, not as 128, at every size.
func TestMeansAreOfLight(t *testing.T) {
	p := NewPyramid(checker(64, 64))
	for _, size := range []float64{2, 3, 4, 7, 16, 64} {
		if c := p.at(0, 0, size, size, RGB{}); apart(c.R, 188) > 12 || size > 3 && apart(c.G, 188) > 4 {
			t.Errorf("the mean over %v pixels is %v", size, c)
		}
	}
	if c := p.at(1, 0, 1.4, 0.4, RGB{}); c != (RGB{}) {
		t.Errorf("enlarged, a black pixel is %v", c)
	}
}

func TestTransparencyShowsTheGround(t *testing.T) {
	m := pixel.NewImage(4, 4)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 0
	}
	m.HasAlpha = true
	if c := NewPyramid(m).at(0, 0, 4, 4, RGB{40, 90, 200}); apart(c.R, 40) > 1 || apart(c.G, 90) > 1 || apart(c.B, 200) > 1 {
		t.Errorf("nothing over the ground is %v", c)
	}
}

// TestFitKeepsTheAspect: a picture's cells have its aspect to within half a cell, whatever the cells'.
func TestFitKeepsTheAspect(t *testing.T) {
	for _, cell := range []Cell{{10, 20}, {8, 17}, {1, 1}, {0, 0}} {
		for _, size := range [][2]int{{512, 512}, {4000, 3000}, {100, 900}, {1, 1}, {3000, 20}} {
			p := Fit(size[0], size[1], 93, 41, cell, Whole)
			c := cell
			if c.W == 0 {
				c = DefaultCell
			}
			if p.Cols > 93 || p.Rows > 41 || p.Cols < 1 || p.Rows < 1 || p.Cols < 93 && p.Rows < 41 {
				t.Fatalf("%v in cells %v: %d×%d", size, cell, p.Cols, p.Rows)
			}
			want := float64(size[0]) / float64(size[1])
			low := (float64(p.Cols) - 0.51) * float64(c.W) / ((float64(p.Rows) + 0.51) * float64(c.H))
			high := (float64(p.Cols) + 0.51) * float64(c.W) / (max(0.01, float64(p.Rows)-0.51) * float64(c.H))
			if p.Cols > 1 && p.Rows > 1 && (want < low || want > high) {
				t.Errorf("%v in cells %v: %d×%d cells", size, cell, p.Cols, p.Rows)
			}
		}
	}
}

func TestPlacesGoBothWays(t *testing.T) {
	p := Fit(640, 480, 80, 30, DefaultCell, Lens{Zoom: 3, X: 0.9, Y: 0.1})
	if math.Abs(p.X1-640) > 1e-6 || p.Y0 != 0 {
		t.Fatalf("the lens left the picture: %+v", p)
	}
	for row := range 30 {
		for col := range 80 {
			x, y, ok := p.Pixel(col, row)
			if !ok {
				continue
			}
			if c, r, ok := p.Spot(x, y); !ok || c != col || r != row {
				t.Fatalf("cell %d,%d is pixel %.1f,%.1f is cell %d,%d", col, row, x, y, c, r)
			}
		}
	}
}

// TestLinesFillThePane: every line has as many cells as the pane, in each style and with labels anywhere.
func TestLinesFillThePane(t *testing.T) {
	s := Scene{After: NewPyramid(checker(90, 60)), Cross: &edit.Point{X: 1, Y: 1}}
	for i := range 12 {
		b := edit.Box{X0: float64(6 * i), Y0: 10, X1: float64(6*i + 20), Y1: 30}
		s.Marks = append(s.Marks, Mark{Text: strings.Repeat("9", 1+i%3), Box: b, Color: RegionColor(i + 1)})
		s.Overlays = append(s.Overlays, Overlay{Box: b, Color: RegionColor(i + 1), Corners: i%2 == 0, Tint: 0.3})
	}
	for _, style := range []Style{Blocks, Letters, Kitty} {
		for _, size := range [][2]int{{40, 20}, {7, 3}, {1, 1}, {90, 2}} {
			f := Draw(s, Fit(90, 60, size[0], size[1], DefaultCell, Whole), style, DefaultCell, 1)
			if len(f.Lines) != size[1] {
				t.Fatalf("style %d, %v: %d lines", style, size, len(f.Lines))
			}
			for _, l := range f.Lines {
				if n := ansi.StringWidth(l); n != size[0] {
					t.Fatalf("style %d, %v: a line of %d cells: %q", style, size, n, l)
				}
			}
		}
	}
}

// TestLabelsDoNotCoverEachOther: twenty objects of one place have twenty numbers to read, while there is room.
func TestLabelsDoNotCoverEachOther(t *testing.T) {
	var s Scene
	for i := range 6 {
		s.Marks = append(s.Marks, Mark{Text: string(rune('1' + i)), Box: edit.Box{X0: 10, Y0: 10, X1: 90 - float64(i), Y1: 60}})
	}
	seen := make(map[[2]int]bool)
	for _, l := range s.labels(Fit(100, 70, 100, 35, DefaultCell, Whole)) {
		for c := range len(l.text) {
			if at := [2]int{l.col + c, l.row}; seen[at] {
				t.Fatalf("two labels share the cell %v", at)
			} else {
				seen[at] = true
			}
		}
	}
	if len(seen) != 6*3 {
		t.Fatalf("%d cells of labels", len(seen))
	}
}

// TestKittySendsTheSamples: what the terminal is sent unpacks to the samples of the scene.
func TestKittySendsTheSamples(t *testing.T) {
	m := pixel.NewImage(60, 40)
	for y := range 40 {
		for x := range 60 {
			m.Set(x, y, uint8(4*x), uint8(6*y), uint8(x*y), 255)
		}
	}
	s := Scene{After: NewPyramid(m)}
	p := Fit(60, 40, 30, 10, DefaultCell, Whole)
	f := Draw(s, p, Kitty, DefaultCell, 0x123456)
	var text strings.Builder
	parts := regexp.MustCompile(`\x1b_G([^;]*);([^\x1b]*)\x1b\\`).FindAllStringSubmatch(f.Send, -1)
	for i, part := range parts {
		if last := i == len(parts)-1; strings.Contains(part[1], "m=1") == last || len(part[2]) > 4096 {
			t.Fatalf("piece %d of %d: %s, %d bytes", i, len(parts), part[1], len(part[2]))
		}
		text.WriteString(part[2])
	}
	packed, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	r := s.sample(p, p.Cols*10, p.Rows*20)
	if len(got) != 3*len(r.pix) {
		t.Fatalf("%d bytes for %d samples", len(got), len(r.pix))
	}
	for i, c := range r.pix {
		if got[3*i] != c.R || got[3*i+1] != c.G || got[3*i+2] != c.B {
			t.Fatalf("sample %d differs", i)
		}
	}
	if !strings.Contains(strings.Join(f.Lines, ""), "\x1b[38;2;18;52;86m\U0010EEEE") {
		t.Fatal("the placeholders do not carry the picture's id")
	}
}

func TestDifferenceShowsWhatChanged(t *testing.T) {
	before := pixel.NewImage(40, 20)
	after := before.Clone()
	for y := range 20 {
		for x := 20; x < 40; x++ {
			after.Set(x, y, 30, 0, 0, 255)
		}
	}
	s := Scene{After: NewPyramid(after), Before: NewPyramid(before), Compare: Difference}
	r := s.sample(Fit(40, 20, 40, 10, DefaultCell, Whole), 40, 20)
	if r.pix[5].R > 8 || r.pix[35].R < 60 {
		t.Fatalf("same %v, changed %v", r.pix[5], r.pix[35])
	}
}

func BenchmarkDraw12Megapixels(b *testing.B) {
	s := Scene{After: NewPyramid(checker(4000, 3000))}
	p := Fit(4000, 3000, 95, 45, DefaultCell, Whole)
	b.ReportAllocs()
	for b.Loop() {
		Draw(s, p, Blocks, DefaultCell, 1)
	}
}

func BenchmarkPyramid12Megapixels(b *testing.B) {
	m := checker(4000, 3000)
	for b.Loop() {
		NewPyramid(m)
	}
}
