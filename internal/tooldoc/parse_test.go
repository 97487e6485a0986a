package tooldoc

import (
	"io/fs"
	"iter"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"pentimento/internal/edit"
	"pentimento/tooldocs"
)

// shippedLabels reads labels from the embedded docs.
func shippedLabels(file string) ([]byte, error) { return fs.ReadFile(tooldocs.FS, "labels/"+file) }

const yoloxDoc = `---
name: yolox-nano
title: YOLOX-Nano detector
description: Finds the 80 COCO object classes in a photo. Use for common objects; not for stuff such as sky or wall.
license: Apache-2.0
quality: 0.82
tasks:
  - {task: object-detection, quality: 0.82, words: [detect, find, locate, spot, where is]}
inputs:  {image: image, object: text}
outputs: {boxes: boxes}
preserves: [image]
accepts:
  object: {labels: coco-80.txt}
cost: {seconds: 0.03, per-megapixel: 0.0, usd: 0}
deterministic: true
network: false
max-pixels: 0
runtime:
  kind: onnx
  models:
    - {file: yolox_nano.onnx, url: "https://example.org/yolox_nano.onnx", origin: "release 0.1.1rc0", sha256: c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d, bytes: 3659407, license: Apache-2.0}
    - {file: yolox_nano_416.onnx, origin: "another export", sha256: 695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14, bytes: 3660092, license: Apache-2.0}
  input: {size: 416, fit: letterbox, pad: 114, anchor: top-left, layout: nchw, order: bgr, scale: 1.0}
  decode: {kind: yolox, strides: [8, 16, 32], score: 0.3, nms: 0.45, labels: coco-80.txt, precision: [[0.3, 0.5], [0.9, 0.98]]}
variants: [{score: 0.15}]
examples:
  - {request: find the dogs, task: object-detection, arguments: {object: dogs}}
---
Prose.
`

func TestParseONNX(t *testing.T) {
	s, err := Parse("tooldocs/yolox-nano.md", []byte(yoloxDoc), shippedLabels)
	if err != nil {
		t.Fatal(err)
	}
	o := s.Runtime.ONNX
	if len(o.Models) != 1 || len(o.Models[0].Accept) != 2 || o.Input.Width != 416 || o.Input.Height != 416 ||
		o.Input.Order != "bgr" || o.Decode.Labels == nil || len(o.Decode.Labels.Names) != 80 || len(s.Digest) != 64 {
		t.Errorf("read as %+v", o)
	}
	if !s.Deterministic || s.Prose != "Prose." || s.Tasks[0].Words[4] != "where is" || s.Variants[0]["score"] != 0.15 {
		t.Errorf("read as %+v", s)
	}
}

// A field that the runtime reads and no doc could set would be dead.
func TestEveryFieldOfTheSpecCanBeWritten(t *testing.T) {
	elsewhere := map[string]string{
		"Multi": "multiple", "NMS": "nms", "URL": "url", "SHA256": "sha256", "USD": "usd", "Accept": "models", "Part": "part",
		"Prose": "", "Path": "", "Digest": "", "Source": "", // not of the front matter
		"Builtin": "", "ONNX": "", "Outside": "", "LLM": "", // by kind
	}
	for _, pair := range [][2]any{
		{edit.ToolSpec{}, frontMatter{}},
		{edit.TaskClaim{}, taskClaim{}},
		{edit.Accept{}, acceptDoc{}},
		{edit.Cost{}, costDoc{}},
		{edit.Example{}, exampleDoc{}},
		{edit.Runtime{}, runtimeDoc{}},
		{edit.BuiltinRuntime{}, runtimeDoc{}},
		{edit.OutsideRuntime{}, runtimeDoc{}},
		{edit.LLMRuntime{}, runtimeDoc{}},
		{edit.ONNXRuntime{}, runtimeDoc{}},
		{edit.ModelSource{}, modelDoc{}},
		{edit.TensorInput{}, inputDoc{}},
		{edit.ExtraInput{}, extraDoc{}},
		{edit.Decode{}, decodeDoc{}},
		{edit.Tile{}, tileDoc{}},
	} {
		keys := make(map[string]bool)
		for f := range fieldsOf(pair[1]) {
			keys[f.Tag.Get("yaml")] = true
		}
		for f := range fieldsOf(pair[0]) {
			key, other := elsewhere[f.Name]
			if !other {
				key = kebab(f.Name)
			}
			if key != "" && !keys[key] {
				t.Errorf("%T.%s: no field %q in %T", pair[0], f.Name, key, pair[1])
			}
		}
	}
}

func fieldsOf(v any) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range reflect.TypeOf(v).NumField() {
			if !yield(reflect.TypeOf(v).Field(i)) {
				return
			}
		}
	}
}

