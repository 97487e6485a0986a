package onnxgraph

import "pentimento/internal/tools/paint"

// inner is the change with that of pixels between the paint and another thing
// of the object made from both.
func (r *recolor) inner(own, share Value) Value {
	solid := r.GreaterOrEqual(r.mask, r.C(paint.Solid))
	low := r.Neg(r.greatest(r.Neg(r.Where(solid, share, r.C(1))), paint.PureRadius))
	high := r.greatest(r.Where(solid, share, r.C(0)), paint.OtherRadius)
	pure := r.GreaterOrEqual(low, r.C(paint.PureShare))
	other := r.GreaterOrEqual(r.C(paint.OtherShare), high)
	p := r.Where(r.And(solid, pure), r.C(1), r.C(0))
	o := r.Where(r.And(solid, other), r.Where(pure, r.C(0), r.C(1)), r.C(0))
	kernel := paint.InnerKernel()
	wide := r.blur(r.Concat(1, r.Mul(own, p), r.Mul(r.linear, p), p, r.Mul(r.linear, o), o), 11, kernel)
	part := func(from, to int64) Value { return r.Slice(wide, 1, from, to, 1) }
	wp, wo := part(6, 7), part(10, 11)
	safe := r.Max(wp, r.C(paint.PaintFloor))
	two := r.GreaterOrEqual(wo, r.C(paint.OtherFloor))
	ground := r.Where(two, r.Div(part(7, 10), r.Max(wo, r.C(paint.OtherFloor))), r.C(0))
	changed, wears := r.Div(part(0, 3), safe), r.Div(part(3, 6), safe)
	made := r.between(own, changed, r.Sub(wears, ground), ground, two)
	band := r.And(solid, r.GreaterOrEqual(wp, r.C(paint.PaintFloor)))
	return r.Where(pure, own, r.Where(other, own, r.Where(band, made, own)))
}

// between is paint's change of a pixel between two things, line being the
// paint's colour less the ground's.
func (r *recolor) between(own, changed, line, ground, two Value) Value {
	one, tiny := r.C(1), r.C(paint.Tiny)
	total := func(v Value) Value { return r.ReduceSum(v, true, 1) }
	dot, apart := total(r.Mul(r.Sub(r.linear, ground), line)), total(r.square(line))
	share := r.Div(dot, r.Max(apart, tiny))
	m := r.Clip(share, 0, 1)
	old := r.Add(ground, r.Mul(m, line))
	rest := r.Sub(r.linear, old)
	mixed := r.Add(old, r.Mul(m, changed))
	sure := r.Sub(one, r.ramp(r.Div(total(r.square(rest)), r.Max(apart, tiny)), paint.OffLow, paint.OffHigh))
	sure = r.Mul(sure, r.ramp(apart, paint.ApartLow, paint.ApartHigh))
	sure = r.Where(two, sure, r.Mul(sure, r.Sub(one, r.ramp(share, paint.FullLow, paint.FullHigh))))
	dim := r.Min(one, r.Div(total(mixed), r.Max(total(old), tiny)))
	made := r.Sub(r.Add(mixed, r.Mul(dim, rest)), r.linear)
	return r.Add(own, r.Mul(sure, r.Sub(made, own)))
}

// greatest is the maximum within a square around every pixel.
func (r *recolor) greatest(v Value, radius int64) Value {
	side := 2*radius + 1
	return r.Op("MaxPool", []Value{v}, IntList("kernel_shape", side, side), IntList("pads", radius, radius, radius, radius))
}
