package scene

import "math"

// Heights and places of the street, in scene units.
const (
	roofY   = 118.0 // top of the café
	cafeX   = 792.0 // its right corner
	gardenY = 404.0 // top of the garden wall
	baseY   = 590.0 // foot of the walls
	kerbY   = 692.0
	gutterY = 707.0 // where the road begins
	vanishX = 640.0 // where lines into the picture meet
	vanishY = 150.0
)

var (
	skyHigh  = hex(0x3f7fc4)
	skyLow   = hex(0xc9dfee)
	cloudLit = hex(0xfbfbfa)
	cloudDim = hex(0xa9b7c6)
	brick    = hex(0xc7ccd1) // painted a cool light grey
	mortar   = hex(0xa4abb3)
	stone    = hex(0xd6d9db)
	navy     = hex(0x1d3557)
	iron     = hex(0x24282c)
)

// sky is a gradient with soft clouds, lit from the upper left. It is painted
// only where no building will hide it.
func (p painter) sky() {
	n := p.n + 11
	density := func(x, y float64) float64 {
		u, v := x/230, y/128
		warp := n.fbm(u*1.3+5, v*1.3, 2)
		return step(0.50, 0.70, n.fbm(u+0.8*warp, v+0.6*warp, 5)) * (1 - 0.8*step(170, 380, y))
	}
	air := func(x, y float64) (rgb, float64) {
		base := skyHigh.mix(skyLow, step(-260, 440, y))
		d := density(x, y)
		if d <= 0.002 {
			return base, 1
		}
		lit := clamp01(0.66 + 1.5*(d-density(x-14, y-16)))
		return base.mix(cloudDim.mix(cloudLit, lit), 0.95*d), 1
	}
	p.region(-far, -far, roofY, only(sky), air)
	p.region(cafeX-30, roofY, gardenY, only(sky), air)
}

// hills are far roofs and trees, blue with distance.
func (p painter) hills() {
	n := p.n + 23
	for i, layer := range []struct {
		y, rise, width float64
		c              rgb
	}{{366, 46, 120, hex(0x9fb6c9)}, {392, 34, 60, hex(0x7f9bb0)}} {
		top := &path{}
		top.move(cafeX-30, gardenY)
		for x := cafeX - 30; x <= 3400; x += 6 {
			top.line(x, layer.y-layer.rise*(n+noise(i)).fbm(x/layer.width, 0, 4))
		}
		top.line(3400, gardenY)
		p.fill(top, 0, func(_, y float64) (rgb, float64) {
			return layer.c.mix(skyLow, 0.5*step(gardenY-70, gardenY, y)), 1
		})
	}
}

// masonry is a painted brick wall, w×h bricks in running bond, each a little
// different, with worn paint and its joints in relief.
func (p painter) masonry(x, y, w, h float64) rgb {
	row := math.Floor(y / h)
	shift := 0.5 * math.Mod(math.Abs(row), 2) * w
	col := math.Floor((x + shift) / w)
	fx, fy := x+shift-col*w, y-row*h
	tone := (p.n + 31).hash(int32(col), int32(row))
	worn := (p.n + 37).fbm(x/60, y/50, 4)
	fine := (p.n + 41).fbm(x/2.2, y/1.8, 2)
	wobble := 0.5 * ((p.n+43).at(x/7, y/7) - 0.5)
	edge := min(min(fx, w-fx), min(fy, h-fy)) + wobble
	joint := 1 - step(0.5, 1.5, edge)
	c := brick.scale(0.88 + 0.13*tone + 0.22*(worn-0.5) + 0.20*(fine-0.5))
	// The sun comes from above: upper edges are bright, lower ones dark.
	c = c.scale(1 + 0.13*bump(1.6, 1.1, fy+wobble) - 0.15*bump(h-1.4, 1.2, fy+wobble))
	return c.mix(mortar.scale(0.72+0.3*fine), 0.75*joint)
}

