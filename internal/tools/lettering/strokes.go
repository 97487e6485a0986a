package lettering

import (
	"cmp"
	"image"
	"math"
	"slices"

	"pentimento/internal/pixel"
)

const (
	minContrast = 0.07 // OKLab distance of ink from paper below which there are no strokes to see
	inkFrom     = 0.35 // share of ink from which a sample is of a stroke
	haloFrom    = 0.12 // share of ink from which a sample shows a trace of one
)

// Strokes are the letters of a line as they stand in the picture.
type Strokes struct {
	*Patch
	Alpha    []float32       // W*H: the share of ink in each sample, 0 to 1
	Ink      pixel.Lab       // the letters' colour
	Contrast float64         // OKLab distance between ink and paper
	Noise    float64         // standard deviation of the paper's lightness about its gradient
	Box      image.Rectangle // of the letters, in samples

	frame []bool        // W*H: ink by its colour that is no letter
	paper [3][3]float64 // per channel of OKLab: constant, slope in x, slope in y
}

// Read tells letters from the ground they stand on: two colours in OKLab, the
// ground's a gradient, the letters' the one that keeps clear of the line's edge.
// It reports false where no two colours differ enough.
func Read(p *Patch) (*Strokes, bool) {
	line := p.line()
	paper, ink, ok := p.twoColors(line)
	if !ok {
		return nil, false
	}
	s := &Strokes{Patch: p, Ink: ink, Alpha: make([]float32, p.W*p.H)}
	s.fitPaper(paper, ink, line)
	s.share()
	s.sharpenInk(line)
	s.share()
	s.dropFrame(line)
	s.Box = s.bounds()
	s.Contrast = s.Ink.Dist(s.paperAt(float64(p.W)/2, float64(p.H)/2))
	return s, !s.Box.Empty() && s.Contrast >= minContrast
}

// line is the patch without its margin.
func (p *Patch) line() image.Rectangle {
	m := int(p.Margin)
	return image.Rect(m, m, p.W-m, p.H-m)
}

// twoColors parts the line's samples into two by 2-means, started from its
// darkest and its lightest fifth, and tells the ground by its hold on the line's edge.
func (p *Patch) twoColors(line image.Rectangle) (paper, ink pixel.Lab, ok bool) {
	var all []pixel.Lab
	for y := line.Min.Y; y < line.Max.Y; y++ {
		all = append(all, p.Lab[y*p.W+line.Min.X:y*p.W+line.Max.X]...)
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b pixel.Lab) int { return cmp.Compare(a.L, b.L) })
	fifth := max(1, len(sorted)/5)
	c := [2]pixel.Lab{mean(sorted[:fifth]), mean(sorted[len(sorted)-fifth:])}
	for range 12 {
		var sum [2]labSum
		for _, v := range all {
			sum[nearer(v, c)].add(v)
		}
		if sum[0].n == 0 || sum[1].n == 0 {
			return paper, ink, false
		}
		c = [2]pixel.Lab{sum[0].mean(), sum[1].mean()}
	}
	var edge [2]int
	for x := line.Min.X; x < line.Max.X; x++ {
		edge[nearer(p.Lab[line.Min.Y*p.W+x], c)]++
		edge[nearer(p.Lab[(line.Max.Y-1)*p.W+x], c)]++
	}
	for y := line.Min.Y; y < line.Max.Y; y++ {
		edge[nearer(p.Lab[y*p.W+line.Min.X], c)]++
		edge[nearer(p.Lab[y*p.W+line.Max.X-1], c)]++
	}
	if edge[1] > edge[0] {
		c[0], c[1] = c[1], c[0]
	}
	return c[0], c[1], c[0].Dist(c[1]) >= minContrast
}

func nearer(v pixel.Lab, c [2]pixel.Lab) int {
	if v.Dist(c[1]) < v.Dist(c[0]) {
		return 1
	}
	return 0
}

type labSum struct {
	l, a, b float64
	n       int
}

func (s *labSum) add(v pixel.Lab) {
	s.l, s.a, s.b, s.n = s.l+float64(v.L), s.a+float64(v.A), s.b+float64(v.B), s.n+1
}

