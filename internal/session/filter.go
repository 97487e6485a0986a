package session

// Samples of a photograph are near to what their neighbours let expect. The
// guess is that of JPEG-LS (ITU-T T.87, A.3): of the sample to the left, the one
// above and the two's sum less the one between them, the middle one. Red and
// blue are told as differences to green first.

// guess is the middle one of a, b and a+b-c; without a branch, which noise would mislead.
func guess(a, b, c int) int { return max(min(a, b), min(max(a, b), a+b-c)) }

// order is in which order the channels of RGBA are told; green is the first.
var order = [4]int{1, 0, 2, 3}

// filter8 turns RGBA samples into four planes of misses.
func filter8(pix []byte, w, h int) []byte {
	out := make([]byte, 4*w*h)
	for p, ch := range order {
		plane := out[p*w*h : (p+1)*w*h]
		value := func(i int) byte {
			if ch == 0 || ch == 2 {
				return pix[4*i+ch] - pix[4*i+1]
			}
			return pix[4*i+ch]
		}
		var above, here [tileSide]byte
		for y := range h {
			for x := range w {
				v := value(y*w + x)
				here[x] = v
				plane[y*w+x] = v - expect(&here, &above, x, y)
			}
			above = here
		}
	}
	return out
}

// expect is the guess at the sample of a tile at (x, y), from those before it in its row and those of the row above.
func expect[T byte | uint16](here, above *[tileSide]T, x, y int) T {
	switch {
	case x == 0 && y == 0:
		return 0
	case y == 0:
		return here[x-1]
	case x == 0:
		return above[0]
	}
	return T(guess(int(here[x-1]), int(above[x]), int(above[x-1])))
}

// unfilter8 is the inverse of filter8; it uses up planes. It is what opening a
// picture takes longest for.
func unfilter8(out, planes []byte, w, h int) {
	n := w * h
	for p := range order {
		unmiss(planes[p*n:(p+1)*n], w, h)
	}
	green, red, blue, alpha := planes[:n], planes[n:2*n], planes[2*n:3*n], planes[3*n:4*n]
	for i, g := range green {
		o := out[4*i : 4*i+4 : 4*i+4]
		o[0], o[1], o[2], o[3] = red[i]+g, g, blue[i]+g, alpha[i]
	}
}

// unmiss turns a plane of misses into its samples.
func unmiss(plane []byte, w, h int) {
	for x := 1; x < w; x++ {
		plane[x] += plane[x-1]
	}
	for y := 1; y < h; y++ {
		above, row := plane[(y-1)*w:y*w], plane[y*w:(y+1)*w]
		row[0] += above[0]
		left, corner := int(row[0]), int(above[0])
		for x := 1; x < len(row) && x < len(above); x++ {
			up := int(above[x])
			v := row[x] + byte(guess(left, up, corner))
			row[x] = v
			left, corner = int(v), up
		}
	}
}

// filter16 is filter8 of 16-bit samples, big-endian: four planes of the upper
// bytes of the misses, then four of the lower ones. Misses are folded (0, -1, 1,
// -2 …), so that the upper bytes are mostly 0.
func filter16(pix []byte, w, h int) []byte {
	n := w * h
	out := make([]byte, 8*n)
	at := func(i, ch int) uint16 { return uint16(pix[8*i+2*ch])<<8 | uint16(pix[8*i+2*ch+1]) }
	for p, ch := range order {
		var above, here [tileSide]uint16
		for y := range h {
			for x := range w {
				i := y*w + x
				v := at(i, ch)
				if ch == 0 || ch == 2 {
					v -= at(i, 1)
				}
				here[x] = v
				miss := int16(v - expect(&here, &above, x, y))
				folded := uint16(miss<<1) ^ uint16(miss>>15)
				out[p*n+i], out[(4+p)*n+i] = byte(folded>>8), byte(folded)
			}
			above = here
		}
	}
	return out
}

// unfilter16 is the inverse of filter16.
func unfilter16(out, planes []byte, w, h int) {
	n := w * h
	for p, ch := range order {
		var above, here [tileSide]uint16
		for y := range h {
			for x := range w {
				i := y*w + x
				folded := uint16(planes[p*n+i])<<8 | uint16(planes[(4+p)*n+i])
				miss := folded>>1 ^ -(folded & 1)
				v := miss + expect(&here, &above, x, y)
				here[x] = v
				if ch == 0 || ch == 2 {
					v += uint16(out[8*i+2])<<8 | uint16(out[8*i+3])
				}
				out[8*i+2*ch], out[8*i+2*ch+1] = byte(v>>8), byte(v)
			}
			above = here
		}
	}
}
