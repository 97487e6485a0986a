package scene

import "math"

// sun points from the scene to the sun: left, up (negative y) and towards the viewer.
var sun = [3]float64{-0.48, -0.68, 0.55}

// ball is a sphere of leaves.
type ball struct{ x, y, r float64 }

// crown is the tree's shape; its parts overlap into one mass with a ragged edge.
var crown = []ball{
	{1160, 232, 112},
	{1085, 258, 74},
	{1236, 250, 80},
	{1122, 162, 78},
	{1204, 158, 82},
	{1160, 112, 66},
	{1060, 204, 52},
	{1262, 190, 62},
	{1108, 318, 54},
	{1206, 322, 60},
	{1262, 312, 48},
	{1068, 308, 38},
}

// tree paints trunk, branches and some thousands of leaves, the inner and dark ones first.
func (p painter) tree() {
	p.trunk()
	n := p.n + 181
	const leaves = 6400
	for i := range leaves {
		b := crown[int(n.hash(int32(i), 0)*float64(len(crown)))]
		if i < leaves/3 && b.r < 50 { // the deep layer fills the large balls only
			b = crown[0]
		}
		// Uniform over the disc and a little past its rim.
		rad := 1.03 * b.r * math.Sqrt(n.hash(int32(i), 1))
		if i >= leaves/3 && n.hash(int32(i), 7) < 0.25 {
			rad = b.r * (0.92 + 0.16*n.hash(int32(i), 8))
		}
		ang := 2 * math.Pi * n.hash(int32(i), 2)
		x, y := b.x+rad*math.Cos(ang), b.y+rad*math.Sin(ang)*0.95
		p.leaf(x, y, b, n, int32(i), float64(i)/leaves)
	}
}

// leaf paints one; late ones (t near 1) lie in front and catch more light.
func (p painter) leaf(x, y float64, b ball, n noise, i int32, t float64) {
	light := 0.30*facing(x, y, b) + 0.70*facing(x, y, ball{1160, 215, 190})
	light = clamp01(0.10 + 0.75*light*(0.35+0.65*t) + 0.22*(n.hash(i, 3)-0.5))
	dark, mid, lit := hex(0x0f3a22), hex(0x2e7438), hex(0x86bd74)
	c := dark.mix(mid, step(0, 0.5, light)).mix(lit, step(0.42, 1.0, light))
	long := 6.5 + 4.5*n.hash(i, 4) - 1.2*t
	turn := 2*math.Pi*n.hash(i, 5) + 0.4
	sn, cs := math.Sincos(turn)
	wide := long * (0.34 + 0.16*n.hash(i, 6))
	shape := (&path{}).move(-long, 0).cubic(-long*0.4, -wide, long*0.4, -wide, long, 0).cubic(long*0.4, wide, -long*0.4, wide, -long, 0)
	shape = shape.mapped(func(q pt) pt { return pt{x + q.x*cs - q.y*sn, y + q.x*sn + q.y*cs} })
	p.fill(shape, only(tree), flat(c))
}

// facing is how much of the sun a ball's surface catches at a place, in [0,1].
func facing(x, y float64, b ball) float64 {
	nx, ny := (x-b.x)/b.r, (y-b.y)/b.r
	l := math.Hypot(nx, ny)
	if l > 0.98 {
		nx, ny = nx/l*0.98, ny/l*0.98
	}
	nz := math.Sqrt(1 - nx*nx - ny*ny)
	return clamp01(0.15 + 0.85*(nx*sun[0]+ny*sun[1]+nz*sun[2]))
}

// trunk stands in a square of earth in the pavement.
func (p painter) trunk() {
	pit := polygon(pt{1112, 626}, pt{1216, 626}, pt{1224, 654}, pt{1108, 654})
	p.fill(pit, 0, func(x, y float64) (rgb, float64) {
		g := (p.n + 191).fbm(x/4, y/2, 4)
		return hex(0x4a4744).scale(0.6 + 0.8*g), 1
	})
	p.shade(ellipse(1178, 642, 42, 7), 4, 0.5)
	limbs := []*path{
		smooth(pt{1146, 643}, pt{1152, 560}, pt{1152, 470}, pt{1146, 380}, pt{1140, 270}, pt{1180, 270}, pt{1178, 380}, pt{1176, 470}, pt{1178, 560}, pt{1188, 643}, pt{1168, 648}),
		polygon(pt{1150, 420}, pt{1098, 330}, pt{1080, 270}, pt{1090, 268}, pt{1112, 324}, pt{1162, 396}),
		polygon(pt{1172, 410}, pt{1216, 340}, pt{1244, 262}, pt{1236, 260}, pt{1206, 328}, pt{1160, 392}),
	}
	for _, limb := range limbs {
		p.fill(limb, only(tree), func(x, y float64) (rgb, float64) {
			across := (x - 1165) / 22
			ridge := (p.n + 193).fbm(x/3.2+0.8*math.Sin(y/34), y/26, 4)
			lit := 0.42 + 0.62*step(0.9, -0.9, across) + 0.9*(ridge-0.5)
			under := 1 - 0.55*step(440, 330, y)
			return hex(0x756a62).scale(max(0.08, lit) * under), 1
		})
	}
}

// lamp is a street lamp between café and bench.
func (p painter) lamp() {
	const x = 826.0
	post := func(sx, _ float64) (rgb, float64) {
		return iron.add(hex(0xffffff).scale(0.20 * bump(x-2, 2.2, sx))), 1
	}
	p.shade(polygon(pt{x, 646}, pt{x + 60, 606}, pt{x + 66, 606}, pt{x + 9, 648}), 2, 0.35)
	p.fill(box(x-3.2, 262, x+3.2, 640), 0, post)
	for _, ring := range [][3]float64{{640, 652, 11}, {628, 641, 8}, {560, 566, 6}, {286, 291, 5.5}, {262, 268, 9}} {
		p.fill(rounded(x-ring[2], ring[0], x+ring[2], ring[1], 2), 0, post)
	}
	globe := polygon(pt{x - 9, 262}, pt{x - 15, 222}, pt{x + 15, 222}, pt{x + 9, 262})
	p.fill(globe, 0, func(sx, y float64) (rgb, float64) {
		c := hex(0xe9eef2).scale(0.80 + 0.35*bump(x-5, 7, sx) - 0.25*step(236, 222, y))
		return c.add(hex(0xffffff).scale(0.25 * bump(x-4, 2.5, sx))), 0.88
	})
	p.fill(stroke(1.6, pt{x, 262}, pt{x, 222}), 0, post)
	p.fill(smooth(pt{x - 19, 222}, pt{x - 10, 208}, pt{x, 199}, pt{x + 10, 208}, pt{x + 19, 222}), 0, post)
	p.fill(ellipse(x, 199, 3, 4), 0, post)
}
