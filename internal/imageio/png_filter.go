package imageio

import "encoding/binary"

// unfilter undoes a PNG filter in place. up is the row above, bpp the bytes of a pixel. It is false for a filter that there is not.
func unfilter(filter byte, row, up []byte, bpp int) bool {
	switch filter {
	case 0:
	case 1:
		unfilterSub(row, bpp)
	case 2:
		unfilterUp(row, up)
	case 3:
		unfilterAverage(row, up, bpp)
	case 4:
		switch bpp {
		case 3:
			unfilterPaeth3(row, up)
		case 4:
			unfilterPaeth4(row, up)
		default:
			unfilterPaeth(row, up, bpp)
		}
	default:
		return false
	}
	return true
}

func unfilterSub(row []byte, bpp int) {
	switch bpp {
	case 3:
		var a, b, c byte
		for ; len(row) >= 3; row = row[3:] {
			a, b, c = a+row[0], b+row[1], c+row[2]
			row[0], row[1], row[2] = a, b, c
		}
	case 4:
		var v uint32
		for ; len(row) >= 4; row = row[4:] {
			v = addBytes4(v, binary.LittleEndian.Uint32(row))
			binary.LittleEndian.PutUint32(row, v)
		}
	default:
		left := row
		for i := bpp; i < len(row); i++ {
			row[i] += left[i-bpp]
		}
	}
}

// addBytes4 adds each byte of two words, modulo 256.
func addBytes4(a, b uint32) uint32 {
	const low = 0x7f7f7f7f
	return (a&low + b&low) ^ (a^b)&^low
}

func addBytes8(a, b uint64) uint64 {
	const low = 0x7f7f7f7f7f7f7f7f
	return (a&low + b&low) ^ (a^b)&^low
}

func unfilterUp(row, up []byte) {
	up = up[:len(row)]
	for ; len(row) >= 8 && len(up) >= 8; row, up = row[8:], up[8:] {
		binary.LittleEndian.PutUint64(row, addBytes8(binary.LittleEndian.Uint64(row), binary.LittleEndian.Uint64(up)))
	}
	for i := range row {
		row[i] += up[i]
	}
}

func unfilterAverage(row, up []byte, bpp int) {
	up = up[:len(row)]
	if bpp == 3 {
		var a, b, c uint32
		for ; len(row) >= 3 && len(up) >= 3; row, up = row[3:], up[3:] {
			a = ((a+uint32(up[0]))>>1 + uint32(row[0])) & 255
			b = ((b+uint32(up[1]))>>1 + uint32(row[1])) & 255
			c = ((c+uint32(up[2]))>>1 + uint32(row[2])) & 255
			row[0], row[1], row[2] = byte(a), byte(b), byte(c)
		}
		return
	}
	for i := range min(bpp, len(row)) {
		row[i] += up[i] / 2
	}
	for i := bpp; i < len(row); i++ {
		row[i] += byte((int(row[i-bpp]) + int(up[i])) / 2)
	}
}

// predict is the neighbour nearest to a + b - c: left, above, or left of above. This form, which
// stb_image found, compiles without jumps that would depend on the picture.
func predict(a, b, c int32) int32 {
	edge := 3*c - (a + b)
	lo, hi := min(a, b), max(a, b)
	if hi <= edge {
		c = lo
	}
	if edge <= lo {
		c = hi
	}
	return c
}

func unfilterPaeth3(row, up []byte) {
	var a0, a1, a2, c0, c1, c2 int32
	for ; len(row) >= 3 && len(up) >= 3; row, up = row[3:], up[3:] {
		b0, b1, b2 := int32(up[0]), int32(up[1]), int32(up[2])
		a0 = (predict(a0, b0, c0) + int32(row[0])) & 255
		a1 = (predict(a1, b1, c1) + int32(row[1])) & 255
		a2 = (predict(a2, b2, c2) + int32(row[2])) & 255
		c0, c1, c2 = b0, b1, b2
		row[0], row[1], row[2] = byte(a0), byte(a1), byte(a2)
	}
}

func unfilterPaeth4(row, up []byte) {
	var a0, a1, a2, a3, c0, c1, c2, c3 int32
	for ; len(row) >= 4 && len(up) >= 4; row, up = row[4:], up[4:] {
		b0, b1, b2, b3 := int32(up[0]), int32(up[1]), int32(up[2]), int32(up[3])
		a0 = (predict(a0, b0, c0) + int32(row[0])) & 255
		a1 = (predict(a1, b1, c1) + int32(row[1])) & 255
		a2 = (predict(a2, b2, c2) + int32(row[2])) & 255
		a3 = (predict(a3, b3, c3) + int32(row[3])) & 255
		c0, c1, c2, c3 = b0, b1, b2, b3
		row[0], row[1], row[2], row[3] = byte(a0), byte(a1), byte(a2), byte(a3)
	}
}

func unfilterPaeth(row, up []byte, bpp int) {
	for i := range min(bpp, len(row)) {
		row[i] += up[i]
	}
	for i := bpp; i < len(row); i++ {
		row[i] += byte(predict(int32(row[i-bpp]), int32(up[i]), int32(up[i-bpp])))
	}
}
