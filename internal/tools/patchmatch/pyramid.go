package patchmatch

import "pentimento/internal/pixel"

// newLevel makes the finest level from a picture and its hole.
func newLevel(img *pixel.Image, hole *pixel.Mask) *level {
	n := img.W * img.H
	l := &level{w: img.W, h: img.H, px: make([]float32, channels*n), unknown: make([]bool, n), barred: make([]bool, n)}
	for i := range n {
		p := l.px[channels*i : channels*(i+1)]
		for c := range 3 {
			p[c] = float32(img.Pix[4*i+c])
		}
		l.unknown[i] = hole.Pix[i] > 0
		l.barred[i] = !l.unknown[i] && img.Pix[4*i+3] < 128
	}
	l.texture()
	return l
}

// texture fills the texture channels with the mean absolute horizontal and
// vertical gradient of luma over a small window. Averaged further with every
// halving, they tell at coarse levels, where grass and concrete are both flat,
// which is which (Newson et al., 2014).
func (l *level) texture() {
	n := l.w * l.h
	luma := func(i int) float32 {
		p := l.px[channels*i:]
		return 0.299*p[0] + 0.587*p[1] + 0.114*p[2]
	}
	usable := func(i int) bool { return !l.unknown[i] && !l.barred[i] }
	gx, gy := pixel.NewPlane(l.w, l.h), pixel.NewPlane(l.w, l.h)
	wx, wy := pixel.NewPlane(l.w, l.h), pixel.NewPlane(l.w, l.h)
	for i := range n {
		if !usable(i) {
			continue
		}
		v := luma(i)
		if i%l.w < l.w-1 && usable(i+1) {
			gx.V[i], wx.V[i] = abs(luma(i+1)-v), 1
		}
		if i < n-l.w && usable(i+l.w) {
			gy.V[i], wy.V[i] = abs(luma(i+l.w)-v), 1
		}
	}
	for c, g := range map[int][2]*pixel.Plane{3: {gx, wx}, 4: {gy, wy}} {
		sum, have := pixel.BoxBlur(g[0], textureRadius), pixel.BoxBlur(g[1], textureRadius)
		for i := range n {
			if have.V[i] > 0 {
				l.px[channels*i+c] = textureWeight * sum.V[i] / have.V[i]
			}
		}
	}
}

// half returns the level at half the size. A pixel is unknown when any of the
// four it covers is: what the hole has touched is no source.
func (l *level) half() *level {
	w, h := (l.w+1)/2, (l.h+1)/2
	o := &level{w: w, h: h, px: make([]float32, channels*w*h), unknown: make([]bool, w*h), barred: make([]bool, w*h)}
	for y := range h {
		for x := range w {
			i := y*w + x
			var n float32
			for _, j := range l.children(x, y) {
				o.unknown[i] = o.unknown[i] || l.unknown[j]
				o.barred[i] = o.barred[i] || l.barred[j]
				if l.unknown[j] {
					continue
				}
				n++
				for c := range channels {
					o.px[channels*i+c] += l.px[channels*j+c]
				}
			}
			for c := range channels {
				o.px[channels*i+c] /= max(n, 1)
			}
		}
	}
	return o
}

// children are the indices in l of the four pixels that pixel (x,y) of its
// half covers, the border repeated.
func (l *level) children(x, y int) [4]int {
	x0, y0 := 2*x, 2*y
	x1, y1 := min(x0+1, l.w-1), min(y0+1, l.h-1)
	return [4]int{y0*l.w + x0, y0*l.w + x1, y1*l.w + x0, y1*l.w + x1}
}

// inherit takes over the nearest-neighbour field of the half-size level: each
// target points where its parent does, and keeps its place in the pixel's quarter.
func (l *level) inherit(half *level, rnd *rng) {
	for _, t := range l.targets {
		x, y := int(t)%l.w, int(t)/l.w
		s := int32(-1)
		px := min(max(x/2, radius), half.w-1-radius)
		py := min(max(y/2, radius), half.h-1-radius)
		if p := half.nn[py*half.w+px]; p >= 0 {
			sx, sy := 2*(int(p)%half.w-px)+x, 2*(int(p)/half.w-py)+y
			s = l.nearSource(sx, sy)
		}
		if s < 0 {
			s = l.sources[rnd.intn(len(l.sources))]
		}
		l.nn[t] = s
	}
}

// nearSource is a source at (x,y) or within two pixels of it, else -1.
func (l *level) nearSource(x, y int) int32 {
	for r := range 3 {
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				if sx, sy := x+dx, y+dy; sx >= 0 && sy >= 0 && sx < l.w && sy < l.h && l.source[sy*l.w+sx] {
					return int32(sy*l.w + sx)
				}
			}
		}
	}
	return -1
}

func abs(v float32) float32 { return max(v, -v) }
