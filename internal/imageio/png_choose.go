package imageio

import (
	"encoding/binary"
	"slices"
)

// filterer filters the rows of a picture one after another.
type filterer struct {
	e       *pngEncoder
	bpp     int
	cur, up []byte    // a row and the one above, each behind a pixel of zeros
	try     [5][]byte // the row by every filter
}

func newFilterer(e *pngEncoder) *filterer {
	bpp := e.channels * e.bits / 8
	f := &filterer{e: e, bpp: bpp, cur: make([]byte, bpp*(e.w+1)), up: make([]byte, bpp*(e.w+1))}
	for i := range f.try {
		f.try[i] = make([]byte, bpp*e.w)
	}
	return f
}

// begin makes y the next row.
func (f *filterer) begin(y int) {
	if y == 0 {
		clear(f.cur)
		return
	}
	f.e.row(f.cur[f.bpp:], y-1)
}

// next appends row y, filtered: of none, sub, up, average and Paeth by the filter whose bytes,
// taken as signed, have the least sum of magnitudes, as the PNG specification advises.
func (f *filterer) next(out []byte, y int) []byte {
	f.cur, f.up = f.up, f.cur
	f.e.row(f.cur[f.bpp:], y)
	n := len(f.cur) - f.bpp
	x, left, above, corner := f.cur[f.bpp:], f.cur[:n], f.up[f.bpp:], f.up[:n]
	copy(f.try[0], x)
	sums := []int{
		weight(f.try[0]),
		filterSub(f.try[1], x, left),
		filterSub(f.try[2], x, above),
		filterAverage(f.try[3], x, left, above),
		filterPaeth(f.try[4], x, left, above, corner),
	}
	best := slices.Index(sums, slices.Min(sums))
	return append(append(out, byte(best)), f.try[best]...)
}

const (
	lowBits  = 0x7f7f7f7f7f7f7f7f
	evenByte = 0x00ff00ff00ff00ff
	oneEach  = 0x0101010101010101
)

// subBytes8 subtracts each byte of two words, modulo 256.
func subBytes8(a, b uint64) uint64 {
	return ((a | ^uint64(lowBits)) - b&lowBits) ^ (a^^b)&^lowBits
}

// magnitudes is the sum of eight signed bytes' magnitudes.
func magnitudes(v uint64) int {
	m := v >> 7 & oneEach
	v = v ^ m*255 + m
	return int((v&evenByte + v>>8&evenByte) * 0x0001000100010001 >> 48)
}

func magnitude(v byte) int { return max(int(int8(v)), -int(int8(v))) }

// weight is the sum of signed bytes' magnitudes.
func weight(line []byte) (sum int) {
	for ; len(line) >= 8; line = line[8:] {
		sum += magnitudes(binary.LittleEndian.Uint64(line))
	}
	for _, v := range line {
		sum += magnitude(v)
	}
	return sum
}

// The filters write what is left of x when it is predicted, and return its weight.

func filterSub(line, x, by []byte) (sum int) {
	for ; len(line) >= 8 && len(x) >= 8 && len(by) >= 8; line, x, by = line[8:], x[8:], by[8:] {
		v := subBytes8(binary.LittleEndian.Uint64(x), binary.LittleEndian.Uint64(by))
		binary.LittleEndian.PutUint64(line, v)
		sum += magnitudes(v)
	}
	for i := range line {
		line[i] = x[i] - by[i]
		sum += magnitude(line[i])
	}
	return sum
}

func filterAverage(line, x, left, above []byte) (sum int) {
	for ; len(line) >= 8 && len(x) >= 8 && len(left) >= 8 && len(above) >= 8; line, x, left, above = line[8:], x[8:], left[8:], above[8:] {
		a, b := binary.LittleEndian.Uint64(left), binary.LittleEndian.Uint64(above)
		v := subBytes8(binary.LittleEndian.Uint64(x), a&b+(a^b)>>1&lowBits)
		binary.LittleEndian.PutUint64(line, v)
		sum += magnitudes(v)
	}
	for i := range line {
		line[i] = x[i] - byte((int(left[i])+int(above[i]))/2)
		sum += magnitude(line[i])
	}
	return sum
}

func filterPaeth(line, x, left, above, corner []byte) (sum int) {
	n := len(line)
	x, left, above, corner = x[:n], left[:n], above[:n], corner[:n]
	for i := range line {
		line[i] = x[i] - byte(predict(int32(left[i]), int32(above[i]), int32(corner[i])))
	}
	return weight(line)
}
