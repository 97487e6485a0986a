// Package paint recolours objects. It finds the paint an object mostly wears
// and gives every pixel that wears it another colour, with its shading,
// texture and highlights kept, and leaves what is painted otherwise: windows,
// tyres, lettering, eyes.
//
// The model: under white light of strength s a surface of linear colour c
// looks s·c, and OKLab takes the cube root of a linear map, so shading only
// scales (L, a, b). The ratios a/L and b/L, here called chromaticity, are
// therefore the paint's own and L is the light's. A highlight adds white and
// pulls the chromaticity towards zero.
//
// The same formulas are built as an ONNX graph by package onnxgraph, so every
// step here is one that such a graph can do: fixed sample grids, fixed numbers of
// iterations, no branches on single pixels. A change here is a change there.
package paint

import "pentimento/internal/pixel"

// The constants of the model, shared with the ONNX graph. Lightness and
// chromaticity are in OKLab units.
const (
	Grid        = 96   // samples per side of the object's bounding box
	SeedStride  = 4    // every how many samples per side a mode is sought
	SeedFloor   = 1e-3 // weight of a seed outside the mask: it wins only when none lies inside
	DarkOffset  = 0.05 // added to L in a/(L+…): near black the ratio is noise
	BandL       = 0.2  // kernel width of the mode search along L
	BandC       = 0.05 // and along the chromaticity, for greys,
	BandCSlope  = 0.3  // plus this share of the saturation
	ShiftSteps  = 6    // mean-shift steps from the best seed
	SatWeight   = 8    // a sample counts 1 + SatWeight·saturation: a bus is red however large its windows
	ColoredLow  = 0.07 // saturation below which a paint counts as grey
	ColoredHigh = 0.13 // and above which it counts as coloured
	MeanSteps   = 2    // how often the paint's mean lightness is taken from its members

	// Who wears a coloured paint. The share of the paint's saturation that a pixel shows:
	AlongLow  = 0.10
	AlongHigh = 0.45
	MaxAlong  = 1.25 // and at most counts for
	// The tangent of its hue's deviation, 24° to 42°:
	PerpLow   = 0.45
	PerpHigh  = 0.90
	PerpFloor = 0.15 // share of the saturation added under the tangent: greyish pixels have no hue

	// Who wears a grey one. The distance of the chromaticities:
	GreyLow  = 0.06
	GreyHigh = 0.11
	// The share of the paint's lightness below which a pixel is another, blacker thing:
	DarkLow  = 0.40
	DarkHigh = 0.60

	// When lights and darks of a grey object are two things. Its histogram of lightness:
	Levels    = 64
	LevelBand = 0.06 // half width of the histogram's kernel
	// The distance of the two groups' means, and how deep the valley between them is:
	GapLow     = 0.20
	GapHigh    = 0.35
	ValleyLow  = 0.15
	ValleyHigh = 0.45
	SplitSoft  = 0.05 // half width of the border between dark and light

	// Lest a glint in a window be painted, its neighbourhood must wear the paint too, by this share:
	NearLow   = 0.10
	NearHigh  = 0.25
	NearCells = 2    // half side of the neighbourhood in grid cells
	NearTiny  = 0.01 // a place without samples counts as painted: it tells nothing

	// Lightness that black and white paint have in a photo:
	MinTarget = 0.20
	MaxTarget = 0.96
	Knee      = 0.90 // above it lightness is compressed towards 1
	GreyRest  = 0.5  // share of a grey paint's own tint variation that is kept,
	RestSat   = 0.1  // less where the target's saturation is below this: black is to be black
	// The exponent of lightness above a dark grey paint's mean is multiplied by
	// GreyLift: bare metal spans such a range that its light side would come out
	// white. A paint lighter than LiftHigh keeps its exponent.
	GreyLift = 0.55
	LiftLow  = 0.40
	LiftHigh = 0.85
)

