package onnxgraph

import "pentimento/internal/tools/paint"

// spreadNear enlarges near over the mask's box, bilinear, its border repeated, to the
// whole picture. Resize cannot: the box varies and lies anywhere.
func (r *recolor) spreadNear(near Value) Value {
	along := func(v Value, axis int64, lo, size Value, first int) Value {
		pixels := r.Op("Range", []Value{r.Ints([]int64{0}), r.Reshape(r.DimOf(r.mask, axis)), r.Ints([]int64{1})})
		at := r.Add(r.Sub(r.Cast(pixels, Float), lo), r.C(0.5))
		at = r.Clip(r.Sub(r.Div(r.Mul(at, r.C(paint.Grid)), size), r.C(0.5)), 0, paint.Grid-1)
		low := r.Floor(at)
		high := r.Min(r.Add(low, r.C(1)), r.C(paint.Grid-1))
		f := r.Sub(at, low)
		if first == 2 {
			f = r.Reshape(f, -1, 1)
		}
		a, b := r.Gather(v, r.Cast(low, Int64), axis), r.Gather(v, r.Cast(high, Int64), axis)
		return r.Add(a, r.Mul(f, r.Sub(b, a)))
	}
	return along(along(near, 3, r.x0, r.w, 3), 2, r.y0, r.h, 2)
}

// change is the change of every pixel as if it were solid, in linear light, and
// the share of the paint it wears.
func (r *recolor) change(s stats, near, target Value) (own, share Value) {
	ch := r.Split(r.lab, 1, 3)
	p, q := r.chromaticity(ch[0], ch[1], ch[2])
	c := colors{ch[0], p, q}
	alpha, along := r.member(s, c)
	share = r.Mul(alpha, near)
	return r.Mul(share, r.Sub(r.repaint(s, c, along, target), r.linear)), share
}

// fit is paint's fit, for [1,3,h,w] in OKLab and its lightness [1,1,h,w].
func (r *recolor) fit(lab, l Value) Value {
	one, tiny := r.C(1), r.C(1e-6)
	v := r.FromLab(lab)
	grey := r.Mul(r.Mul(l, l), l)
	over := r.Div(r.Max(r.Sub(one, grey), r.C(0)), r.Max(r.Sub(v, grey), tiny))
	under := r.Div(grey, r.Max(r.Sub(grey, v), tiny))
	room := r.Min(one, r.Where(r.Greater(v, grey), over, under))
	k := r.ReduceMin(room, true, 1)
	return r.Clip(r.Add(grey, r.Mul(k, r.Sub(v, grey))), 0, 1)
}

// apply adds the change to the picture, border pixels taking that of their solid
// neighbours, and returns linear light.
func (r *recolor) apply(own Value) Value {
	one := r.C(1)
	solid := r.Cast(r.GreaterOrEqual(r.mask, r.C(paint.Solid)), Float)
	wide := r.Concat(1, r.Mul(own, solid), r.Mul(r.linear, solid), solid)
	wide = r.blur(wide, 7, paint.EdgeKernel())
	weight := r.Slice(wide, 1, 6, 7, 1)
	safe := r.Max(weight, r.C(paint.EdgeFloor))
	change, color := r.Div(r.Slice(wide, 1, 0, 3, 1), safe), r.Div(r.Slice(wide, 1, 3, 6, 1), safe)
	tiny := r.C(paint.HoldTiny)
	lower := r.Div(r.Add(r.linear, tiny), r.Add(color, tiny))
	upper := r.Div(r.Add(r.Sub(one, r.linear), tiny), r.Add(r.Sub(one, color), tiny))
	holds := r.ReduceMin(r.Min(lower, upper), true, 1)
	border := r.And(r.Greater(r.C(paint.Solid), r.mask), r.GreaterOrEqual(weight, r.C(paint.EdgeFloor)))
	m := r.Where(border, r.Min(r.mask, holds), r.mask)
	return r.Add(r.linear, r.Mul(m, r.Where(border, change, own)))
}

// blur convolves each channel with the kernel along both axes; outside the picture is 0.
func (r *recolor) blur(v Value, channels int, kernel []float32) Value {
	var all []float32
	for range channels {
		all = append(all, kernel...)
	}
	v = r.Conv(v, all, channels, channels, 1, 1, len(kernel))
	return r.Conv(v, all, channels, channels, 1, len(kernel), 1)
}
