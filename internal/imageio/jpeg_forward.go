package imageio

import "encoding/binary"

// The forward transform is that of image/jpeg (The Go Authors, BSD licence), bit for bit, after the same paper as the inverse
// one; it is done on two blocks at once. blockPair holds a sample of each in the upper and the lower 32 bits of a
// signed sum hi<<32 + lo. Sums, differences and multiples of such pairs are those of both lanes as
// long as each lane's result fits 32 bits; only shifts must keep the lanes apart.
type blockPair [64]int64

// Cosines and sines of multiples of π/16 as binary fractions of 18 and 14 bits; those of 6π/16 times √2.
const (
	fcos1x18, fsin1x18 = 257107, 51142
	fcos3x18, fsin3x18 = 217965, 145639
	fcos6x18, fsin6x18 = 141871, 342508
	fcos1x14, fsin1x14 = 16069, 3196
	fcos3x14, fsin3x14 = 13623, 9102
	fcos6x14, fsin6x14 = 8867, 21407
	root12, root14     = 5793, 23170 // √2
)

const (
	bothOnes  = 1<<32 + 1
	lowBias   = 1 << 31 // makes a lower lane positive, so that the upper one can be read off
	roundLast = bothOnes<<17 + lowBias
)

// turnPair rotates by an angle; see rotate.
func turnPair(a, b, cos, sin int64) (x, y int64) {
	sum := cos * (a + b)
	return sum + (sin-cos)*b, sum - (cos+sin)*a
}

// Arithmetic shifts of both lanes: what the upper one drops into the lower one is masked out.
func shift12(v int64) int64 { return (v+lowBias)>>12&^(0xfff<<20) - lowBias>>12 }
func shift14(v int64) int64 { return (v+lowBias)>>14&^(0x3fff<<18) - lowBias>>14 }

// roundLast18 is the last shift, rounding.
func roundLast18(v int64) int64 { return (v+roundLast)>>18&^(0x3ffff<<14) - lowBias>>18 }

// forward turns samples of 0 to 255 into coefficients times 8.
func (b *blockPair) forward() {
	for i := range 8 {
		b.forwardColumn(i)
	}
	for i := 0; i < 64; i += 8 {
		forwardRow((*[8]int64)(b[i : i+8]))
	}
}

func (b *blockPair) forwardColumn(i int) {
	i &= 7
	x0, x1, x2, x3, x4, x5, x6, x7 := b[i], b[8+i], b[16+i], b[24+i], b[32+i], b[40+i], b[48+i], b[56+i]
	x0, x7 = x0+x7, x0-x7
	x1, x6 = x1+x6, x1-x6
	x2, x5 = x2+x5, x2-x5
	x3, x4 = x3+x4, x3-x4
	x4, x7 = turnPair(x4, x7, fcos3x18, fsin3x18)
	x5, x6 = turnPair(x5, x6, fcos1x18, fsin1x18)
	x0, x3 = x0+x3, x0-x3
	x1, x2 = x1+x2, x1-x2
	x2, x3 = turnPair(x2, x3, fcos6x18, fsin6x18)
	x0, x1 = x0+x1, x0-x1
	b[i], b[32+i], b[16+i], b[48+i] = (x0-128*8*bothOnes)<<18, x1<<18, x2, x3
	x4, x6 = x4+x6, x4-x6
	x7, x5 = x7+x5, x7-x5
	b[24+i], b[40+i] = shift12(x5)*root12, shift12(x6)*root12
	b[8+i], b[56+i] = x7+x4, x7-x4
}

func forwardRow(x *[8]int64) {
	x0, x1, x2, x3, x4, x5, x6, x7 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	x0, x7 = x0+x7, x0-x7
	x1, x6 = x1+x6, x1-x6
	x2, x5 = x2+x5, x2-x5
	x3, x4 = x3+x4, x3-x4
	x4, x7 = turnPair(shift14(x4), shift14(x7), fcos3x14, fsin3x14)
	x5, x6 = turnPair(shift14(x5), shift14(x6), fcos1x14, fsin1x14)
	x0, x3 = x0+x3, x0-x3
	x1, x2 = x1+x2, x1-x2
	x2, x3 = turnPair(shift14(x2), shift14(x3), fcos6x14, fsin6x14)
	x0, x1 = x0+x1, x0-x1
	x4, x6 = x4+x6, x4-x6
	x7, x5 = x7+x5, x7-x5
	x5, x6 = shift14(x5)*root14, shift14(x6)*root14
	x7, x4 = x7+x4, x7-x4
	x[0], x[1], x[2], x[3] = roundLast18(x0), roundLast18(x7), roundLast18(x2), roundLast18(x5)
	x[4], x[5], x[6], x[7] = roundLast18(x1), roundLast18(x6), roundLast18(x3), roundLast18(x4)
}

// A coded unit of a colour picture: four blocks of luma in two pairs, left and right, and the pair of Cb and Cr.
type colorUnit struct{ upper, lower, chroma blockPair }

const (
	laneBytes = 0xff * bothOnes
	upperLane = -1 << 32
)

// ycbcr converts two RGBA pixels, p in the upper and q in the lower lane, as color.RGBToYCbCr does.
func ycbcr(p, q uint32) (y, cb, cr int64) {
	v := int64(p)<<32 | int64(q)
	r, g, b := v&laneBytes, v>>8&laneBytes, v>>16&laneBytes
	y = (19595*r + 38470*g + 7471*b + bothOnes<<15) >> 16 & laneBytes
	// Only 256 is out of range, for pure blue and red.
	cb = (32768*b - 11056*r - 21712*g + bothOnes*(257<<15)) >> 16 & (0x1ff * bothOnes)
	cr = (32768*r - 27440*g - 5328*b + bothOnes*(257<<15)) >> 16 & (0x1ff * bothOnes)
	return y, cb - cb>>8&bothOnes, cr - cr>>8&bothOnes
}

// read converts 16×16 RGBA pixels, the colours averaged over 2×2, rounding.
func (u *colorUnit) read(pix []uint8, stride int) {
	for y := 0; y < 16; y += 2 {
		b := &u.upper
		if y >= 8 {
			b = &u.lower
		}
		one, two := pix[y*stride:][:64:64], pix[(y+1)*stride:][:64:64]
		first, second := (*[8]int64)(b[8*(y&7):]), (*[8]int64)(b[8*(y&7)+8:])
		chroma := (*[8]int64)(u.chroma[4*y:])
		for x := 0; x < 8; x += 2 {
			var cb, cr [4]int64
			at := 4 * x
			first[x], cb[0], cr[0] = ycbcr(binary.LittleEndian.Uint32(one[at:]), binary.LittleEndian.Uint32(one[at+32:]))
			first[x+1], cb[1], cr[1] = ycbcr(binary.LittleEndian.Uint32(one[at+4:]), binary.LittleEndian.Uint32(one[at+36:]))
			second[x], cb[2], cr[2] = ycbcr(binary.LittleEndian.Uint32(two[at:]), binary.LittleEndian.Uint32(two[at+32:]))
			second[x+1], cb[3], cr[3] = ycbcr(binary.LittleEndian.Uint32(two[at+4:]), binary.LittleEndian.Uint32(two[at+36:]))
			b := (cb[0] + cb[1] + cb[2] + cb[3] + 2*bothOnes) >> 2 & laneBytes
			r := (cr[0] + cr[1] + cr[2] + cr[3] + 2*bothOnes) >> 2 & laneBytes
			chroma[x/2] = b&upperLane | r>>32
			chroma[x/2+4] = b<<32 | r&0xff
		}
	}
}
