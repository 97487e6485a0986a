package pixel

// Plane is one channel of float samples, row-major. What the samples mean and
// their range is the owner's affair; the helpers here keep the range unless they say otherwise.
type Plane struct {
	W, H int
	V    []float32 // W*H
}

// NewPlane returns a w×h plane of zeros.
func NewPlane(w, h int) *Plane { return &Plane{W: w, H: h, V: make([]float32, w*h)} }

// At returns one sample.
func (p *Plane) At(x, y int) float32 { return p.V[y*p.W+x] }

// Set writes one sample.
func (p *Plane) Set(x, y int, v float32) { p.V[y*p.W+x] = v }

// Clone copies the plane.
func (p *Plane) Clone() *Plane {
	return &Plane{W: p.W, H: p.H, V: append([]float32(nil), p.V...)}
}

// Plane views the depth map as a plane that shares its samples.
func (d *Depth) Plane() *Plane { return &Plane{W: d.W, H: d.H, V: d.V} }

// Plane returns the matte as samples in [0,1].
func (m *Mask) Plane() *Plane {
	p := NewPlane(m.W, m.H)
	for i, v := range m.Pix {
		p.V[i] = float32(v) / 255
	}
	return p
}

// MaskOf turns samples in [0,1] into a matte; it clamps, and NaN is 0.
func MaskOf(p *Plane) *Mask {
	m := NewMask(p.W, p.H)
	for i, v := range p.V {
		m.Pix[i] = to8(v)
	}
	return m
}

// to8 turns [0,1] into a rounded byte; it clamps, and NaN is 0.
func to8(v float32) uint8 {
	switch {
	case !(v > 0):
		return 0
	case v >= 1:
		return 255
	}
	return uint8(v*255 + 0.5)
}

// Channels returns the red, green and blue samples as planes in [0,1], gamma-encoded as stored.
func (m *Image) Channels() [3]*Plane {
	out := [3]*Plane{NewPlane(m.W, m.H), NewPlane(m.W, m.H), NewPlane(m.W, m.H)}
	Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			p := m.Pix[4*i : 4*i+3 : 4*i+3]
			for c := range out {
				out[c].V[i] = float32(p[c]) / 255
			}
		}
	})
	return out
}

// Luma returns Rec. 709 luma of the stored samples, in [0,1].
func (m *Image) Luma() *Plane {
	out := NewPlane(m.W, m.H)
	Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			p := m.Pix[4*i : 4*i+3 : 4*i+3]
			out.V[i] = (0.2126*float32(p[0]) + 0.7152*float32(p[1]) + 0.0722*float32(p[2])) / 255
		}
	})
	return out
}

// Alpha returns the alpha channel as a mask.
func (m *Image) Alpha() *Mask {
	a := NewMask(m.W, m.H)
	for i := range a.Pix {
		a.Pix[i] = m.Pix[4*i+3]
	}
	return a
}