func (s *labSum) mean() pixel.Lab {
	n := float64(max(s.n, 1))
	return pixel.Lab{L: float32(s.l / n), A: float32(s.a / n), B: float32(s.b / n)}
}

func mean(v []pixel.Lab) pixel.Lab {
	var s labSum
	for _, c := range v {
		s.add(c)
	}
	return s.mean()
}

// fitPaper fits the ground's gradient by least squares over the samples that are
// clearly ground, and measures how they scatter about it.
func (s *Strokes) fitPaper(paper, ink pixel.Lab, line image.Rectangle) {
	reach := 0.3 * paper.Dist(ink)
	var normal [3][3]float64
	var right [3][3]float64 // by channel
	each := func(f func(x, y float64, v pixel.Lab)) {
		for y := line.Min.Y; y < line.Max.Y; y++ {
			for x := line.Min.X; x < line.Max.X; x++ {
				if v := s.Lab[y*s.W+x]; v.Dist(paper) < reach {
					f(float64(x), float64(y), v)
				}
			}
		}
	}
	each(func(x, y float64, v pixel.Lab) {
		basis := [3]float64{1, x, y}
		channels := [3]float64{float64(v.L), float64(v.A), float64(v.B)}
		for i, a := range basis {
			for j, b := range basis {
				normal[i][j] += a * b
			}
			for c := range channels {
				right[c][i] += a * channels[c]
			}
		}
	})
	s.paper = [3][3]float64{{float64(paper.L)}, {float64(paper.A)}, {float64(paper.B)}}
	for c := range right {
		if sol, ok := solve3(normal, right[c]); ok {
			s.paper[c] = sol
		}
	}
	var square, n float64
	each(func(x, y float64, v pixel.Lab) {
		d := float64(v.L) - float64(s.paperAt(x, y).L)
		square, n = square+d*d, n+1
	})
	s.Noise = math.Sqrt(square / max(n, 1))
}

// solve3 solves a symmetric 3×3 system by Cramer's rule.
func solve3(m [3][3]float64, r [3]float64) ([3]float64, bool) {
	det := func(a, b, c [3]float64) float64 {
		return a[0]*(b[1]*c[2]-b[2]*c[1]) - b[0]*(a[1]*c[2]-a[2]*c[1]) + c[0]*(a[1]*b[2]-a[2]*b[1])
	}
	d := det(m[0], m[1], m[2])
	if math.Abs(d) < 1e-9 {
		return [3]float64{}, false
	}
	return [3]float64{det(r, m[1], m[2]) / d, det(m[0], r, m[2]) / d, det(m[0], m[1], r) / d}, true
}

func (s *Strokes) paperAt(x, y float64) pixel.Lab {
	v := func(c int) float32 { return float32(s.paper[c][0] + s.paper[c][1]*x + s.paper[c][2]*y) }
	return pixel.Lab{L: v(0), A: v(1), B: v(2)}
}

// share sets Alpha: how far each sample lies on the way from paper to ink.
func (s *Strokes) share() {
	for y := range s.H {
		for x := range s.W {
			v, p := s.Lab[y*s.W+x], s.paperAt(float64(x), float64(y))
			dl, da, db := s.Ink.L-p.L, s.Ink.A-p.A, s.Ink.B-p.B
			t := ((v.L-p.L)*dl + (v.A-p.A)*da + (v.B-p.B)*db) / max(dl*dl+da*da+db*db, 1e-6)
			s.Alpha[y*s.W+x] = min(max(t, 0), 1)
		}
	}
}

