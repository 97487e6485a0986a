package artifact

import (
	"math"

	"pentimento/internal/pixel"
)

func encodeImage(w *writer, m *pixel.Image) {
	w.size(m.W, m.H)
	writeImageHead(w, m)
	w.pixels(m.Pix)
	if m.Deep == nil {
		return
	}
	high, low := make([]uint8, len(m.Deep.Pix)), make([]uint8, len(m.Deep.Pix))
	same := true
	for i, v := range m.Deep.Pix {
		high[i], low[i] = uint8(v>>8), uint8(v)
		same = same && high[i] == low[i]
	}
	w.pixels(high)
	w.flag(same) // the samples of an 8-bit file are bytes times 257
	if !same {
		w.runs(low)
	}
}

func decodeImage(r *reader) *pixel.Image {
	m := &pixel.Image{}
	m.W, m.H = r.size()
	m.HasAlpha = r.flag()
	if r.flag() {
		m.Deep = readDeep(r)
	}
	m.Pix = r.pixels(m.W * m.H)
	if m.Deep == nil || r.err != nil {
		return m
	}
	high := r.pixels(m.W * m.H)
	low := high
	if !r.flag() {
		low = r.runs(4 * m.W * m.H)
	}
	if r.err != nil {
		return m
	}
	m.Deep.Pix = make([]uint16, len(high))
	for i, v := range high {
		m.Deep.Pix[i] = uint16(v)<<8 | uint16(low[i])
	}
	return m
}

func encodeMask(w *writer, m *pixel.Mask) {
	w.size(m.W, m.H)
	w.runs(m.Pix)
}

func decodeMask(r *reader) *pixel.Mask {
	m := &pixel.Mask{}
	m.W, m.H = r.size()
	m.Pix = r.runs(m.W * m.H)
	return m
}

func encodeDepth(w *writer, d *pixel.Depth) {
	w.size(d.W, d.H)
	at := len(w.b)
	w.b = append(w.b, make([]byte, 4*len(d.V))...)
	for i, v := range d.V {
		le.PutUint32(w.b[at+4*i:], math.Float32bits(v))
	}
}

func decodeDepth(r *reader) *pixel.Depth {
	d := &pixel.Depth{}
	d.W, d.H = r.size()
	b := r.take(4 * d.W * d.H)
	if r.err != nil {
		return d
	}
	d.V = make([]float32, d.W*d.H)
	for i := range d.V {
		d.V[i] = math.Float32frombits(le.Uint32(b[4*i:]))
	}
	return d
}
