// Package ortlib finds or installs the shared library of ONNX Runtime.
//
// The library is not linked: it is loaded at run time, so that a person may
// bring a build for another device. Without one, Install takes the CPU build
// that three Go modules carry: the go command fetches the module and checks it
// against the checksum database, and the file's own sha256 must equal the one
// pinned here before it is copied into the user's cache.
package ortlib

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"pentimento/internal/edit"
)

// Version is the version of ONNX Runtime that Install installs.
const Version = "1.28.2"

// EnvLib names the environment variable that holds the path of a library to use.
const EnvLib = "PENTIMENTO_ORT_LIB"

// envCache is the variable that moves the program's cache folder.
const envCache = "PENTIMENTO_CACHE"

// fixHint is what to do when no library is at hand.
const fixHint = "install it with: agent doctor --fix"

// Source says where a library was found.
type Source string

// The places Find looks in, in this order.
const (
	FromFlag  Source = "flag"
	FromEnv   Source = "environment"
	FromCache Source = "cache"
)

// Options say where to look and what to install. The zero value looks for this
// machine's library in the user's cache.
type Options struct {
	// Lib is the file the person named (--ort-lib); it is used or refused, never passed over.
	Lib string
	// CacheDir is the program's cache folder; empty: $PENTIMENTO_CACHE, else
	// "pentimento" in the user's cache folder.
	CacheDir string
	// Env reads environment variables; nil: the process's own.
	Env func(string) string
	// Download fetches a Go module version and returns its folder; nil: the go command.
	Download func(ctx context.Context, module, version string) (dir string, err error)
	// Notify, when not nil, is told in one line what Install does.
	Notify func(line string)
	// GOOS and GOARCH are the system the library is for; empty: this one.
	GOOS, GOARCH string
}

// Find returns the path of the library to load and where it was found: the file
// the person named, else the one of $PENTIMENTO_ORT_LIB, else the one in the
// cache. A file that was named and does not serve is an error, never a reason
// to look further. All errors are *edit.UserError. It reads only file headers.
func Find(_ context.Context, o Options) (path string, source Source, err error) {
	o = o.filled()
	named := []struct {
		path string
		by   string
		src  Source
	}{{o.Lib, "--ort-lib", FromFlag}, {o.Env(EnvLib), EnvLib, FromEnv}}
	for _, n := range named {
		if n.path == "" {
			continue
		}
		abs, err := filepath.Abs(n.path)
		if err != nil {
			return "", "", fmt.Errorf("ONNX Runtime library %s: %w", n.path, err)
		}
		if err := checkFile(abs, o.GOOS, o.GOARCH); err != nil {
			return "", "", &edit.UserError{
				Msg: fmt.Sprintf("ONNX Runtime library %s, given by %s", n.path, n.by), Err: err,
				Hint: "name a libonnxruntime of version " + Version + " or newer for this system, or leave it out",
			}
		}
		return abs, n.src, nil
	}
	pin, err := pinFor(o.GOOS, o.GOARCH)
	if err != nil {
		return "", "", err
	}
	path, err = o.cached(pin)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "", &edit.UserError{Msg: "ONNX Runtime's library is not installed", Hint: fixHint}
	case err != nil:
		return "", "", &edit.UserError{Msg: "ONNX Runtime's library cannot be read", Err: err, Hint: fixHint}
	case info.Size() != pin.bytes:
		return "", "", &edit.UserError{
			Msg:  fmt.Sprintf("ONNX Runtime's library %s has %d bytes, want %d", path, info.Size(), pin.bytes),
			Hint: fixHint,
		}
	}
	return path, FromCache, nil
}

func (o Options) filled() Options {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.GOOS == "" {
		o.GOOS = runtime.GOOS
	}
	if o.GOARCH == "" {
		o.GOARCH = runtime.GOARCH
	}
	if o.Download == nil {
		o.Download = goModDownload
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	return o
}

// cached is where the cache holds the pinned library. The checksum is part of
// the path, so a new pin never meets an old file.
func (o Options) cached(p pin) (string, error) {
	dir := o.CacheDir
	if dir == "" {
		dir = o.Env(envCache)
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", &edit.UserError{Msg: "there is no cache folder", Err: err, Hint: "set " + envCache}
		}
		dir = filepath.Join(user, "pentimento")
	}
	return filepath.Join(dir, "ort", p.sha256, filepath.Base(p.file)), nil
}
