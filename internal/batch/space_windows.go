package batch

import "golang.org/x/sys/windows"

// free is how many bytes can still be written to the disk of a folder.
func free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var bytes uint64
	if err := windows.GetDiskFreeSpaceEx(name, &bytes, nil, nil); err != nil {
		return 0, err
	}
	return int64(bytes), nil //nolint:gosec // no disk has more
}
