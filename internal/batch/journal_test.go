package batch

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pentimento/internal/edit"
)

func opened(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := OpenJournal(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func closed(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func record(key string) Record {
	return Record{Key: key, Sum: "s-" + key, Report: ItemReport{State: Done, Input: key + ".png"}}
}

// TestJournalSurvivesACut cuts the journal after every one of its bytes, and changes each:
// what was whole before stays, and what is added after is read again.
func TestJournalSurvivesACut(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	for _, key := range []string{"a", "b"} {
		if err := j.Add(record(key)); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, j)
	whole, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	try := func(text []byte, wantA, wantB bool) {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, journalName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		j := opened(t, dir)
		_, a := j.Find("a")
		_, b := j.Find("b")
		if a != wantA || b != wantB {
			t.Errorf("of %d bytes: a %t, b %t; want %t, %t", len(text), a, b, wantA, wantB)
		}
		if err := j.Add(record("c")); err != nil {
			t.Fatal(err)
		}
		closed(t, j)
		j = opened(t, dir)
		defer closed(t, j)
		_, a = j.Find("a")
		if _, c := j.Find("c"); !c || a != wantA {
			t.Errorf("of %d bytes: what was added after is lost (a %t, c %t)", len(text), a, c)
		}
	}
	for n := range len(whole) {
		try(whole[:n], n >= first, false)
	}
	for n := first; n < len(whole)-1; n += 7 {
		changed := bytes.Clone(whole)
		changed[n] ^= 1
		try(changed, true, false)
	}
}

func TestJournalIsOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	if _, err := OpenJournal(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("opened twice: %v", err)
	}
	closed(t, j)
	closed(t, opened(t, dir))
}

// TestJournalStaysSmall: what is out of date does not pile up, and what counts is kept.
func TestJournalStaysSmall(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	for range 200 {
		if err := j.Add(record("a")); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Begin([]Item{{Output: "o.png"}}); err != nil {
		t.Fatal(err)
	}
	before := j.size
	closed(t, j)
	j = opened(t, dir)
	defer closed(t, j)
	if _, ok := j.Find("a"); !ok || !j.Made("o.png") || j.Made("p.png") || j.size > before/50 {
		t.Errorf("found %t, made %t, %d bytes of %d", ok, j.Made("o.png"), j.size, before)
	}
	if err := j.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := j.Find("a"); ok || !j.Made("o.png") {
		t.Error("after Forget an item is still done, or its output taken for an input")
	}
}

func TestJournalFailsWhole(t *testing.T) {
	j := opened(t, t.TempDir())
	if err := j.Add(record("a")); err != nil {
		t.Fatal(err)
	}
	if err := j.f.Close(); err != nil {
		t.Fatal(err)
	}
	var user *edit.UserError
	if err := j.Add(record("b")); !errors.As(err, &user) {
		t.Errorf("Add to a closed file: %v", err)
	}
	if _, ok := j.Find("b"); ok {
		t.Error("what was not written counts as done")
	}
	_ = j.lock.Close()
}
