package tooldoc

import "testing"

func TestTemplatesAreValidDocs(t *testing.T) {
	for _, kind := range []string{"builtin", "onnx"} {
		src := Template("my-tool", kind)
		spec, err := Parse("my-tool.md", src, nil)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if spec.Name != "my-tool" || spec.Runtime.Kind != kind {
			t.Errorf("%s: read as %s of kind %s", kind, spec.Name, spec.Runtime.Kind)
		}
		for _, w := range NewSet().Lint(spec) {
			if kind == "builtin" || w.Field != "runtime.models" {
				t.Errorf("%s: %s", kind, w)
			}
		}
	}
	if _, err := Parse("Bad Name.md", Template("Bad Name", "onnx"), nil); err == nil {
		t.Error("a template with a bad name was taken")
	}
}
