package lettering

import (
	"math"

	"pentimento/internal/pixel"
)

// Hand is how a line is written: the font and the map that lays words in it
// over the strokes that were there.
type Hand struct {
	Font     int     // index of the shipped face, from light to bold
	Height   float64 // samples per em
	Width    float64 // horizontal scale beside Height: below 1 is condensed
	Tracking float64 // space added between letters, in thousandths of an em before Width
	Slant    float64 // samples to the right per sample upwards
	Soft     float64 // blur of the strokes' edges, a Gaussian's standard deviation in samples
	X, Y     float64 // where the line's ink begins and its baseline stands, in samples

	match float64 // agreement of the old words drawn in this hand with the strokes
}

const (
	leastWidth = 0.62 // how far longer words may be condensed, beside the old hand's width, before they shrink
	slantBin   = 0.02 // leans are told apart by this much

	traceOfNoise = 0.04 // share of ink, or its step from sample to sample, that noise makes too
	drawnSoft    = 0.3  // the softness of an edge drawn by area coverage, in samples
)

// Measure finds the hand in which words stand in the picture: every face is
// fitted to the strokes' box, wide and close or condensed and spaced out, and the
// and the one whose ink agrees best is taken. words are as they were read; slips of a
// letter or two do little harm.
func (s *Strokes) Measure(words string) (Hand, error) {
	faces, err := fonts()
	if err != nil {
		return Hand{}, err
	}
	slant, soft := s.slant(), s.softness()
	seen := s.squint(s.Alpha)
	best := Hand{match: -1}
	for i, f := range faces {
		p, err := outline(f, words)
		if err != nil {
			return Hand{}, err
		}
		for share := 1.0; share > 0.6; share -= 0.05 {
			h, ink := s.fit(p, share, slant, soft)
			h.Font = i
			if h.match = agreement(s.squint(ink), seen) * math.Sqrt(ratio(total(ink), total(s.Alpha))); h.match > best.match {
				best = h
			}
		}
	}
	return best, nil
}

// slant is how far the stems lean: the commonest direction among the strokes'
// steep edges, weighted by their strength. A stem that leans by k has the normal (1, k).
func (s *Strokes) slant() float64 {
	const half = 22 // bins to each side: no hand leans further than 0.44
	count := make([]float64, 2*half+1)
	smooth := blur(s.Alpha, s.W, s.H, s.Scale) // between pixels the stairs of a leaning edge are all upright
	for y := s.Box.Min.Y + 1; y < s.Box.Max.Y-1; y++ {
		for x := max(1, s.Box.Min.X); x < min(s.W-1, s.Box.Max.X); x++ {
			i := y*s.W + x
			gx := float64(smooth[i+1] - smooth[i-1])
			gy := float64(smooth[i+s.W] - smooth[i-s.W])
			if math.Abs(gx) < 0.1 {
				continue
			}
			if k := math.Round(gy / gx / slantBin); math.Abs(k) <= half {
				count[half+int(k)] += gx * gx
			}
		}
	}
	best, at := 0.0, half
	for i := 2; i < len(count)-2; i++ {
		if sum := count[i-2] + 2*count[i-1] + 3*count[i] + 2*count[i+1] + count[i+2]; sum > best {
			best, at = sum, i
		}
	}
	return float64(at-half) * slantBin
}

// squint blurs inks by a tenth of the letters' height, so that two that differ in
// the places of letters by less than their width still agree.
func (s *Strokes) squint(ink []float32) []float32 {
	return blur(ink, s.W, s.H, 0.1*float64(s.Box.Dy()))
}

func total(v []float32) float64 {
	sum := 0.0
	for _, a := range v {
		sum += float64(a)
	}
	return sum
}

// ratio is the smaller over the larger.
func ratio(a, b float64) float64 { return min(a, b) / max(a, b, 1e-9) }

