package onnx

import (
	"context"
	"image"
	"maps"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// cropped runs the network on the square around a mask, with surroundings, and
// pastes its answer back at the picture's resolution. Only where the mask is
// above 0 the picture changes.
func (j *job) cropped(ctx context.Context) (*pixel.Image, error) {
	c := *j.rt.Crop
	mask, err := tools.Input[*pixel.Mask](j.req, c.Around)
	if err != nil {
		return nil, err
	}
	box := mask.Bounds(1)
	if box.Empty() {
		return j.img, nil
	}
	r := cropAround(c, box, j.img.W, j.img.H)
	part := *j
	rt := *j.rt
	rt.Crop = nil
	part.rt, part.seen = &rt, nil
	part.img = pixel.Crop(j.img, r)
	part.req.Inputs = cropInputs(j.req.Inputs, part.img, j.img, r)
	answer, err := part.picture(ctx, 1)
	if err != nil {
		return nil, err
	}
	hole := pixel.CropMask(mask, r)
	settle(answer, part.img, hole)
	out := j.img.Clone()
	pixel.Rows(hole.H, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			for x, v := range hole.Pix[y*hole.W : (y+1)*hole.W] {
				if v > 0 {
					i := 4 * ((y+r.Min.Y)*out.W + x + r.Min.X)
					copy(out.Pix[i:i+3], answer.Pix[4*(y*hole.W+x):4*(y*hole.W+x)+3])
				}
			}
		}
	})
	return out, nil
}

// cropAround is the square of the picture that the network sees: the mask's box
// in the middle, surroundings on each side, moved and at last cut where it leaves the picture.
func cropAround(c edit.Crop, box image.Rectangle, w, h int) image.Rectangle {
	side := max(c.Least, int(math.Ceil(float64(max(box.Dx(), box.Dy()))*(1+2*c.Margin))))
	place := func(lo, hi, n int) (int, int) {
		s := min(side, n)
		at := min(max((lo+hi-s)/2, 0), n-s)
		return at, at + s
	}
	var r image.Rectangle
	r.Min.X, r.Max.X = place(box.Min.X, box.Max.X, w)
	r.Min.Y, r.Max.Y = place(box.Min.Y, box.Max.Y, h)
	return r
}

// cropInputs cuts everything that lies over the picture to the rectangle.
func cropInputs(inputs map[string]edit.Artifact, part, whole *pixel.Image, r image.Rectangle) map[string]edit.Artifact {
	out := maps.Clone(inputs)
	for name, a := range inputs {
		switch a := a.(type) {
		case *pixel.Image:
			switch {
			case a == whole:
				out[name] = part
			case a.W == whole.W && a.H == whole.H:
				out[name] = pixel.Crop(a, r)
			}
		case *pixel.Mask:
			out[name] = pixel.CropMask(a, r)
		case *pixel.Depth:
			d := &pixel.Depth{W: r.Dx(), H: r.Dy(), V: make([]float32, 0, r.Dx()*r.Dy())}
			for y := r.Min.Y; y < r.Max.Y; y++ {
				d.V = append(d.V, a.V[y*a.W+r.Min.X:y*a.W+r.Max.X]...)
			}
			out[name] = d
		}
	}
	return out
}

// settleSide bounds the planes on which settle works.
const settleSide = 256

// settle takes out of the answer what its tone is off: a network that repaints
// its whole input gives the known surroundings back a little lighter or darker,
// and the fill with them. The difference there, smoothed far into the hole, is
// added to the fill.
func settle(answer, img *pixel.Image, hole *pixel.Mask) {
	w, h := pixel.FitWithin(img.W, img.H, settleSide, settleSide)
	known := pixel.NewPlane(img.W, img.H)
	for i, v := range hole.Pix {
		if v == 0 {
			known.V[i] = 1
		}
	}
	sigma := float64(max(w, h)) / 16
	weight := pixel.GaussianBlur(pixel.ResizePlane(known, w, h, pixel.Area), sigma)
	for c := range 3 {
		d := pixel.NewPlane(img.W, img.H)
		for i := range d.V {
			d.V[i] = known.V[i] * (float32(img.Pix[4*i+c]) - float32(answer.Pix[4*i+c]))
		}
		small := pixel.GaussianBlur(pixel.ResizePlane(d, w, h, pixel.Area), sigma)
		for i, k := range weight.V {
			small.V[i] /= max(k, 1e-3)
		}
		for i, v := range pixel.ResizePlane(small, img.W, img.H, pixel.Bilinear).V {
			if hole.Pix[i] > 0 {
				answer.Pix[4*i+c] = uint8(min(max(float32(answer.Pix[4*i+c])+v+0.5, 0), 255))
			}
		}
	}
}
