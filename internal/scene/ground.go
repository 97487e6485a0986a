package scene

import "math"

// ground maps a point of the pavement or road to the plane it lies on: across
// and away from the viewer, in units that do not shrink with distance.
func groundAt(x, y float64) (u, v float64) {
	d := y - vanishY
	return (x - vanishX) / d * 500, 500 * 500 / d
}

// ground paints pavement, kerb and road.
func (p painter) ground() {
	p.band(baseY, kerbY, 0, p.slabs)
	p.shade(box(-2000, baseY-3, 3300, baseY+7), 5, 0.42)
	p.band(kerbY, gutterY, 0, p.kerb)
	p.band(gutterY, far, only(road), p.asphalt)
	p.shade(box(-2000, gutterY-2, 3300, gutterY+5), 4, 0.35)
	p.laneMarks()
}

// slabs are square stones with thin joints, each of its own grey.
func (p painter) slabs(x, y float64) (rgb, float64) {
	const side = 62.0
	u, v := groundAt(x, y)
	row := math.Floor(v / side)
	u += side * 0.5 * math.Mod(math.Abs(row), 2)
	col := math.Floor(u / side)
	fu, fv := u-col*side, v-row*side
	tone := (p.n + 101).hash(int32(col), int32(row))
	grit := (p.n + 103).fbm(u/1.6, v/1.6, 2)
	stain := (p.n + 107).fbm(u/70, v/70, 4)
	c := hex(0xb4b6b7).scale(0.90 + 0.14*tone + 0.26*(grit-0.5) + 0.34*(stain-0.5))
	gap := min(min(fu, side-fu), min(fv, side-fv)*0.8)
	c = c.scale(1 - 0.45*step(1.5, 0.5, gap) + 0.07*bump(2.4, 1.2, gap))
	return c.scale(0.94 + 0.10*(y-baseY)/(kerbY-baseY)), 1
}

func (p painter) kerb(x, y float64) (rgb, float64) {
	u, _ := groundAt(x, y)
	f := math.Mod(u+9000, 150)
	grit := 0.9 + 0.2*(p.n+109).fbm(x/2.4, y/2.4, 3)
	c := hex(0xc3c5c6).scale(grit * (1 - 0.4*bump(0, 1.4, min(f, 150-f))))
	if y > kerbY+6 { // its upright face
		c = c.scale(lerp(0.66, 0.50, (y-kerbY-6)/9))
	}
	return c, 1
}

// asphalt is dark stone in bitumen: grain, bright chips, polished tracks and old patches.
func (p painter) asphalt(x, y float64) (rgb, float64) {
	u, v := groundAt(x, y)
	grain := (p.n + 113).fbm(u/1.1, v/1.1, 2)
	chips := step(0.80, 0.95, (p.n+127).at(u/1.2, v/1.2))
	worn := (p.n + 131).fbm(u/120, v/60, 4)
	track := bump(0, 34, math.Abs(y-800)-30) // two polished bands where wheels run
	k := 0.92 + 0.45*(grain-0.5) + 0.40*(worn-0.5) + 0.10*track
	c := hex(0x6d7074).scale(k).add(hex(0xc8cacc).scale(0.16 * chips))
	crack := bump(0.5, 0.012, (p.n+137).fbm(u/90+3, v/50, 4)) * step(0.45, 0.6, (p.n+139).fbm(u/150, v/90, 2))
	return c.scale(1 - 0.40*crack), 1
}

// laneMarks are worn white dashes along the road.
func (p painter) laneMarks() {
	at := func(u, y float64) pt { return pt{vanishX + u*(y-vanishY)/500, y} }
	for u := -3000.0; u < 3000; u += 300 {
		dash := polygon(at(u, 828), at(u+165, 828), at(u+165, 842), at(u, 842))
		p.fill(dash, only(road), func(x, y float64) (rgb, float64) {
			gu, gv := groundAt(x, y)
			worn := step(0.30, 0.52, (p.n+149).fbm(gu/7, gv/5, 4))
			return hex(0xdfe1e2).scale(0.9 + 0.2*(p.n+151).at(gu, gv)), 0.88 * worn
		})
	}
}

// shadows that the sun throws on the ground and on the walls, behind everything that stands there.
func (p painter) shadows() {
	bx0, bx1 := benchX0, benchX1
	// The bench: long on the pavement, softer on the wall's foot.
	p.shade(polygon(pt{bx0 + 6, 655}, pt{bx1 - 10, 655}, pt{bx1 + 40, 622}, pt{bx0 + 44, 622}), 4, 0.30)
	for i := range 3 {
		y := 628 + 8*float64(i)
		p.shade(polygon(pt{bx0 + 30, y}, pt{bx1 + 26, y}, pt{bx1 + 21, y + 5}, pt{bx0 + 24, y + 5}), 1.6, 0.38)
	}
	p.shade(box(bx0+20, 534, bx1+24, 588), 8, 0.26)
	// The tree's crown on pavement and wall, to its right, dappled.
	n := p.n + 157
	for i := range 90 {
		a, b := n.hash(int32(i), 1), n.hash(int32(i), 2)
		p.shade(ellipse(1120+260*a, 626+46*(b-0.5), 15+18*n.hash(int32(i), 3), 3+3*b), 2.2, 0.34)
	}
	for i := range 44 {
		a, b := n.hash(int32(i), 4), n.hash(int32(i), 5)
		p.shade(ellipse(1200+150*a, 424+160*b, 10+12*n.hash(int32(i), 6), 8+9*a), 3.5, 0.30)
	}
}
