package pixel

import (
	"fmt"
	"image"
)

// Half is the matte value from which a pixel counts as inside, where a yes or no is needed.
const Half = 128

// FullMask returns a w×h mask that is inside everywhere.
func FullMask(w, h int) *Mask {
	m := NewMask(w, h)
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	return m
}

// RectMask returns a w×h mask that is inside in r.
func RectMask(w, h int, r image.Rectangle) *Mask {
	m := NewMask(w, h)
	r = r.Intersect(image.Rect(0, 0, w, h))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.Pix[y*w+x] = 255
		}
	}
	return m
}

// Union is the greater of the mattes, pixel by pixel; all must have one size.
func Union(a *Mask, more ...*Mask) *Mask {
	out := a.Clone()
	for _, b := range more {
		sameSize(a.W, a.H, b.W, b.H)
		for i, v := range b.Pix {
			out.Pix[i] = max(out.Pix[i], v)
		}
	}
	return out
}

// Intersect is the smaller of the mattes, pixel by pixel; all must have one size.
func Intersect(a *Mask, more ...*Mask) *Mask {
	out := a.Clone()
	for _, b := range more {
		sameSize(a.W, a.H, b.W, b.H)
		for i, v := range b.Pix {
			out.Pix[i] = min(out.Pix[i], v)
		}
	}
	return out
}

// Subtract is a without what is in the others: the intersection of a with their inverses.
func Subtract(a *Mask, more ...*Mask) *Mask {
	out := a.Clone()
	for _, b := range more {
		sameSize(a.W, a.H, b.W, b.H)
		for i, v := range b.Pix {
			out.Pix[i] = min(out.Pix[i], 255-v)
		}
	}
	return out
}

// Invert swaps inside and outside.
func Invert(m *Mask) *Mask {
	out := NewMask(m.W, m.H)
	for i, v := range m.Pix {
		out.Pix[i] = 255 - v
	}
	return out
}

// Threshold makes a matte hard: 255 where it is at least t, else 0.
func Threshold(m *Mask, t uint8) *Mask {
	out := NewMask(m.W, m.H)
	for i, v := range m.Pix {
		if v >= t {
			out.Pix[i] = 255
		}
	}
	return out
}

// Count is the number of pixels whose matte is at least t.
func (m *Mask) Count(t uint8) int {
	n := 0
	for _, v := range m.Pix {
		if v >= t {
			n++
		}
	}
	return n
}

// Area is the sum of the matte in pixels, a soft pixel counting by its share.
func (m *Mask) Area() float64 {
	var n int64
	for _, v := range m.Pix {
		n += int64(v)
	}
	return float64(n) / 255
}

// Empty reports whether the matte is 0 everywhere.
func (m *Mask) Empty() bool {
	for _, v := range m.Pix {
		if v != 0 {
			return false
		}
	}
	return true
}

// Bounds is the smallest rectangle that holds every pixel whose matte is at
// least t; it is empty (the zero Rectangle) when there is none.
func (m *Mask) Bounds(t uint8) image.Rectangle {
	x0, y0, x1, y1 := m.W, m.H, -1, -1
	for y := range m.H {
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			if v >= t {
				x0, x1 = min(x0, x), max(x1, x)
				y0, y1 = min(y0, y), y
			}
		}
	}
	if x1 < 0 {
		return image.Rectangle{}
	}
	return image.Rect(x0, y0, x1+1, y1+1)
}

// IgnoreGrey is the ignore function of hand-checked masks: 128 marks pixels that nobody could call.
func IgnoreGrey(truth uint8) bool { return truth == 128 }

// IoU is intersection over union in [0,1] of the pixels that are at least Half
// in each, leaving out those whose truth ignore (which may be nil) names. Two empty masks agree: 1.
func IoU(m, truth *Mask, ignore func(truth uint8) bool) float64 {
	sameSize(m.W, m.H, truth.W, truth.H)
	var skip [256]bool
	if ignore != nil {
		for v := range skip {
			skip[v] = ignore(uint8(v))
		}
	}
	inter, union := 0, 0
	for i, t := range truth.Pix {
		if skip[t] {
			continue
		}
		a, b := m.Pix[i] >= Half, t >= Half
		if a && b {
			inter++
		}
		if a || b {
			union++
		}
	}
	if union == 0 {
		return 1
	}
	return float64(inter) / float64(union)
}

// Grow adds every pixel within px pixels (Euclidean, between centres) of the
// inside; soft values farther out stay.
func Grow(m *Mask, px float64) *Mask {
	out := m.Clone()
	if px <= 0 {
		return out
	}
	distanceRows(m, Half, func(y int, sq []int64) {
		for x, d := range sq {
			if float64(d) <= px*px {
				out.Pix[y*m.W+x] = 255
			}
		}
	})
	return out
}

// Shrink takes away every pixel within px pixels of the outside: it grows the
// inverse. Beyond the picture's border there is no outside, so an object that
// the border cuts keeps that side.
func Shrink(m *Mask, px float64) *Mask {
	if px <= 0 {
		return m.Clone()
	}
	return Invert(Grow(Invert(m), px))
}

// Open removes specks and threads thinner than about 2·px; Close fills gaps of that width.
func Open(m *Mask, px float64) *Mask { return Grow(Shrink(m, px), px) }

// Close fills gaps narrower than about 2·px.
func Close(m *Mask, px float64) *Mask { return Shrink(Grow(m, px), px) }

// Feather softens the border by a Gaussian of that standard deviation in pixels.
func Feather(m *Mask, sigma float64) *Mask {
	if sigma <= 0 {
		return m.Clone()
	}
	return MaskOf(GaussianBlur(m.Plane(), sigma))
}

// FillHoles fills the outside regions (4-connected) that do not touch the
// picture's border and have at most maxArea pixels; 0 fills them all.
func FillHoles(m *Mask, maxArea int) *Mask {
	out := m.Clone()
	l := Label(Invert(m), Half, false)
	fill := make([]bool, len(l.Components)+1)
	for i, c := range l.Components {
		inner := c.Box.Min.X > 0 && c.Box.Min.Y > 0 && c.Box.Max.X < m.W && c.Box.Max.Y < m.H
		fill[i+1] = inner && (maxArea <= 0 || c.Area <= maxArea)
	}
	for i, id := range l.Of {
		if fill[id] {
			out.Pix[i] = 255
		}
	}
	return out
}

func sameSize(w, h, w2, h2 int) {
	if w != w2 || h != h2 {
		panic(fmt.Sprintf("pixel: rasters of %d×%d and %d×%d do not match", w, h, w2, h2))
	}
}
