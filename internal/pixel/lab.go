package pixel

import (
	"math"

	"pentimento/internal/edit"
)

// Lab is a colour in OKLab (Björn Ottosson, 2020): L is lightness in [0,1], A
// runs green to red and B blue to yellow, both about [-0.4,0.4]. Euclidean
// distance is about the difference that people see.
type Lab struct{ L, A, B float32 }

var (
	linearOf [256]float32      // sRGB code -> linear light in [0,1]
	codeOf   [linearSteps]byte // linear light -> nearest sRGB code
)

// linearSteps is fine enough that every 8-bit code survives the round trip:
// the darkest codes are 3.0e-4 apart in linear light, five steps of the table.
const linearSteps = 1 << 14

// gamutSlack is how far a linear sample may leave [0,1] and still count as
// inside: less than a third of the darkest 8-bit step.
const gamutSlack = 1e-4

func init() {
	for i := range linearOf {
		linearOf[i] = float32(decodeSRGB(float64(i) / 255))
	}
	for i := range codeOf {
		codeOf[i] = byte(math.Round(255 * encodeSRGB(float64(i)/(linearSteps-1))))
	}
}

// decodeSRGB and encodeSRGB are the transfer curves of IEC 61966-2-1 on [0,1].
func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encodeSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// ToLinear turns an sRGB code into linear light in [0,1].
func ToLinear(v uint8) float32 { return linearOf[v] }

// FromLinear turns linear light into the nearest sRGB code; it clamps to [0,1], and NaN is 0.
func FromLinear(v float32) uint8 {
	if !(v > 0) {
		return 0
	}
	if v >= 1 {
		return 255
	}
	return codeOf[int(v*(linearSteps-1)+0.5)]
}

// cbrt is the cube root of v >= 0 to float32 precision: a guess from the
// exponent bits and two Halley steps. math.Cbrt costs three times as much,
// and a picture needs three roots per pixel.
func cbrt(v float32) float32 {
	if v <= 0 {
		return 0
	}
	x := math.Float32frombits(math.Float32bits(v)/3 + 709921077)
	x3 := x * x * x
	x *= (x3 + v + v) / (x3 + x3 + v)
	x3 = x * x * x
	return x * (x3 + v + v) / (x3 + x3 + v)
}

// LinearLab turns linear-light sRGB into OKLab.
func LinearLab(r, g, b float32) Lab {
	l := cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return Lab{
		L: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		A: 1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		B: 0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// ToLab turns an 8-bit sRGB colour into OKLab.
func ToLab(r, g, b uint8) Lab { return LinearLab(linearOf[r], linearOf[g], linearOf[b]) }

// LabOf turns a colour into OKLab.
func LabOf(c edit.Color) Lab { return ToLab(c.R, c.G, c.B) }

// Linear returns linear-light sRGB, which lies outside [0,1] for colours that a screen cannot show.
func (c Lab) Linear() (r, g, b float32) {
	l := c.L + 0.3963377774*c.A + 0.2158037573*c.B
	m := c.L - 0.1055613458*c.A - 0.0638541728*c.B
	s := c.L - 0.0894841775*c.A - 1.2914855480*c.B
	l, m, s = l*l*l, m*m*m, s*s*s
	return +4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// InGamut reports whether the colour can be shown in sRGB.
func (c Lab) InGamut() bool { return inGamut(c.Linear()) }

func inGamut(r, g, b float32) bool {
	ok := func(v float32) bool { return v >= -gamutSlack && v <= 1+gamutSlack }
	return ok(r) && ok(g) && ok(b)
}

// RGB returns the nearest 8-bit sRGB colour of the same lightness and hue: a
// colour outside the gamut loses chroma until it fits. inGamut says whether it fitted as it was.
func (c Lab) RGB() (r, g, b uint8, inGamut bool) {
	fit, ok := c.Fit()
	lr, lg, lb := fit.Linear()
	return FromLinear(lr), FromLinear(lg), FromLinear(lb), ok
}

// Fit returns the colour of the same lightness and hue with the greatest
// chroma, at most c's, that sRGB can show, and whether c itself was such a colour.
func (c Lab) Fit() (Lab, bool) {
	if c.InGamut() {
		return c, true
	}
	c.L = min(max(c.L, 0), 1)
	if c.L <= 0 || c.L >= 1 || c.L != c.L || c.A != c.A || c.B != c.B {
		return Lab{L: c.L}, false
	}
	lo, hi := float32(0), float32(1)
	for range 14 { // to 1/16384 of the chroma, below one 8-bit step
		t := (lo + hi) / 2
		if (Lab{c.L, c.A * t, c.B * t}).InGamut() {
			lo = t
		} else {
			hi = t
		}
	}
	return Lab{c.L, c.A * lo, c.B * lo}, false
}

// Color is the colour as 8-bit sRGB, chroma reduced where needed.
func (c Lab) Color() edit.Color {
	r, g, b, _ := c.RGB()
	return edit.Color{R: r, G: g, B: b}
}

// Chroma is the distance from grey: 0 for greys, about 0.32 for the strongest sRGB colours.
func (c Lab) Chroma() float64 { return math.Hypot(float64(c.A), float64(c.B)) }

// Hue is the angle in radians in (-π,π]; red is about 0.51, yellow 1.92, green 2.49, blue -1.67.
// It means little below a chroma of 0.02.
func (c Lab) Hue() float64 { return math.Atan2(float64(c.B), float64(c.A)) }

// Dist is the Euclidean distance; about 0.02 is just noticeable between flat patches.
func (c Lab) Dist(o Lab) float64 {
	dl, da, db := float64(c.L-o.L), float64(c.A-o.A), float64(c.B-o.B)
	return math.Sqrt(dl*dl + da*da + db*db)
}

// HueDist is the absolute difference of two hues in radians, in [0,π].
func HueDist(a, b float64) float64 { return math.Abs(math.Remainder(a-b, 2*math.Pi)) }

// LabPlane turns a picture into OKLab, one value per pixel in row-major order; alpha is not looked at.
func LabPlane(m *Image) []Lab {
	out := make([]Lab, m.W*m.H)
	Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			p := m.Pix[4*i : 4*i+3 : 4*i+3]
			out[i] = ToLab(p[0], p[1], p[2])
		}
	})
	return out
}
