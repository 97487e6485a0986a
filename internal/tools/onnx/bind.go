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

// bind decides what fills each input of a network, in its own order, and
// checks the declared names, ranks, types and channels, so that a doc that does
// not fit fails here and not in mid-edit. in is nil for a network that sees no picture.
func bind(sig signature, in *edit.TensorInput, extra []edit.ExtraInput, tiled bool) ([]feed, error) {
	name := ""
	if in != nil {
		name = pictureInput(sig, in.Name, extra)
		if _, ok := sig.input(name); !ok {
			return nil, fmt.Errorf("it has no input %q: it has %v", name, sig.Inputs)
		}
	}
	for _, e := range extra {
		if _, ok := sig.input(e.Tensor); !ok {
			return nil, fmt.Errorf("it has no input %q: it has %v", e.Tensor, sig.Inputs)
		}
	}
	feeds := make([]feed, len(sig.Inputs))
	for i, t := range sig.Inputs {
		feeds[i].info = t
		if in != nil && t.Name == name {
			feeds[i].image = in
			if err := checkImageInput(t, *in, tiled); err != nil {
				return nil, err
			}
			continue
		}
		k := slices.IndexFunc(extra, func(e edit.ExtraInput) bool { return e.Tensor == t.Name })
		if k < 0 {
			return nil, fmt.Errorf("nothing fills its input %v", t)
		}
		feeds[i].extra = &extra[k]
		if err := checkExtra(t, extra[k]); err != nil {
			return nil, err
		}
	}
	return feeds, nil
}

// pictureInput is the input that the doc names, or the first that nothing else fills.
func pictureInput(sig signature, name string, extra []edit.ExtraInput) string {
	if name != "" {
		return name
	}
	for _, t := range sig.Inputs {
		if !slices.ContainsFunc(extra, func(e edit.ExtraInput) bool { return e.Tensor == t.Name }) {
			return t.Name
		}
	}
	return ""
}

func checkExtra(t tensorInfo, e edit.ExtraInput) error {
	if e.As == "" && e.Output == "" {
		if err := checkType(t, e.Type); err != nil {
			return err
		}
	}
	if t.Ranked && len(e.Shape) > 0 && len(e.Shape) != len(t.Dims) {
		return fmt.Errorf("its input %v is given the shape %v", t, e.Shape)
	}
	if t.Ranked && e.As == "coords" && (len(t.Dims) < 2 || t.Dims[len(t.Dims)-1] > 0 && t.Dims[len(t.Dims)-1] != 2) {
		return fmt.Errorf("its input %v is no list of points", t)
	}
	return nil
}

// sides are channels, height and width of a picture's tensor, and its rank.
func sides(dims []int64, layout string) (c, h, w int64, rank int) {
	rank = 4
	if layout == "hwc" {
		rank = 3
	}
	if len(dims) != rank {
		return 0, 0, 0, rank
	}
	if layout == "nchw" || layout == "" {
		return dims[1], dims[2], dims[3], rank
	}
	d := dims[rank-3:]
	return d[2], d[0], d[1], rank
}

func checkImageInput(t tensorInfo, in edit.TensorInput, tiled bool) error {
	if err := checkType(t, in.Type); err != nil {
		return err
	}
	if !t.Ranked {
		return nil
	}
	got, h, w, rank := sides(t.Dims, in.Layout)
	if len(t.Dims) != rank {
		return fmt.Errorf("its input %v has %d dimensions, a picture in layout %s has %d", t, len(t.Dims), layoutName(in.Layout), rank)
	}
	if channels := channelsOf(in); got > 0 && got != int64(channels) {
		return fmt.Errorf("its input %v has %d channels in layout %s, the doc feeds %d (%s)", t, got, layoutName(in.Layout), channels, in.Order)
	}
	if in.Width > 0 && w > 0 && w != int64(in.Width) || in.Height > 0 && h > 0 && h != int64(in.Height) {
		return fmt.Errorf("its input %v has width %d and height %d, the doc feeds %d×%d", t, w, h, in.Width, in.Height)
	}
	if in.Fit == "native" && !tiled && (h > 0 || w > 0) {
		return fmt.Errorf("its input %v has sides of its own, the doc feeds any picture's: it needs a size or a tile", t)
	}
	return nil
}

func layoutName(layout string) string {
	if layout == "" {
		return "nchw"
	}
	return layout
}

func channelsOf(in edit.TensorInput) int {
	if in.Order == "gray" || in.Order == "lightness" {
		return 1
	}
	return 3
}

// checkType compares the type a doc declares with the file's. A type that is
// cast on the way is as good as the one it is fed as, so that one doc serves the
// exports of a network in full and in half precision.
func checkType(t tensorInfo, declared string) error {
	if declared == "" {
		declared = "float32"
	}
	if t.Elem.String() != declared && t.Stored.String() != declared {
		return fmt.Errorf("its input %v is not of the type %s that the doc declares", t, declared)
	}
	return nil
}

// ranks are the dimensions that a decoder's outputs may have, in the order it reads them.
var ranks = map[string][][]int{
	"yolox": {{3}}, "fastestdet": {{4}}, "boxes": {{3}, {3}}, "phrase": {{3}, {3}}, "classes": {{3, 4}},
	"matte": {{2, 3, 4, 5}}, "image": {{2, 3, 4}}, "chroma": {{4}}, "depth": {{2, 3, 4}}, "db": {{3, 4}}, "ctc": {{3}},
	"sam": {{4, 5}, {2, 3}},
}

