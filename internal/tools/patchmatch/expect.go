package patchmatch

import "math"

const (
	stripReach  = 6    // pixels along a row or column that are averaged, to either side
	strayLimit  = 40   // beyond this distance from what is expected all is equally wrong
	strayPrice  = 0.25 // of a distance from what is expected of 1, per pixel, where both sides agree fully
	agreeScale  = 16   // distance of the two sides at which they half stop being a witness
	lineScale   = 8
	oneSideOnly = 0.25 // the confidence in one side where the other is the picture's border
)

// expectation is what the known pixels at both ends of a missing pixel's row,
// or column, say about it. Where a wall meets the ground on the left and on the
// right of the hole at the same height, it does so in between; and where
// both sides are wall there is no tree between them. What crosses the hole the
// other way has ends that disagree, and its confidence falls.
type expectation struct {
	level     *level
	strip     []float32 // channels·w·h: means of the known pixels along the axis
	agree     float32
	across, m int // step across the axis, and how many there are
	cross     func(i int) int
	stride, n int // step along the axis, and how many there are
	pos       func(i int) int
}

func (l *level) expectRows() *expectation {
	e := &expectation{level: l, stride: 1, n: l.w, pos: func(i int) int { return i % l.w }, across: l.w, m: l.h, cross: func(i int) int { return i / l.w }}
	e.agree = agreeScale
	e.average()
	return e
}

func (l *level) expectColumns() *expectation {
	e := &expectation{level: l, stride: l.w, n: l.h, pos: func(i int) int { return i / l.w }, across: 1, m: l.w, cross: func(i int) int { return i % l.w }}
	e.agree = agreeScale
	e.average()
	return e
}

func (e *expectation) usable(i int) bool { return !e.level.unknown[i] && !e.level.barred[i] }

// average fills strip.
func (e *expectation) average() {
	l := e.level
	e.strip = make([]float32, len(l.px))
	for i := range l.unknown {
		at := e.pos(i)
		out := e.strip[channels*i : channels*i+channels]
		var n float32
		for d := max(-stripReach, -at); d <= min(stripReach, e.n-1-at); d++ {
			if j := i + d*e.stride; e.usable(j) {
				n++
				for c, v := range l.px[channels*j : channels*j+channels] {
					out[c] += v
				}
			}
		}
		for c := range out {
			out[c] /= max(n, 1)
		}
	}
}

// detail returns the same with the strips' own surroundings across the axis
// taken away: lines remain, and light and shade go.
func (e *expectation) detail() *expectation {
	o := *e
	o.agree = lineScale
	o.strip = make([]float32, len(e.strip))
	for i := range e.level.unknown {
		if !e.usable(i) {
			continue
		}
		at := e.cross(i)
		out := o.strip[channels*i : channels*i+channels]
		var n float32
		for d := max(-stripReach, -at); d <= min(stripReach, e.m-1-at); d++ {
			if j := i + d*e.across; e.usable(j) {
				n++
				for c, v := range e.strip[channels*j : channels*j+channels] {
					out[c] -= v
				}
			}
		}
		for c := range out {
			out[c] = out[c]/n + e.strip[channels*i+c]
		}
	}
	return &o
}

// end finds the first usable pixel from missing pixel i in direction dir and
// its distance, or -1.
func (e *expectation) end(i, dir int) (at, steps int) {
	for p, d := e.pos(i), 1; p+dir*d >= 0 && p+dir*d < e.n; d++ {
		if j := i + dir*d*e.stride; e.usable(j) {
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
