package imageio

import (
	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// profiled is a colour space that knows its profiles; *icc.Space is one.
type profiled interface {
	ICC() []byte     // for RGB samples
	GrayICC() []byte // for grey ones, nil where there is none
}

// settled is a picture as a file is to hold it.
type settled struct {
	*pixel.Image          // 8-bit samples are Pix, in the space of opt.ICC
	wide         []uint16 // RGBA of 16 bits in that space, where the file is to hold them; else nil
	gray         bool     // equal samples only, none transparent: write one instead of three
}

// settle chooses the samples to write and the profile that is true of them: the
// stored ones where the picture has them, with their own profile. A profile
// that is not sRGB's is never put on sRGB samples.
func settle(m *pixel.Image, f Format, opt *Options) settled {
	s := settled{Image: m}
	d := m.Deep
	var space profiled
	if d != nil {
		space, _ = d.Space.(profiled)
		if d.Space != nil && space == nil {
			d = nil // a space without a profile: the rendering is what can be written
		}
	}
	if d != nil && d.Bits == 16 {
		if f == PNG || f == TIFF {
			s.wide = d.Pix
		} else {
			opt.say(f.Title() + " holds 8 bits per sample, so the picture's 16 were reduced; write a PNG or a TIFF to keep them")
		}
	}
	if space != nil && s.wide == nil {
		s.Image = &pixel.Image{W: m.W, H: m.H, HasAlpha: m.HasAlpha, Pix: narrow(d.Pix)}
	}
	if opt.Gray && f != WebP {
		s.gray = isGray(s.Pix, !m.HasAlpha)
		if s.wide != nil {
			s.gray = isGray(s.wide, !m.HasAlpha)
		}
	}
	opt.ICC = settleICC(opt.ICC, space, s.gray)
	return s
}

// settleICC is the profile for the samples to be written.
func settleICC(given []byte, space profiled, gray bool) []byte {
	if space != nil {
		if g := space.GrayICC(); gray && g != nil {
			return g
		}
		return space.ICC()
	}
	if len(given) == 0 {
		return nil
	}
	p, err := icc.Parse(given)
	if err != nil || p.Model() == icc.Gray && !gray {
		return nil
	}
	if s, err := p.Space(); err != nil || !s.IsSRGB() {
		return nil
	}
	return given
}

// narrow rounds 16-bit samples to 8 bits.
func narrow(pix []uint16) []uint8 {
	out := make([]uint8, len(pix))
	pixel.Rows((len(pix)+4095)/4096, func(y0, y1 int) {
		for i := y0 * 4096; i < min(y1*4096, len(pix)); i++ {
			out[i] = uint8((uint32(pix[i]) + 128) / 257)
		}
	})
	return out
}

// isGray reports whether all pixels are grey and opaque; opaque says that the latter is known.
func isGray[T uint8 | uint16](pix []T, opaque bool) bool {
	full := ^T(0)
	for i := 0; i+3 < len(pix); i += 4 {
		if p := pix[i : i+4 : i+4]; p[0] != p[1] || p[1] != p[2] || !opaque && p[3] != full {
			return false
		}
	}
	return true
}

// oneOfFour keeps the first sample of every pixel.
func oneOfFour[T uint8 | uint16](pix []T) []T {
	out := make([]T, len(pix)/4)
	for i := range out {
		out[i] = pix[4*i]
	}
	return out
}
