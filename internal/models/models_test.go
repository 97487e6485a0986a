package models

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pentimento/internal/edit"
)

// payload is n bytes that differ from place to place.
func payload(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func source(file string, data []byte) edit.ModelSource {
	return edit.ModelSource{File: file, SHA256: hashBytes(data), Bytes: int64(len(data)), License: "MIT", Origin: "made by the test"}
}

func specOf(name string, sources ...edit.ModelSource) edit.ToolSpec {
	return edit.ToolSpec{Name: name, Runtime: edit.Runtime{Kind: "onnx", ONNX: &edit.ONNXRuntime{
		Models: []edit.ModelFile{{Accept: sources}},
	}}}
}

func part(sources ...edit.ModelSource) edit.ModelFile { return edit.ModelFile{Accept: sources} }

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// leftovers lists the unfinished downloads and copies in the store's first folder.
func leftovers(t *testing.T, s *Store) []string {
	t.Helper()
	entries, err := os.ReadDir(s.Dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".part") {
			found = append(found, filepath.Join(s.Dirs[0], e.Name()))
		}
	}
	return found
}

func TestLocateTakesAnyAcceptedFileOfAnyFolder(t *testing.T) {
	a, b := payload(1000), payload(2000)
	first, second := t.TempDir(), t.TempDir()
	s := &Store{Dirs: []string{first, second}}
	p := part(source("a.onnx", a), source("b.onnx", b))

	var missing *MissingError
	if _, _, err := s.Locate(p); !errors.As(err, &missing) || len(missing.Files) != 2 {
		t.Fatalf("empty folders: %v", err)
	}
	write(t, filepath.Join(second, "b.onnx"), b)
	path, src, err := s.Locate(p)
	if err != nil || path != filepath.Join(second, "b.onnx") || src.File != "b.onnx" {
		t.Fatalf("located %q %v, %v", path, src.File, err)
	}
	// A wrong first choice does not hide a right second one.
	write(t, filepath.Join(first, "a.onnx"), payload(999))
	if path, _, err = s.Locate(p); err != nil || filepath.Base(path) != "b.onnx" {
		t.Errorf("with a wrong a.onnx: %q, %v", path, err)
	}
}

func TestLocateNamesBothChecksums(t *testing.T) {
	want, got := payload(500), append(payload(499), 7)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.onnx"), got)
	_, _, err := (&Store{Dirs: []string{dir}}).Locate(part(source("m.onnx", want)))
	var wrong *WrongFileError
	if !errors.As(err, &wrong) || wrong.Want != hashBytes(want) || wrong.Got != hashBytes(got) {
		t.Fatalf("error %v", err)
	}
	for _, sum := range []string{hashBytes(want), hashBytes(got)} {
		if !strings.Contains(err.Error(), sum) {
			t.Errorf("%q does not name %s", err, sum)
		}
	}
}

func TestLocateNoticesThatAFileChanged(t *testing.T) {
	data := payload(4000)
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	write(t, path, data)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	p := part(source("m.onnx", data))
	if _, _, err := (&Store{Dirs: []string{dir}}).Locate(p); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, stampFile)); err != nil {
		t.Fatalf("no stamp was kept: %v", err)
	}
	// A store of another process believes the stamp: other bytes of the same size and time pass unread.
	write(t, path, make([]byte, 4000))
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (&Store{Dirs: []string{dir}}).Locate(p); err != nil {
		t.Errorf("stamped file: %v", err)
	}
	data[17]++
	write(t, path, data) // same size, new time
	var wrong *WrongFileError
	if _, _, err := (&Store{Dirs: []string{dir}}).Locate(p); !errors.As(err, &wrong) {
		t.Errorf("changed file: %v", err)
	}
	// Verify looks even where the time was put back.
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	entries, err := (&Store{Dirs: []string{dir}}).Verify(context.Background(), []edit.ToolSpec{specOf("t", p.Accept...)})
	if err != nil || len(entries) != 1 || entries[0].Installed || !strings.Contains(entries[0].Problem, hashBytes(data)) {
		t.Errorf("verify: %+v, %v", entries, err)
	}
}

