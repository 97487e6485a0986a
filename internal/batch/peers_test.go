package batch

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// liar says of every picture that it is done and saved, and saves only some.
type liar struct{ saves func(name string) bool }

func (l liar) EditFile(_ context.Context, job agent.FileJob, _ func(edit.Event)) (agent.Outcome, error) {
	out := agent.Outcome{Summary: edit.Summary{Output: job.Output, Subtasks: []edit.SubtaskReport{{ID: 1, Task: "t", Status: edit.StatusDone}}}}
	if !l.saves(filepath.Base(job.Input)) {
		return out, nil
	}
	return out, os.WriteFile(job.Output, []byte(job.Input), 0o600)
}

// TestPeersDefects: pictures that differ in their extension or folder alone each get a result of their own; a picture whose result
// is not there does not count as done, in this run or the next; and whatever becomes of a picture, its file stays.
func TestPeersDefects(t *testing.T) {
	names := []string{"a.jpg", "a.png", "sub/a.png", "sub/deep/a.png"}
	dir := files(t, names...)
	items, err := plan(Job{Inputs: []string{"**/a.*"}, Request: "x", Output: "out/{rel}/{stem}-{ext}.png"}).Items(dir, nil)
	if err != nil || len(items) != 4 {
		t.Fatal(len(items), err)
	}
	run := func(saves func(string) bool) Counts {
		t.Helper()
		j := opened(t, filepath.Join(dir, "job"))
		defer closed(t, j)
		c := &clock{}
		r := Runner{Editor: func(string) (Editor, error) { return liar{saves}, nil }, Journal: j, Now: c.Now, After: c.After}
		report, err := r.Run(t.Context(), items)
		if err != nil {
			t.Fatal(err)
		}
		return report.Counts
	}
	if c := run(func(string) bool { return false }); c.Done > 0 {
		t.Errorf("nothing was saved: %+v", c)
	}
	if c := run(func(string) bool { return true }); c != (Counts{All: 4, Done: 4}) {
		t.Errorf("all were saved: %+v", c)
	}
	if err := os.Remove(items[2].Output); err != nil {
		t.Fatal(err)
	}
	if c := run(func(string) bool { return true }); c != (Counts{All: 4, Done: 4, Kept: 3}) {
		t.Errorf("one result was lost: %+v", c)
	}
	for i, it := range items {
		if got, err := os.ReadFile(it.Output); err != nil || string(got) != it.Input {
			t.Errorf("item %d: %q, %v", i+1, got, err)
		}
	}
	for _, name := range names {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != name {
			t.Errorf("%s is now %q, %v", name, got, err)
		}
	}
}
