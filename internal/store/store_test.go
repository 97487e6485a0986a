package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"pentimento/internal/edit"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("PENTIMENTO_TEST_STORE"); dir != "" {
		child(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

func openStore(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// nan compares Reals so that unmeasured equals unmeasured.
var nan = cmp.Comparer(func(a, b Real) bool { return a == b || !a.Measured() && !b.Measured() })

func exampleTrace() Trace {
	teal, _ := edit.ParseColor("teal")
	return Trace{
		Time: time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC), Request: `paint "it" teal; DROP TABLE traces`,
		Session: "s1", Picture: strings.Repeat("ab", 32), Origin: strings.Repeat("cd", 32), Shown: true,
		Subtask:  edit.Subtask{ID: 1, Task: "recolour", Object: "red car", Args: map[string]edit.Arg{"color": {Value: teal}}},
		Features: map[string]any{"area": 0.25, "color": "red", "touches": true},
		Alpha:    1, Threshold: .6, Outcome: edit.StatusFailed, Reason: "no", Quality: Unmeasured(), Seconds: 3.5,
		Steps: []Step{
			{Call: "find", Tool: "find", Megapixels: 1.2, Seconds: .5, LoadSeconds: .25, FreeCore: true, Judgement: Judgement{Quality: .9, Verdict: Pass}},
			{
				Call: "paint#1", Tool: "paint", Variant: 1, Params: map[string]any{"strength": .5, "mode": "x"}, Inputs: []int{0}, Cached: true, Final: true, Error: "out of memory",
				Judgement: Judgement{Quality: Unmeasured(), Verdict: Fail, Scores: map[string]Real{"outside": 0, "paint": Unmeasured()}, Reason: "spoilt"},
			},
		},
	}
}

func TestTraceRoundTrips(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a ?#%20 ü folder")
	s := openStore(t, dir, Options{})
	want := exampleTrace()
	id, err := s.AddTrace(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := openStore(t, dir, Options{}).TraceByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want.ID = id
	if diff := cmp.Diff(want, got, nan, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTraceRefusesNoNumbers(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	bad := exampleTrace()
	bad.Steps[1].Seconds = math.NaN()
	if _, err := s.AddTrace(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "paint#1") {
		t.Errorf("a trace with a NaN gave %v", err)
	}
	odd := exampleTrace()
	odd.Features["edges"] = math.Inf(1)
	id, err := s.AddTrace(t.Context(), odd)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.TraceByID(t.Context(), id)
	if _, has := got.Features["edges"]; err != nil || has || len(got.Features) != 3 {
		t.Errorf("features %v, %v; want those that are numbers", got.Features, err)
	}
}

// TestOldTracesGo: the newest traces are kept, with their steps, and ids go on growing.
func TestOldTracesGo(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Traces: 3})
	for range 5 {
		if _, err := s.AddTrace(t.Context(), exampleTrace()); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Traces(t.Context(), Filter{})
	if err != nil || len(all) != 3 || all[0].ID != 3 || all[2].ID != 5 || len(all[0].Steps) != 2 {
		t.Errorf("kept are %+v, %v, want the traces 3 to 5", all, err)
	}
	var steps int
	if err := s.reader.QueryRow("SELECT count(*) FROM steps").Scan(&steps); err != nil || steps != 6 {
		t.Errorf("%d steps are kept of 3 traces, %v", steps, err)
	}
}

func TestTracesFilter(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	for i := range 10 {
		tr := exampleTrace()
		tr.Subtask.Task = []string{"a", "b"}[i%2]
		if i >= 6 {
			tr.Outcome = edit.StatusDone
		}
		if _, err := s.AddTrace(t.Context(), tr); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		f    Filter
		want []int64
	}{
		{Filter{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{Filter{Task: "a"}, []int64{1, 3, 5, 7, 9}},
		{Filter{Outcome: edit.StatusDone}, []int64{7, 8, 9, 10}},
		{Filter{Task: "b", Since: 4, Limit: 2}, []int64{6, 8}},
		{Filter{Task: "b", Limit: 2, Newest: true}, []int64{8, 10}},
		{Filter{Task: "c"}, nil},
	} {
		traces, err := s.Traces(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, tr := range traces {
			got = append(got, tr.ID)
			if len(tr.Steps) != 2 {
				t.Errorf("trace %d has %d steps", tr.ID, len(tr.Steps))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v gives %v, want %v", c.f, got, c.want)
		}
		if n, err := s.CountTraces(t.Context(), c.f); err != nil || c.f.Limit == 0 && n != len(c.want) {
			t.Errorf("%+v counts %d (%v), want %d", c.f, n, err, len(c.want))
		}
	}
	if _, err := s.TraceByID(t.Context(), 99); !errors.Is(err, ErrNoTrace) {
		t.Errorf("trace 99: %v", err)
	}
}

func TestUpdateLosesNothing(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	const each, stores = 50, 3
	for range stores {
		s := openStore(t, dir, Options{})
		wait.Go(func() {
			for range each {
				err := s.Update(t.Context(), "cost/x", func(old []byte) []byte {
					n := 0
					_, _ = fmt.Sscan(string(old), &n)
					return fmt.Append(nil, n+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	s := openStore(t, dir, Options{})
	v, err := s.Statistic(t.Context(), "cost/x")
	if err != nil || string(v) != fmt.Sprint(each*stores) {
		t.Errorf("the count is %s (%v), want %d", v, err, each*stores)
	}
	if err := s.Update(t.Context(), "cost/x", func([]byte) []byte { return nil }); err != nil {
		t.Error(err)
	}
	if err := s.Update(t.Context(), "bad", func([]byte) []byte { return []byte("{") }); err == nil {
		t.Error("what is no JSON was stored")
	}
	if v, err := s.Statistic(t.Context(), "bad"); err != nil || v != nil {
		t.Errorf("a key without value gives %q, %v", v, err)
	}
	if err := s.Update(t.Context(), "cost/%", func([]byte) []byte { return []byte("1") }); err != nil {
		t.Error(err)
	}
	all, err := s.Statistics(t.Context(), "cost/")
	if err != nil || len(all) != 2 {
		t.Errorf("under cost/ are %v (%v)", all, err)
	}
	if all, err = s.Statistics(t.Context(), "cost/%"); err != nil || len(all) != 1 {
		t.Errorf("under cost/%% are %v (%v)", all, err)
	}
	if err := s.Drop(t.Context(), "cost/%", "cost/never"); err != nil {
		t.Error(err)
	}
	if all, err = s.Statistics(t.Context(), "cost/"); err != nil || len(all) != 1 {
		t.Errorf("after one of two was dropped there are %v (%v)", all, err)
	}
}

func TestDamagedDatabaseIsMovedAside(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"not a database": func(t *testing.T, path string) {
			write(t, path, []byte(strings.Repeat("no database at all ", 1000)))
		},
		"header": func(t *testing.T, path string) { overwrite(t, path, 0, 4096) },
		"schema": func(t *testing.T, path string) { overwrite(t, path, 100, 3900) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir)
			damage(t, Path(dir))
			var notices []string
			s := openStore(t, dir, Options{Notice: func(n string) { notices = append(notices, n) }})
			aside := filepath.Join(dir, "pentimento-damaged-1.db")
			if _, err := os.Stat(aside); err != nil {
				t.Error(err)
			}
			if len(notices) != 1 || !strings.Contains(notices[0], aside) {
				t.Errorf("notices: %q", notices)
			}
			if _, err := s.AddTrace(t.Context(), exampleTrace()); err != nil {
				t.Error(err)
			}
			// The old database's files are nobody's now.
			if left := blobFiles(t, dir); len(left) != 0 {
				t.Errorf("blobs left: %v", left)
			}
		})
	}
}

// TestDamagedPageIsFoundInUse damages a page that Open does not read.
func TestDamagedPageIsFoundInUse(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir)
	st, err := os.Stat(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	half := st.Size() / 2 // beyond it there are only traces
	overwrite(t, Path(dir), half, st.Size()-half)
	s := openStore(t, dir, Options{Notice: func(n string) { t.Errorf("notice: %s", n) }})
	_, err = s.Traces(t.Context(), Filter{})
	var user *edit.UserError
	if !errors.As(err, &user) || user.Hint == "" {
		t.Fatalf("reading damaged pages gave %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	notices := 0
	s = openStore(t, dir, Options{Notice: func(string) { notices++ }})
	if traces, err := s.Traces(t.Context(), Filter{}); err != nil || len(traces) != 0 || notices != 1 {
		t.Errorf("after it: %d traces, %v, %d notices", len(traces), err, notices)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir)
	execute(t, Path(dir), "PRAGMA user_version = 99")
	_, err := Open(t.Context(), dir, Options{})
	var user *edit.UserError
	if !errors.As(err, &user) || !strings.Contains(err.Error(), "newer") || user.Hint == "" {
		t.Errorf("a newer database gave %v", err)
	}
	names, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	execute(t, Path(dir), "PRAGMA user_version = "+itoa(names[len(names)-1].version))
	if traces, err := openStore(t, dir, Options{}).Traces(t.Context(), Filter{}); err != nil || len(traces) == 0 {
		t.Errorf("it was not left as it was: %d traces, %v", len(traces), err)
	}
}

// A database as the first schema had it keeps its traces, and takes new ones.
func TestFirstSchemaIsBroughtUpToDate(t *testing.T) {
	dir := t.TempDir()
	names, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	first, err := files.ReadFile(names[0].file)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, Path(dir), string(first)+sqlSetApplication+`
PRAGMA user_version = 1;
INSERT INTO traces VALUES (1, 0, 'r', '', 'p', 't', '{}', '{}', 1, 0.5, 'done', '', 1, 2);
INSERT INTO steps VALUES (1, 0, 'find', 'find', 0, '{}', '[]', 1, 1, 0, 1, 0, NULL, '', '{}', '', 1);`)
	s := openStore(t, dir, Options{})
	if _, err := s.AddTrace(t.Context(), exampleTrace()); err != nil {
		t.Fatal(err)
	}
	traces, err := s.Traces(t.Context(), Filter{})
	if err != nil || len(traces) != 2 || len(traces[0].Steps) != 1 {
		t.Fatalf("%d traces (%v)", len(traces), err)
	}
	if old := traces[0]; old.Origin != "" || old.Shown || old.Steps[0].Error != "" || old.Steps[0].Call != "find" || !traces[1].Shown {
		t.Errorf("read %+v and %+v", old, traces[1])
	}
	row := SubroutineRow{ID: "r1", Task: "object-removal", State: "active", Body: []byte("{}")}
	if err := s.PutSubroutines(t.Context(), []SubroutineRow{row}); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Subroutines(t.Context(), SubroutineFilter{Task: row.Task})
	if diff := cmp.Diff([]SubroutineRow{row}, rows); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	execute(t, Path(dir), "CREATE TABLE recipes (dish TEXT)")
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("another program's database gave %v", err)
	}
}

func TestLockedDatabaseIsSaid(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	other, err := sql.Open("sqlite3", "file:"+Path(dir)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddTrace(ctx, exampleTrace()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait that was ended gave %v", err)
	}
	execute := func() error {
		_, err := s.writer.Exec("PRAGMA busy_timeout = 50")
		return err
	}
	if err := execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddTrace(t.Context(), exampleTrace()); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a locked database gave %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddTrace(t.Context(), exampleTrace()); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestFolderThatCannotHoldIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	_, err := Open(t.Context(), filepath.Join(file, "data"), Options{})
	var user *edit.UserError
	if !errors.As(err, &user) || user.Hint == "" {
		t.Errorf("a folder below a file gave %v", err)
	}
}

// fill makes a database with traces and blobs, and closes it.
func fill(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if _, err := s.AddTrace(t.Context(), exampleTrace()); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			if err := s.PutCall(t.Context(), fmt.Sprint(i), record(i, 20000)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// overwrite puts rubbish over n bytes of a file.
func overwrite(t *testing.T, path string, at, n int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	rubbish := make([]byte, n)
	for i := range rubbish {
		rubbish[i] = byte(i*7 + 13)
	}
	if _, err := f.WriteAt(rubbish, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// blobFiles lists all files below the blobs folder, unfinished ones too.
func blobFiles(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
