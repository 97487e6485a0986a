package tooldoc

import (
	"io/fs"
	"testing"

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
