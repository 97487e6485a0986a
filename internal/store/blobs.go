package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/filelock"
)

var sqlBlobIsFile = query("calls", "blob-is-a-file")

var errBlob = errors.New("the blob is damaged")

func (s *Store) blobDir() string { return filepath.Join(s.dir, "blobs") }
func (s *Store) tempDir() string { return filepath.Join(s.blobDir(), "unfinished") }

func (s *Store) blobPath(hash string) string { return filepath.Join(s.blobDir(), hash[:2], hash) }

// writeBlob makes sure that a blob too large for the database has a file. It is not synced: of results that can be
// made again, one that a power loss took or spoilt is a miss.
func (s *Store) writeBlob(ctx context.Context, hash string, b []byte) error {
	if len(b) <= inlineBytes {
		return nil
	}
	return s.writeBlobAt(ctx, s.blobPath(hash), b, false)
}

// writeBlobAt makes sure that a file of these bytes is there, which appears under its name only when it is whole,
// and survives a power loss where that is asked for.
func (s *Store) writeBlobAt(ctx context.Context, goal string, b []byte, lasting bool) error {
	if st, err := os.Stat(goal); err == nil && st.Size() == int64(len(b)) { //nolint:gosec // the data folder is where the person wants it
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(goal), 0o700); err != nil { //nolint:gosec // the data folder is where the person wants it
		return err
	}
	for try := 0; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.writeOnce(goal, b, lasting)
		// A process that starts just then may take the file for one that was left behind.
		if errors.Is(err, fs.ErrNotExist) && try < 5 {
			if err := os.MkdirAll(s.tempDir(), 0o700); err != nil { //nolint:gosec // the data folder is where the person wants it
				return err
			}
			continue
		}
		return err
	}
}

func (s *Store) writeOnce(goal string, b []byte, lasting bool) (err error) {
	temp := filepath.Join(s.tempDir(), rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the data folder is where the person wants it
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// It may be closed and gone; the error that matters is err.
			_ = f.Close()
			_ = os.Remove(temp) //nolint:gosec // the data folder is where the person wants it
		}
	}()
	// The lock says that the file's writer lives. Without one the file is only at risk of being written again.
	_, _ = filelock.Try(f)
	if _, err := f.Write(b); err != nil {
		return err
	}
	if lasting {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp, goal); err != nil { //nolint:gosec // the data folder is where the person wants it
		return err
	}
	if lasting {
		syncDir(filepath.Dir(goal))
	}
	return nil
}

// syncDir makes the new name survive a power loss where the system can; a file
// whose name is lost is a miss, so a failure is none here.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil { //nolint:gosec // the data folder is where the person wants it
		_ = d.Sync()
		_ = d.Close()
	}
}

// readBlob reads a blob's file and compares it with its name.
func (s *Store) readBlob(hash string, size int64) ([]byte, error) {
	st, err := os.Stat(s.blobPath(hash))
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() != size {
		return nil, errBlob
	}
	b, err := os.ReadFile(s.blobPath(hash))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != hash {
		return nil, errBlob
	}
	return b, nil
}

// removeBlob removes a blob's file, if it has one.
func (s *Store) removeBlob(hash string) error {
	if err := os.Remove(s.blobPath(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // the data folder is where the person wants it
		return err
	}
	return nil
}

// sweep removes what processes that were killed left behind: unfinished files,
// and whole ones that no row names yet. It holds the write lock, so that a process
// between writing a file and naming it notices when it gets there.
func (s *Store) sweep(ctx context.Context) error {
	left, err := os.ReadDir(s.tempDir())
	if err != nil {
		return err
	}
	for _, e := range left {
		if err := removeAbandoned(filepath.Join(s.tempDir(), e.Name())); err != nil {
			return err
		}
	}
	found, err := filepath.Glob(filepath.Join(s.blobDir(), "??", "*"))
	if err != nil || len(found) == 0 {
		return err
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	known, err := tx.PrepareContext(ctx, sqlBlobIsFile)
	if err != nil {
		return err
	}
	defer known.Close() //nolint:errcheck // ends with the transaction
	for _, path := range found {
		if err := sweepOne(ctx, known, path); err != nil {
			return err
		}
	}
	return nil
}

func sweepOne(ctx context.Context, known *sql.Stmt, path string) error {
	var n int
	if err := known.QueryRowContext(ctx, filepath.Base(path)).Scan(&n); err != nil || n > 0 {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeAbandoned removes an unfinished file unless the process that writes it lives.
func removeAbandoned(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	free, lockErr := filelock.Try(f)
	if err := f.Close(); err != nil { // before the removal, which some systems refuse for an open file
		return err
	}
	if lockErr != nil || !free {
		return lockErr
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
