//go:build unix

package imageio_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

func TestPipesAndDevicesDoNotHang(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero", "/dev/null"} {
		_, _, err := imageio.Load(t.Context(), path, imageio.Limits{})
		mustRefuse(t, err, path, "a pipe or a device")
	}
	err := imageio.Save(t.Context(), pipe, pixel.NewImage(2, 2), imageio.Options{})
	mustRefuse(t, err, pipe, "not a regular file")
}

func TestSaveKeepsPermissionsAndLinks(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.png"), filepath.Join(dir, "link.png")
	if err := os.WriteFile(real, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(real, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := imageio.Save(t.Context(), link, pixel.NewImage(3, 2), imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	info, err = os.Stat(real)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("permissions became %v, %v", info.Mode(), err)
	}
	if m, _, err := imageio.Load(t.Context(), real, imageio.Limits{}); err != nil || m.W != 3 {
		t.Errorf("the file behind the link was not replaced: %v", err)
	}
}
