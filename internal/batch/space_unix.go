//go:build unix

package batch

import "golang.org/x/sys/unix"

// free is how many bytes can still be written to the disk of a folder.
func free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // the types differ between systems
}
