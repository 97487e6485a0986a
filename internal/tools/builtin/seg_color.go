package builtin

import (
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Paint in shade keeps its hue and the ratio of chroma to lightness, for OKLab
// scales all three axes alike when the light dims. So a colour word is compared
// by hue and by that ratio, called saturation here; lightness only tells apart
// words that differ in nothing else (brown and orange, navy and blue).

const (
	// grayBelow is the saturation below which a word names no hue: grey, white, cream.
	grayBelow = 0.075
	// coreShare and edgeShare, of the way to the border with the next basic hue,
	// bound the hues that count fully and at all.
	coreShare = 0.75
	edgeShare = 1.3
	// hueDrift is how far the picture may pull a word's hue towards the hue it shows.
	hueDrift = 14 * math.Pi / 180
	// darkest is the lightness below which hue is noise.
	darkest = 0.14
)

// basicHues are the OKLab hues, in degrees, of the colour table's red, orange,
// yellow, green, teal, blue, purple and pink: the words that share out the circle.
var basicHues = []float64{26, 54, 96, 146, 195, 261, 309, 354}

// basicTerms are those of them that every speaker uses (Berlin and Kay, "Basic
// color terms", 1969): teal is none, and lies between green and blue.
var basicTerms = []float64{26, 54, 96, 146, 261, 309, 354}

// shade is a colour word as it looks in one picture.
type shade struct {
	gray     bool
	lab      pixel.Lab
	hue      float64 // radians
	below    float64 // radians from hue down to the border with the next basic hue
	above    float64 // the same upwards
	sat      float64 // saturation that counts fully
	satLimit float64 // saturation above which it is another word's, 0: none
}

// shadeIn fits a colour word to a picture: hue and saturation move towards the
// most plentiful colour near them, within bounds, so that "yellow" is the
// yellow this light makes. A wide shade takes in half as many hues again, and
// all up to the next word that everybody uses: a sign that people call green may be teal.
func shadeIn(c edit.Color, colors []pixel.Lab, wide bool) shade {
	lab := pixel.LabOf(c)
	s := shade{lab: lab, hue: lab.Hue(), sat: lab.Chroma() / math.Max(float64(lab.L), 0.05)}
	if s.sat < grayBelow {
		s.gray = true
		s.adaptTint(colors)
		return s
	}
	if s.sat < 0.14 && lab.L > 0.7 {
		s.satLimit = 2.2 * s.sat
	}
	s.below, s.above = hueRoom(s.hue, basicHues)
	word := s.sat
	if wide {
		below, above := hueRoom(s.hue, basicTerms)
		s.below, s.above = max(1.6*s.below, below), max(1.6*s.above, above)
		word *= 0.6
	}
	at := s.nearbyHue(colors, word)
	s.below, s.above = s.below+(at-s.hue), s.above-(at-s.hue)
	s.hue = at
	s.below, s.above = max(s.below, hueDrift/2), max(s.above, hueDrift/2)
	s.sat = s.usualSaturation(colors, word)
	return s
}

// hueRoom is the way from a hue, in radians, to the borders of the word: half
// way to the next of the words' hues on each side. A hue within 12 degrees of the word
// is the word itself.
func hueRoom(hue float64, words []float64) (below, above float64) {
	below, above = math.Pi, math.Pi
	for _, deg := range words {
		d := math.Remainder(deg*math.Pi/180-hue, 2*math.Pi)
		switch {
		case math.Abs(d) < 12*math.Pi/180:
		case d > 0:
			above = min(above, d/2)
		default:
			below = min(below, -d/2)
		}
	}
	return below, above
}

// hueMatch is 1 well inside the word's range of hues and 0 beyond its borders.
func (s shade) hueMatch(hue float64) float64 {
	d := math.Remainder(hue-s.hue, 2*math.Pi)
	room := s.above
	if d < 0 {
		d, room = -d, s.below
	}
	return 1 - ramp(d, coreShare*room, edgeShare*room)
}

// nearbyHue is the most plentiful hue within hueDrift of the word's; the
// square of the saturation is the weight, for an object that someone names by its
// colour is the one that shows it.
func (s shade) nearbyHue(colors []pixel.Lab, word float64) float64 {
	const (
		bins = 61
		span = 2 * hueDrift
	)
	var count [bins]float64
	for _, c := range colors {
		sat := c.Chroma() / float64(max(c.L, darkest))
		if c.L < darkest || sat < 0.4*word {
			continue
		}
		if d := math.Remainder(c.Hue()-s.hue, 2*math.Pi); math.Abs(d) < span {
			count[int((d/span+1)/2*bins)] += sat * sat
		}
	}
	best, at := 0.0, s.hue
	for i := 3; i < bins-3; i++ {
		var v float64
		for k := -3; k <= 3; k++ {
			v += count[i+k] * float64(4-max(k, -k))
		}
		off := ((float64(i)+0.5)/bins*2 - 1) * span
		v *= math.Exp(-2 * off * off / (hueDrift * hueDrift)) // nearer to the word is better
		if v > best && math.Abs(off) <= hueDrift {
			best, at = v, s.hue+off
		}
	}
	return at
}

// usualSaturation is the upper quartile of the saturation of the pixels of the
// hue, weighted towards the saturated, within bounds of the word's.
func (s shade) usualSaturation(colors []pixel.Lab, word float64) float64 {
	const bins = 100
	var count [bins]float64
	var total float64
	for _, c := range colors {
		if c.L < darkest || s.hueMatch(c.Hue()) < 0.5 {
			continue
		}
		if v := c.Chroma() / float64(c.L); v > 0.4*word {
			count[min(int(v*bins), bins-1)] += v * v * v
			total += v * v * v
		}
	}
	var sum float64
	for i, n := range count {
		if sum += n; total > 0 && sum >= 0.75*total {
			return min(max((float64(i)+0.5)/bins, 0.5*word), 1.2*word)
		}
	}
	return word
}

// adaptTint moves a hueless word towards the tint of the light: the mean tint
// of what is about as light and nearly grey.
func (s *shade) adaptTint(colors []pixel.Lab) {
	const limit = 0.03
	var a, b, n float64
	for _, c := range colors {
		if math.Abs(float64(c.L-s.lab.L)) < 0.12 && math.Hypot(float64(c.A-s.lab.A), float64(c.B-s.lab.B)) < 0.07 {
			a += float64(c.A - s.lab.A)
			b += float64(c.B - s.lab.B)
			n++
		}
	}
	if n == 0 {
		return
	}
	a, b = a/n, b/n
	if d := math.Hypot(a, b); d > limit {
		a, b = a*limit/d, b*limit/d
	}
	s.lab.A += float32(a)
	s.lab.B += float32(b)
}

// match is how well a colour answers to the word, in [0,1].
func (s shade) match(c pixel.Lab) float64 {
	if s.gray {
		return s.matchGray(c)
	}
	if c.L < darkest {
		return 0
	}
	sat := c.Chroma() / float64(c.L)
	m := s.hueMatch(c.Hue()) * ramp(sat, 0.4*s.sat, 0.75*s.sat)
	if s.satLimit > 0 {
		m *= 1 - ramp(sat, s.satLimit, 1.3*s.satLimit)
	}
	return m * s.matchLight(c)
}

// matchLight compares lightness, leniently towards the dark: shade is common.
func (s shade) matchLight(c pixel.Lab) float64 {
	d := float64(c.L - s.lab.L)
	if s.lab.L < 0.48 {
		return 1 - ramp(d, 0.13, 0.28)
	}
	if d > 0 {
		return 1 - ramp(d, 0.18, 0.36)
	}
	return 1 - ramp(-d, 0.42, 0.62)
}

// matchGray compares a colour with a word that names no hue.
func (s shade) matchGray(c pixel.Lab) float64 {
	tint := math.Hypot(float64(c.A-s.lab.A), float64(c.B-s.lab.B))
	m := 1 - ramp(tint, 0.025, 0.055)
	d := float64(c.L - s.lab.L)
	switch {
	case s.lab.L > 0.9: // white: anything bright
		return m * (1 - ramp(-d, 0.14, 0.3))
	case s.lab.L < 0.25: // black: anything dark
		return m * (1 - ramp(d, 0.12, 0.25))
	}
	return m * (1 - ramp(math.Abs(d), 0.12, 0.26))
}

// ramp rises smoothly from 0 at lo to 1 at hi.
func ramp(v, lo, hi float64) float64 {
	t := min(max((v-lo)/(hi-lo), 0), 1)
	return t * t * (3 - 2*t)
}

// shadesIn fits several colour words to a picture.
func shadesIn(words []edit.Color, colors []pixel.Lab, wide bool) []shade {
	shades := make([]shade, len(words))
	for i, w := range words {
		shades[i] = shadeIn(w, colors, wide)
	}
	return shades
}

// matchAny is the best match over several shades, per colour.
func matchAny(shades []shade, colors []pixel.Lab) []float32 {
	out := make([]float32, len(colors))
	for _, s := range shades {
		for i, c := range colors {
			out[i] = max(out[i], float32(s.match(c)))
		}
	}
	return out
}
