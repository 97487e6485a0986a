package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// lut is an A2B tag: curves, a table of n dimensions, curves, a matrix, curves.
// All but the last curves may be absent. It maps samples in [0,1] to encoded
// connection space values in [0,1].
type lut struct {
	in     []*curve
	table  *grid
	mid    []*curve
	matrix *[12]float64 // 3×3 row-major, then the offset
	out    []*curve
	wide   bool // Lab values are encoded as in lut16Type, where FF00h is 100
}

var errTable = errors.New("a colour table is damaged")

// parseLUT reads a lut8Type, lut16Type or lutAToBType tag for n input channels.
func parseLUT(b []byte, n int) (*lut, error) {
	if len(b) < 32 {
		return nil, errShort
	}
	if int(b[8]) != n || b[9] != 3 {
		return nil, fmt.Errorf("a table is for %d to %d channels", b[8], b[9])
	}
	switch string(b[:4]) {
	case "mft1", "mft2":
		return parseMFT(b, n)
	case "mAB ":
		return parseMAB(b, n)
	}
	return nil, errTable
}

// parseMFT reads the older kinds. Their matrix applies to XYZ inputs only, so never here.
func parseMFT(b []byte, n int) (*lut, error) {
	l := &lut{wide: string(b[:4]) == "mft2"}
	width, at := 1, 48
	inN, outN := 256, 256
	if l.wide {
		if len(b) < 52 {
			return nil, errShort
		}
		width, at = 2, 52
		inN, outN = int(binary.BigEndian.Uint16(b[48:])), int(binary.BigEndian.Uint16(b[50:]))
	}
	if inN < 2 || inN > 4096 || outN < 2 || outN > 4096 || len(b) < at {
		return nil, errTable
	}
	read := func(n int) ([]float32, error) {
		if n > (len(b)-at)/width {
			return nil, errShort
		}
		part := b[at : at+n*width]
		at += n * width
		if width == 1 {
			return samples8(part), nil
		}
		return samples16(part), nil
	}
	curves := func(count, size int) ([]*curve, error) {
		list := make([]*curve, count)
		for i := range list {
			v, err := read(size)
			if err != nil {
				return nil, err
			}
			list[i] = &curve{v: v}
		}
		return list, nil
	}
	sides := make([]int, n)
	for i := range sides {
		sides[i] = int(b[10])
	}
	size, err := gridSize(sides)
	if err != nil {
		return nil, err
	}
	if l.in, err = curves(n, inN); err != nil {
		return nil, err
	}
	v, err := read(size)
	if err != nil {
		return nil, err
	}
	l.table = newGrid(sides, v)
	l.out, err = curves(3, outN)
	return l, err
}

// mab is a tag of type lutAToBType: the parts that it has lie at offsets.
type mab []byte

// The parts, in the order of their offsets.
const (
	partB = iota
	partMatrix
	partM
	partTable
	partA
)

func (b mab) has(part int) bool { return b.offset(part) != 0 }

func (b mab) offset(part int) int { return int(binary.BigEndian.Uint32(b[12+4*part:])) }

// part is the tag from a part on, at least so many bytes.
func (b mab) part(part, least int) ([]byte, error) {
	at := b.offset(part)
	if at < 32 || at > len(b)-least {
		return nil, errShort
	}
	return b[at:], nil
}

