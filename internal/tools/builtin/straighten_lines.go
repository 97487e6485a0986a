package builtin

import (
	"context"
	"math"

	"pentimento/internal/pixel"
)

// The search for lines: on a picture of at most tiltSide pixels a side, at
// angles up to tiltMost degrees, tiltSteps to a degree.
const (
	tiltSide  = 1000
	tiltMost  = 15
	tiltSteps = 10
	// tiltAim is how far, in degrees, an edge's own direction may be from a line it votes for.
	tiltAim = 2.5
	// A line counts from tiltLine of the shorter side on, by the square of what it has beyond that.
	tiltLine = 0.10
)

// horizonReach is the share of the picture's width along which a horizon shows.
const horizonReach = 0.72

// tilt is what lines say of how a picture stands: it looks turned clockwise by
// degrees. votes is the support of that angle and around that of the best angle
// well away from it, in squared shorter sides; reach is the share of the picture
// that its longest line crosses.
type tilt struct {
	degrees, votes, around, reach float64
	clear                         bool // enough to turn the picture by
}

// edge is one edge point of a picture: its place from the centre, the direction
// of its line in degrees from the axis, and its weight.
type edge struct{ x, y, angle, weight float32 }

// measureTilt votes for angles by long straight edges: for every angle the edge
// points of about that direction are projected along it, and many points in one
// bin are a line (a Hough transform whose votes are limited by the gradient).
func measureTilt(ctx context.Context, img *pixel.Image) (tilt, error) {
	w, h := pixel.FitWithin(img.W, img.H, tiltSide, tiltSide)
	luma := pixel.GaussianBlur(pixel.ResizePlane(img.Luma(), w, h, pixel.Area), 1)
	level, upright := edgesOf(luma)
	side := float64(min(w, h))
	a, err := bestAngle(ctx, level, side, float64(w), w+h)
	if err != nil {
		return tilt{}, err
	}
	b, err := bestAngle(ctx, upright, side, float64(h), w+h)
	if err != nil {
		return tilt{}, err
	}
	return agree(a, b), nil
}

// agree joins what the level and the upright lines say. Upright ones decide: level
// ones may be those of a wall seen from aside, of a wing or of a road that climbs.
// Where both are of one mind both count, and alone a level line must be a
// horizon, one that reaches across the picture.
func agree(level, upright tilt) tilt {
	const oneMind, faint, strong, steep = 1.0, 0.012, 0.08, 9.0
	least := faint
	if math.Abs(upright.degrees) > steep { // seldom a camera's tilt
		least = strong
	}
	if upright.votes < least || upright.votes < 2.5*upright.around {
		level.clear = math.Abs(level.degrees) <= steep/2 && level.votes > strong && level.votes > 3*level.around && level.reach >= horizonReach
		return level
	}
	upright.clear = true
	if math.Abs(level.degrees-upright.degrees) < oneMind && level.votes > 2*level.around {
		sum := level.votes + upright.votes
		upright.degrees = (level.votes*level.degrees + upright.votes*upright.degrees) / sum
	}
	return upright
}

// bestAngle is the angle with the most votes, to a fraction of a step.
func bestAngle(ctx context.Context, edges []edge, side, extent float64, span int) (tilt, error) {
	const n = 2*tiltMost*tiltSteps + 1
	var votes [n]float64
	best := 0
	for k := range votes {
		if err := ctx.Err(); err != nil {
			return tilt{}, err
		}
		votes[k] = lineVotes(edges, float64(k)/tiltSteps-tiltMost, side, span) / (side * side)
		if votes[k] > votes[best] {
			best = k
		}
	}
	t := tilt{degrees: float64(best)/tiltSteps - tiltMost, votes: votes[best]}
	for k, v := range votes {
		if k < best-2*tiltSteps || k > best+2*tiltSteps {
			t.around = max(t.around, v)
		}
	}
	if best > 0 && best < n-1 { // the parabola through the three best
		l, m, r := votes[best-1], votes[best], votes[best+1] // #nosec G602 -- best has a neighbour on either side
		if d := l - 2*m + r; d < 0 {
			t.degrees += (l - r) / (2 * d) / tiltSteps
		}
	}
	t.reach = lineReach(edges, t.degrees, span, int(extent))
	return t, nil
}

