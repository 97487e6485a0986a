package patchmatch

// seamLimit bounds, per sample, what the seam correction may change: a greater
// difference at the border is structure out of place, which it must not smear inwards.
const seamLimit = 24

// seam adds to the filled pixels a smooth field that makes them meet the known
// ones: at the border it is the difference between the known pixels and what
// the patches would have put there, and inside it is that difference spread
// as evenly as can be. The fill's detail is its own, its tone is the place's
// (the idea of Poisson blending, Pérez et al., 2003).
func (l *level) seam() {
	n := l.w * l.h
	diff := make([]float32, 4*n) // three differences and a weight
	for y := range l.h {
		for x := range l.w {
			i := y*l.w + x
			if l.unknown[i] || l.barred[i] || !l.beside(x, y) {
				continue
			}
			var v [channels]float32
			if !l.opinions(x, y, &v) {
				continue
			}
			for c := range 3 {
				d := l.px[channels*i+c] - v[c]
				diff[4*i+c] = min(max(d, -seamLimit), seamLimit)
			}
			diff[4*i+3] = 1
		}
	}
	spread := pushPull(diff, l.w, l.h)
	for i, u := range l.unknown {
		if u {
			for c := range 3 {
				l.px[channels*i+c] += spread[4*i+c]
			}
		}
	}
}

// beside reports whether an unknown pixel lies within two pixels of (x,y).
func (l *level) beside(x, y int) bool {
	const reach = 2
	for yy := max(0, y-reach); yy <= min(l.h-1, y+reach); yy++ {
		for xx := max(0, x-reach); xx <= min(l.w-1, x+reach); xx++ {
			if l.unknown[yy*l.w+xx] {
				return true
			}
		}
	}
	return false
}

// pushPull interpolates scattered samples (three values and a weight per
// pixel) smoothly over the whole w×h grid: averages are pushed to ever coarser
// grids and pulled back where the finer one has nothing (Gortler et al., 1996).
func pushPull(v []float32, w, h int) []float32 {
	if w == 1 && h == 1 {
		return append([]float32(nil), v...)
	}
	cw, ch := (w+1)/2, (h+1)/2
	coarse := make([]float32, 4*cw*ch)
	for y := range h {
		for x := range w {
			s, d := v[4*(y*w+x):], coarse[4*(y/2*cw+x/2):]
			for c := range 3 {
				d[c] += s[c] * s[3]
			}
			d[3] += s[3]
		}
	}
	for i := 0; i < len(coarse); i += 4 {
		if wt := coarse[i+3]; wt > 0 {
			for c := range 3 {
				coarse[i+c] /= wt
			}
			coarse[i+3] = min(1, wt)
		}
	}
	up := pushPull(coarse, cw, ch)
	out := make([]float32, len(v))
	for y := range h {
		for x := range w {
			i := 4 * (y*w + x)
			a := min(v[i+3], 1)
			b := bilinear(up, cw, ch, (float32(x)-0.5)/2, (float32(y)-0.5)/2)
			for c := range 3 {
				out[i+c] = a*v[i+c] + (1-a)*b[c]
			}
			out[i+3] = 1
		}
	}
	return out
}

func bilinear(v []float32, w, h int, x, y float32) (out [3]float32) {
	x, y = min(max(x, 0), float32(w-1)), min(max(y, 0), float32(h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
	fx, fy := x-float32(x0), y-float32(y0)
	for c := range out {
		at := func(x, y int) float32 { return v[4*(y*w+x)+c] }
		out[c] = (1-fy)*((1-fx)*at(x0, y0)+fx*at(x1, y0)) + fy*((1-fx)*at(x0, y1)+fx*at(x1, y1))
	}
	return out
}
