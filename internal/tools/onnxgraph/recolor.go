package onnxgraph

import "pentimento/internal/tools/paint"

// Recolor is package paint as an ONNX graph. Inputs: image [1,3,h,w] and color
// [1,3,1,1], sRGB in [0,1]; mask [1,1,h,w], the matte in [0,1]. Output: result
// [1,3,h,w], equal to image where the mask is 0. Every step has the name and the
// constants of the Go code it follows; a comment says only what differs.
func Recolor() []byte {
	r := &recolor{Graph: New("recolor")}
	image := r.Input("image", Float, 1, 3, "h", "w")
	r.mask = r.Input("mask", Float, 1, 1, "h", "w")
	color := r.Input("color", Float, 1, 3, 1, 1)
	r.linear = r.Linear(image)
	r.lab = r.Lab(r.linear)
	r.box()
	s := r.measure(r.samples())
	near := r.spreadNear(s.near)
	own, share := r.change(s, near, r.Lab(r.Linear(color)))
	result := r.Encoded(r.apply(r.inner(own, share)))
	r.Output("result", r.Where(r.Greater(r.mask, r.C(0)), result, image), Float, 1, 3, "h", "w")
	return r.Model()
}

type recolor struct {
	*Graph
	linear, lab, mask Value
	x0, y0, w, h      Value // the mask's bounding box: float scalars of shape [1]
}

// colors are the L, P and Q of some pixels, of any one shape.
type colors struct{ l, p, q Value }

// stats are paint.Stats as tensors of shape [1].
type stats struct {
	l, spread, p, q, sat, up, uq, colored Value
	split, gate, sign                     Value
	near                                  Value // [1,1,Grid,Grid]
}

func (r *recolor) box() {
	side := func(across, axis int64) (first, size Value) {
		some := r.Cast(r.Greater(r.ReduceMax(r.mask, true, across), r.C(0)), Float)
		lo := r.Cast(r.Reshape(r.ArgMax(some, axis, false), 1), Float)
		hi := r.Cast(r.Reshape(r.ArgMax(some, axis, true), 1), Float)
		return lo, r.Add(r.Sub(hi, lo), r.C(1))
	}
	r.x0, r.w = side(2, 3)
	r.y0, r.h = side(3, 2)
}

// samples returns the grid's colours and weights, each of shape [1, Grid²].
func (r *recolor) samples() (colors, Value) {
	steps := make([]float32, paint.Grid)
	for i := range steps {
		steps[i] = float32(i) + 0.5
	}
	at := func(lo, size Value) Value {
		v := r.Floor(r.Div(r.Mul(r.Floats(steps, paint.Grid), size), r.C(paint.Grid)))
		return r.Cast(r.Add(v, lo), Int64)
	}
	x, y := at(r.x0, r.w), at(r.y0, r.h)
	pick := func(v Value) Value { return r.Gather(r.Gather(v, y, 2), x, 3) }
	ch := r.Split(pick(r.lab), 1, 3)
	flat := func(v Value) Value { return r.Reshape(v, 1, paint.Grid*paint.Grid) }
	p, q := r.chromaticity(ch[0], ch[1], ch[2])
	return colors{flat(ch[0]), flat(p), flat(q)}, flat(pick(r.mask))
}

func (r *recolor) chromaticity(l, a, b Value) (p, q Value) {
	d := r.Add(r.Max(l, r.C(0)), r.C(paint.DarkOffset))
	return r.Div(a, d), r.Div(b, d)
}

func (r *recolor) ramp(v Value, lo, hi float64) Value {
	t := r.Clip(r.Div(r.Sub(v, r.C(lo)), r.C(hi-lo)), 0, 1)
	return r.Mul(r.Mul(t, t), r.Sub(r.C(3), r.Mul(r.C(2), t)))
}

func (r *recolor) square(v Value) Value { return r.Mul(v, v) }

func (r *recolor) hypot(a, b Value) Value { return r.Sqrt(r.Add(r.square(a), r.square(b))) }

// sum is the total of a vector of any shape, as [1].
func (r *recolor) sum(v Value) Value { return r.ReduceSum(r.Reshape(v, -1), true, 0) }

