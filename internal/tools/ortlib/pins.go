//go:build ortlib

package ortlib

// These imports keep the lines of go.mod and go.sum that Install relies on. The
// build tag is never set: the packages' cgo directives would link the program
// against files in the module cache.
import (
	_ "github.com/k2-fsa/sherpa-onnx-go-linux"
	_ "github.com/k2-fsa/sherpa-onnx-go-macos"
	_ "github.com/k2-fsa/sherpa-onnx-go-windows"
)
