package imageio

import (
	"crypto/rand"
	"os"
	"path/filepath"
)

// createTemp makes the hidden file beside a goal that WriteFile fills, and locks
// it where the system can: the lock says that its writer lives.
func createTemp(dir, base string) (*os.File, error) {
	for {
		name := filepath.Join(dir, "."+base+"."+rand.Text()[:10]+".tmp")
		// 0o666 is cut by the umask, as for any new file of the person's.
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // see above
		if err != nil {
			return nil, err
		}
		// Another process that starts to write just now may have taken it for one left behind.
		if free, err := tryLock(f); err != nil || free && isAt(f, name) {
			return f, nil //nolint:nilerr // without locks nothing is swept here
		}
		_ = f.Close()
	}
}

func isAt(f *os.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(mine, there)
}

// sweepTemps removes what writers of this goal left that were killed. What
// cannot be removed does no harm.
func sweepTemps(dir, base string) {
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !isTemp(e.Name(), base) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if free, err := tryLock(f); err == nil && free {
			_ = os.Remove(path)
		}
		_ = f.Close()
	}
}

// isTemp reports whether a file's name is one that createTemp gives.
func isTemp(name, base string) bool {
	const random = 10
	head, tail := "."+base+".", ".tmp"
	if len(name) != len(head)+random+len(tail) || name[:len(head)] != head || name[len(name)-len(tail):] != tail {
		return false
	}
	for _, c := range name[len(head) : len(head)+random] { // the alphabet of rand.Text
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
