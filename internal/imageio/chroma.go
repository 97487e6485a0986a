package imageio

import (
	"encoding/binary"
	"image"
	"sync"
)

// chroma converts rows of Y'CbCr. Halved colour channels are interpolated with
// the triangle filter that libjpeg and libwebp use ("fancy upsampling"), where
// the standard library repeats samples: at the border of a red car that is the
// difference between a soft and a two-pixel jagged edge.
type chroma struct {
	s      *image.YCbCr
	cw, ch int // size of the colour planes that the picture needs
	studio bool
	// cb and cr are the row's interpolated samples, sum the vertical mix they come from, Cr in the upper 32 bits.
	cb, cr []uint8
	sum    []uint64
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
	c.sum = make([]uint64, c.cw)
	return c
}

func (c *chroma) row(y int, dst []uint8) {
	s := c.s
	luma := s.Y[y*s.YStride:][:s.Rect.Dx()]
	if c.cb == nil && s.SubsampleRatio == image.YCbCrSubsampleRatio444 {
		c.convert(dst, luma, s.Cb[y*s.CStride:], s.Cr[y*s.CStride:])
		return
	}
	if c.cb == nil { // a rare layout, where the nearest sample does
		cb, cr := make([]uint8, len(luma)), make([]uint8, len(luma))
		for x := range luma {
			o := s.COffset(s.Rect.Min.X+x, s.Rect.Min.Y+y)
			cb[x], cr[x] = s.Cb[o], s.Cr[o]
		}
		c.convert(dst, luma, cb, cr)
		return
	}
	near, far := y, y
	if c.ch < s.Rect.Dy() {
		near = y / 2
		far = min(max(near+2*(y%2)-1, 0), c.ch-1)
	}
	c.mix(near*s.CStride, far*s.CStride)
	c.widen()
	c.convert(dst, luma, c.cb, c.cr)
}

// convert turns a row of samples, the colours as many as the luma at least, into opaque RGBA.
func (c *chroma) convert(dst, luma, cb, cr []uint8) {
	cb, cr = cb[:len(luma)], cr[:len(luma)]
	if c.studio {
		for x, v := range luma {
			p := dst[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2] = studioToRGB(v, cb[x], cr[x])
			p[3] = 255
		}
		return
	}
	t := jfif()
	for x, v := range luma {
		u, w, l := cb[x], cr[x], int32(v)
		green := (t.greenU[u] + t.greenV[w]) >> 16
		rgba := clamp(l+t.red[w]) | clamp(l+green)<<8 | clamp(l+t.blue[u])<<16 | 0xff<<24
		binary.LittleEndian.PutUint32(dst[4*x:4*x+4], rgba)
	}
}

// mix adds the rows of colour that begin at near and far 3:1.
func (c *chroma) mix(near, far int) {
	sum := c.sum
	n := len(sum)
	nb, nr, fb, fr := c.s.Cb[near:][:n], c.s.Cr[near:][:n], c.s.Cb[far:][:n], c.s.Cr[far:][:n]
	for i := range sum {
		sum[i] = 3*(uint64(nb[i])|uint64(nr[i])<<32) + (uint64(fb[i]) | uint64(fr[i])<<32)
	}
}

// widen rounds what was mixed and, where columns were halved too, doubles them
// sideways 3:1, as libjpeg's h2v2_fancy_upsample does; both colours at once.
func (c *chroma) widen() {
	sum := c.sum
	n := len(sum)
	if n == c.s.Rect.Dx() {
		for i, v := range sum {
			v += 2 * bothOnes
			c.cb[i], c.cr[i] = uint8(v>>2), uint8(v>>34)
		}
		return
	}
	cb, cr := c.cb[:2*n], c.cr[:2*n]
	left := sum[0]
	for i, v := range sum[:n-1] {
		right := sum[i+1]
		l, r := 3*v+left+8*bothOnes, 3*v+right+7*bothOnes
		b, d := cb[2*i:2*i+2:2*i+2], cr[2*i:2*i+2:2*i+2]
		b[0], b[1] = uint8(l>>4), uint8(r>>4)
		d[0], d[1] = uint8(l>>36), uint8(r>>36)
		left = v
	}
	v := sum[n-1]
	l, r := 3*v+left+8*bothOnes, 4*v+7*bothOnes
	cb[2*n-2], cr[2*n-2] = uint8(l>>4), uint8(l>>36)
	cb[2*n-1], cr[2*n-1] = uint8(r>>4), uint8(r>>36)
}

// jfifTables hold what a colour sample adds to red and blue, rounded, and to
// green in units of 1/65536, the half for rounding in greenV.
type jfifTables struct{ red, blue, greenU, greenV [256]int32 }

// jfif is the conversion of JFIF (BT.601, full range) with libjpeg's rounding.
var jfif = sync.OnceValue(func() *jfifTables {
	t := &jfifTables{}
	const half = 1 << 15
	for i := range 256 {
		v := int32(i) - 128
		t.red[i] = (91881*v + half) >> 16
		t.blue[i] = (116130*v + half) >> 16
		t.greenU[i] = -22554 * v
		t.greenV[i] = -46802*v + half
	}
	return t
})

// clamp bounds v to a byte.
func clamp(v int32) uint32 {
	if uint32(v) > 255 {
		return uint32(^(v >> 31)) & 255 // 0 for negative, 255 for large
	}
	return uint32(v)
}

// studioToRGB is libwebp's fixed-point BT.601 conversion from studio range.
func studioToRGB(y, cb, cr uint8) (r, g, b uint8) {
	l := int(y) * 19077 >> 8
	u, v := int(cb), int(cr)
	return clip((l + v*26149>>8 - 14234) >> 6), clip((l - u*6419>>8 - v*13320>>8 + 8708) >> 6), clip((l + u*33050>>8 - 17685) >> 6)
}

func clip(v int) uint8 { return uint8(min(max(v, 0), 255)) }