func TestLocateSurvivesADamagedStampFile(t *testing.T) {
	data := payload(100)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.onnx"), data)
	write(t, filepath.Join(dir, stampFile), []byte(`{"x": [1, 2`))
	if _, _, err := (&Store{Dirs: []string{dir}}).Locate(part(source("m.onnx", data))); err != nil {
		t.Error(err)
	}
}

func TestEmbeddedFilesAreWrittenVerified(t *testing.T) {
	data := payload(300)
	src := source("tiny.onnx", data)
	src.Embedded = true
	dir := filepath.Join(t.TempDir(), "not", "yet")
	s := &Store{Dirs: []string{dir}, Embedded: fstest.MapFS{"models/tiny.onnx": {Data: data}}}
	path, _, err := s.Locate(part(src))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
		t.Errorf("written %d bytes, %v", len(got), err)
	}
	write(t, path, []byte("damaged"))
	if _, _, err := s.Locate(part(src)); err != nil {
		t.Errorf("a damaged copy is not mended: %v", err)
	}
	s.Embedded = fstest.MapFS{"models/tiny.onnx": {Data: payload(301)}}
	other := source("tiny.onnx", payload(299))
	other.Embedded = true
	var wrong *WrongFileError
	if _, _, err := s.Locate(part(other)); !errors.As(err, &wrong) {
		t.Errorf("embedded bytes that are not the doc's: %v", err)
	}
}

func TestNamesCannotLeaveTheFolder(t *testing.T) {
	data := payload(10)
	root := t.TempDir()
	write(t, filepath.Join(root, "outside.onnx"), data)
	for _, name := range []string{"../outside.onnx", "/etc/passwd", "", ".", "..", `a\b.onnx`, "sub/x.onnx", "c:x"} {
		s := &Store{Dirs: []string{filepath.Join(root, "models")}}
		var user *edit.UserError
		if _, _, err := s.Locate(part(source(name, data))); !errors.As(err, &user) {
			t.Errorf("locate %q: %v", name, err)
		}
		if _, err := s.Pull(context.Background(), []edit.ToolSpec{specOf("t", source(name, data))}, Options{From: root}); err == nil {
			t.Errorf("pull %q was taken", name)
		}
	}
}

func TestPresentAndCatalogueReadNoModel(t *testing.T) {
	data := payload(100)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.onnx"), make([]byte, 100)) // other bytes, unread
	here, gone := source("m.onnx", data), source("n.onnx", data)
	s := &Store{Dirs: []string{dir}}
	if err := s.Present(part(here)); err != nil {
		t.Error(err)
	}
	var missing *MissingError
	if err := s.Present(part(gone)); !errors.As(err, &missing) {
		t.Errorf("absent: %v", err)
	}
	entries := s.Catalogue([]edit.ToolSpec{specOf("a", gone, here), specOf("b", gone), {Name: "builtin"}})
	if len(entries) != 2 || !entries[0].Installed || entries[0].File != "m.onnx" || entries[1].Installed || entries[1].File != "n.onnx" || entries[1].Problem != "" {
		t.Errorf("catalogue %+v", entries)
	}
}

func TestPointerFilesAreNamed(t *testing.T) {
	data := payload(5000)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.onnx"), []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5000\n"))
	_, _, err := (&Store{Dirs: []string{dir}}).Locate(part(source("m.onnx", data)))
	if err == nil || !strings.Contains(err.Error(), "Git LFS pointer") {
		t.Errorf("error %v", err)
	}
}

func TestLocateStopsWithItsContext(t *testing.T) {
	data := payload(1000)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.onnx"), data)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := (&Store{Dirs: []string{dir}}).LocateContext(ctx, part(source("m.onnx", data))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestPresentTakesEmbeddedFilesAsThere(t *testing.T) {
	src := source("tiny.onnx", payload(300))
	src.Embedded = true
	dir := filepath.Join(t.TempDir(), "models")
	s := &Store{Dirs: []string{dir}, Embedded: fstest.MapFS{}}
	if err := s.Present(part(src)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("looking made the folder")
	}
	if err := (&Store{Dirs: []string{dir}}).Present(part(src)); err == nil {
		t.Error("a build without models has it")
	}
}
