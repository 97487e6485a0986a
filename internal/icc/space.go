package icc

import (
	"errors"
	"fmt"
	"math"
)

// Space is a colour space of three curves and a matrix, which RGB and grey
// profiles of cameras, displays and editors are. It is converted to sRGB and
// back without loss but for rounding. It satisfies pixel.Space.
type Space struct {
	trc      [3]*curve
	to, from [3][3]float32 // linear light of this space to that of sRGB, and back
	bytes    [3][256]float32
	srgb     bool
	icc      []byte
	gray     []byte
}

// Space makes the colour space of an RGB profile with curves and matrix, or of
// a grey profile: then it is the RGB space with the grey's tone curve and
// sRGB's primaries, in which equal samples look as the grey sample does.
// Profiles that have tables only, and CMYK, are an error: see Link.
func (p *Profile) Space() (*Space, error) {
	switch p.model {
	case Gray:
		return p.graySpace()
	case RGB:
	default:
		return nil, errors.New("CMYK has no RGB space")
	}
	if p.lab {
		return nil, errors.New("it has no matrix")
	}
	var m matrix
	s := &Space{icc: p.raw}
	for i, c := range []string{"r", "g", "b"} {
		v, err := p.xyz(c + "XYZ")
		if err != nil {
			return nil, err
		}
		for j := range 3 {
			m[j][i] = v[j]
		}
		if s.trc[i], err = p.curveTag(c + "TRC"); err != nil {
			return nil, err
		}
	}
	return s, s.prepare(&m)
}

func (p *Profile) graySpace() (*Space, error) {
	c, err := p.curveTag("kTRC")
	if err != nil {
		return nil, err
	}
	if p.lab { // the curve gives lightness
		l := c
		c, err = formula(func(x float64) float64 { return labToXYZ(100*float64(l.at(float32(x))), 0, 0)[1] })
		if err != nil {
			return nil, err
		}
	}
	s := &Space{trc: [3]*curve{c, c, c}, gray: p.raw}
	if err := s.prepare(&srgbToXYZ); err != nil {
		return nil, err
	}
	s.icc = build(&srgbToXYZ, c.v)
	return s, nil
}

func (s *Space) prepare(m *matrix) error {
	var white float64
	for _, row := range m {
		for _, v := range row {
			white += v
		}
	}
	inv, ok := m.inverse()
	if !ok || white < 1 || white > 8 {
		return errors.New("its primaries make no colour space")
	}
	to, from := xyzToSRGB.times(m), inv.times(&srgbToXYZ)
	for i := range 3 {
		for j := range 3 {
			s.to[i][j], s.from[i][j] = float32(to[i][j]), float32(from[i][j])
		}
		if err := s.trc[i].invert(); err != nil {
			return err
		}
		for v := range 256 {
			s.bytes[i][v] = s.trc[i].at(float32(v) / 255)
		}
	}
	s.srgb = s.looksLikeSRGB()
	return nil
}

// looksLikeSRGB reports whether no sample of a coarse grid is shown more than
// 1.2 of an 8-bit code from where it is: rounding in the profile of an exact sRGB makes up to 0.9, in the dark.
func (s *Space) looksLikeSRGB() bool {
	const n = 8
	for i := range (n + 1) * (n + 1) * (n + 1) {
		in := [3]float32{float32(i%(n+1)) / n, float32(i/(n+1)%(n+1)) / n, float32(i/(n+1)/(n+1)) / n}
		r, g, b := s.ToSRGB(in[0], in[1], in[2])
		for c, v := range [3]float32{r, g, b} {
			if math.Abs(float64(min(max(v, 0), 1)-in[c])) > 1.2/255 {
				return false
			}
		}
	}
	return true
}

// IsSRGB reports whether the space is sRGB but for rounding in the profile: its samples can be shown as they are.
func (s *Space) IsSRGB() bool { return s.srgb }

// ICC is a profile for RGB samples of this space.
func (s *Space) ICC() []byte { return s.icc }

// GrayICC is the profile for single grey samples of this space; nil when the space is not a grey profile's.
func (s *Space) GrayICC() []byte { return s.gray }

// ToSRGB converts encoded samples in [0,1] to encoded sRGB. Results outside [0,1] are colours that sRGB lacks.
func (s *Space) ToSRGB(r, g, b float32) (sr, sg, sb float32) {
	r, g, b = s.trc[0].at(r), s.trc[1].at(g), s.trc[2].at(b)
	m := &s.to
	return encodeFast(m[0][0]*r + m[0][1]*g + m[0][2]*b),
		encodeFast(m[1][0]*r + m[1][1]*g + m[1][2]*b),
		encodeFast(m[2][0]*r + m[2][1]*g + m[2][2]*b)
}

// FromSRGB is the inverse of ToSRGB. Results are clamped to [0,1].
func (s *Space) FromSRGB(sr, sg, sb float32) (r, g, b float32) {
	sr, sg, sb = decodeFast(sr), decodeFast(sg), decodeFast(sb)
	m := &s.from
	return s.trc[0].inverse(m[0][0]*sr + m[0][1]*sg + m[0][2]*sb),
		s.trc[1].inverse(m[1][0]*sr + m[1][1]*sg + m[1][2]*sb),
		s.trc[2].inverse(m[2][0]*sr + m[2][1]*sg + m[2][2]*sb)
}

// Render converts RGBA pixels of 16 bits to sRGB of 8 bits, clipped. Eight says that
// the samples are bytes times 257, which is faster. len(dst) is len(src).
func (s *Space) Render(dst []uint8, src []uint16, eight bool) {
	m, code := &s.to, encode8()
	for i := 0; i+3 < len(src); i += 4 {
		p := src[i : i+4 : i+4]
		var r, g, b float32
		if eight {
			r, g, b = s.bytes[0][p[0]>>8], s.bytes[1][p[1]>>8], s.bytes[2][p[2]>>8]
		} else {
			const unit = 1.0 / 65535
			r, g, b = s.trc[0].at(float32(p[0])*unit), s.trc[1].at(float32(p[1])*unit), s.trc[2].at(float32(p[2])*unit)
		}
		q := dst[i : i+4 : i+4]
		q[0] = code[index(m[0][0]*r+m[0][1]*g+m[0][2]*b)]
		q[1] = code[index(m[1][0]*r+m[1][1]*g+m[1][2]*b)]
		q[2] = code[index(m[2][0]*r+m[2][1]*g+m[2][2]*b)]
		q[3] = uint8((uint32(p[3]) + 128) / 257)
	}
}

// index is where encode8 has linear light v.
func index(v float32) uint16 {
	i := int32(v*65535 + 0.5)
	if uint32(i) > 65535 {
		return uint16(^(i >> 31)) // 0 for negative, 65535 for large
	}
	return uint16(i)
}

// String names the space for tests and logs.
func (s *Space) String() string {
	if s.gray != nil {
		return "grey profile"
	}
	return fmt.Sprintf("RGB profile of %d bytes", len(s.icc))
}
