package features

import (
	"math"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// describeBoxes puts what the detections alone say. w and h are the picture's.
func describeBoxes(s *Set, b *edit.Boxes, w, h int) {
	labels := map[string]bool{}
	least, score := math.Inf(1), math.Inf(1)
	for _, p := range b.Picked {
		if p.Label != "" {
			labels[p.Label] = true
		}
		least = min(least, p.Clip(w, h).Area())
		if p.Score > 0 { // boxes that a person gave have none
			score = min(score, p.Score)
		}
	}
	kin := 0
	for _, o := range b.Others {
		if labels[o.Label] {
			kin++
		}
	}
	s.num("object-instances", float64(len(b.Picked)))
	if len(labels) > 0 {
		s.num("object-kin", float64(kin))
	}
	s.num("object-score", score)
	s.num("object-least-share", least/(float64(w)*float64(h)))
	if len(b.Picked) > 0 {
		s.num("object-box-share", unionArea(b.Picked, w, h)/(float64(w)*float64(h)))
	}
}

// unionArea is the area in pixels under at least one box, by strips between the boxes' upper and lower sides.
func unionArea(boxes []edit.Box, w, h int) float64 {
	clipped := make([]edit.Box, len(boxes))
	var ys []float64
	for i, b := range boxes {
		clipped[i] = b.Clip(w, h)
		ys = append(ys, clipped[i].Y0, clipped[i].Y1)
	}
	slices.Sort(ys)
	var area float64
	for i := 1; i < len(ys); i++ {
		area += (ys[i] - ys[i-1]) * covered(clipped, ys[i-1], ys[i])
	}
	return area
}

// describeShape puts the outline's measures. full is the matte, m the same at working size.
func describeShape(s *Set, full, m *pixel.Mask) {
	area := full.Area()
	s.num("object-area-share", area/(float64(full.W)*float64(full.H)))
	s.num("object-area-pixels", area)
	l := pixel.Label(m, pixel.Half, true)
	var total int
	for _, c := range l.Components {
		total += c.Area
	}
	if total == 0 {
		return
	}
	var parts, inside, hulls, boxes float64
	for i, c := range l.Components {
		if 100*c.Area < total {
			continue
		}
		parts++
		inside += float64(c.Area)
		boxes += float64(c.Box.Dx() * c.Box.Dy())
		hulls += hullArea(l, i)
	}
	s.num("mask-parts", parts)
	s.num("mask-fill", inside/boxes)
	s.num("mask-solidity", inside/hulls)
	if p := perimeter(m, l); p > 0 {
		s.num("mask-compactness", 4*math.Pi*float64(l.Components[0].Area)/(p*p))
	}
}

// hullArea is the area of the convex hull of a component's pixels, corners
// included, by Andrew's monotone chain over the ends of its rows.
func hullArea(l *pixel.Labelling, of int) float64 {
	box := l.Components[of].Box
	var left, right []edit.Point // from top to bottom, each pixel row by its upper and lower corners
	for y := box.Min.Y; y < box.Max.Y; y++ {
		x0, x1 := -1, -1
		for x := box.Min.X; x < box.Max.X; x++ {
			if int(l.Of[y*l.W+x]) == of+1 {
				if x0 < 0 {
					x0 = x
				}
				x1 = x + 1
			}
		}
		if x0 < 0 {
			continue
		}
		left = bend(left, float64(x0), y, 1)
		right = bend(right, float64(x1), y, -1)
	}
	var area float64
	ring := append([]edit.Point{}, left...)
	for i := len(right) - 1; i >= 0; i-- {
		ring = append(ring, right[i])
	}
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		area += p.X*q.Y - q.X*p.Y
	}
	return math.Abs(area) / 2
}

// bend adds the upper and lower corner of row y to one side of a hull; sign is 1 for the left side.
func bend(side []edit.Point, x float64, y int, sign float64) []edit.Point {
	for _, p := range []edit.Point{{X: x, Y: float64(y)}, {X: x, Y: float64(y + 1)}} {
		for len(side) >= 2 {
			a, b := side[len(side)-2], side[len(side)-1]
			// b stays only where the side bulges outwards there.
			if sign*((b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X)) < 0 {
				break
			}
			side = side[:len(side)-1]
		}
		side = append(side, p)
	}
	return side
}

