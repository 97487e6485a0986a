package pixel

import "image"

// Composite lays src over dst through a matte: where the mask is 0 the result
// has dst's samples exactly, where it is 255 src's, and between them the
// premultiplied mix. All three must have one size.
func Composite(dst, src *Image, mask *Mask) *Image {
	sameSize(dst.W, dst.H, src.W, src.H)
	sameSize(dst.W, dst.H, mask.W, mask.H)
	out := dst.Clone()
	out.HasAlpha = dst.HasAlpha || src.HasAlpha
	for i, v := range mask.Pix {
		if v != 0 {
			o := 4 * i
			mix(out.Pix[o:o+4:o+4], src.Pix[o:o+4:o+4], v)
		}
	}
	return out
}

// mix moves the straight sample d towards s by v/255, weighting colours by their alpha.
func mix(d, s []uint8, v uint8) {
	if v == 255 {
		copy(d, s)
		return
	}
	ws := int(v) * int(s[3])
	wd := (255 - int(v)) * int(d[3])
	total := ws + wd // 255 times the resulting alpha
	if total == 0 {
		return // both transparent: what hides beneath stays
	}
	for c := range 3 {
		d[c] = uint8((int(s[c])*ws + int(d[c])*wd + total/2) / total)
	}
	d[3] = uint8((total + 127) / 255)
}

// KeepOutside returns edited with orig's samples wherever the mask is 0. Where
// it is above 0 the edited pixel is taken as it is: a tool has blended already.
func KeepOutside(orig, edited *Image, mask *Mask) *Image {
	sameSize(orig.W, orig.H, edited.W, edited.H)
	sameSize(orig.W, orig.H, mask.W, mask.H)
	out := edited.Clone()
	for i, v := range mask.Pix {
		if v == 0 {
			copy(out.Pix[4*i:4*i+4], orig.Pix[4*i:4*i+4])
		}
	}
	return out
}

// CutOut returns the picture with its alpha multiplied by the matte.
func CutOut(m *Image, mask *Mask) *Image {
	sameSize(m.W, m.H, mask.W, mask.H)
	out := m.Clone()
	out.HasAlpha = true
	for i, v := range mask.Pix {
		a := &out.Pix[4*i+3]
		*a = uint8((int(*a)*int(v) + 127) / 255)
	}
	return out
}

// Flatten lays the picture over one opaque colour.
func Flatten(m *Image, r, g, b uint8) *Image {
	out := NewImage(m.W, m.H)
	bg := [3]int{int(r), int(g), int(b)}
	for i := 0; i < len(m.Pix); i += 4 {
		a := int(m.Pix[i+3])
		for c := range 3 {
			out.Pix[i+c] = uint8((int(m.Pix[i+c])*a + bg[c]*(255-a) + 127) / 255)
		}
	}
	return out
}

// Crop copies the part of the picture that lies in r; r is cut to the picture and must then not be empty.
func Crop(m *Image, r image.Rectangle) *Image {
	r = r.Intersect(image.Rect(0, 0, m.W, m.H))
	mustSize(r.Dx(), r.Dy())
	out := &Image{W: r.Dx(), H: r.Dy(), Pix: make([]uint8, 0, 4*r.Dx()*r.Dy()), HasAlpha: m.HasAlpha}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out.Pix = append(out.Pix, m.Pix[4*(y*m.W+r.Min.X):4*(y*m.W+r.Max.X)]...)
	}
	return out
}

// CropMask copies the part of the mask that lies in r; r is cut to the mask and must then not be empty.
func CropMask(m *Mask, r image.Rectangle) *Mask {
	r = r.Intersect(image.Rect(0, 0, m.W, m.H))
	mustSize(r.Dx(), r.Dy())
	out := &Mask{W: r.Dx(), H: r.Dy(), Pix: make([]uint8, 0, r.Dx()*r.Dy())}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out.Pix = append(out.Pix, m.Pix[y*m.W+r.Min.X:y*m.W+r.Max.X]...)
	}
	return out
}

// Paste returns a copy of dst with src written over it, its corner at (x0,y0); what lies outside is cut.
func Paste(dst, src *Image, x0, y0 int) *Image {
	out := dst.Clone()
	out.HasAlpha = dst.HasAlpha || src.HasAlpha
	r := image.Rect(x0, y0, x0+src.W, y0+src.H).Intersect(image.Rect(0, 0, dst.W, dst.H))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		from := 4 * ((y-y0)*src.W + r.Min.X - x0)
		copy(out.Pix[4*(y*dst.W+r.Min.X):4*(y*dst.W+r.Max.X)], src.Pix[from:])
	}
	return out
}

// PasteMask is Paste for masks.
func PasteMask(dst, src *Mask, x0, y0 int) *Mask {
	out := dst.Clone()
	r := image.Rect(x0, y0, x0+src.W, y0+src.H).Intersect(image.Rect(0, 0, dst.W, dst.H))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(out.Pix[y*dst.W+r.Min.X:y*dst.W+r.Max.X], src.Pix[(y-y0)*src.W+r.Min.X-x0:])
	}
	return out
}

// Orient returns the picture as a viewer shows it, given the EXIF orientation
// 1 to 8 it was stored with; any other value leaves it as it is.
//
//	1 as stored      2 mirrored            3 upside down        4 upside down, mirrored
//	5 transposed     6 turn 90° clockwise  7 anti-transposed    8 turn 90° anticlockwise
func Orient(m *Image, orientation int) *Image {
	out := &Image{W: m.W, H: m.H, HasAlpha: m.HasAlpha}
	if orientation >= 5 && orientation <= 8 {
		out.W, out.H = m.H, m.W
	}
	out.Pix = make([]uint8, len(m.Pix))
	Rows(out.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range out.W {
				sx, sy := source(orientation, x, y, m.W, m.H)
				copy(out.Pix[4*(y*out.W+x):][:4], m.Pix[4*(sy*m.W+sx):][:4])
			}
		}
	})
	return out
}

// source is the stored pixel of a w×h raster that is shown at (x,y).
func source(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
