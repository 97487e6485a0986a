package onnxgraph

import "pentimento/internal/tools/paint"

// findMode returns the densest colour as tensors of shape [1].
func (r *recolor) findMode(c colors, w Value) colors {
	seeds := func(v Value) Value {
		v = r.Reshape(v, paint.Grid, paint.Grid)
		for axis := range int64(2) {
			v = r.Slice(v, axis, paint.SeedStride/2, paint.Grid, paint.SeedStride)
		}
		return r.Reshape(v, -1, 1)
	}
	at := colors{seeds(c.l), seeds(c.p), seeds(c.q)}
	plain := w
	chroma := r.Mul(r.hypot(c.p, c.q), r.Add(r.Max(c.l, r.C(0)), r.C(paint.DarkOffset)))
	chroma = r.Max(r.Sub(chroma, r.C(paint.ChromaLow)), r.C(0))
	w = r.Mul(w, r.Add(r.C(1), r.Mul(r.C(paint.ChromaGain), r.square(chroma))))
	w = r.Mul(w, r.Add(r.C(paint.DarkShare), r.Mul(r.C(1-paint.DarkShare), r.ramp(c.l, paint.ShadeLow, paint.ShadeHigh))))
	density := r.density(r.Mul(r.kernel(c, at), w)) // [seeds, 1]
	best := r.Reshape(r.ArgMax(r.Mul(density, r.Max(seeds(plain), r.C(paint.SeedFloor))), 0, false), 1)
	pick := func(v Value) Value { return r.Reshape(r.Gather(v, best, 0), 1) }
	mode := colors{pick(at.l), pick(at.p), pick(at.q)}
	for range paint.ShiftSteps {
		mode = r.shift(c, w, mode)
	}
	return mode
}

// density sums weights [m, Grid²], times the variance of their places in the grid, to [m,1].
func (r *recolor) density(k Value) Value {
	const n, side = paint.Grid * paint.Grid, paint.Grid
	places, ones := make([]float32, side), make([]float32, side)
	for i := range places {
		places[i], ones[i] = (float32(i)+0.5)/side-0.5, 1
	}
	x := r.Mul(r.Floats(places, 1, side), r.Floats(ones, side, 1))
	y := r.Mul(r.Floats(places, side, 1), r.Floats(ones, 1, side))
	apart := r.Add(r.Add(r.square(x), r.square(y)), r.C(paint.StrewnFloor))
	column := func(v Value) Value { return r.Reshape(v, n, 1) }
	moments := r.Concat(1, column(r.Mul(r.Floats(ones, 1, side), r.Floats(ones, side, 1))), column(x), column(y), column(apart))
	sums := r.Split(r.MatMul(k, moments), 1, 4)
	return r.Sub(sums[3], r.Div(r.Add(r.square(sums[1]), r.square(sums[2])), r.Max(sums[0], r.C(1e-9))))
}

// kernel weighs samples [1,n] around centres [m,1] or [1].
func (r *recolor) kernel(c, at colors) Value {
	width := r.Add(r.C(paint.BandC), r.Mul(r.C(paint.BandCSlope), r.hypot(at.p, at.q)))
	dl := r.Mul(r.square(r.Sub(c.l, at.l)), r.C(1/(paint.BandL*paint.BandL)))
	dc := r.Div(r.Add(r.square(r.Sub(c.p, at.p)), r.square(r.Sub(c.q, at.q))), r.square(width))
	return r.Max(r.Sub(r.Sub(r.C(1), dl), dc), r.C(0))
}

func (r *recolor) shift(c colors, w Value, at colors) colors {
	k := r.Mul(w, r.kernel(c, at))
	n := r.sum(k)
	mean := func(v, old Value) Value {
		m := r.Div(r.sum(r.Mul(k, v)), r.Max(n, r.C(1e-9)))
		return r.Where(r.Greater(n, r.C(0)), m, old)
	}
	return colors{mean(c.l, at.l), mean(c.p, at.p), mean(c.q, at.q)}
}

