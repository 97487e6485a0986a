package farm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
)

// Folder is a Storage in a directory that all machines mount.
type Folder string

// String implements fmt.Stringer.
func (f Folder) String() string { return string(f) }

// Stat implements Storage.
func (f Folder) Stat(_ context.Context, name string) (Object, error) {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return Object{}, err
	}
	return Object{name, info.Size(), info.ModTime()}, nil
}

// Get implements Storage.
func (f Folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

// Put implements Storage.
func (f Folder) Put(ctx context.Context, name string, c Content) error {
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o750); err != nil {
		return err
	}
	return imageio.WriteFile(ctx, f.path(name), func(w io.Writer) error {
		if _, err := c.From.Seek(0, io.SeekStart); err != nil {
			return err
		}
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, h), ctxio.Reader(ctx, c.From)); err != nil {
			return err
		}
		if hex.EncodeToString(h.Sum(nil)) != c.Sum {
			return errChanged
		}
		return nil
	})
}

// List implements Storage. It tells what writers that were killed left behind, too.
func (f Folder) List(ctx context.Context, folder string, tell func(Object) error) error {
	err := filepath.WalkDir(f.path(folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		name, nameErr := filepath.Rel(string(f), path)
		if err = errors.Join(err, nameErr); err != nil {
			return err
		}
		return tell(Object{filepath.ToSlash(name), info.Size(), info.ModTime()})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove implements Storage.
func (f Folder) Remove(_ context.Context, name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// OpenFolder makes the folder where there is none and sees that it can be written to.
func OpenFolder(ctx context.Context, dir string) (Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	f := Folder(dir)
	if err := f.Put(ctx, "README", contentOf([]byte(readme))); err != nil {
		return "", &edit.UserError{Msg: "the storage " + dir + " cannot be written to", Err: err, Hint: "name another by --storage"}
	}
	return f, nil
}
