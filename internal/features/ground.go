package features

import (
	"image"
	"math"

	"pentimento/internal/pixel"
)

// Limits of the ground kinds, as OKLab distances: about what is seen on flat
// patches, and what sets one surface with a grain apart from several.
const (
	flatResidual  = 0.025
	plainSpread   = 0.035
	grainVariety  = 0.045
	grainResidual = 0.6 // variety over residual
	grainFine     = 0.3 // roughness over residual: a grain is fine, several surfaces are not
)

// sample is one measured place of a ground, relative to what lies in front of it.
type sample struct {
	x, y float64
	c    pixel.Lab
}

// groundStats says how a ground is built; all are OKLab distances.
type groundStats struct {
	spread   float64 // root mean square distance from the mean colour
	residual float64 // the same from the best linear gradient
	variety  float64 // of the means of its eighths from that gradient
	fine     float64 // root mean square of lightness about its local mean; +Inf: not measured
}

// kind names what the ground shows.
func (g groundStats) kind() string {
	switch {
	case g.residual < flatResidual && g.spread < plainSpread:
		return Plain
	case g.residual < flatResidual:
		return Gradient
	case g.variety < grainVariety && g.variety < grainResidual*g.residual && g.fine > grainFine*g.residual:
		return Texture
	}
	return Complex
}

// measureGround fits a linear gradient by least squares and looks at what is
// left, all together and by the eight directions from the origin.
func measureGround(list []sample) groundStats {
	var sum [3]float64
	var n, sx, sy, sxx, sxy, syy float64
	var cx, cy [3]float64
	for _, p := range list {
		n++
		sx, sy, sxx, sxy, syy = sx+p.x, sy+p.y, sxx+p.x*p.x, sxy+p.x*p.y, syy+p.y*p.y
		for c, v := range channels(p.c) {
			sum[c] += v
			cx[c] += v * p.x
			cy[c] += v * p.y
		}
	}
	vxx, vxy, vyy := sxx-sx*sx/n, sxy-sx*sy/n, syy-sy*sy/n
	det := vxx*vyy - vxy*vxy
	var gx, gy [3]float64
	for c := range 3 {
		dx, dy := cx[c]-sum[c]*sx/n, cy[c]-sum[c]*sy/n
		if det > 1e-9*vxx*vyy && det > 0 {
			gx[c], gy[c] = (vyy*dx-vxy*dy)/det, (vxx*dy-vxy*dx)/det
		}
	}
	var all, left float64
	var sectors [8]struct {
		n   float64
		sum [3]float64
	}
	for _, p := range list {
		at := &sectors[sector(p.x, p.y)]
		at.n++
		for c, v := range channels(p.c) {
			d := v - sum[c]/n
			r := d - gx[c]*(p.x-sx/n) - gy[c]*(p.y-sy/n)
			all += d * d
			left += r * r
			at.sum[c] += r
		}
	}
	var apart, used float64
	for _, s := range sectors {
		if s.n*40 < n { // too little to say anything
			continue
		}
		for _, v := range s.sum {
			apart += (v / s.n) * (v / s.n)
		}
		used++
	}
	return groundStats{math.Sqrt(all / n), math.Sqrt(left / n), math.Sqrt(apart / max(1, used)), math.Inf(1)}
}

func channels(c pixel.Lab) [3]float64 { return [3]float64{float64(c.L), float64(c.A), float64(c.B)} }

// sector is the eighth of the plane that a direction lies in.
func sector(x, y float64) int {
	s := 0
	if x < 0 {
		s = 1
	}
	if y < 0 {
		s += 2
	}
	if math.Abs(y) > math.Abs(x) {
		s += 4
	}
	return s
}

// ring is what lies around a region: from gap to about a third of the region's
// size away, at working size.
func (k *work) ring(region *pixel.Mask) []int32 {
	const gap = 2.5 // mixed pixels along the border
	area := float64(region.Count(pixel.Half))
	width := min(max(0.35*math.Sqrt(area), 6), 60)
	b := region.Bounds(pixel.Half).Inset(-int(width + gap + 2)).Intersect(image.Rect(0, 0, k.w, k.h))
	part := pixel.CropMask(region, b)
	dist := pixel.Distance(part, pixel.Half)
	var out []int32
	for y := range part.H {
		for x := range part.W {
			i := (y+b.Min.Y)*k.w + x + b.Min.X
			if d := float64(dist.V[y*part.W+x]); d > gap && d <= gap+width && (k.clear == nil || !k.clear[i]) {
				out = append(out, int32(i))
			}
		}
	}
	return out
}

// describeAround puts what the ring around the object shows. It returns the
// ring's dominant colour; ok is false where the object leaves no ring.
func describeAround(s *Set, k *work, region *pixel.Mask) (mode pixel.Lab, ok bool) {
	at := k.ring(region)
	if len(at) < 32 {
		return pixel.Lab{}, false
	}
	b := region.Bounds(pixel.Half)
	mx, my := float64(b.Min.X+b.Max.X-1)/2, float64(b.Min.Y+b.Max.Y-1)/2
	list := make([]sample, len(at))
	for j, i := range at {
		list[j] = sample{float64(int(i)%k.w) - mx, float64(int(i)/k.w) - my, k.lab[i]}
	}
	g := measureGround(list)
	texture, edges := k.texture(at)
	g.fine = texture
	s.cat("around-ground", g.kind())
	s.num("around-spread", g.spread)
	s.num("around-residual", g.residual)
	s.num("around-variety", g.variety)
	mode, _, _ = dominant(k.colors(at))
	var same float64
	for _, p := range list {
		if p.c.Dist(mode) < .05 {
			same++
		}
	}
	s.num("around-uniform", same/float64(len(list)))
	s.cat("around-color", ColorName(mode))
	s.num("around-texture", texture)
	s.num("around-edges", edges)
	return mode, true
}
