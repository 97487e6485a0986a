package lettering

import (
	"image"
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// sign paints words on a ground with a gradient, in one shipped face, and returns
// the picture, where the line stands, and which pixels are letters.
func sign(t *testing.T, words string, face int, slant, soft float64, ink [3]uint8) (*pixel.Image, [4]edit.Point, []float32) {
	t.Helper()
	const w, h = 320, 90
	faces, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	p, err := outline(faces[face], words)
	if err != nil {
		t.Fatal(err)
	}
	hand := Hand{Height: 40, Width: 1, Slant: slant, X: 30, Y: 58}
	letters := blur(p.draw(w, h, hand.lay(p)), w, h, soft)
	img := pixel.NewImage(w, h)
	box := edit.Box{X0: w, Y0: h}
	for y := range h {
		for x := range w {
			a := float64(letters[y*w+x])
			if a > 0.2 {
				box.X0, box.Y0 = min(box.X0, float64(x)), min(box.Y0, float64(y))
				box.X1, box.Y1 = max(box.X1, float64(x+1)), max(box.Y1, float64(y+1))
			}
			ground := 150 + 60*float64(x)/w // lit from the right
			c := func(i uint8) uint8 { return uint8(float64(i)*a + ground*(1-a) + 0.5) }
			img.Set(x, y, c(ink[0]), c(ink[1]), c(ink[2]), 255)
		}
	}
	x0, y0, x1, y1 := box.X0-5, box.Y0-5, box.X1+5, box.Y1+5
	return img, [4]edit.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}, letters
}

func TestReadAndMeasure(t *testing.T) {
	for _, c := range []struct {
		name        string
		words       string
		face        int
		slant, soft float64
		ink         [3]uint8
	}{
		{"regular dark", "Museum Road", 0, 0, 0.6, [3]uint8{20, 20, 30}},
		{"bold red", "HARBOUR", 2, 0, 0.6, [3]uint8{160, 10, 20}},
		{"slanted soft", "Palais du", 0, 0.2, 1.2, [3]uint8{10, 30, 90}},
	} {
		t.Run(c.name, func(t *testing.T) {
			img, quad, letters := sign(t, c.words, c.face, c.slant, c.soft, c.ink)
			p, ok := Straighten(img, quad)
			if !ok {
				t.Fatal("the line is not straightened")
			}
			s, ok := Read(p)
			if !ok {
				t.Fatal("no letters are told from the ground")
			}
			if d := s.Ink.Dist(pixel.ToLab(c.ink[0], c.ink[1], c.ink[2])); d > 0.08 {
				t.Errorf("the ink is %.3f off in OKLab", d)
			}
			h, err := s.Measure(c.words)
			if err != nil {
				t.Fatal(err)
			}
			if h.match < 0.9 {
				t.Errorf("the words laid over themselves agree %.2f", h.match)
			}
			if h.Font != c.face && (c.face != 0 || h.Font != 1) {
				t.Errorf("face %d is taken for %d", c.face, h.Font)
			}
			if math.Abs(h.Slant-c.slant) > 0.06 {
				t.Errorf("slant %.2f is measured as %.2f", c.slant, h.Slant)
			}
			mask := pixel.NewMask(img.W, img.H)
			s.Mask(mask)
			missed, inked := 0, 0
			for i, a := range letters {
				if a > 0.3 {
					inked++
					if mask.Pix[i] == 0 {
						missed++
					}
				}
			}
			if missed > inked/100 {
				t.Errorf("%d of %d letter pixels are not marked", missed, inked)
			}
		})
	}
}

