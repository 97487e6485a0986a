package onnx

import (
	"slices"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	g "pentimento/internal/tools/onnxgraph"
)

// Stand-ins have the tensors of the published networks that the shipped docs
// describe, and answers that a test can foretell. They hold no weights.

// standIn is a shipped doc whose parts are satisfied by files of the test's making.
func standIn(t *testing.T, dir, name string, parts map[string][]byte) *edit.ToolSpec {
	t.Helper()
	s := *spec(t, name)
	rt := *s.Runtime.ONNX
	rt.Models = slices.Clone(rt.Models)
	for i, m := range rt.Models {
		file := m.Accept[0].File
		src := source(t, dir, file, parts[m.Part])
		rt.Models[i].Accept = []edit.ModelSource{src}
	}
	s.Runtime.ONNX = &rt
	return &s
}

// runWith runs a spec on a picture with further inputs.
func runWith(t *testing.T, r *Runner, s *edit.ToolSpec, img *pixel.Image, more map[string]edit.Artifact) tools.Response {
	t.Helper()
	resp, err := tryWith(t, r, s, img, more)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return resp
}

func tryWith(t *testing.T, r *Runner, s *edit.ToolSpec, img *pixel.Image, more map[string]edit.Artifact) (tools.Response, error) {
	t.Helper()
	req := request(s, img)
	for name, a := range more {
		req.Inputs[name] = a
	}
	return r.Run(t.Context(), req)
}

// meanFill fills a hole with the mean of what is known: image and hole in [0,1], hole 1 where missing.
func meanFill(m *g.Graph, image, hole g.Value) g.Value {
	known := m.Sub(m.C(1), hole)
	sum := m.ReduceSum(m.Mul(image, known), true, 2, 3)
	mean := m.Div(sum, m.Max(m.ReduceSum(known, true, 2, 3), m.C(1)))
	return m.Add(m.Mul(image, known), m.Mul(mean, hole))
}

// lamaGraph has LaMa's tensors. It gives the whole picture back a little
// brighter, as a network that repaints everything does.
func lamaGraph(gain float64) []byte {
	m := g.New("lama")
	image := m.Input("image", g.Float, "batch", 3, 512, 512)
	mask := m.Input("mask", g.Float, "batch", 1, 512, 512)
	m.Output("output", m.Mul(meanFill(m, image, mask), m.C(255*gain)), g.Float, "batch", 3, 512, 512)
	return m.Model()
}

// miganGraph has the tensors of MI-GAN's pipeline.
func miganGraph() []byte {
	m := g.New("migan")
	image := m.Input("image", g.Uint8, "n", 3, "h", "w")
	mask := m.Input("mask", g.Uint8, "n", 1, "h", "w")
	scaled := func(v g.Value) g.Value { return m.Div(m.Cast(v, g.Float), m.C(255)) }
	fill := meanFill(m, scaled(image), m.Sub(m.C(1), scaled(mask)))
	m.Output("result", m.Cast(m.Add(m.Mul(fill, m.C(255)), m.C(0.5)), g.Uint8), g.Uint8, "n", 3, "h", "w")
	return m.Model()
}

// pixelGrid is x or y of each pixel of a side×side tensor of shape [1,1,side,side].
func pixelGrid(m *g.Graph, side int, step float32, axis int) g.Value {
	v := make([]float32, side)
	for i := range v {
		v[i] = (float32(i) + 0.5) * step
	}
	if axis == 2 {
		return m.Floats(v, 1, 1, side, 1)
	}
	return m.Floats(v, 1, 1, 1, side)
}

// pointWith is the coordinates [1,1,1,2] of the entry with a label, 0 where there is none.
func pointWith(m *g.Graph, coords, labels g.Value, n int64, label float64) g.Value {
	is := m.Cast(m.Op("Equal", []g.Value{m.Reshape(labels, 1, 1, n, 1), m.C(label)}), g.Float)
	return m.ReduceSum(m.Mul(m.Reshape(coords, 1, 1, n, 2), is), true, 2)
}

// insideBox is above 0 inside the box whose corners have the labels 2 and 3.
func insideBox(m *g.Graph, x, y, coords, labels g.Value, n int64) g.Value {
	a, b := m.Split(pointWith(m, coords, labels, n, 2), 3, 2), m.Split(pointWith(m, coords, labels, n, 3), 3, 2)
	return m.Min(m.Sub(x, a[0]), m.Sub(b[0], x), m.Sub(y, a[1]), m.Sub(b[1], y))
}

