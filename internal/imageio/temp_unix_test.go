//go:build unix

package imageio

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestWhatWasLeftBehindIsRemoved: a writer removes what others left that were
// killed, but not what one that lives is writing, nor another's files.
func TestWhatWasLeftBehindIsRemoved(t *testing.T) {
	dir := t.TempDir() + string(filepath.Separator)
	living, err := createTemp(dir, "out.png")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = living.Close() }()
	killed, err := createTemp(dir, "out.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Close(); err != nil {
		t.Fatal(err)
	}
	keep := []string{filepath.Base(living.Name()), ".out.png.abcdefghij.tmp", ".other.png.ABCDEFGHIJ.tmp", ".out.png.ABC.tmp"}
	for _, name := range keep[1:] {
		if err := os.WriteFile(dir+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err = WriteFile(context.Background(), dir+"out.png", func(w io.Writer) error {
		_, err := w.Write([]byte("whole"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	want := slices.Sorted(slices.Values(append(keep, "out.png")))
	if slices.Sort(left); !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}
