package imageio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"io"

	"github.com/klauspost/compress/zlib"
)

// errNotPlainPNG sends a PNG to the standard decoder: it is of a rarer kind, or damaged.
var errNotPlainPNG = errors.New("not a plain PNG")

// plainPNG is a PNG of 8-bit samples without palette, transparent colour and interlacing.
type plainPNG struct {
	w, h, channels int
	packed         []byte // the zlib stream
}

// decodePlainPNG decodes the PNGs of photographs on two cores: one unpacks, the other undoes the filters. The samples are those that
// image/png gives, straight RGBA or grey. Whatever is of another kind, or not
// whole, is errNotPlainPNG, and image/png then says what it is. w and h are the size that the header was found to have.
func decodePlainPNG(ctx context.Context, data []byte, w, h int) (image.Image, error) {
	d, err := readPlainPNG(data)
	if err != nil || d.w != w || d.h != h {
		return nil, errNotPlainPNG
	}
	bounds := image.Rect(0, 0, w, h)
	if d.channels == 1 {
		m := image.NewGray(bounds)
		return m, d.decode(ctx, m.Pix, m.Stride)
	}
	m := image.NewNRGBA(bounds)
	return m, d.decode(ctx, m.Pix, m.Stride)
}

// readPlainPNG walks the chunks as image/png does, and checks their sums.
func readPlainPNG(data []byte) (*plainPNG, error) {
	const header, after, rest = 0, 1, 2 // before the samples, among them, behind them
	d := &plainPNG{}
	stage := header
	for rows := data[8:]; len(rows) >= 12; {
		n := int64(binary.BigEndian.Uint32(rows))
		if n+12 > int64(len(rows)) || crc32.ChecksumIEEE(rows[4:8+n]) != binary.BigEndian.Uint32(rows[8+n:]) {
			return nil, errNotPlainPNG
		}
		kind, body := string(rows[4:8]), rows[8:8+n:8+n]
		rows = rows[12+n:]
		switch {
		case (kind == "IHDR") != (d.channels == 0):
			return nil, errNotPlainPNG
		case kind == "IHDR":
			if !d.readHeader(body) {
				return nil, errNotPlainPNG
			}
		case kind == "IDAT" && stage == header:
			stage, d.packed = after, body
		case kind == "IDAT" && stage == after:
			d.packed = append(d.packed, body...)
		case kind == "IEND" && n == 0 && stage != header:
			return d, nil
		case kind == "PLTE", kind == "tRNS", kind == "IDAT", kind == "IEND":
			return nil, errNotPlainPNG
		case stage == after:
			stage = rest
		}
	}
	return nil, errNotPlainPNG
}

func (d *plainPNG) readHeader(b []byte) bool {
	if len(b) != 13 || b[8] != 8 || b[10] != 0 || b[11] != 0 || b[12] != 0 {
		return false
	}
	d.w, d.h = int(int32(binary.BigEndian.Uint32(b))), int(int32(binary.BigEndian.Uint32(b[4:])))
	d.channels = map[byte]int{pngGray: 1, pngGrayAlpha: 2, pngRGB: 3, pngRGBA: 4}[b[9]]
	return d.w > 0 && d.h > 0 && d.channels > 0
}

// decode fills pix, grey for one channel and else RGBA.
func (d *plainPNG) decode(ctx context.Context, pix []uint8, stride int) error {
	size := 1 + d.channels*d.w
	group := min(max(1, 1<<17/size), d.h) // rows handed on at a time
	const blocks = 4
	free, full := make(chan []byte, blocks), make(chan []byte, blocks)
	for range blocks {
		free <- make([]byte, group*size)
	}
	failed := make(chan error, 1)
	go func() {
		defer close(full)
		failed <- contained2(func() error { return d.unpack(ctx, size, group, free, full) })
	}()
	before, y := make([]byte, size-1), 0
	bad := false
	for block := range full { // to the end, so that the other goroutine has ended too
		for rows := block; len(rows) > 0 && !bad; rows = rows[size:] {
			row := rows[1:size:size]
			bad = !unfilter(rows[0], row, before, d.channels)
			d.lay(pix[y*stride:][:stride:stride], row)
			before = row
			y++
		}
		before = append(make([]byte, 0, size-1), before...) // the block is written again
		free <- block[:cap(block)]
	}
	if err := <-failed; err != nil {
		return err
	}
	if bad {
		return errNotPlainPNG
	}
	return nil
}

// unpack inflates rows of size bytes.
func (d *plainPNG) unpack(ctx context.Context, size, group int, free <-chan []byte, full chan<- []byte) error {
	packed := bytes.NewReader(d.packed)
	z, err := zlib.NewReader(packed)
	if err != nil {
		return errNotPlainPNG
	}
	for y := 0; y < d.h; y += group {
		if err := ctx.Err(); err != nil {
			return err
		}
		block := (<-free)[:min(group, d.h-y)*size]
		if _, err := io.ReadFull(z, block); err != nil {
			return errNotPlainPNG
		}
		full <- block
	}
	var one [1]byte
	if n, err := io.ReadFull(z, one[:]); n > 0 || !errors.Is(err, io.EOF) || packed.Len() > 0 {
		return errNotPlainPNG // more than the picture, or the sum is wrong
	}
	return nil
}

// lay writes a row's samples as RGBA, or as they are where they are grey or have four channels.
func (d *plainPNG) lay(dst, row []byte) {
	switch d.channels {
	case 2:
		for x := range len(row) / 2 {
			v := uint32(row[2*x])
			binary.LittleEndian.PutUint32(dst[4*x:], v|v<<8|v<<16|uint32(row[2*x+1])<<24)
		}
	case 3:
		for len(row) >= 4 && len(dst) >= 4 {
			binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(row)|0xff<<24)
			row, dst = row[3:], dst[4:]
		}
		if len(row) == 3 {
			dst[0], dst[1], dst[2], dst[3] = row[0], row[1], row[2], 255
		}
	default:
		copy(dst, row)
	}
}
