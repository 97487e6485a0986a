package paint

import "pentimento/internal/pixel"

// The constants of the new paint, shared with the ONNX graph.
const (
	// Lightness that black and white paint have in a photo:
	MinTarget = 0.20
	MaxTarget = 0.96
	Knee      = 0.90 // above it lightness is compressed towards 1

	// A target so light that the paint's lit side would be cut off is lowered
	// until that side, HeadSpread deviations above the mean, reaches HeadTop,
	// but to no less than HeadLeast of it: white paint is white by its lights.
	HeadSpread = 1.3
	HeadTop    = 0.96
	HeadLeast  = 0.93

	// LightenPower is the exponent of (paint's lightness / target's), which is
	// the exponent of a pixel's lightness, when the paint becomes lighter; a
	// plain scale would multiply its texture and noise.
	LightenPower = 0.45
	// GlossPower is the same for the lights of a paint that becomes darker, at
	// most MaxGloss: what dark paint shows of its form is mostly reflections,
	// and those do not fade with the paint.
	GlossPower = 0.5
	MaxGloss   = 1.8
	// The exponent of lightness above a dark grey paint's mean is multiplied by
	// GreyLift: bare metal spans such a range that its light side would come out
	// white. A paint lighter than LiftHigh keeps its exponent.
	GreyLift = 0.55
	LiftLow  = 0.40
	LiftHigh = 0.85

	GreyRest = 0.5 // share of a grey paint's own tint variation that is kept,
	RestSat  = 0.1 // less where the target's saturation is below this: black is to be black,
	RestNear = 0.1 // and more where the target is nearer than this to the paint

	// CurveSteps is how many places of the lightness curve are computed; the rest is interpolated.
	CurveSteps = 2048
)

// Repainter turns colours that wear one paint into another.
type Repainter struct {
	Stats
	target pixel.Lab
	tp, tq float32 // the target's a/L and b/L
	rest   float32 // share of the tint variation that is kept
	curve  [CurveSteps + 1]float32
}

// NewRepainter prepares the change from paint s to the target colour.
func NewRepainter(s Stats, target pixel.Lab) *Repainter {
	r := &Repainter{Stats: s, target: target}
	d := 1 / max(target.L, 0.05)
	r.tp, r.tq = target.A*d, target.B*d
	b := s.brightness()
	t := min(max(target.L, min(MinTarget, b)), max(MaxTarget, b))
	kept := (1 - s.Colored) * GreyRest * min(1, hypot(r.tp, r.tq)/RestSat)
	far := min(1, sqrt((t-b)*(t-b)+(r.tp-s.P)*(r.tp-s.P)+(r.tq-s.Q)*(r.tq-s.Q))/RestNear)
	r.rest = 1 - far*(1-kept)
	r.curve = s.lightness(t)
	return r
}

// lightness is the new lightness of pixels of lightness 0..1 when the paint's
// own becomes t.
func (s *Stats) lightness(t float32) (curve [CurveSteps + 1]float32) {
	b := s.brightness()
	shade := pow(min(1, b/t), LightenPower) // the exponent below the mean, and above it:
	light := shade * min(MaxGloss, max(1, pow(b/t, GlossPower)))
	if t != b {
		light *= 1 - (1-s.Colored)*(1-ramp(s.L, LiftLow, LiftHigh))*(1-GreyLift)*min(1, abs(t-b)/RestNear)
	}
	head := b + HeadSpread*s.Spread
	top := max(HeadTop, head) / pow(head/b, light)
	mean := min(t, max(HeadLeast*t, top))
	knee := min(max(Knee, head), 0.98)
	for i := range curve {
		ratio := float32(i) / CurveSteps / b
		power := shade
		if ratio > 1 {
			power = light
		}
		l := mean * pow(ratio, power)
		if l > knee {
			l = knee + (1-knee)*(1-exp(-(l-knee)/(1-knee)))
		}
		curve[i] = l
	}
	return curve
}

func (r *Repainter) newLightness(l float32) float32 {
	x := min(max(l, 0), 1) * CurveSteps
	i := min(int(x), CurveSteps-1)
	return r.curve[i] + (x-float32(i))*(r.curve[i+1]-r.curve[i])
}

// Repaint returns the colour in the new paint, as linear-light sRGB within
// [0,1], whatever its membership; along is Member's.
//
// A highlight on a coloured paint is taken apart: the share of its light that
// lacks the paint's saturation is a white reflection (Shafer's dichromatic
// model, 1985) and is added back as it was; the rest is the paint's.
func (r *Repainter) Repaint(c pixel.Lab, along float32) (lr, lg, lb float32) {
	white := r.shine(c.L) * max(1-along, 0)
	l := r.newLightness(c.L * cbrt(1-white))
	sat := 1 + r.Colored*(min(along/max(1-white, 0.05), MaxAlong)-1)
	p, q := chromaticity(c)
	// The last terms are what distinguishes this pixel's tint from the paint's: sun and shade, patina.
	lr, lg, lb = fit(pixel.Lab{
		L: l,
		A: l * (r.tp*sat + r.rest*(p-r.P*sat)),
		B: l * (r.tq*sat + r.rest*(q-r.Q*sat)),
	})
	add := white * c.L * c.L * c.L
	return min(lr+add, 1), min(lg+add, 1), min(lb+add, 1)
}

// fit turns a colour into linear light and, where the screen cannot show it,
// mixes in as much grey of the same lightness as it takes. The mixture is
// straight in linear light, so it has a closed form; the hue moves by a degree or two at most.
func fit(c pixel.Lab) (r, g, b float32) {
	r, g, b = c.Linear()
	grey := c.L * c.L * c.L
	k := min(room(r, grey), room(g, grey), room(b, grey))
	mix := func(v float32) float32 { return min(max(grey+k*(v-grey), 0), 1) }
	return mix(r), mix(g), mix(b)
}

// room is the greatest k in [0,1] for which grey+k(v-grey) stays in [0,1].
func room(v, grey float32) float32 {
	const tiny = 1e-6
	over := max(1-grey, 0) / max(v-grey, tiny)
	under := grey / max(grey-v, tiny)
	if v > grey {
		return min(1, over)
	}
	return min(1, under)
}
