package pixel

import (
	"bytes"
	"context"
	"math"
)

// Deep holds the samples of a file that 8-bit sRGB cannot: those of 16 bits, or
// of another colour space. An Image that has one carries it beside Pix, and Pix
// is its 8-bit sRGB rendering, the one that tools look at. Like the picture it
// belongs to, a Deep is never written to once it has been handed on.
type Deep struct {
	Pix   []uint16 // 4*W*H straight RGBA in the file's own space; 8-bit samples are stored times 257
	Bits  int      // of the file: 8 or 16
	Space Space    // nil: sRGB
}

// Space is a colour space of the file: how its RGB samples map to sRGB and back.
// Values are encoded (not linear) in [0,1]; sRGB values outside it are colours that sRGB lacks.
type Space interface {
	ToSRGB(r, g, b float32) (sr, sg, sb float32)
	FromSRGB(sr, sg, sb float32) (r, g, b float32)
}

// renderer is a Space with a fast way to show rows: RGBA of 16 bits to sRGB of 8
// bits, clipped. eight says that the samples are bytes times 257.
type renderer interface {
	Render(dst []uint8, src []uint16, eight bool)
}

// with returns a Deep of the same kind that holds other samples.
func (d *Deep) with(pix []uint16) *Deep { return &Deep{Pix: pix, Bits: d.Bits, Space: d.Space} }

// FromDeep makes a picture of stored samples by rendering them to 8-bit sRGB.
// It takes d over, and rounds its samples to 8 bits where those are all it says to have.
func FromDeep(w, h int, d *Deep, hasAlpha bool) *Image {
	m := &Image{W: w, H: h, Pix: make([]uint8, 4*w*h), HasAlpha: hasAlpha, Deep: d}
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			row := d.Pix[4*y*w : 4*(y+1)*w]
			if d.Bits == 8 {
				for i, v := range row {
					row[i] = uint16(narrow(v)) * 257
				}
			}
			d.render(m.Pix[4*y*w:4*(y+1)*w], row)
		}
	})
	return m
}

func (d *Deep) render(dst []uint8, src []uint16) {
	switch s := d.Space.(type) {
	case nil:
		for i, v := range src {
			dst[i] = narrow(v)
		}
	case renderer:
		s.Render(dst, src, d.Bits == 8)
	default:
		const unit = 1.0 / 65535
		for i := 0; i < len(src); i += 4 {
			r, g, b := s.ToSRGB(float32(src[i])*unit, float32(src[i+1])*unit, float32(src[i+2])*unit)
			dst[i], dst[i+1], dst[i+2], dst[i+3] = to8(r), to8(g), to8(b), narrow(src[i+3])
		}
	}
}

// narrow rounds 16 bits to 8.
func narrow(v uint16) uint8 { return uint8((uint32(v) + 128) / 257) }

// Narrowed reports whether made, which a tool made of before, was worked out
// from 8 bits though before has 16: it differs and brings no samples of its own.
func Narrowed(before, made *Image) bool {
	return before.Deep != nil && before.Deep.Bits == 16 && (made.Deep == nil || made.Deep == before.Deep) &&
		(before.W != made.W || before.H != made.H || !bytes.Equal(before.Pix, made.Pix))
}

// Carry gives made, which a tool made of before, the stored samples that belong
// to it. Where Pix is unchanged they are before's, alpha included. Where it
// changed, the new colour is converted to the file's space together with what
// 8 bits had cut off before, so that smooth gradients stay smooth; what lay
// outside sRGB's gamut fades out with the size of the change. A picture of another size is converted whole.
// made is returned as it is when before has no stored samples or made brings its own.
func Carry(before, made *Image) *Image {
	d := before.Deep
	if d == nil || made.Deep != nil && made.Deep != d {
		return made
	}
	out := *made
	out.Deep = d.with(make([]uint16, len(made.Pix)))
	same := before.W == made.W && before.H == made.H
	Rows(made.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			i, j := 4*y*made.W, 4*(y+1)*made.W
			switch {
			case !same:
				d.convert(out.Deep.Pix[i:j], made.Pix[i:j])
			case bytes.Equal(before.Pix[i:j], made.Pix[i:j]):
				copy(out.Deep.Pix[i:j], d.Pix[i:j])
			default:
				d.carry(out.Deep.Pix[i:j], before.Pix[i:j], made.Pix[i:j], d.Pix[i:j])
			}
		}
	})
	return &out
}

// convert takes 8-bit sRGB to the file's space.
func (d *Deep) convert(dst []uint16, src []uint8) {
	for i := 0; i < len(src); i += 4 {
		var rest [3]float32
		d.put(dst[i:i+4:i+4], src[i:i+4:i+4], rest)
		dst[i+3] = uint16(src[i+3]) * 257
	}
}

func (d *Deep) carry(dst []uint16, before, made []uint8, stored []uint16) {
	for i := 0; i < len(made); i += 4 {
		b, m, s, o := before[i:i+4:i+4], made[i:i+4:i+4], stored[i:i+4:i+4], dst[i:i+4:i+4]
		if b[0] == m[0] && b[1] == m[1] && b[2] == m[2] {
			o[0], o[1], o[2] = s[0], s[1], s[2]
		} else {
			d.put(o, m, d.residual(b, m, s))
		}
		o[3] = uint16(m[3]) * 257
		if m[3] == b[3] {
			o[3] = s[3]
		}
	}
}

