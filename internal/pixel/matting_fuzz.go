package pixel

const (
	// fuzzNear and fuzzFar bound, in pixels of its level, the ring along the
	// border whose colours a level looks at; fuzzAround is the radius in which
	// it learns what lies deeper.
	fuzzNear   = 2
	fuzzFar    = 4
	fuzzAround = 7
	// fuzzShare is the share of the other side's colour from which a pixel of
	// the ring is mixed, if it also differs from its own side by fuzzSigmas
	// standard deviations.
	fuzzShare  = 0.12
	fuzzSigmas = 2.5
	// fuzzMany is the share of mixed pixels from which the border is fuzzy.
	fuzzMany = 0.12
	// fuzzNoise is the least variance of a side's colours, in squared linear light.
	fuzzNoise = 4e-5
)

// fuzz is, for each pixel, how wide the band of unknown pixels is there. It
// looks at ever smaller versions of the picture: where pixels 2 to 4 of theirs
// away from the border are still mixed of both sides' colours, the border is as fuzzy as that.
func (t *trimap) fuzz(opt MatteOptions) []float32 {
	width := make([]float32, len(t.signed))
	for i := range width {
		width[i] = float32(opt.Least)
	}
	l := &fuzzLevel{w: t.w, h: t.h, rgb: t.rgb, signed: t.signed, size: 1}
	for ; fuzzNear*l.size < opt.Most && min(l.w, l.h) > 2*fuzzFar; l = l.half() {
		if !l.find() {
			continue
		}
		reach := float32(min(fuzzFar*l.size, opt.Most))
		Rows(t.h, func(y0, y1 int) {
			for y := y0; y < y1; y++ {
				for x := range t.w {
					if l.fuzzyAt(x, y) {
						width[y*t.w+x] = max(width[y*t.w+x], reach)
					}
				}
			}
		})
	}
	// No jumps: a step in the band's width would show as one in the matte.
	smooth := BoxBlur(&Plane{W: t.w, H: t.h, V: width}, fuzzFar)
	return smooth.V
}

// fuzzLevel is a picture at a smaller scale, with the places where its border is fuzzy.
type fuzzLevel struct {
	w, h   int
	rgb    [3][]float32
	signed []float32 // distance to the border in this level's pixels
	size   float64   // of a pixel, in the picture's
	fuzzy  []bool
}

// fuzzyAt says whether the border near a pixel of the full picture is fuzzy.
func (l *fuzzLevel) fuzzyAt(x, y int) bool {
	s := int(l.size)
	return l.fuzzy[min(y/s, l.h-1)*l.w+min(x/s, l.w-1)]
}

// half returns the next level, of half the size.
func (l *fuzzLevel) half() *fuzzLevel {
	s := &fuzzLevel{w: max(l.w/2, 1), h: max(l.h/2, 1), size: 2 * l.size}
	shrink := func(v []float32) []float32 {
		out := make([]float32, s.w*s.h)
		for y := range s.h {
			for x := range s.w {
				i := min(2*y, l.h-2)*l.w + min(2*x, l.w-2)
				out[y*s.w+x] = (v[i] + v[i+1] + v[i+l.w] + v[i+l.w+1]) / 4
			}
		}
		return out
	}
	for c := range s.rgb {
		s.rgb[c] = shrink(l.rgb[c])
	}
	s.signed = shrink(l.signed)
	for i := range s.signed {
		s.signed[i] /= 2
	}
	return s
}

// side is the mean colour and the variance of what lies deep on one side of the border.
type side struct {
	weight   *Plane
	mean     [3]*Plane
	variance *Plane
}

// deep gathers a side's colours: those of the pixels that in accepts.
func (l *fuzzLevel) deep(in func(signed float32) bool) side {
	weight := NewPlane(l.w, l.h)
	for i, s := range l.signed {
		if in(s) {
			weight.V[i] = 1
		}
	}
	d := side{weight: BoxBlur(weight, fuzzAround), variance: NewPlane(l.w, l.h)}
	for c := range 3 {
		v := &Plane{W: l.w, H: l.h, V: l.rgb[c]}
		sum := product(v, weight)
		second := BoxBlur(product(sum, v), fuzzAround)
		d.mean[c] = BoxBlur(sum, fuzzAround)
		for i, n := range d.weight.V {
			if n > 0 {
				d.mean[c].V[i] /= n
				d.variance.V[i] += max(second.V[i]/n-d.mean[c].V[i]*d.mean[c].V[i], 0)
			}
		}
	}
	return d
}

// find marks the fuzzy places and reports whether there are any.
func (l *fuzzLevel) find() bool {
	in := l.deep(func(s float32) bool { return s > fuzzFar })
	out := l.deep(func(s float32) bool { return s < -fuzzFar })
	ring, mixed := NewPlane(l.w, l.h), NewPlane(l.w, l.h)
	for i, s := range l.signed {
		own, other := &in, &out
		if s < 0 {
			own, other, s = &out, &in, -s
		}
		if s > fuzzFar || s <= fuzzNear {
			continue
		}
		ring.V[i] = 1
		if l.mixed(i, own, other) {
			mixed.V[i] = 1
		}
	}
	ring, mixed = BoxBlur(ring, fuzzFar), BoxBlur(mixed, fuzzFar)
	l.fuzzy = make([]bool, l.w*l.h)
	any := false
	for i, n := range ring.V {
		l.fuzzy[i] = n > 0 && mixed.V[i] > fuzzMany*n
		any = any || l.fuzzy[i]
	}
	return any
}

// mixed says whether pixel i has a share of the other side's colour that its own side does not explain.
func (l *fuzzLevel) mixed(i int, own, other *side) bool {
	if own.weight.V[i] <= 0 || other.weight.V[i] <= 0 {
		return false
	}
	var across, along, off float32
	for c := range 3 {
		d := other.mean[c].V[i] - own.mean[c].V[i]
		v := l.rgb[c][i] - own.mean[c].V[i]
		across += d * d
		along += d * v
		off += v * v
	}
	noise := own.variance.V[i] + fuzzNoise
	if across < 4*noise { // the sides look alike: nothing can be told
		return false
	}
	share := along / across
	aside := off - share*along // squared distance from the line between the two
	return share > fuzzShare && off > fuzzSigmas*fuzzSigmas*noise && aside < off/2
}
