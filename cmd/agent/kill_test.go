package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/scene"
	"pentimento/internal/store"
)

// moments is how many kills are spread over a run.
const moments = 16

// TestKilledEdit kills the program at moments spread over a whole edit, told by
// the lines it has written, and looks whether what is left is whole and of use.
func TestKilledEdit(t *testing.T) {
	dir := t.TempDir()
	street := filepath.Join(dir, "street.png")
	img, _ := scene.Render(160, 107, 1)
	if err := imageio.Save(t.Context(), street, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	whole := killable{home: filepath.Join(dir, "whole"), input: street}
	lines, summary := whole.run(t, -1)
	want, err := os.ReadFile(whole.output())
	if err != nil || summary == nil || summary.ToolRuns == 0 {
		t.Fatalf("the edit does not work undisturbed: %v, %+v", err, summary)
	}
	reused, unfinished := 0, 0
	for i := range moments {
		k := killable{home: filepath.Join(dir, fmt.Sprint(i)), input: street}
		after := 1 + i*(lines-1)/moments
		finished, _ := k.run(t, after)
		if finished == lines {
			t.Errorf("the program was to be killed after line %d of %d and ended by itself", after, lines)
		}
		if n := k.check(t, "killed", want); n > 0 {
			unfinished++
		}
		_, again := k.run(t, -1)
		if again == nil {
			t.Errorf("killed after line %d, the next run fails", after)
			continue
		}
		if got, err := os.ReadFile(k.output()); err != nil || !bytes.Equal(got, want) {
			t.Errorf("killed after line %d, the next run writes another file: %v", after, err)
		}
		if again.ToolRuns+again.CacheHits < summary.ToolRuns {
			t.Errorf("killed after line %d, the next run has %d tool runs and %d results at hand, where %d were run", after, again.ToolRuns, again.CacheHits, summary.ToolRuns)
		}
		if again.CacheHits > 0 {
			reused++
		}
		if n := k.check(t, "run again", want); n > 0 {
			t.Errorf("killed after line %d, %d temporary files are left after the next run", after, n)
		}
	}
	t.Logf("%d lines; %d runs found results at hand, %d left something unfinished", lines, reused, unfinished)
	if reused < moments/3 {
		t.Errorf("only %d of %d runs after a kill found results at hand", reused, moments)
	}
}

// killable is an edit with a home of its own.
type killable struct{ home, input string }

func (k killable) output() string { return filepath.Join(k.home, "pictures", "out.png") }
func (k killable) data() string   { return filepath.Join(k.home, ".local", "share", "pentimento") }

// run edits the picture. It kills the program once it has written so many lines,
// unless that is negative. It returns the lines read, and the summary when the edit succeeded.
func (k killable) run(t *testing.T, killAfter int) (lines int, summary *edit.Summary) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(k.output()), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := start(t, k.home, nil, "edit", k.input, "recolor the red car to teal, then remove the yellow bench", "-o", k.output(), "--json", "--frozen")
	var last []byte
	for cmd.out.Scan() {
		last = bytes.Clone(cmd.out.Bytes())
		if lines++; lines == killAfter {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	err := cmd.Wait()
	if killAfter >= 0 {
		return lines, nil
	}
	var s edit.Summary
	if err != nil || json.Unmarshal(last, &s) != nil {
		t.Errorf("%v: %s%s", err, cmd.problems.Bytes(), last)
		return lines, nil
	}
	return lines, &s
}

// check looks at what is on disk: the database is sound, the output is the whole
// file or none. It returns the number of temporary files.
func (k killable) check(t *testing.T, when string, want []byte) (temporary int) {
	t.Helper()
	if got, err := os.ReadFile(k.output()); err == nil && !bytes.Equal(got, want) {
		t.Errorf("%s: the output is half written", when)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(k.output()))
	if err != nil {
		t.Error(err)
	}
	for _, f := range left {
		if f.Name() != filepath.Base(k.output()) {
			temporary++
		}
	}
	if _, err := os.Stat(store.Path(k.data())); err != nil {
		return temporary // killed before there was one
	}
	soundDatabase(t, when, store.Path(k.data()))
	unfinished, err := os.ReadDir(filepath.Join(k.data(), "blobs", "unfinished"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	return temporary + len(unfinished)
}

func soundDatabase(t *testing.T, when, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var verdict string
	if err := db.QueryRowContext(context.Background(), "PRAGMA integrity_check").Scan(&verdict); err != nil || strings.TrimSpace(verdict) != "ok" {
		t.Errorf("%s: integrity_check says %q, %v", when, verdict, err)
	}
}
