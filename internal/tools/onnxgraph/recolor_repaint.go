package onnxgraph

import "pentimento/internal/tools/paint"

// repaint is paint.Repainter.Repaint.
func (r *recolor) repaint(s stats, c colors, along, target Value) Value {
	one := r.C(1)
	tch := r.Split(r.Reshape(target, 3), 0, 3)
	scale := r.Max(tch[0], r.C(0.05))
	tp, tq := r.Div(tch[1], scale), r.Div(tch[2], scale)
	b := r.brightness(s)
	t := r.Min(r.Max(tch[0], r.Min(r.C(paint.MinTarget), b)), r.Max(r.C(paint.MaxTarget), b))

	white := r.Mul(r.shine(s, c.l), r.Max(r.Sub(one, along), r.C(0)))
	l := r.lightness(s, t, r.Mul(r.Max(c.l, r.C(0)), r.Pow(r.Sub(one, white), r.C(1.0/3))))
	sat := r.Min(r.Div(along, r.Max(r.Sub(one, white), r.C(0.05))), r.C(paint.MaxAlong))
	sat = r.Add(one, r.Mul(s.colored, r.Sub(sat, one)))
	rest := r.rest(s, t, tp, tq)
	tint := func(to, own, base Value) Value {
		return r.Mul(l, r.Add(r.Mul(to, sat), r.Mul(rest, r.Sub(own, r.Mul(base, sat)))))
	}
	body := r.fit(r.Concat(1, l, tint(tp, c.p, s.p), tint(tq, c.q, s.q)), l)
	return r.Min(r.Add(body, r.Mul(white, r.Mul(c.l, r.square(c.l)))), one)
}

// rest is the share of the tint variation that is kept.
func (r *recolor) rest(s stats, t, tp, tq Value) Value {
	one := r.C(1)
	kept := r.Mul(r.Sub(one, s.colored), r.C(paint.GreyRest))
	kept = r.Mul(kept, r.Min(one, r.Div(r.hypot(tp, tq), r.C(paint.RestSat))))
	apart := r.hypot(r.Sub(t, r.brightness(s)), r.hypot(r.Sub(tp, s.p), r.Sub(tq, s.q)))
	far := r.Min(one, r.Div(apart, r.C(paint.RestNear)))
	return r.Sub(one, r.Mul(far, r.Sub(one, kept)))
}

// lightness is paint.Stats.lightness, of every pixel instead of a table's places.
func (r *recolor) lightness(s stats, t, l Value) Value {
	one, b := r.C(1), r.brightness(s)
	shade := r.Pow(r.Min(one, r.Div(b, t)), r.C(paint.LightenPower))
	gloss := r.Min(r.C(paint.MaxGloss), r.Max(one, r.Pow(r.Div(b, t), r.C(paint.GlossPower))))
	held := r.Mul(r.Sub(one, s.colored), r.Sub(one, r.ramp(s.l, paint.LiftLow, paint.LiftHigh)))
	held = r.Mul(held, r.C(1-paint.GreyLift))
	held = r.Mul(held, r.Min(one, r.Div(r.Abs(r.Sub(t, b)), r.C(paint.RestNear))))
	light := r.Mul(r.Mul(shade, gloss), r.Sub(one, held))
	head := r.Add(b, r.Mul(r.C(paint.HeadSpread), s.spread))
	top := r.Div(r.Max(r.C(paint.HeadTop), head), r.Pow(r.Div(head, b), light))
	mean := r.Min(t, r.Max(r.Mul(r.C(paint.HeadLeast), t), top))
	knee := r.Min(r.Max(r.C(paint.Knee), head), r.C(0.98))

	ratio := r.Div(l, b)
	out := r.Mul(mean, r.Pow(ratio, r.Where(r.Greater(ratio, one), light, shade)))
	room := r.Sub(one, knee)
	over := r.Max(r.Sub(out, knee), r.C(0))
	soft := r.Add(knee, r.Mul(room, r.Sub(one, r.Exp(r.Neg(r.Div(over, room))))))
	return r.Where(r.Greater(out, knee), soft, out)
}
