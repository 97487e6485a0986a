package pixel

import (
	"context"
	"math"
)

// Filter is a resampling kernel for pictures.
type Filter int

// The filters, from the fastest to the sharpest. When a picture shrinks, all
// widen with the step, so that none aliases.
const (
	Box Filter = iota
	Linear
	CatmullRom
	Lanczos // three lobes
)

// Resize resamples a picture to w×h (both at least 1). Samples are weighted by
// their alpha, so what hides under transparent pixels leaves no fringe.
// It works on the encoded (gamma) samples, and on the stored ones where the
// picture has them.
func Resize(m *Image, w, h int, f Filter) *Image {
	return resize(m, w, h, f, func() bool { return false })
}

// ResizeContext is Resize that stops within moments when ctx ends; then it returns its error.
func ResizeContext(ctx context.Context, m *Image, w, h int, f Filter) (*Image, error) {
	out := resize(m, w, h, f, func() bool { return ctx.Err() != nil })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// resize leaves its result unfinished once stopped says so.
func resize(m *Image, w, h int, f Filter, stopped func() bool) *Image {
	mustSize(w, h)
	if w == m.W && h == m.H {
		return m.Clone()
	}
	if m.Deep == nil && !m.HasAlpha {
		if pix, ok := resizeOpaque(stopped, m, w, h, f); ok {
			return &Image{W: w, H: h, Pix: pix}
		}
	}
	tx, _, _ := weigh(m.W, w, f, weightBits)
	ty, _, _ := weigh(m.H, h, f, weightBits)
	if d := m.Deep; d != nil {
		pix := resample(stopped, d.Pix, m.W, m.HasAlpha, tx, ty, unpack16, pack16)
		if stopped() {
			return nil
		}
		return FromDeep(w, h, d.with(pix), m.HasAlpha)
	}
	return &Image{W: w, H: h, HasAlpha: m.HasAlpha, Pix: resample(stopped, m.Pix, m.W, m.HasAlpha, tx, ty, unpack8, pack8)}
}

// A pixel on its way is two pairs of signed 32-bit lanes, red with green and
// blue with alpha: one 64-bit multiplication weighs two channels, and the lanes are told apart
// at the end (a borrow from the lower one is undone then). Samples are 16 bits
// wide and weights 14, so that with the overshoot of a kernel in both
// directions a lane stays below 2^31.
type lanes [2]int64

const weightBits = 14

// pair joins two lanes.
func pair(hi, lo int64) int64 { return hi<<32 + lo }

// split undoes pair.
func split(v int64) (hi, lo int64) {
	lo = int64(int32(v))
	return (v - lo) >> 32, lo
}

// weights are those of one output sample over the input samples first, first+1, ...; their sum is a power of two.
type weights struct {
	first int
	w     []int64
}

// weigh computes for each of out samples which of in samples it mixes. Weight that falls
// outside the picture is left out, as Pillow does. The weights' sum is 1<<bits. moved is the most
// by which their rounding moves a sample of any picture, of 255; size is the greatest sum of weights without their signs, of 1.
func weigh(in, out int, f Filter, bits int) (list []weights, moved, size float64) {
	radius, shape := f.shape()
	step := float64(in) / float64(out)
	scale := max(step, 1)
	list = make([]weights, out)
	var real []float64
	for i := range list {
		center := (float64(i) + 0.5) * step
		lo := max(0, int(center-radius*scale+0.5))
		hi := min(in, int(center+radius*scale+0.5))
		if hi <= lo {
			lo = min(max(int(center), 0), in-1)
			hi = lo + 1
		}
		real = real[:0]
		total := 0.0
		for j := lo; j < hi; j++ {
			v := shape((float64(j) - center + 0.5) / scale)
			real = append(real, v)
			total += v
		}
		if total == 0 {
			real[0], total = 1, 1
		}
		list[i] = weights{lo, fixWeights(real, total, bits)}
		apart, whole := 0.0, 0.0
		for k, v := range list[i].w {
			v := math.Ldexp(float64(v), -bits)
			apart += math.Abs(v - real[k]/total)
			whole += math.Abs(v)
		}
		moved, size = max(moved, apart*255/2), max(size, whole) // their errors add up to 0: half the range matters
	}
	return list, moved, size
}

// fixWeights rounds weights so that their sum is exact, and a flat area stays
// flat: what rounding leaves over goes to the greatest.
func fixWeights(real []float64, total float64, bits int) []int64 {
	out := make([]int64, len(real))
	one := int64(1) << bits
	left, top := one, 0
	for i, v := range real {
		out[i] = int64(math.Round(v / total * float64(one)))
		left -= out[i]
		if v > real[top] {
			top = i
		}
	}
	out[top] += left
	return out
}

// shape is the kernel's radius and form, in steps of the coarser grid.
func (f Filter) shape() (radius float64, form func(float64) float64) {
	switch f {
	case Box:
		return 0.5, func(x float64) float64 {
			if x > -0.5 && x <= 0.5 {
				return 1
			}
			return 0
		}
	case Linear:
		return 1, tent
	case CatmullRom:
		return 2, func(x float64) float64 {
			x = math.Abs(x)
			switch {
			case x < 1:
				return (1.5*x-2.5)*x*x + 1
			case x < 2:
				return ((-0.5*x+2.5)*x-4)*x + 2
			}
			return 0
		}
	case Lanczos:
	}
	sinc := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		x *= math.Pi
		return math.Sin(x) / x
	}
	return 3, func(x float64) float64 {
		if math.Abs(x) >= 3 {
			return 0
		}
		return sinc(x) * sinc(x/3)
	}
}

