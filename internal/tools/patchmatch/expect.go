package patchmatch

import "math"

const (
	stripReach  = 6    // pixels along a row or column that are averaged, to either side
	strayLimit  = 40   // beyond this distance from what is expected all is equally wrong
	agreeScale  = 16   // distance of the two ends at which half their worth as witnesses is gone,
	lineScale   = 8    // and of the lines in them
	oneSideOnly = 0.25 // the worth of one end where the other is the picture's border
)

// expectation is what the known pixels at both ends of a missing pixel's row,
// or column, say about it. Where a wall meets the ground on the left and on the
// right of the hole at the same height, it does so in between; and where
// both sides are wall there is no tree between them. What crosses the hole the
// other way has ends that disagree, and its confidence falls.
type expectation struct {
	*level
	strip  []float32 // channels·w·h: means of the known pixels along the axis
	agree  float32   // agreeScale or lineScale
	along  axis
	across axis
}

// axis is a way to walk through a level's pixels.
type axis struct {
	stride, n int             // from a pixel to the next, and how many there are
	pos       func(i int) int // where on it pixel i is
}

func (l *level) axes() (x, y axis) {
	return axis{1, l.w, func(i int) int { return i % l.w }}, axis{l.w, l.h, func(i int) int { return i / l.w }}
}

func (l *level) expectRows() *expectation {
	x, y := l.axes()
	e := &expectation{level: l, agree: agreeScale, along: x, across: y}
	e.strip = e.means(l.px, x)
	return e
}

func (l *level) expectColumns() *expectation {
	x, y := l.axes()
	e := &expectation{level: l, agree: agreeScale, along: y, across: x}
	e.strip = e.means(l.px, y)
	return e
}

// lines returns the same expectation with the strips' own surroundings across
// the axis taken away: lines remain, and light and shade go.
func (e *expectation) lines() *expectation {
	o := *e
	o.agree = lineScale
	o.strip = e.means(e.strip, e.across)
	for i, v := range o.strip {
		o.strip[i] = e.strip[i] - v
	}
	return &o
}

func (e *expectation) usable(i int) bool { return !e.unknown[i] && !e.barred[i] }

// means averages the usable pixels of v along an axis.
func (e *expectation) means(v []float32, along axis) []float32 {
	strip := make([]float32, len(v))
	for i := range e.unknown {
		at := along.pos(i)
		out := strip[channels*i : channels*i+channels]
		var n float32
		for d := max(-stripReach, -at); d <= min(stripReach, along.n-1-at); d++ {
			if j := i + d*along.stride; e.usable(j) {
				n++
				for c, x := range v[channels*j : channels*j+channels] {
					out[c] += x
				}
			}
		}
		for c := range out {
			out[c] /= max(n, 1)
		}
	}
	return strip
}

// end finds the first usable pixel from missing pixel i in direction dir and
// its distance, or -1.
func (e *expectation) end(i, dir int) (at, steps int) {
	for p, d := e.along.pos(i), 1; p+dir*d >= 0 && p+dir*d < e.along.n; d++ {
		if j := i + dir*d*e.along.stride; e.usable(j) {
			return j, d
		}
	}
	return -1, 0
}

// of returns what is expected at missing pixel i and how much that is worth, 0..1.
func (e *expectation) of(i int) (want [channels]float32, worth float32) {
	a, da := e.end(i, -1)
	b, db := e.end(i, 1)
	switch {
	case a < 0 && b < 0:
		return want, 0
	case a < 0:
		a, worth = b, oneSideOnly
	case b < 0:
		b, worth = a, oneSideOnly
	default:
		d := distance(e.strip[channels*a:channels*a+channels], e.strip[channels*b:channels*b+channels])
		worth = float32(math.Exp2(-float64(d*d) / float64(e.agree*e.agree)))
	}
	f := float32(da) / float32(max(da+db, 1))
	for c := range want {
		want[c] = (1-f)*e.strip[channels*a+c] + f*e.strip[channels*b+c]
	}
	return want, worth
}

// distance is the Euclidean distance of two pixels' samples.
func distance(a, b []float32) float32 {
	var sum float32
	for c, v := range a[:channels] {
		d := v - b[c]
		sum += d * d
	}
	return float32(math.Sqrt(float64(sum)))
}
