package pixel

// FitWithin returns the greatest size of the same shape that is at most maxW×maxH; it never enlarges.
func FitWithin(w, h, maxW, maxH int) (int, int) {
	if w <= maxW && h <= maxH {
		return w, h
	}
	s := min(float64(maxW)/float64(w), float64(maxH)/float64(h))
	return max(1, int(float64(w)*s+0.5)), max(1, int(float64(h)*s+0.5))
}

// ResizeMask resamples a matte to w×h: by area along a side that shrinks, bilinear along one that grows.
func ResizeMask(m *Mask, w, h int) *Mask {
	if w == m.W && h == m.H {
		return m.Clone()
	}
	return MaskOf(ResizePlane(m.Plane(), w, h, Area))
}

// PlaneFilter is a resampling kernel for planes. The kinds copy what the
// libraries do that networks were trained with.
type PlaneFilter int

// The plane filters. All take pixel centres at half coordinates; all but
// Triangle, which leaves out what lies past it, repeat the border.
const (
	Nearest  PlaneFilter = iota // the sample under the centre
	Bilinear                    // two taps a side, aliases when shrinking: OpenCV INTER_LINEAR, ONNX Resize half_pixel
	Triangle                    // bilinear widened by the step when shrinking: PIL BILINEAR, torchvision antialias
	Area                        // mean of the covered area when shrinking, as OpenCV INTER_AREA; Bilinear when growing
	Cubic                       // four taps, a = -0.75, aliases when shrinking: OpenCV INTER_CUBIC
)

// ResizePlane resamples a plane to w×h (both at least 1).
func ResizePlane(p *Plane, w, h int, f PlaneFilter) *Plane {
	mustSize(w, h)
	if w == p.W && h == p.H {
		return p.Clone()
	}
	tx, ty := newTaps(p.W, w, f), newTaps(p.H, h, f)
	mid := NewPlane(w, p.H)
	Rows(p.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			src, dst := p.V[y*p.W:(y+1)*p.W], mid.V[y*w:(y+1)*w]
			for x := range dst {
				t := &tx[x]
				var s float32
				for k, wt := range t.weight {
					s += wt * src[t.at(k, p.W)]
				}
				dst[x] = s
			}
		}
	})
	out := NewPlane(w, h)
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			dst, t := out.V[y*w:(y+1)*w], &ty[y]
			for k, wt := range t.weight {
				j := t.at(k, p.H)
				for x, v := range mid.V[j*w : (j+1)*w] {
					dst[x] += wt * v
				}
			}
		}
	})
	return out
}

// taps are the weights of one output sample over input samples first, first+1, ...
type taps struct {
	first  int
	weight []float32
}

// at is the input index of tap k, the border repeated.
func (t *taps) at(k, n int) int { return min(max(t.first+k, 0), n-1) }

// newTaps computes, for each of out samples, which of in samples it mixes and how.
func newTaps(in, out int, f PlaneFilter) []taps {
	list := make([]taps, out)
	step := float64(in) / float64(out)
	if f == Area && step < 1 {
		f = Bilinear
	}
	for i := range list {
		center := (float64(i)+0.5)*step - 0.5 // in input sample coordinates
		lo, hi, weight := kernel(f, step, center)
		if f == Triangle { // PIL leaves out what lies past the border
			lo, hi = max(lo, 0), min(hi, in-1)
		}
		t := taps{first: lo}
		var sum float64
		for j := lo; j <= hi; j++ {
			sum += weight(float64(j) - center)
		}
		for j := lo; j <= hi; j++ {
			t.weight = append(t.weight, float32(weight(float64(j)-center)/sum))
		}
		list[i] = t
	}
	return list
}

// Bilerp samples a plane at a real position, pixel centres at whole numbers, the border repeated.
func (p *Plane) Bilerp(x, y float64) float32 {
	x = min(max(x, 0), float64(p.W-1))
	y = min(max(y, 0), float64(p.H-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, p.W-1), min(y0+1, p.H-1)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	top := p.At(x0, y0)*(1-fx) + p.At(x1, y0)*fx
	bottom := p.At(x0, y1)*(1-fx) + p.At(x1, y1)*fx
	return top*(1-fy) + bottom*fy
}

func mustSize(w, h int) {
	if w < 1 || h < 1 {
		panic("pixel: a raster is at least 1×1")
	}
}
