//go:build unix

package imageio

import (
	"os"

	"pentimento/internal/filelock"
)

// tryLock locks an open file until it is closed, and reports whether it was free.
func tryLock(f *os.File) (bool, error) { return filelock.Try(f) }