// resample resizes rows of w pixels, first sideways in wide lanes, then upright.
func resample[T uint8 | uint16](stopped func() bool, pix []T, w int, alpha bool, tx, ty []weights,
	unpack func(dst []lanes, src []T, alpha bool), pack func(dst []T, src []lanes, alpha bool),
) []T {
	return upwards(stopped, len(tx), ty, func() func([]lanes, int) {
		row := make([]lanes, w)
		return func(dst []lanes, y int) {
			unpack(row, pix[4*y*w:4*(y+1)*w], alpha)
			sideways(dst, row, tx)
		}
	}, func(dst []T, src []lanes) { pack(dst, src, alpha) })
}

// upwards makes rows of w pixels of input rows that come ready in width: for each band of output
// rows the input rows it needs go into a ring. Every output row depends on the input alone, so the
// bands do not show. Each band has a reader of its own, which writes input row y.
func upwards[T uint8 | uint16](stopped func() bool, w int, ty []weights,
	reader func() func(dst []lanes, y int), pack func(dst []T, src []lanes),
) []T {
	out := make([]T, 4*w*len(ty))
	deepest := 0
	for _, t := range ty {
		deepest = max(deepest, len(t.w))
	}
	Rows(len(ty), func(y0, y1 int) {
		ring := make([][]lanes, deepest)
		for i := range ring {
			ring[i] = make([]lanes, w)
		}
		read, sum := reader(), make([]lanes, w)
		next := ty[y0].first // the first input row not yet in the ring
		for y := y0; y < y1 && !stopped(); y++ {
			t := &ty[y]
			for next = max(next, t.first); next < t.first+len(t.w); next++ {
				read(ring[next%deepest], next)
			}
			upright(sum, ring, t)
			pack(out[4*y*w:4*(y+1)*w], sum)
		}
	})
	return out
}

const roundWeight = 1 << (weightBits - 1)

// sideways weighs the pixels of a row, four at a time.
func sideways(dst, src []lanes, tx []weights) {
	for x := range dst {
		t := &tx[x]
		w := t.w
		s := src[t.first:][:len(w)]
		a, b := pair(roundWeight, roundWeight), pair(roundWeight, roundWeight)
		k := 0
		for ; k < len(w)-3; k += 4 {
			a += w[k]*s[k][0] + w[k+1]*s[k+1][0] + w[k+2]*s[k+2][0] + w[k+3]*s[k+3][0]
			b += w[k]*s[k][1] + w[k+1]*s[k+1][1] + w[k+2]*s[k+2][1] + w[k+3]*s[k+3][1]
		}
		for ; k < len(w); k++ {
			a += w[k] * s[k][0]
			b += w[k] * s[k][1]
		}
		dst[x] = lanes{shift(a), shift(b)}
	}
}

