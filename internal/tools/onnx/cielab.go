package onnx

import (
	"math"

	"pentimento/internal/pixel"
)

// CIE L*a*b* with the white point D65, as the colourisers were trained with it
// (IEC 61966-2-1 for sRGB, CIE 15 for the curve). Samples are sRGB in 0..255.

const (
	labKnee  = 216.0 / 24389 // (6/29)³
	labSlope = 24389.0 / 27
)

// labCurve is the cube root with its linear foot, for tristimulus values relative to white.
func labCurve(t float64) float64 {
	if t > labKnee {
		return math.Cbrt(t)
	}
	return (labSlope*t + 16) / 116
}

func labInverse(f float64) float64 {
	if t := f * f * f; t > labKnee {
		return t
	}
	return (116*f - 16) / labSlope
}

// linear is the linear light of a sample that may lie between two codes.
func linear(v float32) float64 {
	v = min(max(v, 0), 255)
	lo := int(v)
	a, b := pixel.ToLinear(uint8(lo)), pixel.ToLinear(uint8(min(lo+1, 255)))
	return float64(a + (b-a)*(v-float32(lo)))
}

// luminance is relative to white.
func luminance(r, g, b float32) float64 {
	return 0.2126729*linear(r) + 0.7151522*linear(g) + 0.0721750*linear(b)
}

// lightness is L* in 0..100.
func lightness(r, g, b float32) float32 {
	return float32(116*labCurve(luminance(r, g, b)) - 16)
}

// neutral is the sample of the grey with the same lightness.
func neutral(r, g, b float32) float32 { return 255 * encoded(luminance(r, g, b)) }

// encoded is the sRGB sample in 0..1 of linear light.
func encoded(v float64) float32 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		return float32(12.92 * v)
	}
	return float32(1.055*math.Pow(v, 1/2.4) - 0.055)
}

// withChroma is the colour of lightness l (0..100) with a* and b*. A colour that
// a screen cannot show is brought in by less chroma: its lightness stays.
func withChroma(l, a, b float32) (red, green, blue uint8) {
	fy := (float64(l) + 16) / 116
	y := labInverse(fy)
	k := 1.0
	var r, g, bl float64
	for range 8 {
		x, z := 0.95047*labInverse(fy+k*float64(a)/500), 1.08883*labInverse(fy-k*float64(b)/200)
		r = 3.2404542*x - 1.5371385*y - 0.4985314*z
		g = -0.9692660*x + 1.8760108*y + 0.0415560*z
		bl = 0.0556434*x - 0.2040259*y + 1.0572252*z
		if min(r, g, bl) >= -1e-3 && max(r, g, bl) <= 1+1e-3 {
			break
		}
		k *= 0.8
	}
	return pixel.FromLinear(float32(r)), pixel.FromLinear(float32(g)), pixel.FromLinear(float32(bl))
}
