package pixel

// Light says in which samples a picture is blurred.
type Light int

// Blurring the stored samples is what most programs do; in linear light bright
// points keep their energy, as behind a real lens.
const (
	Encoded Light = iota
	LinearLight
)

// BlurImage blurs a picture by a Gaussian of standard deviation sigma pixels.
// Colours are weighted by alpha, so nothing bleeds out of transparent pixels;
// where the result is fully transparent the old colour stays beneath.
func BlurImage(m *Image, sigma float64, light Light) *Image {
	return filterImage(m, light, func(p *Plane) *Plane { return GaussianBlur(p, sigma) })
}

func filterImage(m *Image, light Light, f func(*Plane) *Plane) *Image {
	var decode [256]float32
	for i := range decode {
		decode[i] = float32(i) / 255
		if light == LinearLight {
			decode[i] = linearOf[i]
		}
	}
	encode := to8
	if light == LinearLight {
		encode = FromLinear
	}
	out := m.Clone()
	alpha := NewPlane(m.W, m.H)
	for i := range alpha.V {
		alpha.V[i] = float32(m.Pix[4*i+3]) / 255
	}
	blurred := alpha
	if m.HasAlpha {
		blurred = f(alpha)
	}
	// One channel at a time: a picture of planes would take four times its memory.
	for c := range 3 {
		p := NewPlane(m.W, m.H)
		for i := range p.V {
			p.V[i] = decode[m.Pix[4*i+c]] * alpha.V[i]
		}
		p = f(p)
		for i, v := range p.V {
			if a := blurred.V[i]; a > 0.5/255 {
				out.Pix[4*i+c] = encode(v / a)
			}
		}
	}
	if m.HasAlpha {
		for i, v := range blurred.V {
			out.Pix[4*i+3] = to8(v)
		}
	}
	return out
}