// shift divides both lanes by the weights' sum.
func shift(v int64) int64 {
	hi, lo := split(v)
	return pair(hi>>weightBits, lo>>weightBits)
}

func upright(dst []lanes, ring [][]lanes, t *weights) {
	for i := range dst {
		dst[i] = lanes{pair(roundWeight, roundWeight), pair(roundWeight, roundWeight)}
	}
	row := func(k int) []lanes { return ring[(t.first+k)%len(ring)][:len(dst)] }
	k := 0
	for ; k < len(t.w)-1; k += 2 {
		v, w, r, s := t.w[k], t.w[k+1], row(k), row(k+1)
		for i := range dst {
			dst[i][0] += r[i][0]*v + s[i][0]*w
			dst[i][1] += r[i][1]*v + s[i][1]*w
		}
	}
	if k < len(t.w) {
		v, r := t.w[k], row(k)
		for i := range dst {
			dst[i][0] += r[i][0] * v
			dst[i][1] += r[i][1] * v
		}
	}
}

// unpack8 makes 16-bit lanes of bytes: opaque ones times 256, others weighted by their alpha.
func unpack8(dst []lanes, src []uint8, alpha bool) {
	for i := range dst {
		p := src[4*i : 4*i+4 : 4*i+4]
		if !alpha {
			dst[i] = lanes{pair(int64(p[0])<<8, int64(p[1])<<8), int64(p[2]) << 40}
			continue
		}
		a := int64(p[3])
		dst[i] = lanes{pair(int64(p[0])*a, int64(p[1])*a), pair(int64(p[2])*a, 255*a)}
	}
}

func pack8(dst []uint8, src []lanes, alpha bool) {
	for i := range src {
		r, g := split(src[i][0])
		b, a := split(src[i][1])
		p := dst[4*i : 4*i+4 : 4*i+4]
		if !alpha {
			const half = 1<<(weightBits+7) - roundWeight // upright has added that already
			p[0] = uint8(min(max((r+half)>>(weightBits+8), 0), 255))
			p[1] = uint8(min(max((g+half)>>(weightBits+8), 0), 255))
			p[2] = uint8(min(max((b+half)>>(weightBits+8), 0), 255))
			p[3] = 255
			continue
		}
		r, g, b, a = r>>weightBits, g>>weightBits, b>>weightBits, a>>weightBits
		p[3] = uint8((min(max(a, 0), 65025) + 127) / 255)
		if p[3] == 0 {
			continue
		}
		p[0] = uint8(min(max((255*r+a/2)/a, 0), 255))
		p[1] = uint8(min(max((255*g+a/2)/a, 0), 255))
		p[2] = uint8(min(max((255*b+a/2)/a, 0), 255))
	}
}

func unpack16(dst []lanes, src []uint16, alpha bool) {
	for i := range dst {
		p := src[4*i : 4*i+4 : 4*i+4]
		if !alpha {
			dst[i] = lanes{pair(int64(p[0]), int64(p[1])), int64(p[2]) << 32}
			continue
		}
		a := int64(p[3])
		weigh := func(v uint16) int64 { return (int64(v)*a + 32767) / 65535 }
		dst[i] = lanes{pair(weigh(p[0]), weigh(p[1])), pair(weigh(p[2]), a)}
	}
}

func pack16(dst []uint16, src []lanes, alpha bool) {
	for i := range src {
		r, g := split(src[i][0])
		b, a := split(src[i][1])
		r, g, b, a = r>>weightBits, g>>weightBits, b>>weightBits, a>>weightBits
		p := dst[4*i : 4*i+4 : 4*i+4]
		if !alpha {
			p[0], p[1], p[2], p[3] = clamp16(r), clamp16(g), clamp16(b), 65535
			continue
		}
		if a <= 0 {
			continue
		}
		p[0], p[1], p[2], p[3] = clamp16((65535*r+a/2)/a), clamp16((65535*g+a/2)/a), clamp16((65535*b+a/2)/a), clamp16(a)
	}
}

func clamp16(v int64) uint16 { return uint16(min(max(v, 0), 65535)) }
