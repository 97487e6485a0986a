package session

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// tileSide is the side of a tile in pixels. Smaller ones follow the outline of an
// edit more closely, larger ones are fewer to look up: at 128 an edit of a twentieth
// of a 12-megapixel picture stores a fourteenth of it.
const tileSide = 128

// What a chunk holds before it is compressed: a byte of these, for tiles the
// width and the height in 2 bytes each, and then the samples or bytes as they are.
const (
	kindTile8  = 1 // RGBA of 8 bits
	kindTile16 = 2 // RGBA of 16 bits, big-endian
	kindBytes  = 3
)

const tileHead = 5

var errChunk = errors.New("a stored piece of a session is damaged")

// maxDecoded bounds what one chunk may unpack to, in bytes.
const maxDecoded = 1 << 29

var (
	zstdWriter = sync.OnceValue(func() *zstd.Encoder {
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true), zstd.WithSingleSegment(true))
		if err != nil {
			panic(err) // the options are constant
		}
		return w
	})
	zstdReader = sync.OnceValue(func() *zstd.Decoder {
		r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxDecoded))
		if err != nil {
			panic(err)
		}
		return r
	})
)

// hashOf is a chunk's name.
func hashOf(raw []byte) store.ChunkHash { return sha256.Sum256(raw) }

// grid is how a picture is cut into tiles, row by row.
type grid struct{ w, h, cols, rows int }

func gridOf(w, h int) grid {
	return grid{w, h, (w + tileSide - 1) / tileSide, (h + tileSide - 1) / tileSide}
}

func (g grid) count() int { return g.cols * g.rows }

// at is where tile i lies.
func (g grid) at(i int) (x, y, w, h int) {
	x, y = i%g.cols*tileSide, i/g.cols*tileSide
	return x, y, min(tileSide, g.w-x), min(tileSide, g.h-y)
}

// raw8 appends tile i of a picture's 8-bit samples to buf.
func (g grid) raw8(buf []byte, pix []uint8, i int) []byte {
	x, y, w, h := g.at(i)
	buf = appendHead(buf, kindTile8, w, h)
	for r := range h {
		from := 4 * ((y+r)*g.w + x)
		buf = append(buf, pix[from:from+4*w]...)
	}
	return buf
}

// raw16 is raw8 of stored samples.
func (g grid) raw16(buf []byte, pix []uint16, i int) []byte {
	x, y, w, h := g.at(i)
	buf = appendHead(buf, kindTile16, w, h)
	for r := range h {
		from := 4 * ((y+r)*g.w + x)
		for _, v := range pix[from : from+4*w] {
			buf = append(buf, byte(v>>8), byte(v))
		}
	}
	return buf
}

func appendHead(buf []byte, kind byte, w, h int) []byte {
	return append(buf, kind, byte(w>>8), byte(w), byte(h>>8), byte(h))
}

// rawBytes is what a chunk holds for bytes of any kind.
func rawBytes(b []byte) []byte { return append([]byte{kindBytes}, b...) }

// compress packs what a chunk holds. Samples are told as what a simple guess
// from their neighbours misses them by, one plane after the other.
func compress(raw []byte) []byte {
	switch raw[0] {
	case kindTile8:
		w, h := tileSize(raw)
		return zstdWriter().EncodeAll(filter8(raw[tileHead:], w, h), raw[:tileHead:tileHead])
	case kindTile16:
		w, h := tileSize(raw)
		return zstdWriter().EncodeAll(filter16(raw[tileHead:], w, h), raw[:tileHead:tileHead])
	}
	return zstdWriter().EncodeAll(raw[1:], raw[:1:1])
}

func tileSize(raw []byte) (w, h int) {
	return int(binary.BigEndian.Uint16(raw[1:])), int(binary.BigEndian.Uint16(raw[3:]))
}

