package imageio

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Tags of a TIFF picture (TIFF 6.0, and its supplement 2 for Deflate).
const (
	tagWidth           = 0x0100
	tagHeight          = 0x0101
	tagBitsPerSample   = 0x0102
	tagCompression     = 0x0103
	tagPhotometric     = 0x0106
	tagStripOffsets    = 0x0111
	tagSamplesPerPixel = 0x0115
	tagRowsPerStrip    = 0x0116
	tagStripCounts     = 0x0117
	tagPlanar          = 0x011c
	tagPredictor       = 0x013d
)

// maxTIFF bounds what a classic TIFF, whose offsets have 32 bits, can hold beside its tags.
const maxTIFF = 1<<32 - 1<<26

// stripBytes is about how much of the picture a strip holds before it is packed.
const stripBytes = 1 << 18

// encodeTIFF writes a little-endian TIFF: 8 or 16 bits, grey, RGB or RGB with
// straight alpha, in strips packed by Deflate after horizontal differences.
func encodeTIFF(w io.Writer, s settled, opt Options) error {
	channels := 3
	switch {
	case s.gray:
		channels = 1
	case s.HasAlpha:
		channels = 4
	}
	width := 1
	if s.wide != nil {
		width = 2
	}
	if int64(s.W)*int64(s.H)*int64(channels*width) > maxTIFF {
		return edit.Userf("%d×%d pixels are more than a TIFF file can hold; write a PNG", s.W, s.H)
	}
	rows := max(1, stripBytes/(s.W*channels*width))
	strips := make([][]byte, (s.H+rows-1)/rows)
	level := zlib.DefaultCompression
	if opt.Fast {
		level = zlib.BestSpeed
	}
	errs := make([]error, len(strips))
	// Strips are few and large, so they are dealt out by rows of the picture's own count.
	pixel.Rows(s.H, func(y0, y1 int) {
		for i := (y0 + rows - 1) / rows; i < len(strips) && i*rows < y1; i++ {
			strips[i], errs[i] = packStrip(s, channels, i*rows, min((i+1)*rows, s.H), level)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return writeTIFF(w, s, strips, rows, channels, width, opt)
}

// packStrip packs the rows y0 to y1.
func packStrip(s settled, channels, y0, y1, level int) ([]byte, error) {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		return nil, err
	}
	var line []byte
	for y := y0; y < y1; y++ {
		if s.wide != nil {
			line = differ(line[:0], s.wide[4*y*s.W:4*(y+1)*s.W], channels, binary.LittleEndian.AppendUint16)
		} else {
			line = differ(line[:0], s.Pix[4*y*s.W:4*(y+1)*s.W], channels, func(b []byte, v uint8) []byte { return append(b, v) })
		}
		if _, err := z.Write(line); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return out.Bytes(), err
}

// differ appends each sample's difference from that of the pixel to its left.
func differ[T uint8 | uint16](line []byte, pix []T, channels int, put func([]byte, T) []byte) []byte {
	var left [4]T
	for i := 0; i < len(pix); i += 4 {
		for c, v := range pix[i : i+channels] {
			line = put(line, v-left[c])
			left[c] = v
		}
	}
	return line
}

// tiffEntry is a tag to be written: SHORT or LONG numbers, or bytes.
type tiffEntry struct {
	tag, kind uint16
	numbers   []uint32
	bytes     []byte
	count     int // values in bytes; 0: as many as there are bytes
}

func writeTIFF(w io.Writer, s settled, strips [][]byte, rows, channels, width int, opt Options) error {
	le := binary.LittleEndian
	at := uint32(8)
	offsets, counts := make([]uint32, len(strips)), make([]uint32, len(strips))
	for i, strip := range strips {
		offsets[i], counts[i] = at, uint32(len(strip))
		at += uint32(len(strip)+1) &^ 1
	}
	photometric := uint32(2) // RGB
	if channels == 1 {
		photometric = 1 // black is 0
	}
	bits := make([]uint32, channels)
	for i := range bits {
		bits[i] = uint32(8 * width)
	}
	const deflate, differences, chunky, straightAlpha = 8, 2, 1, 2
	entries := []tiffEntry{ // by rising tag
		{tag: tagWidth, kind: typeLong, numbers: []uint32{uint32(s.W)}},
		{tag: tagHeight, kind: typeLong, numbers: []uint32{uint32(s.H)}},
		{tag: tagBitsPerSample, kind: typeShort, numbers: bits},
		{tag: tagCompression, kind: typeShort, numbers: []uint32{deflate}},
		{tag: tagPhotometric, kind: typeShort, numbers: []uint32{photometric}},
		{tag: tagStripOffsets, kind: typeLong, numbers: offsets},
		{tag: tagSamplesPerPixel, kind: typeShort, numbers: []uint32{uint32(channels)}},
		{tag: tagRowsPerStrip, kind: typeLong, numbers: []uint32{uint32(rows)}},
		{tag: tagStripCounts, kind: typeLong, numbers: counts},
		{tag: tagPlanar, kind: typeShort, numbers: []uint32{chunky}},
		{tag: tagPredictor, kind: typeShort, numbers: []uint32{differences}},
	}
	if channels == 4 {
		entries = append(entries, tiffEntry{tag: tagExtraSamples, kind: typeShort, numbers: []uint32{straightAlpha}})
	}
	if packet := settleXMP(opt.XMP, s.W, s.H); packet != nil {
		entries = append(entries, tiffEntry{tag: tagXMP, kind: typeByte, bytes: packet})
	}
	if len(opt.ICC) > 0 {
		entries = append(entries, tiffEntry{tag: tagICC, kind: typeBlob, bytes: opt.ICC})
	}
	described, directories := tiffMetadata(opt, s.W, s.H, at)
	entries = append(entries, described...)
	slices.SortFunc(entries, func(a, b tiffEntry) int { return int(a.tag) - int(b.tag) })
	at += uint32(len(directories))
	head := le.AppendUint32([]byte("II*\x00"), at)
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, strip := range strips {
		if _, err := w.Write(append(strip, make([]byte, len(strip)&1)...)); err != nil {
			return err
		}
	}
	if _, err := w.Write(directories); err != nil {
		return err
	}
	_, err := w.Write(directoryBytes(entries, at))
	return err
}

// directoryBytes is a directory that begins at an offset of the file, and after it the values that do not fit in its entries.
func directoryBytes(entries []tiffEntry, at uint32) []byte {
	le := binary.LittleEndian
	dir := le.AppendUint16(nil, uint16(len(entries)))
	after := at + uint32(2+12*len(entries)+4)
	var values []byte
	for _, e := range entries {
		v, n := e.bytes, cmp.Or(e.count, len(e.bytes))
		if e.numbers != nil {
			n = len(e.numbers)
			for _, x := range e.numbers {
				if e.kind == typeShort {
					v = le.AppendUint16(v, uint16(x))
				} else {
					v = le.AppendUint32(v, x)
				}
			}
		}
		dir = le.AppendUint16(dir, e.tag)
		dir = le.AppendUint16(dir, e.kind)
		dir = le.AppendUint32(dir, uint32(n))
		if len(v) <= 4 {
			dir = append(dir, append(v, make([]byte, 4-len(v))...)...)
			continue
		}
		dir = le.AppendUint32(dir, after+uint32(len(values)))
		values = append(values, v...)
		values = append(values, make([]byte, len(values)&1)...)
	}
	dir = le.AppendUint32(dir, 0) // no further page
	return append(dir, values...)
}
