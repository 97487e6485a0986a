package imageio

import (
	"encoding/binary"
	"math/bits"
)

// quantizer divides coefficients of one table, in zigzag order, and rounds halves away from zero.
type quantizer struct {
	table  [64]uint8
	border [64]int64  // in both lanes, the greatest magnitude that becomes 0
	half   [64]uint64 // half the divisor
	inv    [64]uint64 // its inverse, times 1<<invBits
}

// invBits are enough for an exact quotient of up to 14 bits by a divisor of up to 11.
const invBits = 27

// newQuantizer scales a table of T.81 annex K by quality, 1 to 100, as libjpeg does.
func newQuantizer(basic *[64]uint8, quality int) *quantizer {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	q := &quantizer{}
	for z, v := range basic {
		step := min(max((int(v)*scale+50)/100, 1), 255)
		d := uint64(8 * step) // the transform's coefficients are 8 times too large
		q.table[z] = uint8(step)
		q.border[z] = bothOnes * int64(d/2-1)
		q.half[z], q.inv[z] = d/2, (1<<invBits+d-1)/d
	}
	return q
}

// busy returns for each lane which coefficients, as bits in zigzag order, may be other than 0 when divided.
func (q *quantizer) busy(b *blockPair) (hi, lo uint64) {
	for z, at := range zigzag {
		v, t := b[at&63], q.border[z]
		over := uint64((t + v) | (t - v)) // a lane is negative where its magnitude is greater than t
		hi = hi>>1 | over&(1<<63)
		lo = lo>>1 | over<<32&(1<<63)
	}
	return hi, lo
}

// lane reads one block of a pair.
type lane struct {
	bias  int64
	shift uint
}

var lowerLane, higherLane = lane{0, 0}, lane{lowBias, 32}

// divide returns the magnitude of a divided coefficient and its sign, 0 or -1.
func (q *quantizer) divide(b *blockPair, l lane, z int) (n uint64, sign int64) {
	a := int64(int32((b[zigzag[z&63]&63] + l.bias) >> (l.shift & 63)))
	sign = a >> 63
	n = uint64((a^sign)-sign) + q.half[z&63]
	return n * q.inv[z&63] >> invBits, sign
}

// code is, by value, a code word times 256 plus its length.
type code [256]uint32

func newCode(counts [16]uint8, values []uint8) *code {
	c := &code{}
	word, k := uint32(0), 0
	for i, n := range counts {
		for range n {
			c[values[k]] = word<<8 | uint32(i+1)
			word++
			k++
		}
		word <<= 1
	}
	return c
}

// bitSink collects bits, without the zero bytes that JPEG stuffs after 0xff.
type bitSink struct {
	buf []byte
	acc uint64
	n   uint // bits of acc that are not in buf, fewer than 32
}

// room makes space for the next blocks' bits, of which none has more than 64×27.
func (s *bitSink) room(blocks int) {
	if cap(s.buf)-len(s.buf) < 256*blocks {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)+256*blocks), s.buf...)
	}
}

// block writes one lane of a pair, T.81 section F.1.2, and returns its mean.
func (s *bitSink) block(b *blockPair, l lane, busy uint64, q *quantizer, before int32, dc, ac *code) int32 {
	acc, n, buf := s.acc, s.n, s.buf
	m, sign := q.divide(b, l, 0)
	mean := int32((int64(m) ^ sign) - sign)
	diff := mean - before
	down := diff >> 31
	size := uint(bits.Len32(uint32((diff ^ down) - down)))
	word := dc[size&15]
	acc = acc<<(word&31+uint32(size)) | uint64(word>>8)<<size | uint64(uint32(diff+down)&(1<<size-1))
	n += uint(word&31) + size
	last := 0
	for busy &^= 1; busy != 0; busy &= busy - 1 {
		z := bits.TrailingZeros64(busy)
		m, sign := q.divide(b, l, z)
		if m == 0 {
			continue
		}
		if n >= 32 {
			n -= 32
			buf = binary.BigEndian.AppendUint32(buf, uint32(acc>>n))
		}
		run := z - last - 1
		last = z
		for ; run > 15; run -= 16 {
			word := ac[0xf0]
			acc = acc<<(word&31) | uint64(word>>8)
			if n += uint(word & 31); n >= 32 {
				n -= 32
				buf = binary.BigEndian.AppendUint32(buf, uint32(acc>>(n&63)))
			}
		}
		size := uint(bits.Len64(m))
		word := ac[(uint(run)<<4|size)&255]
		k := uint(word & 31)
		acc = (acc<<k|uint64(word>>8))<<size | (m^uint64(sign))&(1<<size-1)
		n += k + size
	}
	if n >= 32 {
		n -= 32
		buf = binary.BigEndian.AppendUint32(buf, uint32(acc>>n))
	}
	if last < 63 {
		word := ac[0]
		acc = acc<<(word&31) | uint64(word>>8)
		n += uint(word & 31)
	}
	if n >= 32 {
		n -= 32
		buf = binary.BigEndian.AppendUint32(buf, uint32(acc>>n))
	}
	s.acc, s.n, s.buf = acc, n, buf
	return mean
}

// joiner puts sinks behind one another, and a zero byte after each 0xff.
type joiner struct {
	out []byte
	acc uint64 // bits that fill no byte yet
	n   uint   // how many
}

func (j *joiner) add(s *bitSink) {
	in := s.buf
	for ; len(in) >= 8; in = in[8:] {
		v := binary.BigEndian.Uint64(in)
		j.word(j.acc<<(64-j.n)|v>>j.n, 8)
		j.acc = v & (1<<j.n - 1)
	}
	for _, b := range in {
		j.bits(uint64(b), 8)
	}
	if s.n > 16 {
		j.bits(s.acc>>16&(1<<(s.n-16)-1), s.n-16)
	}
	j.bits(s.acc&(1<<min(s.n, 16)-1), min(s.n, 16))
}

// bits adds up to 16 bits.
func (j *joiner) bits(v uint64, k uint) {
	j.acc, j.n = j.acc<<k|v, j.n+k
	for j.n >= 8 {
		j.n -= 8
		j.word(j.acc>>j.n<<56, 1)
		j.acc &= 1<<j.n - 1
	}
}

// word writes the upper bytes of v.
func (j *joiner) word(v uint64, count int) {
	if inv := ^v; count == 8 && (inv-0x0101010101010101)&^inv&0x8080808080808080 == 0 {
		j.out = binary.BigEndian.AppendUint64(j.out, v)
		return
	}
	for range count {
		b := byte(v >> 56)
		if j.out = append(j.out, b); b == 0xff {
			j.out = append(j.out, 0)
		}
		v <<= 8
	}
}
