package pixel

import "encoding/binary"

// Opaque pictures of bytes, which most photographs are, go sideways three
// channels to a word: one 64-bit multiplication weighs lanes of 21 bits, red
// lowest. What is left of the rows then goes upright in wide lanes.
//
// A narrow lane is a byte (8 bits) times a weight (12). The last bit is for the
// kernel's negative lobes: a lane starts with half of white's range, so that
// it holds -0.5 to 1.5 times white and is never negative.
const (
	laneWidth  = 21
	narrowBits = 12 // of a weight
	narrowLow  = 1 << (laneWidth - 2)
	narrowKept = narrowBits - 8 // what wide lanes of 16 bits have less
	narrowEach = 1 | 1<<laneWidth | 1<<(2*laneWidth)
)

// narrowError is the most, in 255ths, that the rounding of a pass's weights may move a sample by.
const narrowError = 0.5

// resizeOpaque is false where the kernel asks for finer weights than narrow lanes have, or for more room.
func resizeOpaque(stopped func() bool, m *Image, w, h int, f Filter) ([]uint8, bool) {
	if f == Box {
		return boxOpaque(stopped, m.Pix, m.W, m.H, w, h)
	}
	tx, moved, size := weigh(m.W, w, f, narrowBits)
	if moved > narrowError || size > 2 {
		return nil, false
	}
	ty, _, _ := weigh(m.H, h, f, weightBits)
	return upwards(stopped, w, ty, func() func([]lanes, int) {
		row := make([]uint64, m.W)
		return func(dst []lanes, y int) {
			spread(row, m.Pix[4*y*m.W:4*(y+1)*m.W])
			sidewaysNarrow(dst, row, tx)
		}
	}, func(dst []uint8, src []lanes) { pack8(dst, src, false) }), true
}

// spread puts each pixel's red, green and blue into narrow lanes.
func spread(dst []uint64, src []uint8) {
	dst = dst[:len(src)/4]
	for i := range dst {
		p := uint64(binary.LittleEndian.Uint32(src[4*i:]))
		dst[i] = p&0xff | p&0xff00<<(laneWidth-8) | p&0xff0000<<(2*laneWidth-16)
	}
}

// sidewaysNarrow weighs the pixels of a row, four at a time, and makes wide lanes of the sums: bytes times 256.
func sidewaysNarrow(dst []lanes, src []uint64, tx []weights) {
	const (
		mask  = 1<<(laneWidth-narrowKept) - 1
		low   = narrowLow >> narrowKept
		start = narrowEach * (narrowLow + 1<<(narrowKept-1))
	)
	for x := range dst {
		t := &tx[x]
		w := t.w
		s := src[t.first:][:len(w)]
		a, b := int64(start), int64(0)
		k := 0
		for ; k < len(w)-3; k += 4 {
			a += w[k]*int64(s[k]) + w[k+1]*int64(s[k+1])
			b += w[k+2]*int64(s[k+2]) + w[k+3]*int64(s[k+3])
		}
		for ; k < len(w); k++ {
			a += w[k] * int64(s[k])
		}
		v := uint64(a + b)
		red, green, blue := int64(v>>narrowKept&mask), int64(v>>(laneWidth+narrowKept)&mask), int64(v>>(2*laneWidth+narrowKept))
		dst[x] = lanes{pair(red, green) - pair(low, low), pair(blue-low, 0)}
	}
}
