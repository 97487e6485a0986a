package onnxgraph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

// TestShippedFilesAreUpToDate fails when the generator changed and `go
// generate ./internal/tools/onnxgraph` was not run, or the docs do not name the new bytes.
func TestShippedFilesAreUpToDate(t *testing.T) {
	set, errs := tooldoc.Load(tooldocs.FS)
	for _, err := range errs {
		t.Fatal(err)
	}
	docs := map[string]string{"recolor.onnx": "recolor-onnx", "smooth-fill.onnx": "smooth-fill-onnx"}
	for file, build := range Shipped() {
		t.Run(file, func(t *testing.T) {
			want := build()
			if !bytes.Equal(want, build()) {
				t.Fatal("two builds differ")
			}
			got, err := tooldocs.FS.ReadFile("models/" + file)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("tooldocs/models/%s differs from what the generator makes (%v); run go generate ./internal/tools/onnxgraph", file, err)
			}
			spec, ok := set.Get(docs[file])
			if !ok {
				t.Fatalf("there is no tool doc %s", docs[file])
			}
			src := spec.Runtime.ONNX.Models[0].Accept[0]
			if sum := sha256.Sum256(want); src.SHA256 != hex.EncodeToString(sum[:]) || src.Bytes != int64(len(want)) || !src.Embedded {
				t.Errorf("tool doc %s: sha256 %s, %d bytes, embedded %v; the file has %s, %d", spec.Name, src.SHA256, src.Bytes, src.Embedded, hex.EncodeToString(sum[:]), len(want))
			}
		})
	}
}

func TestConstantsAreShared(t *testing.T) {
	g := New("g")
	if a, b := g.C(0.5), g.C(0.5); a != b {
		t.Errorf("equal constants are stored as %s and %s", a, b)
	}
	if a, b := g.C(1), g.I(1); a == b {
		t.Error("constants of two types share a tensor")
	}
	if a, b := g.Floats([]float32{1, 2}, 2), g.Floats([]float32{1, 2}, 1, 2); a == b {
		t.Error("constants of two shapes share a tensor")
	}
}
