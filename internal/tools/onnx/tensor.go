package onnx

import (
	"fmt"

	ort "github.com/yalue/onnxruntime_go"
)

// tensorData is a dense array in Go memory; exactly one of the slices is set.
type tensorData struct {
	shape []int64
	f     []float32
	u     []uint8
	i     []int64
}

func newTensor(elem elemType, shape ...int64) (tensorData, error) {
	n := int64(1)
	for _, d := range shape {
		if d < 1 || n > maxElements/d {
			return tensorData{}, fmt.Errorf("a tensor of shape %v is too large", shape)
		}
		n *= d
	}
	t := tensorData{shape: shape}
	switch elem {
	case elemFloat32:
		t.f = make([]float32, n)
	case elemUint8:
		t.u = make([]uint8, n)
	case elemInt64:
		t.i = make([]int64, n)
	default:
		return tensorData{}, fmt.Errorf("inputs of type %v are not fed", elem)
	}
	return t, nil
}

// maxElements bounds one tensor: 2^30 floats are 4 GiB.
const maxElements = int64(1) << 30

// value wraps the data for the library; the caller destroys it.
func (t tensorData) value() (ort.Value, error) {
	shape := ort.NewShape(t.shape...)
	switch {
	case t.f != nil:
		return wrap(ort.NewTensor(shape, t.f))
	case t.u != nil:
		return wrap(ort.NewTensor(shape, t.u))
	}
	return wrap(ort.NewTensor(shape, t.i))
}

// wrap keeps a nil *ort.Tensor from becoming an ort.Value that is not nil.
func wrap[T ort.TensorData](v *ort.Tensor[T], err error) (ort.Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// readTensor takes an output of the library over into Go memory. Whole numbers
// and doubles become float32: no decoder needs more.
func readTensor(v ort.Value) (tensorData, error) {
	t := tensorData{shape: v.GetShape()}
	switch v := v.(type) {
	case *ort.Tensor[float32]:
		t.f = v.GetData()
	case *ort.Tensor[uint8]:
		t.u = v.GetData()
	case *ort.Tensor[int64]:
		t.f = floats(v.GetData())
	case *ort.Tensor[int32]:
		t.f = floats(v.GetData())
	case *ort.Tensor[float64]:
		t.f = floats(v.GetData())
	default:
		return t, fmt.Errorf("outputs of type %T are not read", v)
	}
	return t, nil
}

func floats[T int32 | int64 | float64](in []T) []float32 {
	out := make([]float32, len(in))
	for i, v := range in {
		out[i] = float32(v)
	}
	return out
}

func (t tensorData) len() int { return max(len(t.f), len(t.u), len(t.i)) }

// move copies one value within the tensor.
func (t tensorData) move(to, from int) {
	switch {
	case t.f != nil:
		t.f[to] = t.f[from]
	case t.u != nil:
		t.u[to] = t.u[from]
	default:
		t.i[to] = t.i[from]
	}
}

// as is the tensor with values of another type; of the same type it is t itself.
func (t tensorData) as(e elemType) (tensorData, error) {
	if e == elemFloat32 && t.f != nil || e == elemUint8 && t.u != nil || e == elemInt64 && t.i != nil {
		return t, nil
	}
	out, err := newTensor(e, t.shape...)
	if err != nil {
		return out, err
	}
	p := packer{t: out}
	for i := range out.len() {
		switch {
		case t.f != nil:
			p.put(i, t.f[i])
		case t.u != nil:
			p.put(i, float32(t.u[i]))
		default:
			p.put(i, float32(t.i[i]))
		}
	}
	return out, nil
}

// finite reports the first value that is not a number or infinite.
func (t tensorData) finite() error {
	for i, v := range t.f {
		if v-v != 0 { // holds for NaN and ±Inf only
			return fmt.Errorf("value %d is %v", i, v)
		}
	}
	return nil
}

// bytes is the memory the data take.
func (t tensorData) bytes() int64 {
	return int64(4*len(t.f) + len(t.u) + 8*len(t.i))
}

// volume views a tensor as channels × height × width, whichever layout it
// has and however many leading ones.
type volume struct {
	c, h, w    int
	sc, sh, sw int // strides
	t          tensorData
}

// get reads one value.
func (v volume) get(c, y, x int) float32 {
	i := c*v.sc + y*v.sh + x*v.sw
	if v.t.f != nil {
		return v.t.f[i]
	}
	return float32(v.t.u[i])
}

// asVolume views a tensor of 2 to 4 dimensions as channels × height × width.
func asVolume(t tensorData, layout string) (volume, error) {
	d := t.shape
	for len(d) > 3 && d[0] == 1 {
		d = d[1:]
	}
	if len(d) == 2 { // height × width
		d = []int64{1, d[0], d[1]}
		layout = "nchw"
	}
	if len(d) != 3 || t.f == nil && t.u == nil {
		return volume{}, fmt.Errorf("output of shape %v is no picture", t.shape)
	}
	a, b, c := int(d[0]), int(d[1]), int(d[2])
	if layout == "nhwc" || layout == "hwc" {
		return volume{c: c, h: a, w: b, sc: 1, sh: b * c, sw: c, t: t}, nil
	}
	return volume{c: a, h: b, w: c, sc: b * c, sh: c, sw: 1, t: t}, nil
}
