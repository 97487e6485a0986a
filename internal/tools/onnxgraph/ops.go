package onnxgraph

// The operators that image graphs use most, by the name of the ONNX operator.
// Binary ones broadcast as numpy does.

// Add is a+b.
func (g *Graph) Add(a, b Value) Value { return g.Op("Add", []Value{a, b}) }

// Sub is a-b.
func (g *Graph) Sub(a, b Value) Value { return g.Op("Sub", []Value{a, b}) }

// Mul is a·b.
func (g *Graph) Mul(a, b Value) Value { return g.Op("Mul", []Value{a, b}) }

// Div is a/b.
func (g *Graph) Div(a, b Value) Value { return g.Op("Div", []Value{a, b}) }

// Pow is a to the power b.
func (g *Graph) Pow(a, b Value) Value { return g.Op("Pow", []Value{a, b}) }

// Min is the least of the operands.
func (g *Graph) Min(v ...Value) Value { return g.Op("Min", v) }

// Max is the greatest of the operands.
func (g *Graph) Max(v ...Value) Value { return g.Op("Max", v) }

// Sqrt is the square root.
func (g *Graph) Sqrt(a Value) Value { return g.Op("Sqrt", []Value{a}) }

// Exp is e to the power a.
func (g *Graph) Exp(a Value) Value { return g.Op("Exp", []Value{a}) }

// Abs is the absolute value.
func (g *Graph) Abs(a Value) Value { return g.Op("Abs", []Value{a}) }

// Neg is -a.
func (g *Graph) Neg(a Value) Value { return g.Op("Neg", []Value{a}) }

// Floor rounds down.
func (g *Graph) Floor(a Value) Value { return g.Op("Floor", []Value{a}) }

// Greater is a>b, of type Bool.
func (g *Graph) Greater(a, b Value) Value { return g.Op("Greater", []Value{a, b}) }

// GreaterOrEqual is a>=b, of type Bool.
func (g *Graph) GreaterOrEqual(a, b Value) Value { return g.Op("GreaterOrEqual", []Value{a, b}) }

// And is a and b, of type Bool.
func (g *Graph) And(a, b Value) Value { return g.Op("And", []Value{a, b}) }

// Where is a where cond holds, else b.
func (g *Graph) Where(cond, a, b Value) Value { return g.Op("Where", []Value{cond, a, b}) }

// Cast changes the element type.
func (g *Graph) Cast(a Value, to Elem) Value { return g.Op("Cast", []Value{a}, Int("to", int64(to))) }

// Clip bounds a to [lo, hi].
func (g *Graph) Clip(a Value, lo, hi float64) Value {
	return g.Op("Clip", []Value{a, g.C(lo), g.C(hi)})
}

// ReduceSum sums over the axes; keep leaves them as 1.
func (g *Graph) ReduceSum(a Value, keep bool, axes ...int64) Value {
	return g.Op("ReduceSum", []Value{a, g.I(axes...)}, Int("keepdims", flag(keep)))
}

// ReduceMax is the greatest over the axes.
func (g *Graph) ReduceMax(a Value, keep bool, axes ...int64) Value {
	return g.Op("ReduceMax", []Value{a}, IntList("axes", axes...), Int("keepdims", flag(keep)))
}

// ReduceMin is the least over the axes.
func (g *Graph) ReduceMin(a Value, keep bool, axes ...int64) Value {
	return g.Op("ReduceMin", []Value{a}, IntList("axes", axes...), Int("keepdims", flag(keep)))
}

// ArgMax is the index of the greatest element along an axis, which is kept as 1; of equals the first, or the last.
func (g *Graph) ArgMax(a Value, axis int64, last bool) Value {
	return g.Op("ArgMax", []Value{a}, Int("axis", axis), Int("keepdims", 1), Int("select_last_index", flag(last)))
}

// ArgMin is the index of the least element along an axis, which is kept as 1; of equals the first, or the last.
func (g *Graph) ArgMin(a Value, axis int64, last bool) Value {
	return g.Op("ArgMin", []Value{a}, Int("axis", axis), Int("keepdims", 1), Int("select_last_index", flag(last)))
}

// Gather takes the indexed entries along an axis.
func (g *Graph) Gather(a, indices Value, axis int64) Value {
	return g.Op("Gather", []Value{a, indices}, Int("axis", axis))
}

// Reshape gives a another shape; one -1 stands for what is left.
func (g *Graph) Reshape(a Value, dims ...int64) Value {
	return g.Op("Reshape", []Value{a, g.I(dims...)})
}

// Concat joins along an axis.
func (g *Graph) Concat(axis int64, v ...Value) Value { return g.Op("Concat", v, Int("axis", axis)) }

// MatMul is the matrix product.
func (g *Graph) MatMul(a, b Value) Value { return g.Op("MatMul", []Value{a, b}) }

// Slice takes entries start, start+step, ... below end along an axis.
func (g *Graph) Slice(a Value, axis, start, end, step int64) Value {
	return g.Op("Slice", []Value{a, g.I(start), g.I(end), g.I(axis), g.I(step)})
}

// Split cuts an axis into n parts of one entry each.
func (g *Graph) Split(a Value, axis int64, n int) []Value {
	ones := make([]int64, n)
	for i := range ones {
		ones[i] = 1
	}
	return g.OpN("Split", n, []Value{a, g.I(ones...)}, Int("axis", axis))
}

// Conv convolves an NCHW tensor with weights of shape dims (out, in/groups, kh, kw), zeros beyond the border.
func (g *Graph) Conv(a Value, weights []float32, groups int, dims ...int) Value {
	py, px := int64(dims[2]/2), int64(dims[3]/2)
	return g.Op("Conv", []Value{a, g.Floats(weights, dims...)},
		IntList("pads", py, px, py, px), Int("group", int64(groups)))
}

// Shape is the shape as an int64 vector.
func (g *Graph) Shape(a Value) Value { return g.Op("Shape", []Value{a}) }

// DimOf is the size of one axis, as a vector of one int64.
func (g *Graph) DimOf(a Value, axis int64) Value { return g.Gather(g.Shape(a), g.I(axis), 0) }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