// residual is what the rendering b of the stored sample s lacks, in [0,1] units:
// at most half a code of rounding, and beyond that what was clipped, less the more m differs from b.
func (d *Deep) residual(b, m []uint8, s []uint16) (rest [3]float32) {
	const half = 0.5 / 255
	var exact [3]float32
	exact[0], exact[1], exact[2] = d.encoded(s)
	far := 0
	for c := range rest {
		far = max(far, int(b[c])-int(m[c]), int(m[c])-int(b[c]))
	}
	keep := max(0, 1-float32(far)/32)
	for c := range rest {
		r := exact[c] - float32(b[c])/255
		inner := min(max(r, -half), half)
		rest[c] = inner + keep*(r-inner)
		if (m[c] == 0 || m[c] == 255) && m[c] != b[c] {
			rest[c] = 0 // full black and full white are meant
		}
	}
	return rest
}

// put converts one 8-bit sRGB colour plus a residual.
func (d *Deep) put(dst []uint16, m []uint8, rest [3]float32) {
	r, g, b := float32(m[0])/255+rest[0], float32(m[1])/255+rest[1], float32(m[2])/255+rest[2]
	if d.Space != nil {
		r, g, b = d.Space.FromSRGB(r, g, b)
	}
	dst[0], dst[1], dst[2] = d.quantise(r), d.quantise(g), d.quantise(b)
}

// quantise rounds [0,1] to the file's steps.
func (d *Deep) quantise(v float32) uint16 {
	if d.Bits == 8 {
		return uint16(to8(v)) * 257
	}
	return to16(v)
}

// to16 turns [0,1] into a rounded 16-bit sample; it clamps, and NaN is 0.
func to16(v float32) uint16 {
	switch {
	case !(v > 0):
		return 0
	case v >= 1:
		return 65535
	}
	return uint16(v*65535 + 0.5)
}

// MapDeep returns m with its stored samples changed by f, which gets the colour
// of pixel i as linear-light sRGB, not clipped, and returns the new one; where it reports
// false the pixel stays as it is. Alpha stays. m must have a Deep. It stops with ctx's error when that ends.
func MapDeep(ctx context.Context, m *Image, f func(i int, r, g, b float32) (nr, ng, nb float32, changed bool)) (*Image, error) {
	d := m.Deep.with(append([]uint16(nil), m.Deep.Pix...))
	out := &Image{W: m.W, H: m.H, HasAlpha: m.HasAlpha, Deep: d, Pix: append([]uint8(nil), m.Pix...)}
	Rows(m.H, func(y0, y1 int) {
		for y := y0; y < y1 && ctx.Err() == nil; y++ {
			for i := y * m.W; i < (y+1)*m.W; i++ {
				p := d.Pix[4*i : 4*i+4 : 4*i+4]
				r, g, b := d.encoded(p)
				nr, ng, nb, changed := f(i, decodeAny(r), decodeAny(g), decodeAny(b))
				if !changed {
					continue
				}
				r, g, b = encodeAny(nr), encodeAny(ng), encodeAny(nb)
				q := out.Pix[4*i : 4*i+4 : 4*i+4]
				q[0], q[1], q[2] = to8(r), to8(g), to8(b)
				if d.Space != nil {
					r, g, b = d.Space.FromSRGB(r, g, b)
				}
				p[0], p[1], p[2] = d.quantise(r), d.quantise(g), d.quantise(b)
			}
		}
	})
	return out, ctx.Err()
}

// encoded is a stored sample as encoded sRGB, not clipped.
func (d *Deep) encoded(p []uint16) (r, g, b float32) {
	const unit = 1.0 / 65535
	r, g, b = float32(p[0])*unit, float32(p[1])*unit, float32(p[2])*unit
	if d.Space != nil {
		return d.Space.ToSRGB(r, g, b)
	}
	return r, g, b
}

// DeepLuma is Luma of the stored samples, rendered but not rounded. m must have a Deep.
func (m *Image) DeepLuma() *Plane {
	out := NewPlane(m.W, m.H)
	Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			r, g, b := m.Deep.encoded(m.Deep.Pix[4*i : 4*i+4 : 4*i+4])
			out.V[i] = 0.2126*r + 0.7152*g + 0.0722*b
		}
	})
	return out
}

// FromLinearExact turns linear light into encoded sRGB without rounding; values outside [0,1] are let through.
func FromLinearExact(v float32) float32 { return encodeAny(v) }

// ToLinearExact is the inverse of FromLinearExact.
func ToLinearExact(v float32) float32 { return decodeAny(v) }

// fineSteps is the number of lines that stand for a transfer curve.
const fineSteps = 4096

// fineDecode holds decodeSRGB at i/fineSteps, fineEncode encodeSRGB at the
// square of that, where it is smooth: lines between them err by 3e-7 at most.
var fineDecode, fineEncode = func() (d, e [fineSteps + 2]float32) {
	for i := range d {
		v := float64(i) / fineSteps
		d[i], e[i] = float32(decodeSRGB(v)), float32(encodeSRGB(v*v))
	}
	return d, e
}()

func decodeAny(v float32) float32 {
	switch {
	case v < 0:
		return -decodeAny(-v)
	case v <= 1:
		return fine(&fineDecode, v)
	}
	return float32(decodeSRGB(float64(v)))
}

func encodeAny(v float32) float32 {
	switch {
	case v < 0:
		return -encodeAny(-v)
	case v <= 1:
		return fine(&fineEncode, float32(math.Sqrt(float64(v))))
	}
	return float32(encodeSRGB(float64(v)))
}

func fine(t *[fineSteps + 2]float32, x float32) float32 {
	x *= fineSteps
	i := int(x)
	return t[i] + (x-float32(i))*(t[i+1]-t[i])
}
