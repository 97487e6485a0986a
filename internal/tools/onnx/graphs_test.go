package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
	g "pentimento/internal/tools/onnxgraph"
)

// openImage declares the picture input [1,3,h,w] of the test graphs.
func openImage(m *g.Graph) g.Value { return m.Input("image", g.Float, 1, 3, "h", "w") }

// model ends a graph with one output of a picture's shape.
func model(m *g.Graph, out g.Value) []byte {
	m.Output("out", out, g.Float, 1, 3, "H", "W")
	return m.Model()
}

// paintGraph adds amount·colour under the mask: image + mask·amount·colour.
func paintGraph() []byte {
	m := g.New("paint")
	img := openImage(m)
	mask := m.Input("mask", g.Float, 1, 1, "h", "w")
	amount := m.Input("amount", g.Float, 1)
	color := m.Input("color", g.Float, 1, 3, 1, 1)
	return model(m, m.Clip(m.Add(img, m.Mul(mask, m.Mul(color, amount))), 0, 1))
}

// nanGraph takes roots of negative numbers.
func nanGraph() []byte {
	m := g.New("nan")
	return model(m, m.Sqrt(m.Sub(openImage(m), m.C(2))))
}

// slowGraph multiplies large matrices for a long time, a fraction of a second each.
func slowGraph() []byte {
	const side, steps = 1200, 400
	m := g.New("slow")
	img := openImage(m)
	one := m.ReduceMax(img, true, 0, 1, 2, 3)
	mat := m.Op("Expand", []g.Value{m.Reshape(one, 1, 1), m.I(side, side)})
	for range steps {
		mat = m.Clip(m.Mul(m.MatMul(mat, mat), m.C(1.0/side)), 0, 1)
	}
	return model(m, m.Add(img, m.ReduceMax(mat, false, 0, 1)))
}

// blurGraph is a 5×5 mean of each channel, zeros beyond the border.
func blurGraph() []byte {
	m := g.New("blur")
	w := make([]float32, 3*25)
	for i := range w {
		w[i] = 1.0 / 25
	}
	return model(m, m.Conv(openImage(m), w, 3, 3, 1, 5, 5))
}

// sameGraph gives the picture back.
func sameGraph() []byte {
	m := g.New("same")
	return model(m, openImage(m))
}

// source writes a model into dir and describes it as a doc would.
func source(t testing.TB, dir, file string, model []byte) edit.ModelSource {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, file), model, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(model)
	return edit.ModelSource{File: file, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(model))}
}

// imageSpec describes a tool that makes a picture of the same size from a picture.
func imageSpec(src edit.ModelSource) *edit.ToolSpec {
	return &edit.ToolSpec{
		Name: "test-tool", Deterministic: true,
		Inputs:    []edit.Port{{Name: "image", Kind: edit.KindImage}},
		Outputs:   []edit.Port{{Name: "image", Kind: edit.KindImage}},
		Preserves: []edit.Preserve{edit.PreserveSize, edit.PreserveAlpha},
		Runtime: edit.Runtime{Kind: "onnx", ONNX: &edit.ONNXRuntime{
			Models: []edit.ModelFile{{Accept: []edit.ModelSource{src}}},
			Input:  edit.TensorInput{Fit: "native", Layout: "nchw", Order: "rgb", Scale: 1.0 / 255},
			Decode: edit.Decode{Kind: "image", Range: 1, Layout: "nchw"},
		}},
	}
}

// paintSpec describes paintGraph.
func paintSpec(src edit.ModelSource) *edit.ToolSpec {
	s := imageSpec(src)
	s.Inputs = []edit.Port{
		{Name: "amount", Kind: edit.KindNumber},
		{Name: "color", Kind: edit.KindColor},
		{Name: "image", Kind: edit.KindImage},
		{Name: "mask", Kind: edit.KindMask},
	}
	s.Preserves = append(s.Preserves, edit.PreserveOutsideMask)
	s.Runtime.ONNX.Extra = []edit.ExtraInput{
		{Tensor: "mask", From: "mask", Scale: 1.0 / 255},
		{Tensor: "amount", From: "amount"},
		{Tensor: "color", From: "color", Scale: 1.0 / 255},
	}
	return s
}

// picture is a w×h test picture with some transparency.
func picture(w, h int) *pixel.Image {
	img := pixel.NewImage(w, h)
	img.HasAlpha = true
	for i := range w * h {
		x, y := i%w, i/w
		img.Set(x, y, uint8(x*255/w), uint8(y*255/h), uint8((x*7+y*13)%256), uint8(min(255, (x+y)*8)))
	}
	return img
}

// opaquePicture is picture without transparency.
func opaquePicture(w, h int) *pixel.Image {
	img := picture(w, h)
	img.HasAlpha = false
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}

// paintRequest asks paintSpec for a red tint of part of the picture.
func paintRequest(s *edit.ToolSpec) tools.Request {
	img := picture(40, 30)
	mask := pixel.NewMask(img.W, img.H)
	for i := range mask.Pix {
		mask.Pix[i] = uint8(max(0, i%img.W*10-100))
	}
	return tools.Request{Spec: s, Inputs: map[string]edit.Artifact{
		"image": img, "mask": mask, "amount": edit.Number(0.5), "color": edit.Color{R: 255},
	}}
}

// boxesGraph answers every picture of 32×32 with two detections of class 0, at
// score 0.9 and 0.2, and one of class 1 at 0.8.
func boxesGraph() []byte {
	m := g.New("boxes")
	zero := m.Mul(m.ReduceMax(m.Input("image", g.Float, 1, 3, 32, 32), false, 0, 1, 2, 3), m.C(0))
	scores := m.Floats([]float32{0.1, 0.9, 0, 0.8, 0.2, 0, 0.2, 0, 0.8}, 1, 3, 3)
	boxes := m.Floats([]float32{0.1, 0.1, 0.5, 0.5, 0.6, 0.6, 0.8, 0.8, 0.7, 0.1, 1.2, 0.4}, 1, 3, 4)
	m.Output("scores", m.Add(scores, zero), g.Float, 1, 3, 3)
	m.Output("boxes", m.Add(boxes, zero), g.Float, 1, 3, 4)
	return m.Model()
}

// boxesSpec describes boxesGraph: dogs and cats.
func boxesSpec(src edit.ModelSource) *edit.ToolSpec {
	labels := edit.NewLabels([]string{"dog", "cat"}, map[string][]string{"dog": {"hound"}}, []string{"object"})
	s := imageSpec(src)
	s.Inputs = []edit.Port{{Name: "image", Kind: edit.KindImage}, {Name: "object", Kind: edit.KindText}}
	s.Outputs = []edit.Port{{Name: "boxes", Kind: edit.KindBoxes}}
	s.Preserves = []edit.Preserve{edit.PreserveImage}
	s.Accepts = map[string]edit.Accept{"object": {Labels: labels}}
	s.Runtime.ONNX.Input = edit.TensorInput{Width: 32, Height: 32, Fit: "stretch", Scale: 1}
	s.Runtime.ONNX.Decode = edit.Decode{
		Kind: "boxes", Outputs: []string{"scores", "boxes"}, Channel: 1, Score: 0.3, NMS: 0.5, Labels: labels,
		Precision: [][2]float64{{0.5, 0.5}, {1, 1}},
	}
	return s
}
