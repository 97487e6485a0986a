package builtin

import (
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
	"pentimento/internal/tools/maxflow"
)

// cutOptions are the knobs of the segmentation energy; a tool doc's variants set them.
type cutOptions struct {
	smooth float64 // cost of a border between equal colours, in nats; 0: what suits the evidence
	rounds int     // times the colour models are learned again
	color  float64 // weight of the colour models against the other evidence
}

const (
	// basePixels bounds the picture on which the colour models are learned. Legs
	// and rods a hundredth of the object wide are still three pixels there.
	basePixels = 160_000
	// dataLimit bounds what colours can say about one pixel, in nats, so that
	// one odd colour cannot outvote its whole neighbourhood.
	dataLimit = 9.0
	// capScale turns nats into the integer capacities of a maxflow.Grid.
	capScale = 100
	// featureScale turns OKLab into feature units.
	featureScale = 100
)

// frame is a part of the picture at some scale, with its colours.
type frame struct {
	crop image.Rectangle // in the full picture
	w, h int
	f    []feature
	// scale turns a squared colour difference into an index of edgeTable.
	scale float32
}

// edgeTable is exp(-x) in steps of 1/64; from x = 8 on an edge costs nothing worth counting.
var edgeTable = func() (t [8 * 64]float32) {
	for i := range t {
		t[i] = float32(math.Exp(-(float64(i) + 0.5) / 64))
	}
	return t
}()

// contrastRows bounds the rows from which a frame's contrast is measured.
const contrastRows = 200

// newFrame cuts crop out of the picture and scales it to w×h.
func newFrame(img *pixel.Image, crop image.Rectangle, w, h int) *frame {
	part := pixel.Crop(img, crop)
	if w != part.W || h != part.H {
		part = pixel.Resize(part, w, h, pixel.Box)
	}
	lab := pixel.LabPlane(part)
	fr := &frame{crop: crop, w: w, h: h, f: make([]feature, len(lab))}
	for i, c := range lab {
		fr.f[i] = feature{featureScale * c.L, featureScale * c.A, featureScale * c.B}
	}
	fr.contrast()
	return fr
}

// lab is the frame's colours in OKLab's own units.
func (fr *frame) lab() []pixel.Lab {
	out := make([]pixel.Lab, len(fr.f))
	for i, f := range fr.f {
		out[i] = pixel.Lab{L: f[0] / featureScale, A: f[1] / featureScale, B: f[2] / featureScale}
	}
	return out
}

// contrast measures β = 1/(2·mean‖Δ‖²) over neighbours, as Rother et al. 2004
// have it, with a floor on the mean so that noise in a flat picture is no edge.
func (fr *frame) contrast() {
	var sum float64
	var n int
	for k := range steps {
		for y := 0; y < fr.h; y += fr.h/contrastRows + 1 {
			fr.pairsIn(k, y, y+1, func(i, j int) {
				sum += float64(dist2(fr.f[i], fr.f[j]))
				n++
			})
		}
	}
	fr.scale = float32(64 / (2 * math.Max(sum/float64(max(n, 1)), 4)))
}

// steps lead from a pixel to one neighbour of each opposite pair; the first two
// are straight, the others diagonal.
var steps = [4]struct{ dx, dy, dir int }{
	{1, 0, maxflow.Right}, {0, 1, maxflow.Down}, {1, 1, maxflow.DownRight}, {-1, 1, maxflow.DownLeft},
}

// edge is the smoothness weight exp(-β‖Δ‖²) of two neighbours one steps[k] apart,
// divided by their distance.
func (fr *frame) edge(k, i, j int) float32 {
	v := dist2(fr.f[i], fr.f[j]) * fr.scale
	if v >= float32(len(edgeTable)) {
		return 0
	}
	if k >= 2 { // diagonal
		return edgeTable[int(v)] / math.Sqrt2
	}
	return edgeTable[int(v)]
}

// pairs calls f for every pixel i and its neighbour j at steps[k].
func (fr *frame) pairs(k int, f func(i, j int)) { fr.pairsIn(k, 0, fr.h, f) }

// pairsIn is pairs for the pixels of rows y0 to y1.
func (fr *frame) pairsIn(k, y0, y1 int, f func(i, j int)) {
	dx, dy := steps[k].dx, steps[k].dy
	x0, x1 := max(0, -dx), fr.w-max(0, dx)
	y0, y1 = max(y0, -dy), min(y1, fr.h-max(0, dy))
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			i := y*fr.w + x
			f(i, i+dy*fr.w+dx)
		}
	}
}

func dist2(a, b feature) float32 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// What is known of a pixel before the cut.
const (
	unknown int8 = iota
	surelyOut
	surelyIn
)

// evidence is what speaks for or against each pixel of a frame besides its colour.
type evidence struct {
	fixed []int8
	// seed is the belief in [0,1] that a pixel is inside; the first colour models are learned from it.
	seed []float32
	// trust in [0,1] is how much a pixel teaches: near a class map's border the map cannot be believed either way.
	trust []float32
	// prior is added to the colour models' log odds, in nats.
	prior []float32
	// ignore marks pixels whose colour must teach neither model: a second object of the same kind.
	ignore []bool
	// rim marks pixels a little beyond a box, which the object may reach nevertheless.
	rim []bool
	// open marks pixels of which the class maps are no evidence, for they contradict the boxes there.
	open []bool
	// tight are boxes that the object touches on all sides: a detector's.
	tight []image.Rectangle
	// colorsOnly says that no class map vouches for the object.
	colorsOnly bool
	// alone says that a box is all there is: no class map of anything.
	alone bool
}

