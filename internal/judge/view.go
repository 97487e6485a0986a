package judge

import (
	"bytes"
	"context"
	"image"
	"math"

	"pentimento/internal/pixel"
)

// viewPixels is how many pixels a check looks at, at most.
const viewPixels = 1_500_000

// view is the part of two pictures around a mask, reduced by a whole factor.
// before and after have one size; after may be nil.
type view struct {
	w, h          int
	step          int             // picture pixels per side of a view pixel
	frame         image.Rectangle // the part of the picture
	before, after []pixel.Lab
	alpha         []float32   // of after, in [0,1]; nil when after is opaque
	mask          *pixel.Mask // nil when there is none
	depth         []float32   // signed distance to the mask's border in view pixels, positive inside
}

// newView reduces the surroundings of a mask (the whole picture when it is nil
// or empty). margin is their width on each side, in sides of the mask's box.
func newView(ctx context.Context, before, after *pixel.Image, mask *pixel.Mask, margin float64) (*view, error) {
	frame := image.Rect(0, 0, before.W, before.H)
	if mask != nil {
		if b := mask.Bounds(1); !b.Empty() {
			pad := int(max(24, margin*float64(max(b.Dx(), b.Dy()))))
			frame = b.Inset(-pad).Intersect(frame)
		}
	}
	v := &view{step: stepFor(frame), frame: frame}
	v.w, v.h = frame.Dx()/v.step, frame.Dy()/v.step
	v.before, _ = reduce(before, frame, v.step)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if after != nil && after.W == before.W && after.H == before.H {
		v.after, v.alpha = reduce(after, frame, v.step)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if mask != nil {
		v.mask = reduceMask(mask, frame, v.step)
		v.depth = signedDepth(v.mask)
	}
	return v, ctx.Err()
}

// openView begins a check: the sizes must agree, a mask (nil: all of the picture) must not be
// empty, and outside it nothing may have changed, which counts as "outside", of the
// mask's area; where names the mask's inside. A nil view means that t has failed.
func openView(ctx context.Context, t *tally, before, after *pixel.Image, mask *pixel.Mask, margin float64, where string) (*view, error) {
	if !sameSize(before, after) {
		t.fail("the picture's size changed")
		return nil, nil
	}
	if mask != nil {
		if mask.Empty() {
			t.fail("the mask of " + where + " is empty")
			return nil, nil
		}
		outside, err := outsideChanged(ctx, before, after, mask)
		if err != nil {
			return nil, err
		}
		t.add("outside", outside, 0, 0.08, "the picture changed outside "+where)
	}
	return newView(ctx, before, after, mask, margin)
}

func stepFor(frame image.Rectangle) int {
	area := float64(frame.Dx()) * float64(frame.Dy())
	step := max(1, int(math.Ceil(math.Sqrt(area/viewPixels))))
	return max(1, min(step, frame.Dx(), frame.Dy()))
}

// reduce averages step×step blocks and turns them into OKLab. Colours are
// weighted by alpha; the alpha plane is nil where the picture has none.
func reduce(m *pixel.Image, frame image.Rectangle, step int) ([]pixel.Lab, []float32) {
	w, h := frame.Dx()/step, frame.Dy()/step
	out := make([]pixel.Lab, w*h)
	var alpha []float32
	if m.HasAlpha {
		alpha = make([]float32, w*h)
	}
	pixel.Rows(h, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range w {
				r, g, b, a := block(m, frame.Min.X+x*step, frame.Min.Y+y*step, step)
				out[y*w+x] = pixel.ToLab(r, g, b)
				if alpha != nil {
					alpha[y*w+x] = a
				}
			}
		}
	})
	return out, alpha
}

func block(m *pixel.Image, x0, y0, step int) (r, g, b uint8, a float32) {
	if step == 1 {
		p := m.Pix[4*(y0*m.W+x0):]
		return p[0], p[1], p[2], float32(p[3]) / 255
	}
	var sr, sg, sb, sa int
	for y := y0; y < y0+step; y++ {
		row := m.Pix[4*(y*m.W+x0) : 4*(y*m.W+x0+step)]
		for ; len(row) > 0; row = row[4:] {
			w := int(row[3])
			sr, sg, sb, sa = sr+w*int(row[0]), sg+w*int(row[1]), sb+w*int(row[2]), sa+w
		}
	}
	if sa == 0 {
		return 0, 0, 0, 0
	}
	return uint8((sr + sa/2) / sa), uint8((sg + sa/2) / sa), uint8((sb + sa/2) / sa), float32(sa) / float32(255*step*step)
}

func reduceMask(m *pixel.Mask, frame image.Rectangle, step int) *pixel.Mask {
	out := pixel.NewMask(frame.Dx()/step, frame.Dy()/step)
	pixel.Rows(out.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x := range out.W {
				sum := 0
				for k := range step {
					at := (frame.Min.Y+y*step+k)*m.W + frame.Min.X + x*step
					for _, s := range m.Pix[at : at+step] {
						sum += int(s)
					}
				}
				out.Pix[y*out.W+x] = uint8((sum + step*step/2) / (step * step))
			}
		}
	})
	return out
}

// signedDepth is, per pixel, how deep it lies inside the mask in pixels, or
// minus how far outside. Far is ±1e6 where there is no border.
func signedDepth(m *pixel.Mask) []float32 {
	in, out := pixel.Distance(m, pixel.Half), pixel.Distance(pixel.Invert(m), 256-pixel.Half)
	const far = 1e6
	d := make([]float32, len(m.Pix))
	for i := range d {
		if m.Pix[i] >= pixel.Half {
			d[i] = min(out.V[i], far)
		} else {
			d[i] = -min(in.V[i], far)
		}
	}
	return d
}

// lightness is the L of one of the view's pictures as a plane.
func (v *view) lightness(lab []pixel.Lab) *pixel.Plane {
	p := pixel.NewPlane(v.w, v.h)
	for i, c := range lab {
		p.V[i] = c.L
	}
	return p
}

// outsideChanged counts the pixels where the mask is 0 and the picture's samples differ, over the
// pixels where it is not: 0 when nothing outside was touched.
func outsideChanged(ctx context.Context, before, after *pixel.Image, mask *pixel.Mask) (float64, error) {
	changed, inside := 0, 0
	row := 4 * before.W
	for y := range before.H {
		if y%256 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		m := mask.Pix[y*before.W : (y+1)*before.W]
		inside += len(m) - bytes.Count(m, []byte{0})
		a, b := before.Pix[y*row:(y+1)*row], after.Pix[y*row:(y+1)*row]
		if bytes.Equal(a, b) {
			continue
		}
		for x, s := range m {
			if s == 0 && [4]byte(a[4*x:]) != [4]byte(b[4*x:]) {
				changed++
			}
		}
	}
	return float64(changed) / float64(max(inside, 1)), nil
}

// sameSize reports whether two pictures have one size.
func sameSize(a, b *pixel.Image) bool { return a.W == b.W && a.H == b.H }
