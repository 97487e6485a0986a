package scene

import "math"

// The car is drawn in its own units: x to the right from its nose, y up from the road.
const (
	carX     = 78.0
	carY     = 772.0
	carScale = 1.04
	frontX   = 118.0 // wheel centres
	rearX    = 474.0
	wheelR   = 53.0
)

func onCar(x, y float64) pt { return pt{carX + carScale*x, carY - carScale*y} }

// carPath maps a path in car units to the scene.
func carPath(p *path) *path { return p.mapped(func(q pt) pt { return onCar(q.x, q.y) }) }

// carShader lets a shader work in car units.
func carShader(f shader) shader {
	return func(x, y float64) (rgb, float64) { return f((x-carX)/carScale, (carY-y)/carScale) }
}

// body is the outline of the painted shell, sill to roof.
func body() *path {
	p := (&path{}).move(16, 40)
	p.cubic(6, 46, 3, 60, 5, 78).cubic(7, 96, 14, 106, 28, 113) // bumper and nose
	p.cubic(62, 130, 122, 141, 168, 148)                        // bonnet
	p.cubic(200, 172, 236, 194, 276, 203)                       // windscreen
	p.cubic(312, 211, 376, 211, 414, 203)                       // roof
	p.cubic(458, 193, 502, 174, 532, 152)                       // rear window
	p.cubic(552, 149, 574, 144, 586, 135)                       // boot lid
	p.cubic(596, 124, 600, 104, 598, 84).cubic(597, 64, 592, 48, 582, 40)
	return p.line(16, 40)
}

func sideGlass() *path {
	p := (&path{}).move(190, 151)
	p.cubic(218, 172, 250, 189, 282, 195).cubic(314, 201, 372, 201, 406, 194)
	p.cubic(444, 186, 480, 170, 504, 152)
	return p.cubic(480, 150, 260, 148, 190, 151)
}

// car paints it from the ground up.
func (p painter) car() {
	p.carShadow()
	arches := only(car)
	p.fill(carPath(polygon(pt{46, 60}, pt{74, 25}, pt{530, 25}, pt{556, 60})), arches, flat(hex(0x060708))) // the dark beneath
	p.fill(carPath(body()), only(car, carPaint), carShader(p.paintwork()))
	p.seams()
	for _, x := range []float64{frontX, rearX} {
		p.fill(carPath(arch(x, wheelR+9)), arches, flat(hex(0x060708)))
	}
	p.trim()
	p.fill(carPath(sideGlass()), only(car), carShader(p.carGlass))
	p.pillar()
	p.lights()
	for _, x := range []float64{frontX, rearX} {
		p.wheel(x)
	}
	p.mirror()
}

// arch is the upper part of a wheel's opening, flat below at the sill.
func arch(x, r float64) *path {
	p := (&path{}).move(x-r, 39)
	const k = 0.5522847498
	cy := wheelR
	p.line(x-r, cy).cubic(x-r, cy+k*r, x-k*r, cy+r, x, cy+r)
	return p.cubic(x+k*r, cy+r, x+r, cy+k*r, x+r, cy).line(x+r, 39)
}

func (p painter) carShadow() {
	g := func(x, dy float64) pt { q := onCar(x, 0); return pt{q.x, q.y + dy} }
	p.shade(polygon(g(40, -26), g(650, -30), g(672, -10), g(600, 6), g(10, 5)), 9, 0.62)
	p.shade(polygon(g(30, -20), g(575, -20), g(582, 2), g(22, 2)), 4, 0.88)
	for _, x := range []float64{frontX, rearX} {
		q := onCar(x, 0)
		p.shade(ellipse(q.x+3, q.y-1, 50, 6), 2.5, 0.9)
	}
}

// paintwork is glossy red over a body whose cross-section is given by how far
// it leans: under the sill inwards, at the shoulder and roof upwards.
func (p painter) paintwork() shader {
	top := skyline(body())
	red := rgb{0.56, 0.006, 0.010}
	n := p.n + 251
	return func(x, y float64) (rgb, float64) {
		nx, ny, nz := normal(x, y, top)
		sunny := max(0, nx*sun[0]-ny*sun[1]+nz*sun[2])
		ambient := 0.34 + 0.26*ny
		dark := occlusion(x, y)
		c := red.scale((ambient + 0.85*sunny) * dark)
		// What the clear coat mirrors: the ray to the viewer, turned about the normal.
		rx, ry, rz := 2*nz*nx, 2*nz*ny, 2*nz*nz-1
		graze := 1 - clamp01(nz)
		fresnel := 0.05 + 0.95*graze*graze*graze*graze*graze
		c = c.add(surroundings(rx/(math.Abs(rz)+0.3)+(x-300)/420, ry, n).scale(min(fresnel*1.15, 0.55) * dark))
		hx, hy, hz := sun[0], -sun[1], sun[2]+1
		hl := math.Sqrt(hx*hx + hy*hy + hz*hz)
		spec := clamp01((nx*hx + ny*hy + nz*hz) / hl)
		c = c.add(hex(0xffffff).scale((1.1*math.Pow(spec, 300) + 0.10*math.Pow(spec, 40)) * dark))
		return c.scale(1 + 0.02*(n.fbm(x*1.2, y*1.2, 2)-0.5)), 1
	}
}

