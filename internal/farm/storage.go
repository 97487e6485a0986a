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
	"strings"
	"time"

	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
)

// Storage is what the command and its workers share: whole objects by name, with slashes. Several processes write
// to it at once; an object appears under its name whole or not at all.
type Storage interface {
	fmt.Stringer // the address, which holds no key
	// Stat and Get say fs.ErrNotExist where there is none.
	Stat(ctx context.Context, name string) (Object, error)
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	Put(ctx context.Context, name string, c Content) error
	// List tells the objects whose names begin with a folder's, in any order, until tell returns an error.
	List(ctx context.Context, folder string, tell func(Object) error) error
	// Remove takes an object away; one that is not there is no error.
	Remove(ctx context.Context, name string) error
}

// Object is one that lies in a storage.
type Object struct {
	Name string
	Size int64
	Put  time.Time
}

// Content is what is put: so many bytes with this sha256.
type Content struct {
	From io.ReadSeeker
	Size int64
	Sum  string
}

func contentOf(b []byte) Content {
	sum := sha256.Sum256(b)
	return Content{bytes.NewReader(b), int64(len(b)), hex.EncodeToString(sum[:])}
}

// bucketScheme begins the address of a bucket; others are folders.
const bucketScheme = "s3://"

// Open opens the storage at an address, a folder or s3://BUCKET/PREFIX, and sees that it can be written to. Where a bucket is and
// who asks is read from the environment by getenv.
func Open(ctx context.Context, address string, getenv func(string) string) (Storage, error) {
	switch scheme, _, other := strings.Cut(address, "://"); {
	case strings.HasPrefix(address, bucketScheme):
		return openBucket(ctx, address, getenv)
	case other && !strings.ContainsAny(scheme, `/\`):
		return nil, &edit.UserError{Msg: "no storage is known by " + scheme + "://", Hint: "name a folder, or s3://BUCKET/PREFIX"}
	}
	return OpenFolder(ctx, address)
}

// readme is put where a storage is opened: it says what the objects are, and shows that there is a right to write.
const readme = "Pictures, results of calls and results of edits that a command and its workers share.\n" +
	"Nothing here is needed while no batch runs.\n"

// Folders of a storage, by what lies in them.
const (
	blobs    = "blobs/"    // bytes under their sha256: pictures, estimates, results
	calls    = "calls/"    // results of calls, which name blobs
	gathered = "gathered/" // marks of the results that were learned from
)

// under is where the object of a hash lies in a folder.
func under(folder, hash string) string { return folder + hash[:min(2, len(hash))] + "/" + hash }

// renewAfter is the age at which an object that is used is put again, so that what removes the old ones
// (Sweep) leaves it.
const renewAfter = 24 * time.Hour

// lies reports whether an object is there and may be relied on.
func lies(ctx context.Context, s Storage, name string) (bool, error) {
	o, err := s.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && time.Since(o.Put) < renewAfter, err
}

// keep puts content under its hash, where it does not lie there.
func keep(ctx context.Context, s Storage, c Content) error {
	name := under(blobs, c.Sum)
	if ok, err := lies(ctx, s, name); err != nil || ok {
		return err
	}
	return s.Put(ctx, name, c)
}

// putBlob keeps bytes under their sha256.
func putBlob(ctx context.Context, s Storage, b []byte) (hash string, err error) {
	c := contentOf(b)
	return c.Sum, keep(ctx, s, c)
}

// getBlob returns bytes by their sha256; those of another are an error.
func getBlob(ctx context.Context, s Storage, hash string) ([]byte, error) {
	var b bytes.Buffer
	err := copyBlob(ctx, s, hash, &b)
	return b.Bytes(), err
}

// errDamaged says that what lies under a hash has another.
var errDamaged = errors.New("it is damaged")

// copyBlob writes what lies under a hash. What has another hash is removed, so that it can be put again.
func copyBlob(ctx context.Context, s Storage, hash string, w io.Writer) error {
	name := under(blobs, hash)
	r, err := s.Get(ctx, name)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), ctxio.Reader(ctx, r)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != hash {
		return errors.Join(fmt.Errorf("%s in the storage: %w", hash, errDamaged), s.Remove(ctx, name))
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
	size, err := io.Copy(h, ctxio.Reader(ctx, f))
	if err != nil {
		return File{}, err
	}
	kept := File{hex.EncodeToString(h.Sum(nil)), filepath.Base(path)}
	err = keep(ctx, s, Content{f, size, kept.Hash})
	if errors.Is(err, errChanged) {
		err = fmt.Errorf("%s %w", path, errChanged)
	}
	return kept, err
}

// errChanged says that content was not what its hash says when it was put.
var errChanged = errors.New("was changed while it was read")

// getFile writes a kept file to a path of this machine, whole or not at all.
func getFile(ctx context.Context, s Storage, hash, path string) error {
	return imageio.WriteFile(ctx, path, func(w io.Writer) error { return copyBlob(ctx, s, hash, w) })
}
