package tools

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

const (
	// centralPart is the part of a box's sides whose ellipse is looked at: the
	// object fills it mostly, the corners are background.
	centralPart = 0.8
	// samplesPerSide bounds the pixels looked at in one box.
	samplesPerSide = 48
	// clearShare of an object in a colour is plainly that colour, plausibleShare
	// may be it where nothing else competes.
	clearShare     = 0.15
	plausibleShare = 0.06
	// rival: a candidate with this part of the best one's share is as much of the colour.
	rival = 0.5
)

// ofColors keeps the boxes whose object shows every one of the colours: more
// than a trace of it, and not far less than the candidate that shows most.
func ofColors(img *pixel.Image, boxes []edit.Box, colors []edit.Color) []edit.Box {
	shares := make([]float64, len(boxes))
	var most float64
	for i, b := range boxes {
		shares[i] = colorShare(img, b, colors)
		most = max(most, shares[i])
	}
	least := clearShare
	if len(boxes) == 1 {
		least = plausibleShare
	}
	var kept []edit.Box
	for i, b := range boxes {
		if shares[i] >= max(least, rival*most) {
			kept = append(kept, b)
		}
	}
	return kept
}

// colorShare is the part of the central ellipse of a box that has the colour;
// of several colours ("red and white") the least part counts.
func colorShare(img *pixel.Image, b edit.Box, colors []edit.Color) float64 {
	words := make([]hueWord, len(colors))
	for i, c := range colors {
		words[i] = newHueWord(c)
	}
	cx, cy := b.Center()
	rx, ry := centralPart*b.W()/2, centralPart*b.H()/2
	hits, n := make([]float64, len(colors)), 0.0
	for i := range samplesPerSide {
		for k := range samplesPerSide {
			u := (float64(i)+0.5)/samplesPerSide*2 - 1
			v := (float64(k)+0.5)/samplesPerSide*2 - 1
			if u*u+v*v > 1 {
				continue
			}
			x, y := min(max(int(cx+u*rx), 0), img.W-1), min(max(int(cy+v*ry), 0), img.H-1)
			r, g, bl, a := img.At(x, y)
			if a < 128 {
				continue
			}
			n++
			lab := pixel.ToLab(r, g, bl)
			for w := range words {
				if words[w].matches(lab) {
					hits[w]++
				}
			}
		}
	}
	least := 1.0
	for _, h := range hits {
		least = min(least, h/max(n, 1))
	}
	return least
}

// hueWord is a colour word as a region of OKLab, generous about light and
// shade: hue and the ratio of chroma to lightness survive them, lightness only
// tells brown from orange and white from grey.
type hueWord struct {
	lab  pixel.Lab
	gray bool
	hue  float64
	sat  float64
}

const (
	grayWord  = 0.075              // saturation below which a word names no hue
	hueRoom   = 30 * math.Pi / 180 // how far a hue may lie from the word's
	minChroma = 0.03               // below it hue is noise
	satPart   = 0.35               // least part of the word's saturation
	tintRoom  = 0.05               // chroma that still counts as grey, black or white
	darkWord  = 0.5                // lightness of words such as brown and navy: lighter things have other names
	lightRoom = 0.2                // how much lighter than such a word a thing may be
)

func newHueWord(c edit.Color) hueWord {
	lab := pixel.LabOf(c)
	w := hueWord{lab: lab, hue: lab.Hue(), sat: lab.Chroma() / math.Max(float64(lab.L), 0.05)}
	w.gray = w.sat < grayWord
	return w
}

func (w hueWord) matches(c pixel.Lab) bool {
	l, chroma := float64(c.L), c.Chroma()
	if w.gray {
		if chroma > tintRoom {
			return false
		}
		switch {
		case w.lab.L > 0.9: // white
			return l > 0.72
		case w.lab.L < 0.25: // black
			return l < 0.38
		}
		return math.Abs(l-float64(w.lab.L)) < 0.22
	}
	if chroma < minChroma || chroma < satPart*w.sat*l || pixel.HueDist(c.Hue(), w.hue) > hueRoom {
		return false
	}
	return w.lab.L >= darkWord || l < float64(w.lab.L)+lightRoom
}