// efficientSAMGraph has EfficientSAM's tensors and three answers: the box, a
// disc around the click, and everything, which it thinks best.
func efficientSAMGraph() []byte {
	m := g.New("efficientsam")
	image := m.Input("batched_images", g.Float, 1, 3, 1024, 1024)
	coords := m.Input("batched_point_coords", g.Float, 1, 1, 6, 2)
	labels := m.Input("batched_point_labels", g.Float, 1, 1, 6, 1)
	zero := m.Mul(m.ReduceMax(image, false, 0, 1, 2, 3), m.C(0))
	x, y := pixelGrid(m, 1024, 1, 3), pixelGrid(m, 1024, 1, 2)
	box := insideBox(m, x, y, coords, labels, 6)
	c := m.Split(pointWith(m, coords, labels, 6, 1), 3, 2)
	square := func(a g.Value) g.Value { return m.Mul(a, a) }
	disc := m.Sub(m.C(100), m.Sqrt(m.Add(square(m.Sub(x, c[0])), square(m.Sub(y, c[1])))))
	all := m.Add(m.Mul(box, m.C(0)), m.C(5))
	masks := m.Add(m.Concat(1, box, disc, all), zero)
	m.Output("output_masks", m.Reshape(masks, 1, 1, 3, 1024, 1024), g.Float, 1, 1, 3, 1024, 1024)
	m.Output("iou_predictions", m.Add(m.Floats([]float32{0.9, 0.5, 0.7}, 1, 1, 3), zero), g.Float, 1, 1, 3)
	return m.Model()
}

// mobileSAMGraphs have MobileSAM's tensors: the encoder gives the picture's mean
// 64×64 times 256, the decoder the box, or a disc of 80 around the click.
func mobileSAMGraphs() (encoder, decoder []byte) {
	m := g.New("encoder")
	image := m.Input("input_image", g.Float, "image_height", "image_width", 3)
	mean := m.Op("ReduceMean", []g.Value{image}, g.Int("keepdims", 0))
	m.Output("image_embeddings", m.Op("Expand", []g.Value{m.Reshape(mean, 1, 1, 1, 1), m.I(1, 256, 64, 64)}), g.Float, 1, 256, 64, 64)
	encoder = m.Model()

	m = g.New("decoder")
	seen := m.Input("image_embeddings", g.Float, 1, 256, 64, 64)
	coords := m.Input("point_coords", g.Float, 1, "num_points", 2)
	labels := m.Input("point_labels", g.Float, 1, "num_points")
	before := m.Input("mask_input", g.Float, 1, 1, 256, 256)
	has := m.Input("has_mask_input", g.Float, 1)
	size := m.Input("orig_im_size", g.Float, 2)
	x, y := pixelGrid(m, 256, 4, 3), pixelGrid(m, 256, 4, 2)
	box := insideBox(m, x, y, coords, labels, -1)
	c := m.Split(pointWith(m, coords, labels, -1, 1), 3, 2)
	square := func(a g.Value) g.Value { return m.Mul(a, a) }
	disc := m.Sub(m.C(80), m.Sqrt(m.Add(square(m.Sub(x, c[0])), square(m.Sub(y, c[1])))))
	boxed := m.ReduceMax(m.Cast(m.Op("Equal", []g.Value{labels, m.C(2)}), g.Float), false, 0, 1)
	low := m.Add(m.Mul(box, boxed), m.Mul(disc, m.Sub(m.C(1), boxed)))
	// A mask from before, or a size without height or width, would show in the answer.
	low = m.Sub(low, m.Mul(m.Add(m.ReduceMax(before, false, 0, 1, 2, 3), m.ReduceMax(has, false, 0)), m.C(1000)))
	low = m.Sub(low, m.Mul(m.Cast(m.Greater(m.C(1), m.ReduceMin(size, false, 0)), g.Float), m.C(1000)))
	low = m.Add(low, m.Mul(m.ReduceMax(seen, false, 0, 1, 2, 3), m.C(0)))
	m.Output("masks", low, g.Float, 1, 1, "h", "w")
	m.Output("iou_predictions", m.Mul(m.ReduceMax(low, false, 2, 3), m.C(0)), g.Float, 1, 1)
	m.Output("low_res_masks", low, g.Float, 1, 1, 256, 256)
	return encoder, m.Model()
}