// curves reads a part that holds so many curves; none where the tag has no such part.
func (b mab) curves(part, count int) ([]*curve, error) {
	if !b.has(part) {
		return nil, nil
	}
	rest, err := b.part(part, 12)
	if err != nil {
		return nil, err
	}
	list := make([]*curve, count)
	for k := range list {
		c, size, err := parseCurve(rest)
		if err != nil {
			return nil, err
		}
		list[k] = c
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return list, nil
}

// table reads the grid of n inputs.
func (b mab) table(n int) (*grid, error) {
	t, err := b.part(partTable, 20)
	if err != nil {
		return nil, err
	}
	sides := make([]int, n)
	for i := range sides {
		sides[i] = int(t[i])
	}
	size, err := gridSize(sides)
	if err != nil {
		return nil, err
	}
	width := int(t[16])
	if width != 1 && width != 2 || size > (len(t)-20)/width {
		return nil, errShort
	}
	v := t[20 : 20+size*width]
	if width == 1 {
		return newGrid(sides, samples8(v)), nil
	}
	return newGrid(sides, samples16(v)), nil
}

func parseMAB(b mab, n int) (*lut, error) {
	l := &lut{}
	var err error
	if l.out, err = b.curves(partB, 3); err != nil {
		return nil, err
	}
	if l.mid, err = b.curves(partM, 3); err != nil {
		return nil, err
	}
	if l.in, err = b.curves(partA, n); err != nil {
		return nil, err
	}
	if b.has(partMatrix) {
		m, err := b.part(partMatrix, 48)
		if err != nil {
			return nil, err
		}
		l.matrix = new([12]float64)
		for i := range l.matrix {
			l.matrix[i] = fixed(m[4*i:])
		}
	}
	if !b.has(partTable) {
		if n != 3 {
			return nil, errTable
		}
		return l, nil
	}
	l.table, err = b.table(n)
	return l, err
}

// eval maps one pixel; in is overwritten.
func (l *lut) eval(in []float32) (v [3]float32) {
	for i, c := range l.in {
		in[i] = c.at(in[i])
	}
	if l.table != nil {
		v = l.table.at(in)
	} else {
		v = [3]float32(in)
	}
	for i, c := range l.mid {
		v[i] = c.at(v[i])
	}
	if m := l.matrix; m != nil {
		x, y, z := float64(v[0]), float64(v[1]), float64(v[2])
		for i := range v {
			v[i] = float32(m[3*i]*x + m[3*i+1]*y + m[3*i+2]*z + m[9+i])
		}
	}
	for i, c := range l.out {
		v[i] = c.at(v[i])
	}
	return v
}

// grid is a table of three values over two to four dimensions, the last the fastest.
type grid struct {
	sides, strides []int
	v              []float32
}

// gridSize is the number of values of a table, which is bounded by the profile's size.
func gridSize(sides []int) (int, error) {
	n := 3
	for _, s := range sides {
		if s < 2 || n > MaxSize/s {
			return 0, errTable
		}
		n *= s
	}
	return n, nil
}

func newGrid(sides []int, v []float32) *grid {
	g := &grid{sides: sides, strides: make([]int, len(sides)), v: v}
	n := 3
	for i := len(sides) - 1; i >= 0; i-- {
		g.strides[i] = n
		n *= sides[i]
	}
	return g
}

// at interpolates: the last three dimensions by tetrahedra (Kasson, Nin,
// Plouffe and Hafner 1995), which keep neutral colours neutral, and one before them linearly.
func (g *grid) at(in []float32) [3]float32 {
	if len(in) == 4 {
		base, step, f := g.cell(0, in[0])
		a := g.tetra([3]float32(in[1:]), 1, base)
		if f == 0 {
			return a
		}
		b := g.tetra([3]float32(in[1:]), 1, base+step)
		for i := range a {
			a[i] += f * (b[i] - a[i])
		}
		return a
	}
	return g.tetra([3]float32(in), 0, 0)
}

// cell is where along a dimension x in [0,1] lies: the offset of the point before it, the step to the next, and how far between them.
func (g *grid) cell(dim int, x float32) (at, step int, f float32) {
	last := g.sides[dim] - 1
	x = min(max(x, 0), 1) * float32(last)
	i := min(int(x), last-1)
	return i * g.strides[dim], g.strides[dim], x - float32(i)
}

func (g *grid) tetra(in [3]float32, dim, base int) [3]float32 {
	a, sa, fa := g.cell(dim, in[0])
	b, sb, fb := g.cell(dim+1, in[1])
	c, sc, fc := g.cell(dim+2, in[2])
	// The walk from the cell's first corner to its last takes the dimensions by falling fraction.
	if fa < fb {
		sa, fa, sb, fb = sb, fb, sa, fa
	}
	if fb < fc {
		sb, fb, sc, fc = sc, fc, sb, fb
		if fa < fb {
			sa, fa, sb, fb = sb, fb, sa, fa
		}
	}
	p := base + a + b + c
	p0, p1, p2, p3 := g.v[p:p+3], g.v[p+sa:][:3], g.v[p+sa+sb:][:3], g.v[p+sa+sb+sc:][:3]
	w0, w1, w2, w3 := 1-fa, fa-fb, fb-fc, fc
	return [3]float32{
		w0*p0[0] + w1*p1[0] + w2*p2[0] + w3*p3[0],
		w0*p0[1] + w1*p1[1] + w2*p2[1] + w3*p3[1],
		w0*p0[2] + w1*p1[2] + w2*p2[2] + w3*p3[2],
	}
}

// toXYZ decodes what a lut made.
func (l *lut) toXYZ(v [3]float32, lab bool) [3]float64 {
	x, y, z := float64(v[0]), float64(v[1]), float64(v[2])
	switch {
	case !lab:
		const unit = 1 + 32767.0/32768
		return [3]float64{x * unit, y * unit, z * unit}
	case l.wide:
		const unit = 65535.0 / 65280
		return labToXYZ(x*unit*100, y*unit*255-128, z*unit*255-128)
	}
	return labToXYZ(x*100, y*255-128, z*255-128)
}

// finite reports whether a colour is one.
func finite(v [3]float64) bool {
	for _, x := range v {
		if math.IsNaN(x) || math.Abs(x) > 100 {
			return false
		}
	}
	return true
}
