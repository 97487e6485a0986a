package imageio

import (
	"context"
	"image"
	"image/color"

	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// toImage turns what a decoder made into our raster: 8-bit sRGB, and beside it
// the stored samples where they say more than that.
func toImage(ctx context.Context, f Format, src image.Image, p probe, meta *Meta) (*pixel.Image, error) {
	c := chooseColors(p, src, meta)
	b := src.Bounds()
	switch src.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		meta.BitDepth = 16
		_, gray := src.(*image.Gray16)
		meta.Gray = gray
		pix, err := wideSamples(ctx, src)
		if err != nil {
			return nil, err
		}
		return c.wide(ctx, b.Dx(), b.Dy(), pix, p.alpha)
	}
	out, err := toNRGBA(ctx, f, src, c.inks)
	if err != nil {
		return nil, err
	}
	switch src.(type) {
	case *image.NRGBA, *image.NYCbCrA, *image.Paletted, *image.RGBA:
		// Formats differ in how they say it (a flag, a palette entry, an extra
		// channel), so a transparent pixel counts too.
		p.alpha = p.alpha || !out.Opaque()
	case *image.Gray:
		meta.Gray = true
	}
	return c.narrow(ctx, pixel.FromNRGBA(out, p.alpha))
}

// eachRow calls f for every row, on all cores; a row maker makes one f per
// core, for those that need room to work in. A panic of f comes out here, where
// contain catches it: a palette index past the palette is one.
func eachRow(ctx context.Context, h int, maker func() func(y int)) error {
	pixel.Rows(h, func(y0, y1 int) {
		f := maker()
		for y := y0; y < y1; y++ {
			if y%16 == 0 && ctx.Err() != nil {
				return
			}
			f(y)
		}
	})
	return ctx.Err()
}

// toNRGBA converts to straight 8-bit samples of the file's own RGB space.
func toNRGBA(ctx context.Context, f Format, src image.Image, inks *icc.Link) (*image.NRGBA, error) {
	b := src.Bounds()
	if m, ok := src.(*image.NRGBA); ok && b.Min == (image.Point{}) && m.Stride == 4*b.Dx() && len(m.Pix) == m.Stride*b.Dy() {
		return m, ctx.Err() // nobody else holds the decoder's samples
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	maker := rowMaker(f, src, inks)
	err := eachRow(ctx, b.Dy(), func() func(y int) {
		row := maker()
		return func(y int) { row(y, out.Pix[y*out.Stride:(y+1)*out.Stride]) }
	})
	return out, err
}

// rowMaker returns the maker of the function that converts a row of a decoder's picture.
func rowMaker(f Format, src image.Image, inks *icc.Link) func() func(y int, dst []uint8) {
	b := src.Bounds()
	var row func(y int, dst []uint8)
	switch s := src.(type) {
	case *image.NRGBA:
		row = func(y int, dst []uint8) { copy(dst, s.Pix[y*s.Stride:]) }
	case *image.RGBA:
		row = func(y int, dst []uint8) { unmultiply(dst, s.Pix[y*s.Stride:]) }
	case *image.Gray:
		row = func(y int, dst []uint8) {
			for x, v := range s.Pix[y*s.Stride:][:b.Dx()] {
				p := dst[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2], p[3] = v, v, v, 255
			}
		}
	case *image.Paletted:
		table := paletteTable(s.Palette)
		row = func(y int, dst []uint8) {
			for x, v := range s.Pix[y*s.Stride:][:b.Dx()] {
				c := table[v]
				copy(dst[4*x:], c[:])
			}
		}
	case *image.CMYK:
		row = func(y int, dst []uint8) {
			if inks != nil {
				inks.Convert8(dst, s.Pix[y*s.Stride:][:4*b.Dx()])
				return
			}
			for x := range b.Dx() {
				i := y*s.Stride + 4*x
				dst[4*x], dst[4*x+1], dst[4*x+2] = color.CMYKToRGB(s.Pix[i], s.Pix[i+1], s.Pix[i+2], s.Pix[i+3])
				dst[4*x+3] = 255
			}
		}
	case *image.YCbCr:
		return func() func(y int, dst []uint8) { return newChroma(s, f).row }
	case *image.NYCbCrA:
		return func() func(y int, dst []uint8) {
			c := newChroma(&s.YCbCr, f)
			return func(y int, dst []uint8) {
				c.row(y, dst)
				for x, a := range s.A[y*s.AStride:][:b.Dx()] {
					dst[4*x+3] = a
				}
			}
		}
	default:
		row = anyRow(src)
	}
	return func() func(y int, dst []uint8) { return row }
}

// unmultiply divides colours by their alpha, rounding.
func unmultiply(dst, src []uint8) {
	for i := 0; i < len(dst); i += 4 {
		a := uint32(src[i+3])
		dst[i+3] = uint8(a)
		switch a {
		case 255:
			copy(dst[i:i+3], src[i:])
		case 0:
		default:
			for c := range 3 {
				dst[i+c] = uint8(min(255, (uint32(src[i+c])*255+a/2)/a))
			}
		}
	}
}

// paletteTable has one entry per palette colour, so that an index past it panics.
func paletteTable(p color.Palette) [][4]uint8 {
	table := make([][4]uint8, len(p))
	for i, c := range p {
		n := color.NRGBAModel.Convert(c).(color.NRGBA) // what the model makes
		table[i] = [4]uint8{n.R, n.G, n.B, n.A}
	}
	return table
}

// anyRow handles the pictures that decoders may make one day.
func anyRow(src image.Image) func(y int, dst []uint8) {
	b := src.Bounds()
	return func(y int, dst []uint8) {
		for x := range b.Dx() {
			n := color.NRGBAModel.Convert(src.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA) // what the model makes
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = n.R, n.G, n.B, n.A
		}
	}
}

// wideSamples are the straight RGBA samples of a 16-bit picture; colour hidden beneath alpha 0 is kept where the file holds it.
func wideSamples(ctx context.Context, src image.Image) ([]uint16, error) {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	out := make([]uint16, 4*w*h)
	be := func(b []uint8) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }
	var row func(y int, dst []uint16)
	switch s := src.(type) {
	case *image.Gray16:
		row = func(y int, dst []uint16) {
			for x := range w {
				v := be(s.Pix[y*s.Stride+2*x:])
				dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = v, v, v, 65535
			}
		}
	case *image.NRGBA64:
		row = func(y int, dst []uint16) {
			line := s.Pix[y*s.Stride:][:8*w]
			for i := range dst {
				dst[i] = be(line[2*i:])
			}
		}
	case *image.RGBA64: // the decoders use it for opaque pictures and for premultiplied alpha
		row = func(y int, dst []uint16) {
			line := s.Pix[y*s.Stride:][:8*w]
			for i := 0; i < len(dst); i += 4 {
				a := uint32(be(line[2*i+6:]))
				dst[i+3] = uint16(a)
				for c := range 3 {
					v := uint32(be(line[2*(i+c):]))
					if a != 65535 && a != 0 {
						v = min(65535, uint32((uint64(v)*65535+uint64(a)/2)/uint64(a)))
					}
					dst[i+c] = uint16(v)
				}
			}
		}
	}
	return out, eachRow(ctx, h, func() func(y int) {
		return func(y int) { row(y, out[4*y*w:4*(y+1)*w]) }
	})
}