// gardenWall runs behind the bench, with a coping of stone.
func (p painter) gardenWall() {
	p.region(cafeX-4, gardenY, baseY+2, only(wall), func(x, y float64) (rgb, float64) {
		damp := step(baseY-46, baseY, y+14*(p.n+47).fbm(x/40, 2, 3))
		shade := 1 - 0.22*step(gardenY+34, gardenY+12, y) - 0.30*damp - 0.16*step(cafeX+70, cafeX, x)
		return p.masonry(x, y-gardenY, 42, 14.3).scale(0.93 * shade), 1
	})
	p.region(cafeX-4, gardenY-6, gardenY+14, only(wall), func(x, y float64) (rgb, float64) {
		t := (y - gardenY + 6) / 20
		fx := math.Mod(x+4000, 96)
		gap := 1 - 0.5*bump(0, 1.3, min(fx, 96-fx))
		grit := 0.92 + 0.16*(p.n+53).fbm(x/3, y/3, 3)
		return stone.scale((1.08 - 0.45*step(0.25, 1, t)) * grit * gap), 1
	})
}

// cafe is the building on the left: wall, cornice, shop front, awning and sign.
func (p painter) cafe() {
	front := box(-2000, roofY, cafeX, baseY+2)
	p.fill(front, only(wall), func(x, y float64) (rgb, float64) {
		shade := 1 - 0.30*step(roofY+58, roofY+22, y) - 0.25*step(baseY-40, baseY, y)
		shade -= 0.10 * step(cafeX-26, cafeX, x)
		return p.masonry(x+13, y, 42, 14.3).scale(1.04 * shade), 1
	})
	p.cornice()
	p.quoins()
	p.window(90, 348, 500, 548)
	p.door(560, 352, 690, baseY)
	p.awning(64, 716, 318, 372)
	p.shopSign(150, 206, 630, 276)
}

// cornice is the moulded edge of the roof.
func (p painter) cornice() {
	profile := func(t float64) float64 { // light by height: a cove between two fillets
		switch {
		case t < 0.22:
			return 1.12
		case t < 0.30:
			return 0.62
		case t < 0.72:
			return lerp(1.05, 0.68, (t-0.30)/0.42)
		case t < 0.80:
			return 0.98
		}
		return lerp(0.80, 0.52, (t-0.80)/0.20)
	}
	p.fill(box(-2000, roofY-12, cafeX+12, roofY+22), only(wall), func(x, y float64) (rgb, float64) {
		grit := 0.94 + 0.12*(p.n+59).fbm(x/4, y/3, 3)
		return stone.scale(profile((y-roofY+12)/34) * grit), 1
	})
	for x := -1990.0; x < cafeX; x += 22 { // dentils
		p.fill(box(x, roofY+22, x+12, roofY+31), only(wall), func(dx, y float64) (rgb, float64) {
			return stone.scale(0.94 - 0.3*step(roofY+22, roofY+31, y) - 0.18*step(x+9, x+12, dx)), 1
		})
	}
}

// quoins are the corner stones.
func (p painter) quoins() {
	for i := range 16 {
		y0 := roofY + 36 + 28.6*float64(i)
		if y0+27 > baseY {
			break
		}
		x0 := cafeX - 40 + 12*float64(i%2)
		tone := 0.9 + 0.12*(p.n+61).hash(int32(i), 5)
		p.fill(rounded(x0, y0, cafeX, y0+27, 2), only(wall), func(x, y float64) (rgb, float64) {
			grit := 0.93 + 0.14*(p.n+67).fbm(x/4, y/4, 3)
			edge := 0.12*bump(y0+1, 2.5, y) - 0.25*bump(y0+27, 4, y) - 0.12*step(cafeX-6, cafeX, x)
			low := 0.22 * step(baseY-60, baseY, y)
			return stone.scale((tone + edge - low) * grit * 0.97), 1
		})
	}
}

// glass is a pane with a dim room behind it and the bright sky aslant on it.
func (p painter) glass(x, y float64) rgb {
	n := p.n + 71
	room := hex(0x141a20).mix(hex(0x38424a), n.fbm(x/46, y/60, 3))
	for i, lx := range []float64{150, 262, 374, 466} { // white pendant lamps
		ly := 428 + 10*float64(i%2)
		d := math.Hypot((x-lx)/15, (y-ly)/11)
		room = room.add(hex(0xf4f6f8).scale(0.75 * step(1.05, 0.8, d) * step(ly+7, ly+4, y)))
		room = room.add(hex(0xdfe8f0).scale(0.10 / (0.35 + d*d)))
		room = room.mix(iron.scale(0.5), 0.8*bump(lx, 1.2, x)*step(ly-4, ly-6, y))
	}
	slant := x + 0.55*y
	shine := 0.34*bump(470, 70, math.Mod(slant, 620)) + 0.16*bump(585, 24, math.Mod(slant, 620))
	mirror := skyLow.mix(skyHigh, 0.3).scale(0.10 + 0.75*shine*(0.75+0.5*n.fbm(x/80, y/80, 2)))
	return room.add(mirror)
}

