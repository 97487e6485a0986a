package ctxio

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReader(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := Reader(ctx, strings.NewReader("one two"))
	b := make([]byte, 3)
	if n, err := r.Read(b); n != 3 || err != nil || string(b) != "one" {
		t.Fatalf("read %d bytes %q: %v", n, b, err)
	}
	cancel()
	if n, err := r.Read(b); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %d bytes, %v", n, err)
	}
	if all, err := io.ReadAll(Reader(t.Context(), strings.NewReader("one two"))); err != nil || string(all) != "one two" {
		t.Errorf("read %q: %v", all, err)
	}
}

func TestSleep(t *testing.T) {
	if err := Sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %v", err)
	}
}

func TestSumFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	if _, err := SumFile(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	// FIPS 180-2, appendix B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got, err := SumFile(t.Context(), path); err != nil || got != want {
		t.Errorf("%s: %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SumFile(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %v", err)
	}
}
