package imageio

import "image"

// chroma converts rows of Y'CbCr. Halved colour channels are interpolated with
// the triangle filter that libjpeg and libwebp use ("fancy upsampling"), where
// the standard library repeats samples: at the border of a red car that is the
// difference between a soft and a two-pixel jagged edge.
type chroma struct {
	s      *image.YCbCr
	cw, ch int // size of the colour planes that the picture needs
	studio bool
	// cb and cr are the row's interpolated samples, sum the vertical mix they come from.
	cb, cr []uint8
	sum    []int
}

// newChroma prepares for one picture. WebP's samples span 16 to 235 (BT.601), JPEG's and TIFF's 0 to 255.
func newChroma(s *image.YCbCr, f Format) *chroma {
	c := &chroma{s: s, studio: f == WebP, cw: s.Rect.Dx(), ch: s.Rect.Dy()}
	switch s.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		c.cw, c.ch = (c.cw+1)/2, (c.ch+1)/2
	case image.YCbCrSubsampleRatio422:
		c.cw = (c.cw + 1) / 2
	case image.YCbCrSubsampleRatio440:
		c.ch = (c.ch + 1) / 2
	default:
		return c
	}
	c.cb, c.cr = make([]uint8, 2*c.cw), make([]uint8, 2*c.cw)
	c.sum = make([]int, c.cw)
	return c
}

func (c *chroma) row(y int, dst []uint8) {
	s := c.s
	luma := s.Y[y*s.YStride:][:s.Rect.Dx()]
	convert := fullToRGB
	if c.studio {
		convert = studioToRGB
	}
	if c.cb == nil { // full colour, or a rare layout where the nearest sample does
		for x, v := range luma {
			o := s.COffset(s.Rect.Min.X+x, s.Rect.Min.Y+y)
			dst[4*x], dst[4*x+1], dst[4*x+2] = convert(v, s.Cb[o], s.Cr[o])
			dst[4*x+3] = 255
		}
		return
	}
	near, far := y, y
	if c.ch < s.Rect.Dy() {
		near = y / 2
		far = min(max(near+2*(y%2)-1, 0), c.ch-1)
	}
	c.widen(c.cb, s.Cb[near*s.CStride:], s.Cb[far*s.CStride:])
	c.widen(c.cr, s.Cr[near*s.CStride:], s.Cr[far*s.CStride:])
	for x, v := range luma {
		dst[4*x], dst[4*x+1], dst[4*x+2] = convert(v, c.cb[x], c.cr[x])
		dst[4*x+3] = 255
	}
}

// widen mixes two rows 3:1 and, where columns were halved too, doubles them
// sideways 3:1, as libjpeg's h2v2_fancy_upsample does.
func (c *chroma) widen(out, near, far []uint8) {
	n := len(c.sum)
	for i := range c.sum {
		c.sum[i] = 3*int(near[i]) + int(far[i])
	}
	if n == c.s.Rect.Dx() {
		for i, v := range c.sum {
			out[i] = uint8((v + 2) >> 2)
		}
		return
	}
	for i, v := range c.sum {
		left, right := c.sum[max(i-1, 0)], c.sum[min(i+1, n-1)]
		out[2*i] = uint8((3*v + left + 8) >> 4)
		out[2*i+1] = uint8((3*v + right + 7) >> 4)
	}
}

// fullToRGB is the JFIF conversion with libjpeg's rounding.
func fullToRGB(y, cb, cr uint8) (r, g, b uint8) {
	const half = 1 << 15
	l, u, v := int(y), int(cb)-128, int(cr)-128
	return clip(l + (91881*v+half)>>16), clip(l + (-22554*u-46802*v+half)>>16), clip(l + (116130*u+half)>>16)
}

// studioToRGB is libwebp's fixed-point BT.601 conversion from studio range.
func studioToRGB(y, cb, cr uint8) (r, g, b uint8) {
	l := int(y) * 19077 >> 8
	u, v := int(cb), int(cr)
	return clip((l + v*26149>>8 - 14234) >> 6), clip((l - u*6419>>8 - v*13320>>8 + 8708) >> 6), clip((l + u*33050>>8 - 17685) >> 6)
}

func clip(v int) uint8 { return uint8(min(max(v, 0), 255)) }