// fit lays an outline over the strokes' box: as wide as the box with share 1,
// with a smaller share narrower and its letters spaced out to fill the box.
func (s *Strokes) fit(p path, share, slant, soft float64) (Hand, []float32) {
	_, y0, _, y1 := p.extent(0)
	h := Hand{Slant: slant, Soft: soft, Width: 1, X: float64(s.Box.Min.X)}
	h.Height = em * float64(s.Box.Dy()) / max(y1-y0, 1)
	h.Y = float64(s.Box.Min.Y) - y0*h.Height/em
	k := h.Height / em
	// The slant shears by samples, so in em units it acts beside Width; a few rounds settle both.
	for range 3 {
		x0, _, x1, _ := p.extent(-slant / h.Width)
		h.Width = share * float64(s.Box.Dx()) / max((x1-x0)*k, 1)
	}
	if last := p.glyphs[len(p.glyphs)-1]; last > 0 {
		h.Tracking = (1 - share) * float64(s.Box.Dx()) / (k * h.Width * float64(last))
	}
	return h, p.spaced(h.Tracking).draw(s.W, s.H, h.lay(p))
}

// softness is the blur of the strokes' edges beyond that of a drawn one. Across an
// edge blurred by a Gaussian of standard deviation σ the integral of a(1−a) is
// σ/√π and that of the gradient's length is 1, whatever the edge's direction.
func (s *Strokes) softness() float64 {
	var mixed, edge float64
	for y := s.Box.Min.Y; y < min(s.Box.Max.Y, s.H-1); y++ {
		for x := s.Box.Min.X; x < min(s.Box.Max.X, s.W-1); x++ {
			a := float64(s.Alpha[y*s.W+x])
			dx, dy := float64(s.Alpha[y*s.W+x+1])-a, float64(s.Alpha[(y+1)*s.W+x])-a
			if a > traceOfNoise {
				mixed += a * (1 - a)
			}
			if g := math.Hypot(dx, dy); g > traceOfNoise {
				edge += g
			}
		}
	}
	sigma := math.Sqrt(math.Pi) * mixed / max(edge, 1)
	return math.Sqrt(max(0, sigma*sigma-drawnSoft*drawnSoft))
}

// lay maps an outline's em units to samples so that its ink begins at X on the baseline Y.
func (h Hand) lay(p path) affine {
	x0, _, _, _ := p.extent(-h.Slant / h.Width)
	k := h.Height / em
	return affine{a: k * h.Width, b: -k * h.Slant, c: h.X - x0*k*h.Width, d: k, e: h.Y}
}

// agreement is the correlation of two inks.
func agreement(a, b []float32) float64 {
	var ma, mb float64
	for i := range a {
		ma, mb = ma+float64(a[i]), mb+float64(b[i])
	}
	ma, mb = ma/float64(len(a)), mb/float64(len(b))
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i])-ma, float64(b[i])-mb
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(max(aa*bb, 1e-12))
}

func blur(v []float32, w, h int, sigma float64) []float32 {
	if sigma <= 0 {
		return v
	}
	return pixel.GaussianBlur(&pixel.Plane{W: w, H: h, V: v}, sigma).V
}

// Write draws words in a hand: W×H shares of ink on the patch. Words longer than
// the strokes they replace are condensed and then made smaller until they fit
// between the patch's sides; shorter ones begin where the old ones began.
func (s *Strokes) Write(words string, h Hand) ([]float32, error) {
	faces, err := fonts()
	if err != nil {
		return nil, err
	}
	p, err := outline(faces[h.Font], words)
	if err != nil {
		return nil, err
	}
	p = p.spaced(h.Tracking)
	x0, _, x1, _ := p.extent(-h.Slant / h.Width)
	width := (x1 - x0) * h.Height / em * h.Width
	limit := float64(s.Box.Dx()) + s.Margin
	if width > limit {
		h.X = max(0, float64(s.Box.Min.X)-s.Margin/2)
		squeeze := max(limit/width, leastWidth)
		h.Width *= squeeze
		if width *= squeeze; width > limit {
			k := limit / width
			mid := h.Y - 0.35*h.Height // about half the height of the letters
			h.Y = mid + 0.35*h.Height*k
			h.Height *= k
		}
	}
	return blur(p.draw(s.W, s.H, h.lay(p)), s.W, s.H, h.Soft), nil
}

// Paint lays ink on a picture in the strokes' colour. It writes into img.
func (s *Strokes) Paint(img *pixel.Image, ink []float32) {
	r, g, b, _ := s.Ink.RGB()
	color := [3]float64{float64(r), float64(g), float64(b)}
	s.each(img.W, img.H, func(x, y int, px, py float64) {
		a := s.between(ink, px, py)
		if a < 1.0/255 {
			return
		}
		at := img.Pix[4*(y*img.W+x):]
		for c := range 3 {
			at[c] = uint8(float64(at[c])*(1-a) + color[c]*a + 0.5)
		}
	})
}
