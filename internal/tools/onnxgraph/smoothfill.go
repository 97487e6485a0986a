package onnxgraph

// Levels and steps of the smooth fill: 2^smoothLevels pixels is the widest hole
// whose middle still learns of its border.
const (
	smoothLevels = 12
	smoothSteps  = 6
)

// SmoothFill fills a hole with a smooth surface between its borders. Inputs:
// image [1,3,h,w] in [0,1]; hole [1,1,h,w], a pixel is missing where it is above
// 0. Output: result [1,3,h,w], equal to image where the hole is 0.
//
// Known samples are averaged into ever coarser pictures, and on the way back
// each level takes from the coarser one what it lacks (push-pull, Gortler et
// al., 1996) and relaxes it a few steps towards Laplace's equation, which takes out the blocks.
func SmoothFill() []byte {
	g := New("smooth-fill")
	image := g.Input("image", Float, 1, 3, "h", "w")
	hole := g.Input("hole", Float, 1, 1, "h", "w")
	missing := g.Greater(hole, g.C(0))
	known := g.Where(missing, g.C(0), g.C(1))
	fill := g.pushPull(g.Mul(image, known), known, smoothLevels)
	g.Output("result", g.Where(missing, g.Clip(fill, 0, 1), image), Float, 1, 3, "h", "w")
	return g.Model()
}

// pushPull interpolates v [1,3,h,w], each sample already times its weight w [1,1,h,w] in [0,1].
func (g *Graph) pushPull(v, w Value, levels int) Value {
	if levels == 0 {
		return g.Div(v, g.Max(w, g.C(1e-6)))
	}
	half := func(a Value) Value {
		return g.Op("AveragePool", []Value{a}, IntList("kernel_shape", 2, 2), IntList("strides", 2, 2), Int("ceil_mode", 1))
	}
	// The weight saturates: four known quarters tell no more than one.
	cv, cw := half(v), half(w)
	gain := g.Div(g.Min(g.C(1), g.Mul(cw, g.C(4))), g.Max(cw, g.C(1e-6)))
	coarse := g.pushPull(g.Mul(cv, gain), g.Mul(cw, gain), levels-1)
	up := g.Op("Resize", []Value{coarse, "", "", g.Concat(0, g.I(1, 3), g.DimOf(v, 2), g.DimOf(v, 3))},
		Str("mode", "linear"), Str("coordinate_transformation_mode", "half_pixel"))
	rest := g.Sub(g.C(1), w)
	x := g.Add(v, g.Mul(rest, up))
	for range smoothSteps {
		x = g.Add(v, g.Mul(rest, g.relaxed(x)))
	}
	return x
}

// relaxed is the mean of the four neighbours, the border repeated.
func (g *Graph) relaxed(x Value) Value {
	padded := g.Op("Pad", []Value{x, g.I(0, 0, 1, 1, 0, 0, 1, 1)}, Str("mode", "edge"))
	var kernel []float32
	for range 3 {
		kernel = append(kernel, 0, 0.25, 0, 0.25, 0, 0.25, 0, 0.25, 0)
	}
	return g.Op("Conv", []Value{padded, g.Floats(kernel, 3, 1, 3, 3)}, Int("group", 3))
}
