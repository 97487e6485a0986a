package onnx

import "testing"

func TestShippedDocsParse(t *testing.T) {
	specs, err := shippedSpecs()
	if err != nil {
		t.Error(err)
	}
	n := 0
	for name, s := range specs {
		if s.Runtime.ONNX == nil {
			continue
		}
		n++
		if _, err := runtimeOf(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n < 30 {
		t.Errorf("%d docs of kind onnx, want 30 or more", n)
	}
}
