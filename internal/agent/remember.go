package agent

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/tools/ortlib"
)

// Remember opens the store of results and traces, unless nothing is to be kept.
// Without one an edit works all the same, and says what it does without.
func (k *Kit) Remember(ctx context.Context, emit func(edit.Event)) {
	if k.Options.Forget || k.Options.Dirs.Data == "" {
		return
	}
	err := k.OpenStore(ctx, func(n string) { emit(edit.Event{Type: edit.EventNotice, Message: n}) })
	if err != nil && ctx.Err() == nil {
		emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("nothing of this edit is remembered: %v", err)})
	}
}

// OpenStore gives the engine the store of the data folder, with the subroutines
// in it, once. notice is told of what cannot be read. Close closes it.
func (k *Kit) OpenStore(ctx context.Context, notice func(string)) error {
	if k.Engine.Store != nil {
		return nil
	}
	st, err := store.Open(ctx, k.Options.Dirs.Data, store.Options{CacheBytes: k.Options.CacheBytes, Notice: notice, Calls: k.Options.Calls})
	if err != nil {
		return err
	}
	k.Engine.Store, k.Engine.Fingerprint = st, k.fingerprint
	k.Engine.Subroutines = &subroutines.Table{Store: st, Notice: notice}
	return nil
}

// program tells this build from any other: results of another may differ.
var program = sync.OnceValue(func() string {
	id := runtime.GOOS + "/" + runtime.GOARCH
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			id += fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
		}
	}
	return id
})

// fingerprint tells apart what a tool may run on: the program, and for models
// their files, ONNX Runtime's library and the device.
func (k *Kit) fingerprint(ctx context.Context, spec *edit.ToolSpec) (string, error) {
	if spec.Runtime.ONNX == nil {
		return program(), nil
	}
	sums, err := k.modelSums(ctx, spec)
	if err != nil {
		return "", err
	}
	lib, _, err := ortlib.Find(ctx, k.ORT())
	if err != nil {
		return "", err
	}
	return strings.Join(append([]string{program(), lib, k.Options.Device}, sums...), " "), nil
}