// Stats describes the paint an object mostly wears.
type Stats struct {
	// Found is false when the mask holds nothing to measure; the rest is then zero.
	Found bool
	// L is the mean lightness of the pixels that wear the paint.
	L float32
	// P and Q are its chromaticity a/(L+DarkOffset), b/(L+DarkOffset).
	P, Q float32
	// Colored is 0 for a grey paint and 1 for a coloured one, with a soft passage.
	Colored float32
	// Split is the lightness that parts a grey paint from another grey of the
	// object, such as a white car from its tyres; Gate is how sure that is, in
	// [0,1]; Sign is +1 when the paint is the lighter of the two, else -1.
	Split, Gate, Sign float32
	// Near holds, for each cell of the sample grid, in [0,1], whether the
	// object wears the paint thereabouts.
	Near []float32
}

// Saturation is the length of the paint's chromaticity.
func (s Stats) Saturation() float32 { return hypot(s.P, s.Q) }

// chromaticity is the part of a colour that shading leaves alone.
func chromaticity(c pixel.Lab) (p, q float32) {
	d := 1 / (max(c.L, 0) + DarkOffset)
	return c.A * d, c.B * d
}

// Member is how much of the paint a colour wears, in [0,1], and along, the
// share of the paint's saturation it shows, in [0,MaxAlong].
func (s Stats) Member(c pixel.Lab) (alpha, along float32) {
	p, q := chromaticity(c)
	sat := max(s.Saturation(), 1e-3)
	up, uq := s.P/sat, s.Q/sat
	t := (p*up + q*uq) / sat
	perp := abs(q*up-p*uq) / sat
	colored := ramp(t, AlongLow, AlongHigh) * (1 - ramp(perp/(max(t, 0)+PerpFloor), PerpLow, PerpHigh))
	grey := 1 - ramp(hypot(p-s.P, q-s.Q), GreyLow, GreyHigh)
	side := ramp(s.Sign*(c.L-s.Split), -SplitSoft, SplitSoft)
	grey *= (1 + s.Gate*(side-1)) * ramp(c.L/max(s.L, 0.05), DarkLow, DarkHigh)
	return grey + s.Colored*(colored-grey), min(max(t, 0), MaxAlong)
}

// Repainter turns colours that wear one paint into another.
type Repainter struct {
	Stats
	target     pixel.Lab // lightness within [MinTarget, MaxTarget]
	gamma      float32   // exponent of lightness below the paint's mean,
	lift       float32   // and above it
	tp, tq     float32   // the target's a/L and b/L
	rest       float32   // share of the tint variation that is kept
	brightness float32
}

// NewRepainter prepares the change from paint s to the target colour.
func NewRepainter(s Stats, target pixel.Lab) *Repainter {
	r := &Repainter{Stats: s, target: target}
	d := 1 / max(target.L, 0.05)
	r.tp, r.tq = target.A*d, target.B*d
	r.rest = (1 - s.Colored) * GreyRest * min(1, hypot(r.tp, r.tq)/RestSat)
	r.target.L = min(max(target.L, MinTarget), MaxTarget)
	// Shading scales with the paint's lightness. When the paint is to become
	// lighter a plain scale would multiply its texture and noise; the power
	// below 1 holds them back and still sends black to black.
	r.brightness = max(s.L, 0.05)
	r.gamma = sqrt(min(1, r.brightness/r.target.L))
	r.lift = r.gamma * (1 - (1-s.Colored)*(1-ramp(s.L, LiftLow, LiftHigh))*(1-GreyLift))
	return r
}

// Repaint returns the colour in the new paint, as linear-light sRGB within
// [0,1], whatever its membership; along is Member's.
func (r *Repainter) Repaint(c pixel.Lab, along float32) (lr, lg, lb float32) {
	light, power := max(c.L, 0)/r.brightness, r.gamma
	if light > 1 {
		power = r.lift
	}
	l := r.target.L * pow(light, power)
	if l > Knee {
		l = Knee + (1-Knee)*(1-exp(-(l-Knee)/(1-Knee)))
	}
	sat := 1 + r.Colored*(along-1)
	p, q := chromaticity(c)
	out := pixel.Lab{
		L: l,
		// The last term is what distinguishes this pixel's tint from the paint's: sun and shade, patina.
		A: l * (r.tp*sat + r.rest*(p-r.P)),
		B: l * (r.tq*sat + r.rest*(q-r.Q)),
	}
	return fit(out)
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
