// Package onnx runs the tools whose docs say runtime kind onnx: any model by
// its doc alone, through ONNX Runtime's shared library loaded at run time.
//
// One run goes: locate and verify the model file, inspect its bytes (graph.go:
// nothing outside the file, declared tensors there), take a session from the
// pool (pool.go), fit the picture into the input tensor as declared (frame.go,
// fill.go), infer under the context (infer.go), and read the outputs with one
// of a fixed set of decoders (decode_*.go).
package onnx
