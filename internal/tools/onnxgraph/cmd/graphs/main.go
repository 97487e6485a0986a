// Command graphs writes the ONNX graphs that ship with the program into a folder.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"pentimento/internal/tools/onnxgraph"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: graphs FOLDER")
		os.Exit(2)
	}
	for name, build := range onnxgraph.Shipped() {
		file := filepath.Join(os.Args[1], name)
		if err := os.WriteFile(file, build(), 0o644); err != nil { //nolint:gosec // a source file of the repository
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
