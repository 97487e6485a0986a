package imageio

import "encoding/binary"

// fastBits is the length of the codes that one look-up resolves.
const fastBits = 10

// huffman is a code of JPEG, ITU T.81 annex C.
type huffman struct {
	// fast is, by the next fastBits bits, the length of the code that they begin with, times 256, plus its value; 0 for a longer code.
	fast [1 << fastBits]uint16
	// whole is, for AC codes that fit together with their magnitude, the coefficient times 65536, plus the
	// run of zeros before it times 256, plus the number of bits of both; 0 where they do not fit.
	whole  [1 << fastBits]int32
	limit  [18]int32 // by length, the code after the last one, shifted to 16 bits; 0 where there is none that long
	offset [17]int32 // by length, from a code to the place of its value
	values []uint8
}

// newHuffman makes the code of counts by length and values; it returns how many values there are, and nil for what is no code.
func newHuffman(counts, values []uint8) (*huffman, int) {
	h := &huffman{}
	total, code := 0, int32(0)
	for i, n := range counts {
		length := i + 1
		if total+int(n) > min(len(values), 256) {
			return nil, 0
		}
		h.offset[length] = int32(total) - code
		for k := range int(n) {
			if length > fastBits {
				break
			}
			first := int(code+int32(k)) << (fastBits - length)
			for j := range 1 << (fastBits - length) {
				if first+j >= len(h.fast) {
					return nil, 0
				}
				h.fast[first+j] = uint16(length)<<8 | uint16(values[total+k])
			}
		}
		total += int(n)
		code += int32(n)
		if code > 1<<length {
			return nil, 0
		}
		h.limit[length] = code << (16 - length)
		code <<= 1
	}
	h.values = values[:total]
	for i, e := range h.fast {
		length, size := int(e>>8), int(e&15)
		if e == 0 || size == 0 || length+size > fastBits {
			continue
		}
		v := int32(i) >> (fastBits - length - size) & (1<<size - 1)
		h.whole[i] = extend(v, size)<<16 | int32(e>>4&15)<<8 | int32(length+size)
	}
	return h, total
}

// extend is T.81's EXTEND: the signed value of a magnitude's bits.
func extend(v int32, size int) int32 {
	if v < 1<<(size-1) {
		return v - 1<<size + 1
	}
	return v
}

// bitReader reads the bits of a scan, from the top of acc. Past a marker or the end it gives zeros.
type bitReader struct {
	data []byte
	at   int
	acc  uint64
	n    int // bits in acc that count
	pad  int // of them, zeros that the file does not hold
}

// refill leaves at least 56 bits in acc.
func (r *bitReader) refill() {
	if r.n > 56 {
		return
	}
	if r.at+8 <= len(r.data) {
		v := binary.BigEndian.Uint64(r.data[r.at:])
		if inv := ^v; (inv-0x0101010101010101)&^inv&0x8080808080808080 == 0 { // no byte is 0xff
			r.acc |= v >> r.n // what is shifted in beyond whole bytes is shifted in again next time
			k := (63 - r.n) >> 3
			r.at += k
			r.n += 8 * k
			return
		}
	}
	r.acc &^= 1<<(64-r.n) - 1 // the bits beyond n may be of a byte that is not to count
	for r.n <= 56 {
		var b byte
		switch {
		case r.at >= len(r.data):
			r.pad += 8
		case r.data[r.at] != 0xff:
			b = r.data[r.at]
			r.at++
		case r.at+1 < len(r.data) && r.data[r.at+1] == 0:
			b = 0xff
			r.at += 2
		default: // a marker
			r.pad += 8
		}
		r.acc |= uint64(b) << (56 - r.n)
		r.n += 8
	}
}

func (r *bitReader) drop(n int) {
	r.acc <<= n
	r.n -= n
}

// take reads size bits, 1 to 16.
func (r *bitReader) take(size int) int32 {
	v := int32(r.acc >> (64 - size))
	r.drop(size)
	return v
}

// symbol reads a code's value; it is false where the bits are no code. At least 16 bits must be there.
func (r *bitReader) symbol(h *huffman) (uint8, bool) {
	if e := h.fast[r.acc>>(64-fastBits)]; e != 0 {
		r.drop(int(e >> 8))
		return uint8(e), true
	}
	top := int32(r.acc >> 48)
	for length := fastBits + 1; length <= 16; length++ {
		if top < h.limit[length] {
			i := int(top>>(16-length) + h.offset[length])
			if i < 0 || i >= len(h.values) {
				return 0, false
			}
			r.drop(length)
			return h.values[i], true
		}
	}
	return 0, false
}

// zigzag is the place of each coefficient in a block, row by row.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// block reads a block that is all zeros into dequantised coefficients, T.81 section F.2.2,
// and returns the highest place in zigzag order that was written.
func (r *bitReader) block(c *component, b *[64]int32) (top uint8, ok bool) {
	if r.n < 32 {
		r.refill()
	}
	size, ok := r.symbol(c.dc)
	if !ok || size > 16 {
		return 0, false
	}
	if size > 0 {
		c.before += extend(r.take(int(size)), int(size))
	}
	q := c.quant
	b[0] = c.before * q[0]
	for k := 1; k < 64; k++ {
		if r.n < 32 {
			r.refill()
		}
		if e := c.ac.whole[r.acc>>(64-fastBits)]; e != 0 {
			k += int(e >> 8 & 15)
			if k > 63 {
				return 0, false
			}
			r.drop(int(e & 255))
			b[zigzag[k]] = e >> 16 * q[k]
			top = uint8(k)
			continue
		}
		v, ok := r.symbol(c.ac)
		if !ok {
			return 0, false
		}
		run, size := int(v>>4), int(v&15)
		switch {
		case size > 0:
			k += run
			if k > 63 {
				return 0, false
			}
			b[zigzag[k]] = extend(r.take(size), size) * q[k]
			top = uint8(k)
		case run == 15:
			k += 15
		case run == 0:
			return top, true
		default:
			return 0, false
		}
	}
	return top, true
}

// overrun reports whether bits were read that the file does not hold.
func (r *bitReader) overrun() bool { return r.n < r.pad }

// marker goes to the marker that ends the coded bits, with less than a byte of filling before it.
func (r *bitReader) marker() (byte, bool) {
	r.refill()
	if r.pad == 0 || r.overrun() || r.n-r.pad >= 8 || r.at+1 >= len(r.data) {
		return 0, false
	}
	return r.data[r.at+1], true
}

// restart goes past a restart marker.
func (r *bitReader) restart(want byte) bool {
	m, ok := r.marker()
	if !ok || m != want {
		return false
	}
	*r = bitReader{data: r.data, at: r.at + 2}
	return true
}

// ends reports whether the picture ends here.
func (r *bitReader) ends() bool {
	m, ok := r.marker()
	return ok && m == 0xd9
}