// frame paints a moulding of wood, lit along its upper left edges.
func (p painter) frame(x0, y0, x1, y1 float64, c rgb) {
	p.fill(rounded(x0, y0, x1, y1, 1.5), 0, func(x, y float64) (rgb, float64) {
		edge := 0.35*bump(y0, 2.2, y) + 0.25*bump(x0, 2, x) - 0.35*bump(y1, 2.6, y) - 0.25*bump(x1, 2.2, x)
		return c.scale(1 + edge + 0.2*((p.n+73).fbm(x/30, y/3, 2)-0.5)), 1
	})
}

// window is the shop's, three panes over a panelled sill.
func (p painter) window(x0, y0, x1, y1 float64) {
	p.shade(box(x0-4, y0-2, x1+6, y1+34), 5, 0.30)
	p.frame(x0-10, y0-10, x1+10, y1+14, navy)
	n := 3
	for i := range n {
		a := x0 + (x1-x0)*float64(i)/float64(n) + 4
		b := x0 + (x1-x0)*float64(i+1)/float64(n) - 4
		p.fill(box(a, y0, b, y1), 0, func(x, y float64) (rgb, float64) {
			inset := 1 - 0.55*step(y0+16, y0, y) - 0.35*step(a+9, a, x)
			return p.glass(x, y).scale(inset), 1
		})
	}
	p.fill(box(x0-16, y1+12, x1+16, y1+22), 0, func(x, y float64) (rgb, float64) {
		return stone.scale(1.05 - 0.5*step(y1+15, y1+22, y) + 0.1*((p.n+79).fbm(x/4, y/3, 2)-0.5)), 1
	})
	p.shade(box(x0-12, y1+22, x1+14, y1+30), 3, 0.35)
}

// door stands open to nobody: two glazed leaves over panels.
func (p painter) door(x0, y0, x1, y1 float64) {
	p.frame(x0-9, y0-9, x1+9, y1, navy.scale(0.8))
	mid := (x0 + x1) / 2
	for _, leaf := range [][2]float64{{x0, mid - 1}, {mid + 1, x1}} {
		a, b := leaf[0], leaf[1]
		p.frame(a, y0, b, y1-3, navy.scale(1.25))
		p.fill(rounded(a+11, y0+14, b-11, y1-88, 2), 0, func(x, y float64) (rgb, float64) {
			return p.glass(x, y).scale(1 - 0.5*step(y0+30, y0+14, y)), 1
		})
		p.frame(a+11, y1-74, b-11, y1-18, navy.scale(1.05))
	}
	for _, x := range []float64{mid - 8, mid + 8} {
		p.fill(rounded(x-2, y1-132, x+2, y1-92, 2), 0, flat(hex(0xb9c0c6)))
	}
}

// awning is striped cloth with a scalloped edge.
func (p painter) awning(x0, x1, y0, y1 float64) {
	p.shade(box(x0+10, y1-4, x1+16, y1+46), 12, 0.52)
	const stripe = 32.6
	lip := 20.0
	cloth := (&path{}).move(x0+16, y0).line(x1-16, y0).line(x1, y1)
	for x := x1; x > x0+1; x -= stripe {
		cloth.cubic(x-2, y1+lip*1.25, x-stripe+2, y1+lip*1.25, x-stripe, y1)
	}
	p.fill(cloth, 0, func(x, y float64) (rgb, float64) {
		t := clamp01((y - y0) / (y1 - y0))
		u := (x - vanishX*0.6) / (0.955 + 0.045*t) // stripes spread downwards
		k := math.Floor((u - x0 + vanishX*0.6) / stripe)
		c := hex(0xf1f2f2)
		if math.Mod(math.Abs(k), 2) == 1 {
			c = hex(0x27507f)
		}
		weave := 0.95 + 0.1*(p.n+83).fbm(x/1.7, y/1.7, 2)
		fold := 1 - 0.06*math.Cos((u-k*stripe)/stripe*2*math.Pi)
		lit := lerp(1.08, 0.94, t)
		if y > y1 {
			lit = 0.74 // the hanging edge turns from the sun
		}
		return c.scale(lit * weave * fold), 1
	})
}
