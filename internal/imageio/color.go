package imageio

import (
	"bytes"
	"context"
	"image"

	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// colors say what the samples of a file mean.
type colors struct {
	space *icc.Space // of the samples; nil for sRGB
	link  *icc.Link  // takes RGB samples to sRGB, which they are from then on; nil where there is no need
	inks  *icc.Link  // the same for CMYK samples
}

// chooseColors settles what a file's profile means for its samples. It sets
// meta.ICC where the profile is still true of the samples after decoding, and says
// what became of one that is not.
func chooseColors(p probe, src image.Image, meta *Meta) (c colors) {
	_, cmyk := src.(*image.CMYK)
	if len(p.icc) == 0 {
		switch {
		case p.badICC:
			meta.notice("its colour profile is damaged or too large and was left out; its colours are taken for sRGB")
		case cmyk:
			meta.notice("is CMYK without a colour profile: its colours were estimated, and the result is RGB")
		}
		return c
	}
	profile, err := icc.Parse(p.icc)
	if err != nil {
		meta.notice("its colour profile was left out: %v", err)
		return c
	}
	if !fits(profile.Model(), src) {
		meta.notice("its colour profile does not fit its samples and was left out")
		return c
	}
	if !cmyk {
		s, err := profile.Space()
		if err == nil {
			meta.ICC = bytes.Clone(p.icc) // not a window on the whole file
			if !s.IsSRGB() {
				c.space = s
			}
			return c
		}
	}
	link, err := profile.Link()
	switch {
	case err != nil:
		meta.notice("its colour profile was left out: %v", err)
	case cmyk:
		c.inks = link
		meta.notice("is CMYK: it was converted through its colour profile, and the result is RGB (sRGB)")
	default:
		c.link = link
		meta.notice("its colour profile has tables that cannot be turned round: it was converted to sRGB, and the result is sRGB")
	}
	return c
}

// fits reports whether a profile is for the samples that a decoder made. RGB
// profiles are put on grey pictures too, where they mean equal samples.
func fits(m icc.Model, src image.Image) bool {
	switch src.(type) {
	case *image.CMYK:
		return m == icc.CMYK
	case *image.Gray, *image.Gray16:
		return m == icc.Gray || m == icc.RGB
	}
	return m == icc.RGB
}

// wide makes the picture of 16-bit samples.
func (c colors) wide(ctx context.Context, w, h int, pix []uint16, alpha bool) (*pixel.Image, error) {
	d := &pixel.Deep{Pix: pix, Bits: 16}
	if c.space != nil {
		d.Space = c.space
	}
	if c.link != nil {
		err := eachRow(ctx, h, func() func(y int) {
			return func(y int) { c.link.Convert16(pix[4*y*w : 4*(y+1)*w]) }
		})
		if err != nil {
			return nil, err
		}
	}
	return pixel.FromDeep(w, h, d, alpha), ctx.Err()
}

// narrow takes a picture of 8-bit samples in the file's space to sRGB, the
// stored ones beside it. The picture was just made, so it is written to.
func (c colors) narrow(ctx context.Context, m *pixel.Image) (*pixel.Image, error) {
	switch {
	case c.space != nil:
		d := &pixel.Deep{Pix: make([]uint16, len(m.Pix)), Bits: 8, Space: c.space}
		m.Deep = d
		return m, eachRow(ctx, m.H, func() func(y int) {
			return func(y int) {
				i, j := 4*y*m.W, 4*(y+1)*m.W
				for k, v := range m.Pix[i:j] {
					d.Pix[i+k] = uint16(v) * 257
				}
				c.space.Render(m.Pix[i:j], d.Pix[i:j], true)
			}
		})
	case c.link != nil:
		return m, eachRow(ctx, m.H, func() func(y int) {
			return func(y int) {
				row := m.Pix[4*y*m.W : 4*(y+1)*m.W]
				c.link.Convert8(row, row)
			}
		})
	}
	return m, nil
}
