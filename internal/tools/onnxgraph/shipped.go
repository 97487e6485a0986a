package onnxgraph

//go:generate go run ./cmd/graphs ../../../tooldocs/models

// Shipped are the graphs that ship in tooldocs/models, by file name.
func Shipped() map[string]func() []byte {
	return map[string]func() []byte{
		"recolor.onnx":     Recolor,
		"smooth-fill.onnx": SmoothFill,
	}
}
