package patchmatch

import (
	"math"

	"pentimento/internal/pixel"
)

// Prices are in steps of 255 of colour distance per missing pixel, the unit of
// seams. They were chosen by eye on a drawn street and on photographs.
const (
	contextReach = 2    // known pixels this near a missing one judge its offset
	absent       = 40   // the distance that is assumed of pixels that are not there
	farPrice     = 1    // of an offset as long as the hole,
	uprightness  = 12   // and how much more where it is up and down: most pictures are upright, and what is level with a hole is likelier behind it
	straightness = 40   // and how much more around a picture where it is not straight away from it
	strayPrice   = 0.25 // of a distance of 1 from what the ends of the row or column say,
	linePrice    = 1    // and from the lines in it
	newOutward   = 2    // the same around a picture
	newPrice     = 0.5  // of a distance of 1 from everything that borders on the hole
	newTolerance = 6    // beyond this distance
	ringFrom     = 2    // pixels from the hole where its surroundings begin,
	ringTo       = 5    // and end
	ringSamples  = 200
)

// prior returns a function that tells what offset k costs at the n-th missing
// pixel on its own.
func (a *layout) prior() func(n int, k int16) int32 {
	fresh, stray, price := a.strangeness(), a.stray(), float32(newPrice)
	length := func(_ int32, k int16) float32 { return a.length(k) }
	if a.outward {
		price, length = newOutward, a.lengthOutward()
	}
	return func(n int, k int16) int32 {
		i := a.nodes[n]
		q := a.stand[k][n]
		if q < 0 {
			return costLimit
		}
		cost := length(i, k) + a.fit(i, k) + stray(n, q) + price*fresh[q]
		return int32(costScale * cost)
	}
}

// length is the price of an offset for being long.
func (a *layout) length(k int16) float32 {
	o := a.offs[k]
	return farPrice * float32(math.Hypot(float64(o.dx), uprightness*float64(o.dy))) / float32(a.side)
}

// lengthOutward returns the price of an offset around a picture. Beside the
// picture what is level goes on level; above and below it what is upright goes on upright;
// at its corners no direction is better than another.
func (a *layout) lengthOutward() func(i int32, k int16) float32 {
	rows, columns := make([]bool, a.h), make([]bool, a.w) // that cross the picture
	for i, u := range a.unknown {
		if !u {
			rows[i/a.w], columns[i%a.w] = true, true
		}
	}
	return func(i int32, k int16) float32 {
		dx, dy := float64(a.offs[k].dx), float64(a.offs[k].dy)
		switch {
		case rows[int(i)/a.w]:
			dy *= straightness
		case columns[int(i)%a.w]:
			dx *= straightness
		}
		return float32(farPrice * math.Hypot(dx, dy) / float64(a.side))
	}
}

// fit is how badly the known pixels beside missing pixel i agree with those
// beside its stand-in.
func (a *layout) fit(i int32, k int16) float32 {
	x, y := int(i)%a.w, int(i)/a.w
	var sum, n float32
	for yy := max(0, y-contextReach); yy <= min(a.h-1, y+contextReach); yy++ {
		for xx := max(0, x-contextReach); xx <= min(a.w-1, x+contextReach); xx++ {
			p := int32(yy*a.w + xx)
			if a.unknown[p] || a.barred[p] {
				continue
			}
			n++
			if q := a.at(p, k); q >= 0 {
				sum += a.gap(p, q)
			} else {
				// What borders on the stand-in is not known: then it must itself be like its neighbours to be.
				sum += max(absent, a.gap(p, a.stand[k][a.node[i]]))
			}
		}
	}
	return 2 * sum / max(n, 5)
}

// gap is the distance of two pixels' samples.
func (a *layout) gap(p, q int32) float32 {
	return distance(a.px[channels*p:channels*p+channels], a.px[channels*q:channels*q+channels])
}

// stray returns a function that prices how far pixel q, put at the n-th missing
// one, is from what the ends of its row and column lead to expect.
func (a *layout) stray() func(n int, q int32) float32 {
	rows, columns := a.expectRows(), a.expectColumns()
	axes := [4]*expectation{rows, columns, rows.lines(), columns.lines()}
	prices := [4]float32{strayPrice, strayPrice, linePrice, linePrice}
	type witness struct {
		want  [channels]float32
		worth float32
	}
	said := make([][4]witness, len(a.nodes))
	for n, i := range a.nodes {
		for d, e := range axes {
			said[n][d].want, said[n][d].worth = e.of(int(i))
		}
	}
	return func(n int, q int32) float32 {
		var cost float32
		for d, e := range axes {
			if w := &said[n][d]; w.worth > 0.01 {
				cost += prices[d] * w.worth * min(distance(w.want[:], e.strip[channels*q:channels*q+channels]), strayLimit)
			}
		}
		return cost
	}
}

// strangeness tells for every known pixel how unlike it is to anything that
// borders on the hole. A tree beside the hole is no part of what goes on behind it.
func (l *level) strangeness() []float32 {
	mean := l.windows(1)
	var ring []int
	for i, d := range l.distanceFromHole(ringTo) {
		if d >= ringFrom && !l.barred[i] {
			ring = append(ring, i)
		}
	}
	out := make([]float32, len(l.unknown))
	step := 1 + len(ring)/ringSamples
	pixel.Rows(l.h, func(y0, y1 int) {
		for i := y0 * l.w; i < y1*l.w; i++ {
			if l.unknown[i] || l.barred[i] {
				continue
			}
			least := float32(strayLimit)
			for r := 0; r < len(ring); r += step {
				j := ring[r]
				least = min(least, distance(mean[channels*i:channels*i+channels], mean[channels*j:channels*j+channels]))
			}
			out[i] = max(0, least-newTolerance)
		}
	})
	return out
}

// windows averages the known pixels in windows of the given radius.
func (l *level) windows(r int) []float32 {
	out := make([]float32, len(l.px))
	for y := range l.h {
		for x := range l.w {
			o := out[channels*(y*l.w+x):][:channels]
			var n float32
			for yy := max(0, y-r); yy <= min(l.h-1, y+r); yy++ {
				for xx := max(0, x-r); xx <= min(l.w-1, x+r); xx++ {
					if j := yy*l.w + xx; !l.unknown[j] && !l.barred[j] {
						n++
						for c, v := range l.px[channels*j : channels*j+channels] {
							o[c] += v
						}
					}
				}
			}
			for c := range o {
				o[c] /= max(n, 1)
			}
		}
	}
	return out
}

// distanceFromHole is how many steps to any of eight neighbours a known pixel
// is from the hole, 0 where that is more than most, and in the hole.
func (l *level) distanceFromHole(most int) []int {
	out := make([]int, len(l.unknown))
	reached := append([]bool(nil), l.unknown...)
	for d := 1; d <= most; d++ {
		var edge []int
		for i := range reached {
			if reached[i] {
				continue
			}
			x, y := i%l.w, i/l.w
			for yy := max(0, y-1); yy <= min(l.h-1, y+1); yy++ {
				for xx := max(0, x-1); xx <= min(l.w-1, x+1); xx++ {
					if reached[yy*l.w+xx] && out[i] == 0 {
						out[i] = d
						edge = append(edge, i)
					}
				}
			}
		}
		for _, i := range edge {
			reached[i] = true
		}
	}
	return out
}
