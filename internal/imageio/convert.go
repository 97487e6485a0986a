package imageio

import (
	"context"
	"image"
	"image/color"

	"pentimento/internal/pixel"
)

// toImage turns what a decoder made into our raster.
func toImage(ctx context.Context, f Format, src image.Image, p probe, meta *Meta) (*pixel.Image, error) {
	out, err := toNRGBA(ctx, f, src)
	if err != nil {
		return nil, err
	}
	switch src.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		meta.BitDepth = 16
	case *image.NRGBA, *image.NYCbCrA, *image.Paletted, *image.RGBA:
		// Formats differ in how they say it (a flag, a palette entry, an extra
		// channel), so a transparent pixel counts too.
		p.alpha = p.alpha || !out.Opaque()
	}
	return pixel.FromNRGBA(out, p.alpha), nil
}

// toNRGBA converts to straight 8-bit samples. It works in the caller's
// goroutine, so that a palette index past the palette is a panic that contain catches.
func toNRGBA(ctx context.Context, f Format, src image.Image) (*image.NRGBA, error) {
	b := src.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	var row func(y int, dst []uint8)
	switch s := src.(type) {
	case *image.NRGBA:
		row = func(y int, dst []uint8) { copy(dst, s.Pix[y*s.Stride:]) }
	case *image.RGBA:
		row = func(y int, dst []uint8) { unmultiply(dst, s.Pix[y*s.Stride:]) }
	case *image.Gray:
		row = func(y int, dst []uint8) {
			for x := range b.Dx() {
				v := s.Pix[y*s.Stride+x]
				dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = v, v, v, 255
			}
		}
	case *image.Paletted:
		table := paletteTable(s.Palette)
		row = func(y int, dst []uint8) {
			for x := range b.Dx() {
				c := table[s.Pix[y*s.Stride+x]]
				copy(dst[4*x:], c[:])
			}
		}
	case *image.CMYK:
		row = func(y int, dst []uint8) {
			for x := range b.Dx() {
				i := y*s.Stride + 4*x
				dst[4*x], dst[4*x+1], dst[4*x+2] = color.CMYKToRGB(s.Pix[i], s.Pix[i+1], s.Pix[i+2], s.Pix[i+3])
				dst[4*x+3] = 255
			}
		}
	case *image.YCbCr:
		row = newChroma(s, f).row
	case *image.NYCbCrA:
		c := newChroma(&s.YCbCr, f)
		row = func(y int, dst []uint8) {
			c.row(y, dst)
			for x := range b.Dx() {
				dst[4*x+3] = s.A[y*s.AStride+x]
			}
		}
	default:
		row = wideRow(src)
	}
	for y := range b.Dy() {
		if y%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row(y, out.Pix[y*out.Stride:(y+1)*out.Stride])
	}
	return out, nil
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

// wideRow handles the 16-bit images and any the decoders may make one day:
// samples are rounded, not cut, to 8 bits.
func wideRow(src image.Image) func(y int, dst []uint8) {
	b := src.Bounds()
	return func(y int, dst []uint8) {
		for x := range b.Dx() {
			n := wide(src, b.Min.X+x, b.Min.Y+y)
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = to8(n.R), to8(n.G), to8(n.B), to8(n.A)
		}
	}
}

func wide(src image.Image, x, y int) color.NRGBA64 {
	if s, ok := src.(*image.NRGBA64); ok {
		return s.NRGBA64At(x, y) // hidden colour kept
	}
	return color.NRGBA64Model.Convert(src.At(x, y)).(color.NRGBA64) // what the model makes
}

func to8(v uint16) uint8 { return uint8((uint32(v) + 128) / 257) }
