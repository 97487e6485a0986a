package ortlib

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

// elfFile is the header of a shared library for that ELF machine number.
func elfFile(kind, machine uint16) []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], kind)
	binary.LittleEndian.PutUint16(b[18:], machine)
	return b
}

const (
	shared  = 3
	amd64   = 62
	aarch64 = 183
)

func write(t *testing.T, path string, b []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func env(pairs ...string) func(string) string {
	return func(k string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == k {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestFindLooksInOrder(t *testing.T) {
	dir := t.TempDir()
	flag := write(t, filepath.Join(dir, "flag.so"), elfFile(shared, amd64))
	byEnv := write(t, filepath.Join(dir, "env.so"), elfFile(shared, amd64))
	p, err := pinFor("linux", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(dir, "cache")
	inCache := filepath.Join(cache, "ort", p.sha256, "libonnxruntime.so")
	if err := os.MkdirAll(filepath.Dir(inCache), 0o755); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Create(inCache); err != nil || f.Truncate(p.bytes) != nil || f.Close() != nil {
		t.Fatal("cannot make a sparse file")
	}
	linux := func(o Options) Options { o.GOOS, o.GOARCH = "linux", "amd64"; return o }
	cases := []struct {
		name   string
		o      Options
		path   string
		source Source
		errHas string
	}{
		{name: "flag first", o: Options{Lib: flag, CacheDir: cache, Env: env(EnvLib, byEnv)}, path: flag, source: FromFlag},
		{name: "then the environment", o: Options{CacheDir: cache, Env: env(EnvLib, byEnv)}, path: byEnv, source: FromEnv},
		{name: "then the cache", o: Options{CacheDir: cache, Env: env()}, path: inCache, source: FromCache},
		{name: "cache by environment", o: Options{Env: env(envCache, cache)}, path: inCache, source: FromCache},
		{name: "nothing", o: Options{CacheDir: dir, Env: env()}, errHas: "agent doctor --fix"},
		{name: "a named file that is missing is not passed over", o: Options{Lib: filepath.Join(dir, "no.so"), CacheDir: cache, Env: env()}, errHas: "--ort-lib"},
		{name: "nor one in the environment", o: Options{CacheDir: cache, Env: env(EnvLib, dir)}, errHas: EnvLib},
		{name: "wrong architecture", o: Options{Lib: write(t, filepath.Join(dir, "arm.so"), elfFile(shared, aarch64)), Env: env()}, errHas: "for linux/arm64, this program runs on linux/amd64"},
		{name: "program, no library", o: Options{Lib: write(t, filepath.Join(dir, "exe"), elfFile(2, amd64)), Env: env()}, errHas: "no shared library but ET_EXEC"},
		{name: "empty", o: Options{Lib: write(t, filepath.Join(dir, "empty"), nil), Env: env()}, errHas: "is empty"},
		{name: "short", o: Options{Lib: write(t, filepath.Join(dir, "short"), []byte("ab")), Env: env()}, errHas: "too short"},
		{name: "truncated header", o: Options{Lib: write(t, filepath.Join(dir, "cut"), elfFile(shared, amd64)[:10]), Env: env()}, errHas: "too short"},
		{name: "junk", o: Options{Lib: write(t, filepath.Join(dir, "junk"), []byte("version https://git-lfs")), Env: env()}, errHas: "is no shared library"},
		{name: "macOS library", o: Options{Lib: write(t, filepath.Join(dir, "x.dylib"), []byte("\xcf\xfa\xed\xfe junk")), Env: env()}, errHas: "macOS"},
		{name: "unknown system", o: Options{Env: env(), GOOS: "plan9", GOARCH: "386"}, errHas: "plan9/386"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := c.o
			if o.GOOS == "" {
				o = linux(o)
			}
			path, source, err := Find(t.Context(), o)
			if c.errHas != "" {
				var user *edit.UserError
				if !errors.As(err, &user) || !strings.Contains(err.Error(), c.errHas) {
					t.Fatalf("error %v, want a UserError with %q", err, c.errHas)
				}
				return
			}
			if err != nil || path != c.path || source != c.source {
				t.Errorf("got %q from %q, %v; want %q from %q", path, source, err, c.path, c.source)
			}
		})
	}
}

func TestFindSeesACutCacheFile(t *testing.T) {
	dir := t.TempDir()
	p := pins[0]
	write(t, filepath.Join(dir, "ort", p.sha256, filepath.Base(p.file)), []byte("half"))
	_, _, err := Find(t.Context(), Options{CacheDir: dir, Env: env(), GOOS: p.goos, GOARCH: p.goarch})
	if err == nil || !strings.Contains(err.Error(), "has 4 bytes, want") {
		t.Errorf("error %v", err)
	}
}

func TestCopyVerified(t *testing.T) {
	dir := t.TempDir()
	content := []byte("a library, say")
	src := write(t, filepath.Join(dir, "src"), content)
	sum := sha256.Sum256(content)
	right := hex.EncodeToString(sum[:])

	dst := filepath.Join(dir, "cache", right, "lib")
	if err := copyVerified(t.Context(), src, dst, right); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dst); err != nil || string(got) != string(content) {
		t.Errorf("copied %q, %v", got, err)
	}

	wrong := strings.Repeat("0", 64)
	bad := filepath.Join(dir, "cache", wrong, "lib")
	err := copyVerified(t.Context(), src, bad, wrong)
	if err == nil || !strings.Contains(err.Error(), right) || !strings.Contains(err.Error(), wrong) {
		t.Errorf("wrong checksum: %v, want an error that names both", err)
	}
	assertEmpty(t, filepath.Dir(bad))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := copyVerified(ctx, src, bad, right); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	assertEmpty(t, filepath.Dir(bad))
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%s holds %v, %v; want nothing left", dir, left, err)
	}
}

func TestInstallRefusesAnotherFile(t *testing.T) {
	for _, p := range pins {
		t.Run(p.goos+"/"+p.goarch, func(t *testing.T) {
			module, cache := t.TempDir(), t.TempDir()
			write(t, filepath.Join(module, filepath.FromSlash(p.file)), []byte("not the library"))
			var asked string
			_, err := Install(t.Context(), Options{
				CacheDir: cache, Env: env(), GOOS: p.goos, GOARCH: p.goarch,
				Download: func(_ context.Context, mod, version string) (string, error) {
					asked = mod + "@" + version
					return module, nil
				},
			})
			if err == nil || !strings.Contains(err.Error(), p.sha256) {
				t.Errorf("error %v, want a refusal that names the pinned checksum", err)
			}
			if want := p.module + "@" + moduleVersion; asked != want {
				t.Errorf("asked for %q, want %q", asked, want)
			}
		})
	}
}

func TestInstallReportsAFailedDownload(t *testing.T) {
	reason := errors.New("no route")
	_, err := Install(t.Context(), Options{
		CacheDir: t.TempDir(), Env: env(), GOOS: "linux", GOARCH: "amd64",
		Download: func(context.Context, string, string) (string, error) { return "", reason },
	})
	if !errors.Is(err, reason) {
		t.Errorf("error %v, want it to wrap %v", err, reason)
	}
}

// TestInstall installs the real library twice and finds it; it needs the module
// in the module cache, or the network that fetches modules.
func TestInstall(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the library is not fetched")
	}
	o := Options{CacheDir: t.TempDir(), Env: env()}
	path, err := Install(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	found, source, err := Find(t.Context(), o)
	if err != nil || found != path || source != FromCache {
		t.Errorf("Find: %q from %q, %v; want %q from the cache", found, source, err, path)
	}
	o.Download = func(context.Context, string, string) (string, error) {
		return "", errors.New("downloaded again")
	}
	if again, err := Install(t.Context(), o); err != nil || again != path {
		t.Errorf("second Install: %q, %v", again, err)
	}
	o.Lib = path
	if _, source, err := Find(t.Context(), o); err != nil || source != FromFlag {
		t.Errorf("the installed file named by hand: %q, %v", source, err)
	}
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	o.Lib = ""
	if _, err := Install(t.Context(), o); err == nil || err.Error() != "downloaded again" {
		t.Errorf("a cut file is taken for whole: %v", err)
	}
}
