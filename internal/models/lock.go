package models

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pentimento/internal/filelock"
)

// lockFile keeps two processes from writing to one models folder at once.
const lockFile = "models.lock"

// lock waits until this process alone may write to dir. waiting is called once
// when another process has the lock.
func lock(ctx context.Context, dir string, waiting func()) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // model folders hold public files
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // others may wait on it too
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for first := true; ; first = false {
		ok, err := filelock.Try(f)
		if ok {
			return func() { _ = f.Close() }, nil // closing releases the lock
		}
		if err != nil {
			_ = f.Close() // the error that matters is err
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			_ = f.Close() // the error that matters is the context's
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
