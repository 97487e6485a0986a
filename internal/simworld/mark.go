package simworld

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Side is the width and height of a simulated picture in pixels: room for a mark.
const Side = 16

// mark is what a simulated artifact carries instead of content.
type mark struct {
	picture uint64  // which picture it is about
	history uint64  // what was done to the picture so far; 0: nothing
	subject uint64  // which object
	tools   uint64  // what it was made by, as bits of World.tools
	quality float64 // of the step that made it
	mean    float64 // product along the tools of what their qualities are without noise
	broken  bool    // the conditions of one of those did not hold
}

const markBytes = 2 + 6*8 + 1 + 4

// bytes writes a mark, with a checksum so that an artifact that was changed is known.
func (m mark) bytes() []byte {
	b := append(make([]byte, 0, markBytes), "sw"...)
	for _, v := range []uint64{m.picture, m.history, m.subject, m.tools, math.Float64bits(m.quality), math.Float64bits(m.mean)} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	broken := byte(0)
	if m.broken {
		broken = 1
	}
	b = append(b, broken)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func parseMark(b []byte) (mark, bool) {
	if len(b) < markBytes || string(b[:2]) != "sw" {
		return mark{}, false
	}
	b = b[:markBytes]
	if crc32.ChecksumIEEE(b[:markBytes-4]) != binary.BigEndian.Uint32(b[markBytes-4:]) {
		return mark{}, false
	}
	word := func(i int) uint64 { return binary.BigEndian.Uint64(b[2+8*i:]) }
	return mark{
		picture: word(0), history: word(1), subject: word(2), tools: word(3),
		quality: math.Float64frombits(word(4)), mean: math.Float64frombits(word(5)), broken: b[2+6*8] == 1,
	}, true
}

// carries reports whether artifacts of a kind can be simulated.
func carries(k edit.Kind) bool {
	return k != edit.KindColor && k != edit.KindPoints && k != edit.KindClasses
}

// artifact is one of that kind with the mark on it. A number has room for the quality alone.
func (m mark) artifact(k edit.Kind) edit.Artifact {
	b := m.bytes()
	text := hex.EncodeToString(b)
	switch k {
	case edit.KindImage:
		img := pixel.NewImage(Side, Side)
		for i, v := range b {
			img.Pix[i/3*4+i%3] = v
		}
		return img
	case edit.KindMask:
		return maskOf(b, m.broken)
	case edit.KindDepth:
		d := &pixel.Depth{W: Side, H: Side, V: make([]float32, Side*Side)}
		for i, v := range b {
			d.V[i] = float32(v)
		}
		return d
	case edit.KindBoxes:
		return edit.Boxes{Picked: []edit.Box{{X1: Side, Y1: Side, Label: text, Score: m.quality}}}
	case edit.KindSpans:
		return edit.Spans{{Quad: [4]edit.Point{{}, {X: Side}, {X: Side, Y: Side}, {Y: Side}}, Text: text, Score: m.quality}}
	case edit.KindText:
		return edit.Text(text)
	case edit.KindNumber:
		return edit.Number(m.quality)
	case edit.KindColor, edit.KindPoints, edit.KindClasses:
	}
	return nil
}

// A mask has two bits of the mark in every pixel, so that the masks of one object
// differ by a hair, as real ones do. One whose making went wrong covers half of it.

func maskOf(mark []byte, broken bool) *pixel.Mask {
	mask := pixel.NewMask(Side, Side)
	for i := range mask.Pix {
		mask.Pix[i] = 252
		if broken && i%Side < Side/2 {
			mask.Pix[i] = 0
		}
		if i/4 < len(mark) {
			mask.Pix[i] |= mark[i/4] >> (i % 4 * 2) & 3
		}
	}
	return mask
}

func maskBytes(mask *pixel.Mask) []byte {
	b := make([]byte, min(markBytes, len(mask.Pix)/4))
	for i := range 4 * len(b) {
		b[i/4] |= mask.Pix[i] & 3 << (i % 4 * 2)
	}
	return b
}

// read finds the mark of an artifact.
func read(a edit.Artifact) (mark, bool) {
	text := ""
	switch a := a.(type) {
	case *pixel.Image:
		b := make([]byte, min(markBytes, len(a.Pix)/4*3))
		for i := range b {
			b[i] = a.Pix[i/3*4+i%3]
		}
		return parseMark(b)
	case *pixel.Mask:
		return parseMark(maskBytes(a))
	case *pixel.Depth:
		b := make([]byte, min(markBytes, len(a.V)))
		for i := range b {
			b[i] = byte(a.V[i])
		}
		return parseMark(b)
	case edit.Boxes:
		if len(a.Picked) > 0 {
			text = a.Picked[0].Label
		}
	case edit.Spans:
		if len(a) > 0 {
			text = a[0].Text
		}
	case edit.Text:
		text = string(a)
	case edit.Number:
		return mark{quality: float64(a)}, a >= 0 && a <= 1
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return mark{}, false
	}
	return parseMark(b)
}

// Picture is the n-th simulated picture, untouched.
func Picture(n uint64) *pixel.Image {
	img, _ := mark{picture: n, quality: 1, mean: 1}.artifact(edit.KindImage).(*pixel.Image)
	return img
}
