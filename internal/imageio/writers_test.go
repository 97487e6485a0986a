package imageio_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pentimento/internal/imageio"
)

// Writers of one file at the same time all succeed, and it is whole.
func TestWritersOfOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shared")
	want := bytes.Repeat([]byte("whole"), 1000)
	var wg sync.WaitGroup
	failed := make(chan error, 64)
	for range 8 {
		wg.Go(func() {
			for range 8 {
				failed <- imageio.WriteFile(t.Context(), path, func(w io.Writer) error {
					_, err := w.Write(want)
					return err
				})
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, not %d: %v", len(got), len(want), err)
	}
}
