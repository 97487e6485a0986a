package onnx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	ort "github.com/yalue/onnxruntime_go"
	"google.golang.org/protobuf/encoding/protowire"
)

// field appends a length-delimited field.
func field(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

func number(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

// external is a TensorProto whose data lie in another file.
func external(path string) []byte {
	t := field(nil, tensorName, []byte("w"))
	entry := field(field(nil, 1, []byte("location")), 2, []byte(path))
	return number(field(t, tensorExternal, entry), tensorLocation, 1)
}

// graphWith is a graph that holds one field beside a plain output.
func graphWith(num protowire.Number, v []byte) []byte {
	return field(field(nil, num, v), graphOutput, field(nil, valueName, []byte("out")))
}

func modelWith(num protowire.Number, v []byte) []byte {
	return field(field(number(nil, 1, 8), num, v), modelGraph, graphWith(2, []byte("main")))
}

func TestInspectRefusesExternalData(t *testing.T) {
	ext := external("../secret")
	attribute := func(num protowire.Number, v []byte) []byte { return field(nil, nodeAttr, field(nil, num, v)) }
	deep := graphWith(graphInitializer, ext)
	for range maxNesting - 1 {
		deep = graphWith(graphNode, attribute(attrGraph, deep))
	}
	cases := map[string][]byte{
		"initialiser":                 modelWith(modelGraph, graphWith(graphInitializer, ext)),
		"absolute path":               modelWith(modelGraph, graphWith(graphInitializer, external("/etc/passwd"))),
		"sparse initialiser, values":  modelWith(modelGraph, graphWith(graphSparse, field(nil, sparseValues, ext))),
		"sparse initialiser, indices": modelWith(modelGraph, graphWith(graphSparse, field(nil, sparseIndices, ext))),
		"attribute of a node":         modelWith(modelGraph, graphWith(graphNode, attribute(attrTensor, ext))),
		"list attribute":              modelWith(modelGraph, graphWith(graphNode, attribute(attrTensors, ext))),
		"sparse attribute":            modelWith(modelGraph, graphWith(graphNode, attribute(attrSparse, field(nil, sparseValues, ext)))),
		"subgraph":                    modelWith(modelGraph, graphWith(graphNode, attribute(attrGraph, graphWith(graphInitializer, ext)))),
		"subgraph in a list":          modelWith(modelGraph, graphWith(graphNode, attribute(attrGraphs, graphWith(graphSparse, field(nil, sparseValues, ext))))),
		"deep subgraph":               modelWith(modelGraph, deep),
		"function":                    modelWith(modelFunctions, field(nil, functionNode, attribute(attrTensor, ext))),
		"function attribute":          modelWith(modelFunctions, field(nil, functionAttr, field(nil, attrTensor, ext))),
		"training graph":              modelWith(modelTraining, field(nil, trainingInit, graphWith(graphInitializer, ext))),
		"location without entries":    modelWith(modelGraph, graphWith(graphInitializer, number(nil, tensorLocation, 1))),
		"entries without location":    modelWith(modelGraph, graphWith(graphInitializer, field(nil, tensorExternal, nil))),
		"second graph field":          append(modelWith(modelGraph, graphWith(2, nil)), field(nil, modelGraph, graphWith(graphInitializer, ext))...),
	}
	for name, model := range cases {
		if _, err := inspect(model); err == nil || !strings.Contains(err.Error(), "in another file") {
			t.Errorf("%s: %v, want a refusal of external data", name, err)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	good := sameGraph()
	deep := graphWith(2, nil)
	for range maxNesting + 2 {
		deep = graphWith(graphNode, field(nil, nodeAttr, field(nil, attrGraph, deep)))
	}
	cases := []struct {
		name  string
		model []byte
		has   string
	}{
		{"empty", nil, "is empty"},
		{"text", []byte("version https://git-lfs.github.com/spec/v1\n"), "is no ONNX model"},
		{"cut short", good[:len(good)/2], "cut short"},
		{"no graph", number(nil, 1, 8), "holds no graph"},
		{"ORT format", []byte("\x1c\x00\x00\x00ORTM\x00\x00"), "ORT format"},
		{"context of another engine", modelWith(modelGraph, graphWith(graphNode, field(nil, nodeOp, []byte("EPContext")))), "EPContext"},
		{"endless nesting", modelWith(modelGraph, deep), "nested deeper"},
	}
	for _, c := range cases {
		if _, err := inspect(c.model); err == nil || !strings.Contains(err.Error(), c.has) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.has)
		}
	}
	for cut := range len(good) - 4 { // the last field, of 4 bytes, follows the graph
		if _, err := inspect(good[:cut]); err == nil {
			t.Errorf("a model cut to %d of %d bytes passed", cut, len(good))
			break
		}
	}
}

func TestInspectReadsTheSignature(t *testing.T) {
	sig, err := inspect(paintGraph())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range append(sig.Inputs, sig.Outputs...) {
		got = append(got, in.String())
	}
	want := "image float32[1 3 -1 -1] mask float32[1 1 -1 -1] amount float32[1] color float32[1 3 1 1] out float32[1 3 -1 -1]"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// Weights that old models list among the inputs are none.
func TestInspectLeavesOutWeights(t *testing.T) {
	weight := field(nil, tensorName, []byte("w"))
	info := func(name string) []byte { return field(nil, valueName, []byte(name)) }
	graph := field(field(field(nil, graphInput, info("x")), graphInput, info("w")), graphInitializer, weight)
	sig, err := inspect(field(nil, modelGraph, graph))
	if err != nil || len(sig.Inputs) != 1 || sig.Inputs[0].Name != "x" {
		t.Errorf("inputs %v, %v; want x alone", sig.Inputs, err)
	}
}

// TestInspectAgreesWithTheLibrary compares with what ONNX Runtime says of every shared model.
func TestInspectAgreesWithTheLibrary(t *testing.T) {
	files, err := filepath.Glob(shared(t, "models", "*.onnx"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d models, %v", len(files), err)
	}
	if err := newRunner(t, "").Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		model, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := inspect(model)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		ins, outs, err := ort.GetInputOutputInfoWithONNXData(model)
		if err != nil {
			t.Fatal(err)
		}
		sameInfo(t, f, sig.Inputs, ins)
		sameInfo(t, f, sig.Outputs, outs)
	}
}

func sameInfo(t *testing.T, file string, got []tensorInfo, want []ort.InputOutputInfo) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, the library says %v", filepath.Base(file), got, want)
		return
	}
	for i, w := range want {
		rank := len(w.Dimensions)
		if got[i].Name != w.Name || int(got[i].Elem) != int(w.DataType) || got[i].Ranked && len(got[i].Dims) != rank {
			t.Errorf("%s: %v, the library says %v", filepath.Base(file), got[i], &w)
			continue
		}
		for k, d := range got[i].Dims { // the library infers more than the file declares
			if d > 0 && d != w.Dimensions[k] {
				t.Errorf("%s: %v, the library says %v", filepath.Base(file), got[i], &w)
			}
		}
	}
}

func FuzzInspect(f *testing.F) {
	for _, seed := range [][]byte{sameGraph(), paintGraph(), modelWith(modelGraph, graphWith(graphInitializer, external("x")))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		if sig, err := inspect(model); err != nil && len(sig.Inputs)+len(sig.Outputs) > 0 {
			t.Errorf("both %v and %v", sig, err)
		}
	})
}
