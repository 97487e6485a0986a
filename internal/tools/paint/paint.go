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
	Grid        = 96    // samples per side of the object's bounding box
	SeedStride  = 4     // every how many samples per side a mode is sought
	SeedFloor   = 1e-3  // weight of a seed outside the mask: it wins only when none lies inside
	DarkOffset  = 0.05  // added to L in a/(L+…): near black the ratio is noise
	BandL       = 0.2   // kernel width of the mode search along L
	BandC       = 0.05  // and along the chromaticity, for greys,
	BandCSlope  = 0.3   // plus this share of the saturation
	ShiftSteps  = 6     // mean-shift steps from the best seed
	ChromaGain  = 600   // a sample counts 1 + ChromaGain·(chroma above ChromaLow)²: a bus is red however large its windows,
	ChromaLow   = 0.03  // which reflect a little of the sky,
	DarkShare   = 0.12  // and the dark by this share only: glass, tyres and gaps are nobody's paint
	StrewnFloor = 1e-4  // least variance of a paint's places that counts
	ShadeLow    = 0.25  // lightness below which a sample is dark
	ShadeHigh   = 0.50  // and above which it is not
	ColoredLow  = 0.07  // saturation below which a paint counts as grey
	ColoredHigh = 0.13  // and above which it counts as coloured
	VividLow    = 0.025 // chroma below which it counts as grey too: near black the saturation is noise
	VividHigh   = 0.055
	MeanSteps   = 2 // how often the mean lightness is taken from the members

	// Who wears a coloured paint. The share of the paint's saturation that a pixel shows:
	AlongLow  = 0.10
	AlongHigh = 0.45
	MaxAlong  = 1.25 // and at most counts for
	// The tangent of its hue's deviation, 24° to 42°:
	PerpLow   = 0.45
	PerpHigh  = 0.90
	PerpFloor = 0.15 // share of the saturation added under the tangent: greyish pixels have no hue

	// A highlight on a coloured paint: lightness over the paint's. There a pixel
	// shows little of the saturation and wears the paint all the same.
	ShineLow   = 1.05
	ShineHigh  = 1.40
	ShineReach = 0.5 // its share of the saturation counts 1 + ShineReach times

	// Who wears a grey one. The distance of the chromaticities:
	GreyLow  = 0.06
	GreyHigh = 0.11
	DarkWide = 1.5 // more, by this share, where paint and pixel are dark: near black all tints are reflections
	// Paint darker than BlackLow is black, lighter than BlackHigh is not:
	BlackLow  = 0.25
	BlackHigh = 0.50
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

)

// Stats describes the paint an object mostly wears.
type Stats struct {
	// Found is false when the mask holds nothing to measure; the rest is then zero.
	Found bool
	// L is the mean lightness of the pixels that wear the paint, Spread their standard deviation.
	L, Spread float32
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

// Mean is the paint's mean colour, as it looks in the picture.
func (s *Stats) Mean() pixel.Lab {
	d := max(s.L, 0) + DarkOffset
	return pixel.Lab{L: s.L, A: s.P * d, B: s.Q * d}
}

// Saturation is the length of the paint's chromaticity.
func (s *Stats) Saturation() float32 { return hypot(s.P, s.Q) }

// brightness is the paint's mean lightness, never so small that a ratio to it explodes.
func (s *Stats) brightness() float32 { return max(s.L, 0.05) }

// chromaticity is the part of a colour that shading leaves alone.
func chromaticity(c pixel.Lab) (p, q float32) {
	d := 1 / (max(c.L, 0) + DarkOffset)
	return c.A * d, c.B * d
}

// shine is how much a lightness is that of a highlight on a coloured paint, in [0,1].
func (s *Stats) shine(l float32) float32 {
	return s.Colored * ramp(l/s.brightness(), ShineLow, ShineHigh)
}

// Member is how much of the paint a colour wears, in [0,1], and along, the
// share of the paint's saturation it shows, in [0,MaxAlong].
func (s *Stats) Member(c pixel.Lab) (alpha, along float32) {
	p, q := chromaticity(c)
	sat := max(s.Saturation(), 1e-3)
	up, uq := s.P/sat, s.Q/sat
	t := (p*up + q*uq) / sat
	along = min(max(t, 0), MaxAlong)
	if s.Colored < 1 {
		alpha = s.wearsGrey(c.L, p, q)
	}
	if s.Colored > 0 {
		perp := abs(q*up-p*uq) / sat
		colored := ramp(t*(1+ShineReach*s.shine(c.L)), AlongLow, AlongHigh) * (1 - ramp(perp/(max(t, 0)+PerpFloor), PerpLow, PerpHigh))
		alpha += s.Colored * (colored - alpha)
	}
	return alpha, along
}

// wearsGrey is how much of a grey paint a colour wears.
func (s *Stats) wearsGrey(l, p, q float32) float32 {
	black := 1 - ramp(s.L, BlackLow, BlackHigh)
	wide := 1 + DarkWide*black*(1-ramp(l, ShadeLow, ShadeHigh))
	grey := 1 - ramp(hypot(p-s.P, q-s.Q)/wide, GreyLow, GreyHigh)
	if grey == 0 {
		return 0
	}
	side := ramp(s.Sign*(l-s.Split), -SplitSoft, SplitSoft)
	light := ramp(l/s.brightness(), DarkLow, DarkHigh)
	return grey * (1 + s.Gate*(side-1)) * (light + black*(1-light))
}
