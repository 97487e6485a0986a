package store

import (
	"context"
	"os"
	"time"

	"pentimento/internal/filelock"
)

// lock waits until this process alone holds the lock file, or ctx ends. The
// lock ends with the process, however that ends.
func lock(ctx context.Context, path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the data folder is where the person wants it
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := filelock.Try(f)
		if ok {
			return func() { _ = f.Close() }, nil // closing releases the lock
		}
		if err != nil {
			_ = f.Close() // the error that matters is err
			return nil, err
		}
		select {
		case <-ctx.Done():
			_ = f.Close() // the error that matters is the context's
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