// TestWrite draws other words in the measured hand: they must stay between the
// old line's sides however long they are, and stand on its baseline.
func TestWrite(t *testing.T) {
	img, quad, _ := sign(t, "Museum", 0, 0, 0.6, [3]uint8{20, 20, 30})
	p, _ := Straighten(img, quad)
	s, ok := Read(p)
	if !ok {
		t.Fatal("no letters")
	}
	h, err := s.Measure("Museum")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Mu", "Museums", "A very much longer line of words"} {
		ink, err := s.Write(words, h)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for y := range s.H {
			for x := range s.W {
				a := float64(ink[y*s.W+x])
				sum += a
				if a > 0.1 && (x < 1 || x > s.W-2 || y > int(h.Y+0.3*h.Height)) {
					t.Fatalf("%q has ink at %d,%d of %d×%d", words, x, y, s.W, s.H)
				}
			}
		}
		if sum < 20 {
			t.Errorf("%q left %.1f samples of ink", words, sum)
		}
	}
	if _, err := s.Write("東京", h); err == nil {
		t.Error("letters that no face has are written")
	}
}

// A frame round the plate is no letter, and a faint glare that joins a letter to
// it takes nothing from the letter.
func TestMaskKeepsFrame(t *testing.T) {
	img, quad, letters := sign(t, "HARBOUR", 1, 0, 0.6, [3]uint8{20, 20, 30})
	frame := image.Rect(int(quad[0].X)-4, int(quad[0].Y)-2, int(quad[2].X)+4, int(quad[2].Y)+2)
	shade := func(x, y int, k float64) {
		p := img.Pix[4*(y*img.W+x):]
		for c := range 3 {
			p[c] = uint8(float64(p[c]) * k)
		}
	}
	for y := range img.H {
		for x := range img.W {
			if !image.Pt(x, y).In(frame) {
				shade(x, y, 0.1)
			}
		}
	}
	for y := frame.Min.Y; y < 35; y++ {
		for x := 60; x < 84; x++ {
			shade(x, y, 0.75)
		}
	}
	p, ok := Straighten(img, quad)
	if !ok {
		t.Fatal("the line is not straightened")
	}
	s, ok := Read(p)
	if !ok {
		t.Fatal("no strokes are read")
	}
	m := pixel.NewMask(img.W, img.H)
	s.Mask(m)
	for y := range img.H {
		for x := range img.W {
			at := y*img.W + x
			if letters[at] > 0.5 && m.Pix[at] == 0 {
				t.Fatalf("the letter at (%d,%d) is not marked", x, y)
			}
			if !image.Pt(x, y).In(frame) && m.Pix[at] > 0 {
				t.Fatalf("the frame at (%d,%d) is marked", x, y)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	flat := pixel.NewImage(100, 40)
	quad := [4]edit.Point{{X: 10, Y: 10}, {X: 90, Y: 10}, {X: 90, Y: 30}, {X: 10, Y: 30}}
	p, ok := Straighten(flat, quad)
	if !ok {
		t.Fatal("a plain quadrilateral is refused")
	}
	if _, ok := Read(p); ok {
		t.Error("letters are read off a blank wall")
	}
	for name, q := range map[string][4]edit.Point{
		"a point":      {},
		"a line":       {{X: 0, Y: 0}, {X: 50, Y: 0}, {X: 50, Y: 0}, {X: 0, Y: 0}},
		"not a number": {{X: math.NaN()}, {X: 9}, {X: 9, Y: 9}, {Y: 9}},
		"infinite":     {{X: math.Inf(1)}, {X: 9}, {X: 9, Y: 9}, {Y: 9}},
	} {
		if _, ok := Straighten(flat, q); ok {
			t.Errorf("%s is straightened", name)
		}
	}
}

// TestStraightenInverts checks that the map to the patch and back is the identity on a slanted line.
func TestStraightenInverts(t *testing.T) {
	img := pixel.NewImage(200, 120)
	p, ok := Straighten(img, [4]edit.Point{{X: 20, Y: 30}, {X: 180, Y: 12}, {X: 176, Y: 60}, {X: 24, Y: 80}})
	if !ok {
		t.Fatal("refused")
	}
	n := 0
	p.each(img.W, img.H, func(x, y int, px, py float64) {
		bx, by := p.toPicture.at(px, py)
		if math.Hypot(bx-float64(x)-0.5, by-float64(y)-0.5) > 1e-6 {
			t.Fatalf("pixel %d,%d comes back as %.3f,%.3f", x, y, bx, by)
		}
		n++
	})
	if n < 5000 {
		t.Errorf("only %d pixels are covered", n)
	}
}
