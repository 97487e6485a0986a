package onnxgraph

// OKLab's matrices (Björn Ottosson, 2020) as 1×1 convolutions, row by row.
var (
	rgbToLMS = []float32{
		0.4122214708, 0.5363325363, 0.0514459929,
		0.2119034982, 0.6806995451, 0.1073969566,
		0.0883024619, 0.2817188376, 0.6299787005,
	}
	lmsToLab = []float32{
		0.2104542553, 0.7936177850, -0.0040720468,
		1.9779984951, -2.4285922050, 0.4505937099,
		0.0259040371, 0.7827717662, -0.8086757660,
	}
	labToLMS = []float32{
		1, 0.3963377774, 0.2158037573,
		1, -0.1055613458, -0.0638541728,
		1, -0.0894841775, -1.2914855480,
	}
	lmsToRGB = []float32{
		4.0767416621, -3.3077115913, 0.2309699292,
		-1.2684380046, 2.6097574011, -0.3413193965,
		-0.0041960863, -0.7034186147, 1.7076147010,
	}
)

// Linear turns sRGB samples in [0,1] into linear light.
func (g *Graph) Linear(v Value) Value {
	low := g.Div(v, g.C(12.92))
	high := g.Pow(g.Div(g.Add(v, g.C(0.055)), g.C(1.055)), g.C(2.4))
	return g.Where(g.Greater(v, g.C(0.04045)), high, low)
}

// Encoded turns linear light into sRGB samples, both clipped to [0,1].
func (g *Graph) Encoded(v Value) Value {
	v = g.Clip(v, 0, 1)
	high := g.Sub(g.Mul(g.Pow(v, g.C(1/2.4)), g.C(1.055)), g.C(0.055))
	return g.Where(g.Greater(v, g.C(0.0031308)), high, g.Mul(v, g.C(12.92)))
}

// Lab turns linear light of shape [1,3,h,w] into OKLab of the same shape.
func (g *Graph) Lab(linear Value) Value {
	lms := g.Max(g.Conv(linear, rgbToLMS, 1, 3, 3, 1, 1), g.C(0))
	return g.Conv(g.Pow(lms, g.C(1.0/3)), lmsToLab, 1, 3, 3, 1, 1)
}

// FromLab turns OKLab of shape [1,3,h,w] into linear light, which may leave [0,1].
func (g *Graph) FromLab(lab Value) Value {
	lms := g.Conv(lab, labToLMS, 1, 3, 3, 1, 1)
	return g.Conv(g.Mul(g.Mul(lms, lms), lms), lmsToRGB, 1, 3, 3, 1, 1)
}
