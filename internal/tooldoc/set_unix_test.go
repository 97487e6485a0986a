//go:build unix

package tooldoc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestLoadSurvivesOddFolders(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "outside.md")
	put(t, filepath.Dir(secret), "outside.md", doc("outside"))
	dir := t.TempDir()
	put(t, dir, "good.md", doc("good"))
	put(t, dir, "huge.md", make([]byte, 10<<20))
	put(t, dir, "empty.md", nil)
	put(t, dir, "bin.md", []byte{0, 1, 2, 0xff})
	put(t, dir, strings.Repeat("x", 200)+".md", doc("good"))
	put(t, dir, "new\nline.md", doc("good"))
	if err := os.Mkdir(filepath.Join(dir, "folder.md"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o644); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"outside.md": secret, "broken.md": "nowhere", "loop.md": "loop.md", "zero.md": "/dev/zero", "alias.md": "good.md"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	set, errs := Load(fstest.MapFS{}, dir, filepath.Join(dir, "missing"))
	if got := names(set); len(got) != 1 || got[0] != "good" {
		t.Errorf("tools %v", got)
	}
	want := []string{"alias.md", "bin.md", "broken.md", "empty.md", "folder.md", "huge.md", "loop.md", `new\nline.md`, "outside.md", "pipe.md", "xxx", "zero.md", "missing"}
	if len(errs) != len(want) {
		t.Errorf("%d errors, want %d", len(errs), len(want))
	}
	all := errors.Join(errs...).Error()
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("no error names %s", w)
		}
	}
	if !errors.Is(errs[len(errs)-1], fs.ErrNotExist) {
		t.Errorf("a missing folder is %v", errs[len(errs)-1])
	}
}
