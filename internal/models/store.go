// Package models keeps the model files that tool docs name: it finds and
// verifies them, lists them, and fetches them from a mirror folder or from
// their public origin. A file is used only when its size and sha256 are those
// of the doc.
package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"pentimento/internal/edit"
)

// Store is the model folders of this machine. It is safe for concurrent use.
type Store struct {
	// Dirs are searched in order. The first is where models are put; it is made when it is needed.
	Dirs []string
	// Embedded holds models/NAME for the files that ship with the program; may be nil.
	Embedded fs.FS

	mu     sync.Mutex
	sums   map[string]stamp // by path; nil until the stamp file was read
	dirty  bool
	making sync.Mutex // one goroutine at a time writes embedded files
}

// MissingError says that no accepted file of a model part is at hand.
type MissingError struct {
	Part  string
	Files []string // the accepted names, public origin first
}

// Error implements error.
func (e *MissingError) Error() string {
	s := "model " + strings.Join(e.Files, " or ")
	if e.Part != "" {
		s += " (part " + e.Part + ")"
	}
	return s + " is not installed"
}

// WrongFileError says that a file is there under the right name with other bytes.
type WrongFileError struct {
	Path                string
	WantBytes, GotBytes int64
	Want, Got           string // sha256; Got is empty where the size alone told
	LFSPointer          bool   // the file is a Git LFS pointer
}

// Error implements error.
func (e *WrongFileError) Error() string {
	switch {
	case e.LFSPointer:
		return fmt.Sprintf("%s is a Git LFS pointer of %d bytes, not the model: fetch the object itself (git lfs pull)", e.Path, e.GotBytes)
	case e.Got == "":
		return fmt.Sprintf("%s has %d bytes, expected %d (sha256 %s)", e.Path, e.GotBytes, e.WantBytes, e.Want)
	}
	return fmt.Sprintf("%s has sha256 %s, expected %s", e.Path, e.Got, e.Want)
}

// Locate finds an accepted file of the part, verified by size and sha256. The
// error is a *MissingError when there is none, a *WrongFileError when all that
// is there has other bytes. A file is hashed once; after that its size and
// modification time vouch for it, also between processes.
func (s *Store) Locate(part edit.ModelFile) (path string, src edit.ModelSource, err error) {
	return s.LocateContext(context.Background(), part)
}

// LocateContext is Locate that stops hashing when ctx ends.
func (s *Store) LocateContext(ctx context.Context, part edit.ModelFile) (path string, src edit.ModelSource, err error) {
	defer s.saveStamps()
	return finder{
		dirs:     s.Dirs,
		check:    func(path string, src edit.ModelSource) error { return s.check(ctx, path, src) },
		embedded: func(src edit.ModelSource) (string, error) { return s.embedded(ctx, src) },
	}.find(part)
}

// Present is Locate without reading any model: it looks at names and sizes
// only, and takes embedded files as present.
func (s *Store) Present(part edit.ModelFile) error {
	_, _, err := s.glance().find(part)
	return err
}

// glance finds files by name and size alone.
func (s *Store) glance() finder {
	return finder{
		dirs: s.Dirs,
		check: func(path string, src edit.ModelSource) error {
			_, err := checkSize(path, src)
			return err
		},
		embedded: func(src edit.ModelSource) (string, error) {
			if s.Embedded == nil {
				return "", errNoEmbedded(src)
			}
			return "", nil
		},
	}
}

// finder walks over the places where a model part may be.
type finder struct {
	dirs     []string
	check    func(path string, src edit.ModelSource) error // fs.ErrNotExist: not there
	embedded func(src edit.ModelSource) (path string, err error)
}

func (f finder) find(part edit.ModelFile) (string, edit.ModelSource, error) {
	var wrong []error
	missing := &MissingError{Part: part.Part}
	for _, src := range part.Accept {
		if err := safeName(src.File); err != nil {
			return "", edit.ModelSource{}, err
		}
		missing.Files = append(missing.Files, src.File)
		for _, dir := range f.dirs {
			path := filepath.Join(dir, src.File)
			err := f.check(path, src)
			if err == nil {
				return path, src, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				wrong = append(wrong, err)
			}
		}
		if !src.Embedded {
			continue
		}
		path, err := f.embedded(src)
		if err == nil {
			return path, src, nil
		}
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return "", edit.ModelSource{}, errors.Join(wrong...)
	}
	return "", edit.ModelSource{}, missing
}

func errNoEmbedded(src edit.ModelSource) error {
	return edit.Userf("model %s should ship with the program, and this build has no models", src.File)
}

// safeName refuses names that would leave the models folder. Tool docs cannot
// hold such names; a spec made elsewhere could.
func safeName(file string) error {
	if file == "" || file != filepath.Base(file) || !filepath.IsLocal(file) || strings.ContainsAny(file, `/\:`) {
		return edit.Userf("model file name %q is not a plain file name", file)
	}
	return nil
}

// checkSize compares what the file system says of path with src.
func checkSize(path string, src edit.ModelSource) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, edit.Userf("%s is no regular file", path)
	}
	if info.Size() != src.Bytes {
		return nil, &WrongFileError{
			Path: path, WantBytes: src.Bytes, GotBytes: info.Size(), Want: src.SHA256,
			LFSPointer: isPointerFile(path, info.Size()),
		}
	}
	return info, nil
}

// check verifies the file at path, from what is remembered of it where that still holds.
func (s *Store) check(ctx context.Context, path string, src edit.ModelSource) error {
	info, err := checkSize(path, src)
	if err != nil {
		return err
	}
	sum, err := s.sum(ctx, path, info)
	if err != nil {
		return err
	}
	if sum != src.SHA256 {
		return &WrongFileError{Path: path, WantBytes: src.Bytes, GotBytes: info.Size(), Want: src.SHA256, Got: sum}
	}
	return nil
}

// embedded writes a shipped file where the runtime can open it and returns its
// path. The folder is named by the checksum, so that versions of the program do
// not disturb each other.
func (s *Store) embedded(ctx context.Context, src edit.ModelSource) (string, error) {
	if s.Embedded == nil {
		return "", errNoEmbedded(src)
	}
	s.making.Lock()
	defer s.making.Unlock()
	if len(s.Dirs) == 0 || len(src.SHA256) < 16 {
		return "", edit.Userf("model %s ships with the program and there is no folder to write it to", src.File)
	}
	path := filepath.Join(s.Dirs[0], "embedded", src.SHA256[:16], src.File)
	if s.check(ctx, path, src) == nil {
		return path, nil
	}
	data, err := fs.ReadFile(s.Embedded, "models/"+src.File)
	if err != nil {
		return "", edit.Userf("model %s should ship with the program and does not", src.File)
	}
	if got := hashBytes(data); got != src.SHA256 || int64(len(data)) != src.Bytes {
		return "", &WrongFileError{Path: "embedded models/" + src.File, WantBytes: src.Bytes, GotBytes: int64(len(data)), Want: src.SHA256, Got: got}
	}
	if err := writeWhole(path, data); err != nil {
		return "", &edit.UserError{Msg: "cannot write the shipped model " + src.File, Err: err, Hint: "set PENTIMENTO_MODELS to a folder you can write to"}
	}
	return path, nil
}