func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Each field that Parse reads arrives in the spec.
func TestParseKeepsEveryValue(t *testing.T) {
	src := `---
name: all
title: All fields
description: Uses every field. Use for the test; not for pictures.
license: MIT
inputs: {image: image, hole: mask, amount: number}
outputs: {image: image}
tasks: [{task: fill, quality: 0.5, words: [fill]}]
preserves: [size, outside-mask, alpha]
accepts: {amount: {min: 0, max: 2, default: 1, unit: times, words: {twice: 2}}}
cost: {seconds: 1, per-megapixel: 2, usd: 3}
deterministic: false
network: true
max-pixels: 1000000
tileable: true
runtime:
  kind: onnx
  models:
    - {part: net, file: a.onnx, url: "https://example.org/a", origin: o, sha256: c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d, bytes: 5, license: L, embedded: true, tensor: {x: y}}
    - {part: net, file: b.onnx, origin: p, sha256: d789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d, bytes: 6, license: M}
    - {part: head, file: h.onnx, origin: o, sha256: f789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d, bytes: 8, license: L}
    - {part: words, role: vocab, file: c.txt, origin: q, sha256: e789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d, bytes: 7, license: N}
  input: {name: i, fit: short-side, side: 256, limit: long, pad: 1, anchor: top-left, edge: reflect, multiple: 32, border: 7, layout: nhwc, order: bgr, scale: 0.5, mean: [1], std: [1, 2, 3], type: uint8}
  extra:
    - {tensor: m, from: hole, scale: 0.25, invert: true, binary: true, type: uint8}
    - {tensor: s, value: [1, 2], shape: [1, 2]}
    - {tensor: e, part: head, output: f}
    - {tensor: n, part: head, as: size}
  decode: {kind: image, outputs: [o], strides: [4], score: 0.1, nms: 0.2, channel: 3, range: 255, layout: nhwc, upscale: 2, softmax: true, sigmoid: true, stretch: true, unclip: 1.5, box-score: 0.4, chroma: true, detail: true, precision: [[0, 0], [1, 1]], labels: face.txt, charset: ppocr-en.txt}
  whole-image: true
  tile: {size: 256, overlap: 16}
  crop: {around: hole, margin: 0.5, least: 512}
  optimize: basic
examples: [{request: fill it, arguments: {amount: 1.5}}]
---
`
	spec, err := Parse("all.md", []byte(src), shippedLabels)
	if err != nil {
		t.Fatal(err)
	}
	o := *spec.Runtime.ONNX
	if len(o.Decode.Labels.Names) != 1 || len(o.Decode.Charset) != 95 {
		t.Errorf("lists: %v, %d characters", o.Decode.Labels, len(o.Decode.Charset))
	}
	o.Decode.Labels, o.Decode.Charset = nil, nil
	one := func(v float64) *float64 { return &v }
	spec.Runtime.ONNX, spec.Digest, spec.Path, spec.Source = nil, "", "", ""
	wantSpec := edit.ToolSpec{
		Name: "all", Title: "All fields", Description: "Uses every field. Use for the test; not for pictures.", License: "MIT", Quality: 0.5,
		Tasks:     []edit.TaskClaim{{Task: "fill", Quality: 0.5, Words: []string{"fill"}}},
		Inputs:    []edit.Port{{Name: "amount", Kind: edit.KindNumber}, {Name: "hole", Kind: edit.KindMask}, {Name: "image", Kind: edit.KindImage}},
		Outputs:   []edit.Port{{Name: "image", Kind: edit.KindImage}},
		Preserves: []edit.Preserve{edit.PreserveAlpha, edit.PreserveOutsideMask, edit.PreserveSize},
		Accepts:   map[string]edit.Accept{"amount": {Min: one(0), Max: one(2), Default: one(1), Unit: "times", Words: map[string]float64{"twice": 2}}},
		Cost:      edit.Cost{Seconds: 1, PerMegapixel: 2, USD: 3}, Network: true, MaxPixels: 1000000, Tileable: true,
		Examples: []edit.Example{{Request: "fill it", Task: "fill", Arguments: map[string]any{"amount": 1.5}}},
		Runtime:  edit.Runtime{Kind: "onnx"},
	}
	if diff := cmp.Diff(wantSpec, spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	sum := "789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d"
	wantONNX := edit.ONNXRuntime{
		Models: []edit.ModelFile{
			{Part: "net", Role: "graph", Accept: []edit.ModelSource{
				{File: "a.onnx", URL: "https://example.org/a", Origin: "o", SHA256: "c" + sum, Bytes: 5, License: "L", Embedded: true, Tensor: map[string]string{"x": "y"}},
				{File: "b.onnx", Origin: "p", SHA256: "d" + sum, Bytes: 6, License: "M"},
			}},
			{Part: "head", Role: "graph", Accept: []edit.ModelSource{{File: "h.onnx", Origin: "o", SHA256: "f" + sum, Bytes: 8, License: "L"}}},
			{Part: "words", Role: "vocab", Accept: []edit.ModelSource{{File: "c.txt", Origin: "q", SHA256: "e" + sum, Bytes: 7, License: "N"}}},
		},
		Input: edit.TensorInput{
			Name: "i", Fit: "short-side", Side: 256, Limit: "long", Pad: 1, Anchor: "top-left", Edge: "reflect", Multi: 32, Border: 7,
			Layout: "nhwc", Order: "bgr", Scale: 0.5, Mean: []float64{1}, Std: []float64{1, 2, 3}, Type: "uint8",
		},
		Extra: []edit.ExtraInput{
			{Tensor: "m", From: "hole", Scale: 0.25, Invert: true, Binary: true, Type: "uint8"},
			{Tensor: "s", Value: []float64{1, 2}, Shape: []int64{1, 2}, Scale: 1, Type: "float32"},
			{Tensor: "e", Part: "head", Output: "f", Scale: 1, Type: "float32"},
			{Tensor: "n", Part: "head", As: "size", Scale: 1, Type: "float32"},
		},
		Decode: edit.Decode{
			Kind: "image", Outputs: []string{"o"}, Strides: []int{4}, Score: 0.1, NMS: 0.2, Channel: 3, Range: 255, Layout: "nhwc", Upscale: 2,
			Softmax: true, Sigmoid: true, Stretch: true, Unclip: 1.5, BoxScore: 0.4, Chroma: true, Detail: true, Precision: [][2]float64{{0, 0}, {1, 1}},
		},
		WholeImage: true, Tile: &edit.Tile{Size: 256, Overlap: 16},
		Crop: &edit.Crop{Around: "hole", Margin: 0.5, Least: 512}, Optimize: "basic",
	}
	if diff := cmp.Diff(wantONNX, o); diff != "" {
		t.Errorf("runtime (-want +got):\n%s", diff)
	}
}