func newEvidence(n int) *evidence {
	ev := &evidence{
		fixed: make([]int8, n), seed: make([]float32, n), trust: make([]float32, n),
		prior: make([]float32, n), ignore: make([]bool, n), open: make([]bool, n), rim: make([]bool, n),
	}
	for i := range ev.trust {
		ev.trust[i] = 1
	}
	return ev
}

// models are the colours of inside and outside.
type models struct {
	in, out mixture
	places  *placed // nil before the first cut
}

// odds is the log odds that a colour is the object's.
func (m models) odds(f feature) float32 {
	if m.in == nil || m.out == nil {
		return 0
	}
	return min(max(m.in.log(f)-m.out.log(f), -dataLimit), dataLimit)
}

// leastTrust is what an untrusted pixel teaches once a cut has labelled it.
const leastTrust = 0.3

// learn fits both models to beliefs; floor is the least trust.
func learn(fr *frame, ev *evidence, belief []float32, floor float32) models {
	var in, out []sample
	for i, f := range fr.f {
		if ev.ignore[i] {
			continue
		}
		b, t := belief[i], max(ev.trust[i], floor)
		switch ev.fixed[i] {
		case surelyIn:
			b = 1
		case surelyOut:
			b = 0
		}
		if b > 0.05 {
			in = append(in, sample{f, b * t})
		}
		if b < 0.95 {
			out = append(out, sample{f, (1 - b) * t})
		}
	}
	return models{in: fitMixture(in), out: fitMixture(out)}
}

// grabCut separates the object from the rest by the method of Rother,
// Kolmogorov and Blake ("GrabCut", 2004): colour models and a minimum cut are
// found in turn. It returns the labelling (1 inside, 0 outside) and the models.
func grabCut(ctx context.Context, fr *frame, ev *evidence, opt cutOptions) ([]float32, models, error) {
	belief := ev.seed
	var m models
	for round := range opt.rounds {
		floor := float32(0)
		if round > 0 {
			floor = leastTrust
		}
		m = learn(fr, ev, belief, floor)
		if round > 0 {
			m.places = countPlaces(fr, ev, belief)
		}
		next, err := cut(ctx, fr, ev, m, opt)
		if err != nil {
			return nil, m, err
		}
		changed := 0
		for i := range next {
			if round > 0 && next[i] != belief[i] {
				changed++
			}
		}
		belief = next
		if round > 0 && changed*500 < len(next) {
			break
		}
	}
	return belief, m, nil
}

// cut labels the unknown pixels of a frame by one minimum cut under the models.
func cut(ctx context.Context, fr *frame, ev *evidence, m models, opt cutOptions) ([]float32, error) {
	odds := make([]float32, len(fr.f))
	if m.places != nil {
		m.places = m.places.scaledTo(fr.w)
	}
	pixel.Rows(fr.h, func(y0, y1 int) {
		for i := y0 * fr.w; i < y1*fr.w; i++ {
			if ev.fixed[i] == unknown {
				o := m.odds(fr.f[i])
				if m.places != nil {
					o = m.places.odds(i%fr.w, i/fr.w, fr.f[i], o)
				}
				odds[i] = float32(opt.color)*o + ev.prior[i]
			}
		}
	})
	g := maxflow.New(fr.w, fr.h)
	for i, o := range odds {
		if ev.fixed[i] == unknown {
			g.AddTerminal(g.Node(i%fr.w, i/fr.w), capacity(float64(o)))
		}
	}
	for k := range steps {
		fr.pairs(k, func(i, j int) {
			if ev.fixed[i] == unknown || ev.fixed[j] == unknown {
				link(g, fr, ev, i, j, k, capacity(opt.smooth*float64(fr.edge(k, i, j))))
			}
		})
	}
	if err := g.Solve(ctx); err != nil {
		return nil, err
	}
	label := make([]float32, len(fr.f))
	for i := range label {
		if ev.fixed[i] == surelyIn || ev.fixed[i] == unknown && g.Source(g.Node(i%fr.w, i/fr.w)) {
			label[i] = 1
		}
	}
	return label, nil
}

// link joins two pixels. An edge to a pixel that is already decided becomes
// terminal capacity of the other, so decided pixels are no part of the graph.
func link(g *maxflow.Grid, fr *frame, ev *evidence, i, j, k int, c int32) {
	a, b := ev.fixed[i], ev.fixed[j]
	switch {
	case a == unknown && b == unknown:
		g.AddEdge(g.Node(i%fr.w, i/fr.w), steps[k].dir, c, c)
	case a == unknown:
		g.AddTerminal(g.Node(i%fr.w, i/fr.w), towards(b, c))
	case b == unknown:
		g.AddTerminal(g.Node(j%fr.w, j/fr.w), towards(a, c))
	}
}

func towards(fixed int8, c int32) int32 {
	if fixed == surelyIn {
		return c
	}
	return -c
}

func capacity(nats float64) int32 { return int32(math.Round(nats * capScale)) }
