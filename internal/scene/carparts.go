package scene

import "math"

// seams are the gaps between panels, a dark line with a bright lower edge, and the door handles.
func (p painter) seams() {
	dark, bright := hex(0x140203), hex(0xe88a8a)
	lines := [][]pt{
		{{186, 150}, {184, 120}, {190, 84}, {196, 46}},            // front door, leading edge
		{{352, 151}, {356, 100}, {352, 46}},                       // between the doors
		{{352, 46}, {196, 46}}, {{352, 46}, {398, 46}, {414, 82}}, // along the sill, to the rear arch
		{{482, 152}, {484, 128}, {478, 117}},                              // rear door, trailing edge
		{{34, 113}, {100, 129}, {166, 144}},                               // bonnet
		{{536, 150}, {544, 128}, {594, 122}},                              // boot lid
		{{60, 74}, {52, 92}, {26, 96}}, {{560, 64}, {566, 86}, {596, 90}}, // bumpers
	}
	for _, l := range lines {
		pts := make([]pt, len(l))
		low := make([]pt, len(l))
		for i, q := range l {
			pts[i] = onCar(q.x, q.y)
			low[i] = pt{pts[i].x + 1.1, pts[i].y + 1}
		}
		p.fill(stroke(0.9, low...), keep, func(_, _ float64) (rgb, float64) { return bright, 0.16 })
		p.fill(stroke(1.5, pts...), keep, func(_, _ float64) (rgb, float64) { return dark, 0.85 })
	}
	for _, x := range []float64{316, 448} {
		p.shade(carPath(rounded(x-1, 119, x+27, 126.5, 3)), 1.2, 0.6)
		p.fill(carPath(rounded(x, 121, x+26, 127, 2.8)), only(car, carPaint), carShader(func(_, y float64) (rgb, float64) {
			t := (y - 121) / 6
			return rgb{0.50, 0.006, 0.010}.scale(0.55 + 0.5*t).add(hex(0xffffff).scale(0.5 * bump(0.78, 0.18, t))), 1
		}))
	}
	cap := carPath(ellipse(530, 124, 9.5, 9.5))
	p.fill(outlineOnly(cap, carPath(ellipse(530, 124, 8.4, 8.4))), keep, func(_, _ float64) (rgb, float64) { return dark, 0.8 })
}

// trim is black plastic: sill, bumper grille, and the rubber around the glass.
func (p painter) trim() {
	plastic := carShader(func(x, y float64) (rgb, float64) {
		g := 0.9 + 0.2*(p.n+263).fbm(x*1.5, y*1.5, 2)
		return hex(0x1b1d1f).scale(g * (0.8 + 0.9*bump(46, 4, y))), 1
	})
	p.fill(carPath(polygon(pt{182, 34}, pt{182, 46}, pt{410, 46}, pt{410, 34})), only(car), plastic)
	p.fill(carPath(smooth(pt{12, 42}, pt{6, 56}, pt{8, 66}, pt{30, 66}, pt{50, 60}, pt{54, 40}, pt{30, 38})), only(car), plastic)
	p.fill(carPath(smooth(pt{546, 40}, pt{548, 56}, pt{566, 62}, pt{592, 60}, pt{594, 50}, pt{584, 40})), only(car), plastic)
	rubber := sideGlass().mapped(func(q pt) pt { return pt{347 + (q.x-347)*1.018, 171 + (q.y-171)*1.13} })
	p.fill(carPath(rubber), only(car), flat(hex(0x0b0c0d)))
}

// carGlass is tinted, with the seats behind it and the sky across it.
func (p painter) carGlass(x, y float64) (rgb, float64) {
	c := hex(0x10161a)
	for _, sx := range []float64{300, 424} { // head-rests and seat backs
		seat := step(15, 11, math.Hypot(x-sx, (y-184)*1.25)) + step(22, 17, math.Abs(x-sx-3))*step(174, 168, y)
		c = c.mix(hex(0x050607), clamp01(seat))
	}
	wheel := bump(21, 2.4, math.Hypot((x-238)*1.3, y-150))
	c = c.mix(hex(0x040505), 0.9*wheel)
	up := clamp01((y - 148) / 54)
	mirror := skyLow.mix(skyHigh, up).scale(0.10 + 0.20*up*up)
	slant := x - 0.8*y
	mirror = mirror.add(cloudLit.scale(0.30*bump(150, 17, slant) + 0.16*bump(182, 7, slant) + 0.24*bump(300, 20, slant)))
	mirror = mirror.add(hex(0x3a4046).scale(0.6 * step(0.34, 0.26, up+0.05*(p.n+269).at(x/14, 2)))) // houses across the street
	return c.add(mirror), 1
}

