package onnx

import (
	"cmp"
	"math"
	"slices"
)

// vec is a point or a direction in the plane, y downwards.
type vec struct{ x, y float64 }

func (a vec) sub(b vec) vec             { return vec{a.x - b.x, a.y - b.y} }
func (a vec) dot(b vec) float64         { return a.x*b.x + a.y*b.y }
func (a vec) cross(b vec) float64       { return a.x*b.y - a.y*b.x }
func (a vec) plus(b vec, k float64) vec { return vec{a.x + k*b.x, a.y + k*b.y} }

// rotated is a rectangle: its centre, the direction of its width, and its sides.
type rotated struct {
	center vec
	dir    vec // unit
	w, h   float64
}

// corners returns the corners clockwise as seen, beginning with the one a reader
// calls top left: the text runs along the longer side, left to right, or
// downwards where it is steeper than 45 degrees.
func (r rotated) corners() [4]vec {
	n := vec{-r.dir.y, r.dir.x}
	var c [4]vec
	for i, s := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		c[i] = r.center.plus(r.dir, s[0]*r.w/2).plus(n, s[1]*r.h/2)
	}
	return orderCorners(c)
}

// orderCorners turns a clockwise quad so that it begins at the top left: of the
// four beginnings, the one whose first side points most to the right.
func orderCorners(c [4]vec) [4]vec {
	best, at := math.Inf(-1), 0
	for i := range c {
		d := c[(i+1)%4].sub(c[i])
		if l := math.Hypot(d.x, d.y); l > 0 && d.x/l > best+1e-9 {
			best, at = d.x/l, i
		}
	}
	return [4]vec{c[at], c[(at+1)%4], c[(at+2)%4], c[(at+3)%4]}
}

// contains reports whether p lies in the rectangle.
func (r rotated) contains(p vec) bool {
	d := p.sub(r.center)
	return math.Abs(d.dot(r.dir)) <= r.w/2 && math.Abs(d.cross(r.dir)) <= r.h/2
}

// convexHull returns the hull of points, counter-clockwise in a y-up plane,
// without points on its sides (Andrew's monotone chain).
func convexHull(points []vec) []vec {
	p := slices.Clone(points)
	slices.SortFunc(p, func(a, b vec) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	p = slices.Compact(p)
	if len(p) < 3 {
		return p
	}
	var hull []vec
	half := func(base int, q vec) {
		for len(hull) >= base+2 && hull[len(hull)-1].sub(hull[len(hull)-2]).cross(q.sub(hull[len(hull)-2])) <= 0 {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, q)
	}
	for _, q := range p {
		half(0, q)
	}
	base := len(hull) - 1
	for _, q := range slices.Backward(p[:len(p)-1]) {
		half(base, q)
	}
	return hull[:len(hull)-1]
}

// minAreaRect is the rectangle of least area around the points; one of its
// sides lies on a side of their hull. For each side of the hull the extent is
// measured over the hull, which is small.
func minAreaRect(points []vec) rotated {
	hull := convexHull(points)
	if len(hull) == 1 {
		return rotated{center: hull[0], dir: vec{1, 0}}
	}
	best := rotated{w: math.Inf(1), h: math.Inf(1)}
	for i, a := range hull {
		d := hull[(i+1)%len(hull)].sub(a)
		l := math.Hypot(d.x, d.y)
		d = vec{d.x / l, d.y / l}
		n := vec{-d.y, d.x}
		u0, u1, v0, v1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		for _, p := range hull {
			u0, u1 = min(u0, p.dot(d)), max(u1, p.dot(d))
			v0, v1 = min(v0, p.dot(n)), max(v1, p.dot(n))
		}
		if w, h := u1-u0, v1-v0; w*h < best.w*best.h-1e-9 {
			best = rotated{center: vec{}.plus(d, (u0+u1)/2).plus(n, (v0+v1)/2), dir: d, w: w, h: h}
		}
	}
	return best
}
