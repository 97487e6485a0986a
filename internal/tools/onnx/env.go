package onnx

import (
	"fmt"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"pentimento/internal/edit"
	"pentimento/internal/tools/ortlib"
)

// library is the one ONNX Runtime a process can load. It stays loaded until the
// process ends: sessions of several runners may hang on it.
var library struct {
	sync.Mutex
	path string // empty: none loaded
}

// loadLibrary loads the shared library at path, or finds it loaded.
func loadLibrary(path string) error {
	library.Lock()
	defer library.Unlock()
	if library.path == path {
		return nil
	}
	if library.path != "" {
		return &edit.UserError{
			Msg:  fmt.Sprintf("cannot load %s: %s is loaded already", path, library.path),
			Hint: "use one ONNX Runtime library for the whole run",
		}
	}
	ort.SetSharedLibraryPath(path)
	// Fatal: a provider that cannot be had is reported by us, in one line, not by the library in several.
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		hint := "check it with: agent doctor"
		if strings.Contains(err.Error(), "API base") {
			hint = "it is too old: use ONNX Runtime " + ortlib.Version + " or newer"
		}
		return &edit.UserError{Msg: "cannot load ONNX Runtime's library " + path, Err: err, Hint: hint}
	}
	_ = ort.DisableTelemetry() // builds without any answer with an error
	library.path = path
	return nil
}
