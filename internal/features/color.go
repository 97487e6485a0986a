package features

import (
	"math"
	"slices"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// basic are the eleven basic colour terms of English (Berlin and Kay, 1969) and
// turquoise, each with the words of the colour list that stand for it.
var basic = []struct {
	name  string
	words []string
}{
	{"red", []string{"red", "crimson", "dark red", "tomato"}},
	{"orange", []string{"orange", "dark orange"}},
	{"yellow", []string{"yellow", "gold"}},
	{"green", []string{"green", "dark green", "light green", "olive", "lime"}},
	{"turquoise", []string{"turquoise", "teal", "cyan"}},
	{"blue", []string{"blue", "navy", "sky blue", "light blue"}},
	{"purple", []string{"purple", "violet", "lavender", "indigo"}},
	{"pink", []string{"pink", "hot pink", "magenta"}},
	{"brown", []string{"brown", "chocolate", "tan"}},
}

// greyChroma is the OKLab chroma below which a colour has no hue to speak of.
const greyChroma = 0.04

// ColorNames lists the names that ColorName gives.
func ColorNames() []string {
	names := []string{"black", "grey", "white"}
	for _, b := range basic {
		names = append(names, b.name)
	}
	return names
}

type shade struct {
	name string
	lab  pixel.Lab
}

var shades = sync.OnceValue(func() []shade {
	var out []shade
	for _, b := range basic {
		for _, w := range b.words {
			if c, ok := edit.ParseColor(w); ok {
				out = append(out, shade{b.name, pixel.LabOf(c)})
			}
		}
	}
	return out
})

// ColorName is the basic colour word nearest to a colour. Lightness counts
// half: shade and light change it within one paint.
func ColorName(c pixel.Lab) string {
	switch {
	case c.L < .15 || c.Chroma() < greyChroma && c.L < .33:
		return "black"
	case c.Chroma() < greyChroma && c.L > .9:
		return "white"
	case c.Chroma() < greyChroma:
		return "grey"
	}
	best, least := "", math.Inf(1)
	for _, s := range shades() {
		if d := c.Dist(pixel.Lab{L: (c.L + s.lab.L) / 2, A: s.lab.A, B: s.lab.B}); d < least {
			best, least = s.name, d
		}
	}
	return best
}

// Cells of the colour histogram: 1/24 of lightness, 1/40 of a and of b.
const (
	cellsL, cellsAB = 24, 40
	spanAB          = 0.5 // a and b lie in ±0.5
	nearColor       = 0.1 // what counts as the dominant colour, as an OKLab distance
)

type cell struct {
	n       float64
	l, a, b float64 // sums
}

func (c cell) mean() pixel.Lab {
	return pixel.Lab{L: float32(c.l / c.n), A: float32(c.a / c.n), B: float32(c.b / c.n)}
}

// dominant is the mode of some colours: the fullest neighbourhood of a
// histogram, moved to the mean of what lies around it until it stands still.
// around is the share of them within nearColor. ok is false when there are none.
func dominant(colors []pixel.Lab) (mode pixel.Lab, around float64, ok bool) {
	if len(colors) == 0 {
		return pixel.Lab{}, 0, false
	}
	grid := make([]cell, cellsL*cellsAB*cellsAB)
	index := func(v, span float32, cells int) int { return min(max(int(v/span*float32(cells)), 0), cells-1) }
	for _, c := range colors {
		k := &grid[(index(c.L, 1, cellsL)*cellsAB+index(c.A+spanAB, 2*spanAB, cellsAB))*cellsAB+index(c.B+spanAB, 2*spanAB, cellsAB)]
		k.n++
		k.l += float64(c.L)
		k.a += float64(c.A)
		k.b += float64(c.B)
	}
	full := slices.DeleteFunc(grid, func(c cell) bool { return c.n == 0 })
	// The most crowded of the fullest cells starts; ties go to the darkest.
	starts := slices.Clone(full)
	slices.SortStableFunc(starts, func(a, b cell) int { return int(b.n - a.n) })
	most := 0.0
	for _, s := range starts[:min(8, len(starts))] {
		if at := gather(full, s.mean()); at.n > most {
			most, mode = at.n, at.mean()
		}
	}
	for range 12 {
		next := gather(full, mode).mean()
		moved := next.Dist(mode)
		mode = next
		if moved < 1e-4 {
			break
		}
	}
	return mode, gather(full, mode).n / float64(len(colors)), true
}

// gather adds up the cells whose mean lies within nearColor of a colour; the
// nearest one where none does.
func gather(cells []cell, at pixel.Lab) cell {
	var sum cell
	nearest, least := cell{}, math.Inf(1)
	for _, c := range cells {
		d := c.mean().Dist(at)
		if d < least {
			nearest, least = c, d
		}
		if d <= nearColor {
			sum.n += c.n
			sum.l += c.l
			sum.a += c.a
			sum.b += c.b
		}
	}
	if sum.n == 0 {
		return nearest
	}
	return sum
}
