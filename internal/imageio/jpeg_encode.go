package imageio

import (
	"encoding/binary"
	"io"
)

// jpegEncoder writes the very bytes that image/jpeg writes, from several cores: the picture is cut into strips of
// coded units, whose bits are independent but for the means that the strip before ends on, and those
// are computed again. Joined bit by bit, the strips are the stream that one core would write.
type jpegEncoder struct {
	pix    []uint8 // RGBA, or one byte a pixel where gray
	w, h   int
	gray   bool
	quant  [2]*quantizer // luma and colour
	across int           // coded units in a row
	down   int
}

// unitRows are the rows of coded units in a strip: few enough that a cancelled writer stops within moments.
const unitRows = 8

// encodePlainJPEG writes opaque RGBA samples, or grey ones, w and h below 65536, as a baseline JPEG with colours halved both ways.
func encodePlainJPEG(w io.Writer, pix []uint8, width, height int, gray bool, quality int) error {
	e := &jpegEncoder{pix: pix, w: width, h: height, gray: gray}
	for i := range e.quant {
		e.quant[i] = newQuantizer(&basicQuant[i], quality)
	}
	side := 16
	if gray {
		side = 8
	}
	e.across, e.down = (width+side-1)/side, (height+side-1)/side
	if _, err := w.Write(e.header()); err != nil {
		return err
	}
	strips := (e.down + unitRows - 1) / unitRows
	join := &joiner{}
	err := inOrder(strips, func(i int, old *bitSink) *bitSink {
		s := &bitSink{}
		if old != nil {
			s.buf = old.buf[:0]
		}
		e.strip(s, i*unitRows, min((i+1)*unitRows, e.down))
		return s
	}, func(s *bitSink) error {
		join.add(s)
		_, err := w.Write(join.out)
		join.out = join.out[:0]
		return err
	})
	if err != nil {
		return err
	}
	join.bits(0x7f, 7) // the last byte is filled with ones
	_, err = w.Write(append(join.out, 0xff, 0xd9))
	return err
}

// header is all that comes before the coded bits.
func (e *jpegEncoder) header() []byte {
	out := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 2 + 2*65}
	for i, q := range e.quant {
		out = append(append(out, byte(i)), q.table[:]...)
	}
	parts := 3
	if e.gray {
		parts = 1
	}
	out = append(out, 0xff, 0xc0, 0, byte(8+3*parts), 8)
	out = binary.BigEndian.AppendUint16(out, uint16(e.h))
	out = binary.BigEndian.AppendUint16(out, uint16(e.w))
	if e.gray {
		out = append(out, 1, 1, 0x11, 0)
	} else {
		out = append(out, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)
	}
	tables := basicCodes[:]
	if e.gray {
		tables = tables[:2]
	}
	size := 2
	for _, t := range tables {
		size += 17 + len(t.values)
	}
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xc4), uint16(size))
	for i, t := range tables {
		out = append(append(append(out, byte(i&1<<4|i>>1)), t.counts[:]...), t.values...)
	}
	if e.gray {
		return append(out, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0)
	}
	return append(out, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0)
}

// strip codes rows y0 to y1 of coded units.
func (e *jpegEncoder) strip(s *bitSink, y0, y1 int) {
	if e.gray {
		e.grayStrip(s, y0, y1)
		return
	}
	var (
		u    colorUnit
		edge [16 * 16 * 4]uint8
		mean [3]int32
	)
	if y0 > 0 {
		e.read(&u, &edge, e.across-1, y0-1)
		mean[0] = e.mean(&u.lower, lowerLane, 0)
		mean[1] = e.mean(&u.chroma, higherLane, 1)
		mean[2] = e.mean(&u.chroma, lowerLane, 1)
	}
	luma, color := e.quant[0], e.quant[1]
	for y := y0; y < y1; y++ {
		for x := range e.across {
			e.read(&u, &edge, x, y)
			s.room(6)
			for _, b := range []*blockPair{&u.upper, &u.lower} {
				hi, lo := luma.busy(b)
				mean[0] = s.block(b, higherLane, hi, luma, mean[0], lumaDC, lumaAC)
				mean[0] = s.block(b, lowerLane, lo, luma, mean[0], lumaDC, lumaAC)
			}
			hi, lo := color.busy(&u.chroma)
			mean[1] = s.block(&u.chroma, higherLane, hi, color, mean[1], colorDC, colorAC)
			mean[2] = s.block(&u.chroma, lowerLane, lo, color, mean[2], colorDC, colorAC)
		}
	}
}

// mean is the divided mean of a transformed block.
func (e *jpegEncoder) mean(b *blockPair, l lane, table int) int32 {
	n, sign := e.quant[table].divide(b, l, 0)
	return int32((int64(n) ^ sign) - sign)
}

// read transforms the coded unit at x, y; what lies past the picture repeats its last pixels.
func (e *jpegEncoder) read(u *colorUnit, edge *[16 * 16 * 4]uint8, x, y int) {
	if 16*(x+1) <= e.w && 16*(y+1) <= e.h {
		u.read(e.pix[4*(16*y*e.w+16*x):], 4*e.w)
	} else {
		for j := range 16 {
			line := e.pix[4*e.w*min(16*y+j, e.h-1):][:4*e.w]
			for i := range 16 {
				copy(edge[64*j+4*i:][:4], line[4*min(16*x+i, e.w-1):])
			}
		}
		u.read(edge[:], 64)
	}
	u.upper.forward()
	u.lower.forward()
	u.chroma.forward()
}

// grayStrip codes rows of blocks of one channel, two blocks at a time.
func (e *jpegEncoder) grayStrip(s *bitSink, y0, y1 int) {
	var (
		b    blockPair
		mean int32
	)
	luma := e.quant[0]
	if y0 > 0 {
		e.readGray(&b, e.across-1, y0-1)
		mean = e.mean(&b, higherLane, 0)
	}
	for y := y0; y < y1; y++ {
		for x := 0; x < e.across; x += 2 {
			e.readGray(&b, x, y)
			s.room(2)
			hi, lo := luma.busy(&b)
			mean = s.block(&b, higherLane, hi, luma, mean, lumaDC, lumaAC)
			if x+1 < e.across {
				mean = s.block(&b, lowerLane, lo, luma, mean, lumaDC, lumaAC)
			}
		}
	}
}

// readGray transforms the block at x, y and the one right of it.
func (e *jpegEncoder) readGray(b *blockPair, x, y int) {
	for j := range 8 {
		line := e.pix[e.w*min(8*y+j, e.h-1):][:e.w]
		for i := range 8 {
			b[8*j+i] = int64(line[min(8*x+i, e.w-1)])<<32 | int64(line[min(8*x+8+i, e.w-1)])
		}
	}
	b.forward()
}