// lineReach is the share of extent along which the longest line at an angle has edge points.
func lineReach(edges []edge, angle float64, span, extent int) float64 {
	const slots = 50
	bins := lineBins(edges, angle, span)
	best := 0
	for k := range span {
		if bins[k]+bins[k+1] > bins[best]+bins[best+1] {
			best = k
		}
	}
	var seen [slots]bool
	sin, cos, mid := turn(angle, span)
	for _, e := range edges {
		off := e.angle - float32(angle)
		if rho := e.y*cos - e.x*sin + mid; off < -tiltAim || off > tiltAim || rho < float32(best)-1 || rho > float32(best)+3 {
			continue
		}
		if k := int(slots * ((e.x*cos+e.y*sin)/float32(extent) + 0.5)); k >= 0 && k < slots {
			seen[k] = true
		}
	}
	n := 0.0
	for _, s := range seen {
		if s {
			n++
		}
	}
	return n / slots
}

// turn are the sine and cosine of an angle in degrees, and the bin of the line through the centre.
func turn(angle float64, span int) (sin, cos, mid float32) {
	s, c := math.Sincos(angle * math.Pi / 180)
	return float32(s), float32(c), float32(span/2 + 1)
}

// edgesOf finds the edge points of a picture that lie on near-level and on near-upright
// lines. For the latter x and y are exchanged, so that both are searched alike.
func edgesOf(luma *pixel.Plane) (level, upright []edge) {
	const faint, strong = 0.012, 0.08
	cx, cy := float32(luma.W)/2, float32(luma.H)/2
	frame := max(4, min(luma.W, luma.H)/60) // scans and crops leave straight lines along the border
	for y := frame; y < luma.H-frame; y++ {
		for x := frame; x < luma.W-frame; x++ {
			gx, gy := gradientAt(luma, x, y)
			size := float32(math.Hypot(float64(gx), float64(gy)))
			if size < faint || !ridge(luma, x, y, gx, gy, size) {
				continue
			}
			e := edge{x: float32(x) - cx, y: float32(y) - cy, weight: min(size/strong, 1)}
			if max(gy, -gy) > max(gx, -gx) {
				// A line turned clockwise by a falls to the right: its gradient is (-sin a, cos a).
				e.angle = degrees(-gx, gy)
				if max(e.angle, -e.angle) <= tiltMost+tiltAim {
					level = append(level, e)
				}
				continue
			}
			e.angle = degrees(gy, gx)
			if max(e.angle, -e.angle) <= tiltMost+tiltAim {
				e.x, e.y = e.y, -e.x
				upright = append(upright, e)
			}
		}
	}
	return level, upright
}

func degrees(rise, run float32) float32 {
	return float32(math.Atan(float64(rise/run)) * 180 / math.Pi)
}

func gradientAt(p *pixel.Plane, x, y int) (gx, gy float32) {
	i, w := y*p.W+x, p.W
	v := p.V
	gx = (v[i+1]-v[i-1])/4 + (v[i-w+1]-v[i-w-1]+v[i+w+1]-v[i+w-1])/8
	gy = (v[i+w]-v[i-w])/4 + (v[i+w-1]-v[i-w-1]+v[i+w+1]-v[i-w+1])/8
	return gx, gy
}

// ridge reports whether the gradient is greatest at (x,y) across its edge.
func ridge(p *pixel.Plane, x, y int, gx, gy, size float32) bool {
	dx, dy := 1, 0
	if max(gy, -gy) > max(gx, -gx) {
		dx, dy = 0, 1
	}
	ax, ay := gradientAt(p, x+dx, y+dy)
	bx, by := gradientAt(p, x-dx, y-dy)
	return size*size >= ax*ax+ay*ay && size*size > bx*bx+by*by
}

// lineVotes is the support for lines at an angle in degrees: over all lines, the square of the
// weighted length beyond the least that counts.
func lineVotes(edges []edge, angle, side float64, span int) float64 {
	bins := lineBins(edges, angle, span)
	least, sum := tiltLine*side, 0.0
	for k := range span {
		if long := float64(bins[k]+bins[k+1]) - least; long > 0 { // an edge is about two bins wide
			sum += long * long
		}
	}
	return sum
}

// lineBins sums the edge points of about an angle by their distance from the
// line through the centre at that angle, a pixel to a bin.
func lineBins(edges []edge, angle float64, span int) []float32 {
	bins := make([]float32, span+4)
	sin, cos, mid := turn(angle, span)
	at := float32(angle)
	for _, e := range edges {
		off := e.angle - at
		if off < -tiltAim || off > tiltAim {
			continue
		}
		rho := e.y*cos - e.x*sin + mid
		k := int(rho)
		f := rho - float32(k)
		bins[k] += e.weight * (1 - f)
		bins[k+1] += e.weight * f
	}
	return bins
}
