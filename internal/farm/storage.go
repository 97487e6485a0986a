package farm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
)

// Storage is what the command and its workers share: whole files by name. Several processes write to it
// at once; a file appears under its name whole or not at all.
type Storage interface {
	Has(ctx context.Context, name string) (bool, error)
	// Get opens a file; the error is fs.ErrNotExist where there is none.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	Put(ctx context.Context, name string, write func(io.Writer) error) error
}

// Folder is a Storage in a directory that all machines mount.
type Folder string

// Has implements Storage.
func (f Folder) Has(_ context.Context, name string) (bool, error) {
	_, err := os.Stat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Get implements Storage.
func (f Folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

// Put implements Storage.
func (f Folder) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o750); err != nil {
		return err
	}
	return imageio.WriteFile(ctx, f.path(name), write)
}

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// OpenFolder makes the folder where there is none and sees that it can be written to.
func OpenFolder(ctx context.Context, dir string) (Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	f := Folder(dir)
	if err := f.Put(ctx, "README", func(w io.Writer) error {
		_, err := io.WriteString(w, "Pictures, results of calls and results of edits that a command and its workers share.\n"+
			"Nothing here is needed while no batch runs.\n")
		return err
	}); err != nil {
		return "", &edit.UserError{Msg: "the storage " + dir + " cannot be written to", Err: err, Hint: "name another by --storage"}
	}
	return f, nil
}

// blobName is where bytes lie that are known by their hash.
func blobName(hash string) string { return "blobs/" + hash[:min(2, len(hash))] + "/" + hash }

// putBlob keeps bytes under their sha256.
func putBlob(ctx context.Context, s Storage, b []byte) (hash string, err error) {
	sum := sha256.Sum256(b)
	hash = hex.EncodeToString(sum[:])
	if ok, err := s.Has(ctx, blobName(hash)); err != nil || ok {
		return hash, err
	}
	return hash, s.Put(ctx, blobName(hash), func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// getBlob returns bytes by their sha256; those of another are an error.
func getBlob(ctx context.Context, s Storage, hash string) ([]byte, error) {
	var b bytes.Buffer
	err := copyBlob(ctx, s, hash, &b)
	return b.Bytes(), err
}

// errDamaged says that what lies under a hash has another.
var errDamaged = errors.New("it is damaged")

func copyBlob(ctx context.Context, s Storage, hash string, w io.Writer) error {
	r, err := s.Get(ctx, blobName(hash))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), ctxio.Reader(ctx, r)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != hash {
		return fmt.Errorf("%s in the storage: %w", hash, errDamaged)
	}
	return nil
}

// putFile keeps a file of this machine.
func putFile(ctx context.Context, s Storage, path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, ctxio.Reader(ctx, f)); err != nil {
		return File{}, err
	}
	kept := File{hex.EncodeToString(h.Sum(nil)), filepath.Base(path)}
	if ok, err := s.Has(ctx, blobName(kept.Hash)); err != nil || ok {
		return kept, err
	}
	return kept, s.Put(ctx, blobName(kept.Hash), func(w io.Writer) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		again := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, again), ctxio.Reader(ctx, f)); err != nil {
			return err
		}
		if hex.EncodeToString(again.Sum(nil)) != kept.Hash {
			return fmt.Errorf("%s was changed while it was read", path)
		}
		return nil
	})
}

// getFile writes a kept file to a path of this machine, whole or not at all.
func getFile(ctx context.Context, s Storage, hash, path string) error {
	return imageio.WriteFile(ctx, path, func(w io.Writer) error { return copyBlob(ctx, s, hash, w) })
}
