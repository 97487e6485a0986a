package artifact

import (
	"encoding/binary"
	"errors"
	"hash"
	"math"
)

var le = binary.LittleEndian

var (
	errNil     = errors.New("it is nil")
	errShort   = errors.New("it ends early")
	errDamaged = errors.New("it is damaged")
)

// writer appends values to a buffer.
type writer struct{ b []byte }

func (w *writer) u8(v uint8)      { w.b = append(w.b, v) }
func (w *writer) uint(v int)      { w.b = binary.AppendUvarint(w.b, uint64(v)) }
func (w *writer) f64(v float64)   { w.b = le.AppendUint64(w.b, math.Float64bits(v)) }
func (w *writer) size(x, y int)   { w.uint(x); w.uint(y) }
func (w *writer) bytes(b []byte)  { w.uint(len(b)); w.b = append(w.b, b...) }
func (w *writer) string(s string) { w.uint(len(s)); w.b = append(w.b, s...) }

func (w *writer) flag(v bool) {
	if v {
		w.u8(1)
	} else {
		w.u8(0)
	}
}

// count writes the length of a list so that a nil list stays one.
func (w *writer) count(n int, isNil bool) {
	if isNil {
		w.uint(0)
	} else {
		w.uint(n + 1)
	}
}

// flush hands what was written to a hash.
func (w *writer) flush(h hash.Hash) {
	h.Write(w.b)
	w.b = w.b[:0]
}

// reader takes values from a buffer; after the first error all are zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err, r.b = err, nil
	}
}

// take returns the next n bytes, or nil after a failure.
func (r *reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b) {
		r.fail(errShort)
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > math.MaxInt32 {
		r.fail(errDamaged)
		return 0
	}
	r.take(n)
	return int(v)
}

func (r *reader) f64() float64 {
	if b := r.take(8); b != nil {
		return math.Float64frombits(le.Uint64(b))
	}
	return 0
}

func (r *reader) bytes() []byte  { return r.take(r.uint()) }
func (r *reader) string() string { return string(r.bytes()) }

func (r *reader) flag() bool {
	v := r.u8()
	if v > 1 {
		r.fail(errDamaged)
	}
	return v == 1
}

func (r *reader) size() (w, h int) {
	w, h = r.uint(), r.uint()
	if err := checkSize(w, h); err != nil {
		r.fail(err)
		return 0, 0
	}
	return w, h
}

// list reads a list whose items take at least one byte each, so that a count
// alone sets no memory aside.
func list[T any](r *reader, item func(*reader) T) []T {
	n := r.uint() - 1
	if n < 0 || r.err != nil {
		return nil
	}
	if n > len(r.b) {
		r.fail(errShort)
		return nil
	}
	out := make([]T, 0, min(n, 64))
	for i := 0; i < n && r.err == nil; i++ {
		out = append(out, item(r))
	}
	return out
}
