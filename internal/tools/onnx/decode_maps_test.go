package onnx

import (
	"math"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	g "pentimento/internal/tools/onnxgraph"
)

// mapsGraph answers a picture of 8×8 with three channels of logits: background
// on the left half, class 1 on the right, class 2 nowhere.
func mapsGraph() []byte {
	m := g.New("maps")
	zero := m.Mul(m.ReduceMax(m.Input("image", g.Float, 1, 3, 8, 8), true, 0, 1, 2, 3), m.C(0))
	v := make([]float32, 3*64)
	for i := range 64 {
		side := float32(i%8) - 3.5 // -3.5 .. 3.5
		v[i], v[64+i], v[128+i] = -side, side, -9
	}
	m.Output("out", m.Add(m.Floats(v, 1, 3, 8, 8), zero), g.Float, 1, 3, 8, 8)
	return m.Model()
}

func mapsSpec(src edit.ModelSource, kind string, out edit.Port) *edit.ToolSpec {
	s := imageSpec(src)
	s.Outputs, s.Preserves = []edit.Port{out}, []edit.Preserve{edit.PreserveImage}
	s.Runtime.ONNX.Input = edit.TensorInput{Width: 8, Height: 8, Fit: "stretch", Scale: 1}
	s.Runtime.ONNX.Decode = edit.Decode{
		Kind: kind, Layout: "nchw", Channel: 1, Softmax: true,
		Labels: edit.NewLabels([]string{"background", "dog", "cat"}, map[string][]string{"dog": {"hound"}}, nil),
	}
	return s
}

func TestClassesBecomeLayersWithAHalfWhereTheWinnerChanges(t *testing.T) {
	dir := t.TempDir()
	s := mapsSpec(source(t, dir, "maps.onnx", mapsGraph()), "classes", edit.Port{Name: "classes", Kind: edit.KindClasses})
	resp, err := newRunner(t, dir).Run(t.Context(), request(s, opaquePicture(160, 80)))
	if err != nil {
		t.Fatal(err)
	}
	c := resp.Outputs["classes"].(*pixel.Classes)
	if len(c.Layers) != 1 || c.Layers[0].Label != "dog" || len(c.Layers[0].Aliases) != 1 || c.Layers[0].Aliases[0] != "hound" {
		t.Fatalf("layers %v", c.Layers)
	}
	m := c.Layers[0].Mask
	for x := range 160 {
		v := int(m.At(x, 40))
		if x < 79 && v >= 128 || x > 80 && v < 127 {
			t.Errorf("column %d of 160 is %d: the border does not lie in the middle", x, v)
		}
		if x > 0 && v < int(m.At(x-1, 40)) {
			t.Errorf("column %d falls from %d to %d", x, m.At(x-1, 40), v)
		}
	}
}

func TestMatteIsTheSoftmaxOfItsChannel(t *testing.T) {
	dir := t.TempDir()
	s := mapsSpec(source(t, dir, "maps.onnx", mapsGraph()), "matte", edit.Port{Name: "foreground", Kind: edit.KindMask})
	resp, err := newRunner(t, dir).Run(t.Context(), request(s, opaquePicture(8, 8)))
	if err != nil {
		t.Fatal(err)
	}
	m := resp.Outputs["foreground"].(*pixel.Mask)
	for x := range 8 {
		want := 255 / (1 + math.Exp(-2*(float64(x)-3.5)))
		if d := math.Abs(float64(m.At(x, 3)) - want); d > 1.5 {
			t.Errorf("column %d is %d, want %.0f", x, m.At(x, 3), want)
		}
	}
}

// A map that is the same everywhere gives a plain mask, not one of zeros divided by zero.
func TestConstantMaps(t *testing.T) {
	v := volume{c: 2, h: 4, w: 4, sc: 16, sh: 4, sw: 1, t: tensorData{f: make([]float32, 32)}}
	for _, logits := range []bool{true, false} {
		odds, share := classOdds(v, logits)
		for _, p := range odds(1).V {
			if p != p || p < 0 || p > 1 {
				t.Errorf("odds of a constant map are %v", p)
			}
		}
		if share[0] != 1 {
			t.Errorf("shares %v, want all of the first", share)
		}
	}
}

func TestProbabilitiesAreToldFromLogits(t *testing.T) {
	make2 := func(a, b float32) volume {
		return volume{c: 2, h: 1, w: 1, sc: 1, sh: 1, sw: 1, t: tensorData{f: []float32{a, b}}}
	}
	for _, c := range []struct {
		v    volume
		want bool
	}{{make2(0.3, 0.7), true}, {make2(0.3, 0.9), false}, {make2(-1, 2), false}, {make2(0, 1), true}} {
		if got := isProbability(c.v); got != c.want {
			t.Errorf("%v: %v", c.v.t.f, got)
		}
	}
}
