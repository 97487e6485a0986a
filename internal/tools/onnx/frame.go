package onnx

import (
	"fmt"
	"image"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// frame says which part of the picture lies where in the input tensor. Sides
// are in pixels; the part src of the picture is resampled to dst, a rectangle
// inside the tensor's netW×netH.
type frame struct {
	w, h       int // the picture
	src        image.Rectangle
	dst        image.Rectangle
	netW, netH int
	// repeat: what lies outside dst is the picture's neighbouring samples, or repeats its border
	// (with reflect: mirrors it); else it is filled with one value.
	repeat  bool
	reflect bool
	filter  pixel.PlaneFilter
}

// beyond is the index of the sample that stands at i of a side of n.
func (f frame) beyond(i, n int) int {
	if uint(i) < uint(n) {
		return i
	}
	if !f.reflect || n == 1 {
		return min(max(i, 0), n-1)
	}
	period := 2 * (n - 1)
	if i %= period; i < 0 {
		i += period
	}
	if i >= n {
		i = period - i
	}
	return i
}

// toPicture maps a point of the input tensor to the picture.
func (f frame) toPicture(x, y float64) (px, py float64) {
	px = float64(f.src.Min.X) + (x-float64(f.dst.Min.X))*float64(f.src.Dx())/float64(f.dst.Dx())
	py = float64(f.src.Min.Y) + (y-float64(f.dst.Min.Y))*float64(f.src.Dy())/float64(f.dst.Dy())
	return px, py
}

// boxToPicture maps a box of the input tensor to the picture.
func (f frame) boxToPicture(b edit.Box) edit.Box {
	b.X0, b.Y0 = f.toPicture(b.X0, b.Y0)
	b.X1, b.Y1 = f.toPicture(b.X1, b.Y1)
	for i, p := range b.Landmarks {
		b.Landmarks[i].X, b.Landmarks[i].Y = f.toPicture(p.X, p.Y)
	}
	return b
}

// newFrame fits a w×h picture into a model's input as declared:
//
//	stretch     both sides to the tensor's, shape not kept
//	letterbox   shape kept, the rest filled; at the top left or in the middle
//	crop        the largest middle part of the tensor's shape
//	short-side  the short side (with limit longest the long one, with long only a too long one) to `side`, both to multiples
//	native      not resampled; sides padded up to multiples, a border around
func newFrame(in edit.TensorInput, w, h int) (frame, error) {
	f := frame{
		w: w, h: h, src: image.Rect(0, 0, w, h), netW: in.Width, netH: in.Height, filter: pixel.Area,
		repeat: in.Edge == "repeat" || in.Edge == "reflect", reflect: in.Edge == "reflect",
	}
	switch in.Fit {
	case "stretch", "":
		f.dst = image.Rect(0, 0, in.Width, in.Height)
	case "letterbox":
		// Trained with OpenCV's plain bilinear resize, and so run with it.
		f.filter = pixel.Bilinear
		s := min(float64(in.Width)/float64(w), float64(in.Height)/float64(h))
		dw, dh := max(1, int(float64(w)*s+1e-6)), max(1, int(float64(h)*s+1e-6))
		f.dst = image.Rect(0, 0, dw, dh)
		if in.Anchor != "top-left" {
			f.dst = f.dst.Add(image.Pt((in.Width-dw)/2, (in.Height-dh)/2))
		}
	case "crop":
		cw, ch := w, h
		if w*in.Height > h*in.Width {
			cw = max(1, int(math.Round(float64(h)*float64(in.Width)/float64(in.Height))))
		} else {
			ch = max(1, int(math.Round(float64(w)*float64(in.Height)/float64(in.Width))))
		}
		f.src = image.Rect(0, 0, cw, ch).Add(image.Pt((w-cw)/2, (h-ch)/2))
		f.dst = image.Rect(0, 0, in.Width, in.Height)
	case "short-side":
		f.netW, f.netH = dynamicSides(in, w, h)
		f.dst = image.Rect(0, 0, f.netW, f.netH)
	case "native":
		f.repeat = in.Edge != "fill"
		f.dst = image.Rect(in.Border, in.Border, in.Border+w, in.Border+h)
		f.netW, f.netH = roundUp(w, in.Multi)+2*in.Border, roundUp(h, in.Multi)+2*in.Border
	default:
		return frame{}, fmt.Errorf("fit %q is not known", in.Fit)
	}
	if f.netW < 1 || f.netH < 1 {
		return frame{}, fmt.Errorf("fit %s needs the sides of the input tensor, found %d×%d", in.Fit, f.netW, f.netH)
	}
	return f, nil
}

// dynamicSides scales the picture so that the short side is `side`, or, with
// limit longest, the long side, or, with limit long, so that the long side is at
// most `side`; sides are then rounded to the nearest multiple, at least one.
func dynamicSides(in edit.TensorInput, w, h int) (nw, nh int) {
	s := float64(in.Side) / float64(min(w, h))
	switch in.Limit {
	case "long":
		s = min(1, float64(in.Side)/float64(max(w, h)))
	case "longest":
		s = float64(in.Side) / float64(max(w, h))
	}
	m := max(1, in.Multi)
	near := func(v int) int { return max(m, m*int(math.Round(float64(v)*s/float64(m)))) }
	return near(w), near(h)
}

func roundUp(v, m int) int {
	if m <= 1 {
		return v
	}
	return (v + m - 1) / m * m
}

// tileFrame is the frame of one tile of a native run: the part src of the
// picture at 1:1, its border taken from the neighbouring pixels, in a tensor of
// at least netW×netH.
func tileFrame(in edit.TensorInput, w, h int, src image.Rectangle, netW, netH int) frame {
	return frame{
		w: w, h: h, src: src, repeat: true, reflect: in.Edge == "reflect", filter: pixel.Area,
		dst:  image.Rect(in.Border, in.Border, in.Border+src.Dx(), in.Border+src.Dy()),
		netW: max(netW, src.Dx()+2*in.Border), netH: max(netH, src.Dy()+2*in.Border),
	}
}

// spread brings a plane that covers the whole input tensor back to the picture:
// what lay outside the picture is cut, what the network did not see is 0. The
// plane may be smaller than the tensor by a constant factor.
func (f frame) spread(p *pixel.Plane) *pixel.Plane {
	sx, sy := float64(p.W)/float64(f.netW), float64(p.H)/float64(f.netH)
	scaled := func(v int, s float64, hi int) int { return min(max(int(math.Round(float64(v)*s)), 0), hi) }
	r := image.Rect(
		scaled(f.dst.Min.X, sx, p.W-1), scaled(f.dst.Min.Y, sy, p.H-1),
		scaled(f.dst.Max.X, sx, p.W), scaled(f.dst.Max.Y, sy, p.H),
	)
	r.Max.X, r.Max.Y = max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1)
	part := p
	if r != image.Rect(0, 0, p.W, p.H) {
		part = pixel.NewPlane(r.Dx(), r.Dy())
		for y := range part.H {
			copy(part.V[y*part.W:(y+1)*part.W], p.V[(r.Min.Y+y)*p.W+r.Min.X:])
		}
	}
	part = pixel.ResizePlane(part, f.src.Dx(), f.src.Dy(), pixel.Bilinear)
	if f.src == image.Rect(0, 0, f.w, f.h) {
		return part
	}
	whole := pixel.NewPlane(f.w, f.h)
	for y := range part.H {
		copy(whole.V[(f.src.Min.Y+y)*f.w+f.src.Min.X:], part.V[y*part.W:(y+1)*part.W])
	}
	return whole
}