// pillar parts the side windows.
func (p painter) pillar() {
	for _, q := range [][2]pt{{{351, 150}, {347, 200}}, {{462, 150}, {452, 183}}} {
		a, b := onCar(q[0].x, q[0].y), onCar(q[1].x, q[1].y)
		p.fill(stroke(9, a, b), only(car), func(x, _ float64) (rgb, float64) {
			return hex(0x0c0d0e).add(hex(0xffffff).scale(0.03 * bump(a.x-3, 3, x))), 1
		})
	}
}

// lights are clear glass in front and smoked glass behind.
func (p painter) lights() {
	lamp := smooth(pt{12, 96}, pt{22, 107}, pt{48, 117}, pt{74, 119}, pt{70, 107}, pt{50, 97}, pt{26, 92})
	p.fill(carPath(lamp), only(car), carShader(func(x, y float64) (rgb, float64) {
		d := math.Hypot(x-46, (y-107)*1.1)
		c := hex(0x5b646b).mix(hex(0xf2f5f7), 0.9*bump(7, 5, d)+0.6*step(4, 2, d))
		return c.add(hex(0xffffff).scale(0.55*bump(112, 4, y-0.1*x+3) + 0.15)), 1
	}))
	tail := smooth(pt{596, 108}, pt{592, 128}, pt{570, 136}, pt{556, 132}, pt{560, 118}, pt{580, 108})
	p.fill(carPath(tail), only(car), carShader(func(x, y float64) (rgb, float64) {
		c := hex(0x2a2d30).mix(hex(0x6a7076), 0.6*bump(122, 6, y))
		return c.add(hex(0xffffff).scale(0.35 * bump(130, 3, y+0.2*(x-570)))), 1
	}))
}

// mirror is painted like the body and hangs before the glass.
func (p painter) mirror() {
	p.fill(carPath(polygon(pt{196, 150}, pt{206, 158}, pt{216, 152}, pt{212, 148})), only(car), flat(hex(0x0b0c0d)))
	shell := smooth(pt{196, 156}, pt{197, 166}, pt{207, 171}, pt{219, 168}, pt{221, 158}, pt{214, 153}, pt{202, 152})
	p.fill(carPath(shell), only(car, carPaint), carShader(func(x, y float64) (rgb, float64) {
		t := clamp01((y - 152) / 19)
		c := rgb{0.52, 0.006, 0.010}.scale(0.35 + 0.75*t)
		return c.add(skyLow.scale(0.5*bump(0.86, 0.16, t)*step(222, 204, x) + 0.03)), 1
	}))
}

// wheel is a tyre on an alloy rim with five double spokes.
func (p painter) wheel(cx float64) {
	at := func(r float64) *path { return carPath(ellipse(cx, wheelR, r, r)) }
	polar := func(x, y float64) (float64, float64) { return math.Hypot(x-cx, y-wheelR), math.Atan2(y-wheelR, x-cx) }
	p.fill(at(wheelR), only(car), carShader(func(x, y float64) (rgb, float64) {
		r, a := polar(x, y)
		c := hex(0x1a1b1d).scale(0.8 + 0.5*bump(47, 5, r) + 0.25*math.Sin(a+2.2))
		c = c.scale(1 + 0.18*bump(44, 0.9, r) - 0.4*bump(50.4, 1.2, r))
		return c.add(hex(0x8a8f94).scale(0.05 * (p.n+271).fbm(x, y, 3))), 1
	}))
	rim := func(k float64) shader {
		return carShader(func(x, y float64) (rgb, float64) {
			r, a := polar(x, y)
			shine := 0.62 + 0.30*math.Sin(a+2.1) + 0.16*math.Sin(3*a+1) + 0.18*bump(36.5, 2.5, r)
			return hex(0xc7ccd1).scale(k * max(0.12, shine)), 1
		})
	}
	p.fill(at(38.5), only(car), rim(1.0))
	p.fill(at(35), only(car), carShader(func(x, y float64) (rgb, float64) { // brake disc in the dark behind the spokes
		r, a := polar(x, y)
		c := hex(0x0d0e0f).mix(hex(0x6d7276).scale(0.7+0.3*math.Sin(a*2+1)), 0.55*step(27, 25.5, r)*step(11, 13, r))
		return c.scale(1 - 0.6*step(wheelR+6, wheelR+34, y)), 1
	}))
	for i := range 5 {
		for _, d := range []float64{-0.17, 0.17} {
			a := 2*math.Pi*float64(i)/5 + 0.35 + cx/90
			in, out := a+d*1.6, a+d
			q := func(r, a, off float64) pt {
				s, c := math.Sincos(a)
				return pt{cx + r*c - off*s, wheelR + r*s + off*c}
			}
			p.fill(carPath(polygon(q(8, in, -2.6), q(36, out, -2.1), q(36, out, 2.1), q(8, in, 2.6))), only(car), rim(0.98))
		}
	}
	p.fill(at(10), only(car), rim(1.0))
	p.fill(at(5.4), only(car), flat(hex(0x3a3e42)))
}