// normal is the direction the shell faces, y up.
func normal(x, y float64, top func(float64) float64) (nx, ny, nz float64) {
	const sill = 40
	belt := min(150, top(x))
	var up float64
	if y > belt { // pillars and roof
		up = lerp(0.30, 0.97, math.Pow(clamp01((y-belt)/(top(x)-belt+1e-9)), 1.6))
	} else {
		v := clamp01((y - sill) / (belt - sill))
		switch {
		case v < 0.18:
			up = lerp(-0.42, -0.10, v/0.18)
		case v < 0.56:
			up = lerp(-0.10, 0.02, (v-0.18)/0.38)
		case v < 0.60: // the crease along the flank
			up = lerp(0.02, 0.30, (v-0.56)/0.04)
		default:
			up = lerp(0.30, lerp(0.04, 0.27, step(0.66, 1, v)), step(0.60, 0.70, v))
		}
		up = lerp(up, 0.93, step(belt-13, belt, y)) // the shoulder
	}
	side := math.Pow(step(96, 2, x), 1.3)*-0.80 + math.Pow(step(520, 600, x), 1.3)*0.80
	for _, wx := range []float64{frontX, rearX} { // lips around the wheels
		dx, dy := x-wx, y-wheelR
		r := math.Hypot(dx, dy)
		lip := bump(wheelR+13, 6, r)
		side += 0.5 * lip * dx / r
		up += 0.5 * lip * dy / r
	}
	l := math.Hypot(side, up)
	if l > 0.985 {
		side, up = side/l*0.985, up/l*0.985
	}
	return side, up, math.Sqrt(1 - side*side - up*up)
}

// occlusion is the share of the sky that parts of the body can see.
func occlusion(x, y float64) float64 {
	o := 0.45 + 0.55*step(34, 66, y)
	for _, wx := range []float64{frontX, rearX} {
		o *= 1 - 0.30*step(22, 0, math.Abs(math.Hypot(x-wx, y-wheelR)-wheelR-8))
	}
	return o
}

// surroundings is what a ray sees that leaves the car at an azimuth and a
// height (the sine of its angle): road, a dark row of houses across the street,
// hazy sky, blue sky with clouds.
func surroundings(az, y float64, n noise) rgb {
	roofs := 0.17 + 0.09*math.Floor(4*n.at(az*5, 1))/3 + 0.03*n.at(az*31, 5)
	street := hex(0x75787c).scale(0.55 + 0.35*step(0, -0.5, y))
	houses := hex(0x2b3136).scale(0.7 + 0.6*n.at(az*26, y*40))
	air := skyLow.mix(skyHigh, step(0.1, 0.9, y)).scale(1.2)
	air = air.mix(cloudLit.scale(1.4), 0.8*step(0.46, 0.64, n.fbm(az*1.7+3, y*3.2, 4)))
	return street.mix(houses, step(-0.05, 0.03, y)).mix(air, step(roofs, roofs+0.05, y))
}

// skyline tabulates the height of a path's upper edge over x.
func skyline(p *path) func(x float64) float64 {
	const width = 620
	var table [width]float64
	at := pt{}
	for _, s := range p.segs {
		if s.op == 'c' {
			for i := range 400 {
				t := float64(i) / 400
				u := 1 - t
				a, b, c := s.pts[0], s.pts[1], s.pts[2]
				x := u*u*u*at.x + 3*u*u*t*a.x + 3*u*t*t*b.x + t*t*t*c.x
				y := u*u*u*at.y + 3*u*u*t*a.y + 3*u*t*t*b.y + t*t*t*c.y
				if k := int(x); k >= 0 && k < width {
					table[k] = max(table[k], y)
				}
			}
		}
		at = endOf(s)
	}
	return func(x float64) float64 {
		x = min(max(x, 6), 596)
		k := int(x)
		return lerp(table[k], table[k+1], x-float64(k))
	}
}