// sharpenInk takes the ink's colour from the tenth of the stroke samples that
// hold most of it: the mean of all is greyed by the strokes' soft edges.
func (s *Strokes) sharpenInk(line image.Rectangle) {
	type held struct {
		share float32
		v     pixel.Lab
	}
	var all []held
	for y := line.Min.Y; y < line.Max.Y; y++ {
		for x := line.Min.X; x < line.Max.X; x++ {
			v, p := s.Lab[y*s.W+x], s.paperAt(float64(x), float64(y))
			if s.Alpha[y*s.W+x] > 0.5 {
				all = append(all, held{float32(v.Dist(p)), v})
			}
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(a, b held) int { return cmp.Compare(b.share, a.share) })
	var sum labSum
	for _, h := range all[:max(1, len(all)/10)] {
		sum.add(h.v)
	}
	s.Ink = sum.mean()
}

// dropFrame clears what is ink by its colour but no letter by its place: parts
// that lie mostly outside the line, such as a sign's frame. Parts are told by
// their cores, since a faint glare or shadow may join a letter to what is beside
// it. What is only faint is a letter's with a letter's core in it, and
// otherwise none where it borders on a frame or lies mostly outside itself.
func (s *Strokes) dropFrame(line image.Rectangle) {
	letter, frame := make([]bool, s.W*s.H), make([]bool, s.W*s.H)
	s.frame = frame
	s.eachPart(inkFrom, func(part []int) {
		of := frame
		if s.mostlyIn(line, part) {
			of = letter
		}
		for _, i := range part {
			of[i] = true
		}
	})
	for i, f := range frame {
		if f {
			s.Alpha[i] = 0
		}
	}
	s.eachPart(haloFrom, func(part []int) {
		core, beside := false, !s.mostlyIn(line, part)
		for _, i := range part {
			core = core || letter[i]
			for _, j := range s.neighbours(i) {
				beside = beside || frame[j]
			}
		}
		if core || !beside {
			return
		}
		for _, i := range part {
			s.Alpha[i] = 0
		}
	})
}

// neighbours are the up to four samples beside sample i; i itself stands for what is not there.
func (s *Strokes) neighbours(i int) [4]int {
	n := [4]int{i, i, i, i}
	if i%s.W > 0 {
		n[0] = i - 1
	}
	if i%s.W < s.W-1 {
		n[1] = i + 1
	}
	if i >= s.W {
		n[2] = i - s.W
	}
	if i < s.W*(s.H-1) {
		n[3] = i + s.W
	}
	return n
}

// mostlyIn reports whether at least half of a part's samples lie in a rectangle.
func (s *Strokes) mostlyIn(r image.Rectangle, part []int) bool {
	n := 0
	for _, i := range part {
		if (image.Point{X: i % s.W, Y: i / s.W}).In(r) {
			n++
		}
	}
	return 2*n >= len(part)
}

// eachPart calls f with the samples of every connected part that has at least
// the given share of ink. What f holds is overwritten by the next part.
func (s *Strokes) eachPart(from float32, f func(part []int)) {
	seen := make([]bool, s.W*s.H)
	var part []int
	for start := range seen {
		if seen[start] || s.Alpha[start] < from {
			continue
		}
		part, seen[start] = append(part[:0], start), true
		for k := 0; k < len(part); k++ {
			for _, j := range s.neighbours(part[k]) {
				if !seen[j] && s.Alpha[j] >= from {
					seen[j] = true
					part = append(part, j)
				}
			}
		}
		f(part)
	}
}

// bounds is the smallest rectangle around the strokes.
func (s *Strokes) bounds() image.Rectangle {
	var r image.Rectangle
	for y := range s.H {
		for x := range s.W {
			if s.Alpha[y*s.W+x] >= inkFrom {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// Mask marks in a w×h picture, by the most that is there already, the strokes
// and the halo around them: what must be filled for the letters to be gone. A
// frame that the halo reaches is left out: the plate's edge is to stay.
func (s *Strokes) Mask(m *pixel.Mask) {
	marks := pixel.NewMask(s.W, s.H)
	for i, a := range s.Alpha {
		if a >= haloFrom {
			marks.Pix[i] = 255
		}
	}
	marks = pixel.Grow(marks, max(1.5*s.Scale, 0.05*float64(s.H)))
	s.each(m.W, m.H, func(x, y int, px, py float64) {
		at := min(int(py), s.H-1)*s.W + min(int(px), s.W-1)
		v := marks.Pix[at]
		if s.frame[at] {
			v = 0
		}
		m.Pix[y*m.W+x] = max(m.Pix[y*m.W+x], v)
	})
}
