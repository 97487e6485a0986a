package artifact

import (
	"errors"
	"fmt"

	"pentimento/internal/edit"
	"pentimento/internal/icc"
	"pentimento/internal/pixel"
)

// magic begins every stored artifact: a name and the version of the format.
const magic = "PNTA\x01"

// Encode writes an artifact of any kind so that Decode gives it back exactly.
// Equal artifacts give equal bytes. Pictures take about half of their samples'
// size, mattes a few percent. An artifact that is not whole is an error.
func Encode(a edit.Artifact) ([]byte, error) {
	if a == nil {
		return nil, errors.New("there is no artifact to store")
	}
	if err := check(a); err != nil {
		return nil, fmt.Errorf("the %s cannot be stored: %w", a.Kind(), err)
	}
	w := &writer{b: []byte(magic)}
	w.u8(kindCode(a.Kind()))
	switch a := a.(type) {
	case *pixel.Image:
		encodeImage(w, a)
	case *pixel.Mask:
		encodeMask(w, a)
	case *pixel.Classes:
		w.size(a.W, a.H)
		w.count(len(a.Layers), a.Layers == nil)
		for _, l := range a.Layers {
			writeLabels(w, l)
			w.flag(l.Mask != nil)
			if l.Mask != nil {
				encodeMask(w, l.Mask)
			}
		}
	case *pixel.Depth:
		encodeDepth(w, a)
	default:
		writeSmall(w, a)
	}
	return w.b, nil
}

// Decode reads what Encode wrote. Any other input is an error, never a panic,
// and memory is set aside only as far as the input's length backs it (less than
// a thousand times). The artifact shares no memory with b.
func Decode(b []byte) (edit.Artifact, error) {
	if len(b) <= len(magic) || string(b[:4]) != magic[:4] {
		return nil, errors.New("it is no stored artifact")
	}
	if b[4] != magic[4] {
		return nil, fmt.Errorf("it was stored in format %d, and this program reads %d", b[4], magic[4])
	}
	code := int(b[len(magic)])
	if code == 0 || code >= len(codes) {
		return nil, fmt.Errorf("it is of an unknown kind (%d)", code)
	}
	r := &reader{b: b[len(magic)+1:]}
	a := readKind(r, codes[code])
	if r.err == nil && len(r.b) > 0 {
		r.fail(fmt.Errorf("%d bytes follow its end", len(r.b)))
	}
	if r.err != nil {
		return nil, fmt.Errorf("the stored %s cannot be read: %w", codes[code], r.err)
	}
	return a, nil
}

func readKind(r *reader, k edit.Kind) edit.Artifact {
	switch k {
	case edit.KindImage:
		return decodeImage(r)
	case edit.KindMask:
		return decodeMask(r)
	case edit.KindClasses:
		c := &pixel.Classes{}
		c.W, c.H = r.size()
		c.Layers = list(r, readLayer)
		return c
	case edit.KindDepth:
		return decodeDepth(r)
	case edit.KindBoxes:
		return edit.Boxes{Picked: list(r, readBox), Others: list(r, readBox)}
	case edit.KindPoints:
		return edit.Points(list(r, readPoint))
	case edit.KindText:
		return edit.Text(r.string())
	case edit.KindSpans:
		return edit.Spans(list(r, readSpan))
	case edit.KindColor:
		return edit.Color{R: r.u8(), G: r.u8(), B: r.u8(), Name: r.string()}
	case edit.KindNumber:
		return edit.Number(r.f64())
	}
	r.fail(errDamaged)
	return nil
}

// writeSmall writes the kinds that are no rasters.
func writeSmall(w *writer, a edit.Artifact) {
	switch a := a.(type) {
	case edit.Boxes:
		writeBoxes(w, a.Picked)
		writeBoxes(w, a.Others)
	case edit.Points:
		writePoints(w, a)
	case edit.Text:
		w.string(string(a))
	case edit.Spans:
		w.count(len(a), a == nil)
		for _, s := range a {
			for _, p := range s.Quad {
				writePoint(w, p)
			}
			w.string(s.Text)
			w.f64(s.Score)
		}
	case edit.Color:
		w.b = append(w.b, a.R, a.G, a.B)
		w.string(a.Name)
	case edit.Number:
		w.f64(float64(a))
	}
}

func writeBoxes(w *writer, boxes []edit.Box) {
	w.count(len(boxes), boxes == nil)
	for _, b := range boxes {
		for _, v := range [...]float64{b.X0, b.Y0, b.X1, b.Y1, b.Score} {
			w.f64(v)
		}
		w.string(b.Label)
		writePoints(w, b.Landmarks)
	}
}

func readBox(r *reader) edit.Box {
	return edit.Box{
		X0: r.f64(), Y0: r.f64(), X1: r.f64(), Y1: r.f64(), Score: r.f64(),
		Label: r.string(), Landmarks: list(r, readPoint),
	}
}

func writePoints(w *writer, points []edit.Point) {
	w.count(len(points), points == nil)
	for _, p := range points {
		writePoint(w, p)
	}
}

func writePoint(w *writer, p edit.Point) {
	w.f64(p.X)
	w.f64(p.Y)
	w.flag(p.Exclude)
}

func readPoint(r *reader) edit.Point { return edit.Point{X: r.f64(), Y: r.f64(), Exclude: r.flag()} }

func readSpan(r *reader) edit.Span {
	var s edit.Span
	for i := range s.Quad {
		s.Quad[i] = readPoint(r)
	}
	s.Text, s.Score = r.string(), r.f64()
	return s
}

func writeLabels(w *writer, l pixel.Layer) {
	w.string(l.Label)
	w.count(len(l.Aliases), l.Aliases == nil)
	for _, a := range l.Aliases {
		w.string(a)
	}
}

func readLayer(r *reader) pixel.Layer {
	l := pixel.Layer{Label: r.string(), Aliases: list(r, (*reader).string)}
	if r.flag() {
		l.Mask = decodeMask(r)
	}
	return l
}

// writeImageHead writes what an image has besides its size and samples.
func writeImageHead(w *writer, m *pixel.Image) {
	w.flag(m.HasAlpha)
	w.flag(m.Deep != nil)
	if m.Deep != nil {
		w.u8(uint8(m.Deep.Bits))
		w.bytes(profile(m.Deep.Space))
	}
}

// readDeep reads what follows the flags of an image that has stored samples.
func readDeep(r *reader) *pixel.Deep {
	d := &pixel.Deep{Bits: int(r.u8())}
	if d.Bits < 1 || d.Bits > 16 {
		r.fail(errDamaged)
	}
	if p := r.bytes(); len(p) > 0 {
		s, err := space(p)
		if err != nil {
			r.fail(fmt.Errorf("its colour profile: %w", err))
			return d
		}
		d.Space = s
	}
	return d
}

// space rebuilds a colour space. Parse keeps what it is given, so it gets a copy.
func space(p []byte) (*icc.Space, error) {
	parsed, err := icc.Parse(append([]byte(nil), p...))
	if err != nil {
		return nil, err
	}
	return parsed.Space()
}
