package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pentimento/internal/ctxio"
)

// stampFile remembers checksums between processes, in the first models folder.
const stampFile = "checksums.stamp"

// settled is how old a file's modification time must be for a stamp to be kept:
// a file written to within the clock's grain after it was hashed would pass for unchanged.
const settled = 2 * time.Second

// stamp is what was found when a file was hashed. It holds while size and
// modification time stay the same.
type stamp struct {
	Size   int64  `json:"size"`
	Time   int64  `json:"mtime"` // Unix nanoseconds
	SHA256 string `json:"sha256"`
}

// sum returns the sha256 of the file at path, remembered or computed.
func (s *Store) sum(ctx context.Context, path string, info fs.FileInfo) (string, error) {
	now := stamp{Size: info.Size(), Time: info.ModTime().UnixNano()}
	s.mu.Lock()
	s.loadStamps()
	known, ok := s.sums[path]
	s.mu.Unlock()
	if ok && known.Size == now.Size && known.Time == now.Time {
		return known.SHA256, nil
	}
	sum, err := ctxio.SumFile(ctx, path)
	if err != nil {
		return "", err
	}
	now.SHA256 = sum
	s.remember(path, now)
	return sum, nil
}

func (s *Store) remember(path string, st stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loadStamps()
	if time.Since(time.Unix(0, st.Time)) < settled {
		delete(s.sums, path)
		return
	}
	s.sums[path] = st
	s.dirty = true
}

// loadStamps reads the stamp file once. A damaged file only costs hashing again. mu is held.
func (s *Store) loadStamps() {
	if s.sums != nil {
		return
	}
	s.sums = make(map[string]stamp)
	if len(s.Dirs) == 0 {
		return
	}
	f, err := os.Open(filepath.Join(s.Dirs[0], stampFile))
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }() // opened for reading only
	got := make(map[string]stamp)
	if json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&got) == nil {
		s.sums = got
	}
}

// saveStamps writes what was learned. A folder that cannot be written to is no
// error: the files are hashed again next time.
func (s *Store) saveStamps() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.dirty || len(s.Dirs) == 0 {
		return
	}
	s.dirty = false
	for path := range s.sums {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			delete(s.sums, path)
		}
	}
	data, err := json.MarshalIndent(s.sums, "", " ")
	if err != nil {
		return
	}
	_ = writeWhole(filepath.Join(s.Dirs[0], stampFile), append(data, '\n')) // only a cache
}

func hashBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// lfsPrefix begins every Git LFS pointer, a text of about 130 bytes that stands for a file.
const lfsPrefix = "version https://git-lfs"

func isPointer(head []byte) bool { return strings.HasPrefix(string(head), lfsPrefix) }

func isPointerFile(path string, size int64) bool {
	if size > 1024 {
		return false
	}
	b, err := os.ReadFile(path)
	return err == nil && isPointer(b)
}

// writeWhole writes a file by way of a temporary one, so that nobody ever sees a part of it.
func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // model folders hold public files
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.part")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return finish(f, path, err)
}

// finish syncs and closes f and renames it to path, or removes it after an error.
func finish(f *os.File, path string, err error) error {
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is err
	}
	return err
}
