package pixel

import "encoding/binary"

// Opaque pictures of bytes shrink by Box with whole sums instead of weights:
// four lanes of 16 bits to a word, two words to two pixels, one addition a row.
// The means are exact, rounded half up. What is a mean of more pixels than a
// lane holds goes the way of the other kernels.

// maxBoxed is how many pixels' sum fits a lane.
const maxBoxed = 1<<16/255 - 1

const evenBytes = 0x00ff00ff00ff00ff

// span is the run of input samples whose mean an output sample is.
type span struct{ first, n int }

// spans finds the runs that Box weighs for each of out samples, and the longest.
func spans(in, out int) (list []span, longest int) {
	weighed, _, _ := weigh(in, out, Box, weightBits)
	list = make([]span, out)
	for i, t := range weighed {
		s := span{t.first, len(t.w)}
		for s.n > 1 && t.w[s.n-1] == 0 {
			s.n--
		}
		for s.n > 1 && t.w[s.first-t.first] == 0 {
			s.first++
			s.n--
		}
		list[i], longest = s, max(longest, s.n)
	}
	return list, longest
}

// boxOpaque resizes rows of w pixels; it is false where the sums do not fit.
func boxOpaque(stopped func() bool, pix []uint8, w, h, ow, oh int) ([]uint8, bool) {
	tx, wide := spans(w, ow)
	ty, tall := spans(h, oh)
	if wide*tall > maxBoxed {
		return nil, false
	}
	out := make([]uint8, 4*ow*oh)
	Rows(oh, func(y0, y1 int) {
		pairs, row := make([][2]uint64, (w+1)/2), make([]uint64, w+1)
		inverse := make([]uint64, wide+1)
		for y := y0; y < y1 && !stopped(); y++ {
			clear(pairs)
			for j := ty[y].first; j < ty[y].first+ty[y].n; j++ {
				addRow(pairs, pix[4*j*w:4*(j+1)*w])
			}
			for i, p := range pairs { // red, blue, green, alpha of one pixel
				row[2*i] = p[0]&(1<<32-1) | p[1]<<32
				row[2*i+1] = p[0]>>32 | p[1]>>32<<32
			}
			for n := 1; n <= wide; n++ {
				inverse[n] = (1<<32)/uint64(2*n*ty[y].n) + 1
			}
			boxSideways(out[4*y*ow:4*(y+1)*ow], row, tx, ty[y].n, inverse)
		}
	})
	return out, true
}

// addRow adds the bytes of a row: red and blue of two pixels into the first word, green and alpha into the second.
func addRow(pairs [][2]uint64, src []uint8) {
	n := len(src) / 8
	for i := range pairs[:n] {
		v := binary.LittleEndian.Uint64(src[8*i:])
		pairs[i][0] += v & evenBytes
		pairs[i][1] += v >> 8 & evenBytes
	}
	if n < len(pairs) {
		v := uint64(binary.LittleEndian.Uint32(src[8*n:]))
		pairs[n][0] += v & evenBytes
		pairs[n][1] += v >> 8 & evenBytes
	}
}

// boxSideways adds runs of a row of sums of tall rows and divides. inverse[n] is just above
// 2^32 / (2·n·tall): with sums of 16 bits and at most maxBoxed pixels the quotient is exact.
func boxSideways(dst []uint8, row []uint64, tx []span, tall int, inverse []uint64) {
	for x, t := range tx {
		sum := uint64(0)
		for _, v := range row[t.first : t.first+t.n] {
			sum += v
		}
		by, half := inverse[t.n], uint64(t.n*tall)
		p := dst[4*x : 4*x+4 : 4*x+4]
		p[0] = uint8((2*(sum&0xffff) + half) * by >> 32)
		p[1] = uint8((2*(sum>>32&0xffff) + half) * by >> 32)
		p[2] = uint8((2*(sum>>16&0xffff) + half) * by >> 32)
		p[3] = 255
	}
}
