package icc

import (
	"errors"
	"math"
)

// Link converts the samples of a profile that has colour tables to sRGB, one
// way. The tables of the perceptual intent are used, else of the colorimetric
// ones, with black point compensation, so that the profile's darkest colour becomes
// black, as editors and browsers show such pictures.
type Link struct {
	n     int
	table *grid // encoded sRGB, over the samples
}

// linkSides are the points per dimension of the table that a Link samples its profile at: as many as littlecms takes.
var linkSides = map[Model]int{RGB: 33, CMYK: 23}

// Link makes the conversion of an RGB or CMYK profile.
func (p *Profile) Link() (*Link, error) {
	n := p.model.Channels()
	side := linkSides[p.model]
	if side == 0 {
		return nil, errors.New("it has no colour tables")
	}
	f, err := p.tables()
	if err != nil {
		return nil, err
	}
	sides := make([]int, n)
	for i := range sides {
		sides[i] = side
	}
	size, err := gridSize(sides)
	if err != nil {
		return nil, err
	}
	l := &Link{n: n, table: newGrid(sides, make([]float32, size))}
	in := make([]float32, n)
	for i := 0; i < size; i += 3 {
		for d, s := range l.table.strides {
			in[d] = float32(i/s%side) / float32(side-1)
		}
		xyz := f(in)
		if !finite(xyz) {
			return nil, errTable
		}
		rgb := xyzToSRGB.apply(xyz)
		for c, v := range rgb {
			// Far outside the gamut lines between points would pull those inside along.
			l.table.v[i+c] = encodeFast(float32(min(max(v, -0.05), 1.2)))
		}
	}
	return l, nil
}

// tables returns the function from samples, which it overwrites, to black point compensated XYZ.
func (p *Profile) tables() (func(in []float32) [3]float64, error) {
	n := p.model.Channels()
	for _, name := range []string{"A2B0", "A2B1", "A2B2"} {
		t, ok := p.tags[name]
		if !ok {
			continue
		}
		l, err := parseLUT(t, n)
		if err != nil {
			return nil, err
		}
		black := p.black(l, name == "A2B0")
		scale, shift := compensation(black)
		return func(in []float32) [3]float64 {
			v := l.toXYZ(l.eval(in), p.lab)
			for i := range v {
				v[i] = v[i]*scale[i] + shift[i]
			}
			return v
		}, nil
	}
	return nil, errors.New("it has no colour tables")
}

// black is the XYZ of the darkest colour, made neutral: in version 4 the fixed
// black of the perceptual intent, else of full ink (or no light), at most half as light as white.
func (p *Profile) black(l *lut, perceptual bool) [3]float64 {
	if perceptual && p.major >= 4 {
		return [3]float64{0.00336, 0.0034731, 0.00287}
	}
	in := make([]float32, p.model.Channels())
	if p.model == CMYK {
		for i := range in {
			in[i] = 1
		}
	}
	y := l.toXYZ(l.eval(in), p.lab)[1]
	if math.IsNaN(y) {
		y = 0
	}
	return labToXYZ(min(lightness(max(y, 0)), 50), 0, 0)
}

// compensation is the map per XYZ axis that takes black to 0 and leaves white where it is.
func compensation(black [3]float64) (scale, shift [3]float64) {
	for i, w := range d50 {
		scale[i] = w / (w - black[i])
		shift[i] = -black[i] * scale[i]
	}
	return scale, shift
}

// Convert8 turns pixels of 8-bit samples (full ink is 255 for CMYK) into opaque
// RGBA; len(dst) is 4 times the pixels. RGB profiles take RGBA and pass the alpha on.
func (l *Link) Convert8(dst, src []uint8) {
	var in [4]float32
	for i := 0; i+3 < len(src); i += 4 {
		for c := range l.n {
			in[c] = float32(src[i+c]) / 255
		}
		v := l.table.at(in[:l.n])
		dst[i], dst[i+1], dst[i+2] = code(v[0]), code(v[1]), code(v[2])
		dst[i+3] = 255
		if l.n == 3 {
			dst[i+3] = src[i+3]
		}
	}
}

// Convert16 is Convert8 for RGBA samples of 16 bits, in place.
func (l *Link) Convert16(pix []uint16) {
	var in [3]float32
	for i := 0; i+3 < len(pix); i += 4 {
		for c := range in {
			in[c] = float32(pix[i+c]) / 65535
		}
		for c, v := range l.table.at(in[:]) {
			pix[i+c] = uint16(min(max(v, 0), 1)*65535 + 0.5)
		}
	}
}

// code rounds [0,1] to a byte.
func code(v float32) uint8 { return uint8(min(max(v, 0), 1)*255 + 0.5) }