// checkOutputs compares the rank of what a network makes with what the decoder reads.
func checkOutputs(kind string, outputs []tensorInfo) error {
	want := ranks[kind]
	if len(outputs) < len(want) {
		return fmt.Errorf("decoder %s reads %d outputs, it gives %v", kind, len(want), outputs)
	}
	for i, r := range want {
		if t := outputs[i]; t.Ranked && len(t.Dims) > 0 && !slices.Contains(r, len(t.Dims)) {
			return fmt.Errorf("its output %v has %d dimensions, decoder %s reads one of %v", t, len(t.Dims), kind, r)
		}
	}
	return nil
}

// fits checks a frame against the sides a model has fixed.
func fits(feeds []feed, f frame) error {
	for _, fd := range feeds {
		if fd.image == nil || !fd.info.Ranked {
			continue
		}
		_, h, w, _ := sides(fd.info.Dims, fd.image.Layout)
		if h > 0 && h != int64(f.netH) || w > 0 && w != int64(f.netW) {
			return fmt.Errorf("the model takes %d×%d (%v) and was given %d×%d: the doc needs a size or a tile", w, h, fd.info, f.netW, f.netH)
		}
	}
	return nil
}

// tensor makes the input's data for one frame.
func (fd feed) tensor(j *job, f frame, given map[string]tensorData) (tensorData, error) {
	if fd.image != nil {
		t, err := newTensor(fd.info.Elem, pictureShape(fd.image.Layout, channelsOf(*fd.image), f)...)
		if err == nil {
			fill(t, *fd.image, f, j.seen)
		}
		return t, err
	}
	e := *fd.extra
	switch {
	case e.Output != "":
		t, ok := given[e.Output]
		if !ok {
			return t, fmt.Errorf("no earlier part makes %q", e.Output)
		}
		return t.as(fd.info.Elem)
	case e.As == "size":
		return numbers(fd.info, []float64{float64(f.netH), float64(f.netW)})
	case e.As == "ones":
		return onesTensor(fd.info, f)
	case e.As == "coords" || e.As == "labels":
		return j.prompt.tensor(fd.info, e, f)
	case e.As != "":
		return tokenTensor(fd.info, e.As, j.tokens)
	case e.From == "":
		return constant(fd.info.Elem, e, e.Value)
	}
	return fd.fromPort(j, f, e)
}

// fromPort makes a tensor of an input of the tool.
func (fd feed) fromPort(j *job, f frame, e edit.ExtraInput) (tensorData, error) {
	switch a := j.req.Inputs[e.From].(type) {
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
		return j.planeTensor(fd.info.Elem, e, f, a.Plane(), func(v float32) float32 { return v })
	default:
		return tensorData{}, &tools.ContractError{
			Tool: j.req.Spec.Name, Detail: fmt.Sprintf("input %q is a %T; no tensor is made from it", e.From, a),
		}
	}
}

func pictureShape(layout string, channels int, f frame) []int64 {
	switch layout {
	case "nhwc":
		return []int64{1, int64(f.netH), int64(f.netW), int64(channels)}
	case "hwc":
		return []int64{int64(f.netH), int64(f.netW), int64(channels)}
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
	n := t.len()
	if len(values) == 1 { // one number fills the shape
		values = slices.Repeat(values, n)
	}
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

// maskTensor lays a mask into the picture's frame. A whole-number tensor, or a
// binary one, takes it as yes or no: any sample above 0 belongs to the mask.
func (j *job) maskTensor(elem elemType, e edit.ExtraInput, f frame, m *pixel.Mask) (tensorData, error) {
	whole := e.Binary || elem == elemUint8
	p := pixel.NewPlane(m.W, m.H)
	for i, v := range m.Pix {
		if whole && v > 0 {
			v = 255
		}
		p.V[i] = float32(v)
	}
	return j.planeTensor(elem, e, f, p, func(v float32) float32 {
		if whole && v > 0 {
			v = 255
		}
		if e.Invert {
			v = 255 - v
		}
		return v
	})
}

// planeTensor lays a plane of the picture's size into the frame, what lies
// beyond it as the frame says; finish is applied to each sample before the scale.
func (j *job) planeTensor(elem elemType, e edit.ExtraInput, f frame, p *pixel.Plane, finish func(float32) float32) (tensorData, error) {
	t, err := newTensor(elem, pictureShape(j.in.Layout, 1, f)...)
	if err != nil {
		return t, err
	}
	if f.src.Size() != f.dst.Size() {
		part := pixel.NewPlane(f.src.Dx(), f.src.Dy())
		for y := range part.H {
			copy(part.V[y*part.W:(y+1)*part.W], p.V[(f.src.Min.Y+y)*p.W+f.src.Min.X:])
		}
		p = pixel.ResizePlane(part, f.dst.Dx(), f.dst.Dy(), f.filter)
		f.src = image.Rect(0, 0, p.W, p.H)
	}
	dx, dy := f.src.Min.X-f.dst.Min.X, f.src.Min.Y-f.dst.Min.Y
	out, scale := packer{t: t}, float32(scaleOf(e))
	for y := range f.netH {
		line := p.V[p.W*f.beyond(y+dy, p.H):]
		for x := range f.netW {
			out.put(y*f.netW+x, scale*finish(line[f.beyond(x+dx, p.W)]))
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