// splitAt is paint's split: the valley of the histogram of lightness, with how clear it
// is and on which side the mode lies. Where there is no valley the gate is 0, as the
// groups' means are then less than GapLow apart.
func (r *recolor) splitAt(c colors, w, mode Value) (at, gate, sign Value) {
	const n = paint.Levels
	levels := make([]float32, n)
	for k := range levels {
		levels[k] = (float32(k) + 0.5) / n
	}
	level := r.Floats(levels, n, 1)
	tent := r.Max(r.Sub(r.C(1), r.Div(r.Abs(r.Sub(c.l, level)), r.C(paint.LevelBand))), r.C(0))
	hist := r.MatMul(tent, r.Reshape(w, -1, 1)) // [n,1]
	lower, upper := r.otsu(hist, level)
	between := r.And(r.GreaterOrEqual(level, lower), r.GreaterOrEqual(upper, level))
	lowest := func(last bool) Value {
		return r.Reshape(r.ArgMin(r.Where(between, hist, r.C(1e30)), 0, last), 1)
	}
	bottom := r.Gather(r.Reshape(hist, -1), lowest(false), 0)
	place := func(last bool) Value { return r.Gather(r.Reshape(level, -1), lowest(last), 0) }
	at = r.Div(r.Add(place(false), place(true)), r.C(2))
	peak := func(side Value) Value {
		return r.Reshape(r.ReduceMax(r.Where(side, hist, r.C(0)), true, 0), 1)
	}
	below, above := peak(r.GreaterOrEqual(at, level)), peak(r.GreaterOrEqual(level, at))
	depth := r.Div(bottom, r.Max(r.Min(below, above), r.C(1e-6)))
	gate = r.Mul(r.ramp(r.Sub(upper, lower), paint.GapLow, paint.GapHigh),
		r.Sub(r.C(1), r.ramp(depth, paint.ValleyLow, paint.ValleyHigh)))
	sign = r.Where(r.Greater(at, mode), r.C(-1), r.C(1))
	return at, gate, sign
}

// otsu returns the two groups' means, of shape [1].
func (r *recolor) otsu(hist, level Value) (lower, upper Value) {
	cumulate := func(v Value) Value {
		return r.Op("CumSum", []Value{v, r.Ints([]int64{0})})
	}
	all := func(v Value) Value { return r.ReduceSum(v, true, 0) }
	below := func(v Value) Value { return r.Slice(cumulate(v), 0, 0, paint.Levels-1, 1) }
	weighted := r.Mul(hist, level)
	n0, s0 := below(hist), below(weighted)
	n1, s1 := r.Sub(all(hist), n0), r.Sub(all(weighted), s0)
	tiny := r.C(1e-6)
	m0, m1 := r.Div(s0, r.Max(n0, tiny)), r.Div(s1, r.Max(n1, tiny))
	between := r.Mul(r.Mul(n0, n1), r.square(r.Sub(m1, m0)))
	best := r.Reshape(r.ArgMax(between, 0, false), 1)
	pick := func(v Value) Value { return r.Reshape(r.Gather(v, best, 0), 1) }
	return pick(m0), pick(m1)
}

// near is paint.Stats.Near, of shape [1,1,Grid,Grid].
func (r *recolor) near(member, w Value) Value {
	const side = 2*paint.NearCells + 1
	ones := make([]float32, side*side)
	for i := range ones {
		ones[i] = 1
	}
	boxed := func(v Value) Value {
		sum := r.Conv(r.Reshape(v, 1, 1, paint.Grid, paint.Grid), ones, 1, 1, 1, side, side)
		return r.Add(sum, r.C(paint.NearTiny))
	}
	return r.ramp(r.Div(boxed(member), boxed(w)), paint.NearLow, paint.NearHigh)
}