// groundingGraph has Grounding DINO's tensors; e is the type of its picture and
// its answers. Box 0 answers to the token dog, box 1 to any, below the threshold.
func groundingGraph(e g.Elem, dog int64) []byte {
	m := g.New("grounding")
	image := m.Input("pixel_values", e, "batch", 3, 800, 800)
	ids := m.Input("input_ids", g.Int64, "batch", "tokens")
	types := m.Input("token_type_ids", g.Int64, "batch", "tokens")
	attention := m.Input("attention_mask", g.Int64, "batch", "tokens")
	covered := m.Input("pixel_mask", g.Int64, "batch", 800, 800)
	float := func(v g.Value) g.Value { return m.Cast(v, g.Float) }
	zero := m.Mul(m.ReduceMax(float(image), false, 0, 1, 2, 3), m.C(0))
	// Masks that are not all ones lower every score.
	gaps := m.Sub(m.C(2), m.Add(m.ReduceMin(float(attention), false, 0, 1), m.ReduceMin(float(covered), false, 0, 1, 2)))
	gaps = m.Add(gaps, m.ReduceMax(float(types), false, 0, 1))
	hit := m.Reshape(float(m.Op("Equal", []g.Value{ids, m.I(dog)})), 1, 1, -1)
	row := m.Op("Pad", []g.Value{hit, m.Ints([]int64{0, 0, 0, 0, 0, 256}, 6)})
	row = m.Slice(row, 2, 0, 256, 1)
	first := m.Sub(m.Sub(m.Mul(row, m.C(6)), m.C(3)), m.Mul(gaps, m.C(100)))
	second := m.Sub(m.Mul(row, m.C(0)), m.C(2))
	m.Output("logits", m.Cast(m.Add(m.Concat(1, first, second), zero), e), e, "batch", 2, 256)
	m.Output("pred_boxes", m.Cast(m.Add(m.Floats([]float32{0.5, 0.25, 0.2, 0.1, 0.2, 0.8, 0.1, 0.1}, 1, 2, 4), zero), e), e, "batch", 2, 4)
	return m.Model()
}

// matteGraph gives a function of the mean of the channels, of the picture's own size.
func matteGraph(input, output string, side g.Dim, f func(m *g.Graph, v g.Value) g.Value) []byte {
	m := g.New("matte")
	image := m.Input(input, g.Float, 1, 3, side, side)
	mean := m.Op("ReduceMean", []g.Value{image}, g.IntList("axes", 1), g.Int("keepdims", 1))
	m.Output(output, f(m, mean), g.Float, 1, 1, side, side)
	return m.Model()
}

// colorGraph has a colouriser's tensors: two channels of one value each.
func colorGraph(a, b float64) []byte {
	m := g.New("color")
	image := m.Input("input", g.Float, 1, 3, 512, 512)
	one := m.Mul(m.Slice(image, 1, 0, 1, 1), m.C(0))
	m.Output("output", m.Concat(1, m.Add(one, m.C(a)), m.Add(one, m.C(b))), g.Float, 1, 2, 512, 512)
	return m.Model()
}

// sceneGraph has EfficientViT's tensors: sky (2) where it is bright, wall (0) elsewhere.
func sceneGraph() []byte {
	m := g.New("scene")
	image := m.Input("input", g.Float, 1, 3, 1024, 1024)
	small := m.Op("AveragePool", []g.Value{m.Op("ReduceMean", []g.Value{image}, g.IntList("axes", 1), g.Int("keepdims", 1))},
		g.IntList("kernel_shape", 8, 8), g.IntList("strides", 8, 8))
	w := make([]float32, 150)
	w[2] = 10
	m.Output("output", m.Sub(m.Mul(small, m.Floats(w, 1, 150, 1, 1)), m.Floats(slices.Concat([]float32{0}, slices.Repeat([]float32{20}, 1), []float32{0}, slices.Repeat([]float32{20}, 147)), 1, 150, 1, 1)), g.Float, 1, 150, 128, 128)
	return m.Model()
}
