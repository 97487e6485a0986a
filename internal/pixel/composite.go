package pixel

import (
	"image"
	"sync/atomic"
)

// Composite lays src over dst through a matte: where the mask is 0 the result
// has dst's samples exactly, where it is 255 src's, and between them the
// premultiplied mix. All three must have one size. Stored samples are mixed
// too where src brings its own in dst's space; else the result has dst's, for Carry to bring up to date.
func Composite(dst, src *Image, mask *Mask) *Image {
	sameSize(dst.W, dst.H, src.W, src.H)
	sameSize(dst.W, dst.H, mask.W, mask.H)
	out := dst.Clone()
	out.HasAlpha = dst.HasAlpha || src.HasAlpha
	mixAll(out.Pix, src.Pix, mask)
	if d, s := dst.Deep, src.Deep; d != nil && s != nil && d != s && d.Space == s.Space && d.Bits == s.Bits {
		out.Deep = d.with(append([]uint16(nil), d.Pix...))
		mixAll(out.Deep.Pix, s.Pix, mask)
	}
	return out
}

func mixAll[T uint8 | uint16](dst, src []T, mask *Mask) {
	Rows(mask.H, func(y0, y1 int) {
		for i := y0 * mask.W; i < y1*mask.W; i++ {
			if v := mask.Pix[i]; v != 0 {
				mix(dst[4*i:4*i+4:4*i+4], src[4*i:4*i+4:4*i+4], v)
			}
		}
	})
}

// mix moves the straight sample d towards s by v/255, weighting colours by their alpha.
func mix[T uint8 | uint16](d, s []T, v uint8) {
	if v == 255 {
		copy(d, s)
		return
	}
	ws := uint64(v) * uint64(s[3])
	wd := (255 - uint64(v)) * uint64(d[3])
	total := ws + wd // 255 times the resulting alpha
	if total == 0 {
		return // both transparent: what hides beneath stays
	}
	for c := range 3 {
		d[c] = T((uint64(s[c])*ws + uint64(d[c])*wd + total/2) / total)
	}
	d[3] = T((total + 127) / 255)
}

// KeepOutside returns edited with orig's samples wherever the mask is 0. Where
// it is above 0 the edited pixel is taken as it is: a tool has blended already.
// It is edited itself when that holds already.
func KeepOutside(orig, edited *Image, mask *Mask) *Image {
	return Preserve(orig, edited, mask, false)
}

// Preserve returns made with before's samples where the mask is 0, and with
// before's alpha everywhere when alpha is true; mask may be nil. Stored samples
// are treated alike where both pictures have their own. Nothing is copied, and made itself returned, when it
// keeps all that already: a large picture should exist once.
func Preserve(before, made *Image, mask *Mask, alpha bool) *Image {
	sameSize(before.W, before.H, made.W, made.H)
	if mask != nil {
		sameSize(before.W, before.H, mask.W, mask.H)
	}
	out, same := *made, true
	if alpha && out.HasAlpha != before.HasAlpha {
		out.HasAlpha, same = before.HasAlpha, false
	}
	if pix, changed := preserve(before.Pix, made.Pix, before.W, mask, alpha); changed {
		out.Pix, same = pix, false
	}
	if b, m := before.Deep, made.Deep; b != nil && m != nil && b != m && b.Space == m.Space && b.Bits == m.Bits {
		if pix, changed := preserve(b.Pix, m.Pix, before.W, mask, alpha); changed {
			out.Deep, same = m.with(pix), false
		}
	}
	if same {
		return made
	}
	return &out
}

// preserve is Preserve for RGBA samples; it reports false, and copies nothing, where made keeps all already.
func preserve[T uint8 | uint16](before, made []T, w int, mask *Mask, alpha bool) ([]T, bool) {
	h := len(made) / (4 * max(w, 1))
	kept := func(i int) bool { // whether pixel i is as it must be
		b, m := before[4*i:4*i+4:4*i+4], made[4*i:4*i+4:4*i+4]
		if mask != nil && mask.Pix[i] == 0 && (b[0] != m[0] || b[1] != m[1] || b[2] != m[2] || b[3] != m[3]) {
			return false
		}
		return !alpha || b[3] == m[3]
	}
	var broken atomic.Bool
	Rows(h, func(y0, y1 int) {
		for y := y0; y < y1 && !broken.Load(); y++ {
			for i := y * w; i < (y+1)*w; i++ {
				if !kept(i) {
					broken.Store(true)
					return
				}
			}
		}
	})
	if !broken.Load() {
		return nil, false
	}
	out := append([]T(nil), made...)
	Rows(h, func(y0, y1 int) {
		for i := y0 * w; i < y1*w; i++ {
			if mask != nil && mask.Pix[i] == 0 {
				copy(out[4*i:4*i+4], before[4*i:4*i+4])
			}
			if alpha {
				out[4*i+3] = before[4*i+3]
			}
		}
	})
	return out, true
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
	if d := m.Deep; d != nil {
		out.Deep = d.with(append([]uint16(nil), d.Pix...))
		for i, v := range mask.Pix {
			a := &out.Deep.Pix[4*i+3]
			*a = uint16((uint32(*a)*uint32(v) + 127) / 255)
		}
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
	out := &Image{W: r.Dx(), H: r.Dy(), Pix: crop(m.Pix, m.W, r), HasAlpha: m.HasAlpha}
	if m.Deep != nil {
		out.Deep = m.Deep.with(crop(m.Deep.Pix, m.W, r))
	}
	return out
}

func crop[T uint8 | uint16](pix []T, w int, r image.Rectangle) []T {
	out := make([]T, 0, 4*r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out = append(out, pix[4*(y*w+r.Min.X):4*(y*w+r.Max.X)]...)
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
	out.Pix = orient(m.Pix, m.W, m.H, out.W, out.H, orientation)
	if m.Deep != nil {
		out.Deep = m.Deep.with(orient(m.Deep.Pix, m.W, m.H, out.W, out.H, orientation))
	}
	return out
}

func orient[T uint8 | uint16](pix []T, w, h, ow, oh, orientation int) []T {
	out := make([]T, len(pix))
	// One step to the right in what is shown is a fixed step in what is stored.
	at := func(x, y int) int {
		sx, sy := source(orientation, x, y, w, h)
		return 4 * (sy*w + sx)
	}
	step := 0
	if ow > 1 {
		step = at(1, 0) - at(0, 0)
	}
	Rows(oh, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			i := at(0, y)
			for x := range ow {
				*(*[4]T)(out[4*(y*ow+x):]) = *(*[4]T)(pix[i:])
				i += step
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
