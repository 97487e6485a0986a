package imageio

// The inverse transform is that of image/jpeg (The Go Authors, BSD licence), bit for
// bit, after Loeffler, Ligtenberg and Moschytz, "Practical Fast 1-D DCT Algorithms with 11
// Multiplications", ICASSP 1989. Which scale a value has at each step is told there.

// Cosines and sines of multiples of π/16 as binary fractions of 12, 14 and 18 bits.
const (
	cos1x12, sin1x12 = 4017, 799
	cos3x12, sin3x12 = 3406, 2276
	half8, half14    = 181, 11585 // 1/√2
	cos6x12, sin6x12 = 1108, 2676 // of 6π/16, over √2
	cos6x18, sin6x18 = 70936, 171254
)

// rotate turns (a,b) by an angle and its scale.
func rotate(a, b, cos, sin int32) (x, y int32) {
	sum := cos * (a + b)
	return sum + (sin-cos)*b, sum - (cos+sin)*a
}

func inverseDCT(b *[64]int32) {
	for i := 0; i < 64; i += 8 {
		inverseRow((*[8]int32)(b[i : i+8]))
	}
	for i := range 8 {
		inverseColumn(b, i)
	}
}

func inverseRow(x *[8]int32) {
	x0, x7, x2, x5, x1, x6, x3, x4 := x[0]<<17, x[1], x[2], x[3], x[4]<<17, x[5], x[6], x[7]
	if x7|x2|x5|x1|x6|x3|x4 == 0 {
		*x = [8]int32{x0, x0, x0, x0, x0, x0, x0, x0}
		return
	}
	x0, x1 = x0+x1, x0-x1
	x2, x3 = rotate(x2, x3, cos6x18, -sin6x18)
	x1, x2 = x1+x2, x1-x2
	x0, x3 = x0+x3, x0-x3
	x4, x7 = x4<<7, x7<<7
	x7, x4 = x7+x4, x7-x4
	x6, x5 = x6*half8, x5*half8
	x7, x5 = x7+x5, x7-x5
	x4, x6 = x4+x6, x4-x6
	x4, x7 = rotate(x4>>2, x7>>2, cos3x12, -sin3x12)
	x5, x6 = rotate(x5>>2, x6>>2, cos1x12, -sin1x12)
	*x = [8]int32{x0 + x7, x1 + x6, x2 + x5, x3 + x4, x3 - x4, x2 - x5, x1 - x6, x0 - x7}
}

func inverseColumn(b *[64]int32, i int) {
	i &= 7
	x0, x7, x2, x5, x1, x6, x3, x4 := b[i]+1<<19, b[8+i], b[16+i], b[24+i], b[32+i], b[40+i], b[48+i], b[56+i]
	x0, x1 = (x0+x1)>>2, (x0-x1)>>2
	x2, x3 = rotate(x2>>13, x3>>13, cos6x12, -sin6x12)
	x1, x2 = x1+x2, x1-x2
	x0, x3 = x0+x3, x0-x3
	x7, x4 = x7+x4, x7-x4
	x5, x6 = (x5>>13)*half14, (x6>>13)*half14
	x7, x5 = x7+x5, x7-x5
	x4, x6 = x4+x6, x4-x6
	x4, x7 = rotate(x4>>14, x7>>14, cos3x12, -sin3x12)
	x5, x6 = rotate(x5>>14, x6>>14, cos1x12, -sin1x12)
	b[i], b[56+i] = (x0+x7)>>18, (x0-x7)>>18
	b[8+i], b[48+i] = (x1+x6)>>18, (x1-x6)>>18
	b[16+i], b[40+i] = (x2+x5)>>18, (x2-x5)>>18
	b[24+i], b[32+i] = (x3+x4)>>18, (x3-x4)>>18
}

// store writes a block's samples, shifted up by 128 and clipped.
func store(dst []uint8, stride int, b *[64]int32) {
	for y := range 8 {
		row, x := dst[y*stride:][:8:8], b[8*y:][:8:8]
		for i, v := range x {
			row[i] = uint8(clamp(v + 128))
		}
	}
}

// flat is the transform of a block with a mean only.
func flat(dst []uint8, stride int, mean int32) {
	v := uint8(clamp((mean<<17+1<<19)>>20 + 128))
	for y := range 8 {
		row := dst[y*stride:][:8:8]
		for i := range row {
			row[i] = v
		}
	}
}
