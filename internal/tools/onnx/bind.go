package onnx

import (
	"fmt"
	"image"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// feed fills one input of a model.
type feed struct {
	info  tensorInfo
	image *edit.TensorInput // set: the picture as declared
	extra *edit.ExtraInput  // else this
}

// bind decides what fills each input of a model, in the model's order, and
// checks the declared names, ranks, types and channels, so that a doc that does
// not fit fails here and not in mid-edit.
func bind(sig signature, in edit.TensorInput, extra []edit.ExtraInput) ([]feed, error) {
	name := in.Name
	claimed := func(n string) bool {
		return slices.ContainsFunc(extra, func(e edit.ExtraInput) bool { return e.Tensor == n })
	}
	if name == "" {
		for _, t := range sig.Inputs {
			if !claimed(t.Name) {
				name = t.Name
				break
			}
		}
	}
	if _, ok := sig.input(name); !ok {
		return nil, fmt.Errorf("it has no input %q: it has %v", name, sig.Inputs)
	}
	for _, e := range extra {
		if _, ok := sig.input(e.Tensor); !ok {
			return nil, fmt.Errorf("it has no input %q: it has %v", e.Tensor, sig.Inputs)
		}
	}
	feeds := make([]feed, len(sig.Inputs))
	for i, t := range sig.Inputs {
		feeds[i].info = t
		if t.Name == name {
			feeds[i].image = &in
			if err := checkImageInput(t, in); err != nil {
				return nil, err
			}
			continue
		}
		k := slices.IndexFunc(extra, func(e edit.ExtraInput) bool { return e.Tensor == t.Name })
		if k < 0 {
			return nil, fmt.Errorf("nothing fills its input %v", t)
		}
		feeds[i].extra = &extra[k]
		if err := checkType(t, extra[k].Type); err != nil {
			return nil, err
		}
		if s := extra[k].Shape; t.Ranked && len(s) > 0 && len(s) != len(t.Dims) {
			return nil, fmt.Errorf("its input %v is given the shape %v", t, s)
		}
	}
	return feeds, nil
}

func checkImageInput(t tensorInfo, in edit.TensorInput) error {
	if err := checkType(t, in.Type); err != nil {
		return err
	}
	if !t.Ranked {
		return nil
	}
	if len(t.Dims) != 4 {
		return fmt.Errorf("its input %v has %d dimensions, a picture has 4", t, len(t.Dims))
	}
	channels, h, w := channelsOf(in), t.Dims[2], t.Dims[3]
	got := t.Dims[1]
	if in.Layout == "nhwc" {
		got, h, w = t.Dims[3], t.Dims[1], t.Dims[2]
	}
	if got > 0 && got != int64(channels) {
		return fmt.Errorf("its input %v has %d channels in layout %s, the doc feeds %d (%s)", t, got, in.Layout, channels, in.Order)
	}
	if in.Width > 0 && w > 0 && w != int64(in.Width) || in.Height > 0 && h > 0 && h != int64(in.Height) {
		return fmt.Errorf("its input %v has width %d and height %d, the doc feeds %d×%d", t, w, h, in.Width, in.Height)
	}
	return nil
}

func channelsOf(in edit.TensorInput) int {
	if in.Order == "gray" {
		return 1
	}
	return 3
}

func checkType(t tensorInfo, declared string) error {
	if declared == "" {
		declared = "float32"
	}
	if t.Elem.String() != declared {
		return fmt.Errorf("its input %v is not of the type %s that the doc declares", t, declared)
	}
	return nil
}

// fits checks a frame against the sides a model has fixed.
func fits(feeds []feed, f frame) error {
	for _, fd := range feeds {
		if fd.image == nil || !fd.info.Ranked {
			continue
		}
		h, w := fd.info.Dims[2], fd.info.Dims[3]
		if fd.image.Layout == "nhwc" {
			h, w = fd.info.Dims[1], fd.info.Dims[2]
		}
		if h > 0 && h != int64(f.netH) || w > 0 && w != int64(f.netW) {
			return fmt.Errorf("the model takes %d×%d (%v) and was given %d×%d: the doc needs a size or a tile", w, h, fd.info, f.netW, f.netH)
		}
	}
	return nil
}

// tensor makes the input's data for one frame.
func (fd feed) tensor(j *job, f frame) (tensorData, error) {
	if fd.image != nil {
		t, err := newTensor(fd.info.Elem, pictureShape(fd.image.Layout, channelsOf(*fd.image), f)...)
		if err == nil {
			fill(t, *fd.image, f, j.seen)
		}
		return t, err
	}
	e := *fd.extra
	if e.From == "" {
		return constant(fd.info.Elem, e, e.Value)
	}
	a := j.req.Inputs[e.From]
	switch a := a.(type) {
	case edit.Number:
		return constant(fd.info.Elem, e, []float64{float64(a)})
	case edit.Color:
		if len(e.Shape) == 0 {
			e.Shape = []int64{1, 3, 1, 1}
		}
		return constant(fd.info.Elem, e, []float64{float64(a.R), float64(a.G), float64(a.B)})
	case *pixel.Mask:
		return j.maskTensor(fd.info.Elem, e, f, a)
	case *pixel.Image:
		in := edit.TensorInput{Layout: j.in.Layout, Order: "rgb", Scale: e.Scale}
		t, err := newTensor(fd.info.Elem, pictureShape(in.Layout, 3, f)...)
		if err == nil {
			fill(t, in, f, opaque(a, false))
		}
		return t, err
	case *pixel.Depth:
		return j.planeTensor(fd.info.Elem, e, f, a.Plane())
	}
	return tensorData{}, &tools.ContractError{
		Tool: j.req.Spec.Name, Detail: fmt.Sprintf("input %q is a %T; no tensor is made from it", e.From, a),
	}
}

func pictureShape(layout string, channels int, f frame) []int64 {
	if layout == "nhwc" {
		return []int64{1, int64(f.netH), int64(f.netW), int64(channels)}
	}
	return []int64{1, int64(channels), int64(f.netH), int64(f.netW)}
}

// constant makes a tensor of given numbers, each times the declared scale.
func constant(elem elemType, e edit.ExtraInput, values []float64) (tensorData, error) {
	shape := e.Shape
	if len(shape) == 0 {
		shape = []int64{int64(len(values))}
	}
	t, err := newTensor(elem, shape...)
	if err != nil {
		return t, err
	}
	n := max(len(t.f), len(t.u), len(t.i))
	if n != len(values) {
		return t, fmt.Errorf("input %q of shape %v takes %d values, got %d", e.Tensor, shape, n, len(values))
	}
	p := packer{t: t}
	for i, v := range values {
		p.put(i, float32(v*scaleOf(e)))
	}
	return t, nil
}

func scaleOf(e edit.ExtraInput) float64 {
	if e.Scale == 0 {
		return 1
	}
	return e.Scale
}

// maskTensor lays a mask into the picture's frame. A whole-number tensor takes
// it as yes or no: any sample above 0 belongs to the mask.
func (j *job) maskTensor(elem elemType, e edit.ExtraInput, f frame, m *pixel.Mask) (tensorData, error) {
	p := pixel.NewPlane(m.W, m.H)
	for i, v := range m.Pix {
		if elem == elemUint8 && v > 0 {
			v = 255
		}
		if e.Invert {
			v = 255 - v
		}
		p.V[i] = float32(v)
	}
	return j.planeTensor(elem, e, f, p)
}

// planeTensor lays a plane of the picture's size into the frame, its border repeated.
func (j *job) planeTensor(elem elemType, e edit.ExtraInput, f frame, p *pixel.Plane) (tensorData, error) {
	t, err := newTensor(elem, pictureShape(j.in.Layout, 1, f)...)
	if err != nil {
		return t, err
	}
	if f.src.Size() != f.dst.Size() {
		part := pixel.NewPlane(f.src.Dx(), f.src.Dy())
		for y := range part.H {
			copy(part.V[y*part.W:(y+1)*part.W], p.V[(f.src.Min.Y+y)*p.W+f.src.Min.X:])
		}
		filter := f.filter
		if elem == elemUint8 {
			filter = pixel.Nearest // yes or no stays yes or no
		}
		p = pixel.ResizePlane(part, f.dst.Dx(), f.dst.Dy(), filter)
		f.src = image.Rect(0, 0, p.W, p.H)
	}
	dx, dy := f.src.Min.X-f.dst.Min.X, f.src.Min.Y-f.dst.Min.Y
	out, scale := packer{t: t}, float32(scaleOf(e))
	for y := range f.netH {
		line := p.V[p.W*min(max(y+dy, 0), p.H-1):]
		for x := range f.netW {
			out.put(y*f.netW+x, scale*line[min(max(x+dx, 0), p.W-1)])
		}
	}
	return t, nil
}

// opaque is what a network sees of a picture with transparency. A network that
// repaints the picture sees colours spread into the transparent parts, so that
// what hides there leaves no fringe; one that only looks sees it on mid-grey.
func opaque(m *pixel.Image, repaint bool) *pixel.Image {
	switch {
	case !m.HasAlpha:
		return m
	case repaint:
		return spreadColor(m)
	}
	return pixel.Flatten(m, 128, 128, 128)
}
