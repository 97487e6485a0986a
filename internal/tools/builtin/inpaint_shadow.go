package builtin

import (
	"image"
	"slices"

	"pentimento/internal/pixel"
)

const (
	shadowCells  = 48   // cells to a shadow's reach: shadows are soft, and texture averages out
	shadowLeast  = 0.04 // a shadow lets through at least this share of the light,
	shadowMost   = 0.72 // and at most this
	shadowTint   = 1.5  // the greatest ratio of the shares of two channels: a shadow hardly colours
	shadowFrom   = 0.6  // share of the object's height below which shadows are looked for
	shadowGround = 2    // cells of a row that tell its ground, at least
)

// contactShadow marks the shadow at an object's foot that reaches out of its
// hole: ground in the object's lower part and below that is darker by a like share of each
// channel than the ground at the same height farther to the left and to the
// right (one of them, where the picture ends before the other), joined to the hole, and fading within reach pixels. What is dark and goes on beyond
// that is something else. hole must not be empty; the mask is hard-edged.
func contactShadow(img *pixel.Image, hole *pixel.Mask, reach int) *pixel.Mask {
	box := hole.Bounds(1)
	side := max(2, (reach+shadowCells-1)/shadowCells)
	near := image.Rect(box.Min.X-reach, box.Min.Y+int(shadowFrom*float64(box.Dy())), box.Max.X+reach, box.Max.Y+reach)
	g := newGround(img, hole, image.Rect(near.Min.X-reach, near.Min.Y, near.Max.X+reach, near.Max.Y), side)
	dark := pixel.NewMask(g.w, g.h)
	for y := range g.h {
		left := g.median(y, 0, reach/side)
		right := g.median(y, g.w-reach/side, g.w)
		if left.n == 0 {
			left = right
		}
		if right.n == 0 {
			right = left
		}
		for x := reach / side; x < g.w-reach/side; x++ {
			if g.shaded(g.cells[y*g.w+x], left) && g.shaded(g.cells[y*g.w+x], right) {
				dark.Pix[y*g.w+x] = 255
			}
		}
	}
	labels := pixel.Label(dark, 128, true)
	touches := make([]bool, len(labels.Components))
	for i, c := range labels.Components {
		r := c.Box
		fades := r.Min.X > reach/side && r.Max.X < g.w-reach/side && r.Max.Y < g.h && r.Min.Y > 0
		touches[i] = fades && g.besideHole(labels.Mask(i))
	}
	out := pixel.NewMask(img.W, img.H)
	kept := labels.Keep(func(i int, _ pixel.Component) bool { return touches[i] })
	for i, v := range kept.Pix {
		if v == 0 {
			continue
		}
		// A cell more all around takes the shadow's faint rim.
		r := image.Rect(i%g.w-1, i/g.w-1, i%g.w+2, i/g.w+2)
		r = image.Rectangle{Min: r.Min.Mul(side), Max: r.Max.Mul(side)}.Add(g.at).Intersect(image.Rect(0, 0, img.W, img.H))
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				out.Pix[y*out.W+x] = 255
			}
		}
	}
	return out
}

// ground is a part of a picture as mean colours of square cells.
type ground struct {
	w, h  int
	at    image.Point // where its first cell is
	cells []cell
}

// cell is a mean colour in about linear light. n is 0 where nothing is known.
type cell struct {
	c    [3]float64
	n    int
	hole bool
}

func newGround(img *pixel.Image, hole *pixel.Mask, r image.Rectangle, side int) *ground {
	g := &ground{w: max(1, r.Dx()/side), h: max(1, r.Dy()/side), at: r.Min}
	g.cells = make([]cell, g.w*g.h)
	r = image.Rect(0, 0, g.w*side, g.h*side).Add(r.Min).Intersect(image.Rect(0, 0, img.W, img.H))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := &g.cells[(y-g.at.Y)/side*g.w+(x-g.at.X)/side]
			p := img.Pix[4*(y*img.W+x):][:4]
			switch {
			case hole.Pix[y*hole.W+x] > 0:
				c.hole = true
			case p[3] > 127:
				c.n++
				for k := range c.c {
					c.c[k] += float64(p[k]) * float64(p[k])
				}
			}
		}
	}
	for i := range g.cells {
		for k := range 3 {
			g.cells[i].c[k] /= float64(max(g.cells[i].n, 1))
		}
	}
	return g
}

// median is the median colour of the known cells x0 to x1 of row y, n 0 where those are too few.
func (g *ground) median(y, x0, x1 int) cell {
	var channel [3][]float64
	for x := max(0, x0); x < min(x1, g.w); x++ {
		if c := g.cells[y*g.w+x]; c.n > 0 && !c.hole {
			for k, v := range c.c {
				channel[k] = append(channel[k], v)
			}
		}
	}
	if len(channel[0]) < shadowGround {
		return cell{}
	}
	m := cell{n: 1}
	for k := range channel {
		slices.Sort(channel[k])
		m.c[k] = channel[k][len(channel[k])/2]
	}
	return m
}

// shaded reports whether cell c looks like lit ground in a shadow.
func (g *ground) shaded(c, lit cell) bool {
	if c.n == 0 || lit.n == 0 {
		return false
	}
	least, most := 1e9, 0.0
	for k, v := range c.c {
		share := (v + 1) / (lit.c[k] + 1)
		least, most = min(least, share), max(most, share)
	}
	return least > shadowLeast && most < shadowMost && most < shadowTint*least
}

// besideHole reports whether any marked cell is one of the hole's or touches one.
func (g *ground) besideHole(m *pixel.Mask) bool {
	for i, v := range m.Pix {
		if v == 0 {
			continue
		}
		for y := max(0, i/g.w-1); y <= min(g.h-1, i/g.w+1); y++ {
			for x := max(0, i%g.w-1); x <= min(g.w-1, i%g.w+1); x++ {
				if g.cells[y*g.w+x].hole {
					return true
				}
			}
		}
	}
	return false
}
