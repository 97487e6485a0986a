package judge

import (
	"math"

	"pentimento/internal/pixel"
)

// wear is the paint that an object mostly wears and which pixels wear it,
// found without looking at what a tool did. Shading scales OKLab, so the ratios a/L and
// b/L are the paint's own (see package paint, which finds it another way).
type wear struct {
	mean    pixel.Lab
	colored bool
	members []bool // per view pixel of the whole view, inside the mask or not
	inside  int    // members at least two pixels inside the mask
}

const (
	wearBins  = 48   // bins per side of the chromaticity histogram
	wearRange = 0.72 // chromaticities lie within ± this
	darkPart  = 0.05 // added to L in the ratio: near black it is noise
	wearDark  = 0.12 // what a dark sample counts: glass, tyres, gaps

	candidatesOfPaint = 4
)

func chromaticity(c pixel.Lab) (p, q float64) {
	l := float64(c.L) + darkPart
	return float64(c.A) / l, float64(c.B) / l
}

// findWear finds the densest chromaticity under the mask, strong colours
// counting more and dark pixels less.
func (v *view) findWear() wear {
	hist := pixel.NewPlane(wearBins, wearBins)
	bin := func(x float64) int {
		return min(max(int((x+wearRange)/(2*wearRange)*wearBins), 0), wearBins-1)
	}
	for i, c := range v.before {
		if v.depth[i] < 2 {
			continue
		}
		p, q := chromaticity(c)
		excess := max(0, c.Chroma()-0.03)
		weight := 1 + 600*excess*excess
		if c.L < 0.35 {
			weight *= wearDark
		}
		hist.V[bin(q)*wearBins+bin(p)] += float32(weight)
	}
	return v.bestWear(pixel.GaussianBlur(hist, 1))
}

// bestWear takes the densest chromaticity, and next to it those at least a tenth as dense:
// of an object with two paints either may be meant, so the one that changed most is judged.
func (v *view) bestWear(hist *pixel.Plane) wear {
	center := func(k int) float64 { return (float64(k)+0.5)/wearBins*2*wearRange - wearRange }
	var best wear
	var most, top float64
	for k := range candidatesOfPaint {
		peak := 0
		for i, n := range hist.V {
			if n > hist.V[peak] {
				peak = i
			}
		}
		if k == 0 {
			top = float64(hist.V[peak])
		} else if float64(hist.V[peak]) < 0.1*top || top == 0 {
			break
		}
		px, py := peak%wearBins, peak/wearBins
		w := v.wearers(center(px), center(py))
		if c := v.changedShare(w); k == 0 || c > most+0.15 {
			best, most = w, c
		}
		for y := max(0, py-4); y <= min(wearBins-1, py+4); y++ {
			for x := max(0, px-4); x <= min(wearBins-1, px+4); x++ {
				hist.V[y*wearBins+x] = 0
			}
		}
	}
	return best
}

// changedShare is the share of the paint's pixels that changed visibly.
func (v *view) changedShare(w wear) float64 {
	var m mean
	for i, b := range v.before {
		if w.members[i] && v.depth[i] >= 2 {
			m.add(indicator(b.Dist(v.after[i]) > noticeable))
		}
	}
	return m.value()
}

// wearers marks the pixels of chromaticity near (p,q) and takes their mean, twice.
func (v *view) wearers(p, q float64) wear {
	w := wear{members: make([]bool, len(v.before))}
	light := v.lightMode(p, q)
	for range 2 {
		sat := math.Hypot(p, q)
		w.colored = sat > 0.10
		var sum [3]float64
		w.inside = 0
		for i, c := range v.before {
			w.members[i] = wears(c, p, q, sat, light)
			if w.members[i] && v.depth[i] >= 2 {
				w.inside++
				sum[0], sum[1], sum[2] = sum[0]+float64(c.L), sum[1]+float64(c.A), sum[2]+float64(c.B)
			}
		}
		if w.inside == 0 {
			return w
		}
		n := float64(w.inside)
		w.mean = pixel.Lab{L: float32(sum[0] / n), A: float32(sum[1] / n), B: float32(sum[2] / n)}
		p, q = chromaticity(w.mean)
	}
	return w
}

// lightMode is the commonest lightness of the pixels near (p,q): it parts a white car from its tyres.
func (v *view) lightMode(p, q float64) float64 {
	hist := pixel.NewPlane(64, 1)
	for i, c := range v.before {
		cp, cq := chromaticity(c)
		if v.depth[i] >= 2 && math.Hypot(cp-p, cq-q) < 0.1 {
			hist.V[min(int(max(c.L, 0)*63), 63)] += 0.2 + c.L
		}
	}
	hist = pixel.GaussianBlur(hist, 3)
	best := 0
	for i, n := range hist.V {
		if n > hist.V[best] {
			best = i
		}
	}
	return float64(best) / 63
}

// wears reports whether a colour shows the paint: for a coloured one hue within
// about 30° and a third of its saturation, for a grey one a near chromaticity and lightness.
func wears(c pixel.Lab, p, q, sat, light float64) bool {
	cp, cq := chromaticity(c)
	if sat <= 0.10 {
		return math.Hypot(cp-p, cq-q) < 0.08 && math.Abs(float64(c.L)-light) < 0.28
	}
	along := (cp*p + cq*q) / sat
	across := math.Abs(cp*q-cq*p) / sat
	return along > 0.35*sat && across < 0.55*along && c.L > 0.08
}
