package features

import (
	"math"
	"slices"
	"unicode/utf8"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// mostSpans bounds the work: the largest are looked at.
const mostSpans = 48

// line is a span's place measured along itself, in pixels of the picture.
type line struct {
	quad          [4]edit.Point
	width, height float64
}

func lineOf(q [4]edit.Point) (line, bool) {
	side := func(a, b int) float64 { return math.Hypot(q[b].X-q[a].X, q[b].Y-q[a].Y) }
	l := line{quad: q, width: (side(0, 1) + side(3, 2)) / 2, height: (side(0, 3) + side(1, 2)) / 2}
	return l, l.width >= 1 && l.height >= 1 && l.width < 1e6 && l.height < 1e6
}

// angle is that of the line to the horizontal, in degrees from 0 to 90.
func (l line) angle() float64 {
	dx, dy := l.quad[1].X-l.quad[0].X+l.quad[2].X-l.quad[3].X, l.quad[1].Y-l.quad[0].Y+l.quad[2].Y-l.quad[3].Y
	return math.Atan2(math.Abs(dy), math.Abs(dx)) * 180 / math.Pi
}

// at is the place at (u,v), both 0 to 1 across the quadrilateral.
func (l line) at(u, v float64) (x, y float64) {
	q := l.quad
	mix := func(a, b, c, d float64) float64 { return (1-v)*((1-u)*a+u*b) + v*((1-u)*d+u*c) }
	return mix(q[0].X, q[1].X, q[2].X, q[3].X), mix(q[0].Y, q[1].Y, q[2].Y, q[3].Y)
}

// describeText puts what the spans say: their number and place, and what the
// picture shows behind them, sampled at full size.
func describeText(s *Set, in Input) {
	s.num("text-spans", float64(len(in.Spans)))
	var lines []line
	for _, sp := range in.Spans {
		if l, ok := lineOf(sp.Quad); ok {
			lines = append(lines, l)
		}
	}
	describeReading(s, in)
	if len(lines) == 0 {
		return
	}
	w, h := float64(in.Picture.W), float64(in.Picture.H)
	var area, turn float64
	var heights []float64
	for _, l := range lines {
		area += l.width * l.height
		turn = max(turn, l.angle())
		heights = append(heights, l.height)
	}
	slices.Sort(heights)
	middle := (heights[(len(heights)-1)/2] + heights[len(heights)/2]) / 2
	s.num("text-area-share", area/(w*h))
	s.num("text-height-share", middle/h)
	s.num("text-height-pixels", middle)
	s.num("text-angle", turn)

	slices.SortStableFunc(lines, func(a, b line) int {
		if d := b.width*b.height - a.width*a.height; d != 0 {
			return int(math.Copysign(1, d))
		}
		return 0
	})
	var contrasts []float64
	hardest, worst := -1, 0.0
	for _, l := range lines[:min(len(lines), mostSpans)] {
		contrast, g, ok := lookAtLine(in.Picture, l)
		if !ok {
			continue
		}
		contrasts = append(contrasts, contrast)
		hardest = max(hardest, slices.Index(grounds, g.kind()))
		worst = max(worst, g.residual)
	}
	if hardest < 0 {
		return
	}
	slices.Sort(contrasts)
	s.num("text-contrast", (contrasts[(len(contrasts)-1)/2]+contrasts[len(contrasts)/2])/2)
	s.cat("text-ground", grounds[hardest])
	s.num("text-residual", worst)
}

// describeReading puts what was read; spans that no reader has seen have no words.
func describeReading(s *Set, in Input) {
	chars, score := 0, math.Inf(1)
	for _, sp := range in.Spans {
		if sp.Text == "" {
			continue
		}
		chars += utf8.RuneCountInString(sp.Text)
		if sp.Score > 0 {
			score = min(score, sp.Score)
		}
	}
	if chars == 0 {
		return
	}
	s.num("text-length", float64(chars))
	s.num("text-score", score)
	if t, ok := in.Subtask.Args[textPort].Value.(edit.Text); ok {
		s.num("text-growth", float64(utf8.RuneCountInString(string(t)))/float64(chars))
	}
}

// lookAtLine samples a line and a fifth of its height around it, parts the
// inside into strokes and ground by two colours, and measures the ground: what
// is not near a stroke, and the margin.
func lookAtLine(m *pixel.Image, l line) (contrast float64, g groundStats, ok bool) {
	const rows, margin = 28, 4 // samples across, of which the margin on each side
	inner := rows - 2*margin
	cols := min(max(int(l.width/l.height*float64(inner)), 4), 400) + 2*margin
	colors, seen := make([]pixel.Lab, rows*cols), make([]bool, rows*cols)
	var inside []int
	for r := range rows {
		for c := range cols {
			u, v := (float64(c-margin)+.5)/float64(cols-2*margin), (float64(r-margin)+.5)/float64(inner)
			fx, fy := l.at(u, v)
			x, y := int(math.Floor(fx)), int(math.Floor(fy))
			if x < 0 || y < 0 || x >= m.W || y >= m.H {
				continue
			}
			red, green, blue, a := m.At(x, y)
			if a < pixel.Half {
				continue
			}
			i := r*cols + c
			colors[i], seen[i] = pixel.ToLab(red, green, blue), true
			if r >= margin && r < rows-margin && c >= margin && c < cols-margin {
				inside = append(inside, i)
			}
		}
	}
	if len(inside) < 16 {
		return 0, groundStats{}, false
	}
	stroke, ground, isStroke := twoColors(colors, inside)
	near := func(i int) bool {
		for _, j := range []int{i, i - 1, i + 1, i - cols, i + cols} {
			if isStroke[j] {
				return true
			}
		}
		return false
	}
	var list []sample
	for i, ok := range seen {
		r, c := i/cols, i%cols
		edge := r < margin || r >= rows-margin || c < margin || c >= cols-margin
		if ok && (edge || !near(i)) {
			list = append(list, sample{float64(c) - float64(cols-1)/2, float64(r) - float64(rows-1)/2, colors[i]})
		}
	}
	if len(list) < 16 {
		return 0, groundStats{}, false
	}
	return stroke.Dist(ground), measureGround(list), true
}

// twoColors parts samples in two by k-means from their darkest and lightest
// twentieth; the smaller part are the strokes.
func twoColors(colors []pixel.Lab, inside []int) (stroke, ground pixel.Lab, isStroke []bool) {
	byLight := slices.Clone(inside)
	slices.SortStableFunc(byLight, func(a, b int) int { return int(math.Copysign(1, float64(colors[a].L-colors[b].L))) })
	mean := [2]pixel.Lab{colors[byLight[len(byLight)/20]], colors[byLight[len(byLight)-1-len(byLight)/20]]}
	second := make([]bool, len(colors))
	var sums [2]cell
	for range 12 {
		sums = [2]cell{}
		for _, i := range inside {
			c := colors[i]
			which := 0
			second[i] = c.Dist(mean[1]) < c.Dist(mean[0])
			if second[i] {
				which = 1
			}
			k := &sums[which]
			k.n++
			k.l, k.a, k.b = k.l+float64(c.L), k.a+float64(c.A), k.b+float64(c.B)
		}
		for j, k := range sums {
			if k.n > 0 {
				mean[j] = k.mean()
			}
		}
	}
	if sums[1].n <= sums[0].n {
		return mean[1], mean[0], second
	}
	first := make([]bool, len(colors))
	for _, i := range inside {
		first[i] = !second[i]
	}
	return mean[0], mean[1], first
}
