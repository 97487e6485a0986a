package onnx

import (
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Weights of luma, Rec. 601, as the networks' own pre-processing has them.
const lumaR, lumaG, lumaB = 0.299, 0.587, 0.114

// fill writes the picture into an input tensor as declared:
// (sample·scale − mean) / std per channel, in the declared order and layout.
func fill(t tensorData, in edit.TensorInput, f frame, img *pixel.Image) {
	p := newPacker(t, in, f.netW, f.netH)
	if !f.repeat && f.dst.Size() != image.Pt(f.netW, f.netH) {
		p.background(in.Pad)
	}
	if f.src.Size() == f.dst.Size() {
		p.copy(f, img)
		return
	}
	pixel.Rows(f.dst.Dy(), func(y0, y1 int) {
		r := newRowSampler(img, f)
		for y := y0; y < y1; y++ {
			p.row(f.dst.Min.X, f.dst.Min.Y+y, r.at(y))
		}
	})
	if f.repeat {
		p.extend(f)
	}
}

// packer writes rows of red, green, blue samples (0..255) into a tensor.
type packer struct {
	t        tensorData
	w, plane int // plane: elements from one channel to the next in nchw
	nhwc     bool
	channels int
	order    [3]int     // channel of the tensor -> sample of the picture
	a, b     [3]float32 // value = a·sample + b
	// gray makes the one sample that all channels take; nil where they take their own.
	gray func(r, g, b float32) float32
}

func luma(r, g, b float32) float32 { return lumaR*r + lumaG*g + lumaB*b }

func newPacker(t tensorData, in edit.TensorInput, w, h int) *packer {
	p := &packer{t: t, w: w, plane: w * h, nhwc: in.Layout == "nhwc" || in.Layout == "hwc", channels: channelsOf(in), order: [3]int{0, 1, 2}}
	switch in.Order {
	case "bgr":
		p.order = [3]int{2, 1, 0}
	case "gray":
		p.gray = luma
	case "lightness":
		p.gray = func(r, g, b float32) float32 { return 2.55 * lightness(r, g, b) }
	case "neutral":
		p.gray = neutral
	}
	scale := in.Scale
	if scale == 0 {
		scale = 1
	}
	for c := range p.channels {
		mean, std := perChannel(in.Mean, c, 0), perChannel(in.Std, c, 1)
		p.a[c], p.b[c] = float32(scale/std), float32(-mean/std)
	}
	return p
}

// perChannel reads a list of one value for all channels, or one for each.
func perChannel(v []float64, c int, none float64) float64 {
	switch {
	case len(v) == 0:
		return none
	case len(v) == 1:
		return v[0]
	}
	return v[c]
}

// row writes samples (three per pixel) from (x0,y) on.
func (p *packer) row(x0, y int, rgb []float32) {
	n := len(rgb) / 3
	for c := range p.channels {
		at, step := c*p.plane+y*p.w+x0, 1
		if p.nhwc {
			at, step = (y*p.w+x0)*p.channels+c, p.channels
		}
		a, b, k := p.a[c], p.b[c], p.order[c]
		switch {
		case p.gray != nil:
			for i := range n {
				s := rgb[3*i : 3*i+3 : 3*i+3]
				p.put(at+i*step, a*p.gray(s[0], s[1], s[2])+b)
			}
		case p.t.f != nil:
			dst := p.t.f[at:]
			for i := range n {
				dst[i*step] = a*rgb[3*i+k] + b
			}
		default:
			for i := range n {
				p.put(at+i*step, a*rgb[3*i+k]+b)
			}
		}
	}
}

func (p *packer) put(i int, v float32) {
	switch {
	case p.t.f != nil:
		p.t.f[i] = v
	case p.t.u != nil:
		p.t.u[i] = uint8(min(max(v+0.5, 0), 255))
	default:
		p.t.i[i] = int64(math.Round(float64(v)))
	}
}

// background fills the whole tensor with one sample value.
func (p *packer) background(v float64) {
	row := make([]float32, 3*p.w)
	for i := range row {
		row[i] = float32(v)
	}
	for y := range p.plane / p.w {
		p.row(0, y, row)
	}
}

// copy writes the picture at 1:1. With f.repeat the whole tensor is covered:
// what lies outside f.src is the picture's neighbouring pixels, its border repeated.
func (p *packer) copy(f frame, img *pixel.Image) {
	area := f.dst
	if f.repeat {
		area.Min.X, area.Min.Y, area.Max.X, area.Max.Y = 0, 0, f.netW, f.netH
	}
	dx, dy := f.src.Min.X-f.dst.Min.X, f.src.Min.Y-f.dst.Min.Y
	pixel.Rows(area.Dy(), func(y0, y1 int) {
		row := make([]float32, 3*area.Dx())
		for y := area.Min.Y + y0; y < area.Min.Y+y1; y++ {
			line := img.Pix[4*img.W*f.beyond(y+dy, img.H):]
			for i := range area.Dx() {
				s := line[4*f.beyond(area.Min.X+i+dx, img.W):]
				row[3*i], row[3*i+1], row[3*i+2] = float32(s[0]), float32(s[1]), float32(s[2])
			}
			p.row(area.Min.X, y, row)
		}
	})
}

// extend fills what lies outside f.dst from the samples inside it.
func (p *packer) extend(f frame) {
	step, across := 1, p.plane
	if p.nhwc {
		step, across = p.channels, 1
	}
	for y := range f.netH {
		sy := f.dst.Min.Y + f.beyond(y-f.dst.Min.Y, f.dst.Dy())
		for x := range f.netW {
			sx := f.dst.Min.X + f.beyond(x-f.dst.Min.X, f.dst.Dx())
			if sx == x && sy == y {
				continue
			}
			for c := range p.channels {
				p.t.move((y*p.w+x)*step+c*across, (sy*p.w+sx)*step+c*across)
			}
		}
	}
}

// rowSampler resamples f.src of a picture to f.dst row by row, without the
// float planes of the whole picture that pixel.ResizePlane needs: most of a
// detector's time outside the network would go there. Each source row is reduced
// sideways once; the last few are kept. Its kernels are those of pixel.PlaneFilter.
type rowSampler struct {
	img    *pixel.Image
	f      frame
	tx, ty []tap
	rows   map[int][]float32 // source row -> resampled sideways, three samples a pixel
	free   [][]float32
	out    []float32
}

// tap is one output sample: the weights of the source samples from first on.
type tap struct {
	first  int
	weight []float32
}

func newRowSampler(img *pixel.Image, f frame) *rowSampler {
	return &rowSampler{
		img: img, f: f, rows: make(map[int][]float32),
		tx:  newTaps(f.src.Dx(), f.dst.Dx(), f.filter),
		ty:  newTaps(f.src.Dy(), f.dst.Dy(), f.filter),
		out: make([]float32, 3*f.dst.Dx()),
	}
}

// at returns output row y; it is valid until the next call. Rows must be asked for in rising order.
func (r *rowSampler) at(y int) []float32 {
	t := r.ty[y]
	for j, row := range r.rows {
		if j < t.first {
			r.free = append(r.free, row)
			delete(r.rows, j)
		}
	}
	if len(t.weight) == 2 {
		top, bottom := r.sideways(t.first), r.sideways(t.first+1)
		bottom = bottom[:len(top)]
		a, b := t.weight[0], t.weight[1]
		for i, v := range top {
			r.out[i] = a*v + b*bottom[i]
		}
		return r.out
	}
	clear(r.out)
	for k, w := range t.weight {
		row := r.sideways(t.first + k)
		for i, v := range row {
			r.out[i] += w * v
		}
	}
	return r.out
}

func (r *rowSampler) sideways(j int) []float32 {
	if row, ok := r.rows[j]; ok {
		return row
	}
	var row []float32
	if n := len(r.free); n > 0 {
		row, r.free = r.free[n-1], r.free[:n-1]
	} else {
		row = make([]float32, len(r.out))
	}
	line := r.img.Pix[4*((r.f.src.Min.Y+j)*r.img.W+r.f.src.Min.X):]
	for i, t := range r.tx {
		var s0, s1, s2 float32
		if len(t.weight) == 2 { // bilinear: the detectors' case, twice as fast without the loop
			px := line[4*t.first : 4*t.first+8 : 4*t.first+8]
			a, b := t.weight[0], t.weight[1]
			row[3*i] = a*float32(px[0]) + b*float32(px[4])
			row[3*i+1] = a*float32(px[1]) + b*float32(px[5])
			row[3*i+2] = a*float32(px[2]) + b*float32(px[6])
			continue
		}
		px := line[4*t.first : 4*(t.first+len(t.weight))]
		for k, w := range t.weight {
			s0 += w * float32(px[4*k])
			s1 += w * float32(px[4*k+1])
			s2 += w * float32(px[4*k+2])
		}
		row[3*i], row[3*i+1], row[3*i+2] = s0, s1, s2
	}
	r.rows[j] = row
	return row
}

// newTaps computes the taps of n outputs over m source samples, the border
// repeated: the mean of the covered span when Area shrinks, else two taps
// around the centre (OpenCV's INTER_AREA and INTER_LINEAR).
func newTaps(m, n int, filter pixel.PlaneFilter) []tap {
	taps := make([]tap, n)
	step := float64(m) / float64(n)
	for i := range taps {
		if filter == pixel.Area && step > 1 {
			lo, hi := float64(i)*step, min(float64(i+1)*step, float64(m))
			first := int(lo)
			last := max(first, min(int(math.Ceil(hi)), m)-1)
			w := make([]float32, last-first+1)
			for j := range w {
				cover := min(float64(first+j+1), hi) - max(float64(first+j), lo)
				w[j] = float32(cover / (hi - lo))
			}
			taps[i] = tap{first, w}
			continue
		}
		c := (float64(i)+0.5)*step - 0.5
		first := int(math.Floor(c))
		frac := float32(c - float64(first))
		switch {
		case first < 0:
			taps[i] = tap{0, []float32{1}}
		case first+1 >= m:
			taps[i] = tap{m - 1, []float32{1}}
		default:
			taps[i] = tap{first, []float32{1 - frac, frac}}
		}
	}
	return taps
}
