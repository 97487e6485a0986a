package builtin

// Bins of a histogram: lightness 0..100 and the two chroma axes -36..36 in feature units.
const (
	lightBins  = 18
	chromaBins = 18
	lightStep  = 6.0
	chromaStep = 4.0
)

// histogram counts colours, smoothed by one bin so that neighbours in colour help each other.
type histogram struct {
	v   [lightBins * chromaBins * chromaBins]float64
	sum float64
}

func bin(v float32, step float64, n int) int {
	return min(max(int(float64(v)/step), 0), n-1)
}

func binOf(f feature) int {
	l := bin(f[0], lightStep, lightBins)
	a := bin(f[1]+chromaStep*chromaBins/2, chromaStep, chromaBins)
	b := bin(f[2]+chromaStep*chromaBins/2, chromaStep, chromaBins)
	return (l*chromaBins+a)*chromaBins + b
}

func (h *histogram) add(f feature) {
	h.v[binOf(f)]++
	h.sum++
}

// finish smooths by 1-2-1 along each axis and makes the sum 1.
func (h *histogram) finish() {
	for _, axis := range []struct{ step, n int }{{1, chromaBins}, {chromaBins, chromaBins}, {chromaBins * chromaBins, lightBins}} {
		old := h.v
		for i := range h.v {
			pos := i / axis.step % axis.n
			v := 2 * old[i]
			if pos > 0 {
				v += old[i-axis.step]
			}
			if pos < axis.n-1 {
				v += old[i+axis.step]
			}
			h.v[i] = v / 4
		}
	}
	if h.sum > 0 {
		for i := range h.v {
			h.v[i] /= h.sum
		}
	}
}

// at is the share of pixels that have about this colour.
func (h *histogram) at(f feature) float64 { return h.v[binOf(f)] }