// perimeter is the length of the largest component's outline in working
// pixels: the integral of the gradient of its matte (the coarea formula),
// smoothed, so that a slanting border counts its length and not its stairs.
func perimeter(m *pixel.Mask, l *pixel.Labelling) float64 {
	b := l.Components[0].Box.Inset(-4)
	p := pixel.NewPlane(b.Dx(), b.Dy()) // what lies beyond the picture is outside
	for y := range p.H {
		for x := range p.W {
			sx, sy := x+b.Min.X, y+b.Min.Y
			if sx >= 0 && sy >= 0 && sx < m.W && sy < m.H && l.Of[sy*m.W+sx] == 1 {
				p.V[y*p.W+x] = 1
			}
		}
	}
	p = pixel.GaussianBlur(p, 1)
	var sum float64
	for y := 1; y < p.H-1; y++ {
		for x := 1; x < p.W-1; x++ {
			i := y*p.W + x
			sum += math.Hypot(float64(p.V[i+1]-p.V[i-1]), float64(p.V[i+p.W]-p.V[i-p.W])) / 2
		}
	}
	return sum
}

// describePaint puts the object's colour and surface, and returns its dominant colour.
func describePaint(s *Set, k *work, m *pixel.Mask) (mode pixel.Lab, ok bool) {
	at := k.visible(m)
	mode, around, ok := dominant(k.colors(at))
	if !ok {
		return mode, false
	}
	s.cat("object-color", ColorName(mode))
	s.num("object-lightness", float64(mode.L))
	s.num("object-chroma", mode.Chroma())
	s.num("object-color-share", around)
	// Its own outline is no texture of the object, so it is left out where something remains.
	if inner := k.visible(pixel.Shrink(m, 4)); len(inner) >= 64 {
		at = inner
	}
	texture, edges := k.texture(at)
	s.num("object-texture", texture)
	s.num("object-edges", edges)
	return mode, true
}

// describeChange puts the change of colour asked for.
func describeChange(s *Set, from, to pixel.Lab) {
	s.num("color-change", from.Dist(to))
	s.num("color-change-lightness", float64(to.L-from.L))
	s.num("color-change-chroma", to.Chroma()-from.Chroma())
}

// describeTouch puts which sides of the picture the object touches: it comes
// within reach working pixels, since mattes fade at the border.
func describeTouch(s *Set, region *pixel.Mask) {
	const reach = 2
	b := region.Bounds(pixel.Half)
	sides := 0
	for _, side := range []struct {
		name    string
		touches bool
	}{
		{"touches-left", b.Min.X < reach},
		{"touches-right", b.Max.X > region.W-reach},
		{"touches-top", b.Min.Y < reach},
		{"touches-bottom", b.Max.Y > region.H-reach},
	} {
		s.yes(side.name, side.touches)
		if side.touches {
			sides++
		}
	}
	s.num("touches-sides", float64(sides))
}

// describeOverlap puts how far other boxes and text lie over the object.
func describeOverlap(s *Set, in Input, region *pixel.Mask) {
	fx, fy := float64(region.W)/float64(in.Picture.W), float64(region.H)/float64(in.Picture.H)
	own := region.Count(pixel.Half)
	scaled := func(b edit.Box) edit.Box {
		return edit.Box{X0: b.X0 * fx, Y0: b.Y0 * fy, X1: b.X1 * fx, Y1: b.Y1 * fy}.Clip(region.W, region.H)
	}
	if in.Boxes != nil {
		var others []edit.Box
		touching := 0
		for _, o := range in.Boxes.Others {
			b := scaled(o)
			others = append(others, b)
			if float64(underBoxes(region, []edit.Box{b})) >= max(1, .01*min(b.Area(), float64(own))) {
				touching++
			}
		}
		s.num("touches-boxes", float64(touching))
		s.num("overlap-share", float64(underBoxes(region, others))/float64(own))
	}
	if in.Spans != nil {
		var text []edit.Box
		for _, sp := range in.Spans {
			text = append(text, scaled(sp.Bounds()))
		}
		s.num("overlap-text", float64(underBoxes(region, text))/float64(own))
	}
}

// underBoxes counts the region's pixels whose centre lies in at least one box.
func underBoxes(region *pixel.Mask, boxes []edit.Box) int {
	u := boxMask(region.W, region.H, boxes)
	n := 0
	for i, v := range u.Pix {
		if v > 0 && region.Pix[i] >= pixel.Half {
			n++
		}
	}
	return n
}
