package imageio

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"

	"pentimento/internal/pixel"
)

// PNG colour types.
const (
	pngGray      = 0
	pngRGB       = 2
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// encodeWidePNG writes 16-bit samples; the standard encoder would convert every sample by way of an interface.
func encodeWidePNG(w io.Writer, s settled, opt Options) error {
	kind, channels := byte(pngRGB), 3
	switch {
	case s.gray:
		kind, channels = pngGray, 1
	case s.HasAlpha:
		kind, channels = pngRGBA, 4
	}
	body := binary.BigEndian.AppendUint32(nil, uint32(s.W))
	body = binary.BigEndian.AppendUint32(body, uint32(s.H))
	body = append(body, 16, kind, 0, 0, 0)
	if _, err := w.Write(append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", body)...)); err != nil {
		return err
	}
	level := zlib.DefaultCompression
	if opt.Fast {
		level = zlib.BestSpeed
	}
	data := &idat{w: w}
	z, err := zlib.NewWriterLevel(data, level)
	if err != nil {
		return err
	}
	if err := filterRows(z, s, channels); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := data.flush(); err != nil {
		return err
	}
	_, err = w.Write(pngChunk("IEND", nil))
	return err
}

// idat collects compressed bytes into IDAT chunks.
type idat struct {
	w   io.Writer
	buf bytes.Buffer
}

// Write implements io.Writer.
func (d *idat) Write(p []byte) (int, error) {
	d.buf.Write(p)
	if d.buf.Len() >= 1<<16 {
		return len(p), d.flush()
	}
	return len(p), nil
}

func (d *idat) flush() error {
	if d.buf.Len() == 0 {
		return nil
	}
	_, err := d.w.Write(pngChunk("IDAT", d.buf.Bytes()))
	d.buf.Reset()
	return err
}

// filterRows writes the filtered rows: of none, sub, up, average and Paeth the one whose
// bytes, taken as signed, have the least sum of magnitudes, as the PNG specification advises.
// Rows are filtered in parallel, in groups.
func filterRows(w io.Writer, s settled, channels int) error {
	size, bpp := 2*channels*s.W, 2*channels
	const group = 64
	lines := make([][]byte, group)
	for y := 0; y < s.H; y += group {
		n := min(group, s.H-y)
		pixel.Rows(n, func(y0, y1 int) {
			cur, up := make([]byte, bpp+size), make([]byte, bpp+size) // a zero pixel stands left of the first
			if y+y0 > 0 {
				bigEndian(up[bpp:], s.wide, y+y0-1, s.W, channels)
			}
			for k := y0; k < y1; k++ {
				bigEndian(cur[bpp:], s.wide, y+k, s.W, channels)
				lines[k] = bestFilter(lines[k], cur, up, bpp)
				cur, up = up, cur
			}
		})
		for _, line := range lines[:n] {
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// bigEndian lays out the first channels of a row's pixels.
func bigEndian(dst []byte, pix []uint16, y, w, channels int) {
	at := 0
	for x := range w {
		for _, v := range pix[4*(y*w+x):][:channels] {
			dst[at], dst[at+1] = byte(v>>8), byte(v)
			at += 2
		}
	}
}

// bestFilter returns in out, which it reuses, the filter's number and the filtered row.
func bestFilter(out, cur, up []byte, bpp int) []byte {
	n := len(cur) - bpp
	var try [5][]byte
	best, least := 0, int(^uint(0)>>1)
	for f := range try {
		line := make([]byte, 1+n)
		line[0] = byte(f)
		applyFilter(f, line[1:], cur, up, bpp)
		sum := 0
		for _, v := range line[1:] {
			d := int(int8(v))
			sum += max(d, -d)
		}
		try[f] = line
		if sum < least {
			best, least = f, sum
		}
	}
	return append(out[:0], try[best]...)
}

func applyFilter(f int, line, cur, up []byte, bpp int) {
	for i := range line {
		left, above, corner := cur[i], up[i+bpp], up[i]
		v := cur[i+bpp]
		switch f {
		case 1:
			v -= left
		case 2:
			v -= above
		case 3:
			v -= byte((int(left) + int(above)) / 2)
		case 4:
			v -= paeth(left, above, corner)
		}
		line[i] = v
	}
}

// paeth is the neighbour nearest to left + above - corner.
func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := absInt(p-int(a)), absInt(p-int(b)), absInt(p-int(c))
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}

func absInt(v int) int { return max(v, -v) }
