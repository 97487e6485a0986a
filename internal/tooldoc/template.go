package tooldoc

import (
	_ "embed"
	"strings"
)

//go:embed templates/builtin.md
var builtinTemplate string

//go:embed templates/onnx.md
var onnxTemplate string

// Template returns a doc named name to start from, of runtime kind "builtin" or
// "onnx" (anything else is taken as builtin). It is valid when the name is.
func Template(name, kind string) []byte {
	text := builtinTemplate
	if kind == "onnx" {
		text = onnxTemplate
	}
	return []byte(strings.ReplaceAll(text, "NAME", name))
}
