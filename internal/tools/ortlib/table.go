package ortlib

import (
	"fmt"

	"pentimento/internal/edit"
)

// moduleVersion carries ONNX Runtime 1.28.2 for every system of the table.
const moduleVersion = "v1.13.8"

// pin is one library file inside a Go module.
type pin struct {
	goos, goarch string
	module       string
	file         string // path inside the module
	sha256       string
	bytes        int64
}

// pins were read from the modules after the checksum database had passed them.
// The linux/amd64 file is also the one of an npm package of the same version:
// two channels, one checksum.
var pins = []pin{
	{
		"linux", "amd64", "github.com/k2-fsa/sherpa-onnx-go-linux", "lib/x86_64-unknown-linux-gnu/libonnxruntime.so",
		"4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e", 27026609,
	},
	{
		"linux", "arm64", "github.com/k2-fsa/sherpa-onnx-go-linux", "lib/aarch64-unknown-linux-gnu/libonnxruntime.so",
		"cfc800d4438f15e8d9017521326776ca7117d8783cb847ccccc2fc61ac4d540f", 34606912,
	},
	{
		"linux", "arm", "github.com/k2-fsa/sherpa-onnx-go-linux", "lib/arm-unknown-linux-gnueabihf/libonnxruntime.so",
		"4636872e9b50f985b7ecaa55a6829dee81bdb96f77010b5bc0a4059e51d872dc", 20617061,
	},
	{
		"darwin", "arm64", "github.com/k2-fsa/sherpa-onnx-go-macos", "lib/aarch64-apple-darwin/libonnxruntime.dylib",
		"b0613d0ae53199a83b05fa48e169211498e9d40d54beaa372068ebe5ec5b0929", 29006384,
	},
	{
		"darwin", "amd64", "github.com/k2-fsa/sherpa-onnx-go-macos", "lib/x86_64-apple-darwin/libonnxruntime.dylib",
		"2bf27180c09e6fd3f407c9ab25205ebf1ff95f2d53bfa35e35409b5849e0ac70", 32315856,
	},
	{
		"windows", "amd64", "github.com/k2-fsa/sherpa-onnx-go-windows", "lib/x86_64-pc-windows-gnu/onnxruntime.dll",
		"7f66f939a881baf4f46a2216496798edf4a1429878b646d12674aa62f27d8a25", 17799168,
	},
	{
		"windows", "arm64", "github.com/k2-fsa/sherpa-onnx-go-windows", "lib/aarch64-pc-windows-gnu/onnxruntime.dll",
		"968d081836cad9af537105f59e34d4997bca2ce6d78ff39d3e47660620e8a642", 17635328,
	},
}

func pinFor(goos, goarch string) (pin, error) {
	for _, p := range pins {
		if p.goos == goos && p.goarch == goarch {
			return p, nil
		}
	}
	return pin{}, &edit.UserError{
		Msg:  fmt.Sprintf("there is no ready ONNX Runtime library for %s/%s", goos, goarch),
		Hint: "name your own with --ort-lib FILE or " + EnvLib,
	}
}
