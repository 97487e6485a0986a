package imageio

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/edit"
)

// WriteFile lets write fill a file that appears at path only when it is whole
// and on disk: it is written beside its goal, synced, and renamed. A file that
// was there keeps its permissions, and a symbolic link keeps pointing to it.
// On any error, or when ctx ends, what was there is untouched and nothing is left behind;
// what a writer of the same file left that was killed is removed.
func WriteFile(ctx context.Context, path string, write func(io.Writer) error) error {
	if err := writeFile(ctx, path, write); err != nil {
		return fileError(path, err)
	}
	return nil
}

func writeFile(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	goal, perm, err := goalOf(path)
	if err != nil {
		return err
	}
	dir, base := filepath.Split(goal)
	sweepTemps(dir, base)
	f, err := createTemp(dir, base)
	if err != nil {
		return missingDir(dir, err)
	}
	temp := f.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(temp))
		}
	}()
	buf := bufio.NewWriterSize(&ctxWriter{ctx, f}, 1<<16)
	if err := write(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if perm != 0 {
		if err := f.Chmod(perm); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// It is renamed while its lock is held: another writer of the same file would
	// take it for one left behind. Where an open file cannot be renamed there are no locks.
	err = os.Rename(temp, goal)
	if closeErr := f.Close(); err != nil && closeErr == nil {
		err = os.Rename(temp, goal)
	}
	if err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// goalOf follows links to the file that is to be replaced and returns its
// permissions; they are 0 when there is none yet.
func goalOf(path string) (string, fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, 0, nil
	case err != nil:
		return "", 0, err
	case info.IsDir():
		return "", 0, edit.Userf("is a directory; name the file to write in it")
	case !info.Mode().IsRegular():
		return "", 0, &edit.UserError{Msg: "is not a regular file", Hint: "use - to write to standard output"}
	}
	goal, err := filepath.EvalSymlinks(path)
	return goal, info.Mode().Perm(), err
}

func missingDir(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return edit.Userf("its directory %s does not exist", filepath.Clean(dir))
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}

// syncDir makes the rename survive a power loss where the system can; some
// file systems refuse to sync a directory, and the file itself is safe by then.
func syncDir(dir string) {
	if d, err := os.Open(filepath.Clean(dir)); err == nil {
		d.Sync()  //nolint:errcheck,gosec // see above
		d.Close() //nolint:errcheck,gosec // opened for reading
	}
}

// SameFile reports whether two names lead to one existing file, by links too.
func SameFile(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}

// ctxWriter stops writing when the context is done, and with it the encoder.
type ctxWriter struct {
	ctx context.Context // lives for one call
	w   io.Writer
}

// Write implements io.Writer.
func (c *ctxWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
