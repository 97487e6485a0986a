package onnx

import (
	"fmt"

	"pentimento/internal/edit"
)

// prompt is one question to a network that cuts out what is pointed at: clicks, or a box, or both.
type prompt struct {
	clicks edit.Points
	box    *edit.Box
}

// The places of the numbers in a doc's label values, and the numbers of
// Segment Anything, which a doc need not repeat.
const (
	labelClick = iota
	labelExclude
	labelCorner
	labelOpposite
	labelPadding
)

var samLabels = []float64{1, 0, 2, 3, -1}

// entries are the points of the prompt in the tensor's frame, each with the place of its label.
func (p prompt) entries(f frame) (at []vec, label []int) {
	add := func(x, y float64, kind int) {
		at, label = append(at, f.toTensor(x, y)), append(label, kind)
	}
	for _, c := range p.clicks {
		kind := labelClick
		if c.Exclude {
			kind = labelExclude
		}
		add(c.X, c.Y, kind)
	}
	if p.box != nil {
		add(p.box.X0, p.box.Y0, labelCorner)
		add(p.box.X1, p.box.Y1, labelOpposite)
	} else {
		// Without a box the networks expect one entry that says so.
		at, label = append(at, vec{}), append(label, labelPadding)
	}
	return at, label
}

// tensor makes the tensor of the points' coordinates ([..., n, 2]) or of their
// labels ([..., n] or [..., n, 1]). A network with a number of places of its own
// gets the rest padded; the entry for "no box" counts as padding.
func (p prompt) tensor(info tensorInfo, e edit.ExtraInput, f frame) (tensorData, error) {
	at, label := p.entries(f)
	dims, place := promptDims(info, e.As)
	if n := int(dims[place]); n > 0 {
		if p.box == nil && len(at) == n+1 {
			at, label = at[:n], label[:n]
		}
		if len(at) > n {
			return tensorData{}, &edit.UserError{
				Msg: fmt.Sprintf("%d clicks are more than the %d that the network takes", len(p.clicks), n), Hint: "leave some out",
			}
		}
		for len(at) < n {
			at, label = append(at, vec{}), append(label, labelPadding)
		}
	}
	dims[place] = int64(len(at))
	t, err := newTensor(info.Elem, dims...)
	if err != nil {
		return t, err
	}
	numbers := e.Value
	if len(numbers) != len(samLabels) {
		numbers = samLabels
	}
	out := packer{t: t}
	for i := range at {
		if e.As == "labels" {
			out.put(i, float32(numbers[label[i]]))
			continue
		}
		out.put(2*i, float32(at[i].x))
		out.put(2*i+1, float32(at[i].y))
	}
	return t, nil
}

// promptDims is the tensor's shape, batches of one, and which dimension counts the points.
func promptDims(info tensorInfo, as string) (dims []int64, place int) {
	dims = append(dims, info.Dims...)
	if len(dims) < 2 {
		dims = []int64{1, -1}
		if as == "coords" {
			dims = []int64{1, -1, 2}
		}
	}
	place = len(dims) - 1
	if as == "coords" {
		dims[place] = 2
		place--
	} else if place > 1 && dims[place] == 1 && dims[place-1] != 1 {
		place--
	}
	for i := range place {
		if dims[i] < 1 {
			dims[i] = 1
		}
	}
	return dims, place
}

// toTensor maps a point of the picture to the input tensor.
func (f frame) toTensor(x, y float64) vec {
	return vec{
		float64(f.dst.Min.X) + (x-float64(f.src.Min.X))*float64(f.dst.Dx())/float64(f.src.Dx()),
		float64(f.dst.Min.Y) + (y-float64(f.src.Min.Y))*float64(f.dst.Dy())/float64(f.src.Dy()),
	}
}

// numbers makes a tensor of a few numbers, whatever leading ones its shape has.
func numbers(info tensorInfo, values []float64) (tensorData, error) {
	dims := make([]int64, max(1, len(info.Dims)))
	for i := range dims {
		dims[i] = 1
	}
	dims[len(dims)-1] = int64(len(values))
	t, err := newTensor(info.Elem, dims...)
	if err != nil {
		return t, err
	}
	out := packer{t: t}
	for i, v := range values {
		out.put(i, float32(v))
	}
	return t, nil
}

// onesTensor marks where the picture lies in the frame: [1, h, w], or with more leading ones.
func onesTensor(info tensorInfo, f frame) (tensorData, error) {
	dims := []int64{1, int64(f.netH), int64(f.netW)}
	for len(dims) < len(info.Dims) {
		dims = append([]int64{1}, dims...)
	}
	t, err := newTensor(info.Elem, dims...)
	if err != nil {
		return t, err
	}
	out := packer{t: t}
	for y := f.dst.Min.Y; y < f.dst.Max.Y; y++ {
		for x := f.dst.Min.X; x < f.dst.Max.X; x++ {
			out.put(y*f.netW+x, 1)
		}
	}
	return t, nil
}
