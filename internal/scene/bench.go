package scene

import "math"

const (
	benchX0 = 866.0
	benchX1 = 1088.0
)

var (
	paintedWood = hex(0xf2d21c)
	paintedIron = hex(0xd9b410)
)

// bench is of yellow slats on yellow-painted iron, seen from a little above.
func (p painter) bench() {
	l := only(bench)
	for _, x := range []float64{benchX0 + 22, (benchX0 + benchX1) / 2, benchX1 - 22} {
		p.benchFoot(x, l)
	}
	for i := range 4 { // the back leans away; slats are a little narrower above
		y := 531 + 15.2*float64(i)
		in := 5 - 1.4*float64(i)
		p.slat(benchX0+in, y, benchX1-in, y+11.2, i, 1.0, l)
	}
	for i := range 4 { // the seat: nearer slats are wider and look deeper
		y := 597 + 6.6*float64(i) + 0.5*float64(i*i)
		out := 1.5 * float64(i)
		p.slat(benchX0+3-out, y, benchX1-3+out, y+5.9+0.5*float64(i), 10+i, 1.16, l)
	}
	p.fill(rounded(benchX0-3, 624.6, benchX1+3, 630, 1.5), l, func(x, y float64) (rgb, float64) {
		return paintedWood.scale((0.64 - 0.15*step(625, 630, y)) * p.grainAt(x, y, 20)), 1
	})
	for _, side := range []float64{-1, 1} {
		p.benchArm(side, l)
	}
}

// grainAt is the brightness of wood: long fibres, and a few knots of dark.
func (p painter) grainAt(x, y float64, k int) float64 {
	n := p.n + 211 + noise(k)*17
	fibre := n.fbm(x/38, y/0.9, 4)
	wear := n.fbm(x/16+9, y/6, 3)
	return 0.80 + 0.34*fibre + 0.12*(wear-0.5)
}

// slat is one board with rounded edges: bright above, dark below.
func (p painter) slat(x0, y0, x1, y1 float64, k int, light float64, l labels) {
	p.fill(rounded(x0, y0, x1, y1, 2.2), l, func(x, y float64) (rgb, float64) {
		t := (y - y0) / (y1 - y0)
		roll := 1.06 + 0.22*bump(0.10, 0.16, t) - 0.42*step(0.62, 1, t)
		ends := 1 - 0.25*step(x0+3, x0, x) - 0.35*step(x1-4, x1, x)
		joint := 1.0
		for _, bx := range []float64{benchX0 + 22, (benchX0 + benchX1) / 2, benchX1 - 22} {
			d := math.Hypot(x-bx, (y-(y0+y1)/2)*1.1)
			joint -= 0.38 * step(2.1, 1.3, d) // a bolt
		}
		return paintedWood.scale(light * roll * ends * joint * p.grainAt(x, y, k)), 1
	})
}

// benchFoot is one of the three iron frames: a leg behind, a leg in front and the bar of the back.
func (p painter) benchFoot(x float64, l labels) {
	metal := func(cx, w float64) shader {
		return func(sx, y float64) (rgb, float64) {
			t := (sx - cx) / w
			grit := 0.92 + 0.16*(p.n+223).fbm(sx/2, y/2, 2)
			return paintedIron.scale((0.78 + 0.34*bump(-0.25, 0.5, t) - 0.25*step(0.1, 0.5, t)) * grit), 1
		}
	}
	p.fill(stroke(5.5, pt{x, 527}, pt{x, 600}), l, metal(x, 5.5))
	p.fill(stroke(5, pt{x, 604}, pt{x + 3, 641}), l, func(sx, y float64) (rgb, float64) {
		return paintedIron.scale(0.42), 1
	})
	p.fill(smooth(pt{x - 3, 628}, pt{x - 3.4, 640}, pt{x - 5, 653}, pt{x - 8, 657}, pt{x + 7, 657}, pt{x + 4, 652}, pt{x + 3.2, 640}, pt{x + 3, 628}), l, metal(x, 7))
	p.shade(ellipse(x+4, 657.5, 12, 2.2), 1.6, 0.45)
}

// benchArm is the curved rest at one end.
func (p painter) benchArm(side float64, l labels) {
	x := (benchX0+benchX1)/2 + side*((benchX1-benchX0)/2-8)
	rest := smooth(pt{x - 4, 573}, pt{x - 4.6, 582}, pt{x - 5.2, 596}, pt{x - 6, 604}, pt{x, 607}, pt{x + 6, 604}, pt{x + 5.2, 596}, pt{x + 4.6, 582}, pt{x + 4, 573}, pt{x, 570})
	p.fill(stroke(5, pt{x, 604}, pt{x, 627}), l, func(sx, y float64) (rgb, float64) {
		return paintedIron.scale(0.72 + 0.25*bump(x-1, 2, sx) - 0.2*step(606, 600, y)), 1
	})
	p.fill(rest, l, func(sx, y float64) (rgb, float64) {
		return paintedIron.scale(1.08 + 0.2*bump(x-2, 3, sx) - 0.4*step(600, 607, y)), 1
	})
}
