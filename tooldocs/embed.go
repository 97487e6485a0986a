// Package tooldocs carries the tool docs that ship with the program, their
// class lists and the small models that some of them run.
package tooldocs

import "embed"

// FS holds NAME.md, labels/NAME.txt and models/NAME.onnx.
//
//go:embed *.md labels/*.txt models
var FS embed.FS
