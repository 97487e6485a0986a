package imageio

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/pixel"
)

func TestSize(t *testing.T) {
	dir := t.TempDir()
	m := pixel.NewImage(37, 21)
	for _, name := range []string{"a.png", "a.jpg", "a.webp", "a.tiff"} {
		path := filepath.Join(dir, name)
		if err := Save(t.Context(), path, m, Options{}); err != nil {
			t.Fatal(err)
		}
		if w, h, err := Size(t.Context(), path, Limits{}); err != nil || w != 37 || h != 21 {
			t.Errorf("%s: %d×%d, %v", name, w, h, err)
		}
	}
	for name, text := range map[string]string{"empty.png": "", "text.png": "no picture", "cut.png": "\x89PNG\r\n\x1a\nxx"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Size(t.Context(), path, Limits{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
