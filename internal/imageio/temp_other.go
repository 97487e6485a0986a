//go:build !unix

package imageio

import (
	"errors"
	"os"
)

// tryLock does not lock here, so that nothing is taken for left behind.
func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