// decompress is the inverse of compress. Its input may be hostile.
func decompress(data []byte) ([]byte, error) {
	if len(data) < 1 {
		return nil, errChunk
	}
	if data[0] == kindBytes {
		return unpack(data[1:], data[:1:1], -1)
	}
	if len(data) < tileHead || data[0] != kindTile8 && data[0] != kindTile16 {
		return nil, errChunk
	}
	w, h := tileSize(data)
	if w < 1 || h < 1 || w > tileSide || h > tileSide {
		return nil, errChunk
	}
	if data[0] == kindTile8 {
		return unfiltered(data, w, h, 4*w*h, unfilter8)
	}
	return unfiltered(data, w, h, 8*w*h, unfilter16)
}

func unfiltered(data []byte, w, h, size int, undo func(out, planes []byte, w, h int)) ([]byte, error) {
	planes, err := unpack(data[tileHead:], nil, size)
	if err != nil {
		return nil, err
	}
	out := make([]byte, tileHead+size)
	copy(out, data[:tileHead])
	undo(out[tileHead:], planes, w, h)
	return out, nil
}

// unpack appends what was packed to head; size is how much it must be, negative: any.
func unpack(packed, head []byte, size int) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(packed); err != nil || !h.HasFCS || h.FrameContentSize > maxDecoded || size >= 0 && h.FrameContentSize != uint64(size) {
		return nil, errChunk
	}
	out := make([]byte, len(head), len(head)+int(h.FrameContentSize))
	copy(out, head)
	out, err := zstdReader().DecodeAll(packed, out)
	if err != nil || size >= 0 && len(out) != len(head)+size {
		return nil, errChunk
	}
	return out, nil
}

// open unpacks a chunk and compares it with its name.
func open(c store.Chunk) ([]byte, error) {
	raw, err := decompress(c.Data)
	if err != nil {
		return nil, err
	}
	if hashOf(raw) != c.Hash {
		return nil, errChunk
	}
	return raw, nil
}

// openBytes is open for a chunk of kindBytes, without the kind.
func openBytes(c store.Chunk) ([]byte, error) {
	raw, err := open(c)
	if err != nil || raw[0] != kindBytes {
		return nil, errors.Join(errChunk, err)
	}
	return raw[1:], nil
}

// put8 writes an opened tile into a picture's samples.
func (g grid) put8(pix []uint8, i int, raw []byte) error {
	x, y, w, h := g.at(i)
	if err := fits(raw, kindTile8, w, h); err != nil {
		return err
	}
	for r := range h {
		copy(pix[4*((y+r)*g.w+x):][:4*w], raw[tileHead+4*w*r:])
	}
	return nil
}

// put16 is put8 of stored samples.
func (g grid) put16(pix []uint16, i int, raw []byte) error {
	x, y, w, h := g.at(i)
	if err := fits(raw, kindTile16, w, h); err != nil {
		return err
	}
	for r := range h {
		dst, src := pix[4*((y+r)*g.w+x):][:4*w], raw[tileHead+8*w*r:]
		for k := range dst {
			dst[k] = uint16(src[2*k])<<8 | uint16(src[2*k+1])
		}
	}
	return nil
}

func fits(raw []byte, kind byte, w, h int) error {
	if len(raw) < tileHead || raw[0] != kind {
		return errChunk
	}
	if tw, th := tileSize(raw); tw != w || th != h {
		return fmt.Errorf("%w: a tile is %d×%d and not %d×%d", errChunk, tw, th, w, h)
	}
	return nil
}

// small is a picture of one tile at most, for thumbnails.
func small(m *pixel.Image) []byte { return gridOf(m.W, m.H).raw8(nil, m.Pix, 0) }

// thumbnail scales a picture down to ThumbSide at most.
func thumbnail(m *pixel.Image) *pixel.Image {
	w, h := pixel.FitWithin(m.W, m.H, ThumbSide, ThumbSide)
	return pixel.Resize(&pixel.Image{W: m.W, H: m.H, Pix: m.Pix, HasAlpha: m.HasAlpha}, w, h, pixel.Box)
}

// ThumbSide is the longer side of a thumbnail in pixels, at most.
const ThumbSide = tileSide
