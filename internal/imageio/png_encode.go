package imageio

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"
	"io"

	"github.com/klauspost/compress/flate"
)

// PNG colour types.
const (
	pngGray      = 0
	pngRGB       = 2
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// Levels of compression: final files are hardly larger than image/png's, and quick ones are quick.
const (
	levelSmall = 7
	levelFast  = 1
)

// pngStrip is how many filtered bytes are compressed as one; the file depends on it, so it does not depend on the cores.
const pngStrip = 1 << 19

// deflateWindow is how far back deflate refers.
const deflateWindow = 1 << 15

// pngEncoder writes a PNG from several cores, as pigz writes gzip: strips of rows are filtered and
// compressed each on its own, knowing what comes before them as a dictionary, and their streams put behind one another.
type pngEncoder struct {
	w, h     int
	kind     byte // colour type
	bits     int
	channels int
	level    int
	// row lays out a row's bytes as PNG orders them.
	row func(dst []byte, y int)
}

// newPNGEncoder chooses the colour type: grey, or RGB with alpha where some of it shows.
func newPNGEncoder(s settled, fast bool) *pngEncoder {
	e := &pngEncoder{w: s.W, h: s.H, kind: pngRGB, bits: 8, channels: 3, level: levelSmall}
	alpha := s.wide != nil && s.HasAlpha || s.wide == nil && !s.NRGBA().Opaque()
	switch {
	case s.gray:
		e.kind, e.channels = pngGray, 1
	case alpha:
		e.kind, e.channels = pngRGBA, 4
	}
	if fast {
		e.level = levelFast
	}
	if s.wide != nil {
		e.bits = 16
		e.row = func(dst []byte, y int) { bigEndian(dst, s.wide[4*y*s.W:4*(y+1)*s.W], e.channels) }
	} else {
		e.row = func(dst []byte, y int) { dropChannels(dst, s.Pix[4*y*s.W:4*(y+1)*s.W], e.channels) }
	}
	return e
}

// bigEndian lays out the first channels of a row's pixels.
func bigEndian(dst []byte, row []uint16, channels int) {
	at := 0
	for ; len(row) >= 4; row = row[4:] {
		for _, v := range row[:channels] {
			dst[at], dst[at+1] = byte(v>>8), byte(v)
			at += 2
		}
	}
}

// dropChannels keeps the first channels of a row's RGBA pixels.
func dropChannels(dst, row []byte, channels int) {
	switch channels {
	case 4:
		copy(dst, row)
	case 3:
		for ; len(row) >= 4 && len(dst) >= 3; row, dst = row[4:], dst[3:] {
			dst[0], dst[1], dst[2] = row[0], row[1], row[2]
		}
	default:
		for x := range dst {
			dst[x] = row[4*x]
		}
	}
}

// strip is a run of rows on its way.
type strip struct {
	out    bytes.Buffer // compressed
	raw    []byte       // filtered, after the dictionary
	filter *filterer
	flate  *flate.Writer
	sum    uint32 // Adler-32 of the filtered bytes
	size   int    // how many they are
	err    error
}

func (e *pngEncoder) encode(w io.Writer) error {
	head := binary.BigEndian.AppendUint32(nil, uint32(e.w))
	head = binary.BigEndian.AppendUint32(head, uint32(e.h))
	head = append(head, byte(e.bits), e.kind, 0, 0, 0)
	if _, err := w.Write(append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)); err != nil {
		return err
	}
	size := 1 + e.w*e.channels*e.bits/8
	rows := max(1, pngStrip/size)
	n := (e.h + rows - 1) / rows
	sum, at := uint32(1), 0
	err := inOrder(n, func(i int, s *strip) *strip {
		if s == nil {
			s = &strip{filter: newFilterer(e)}
		}
		s.err = e.strip(s, i*rows, min((i+1)*rows, e.h), size)
		return s
	}, func(s *strip) error {
		if s.err != nil {
			return s.err
		}
		sum = joinSums(sum, s.sum, s.size)
		body := s.out.Bytes()
		if at++; at == n {
			body = binary.BigEndian.AppendUint32(body, sum)
		}
		_, err := w.Write(pngChunk("IDAT", body))
		return err
	})
	if err != nil {
		return err
	}
	_, err = w.Write(pngChunk("IEND", nil))
	return err
}

// strip filters and compresses rows y0 to y1 of size bytes.
func (e *pngEncoder) strip(s *strip, y0, y1, size int) error {
	first := max(0, y0-(deflateWindow+size-1)/size) // rows that the dictionary is made of
	s.raw = s.raw[:0]
	s.filter.begin(first)
	for y := first; y < y1; y++ {
		s.raw = s.filter.next(s.raw, y)
	}
	past, raw := s.raw[:(y0-first)*size], s.raw[(y0-first)*size:]
	s.sum, s.size = adler32.Checksum(raw), len(raw)
	s.out.Reset()
	if y0 == 0 {
		s.out.Write([]byte{0x78, 0x9c}) // zlib's header: a window of 32 KiB, the usual compression
	}
	past = past[max(0, len(past)-deflateWindow):]
	if s.flate == nil {
		f, err := flate.NewWriterDict(&s.out, e.level, past)
		if err != nil {
			return err
		}
		s.flate = f
	} else {
		s.flate.ResetDict(&s.out, past)
	}
	if _, err := s.flate.Write(raw); err != nil {
		return err
	}
	if y1 < e.h {
		return s.flate.Flush() // to a whole byte
	}
	return s.flate.Close()
}

// joinSums is the Adler-32 of two runs of bytes behind one another, the second of n bytes, as zlib's adler32_combine.
func joinSums(one, two uint32, n int) uint32 {
	const base = 65521
	rest := uint64(n % base)
	a1, b1, a2, b2 := uint64(one&0xffff), uint64(one>>16), uint64(two&0xffff), uint64(two>>16)
	a := (a1 + a2 + base - 1) % base
	b := (b1 + b2 + rest*a1 + base - rest) % base
	return uint32(b<<16 | a)
}