func (r *recolor) measure(c colors, w Value) stats {
	mode := r.findMode(c, w)
	s := stats{l: mode.l, p: mode.p, q: mode.q}
	s.direct(r)
	sat := r.hypot(s.p, s.q)
	vivid := r.Mul(sat, r.Add(r.Max(s.l, r.C(0)), r.C(paint.DarkOffset)))
	s.colored = r.Mul(r.ramp(sat, paint.ColoredLow, paint.ColoredHigh), r.ramp(vivid, paint.VividLow, paint.VividHigh))
	// Membership by chromaticity alone: no split, and nothing too dark.
	plain := s
	plain.split, plain.gate, plain.sign, plain.l = r.Floats([]float32{0}, 1), r.Floats([]float32{0}, 1), r.Floats([]float32{1}, 1), r.Floats([]float32{0}, 1)
	alone, _ := r.member(plain, c)
	s.split, s.gate, s.sign = r.splitAt(c, r.Mul(w, alone), s.l)
	for range paint.MeanSteps {
		a, _ := r.member(s, c)
		wa := r.Mul(w, a)
		n := r.sum(wa)
		average := func(v, old Value) Value {
			mean := r.Div(r.sum(r.Mul(wa, v)), r.Max(n, r.C(1e-9)))
			return r.Where(r.Greater(n, r.C(0)), mean, old)
		}
		s.l = average(c.l, s.l)
		s.spread = r.Sqrt(average(r.square(r.Sub(c.l, s.l)), r.C(0)))
	}
	a, _ := r.member(s, c)
	s.near = r.near(r.Mul(w, a), w)
	return s
}

// direct computes the paint's saturation and the direction of its hue.
func (s *stats) direct(r *recolor) {
	s.sat = r.Max(r.hypot(s.p, s.q), r.C(1e-3))
	s.up, s.uq = r.Div(s.p, s.sat), r.Div(s.q, s.sat)
}

// member is paint.Stats.Member.
func (r *recolor) member(s stats, c colors) (alpha, along Value) {
	t := r.Div(r.Add(r.Mul(c.p, s.up), r.Mul(c.q, s.uq)), s.sat)
	perp := r.Div(r.Abs(r.Sub(r.Mul(c.q, s.up), r.Mul(c.p, s.uq))), s.sat)
	one := r.C(1)
	positive := r.Max(t, r.C(0))
	deviation := r.ramp(r.Div(perp, r.Add(positive, r.C(paint.PerpFloor))), paint.PerpLow, paint.PerpHigh)
	reach := r.Mul(t, r.Add(one, r.Mul(r.C(paint.ShineReach), r.shine(s, c.l))))
	colored := r.Mul(r.ramp(reach, paint.AlongLow, paint.AlongHigh), r.Sub(one, deviation))
	black := r.Sub(one, r.ramp(s.l, paint.BlackLow, paint.BlackHigh))
	wide := r.Mul(r.Mul(r.C(paint.DarkWide), black), r.Sub(one, r.ramp(c.l, paint.ShadeLow, paint.ShadeHigh)))
	grey := r.Sub(one, r.ramp(r.Div(r.hypot(r.Sub(c.p, s.p), r.Sub(c.q, s.q)), r.Add(one, wide)), paint.GreyLow, paint.GreyHigh))
	side := r.ramp(r.Mul(s.sign, r.Sub(c.l, s.split)), -paint.SplitSoft, paint.SplitSoft)
	light := r.ramp(r.Div(c.l, r.brightness(s)), paint.DarkLow, paint.DarkHigh)
	grey = r.Mul(grey, r.Add(one, r.Mul(s.gate, r.Sub(side, one))))
	grey = r.Mul(grey, r.Add(light, r.Mul(black, r.Sub(one, light))))
	alpha = r.Add(grey, r.Mul(s.colored, r.Sub(colored, grey)))
	return alpha, r.Min(positive, r.C(paint.MaxAlong))
}

// brightness is paint.Stats.brightness.
func (r *recolor) brightness(s stats) Value { return r.Max(s.l, r.C(0.05)) }

// shine is paint.Stats.shine.
func (r *recolor) shine(s stats, l Value) Value {
	return r.Mul(s.colored, r.ramp(r.Div(l, r.brightness(s)), paint.ShineLow, paint.ShineHigh))
}
