package tooldoc

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Parse never panics, answers with Problems that are in order and bounded, and
// what it takes is well formed: it has a digest, ports and a runtime.
func FuzzParse(f *testing.F) {
	f.Add([]byte(yoloxDoc))
	f.Add(Template("yolox-nano", "builtin"))
	f.Add(Template("yolox-nano", "onnx"))
	files, err := filepath.Glob("testdata/problems/*.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		spec, err := Parse("yolox-nano.md", src, shippedLabels)
		if err == nil {
			if len(spec.Digest) != 64 || len(spec.Inputs) == 0 || len(spec.Outputs) == 0 || (spec.Runtime.Builtin == nil) == (spec.Runtime.ONNX == nil) {
				t.Errorf("taken as %+v", spec)
			}
			NewSet(spec).Lint(spec)
			return
		}
		var p *Problems
		if !errors.As(err, &p) || len(p.List) == 0 || len(p.List) > maxProblems+1 {
			t.Fatalf("error %v", err)
		}
		for i := 1; i < len(p.List)-1; i++ {
			if p.List[i].Line < p.List[i-1].Line {
				t.Errorf("line %d after line %d", p.List[i].Line, p.List[i-1].Line)
			}
		}
	})
}
