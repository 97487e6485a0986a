package session_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/session"
	"pentimento/internal/store"
)

// TestDamage finds a byte that changed on disk, says of which turns it is, and
// leaves the others usable.
func TestDamage(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	all := session.Open(openStore(t, dir), session.Options{})
	base := photo(300, 200, 1)
	s := begin(t, all, "a", base)
	before := packs(t, dir)
	commit(t, s, 0, recolour("car", "red"), session.Result{Image: patched(base, 10, 10, 20, 20, 1)})
	for path := range packs(t, dir) {
		if before[path] {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/3] ^= 0x10
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := all.Verify(ctx, "a")
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "turn 1: ") {
		t.Errorf("Verify says %q, %v", r.Problems, err)
	}
	if _, err := s.State(ctx, 1); err == nil || !strings.Contains(err.Error(), "turn 1 is damaged") {
		t.Errorf("a damaged picture is read: %v", err)
	}
	if !same(state(t, s, 0), base) {
		t.Error("the original is another")
	}
	for path := range before {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := all.Verify(ctx, ""); err != nil || len(r.Problems) != 2 {
		t.Errorf("with a file gone Verify says %q, %v", r.Problems, err)
	}
}

// packs are the files that pictures lie in.
func packs(t *testing.T, dir string) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "sessions", "??", "*"))
	if err != nil {
		t.Fatal(err)
	}
	set := make(map[string]bool)
	for _, p := range paths {
		set[p] = true
	}
	return set
}

// TestDamagedDatabase moves the pictures aside with the database that names them.
func TestDamagedDatabase(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	st, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := begin(t, session.Open(st, session.Options{}), "a", photo(300, 200, 1)).Close(); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	kept := len(packs(t, dir))
	if err := os.WriteFile(store.Path(dir), []byte(strings.Repeat("no database at all. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	told := ""
	st, err = store.Open(ctx, dir, store.Options{Notice: func(n string) { told = n }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	aside, err := filepath.Glob(filepath.Join(dir, "pentimento-damaged-1-sessions", "??", "*"))
	if err != nil || len(aside) != kept || kept == 0 || !strings.Contains(told, "sessions") {
		t.Errorf("of %d files %d were moved aside, %v; told: %s", kept, len(aside), err, told)
	}
	if list, err := session.Open(st, session.Options{}).List(ctx); err != nil || len(list) > 0 {
		t.Errorf("the new database has %v, %v", list, err)
	}
}
