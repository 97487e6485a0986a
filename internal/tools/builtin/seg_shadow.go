package builtin

import (
	"math"
	"slices"

	"pentimento/internal/pixel"
)

// The shadow that an object throws on its ground is dark like the object's own
// shaded side, and the colour models may take it for that. But shade keeps the
// ratio of chroma to lightness (see seg_color.go): the shadow on a brown table
// keeps the table's ratio, the shaded side of a red saucer the saucer's.

const (
	// vivid is the ratio of chroma to lightness from which an object has a tint to tell.
	vivid = 0.2
	// shadowTowards is how far a shadow's tint lies on the way from the object's to the ground's.
	shadowTowards = 0.25
	// darker is the share of the usual lightness of object and ground below which shadow begins.
	darker = 0.9
	// blackBelow is the lightness in feature units below which a tint is noise.
	blackBelow = 12
	// leastShadow is the share of the object from which a piece is a shadow, not noise.
	leastShadow = 0.005
	// mostShadow is the share above which it must be a second part of the object.
	mostShadow = 0.25
	// tintRadius in pixels is that of the box in which tints are averaged: dark pixels are noisy.
	tintRadius = 2
)

// tints are the chroma axes over lightness, averaged around each pixel.
func (fr *frame) tints() (a, b []float32) {
	var axes [3][]float32
	for k := range axes {
		p := &pixel.Plane{W: fr.w, H: fr.h, V: make([]float32, len(fr.f))}
		for i, f := range fr.f {
			p.V[i] = f[k]
		}
		axes[k] = pixel.BoxBlur(p, tintRadius).V
	}
	for i, l := range axes[0] {
		axes[1][i] /= max(l, 1)
		axes[2][i] /= max(l, 1)
	}
	return axes[1], axes[2]
}

// middle is the median of v over the pixels that of accepts, NaN for none.
func middle(v []float32, of func(i int) bool) float64 {
	var all []float32
	for i, x := range v {
		if of(i) {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return float64(all[len(all)/2])
}

// dropShadows takes the dark pieces along a labelling's border out whose tint
// lies towards that of the surroundings.
func dropShadows(fr *frame, ev *evidence, label []float32) {
	a, b := fr.tints()
	light := make([]float32, len(fr.f))
	for i, f := range fr.f {
		light[i] = f[0]
	}
	in := func(i int) bool { return label[i] >= 0.5 }
	out := func(i int) bool { return ev.fixed[i] == surelyOut && !ev.ignore[i] }
	objA, objB := middle(a, in), middle(b, in)
	dA, dB := middle(a, out)-objA, middle(b, out)-objB
	d2 := dA*dA + dB*dB
	if !(math.Hypot(objA, objB) > vivid) || !(d2 > vivid*vivid/4) { // NaN: nothing to compare
		return
	}
	dark := float32(min(middle(light, in), middle(light, out)))
	shade := pixel.NewMask(fr.w, fr.h)
	for i := range label {
		x, y := float64(a[i])-objA, float64(b[i])-objB
		along, aside := (x*dA+y*dB)/d2, math.Abs(x*dB-y*dA)/d2
		if in(i) && ev.fixed[i] == unknown && light[i] < darker*dark && light[i] > blackBelow &&
			along > shadowTowards && along < 1.5 && aside < along/4 {
			shade.Pix[i] = 255
		}
	}
	fr.dropBorderPieces(ev, label, shade)
}

// dropBorderPieces takes the components of m out of the labelling that lie
// close to the box's sides: there a shadow leaves the object. What an object's
// own parts throw on it stays.
func (fr *frame) dropBorderPieces(ev *evidence, label []float32, m *pixel.Mask) {
	found := pixel.Label(m, pixel.Half, false)
	border := make([]bool, len(found.Components))
	sides := &pixel.Plane{W: fr.w, H: fr.h, V: make([]float32, len(label))}
	for i, known := range ev.fixed {
		if known == surelyOut && !ev.ignore[i] {
			sides.V[i] = 1
		}
	}
	near := pixel.BoxBlur(sides, max(2, max(fr.w, fr.h)/50))
	var total float64
	for i, id := range found.Of {
		total += float64(label[i])
		if id > 0 && near.V[i] > 0 {
			border[id-1] = true
		}
	}
	for i, id := range found.Of {
		if id == 0 || !border[id-1] {
			continue
		}
		if share := float64(found.Components[id-1].Area) / total; share > leastShadow && share < mostShadow {
			label[i] = 0
			ev.prior[i] -= reachedPrior
		}
	}
}
