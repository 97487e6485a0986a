package artifact

// The packing of RGBA pixels is that of the Quite OK Image format (qoiformat.org,
// specification 1.0) without its header: lossless, the colour under full
// transparency included, and about as fast as memory.
const (
	opIndex = 0x00 // 2 bits, then the place in a table of colours seen
	opDiff  = 0x40 // three differences of 2 bits to the pixel before
	opLuma  = 0x80 // green's difference in 6 bits, red's and blue's to it in 4
	opRun   = 0xc0 // the pixel before, 1 to 62 times
	opRGB   = 0xfe
	opRGBA  = 0xff

	maxRun = 62
)

type rgba struct{ r, g, b, a uint8 }

// slot is where a colour is kept in the table of colours seen.
func (p rgba) slot() uint8 { return (p.r*3 + p.g*5 + p.b*7 + p.a*11) & 63 }

// pixels packs RGBA samples, with the length of the packed form before it.
func (w *writer) pixels(pix []uint8) {
	out := make([]byte, 0, len(pix)/2+64)
	var seen [64]rgba
	prev, run := rgba{a: 255}, 0
	for ; len(pix) >= 4; pix = pix[4:] {
		p := rgba{pix[0], pix[1], pix[2], pix[3]}
		if p == prev {
			if run++; run == maxRun {
				out = append(out, opRun|(maxRun-1))
				run = 0
			}
			continue
		}
		if run > 0 {
			out = append(out, opRun|uint8(run-1))
			run = 0
		}
		if s := p.slot(); seen[s] == p {
			out = append(out, opIndex|s)
		} else {
			seen[s] = p
			out = appendPixel(out, prev, p)
		}
		prev = p
	}
	if run > 0 {
		out = append(out, opRun|uint8(run-1))
	}
	w.bytes(out)
}

// appendPixel writes p in the shortest form that tells it from prev.
func appendPixel(out []byte, prev, p rgba) []byte {
	if p.a != prev.a {
		return append(out, opRGBA, p.r, p.g, p.b, p.a)
	}
	// Differences wrap around, as the decoder's sums do.
	dr, dg, db := p.r-prev.r, p.g-prev.g, p.b-prev.b
	if dr+2 < 4 && dg+2 < 4 && db+2 < 4 {
		return append(out, opDiff|(dr+2)<<4|(dg+2)<<2|(db+2))
	}
	if rg, bg := dr-dg+8, db-dg+8; dg+32 < 64 && rg < 16 && bg < 16 {
		return append(out, opLuma|(dg+32), rg<<4|bg)
	}
	return append(out, opRGB, p.r, p.g, p.b)
}

// pixels unpacks n RGBA pixels.
func (r *reader) pixels(n int) []uint8 {
	b := r.bytes()
	if r.err != nil || n > maxRun*len(b) {
		r.fail(errShort)
		return nil
	}
	pix := make([]uint8, 4*n)
	var seen [64]rgba
	p, run := rgba{a: 255}, 0
	for i := 0; i < len(pix); i += 4 {
		if run > 0 {
			run--
		} else {
			var ok bool
			if p, run, b, ok = nextPixel(b, p, &seen); !ok {
				r.fail(errDamaged)
				return nil
			}
		}
		o := pix[i : i+4 : i+4]
		o[0], o[1], o[2], o[3] = p.r, p.g, p.b, p.a
	}
	if len(b) > 0 || run > 0 {
		r.fail(errDamaged)
		return nil
	}
	return pix
}

// nextPixel reads one operation: the pixel, how often it comes again, and what follows.
func nextPixel(b []byte, p rgba, seen *[64]rgba) (next rgba, run int, rest []byte, ok bool) {
	if len(b) == 0 {
		return p, 0, nil, false
	}
	op := b[0]
	need := 1
	switch {
	case op == opRGBA:
		need = 5
	case op == opRGB:
		need = 4
	case op&0xc0 == opLuma:
		need = 2
	}
	if len(b) < need {
		return p, 0, nil, false
	}
	switch {
	case op == opRGBA:
		p = rgba{b[1], b[2], b[3], b[4]}
	case op == opRGB:
		p.r, p.g, p.b = b[1], b[2], b[3]
	case op&0xc0 == opIndex:
		return seen[op], 0, b[1:], true
	case op&0xc0 == opDiff:
		p.r, p.g, p.b = p.r+op>>4&3-2, p.g+op>>2&3-2, p.b+op&3-2
	case op&0xc0 == opLuma:
		dg := op&63 - 32
		p.r, p.g, p.b = p.r+dg+b[1]>>4-8, p.g+dg, p.b+dg+b[1]&15-8
	default:
		return p, int(op & 63), b[1:], true
	}
	seen[p.slot()] = p
	return p, 0, b[need:], true
}

// Bytes are packed as runs and literals: a control byte below 128 is followed by
// one to 128 bytes as they are, one from 128 by the byte that comes 3 to 130 times.
const (
	maxLiteral = 128
	minRepeat  = 3
	maxRepeat  = 130
)

// runs packs the samples of a matte, with the length of the packed form before it.
func (w *writer) runs(pix []uint8) {
	out := make([]byte, 0, len(pix)/16+64)
	for len(pix) > 0 {
		if n := repeat(pix); n >= minRepeat {
			out = append(out, uint8(128+n-minRepeat), pix[0])
			pix = pix[n:]
			continue
		}
		n := literal(pix)
		out = append(append(out, uint8(n-1)), pix[:n]...)
		pix = pix[n:]
	}
	w.bytes(out)
}

// repeat counts how often the first byte comes at the start.
func repeat(pix []uint8) int {
	n := 1
	for n < len(pix) && n < maxRepeat && pix[n] == pix[0] {
		n++
	}
	return n
}

// literal counts the bytes up to the next repetition.
func literal(pix []uint8) int {
	n := min(len(pix), maxLiteral)
	for i := range max(0, min(n, len(pix)-2)) {
		if pix[i] == pix[i+1] && pix[i+1] == pix[i+2] {
			return i
		}
	}
	return n
}

// runs unpacks n bytes.
func (r *reader) runs(n int) []uint8 {
	b := r.bytes()
	if r.err != nil || n > maxRepeat*len(b) {
		r.fail(errShort)
		return nil
	}
	out := make([]uint8, n)
	rest := out
	for len(b) >= 2 {
		c := int(b[0])
		if c >= 128 {
			k := c - 128 + minRepeat
			if k > len(rest) {
				break
			}
			if v := b[1]; v != 0 {
				for i := range rest[:k] {
					rest[i] = v
				}
			}
			rest, b = rest[k:], b[2:]
			continue
		}
		k := c + 1
		if k > len(rest) || k > len(b)-1 {
			break
		}
		copy(rest, b[1:1+k])
		rest, b = rest[k:], b[1+k:]
	}
	if len(rest) > 0 || len(b) > 0 {
		r.fail(errDamaged)
		return nil
	}
	return out
}
