package lettering

import (
	"math"

	"pentimento/internal/edit"
)

// homography is a plane projective map, row-major with its last entry 1.
type homography [9]float64

// rectToQuad maps the rectangle 0..w × 0..h to a quadrilateral given clockwise
// from its top left (Heckbert 1989, section 2.2). ok is false for a degenerate one.
func rectToQuad(w, h float64, q [4]edit.Point) (m homography, ok bool) {
	x0, y0, x1, y1 := q[0].X, q[0].Y, q[1].X, q[1].Y
	x2, y2, x3, y3 := q[2].X, q[2].Y, q[3].X, q[3].Y
	dx1, dx2, sx := x1-x2, x3-x2, x0-x1+x2-x3
	dy1, dy2, sy := y1-y2, y3-y2, y0-y1+y2-y3
	det := dx1*dy2 - dx2*dy1
	if math.Abs(det) < 1e-6 || w <= 0 || h <= 0 {
		return m, false
	}
	g := (sx*dy2 - dx2*sy) / det
	k := (dx1*sy - sx*dy1) / det
	m = homography{
		(x1 - x0 + g*x1) / w, (x3 - x0 + k*x3) / h, x0,
		(y1 - y0 + g*y1) / w, (y3 - y0 + k*y3) / h, y0,
		g / w, k / h, 1,
	}
	return m, true
}

func (m homography) at(x, y float64) (float64, float64) {
	d := m[6]*x + m[7]*y + m[8]
	return (m[0]*x + m[1]*y + m[2]) / d, (m[3]*x + m[4]*y + m[5]) / d
}

// inverse is the adjugate, which is enough for a projective map.
func (m homography) inverse() homography {
	return homography{
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3],
	}
}

func distance(a, b edit.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }
