package pixel

// GuidedFilter smooths src while its edges follow guide's: the guided filter
// of He, Sun and Tang (2010) with a grey guide. Both have one size; r is the
// window radius in pixels and eps, in squared units of the guide, is the
// variance below which a window counts as flat (1e-4 to 1e-2 for samples in [0,1]).
func GuidedFilter(guide, src *Plane, r int, eps float64) *Plane {
	sameSize(guide.W, guide.H, src.W, src.H)
	meanI, meanP := BoxBlur(guide, r), BoxBlur(src, r)
	corrI, corrIP := BoxBlur(product(guide, guide), r), BoxBlur(product(guide, src), r)
	a, b := corrIP, corrI // overwritten in place
	for i := range a.V {
		mi, mp := float64(meanI.V[i]), float64(meanP.V[i])
		variance := max(0, float64(corrI.V[i])-mi*mi)
		slope := (float64(corrIP.V[i]) - mi*mp) / (variance + eps)
		a.V[i], b.V[i] = float32(slope), float32(mp-slope*mi)
	}
	a, b = BoxBlur(a, r), BoxBlur(b, r)
	for i, g := range guide.V {
		b.V[i] += a.V[i] * g
	}
	return b
}

// GuidedFilterColor is the guided filter with a colour guide: it also follows
// edges between colours of equal brightness. src is any plane of m's size.
func GuidedFilterColor(m *Image, src *Plane, r int, eps float64) *Plane {
	sameSize(m.W, m.H, src.W, src.H)
	guide := m.Channels()
	var mean, cov, coef [3]*Plane
	meanP := BoxBlur(src, r)
	for c := range 3 {
		mean[c] = BoxBlur(guide[c], r)
		cov[c] = BoxBlur(product(guide[c], src), r)
		coef[c] = NewPlane(m.W, m.H)
	}
	var second [6]*Plane // rr rg rb gg gb bb
	for k, ij := range [6][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}} {
		second[k] = BoxBlur(product(guide[ij[0]], guide[ij[1]]), r)
	}
	offset := NewPlane(m.W, m.H)
	Rows(m.H, func(y0, y1 int) {
		for i := y0 * m.W; i < y1*m.W; i++ {
			mr, mg, mb, mp := float64(mean[0].V[i]), float64(mean[1].V[i]), float64(mean[2].V[i]), float64(meanP.V[i])
			s := sym3{
				float64(second[0].V[i]) - mr*mr + eps, float64(second[1].V[i]) - mr*mg, float64(second[2].V[i]) - mr*mb,
				float64(second[3].V[i]) - mg*mg + eps, float64(second[4].V[i]) - mg*mb, float64(second[5].V[i]) - mb*mb + eps,
			}
			ar, ag, ab := s.solve(float64(cov[0].V[i])-mr*mp, float64(cov[1].V[i])-mg*mp, float64(cov[2].V[i])-mb*mp)
			coef[0].V[i], coef[1].V[i], coef[2].V[i] = float32(ar), float32(ag), float32(ab)
			offset.V[i] = float32(mp - ar*mr - ag*mg - ab*mb)
		}
	})
	out := BoxBlur(offset, r)
	for c := range 3 {
		a := BoxBlur(coef[c], r)
		for i, g := range guide[c].V {
			out.V[i] += a.V[i] * g
		}
	}
	return out
}

// sym3 is a symmetric 3×3 matrix: xx xy xz yy yz zz.
type sym3 [6]float64

// solve returns the v with m·v = (x,y,z), by the adjugate; eps on the diagonal keeps it regular.
func (m sym3) solve(x, y, z float64) (a, b, c float64) {
	c00 := m[3]*m[5] - m[4]*m[4]
	c01 := m[2]*m[4] - m[1]*m[5]
	c02 := m[1]*m[4] - m[2]*m[3]
	c11 := m[0]*m[5] - m[2]*m[2]
	c12 := m[1]*m[2] - m[0]*m[4]
	c22 := m[0]*m[3] - m[1]*m[1]
	det := m[0]*c00 + m[1]*c01 + m[2]*c02
	if det == 0 {
		return 0, 0, 0
	}
	return (c00*x + c01*y + c02*z) / det, (c01*x + c11*y + c12*z) / det, (c02*x + c12*y + c22*z) / det
}

// RefineMask pulls the soft border of a matte onto the picture's edges with the
// colour guided filter. Pixels farther than 2·r from the border keep their value.
func RefineMask(m *Image, mask *Mask, r int, eps float64) *Mask {
	sameSize(m.W, m.H, mask.W, mask.H)
	out := mask.Clone()
	box := mask.Bounds(1)
	if box.Empty() || r <= 0 {
		return out
	}
	box = box.Inset(-4 * r) // beyond it the filter's windows see only zeros
	part, pic := CropMask(mask, box), Crop(m, box)
	fine := MaskOf(GuidedFilterColor(pic, part.Plane(), r, eps))
	inside, outside := Distance(part, Half), Distance(Invert(part), Half)
	for i := range fine.Pix {
		if max(inside.V[i], outside.V[i]) > float32(2*r) {
			fine.Pix[i] = part.Pix[i]
		}
	}
	return PasteMask(out, fine, max(box.Min.X, 0), max(box.Min.Y, 0))
}

func product(a, b *Plane) *Plane {
	out := NewPlane(a.W, a.H)
	for i, v := range a.V {
		out.V[i] = v * b.V[i]
	}
	return out
}
