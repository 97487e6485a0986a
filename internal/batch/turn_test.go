package batch

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// ahead is an editor that reads, takes its turn to compute, and saves.
type ahead struct {
	read              chan string
	computing, atOnce atomic.Int32
	compute           func(name string)
}

func (e *ahead) EditFile(ctx context.Context, job agent.FileJob, _ func(edit.Event)) (agent.Outcome, error) {
	name := filepath.Base(job.Input)
	e.read <- name
	over, err := job.Turn(ctx)
	if err != nil {
		return agent.Outcome{}, err
	}
	e.atOnce.Store(max(e.atOnce.Load(), e.computing.Add(1)))
	e.compute(name)
	e.computing.Add(-1)
	over()
	done := edit.SubtaskReport{ID: 1, Task: "t", Status: edit.StatusDone}
	return agent.Outcome{Summary: edit.Summary{Output: job.Output, Subtasks: []edit.SubtaskReport{done}}}, os.WriteFile(job.Output, []byte(name), 0o600)
}

// TestReadsAhead: the next picture is read while one computes, and no further one; one that was only read when the run is
// stopped was not begun, and is done by the next run.
func TestReadsAhead(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png", "d.png")
	e := &ahead{read: make(chan string, 4)}
	stop, left, first := make(chan struct{}), make(chan struct{}), true
	e.compute = func(string) {
		if !first {
			return
		}
		first = false
		for range 2 { // that the other is read does not wait for this one
			<-e.read
		}
		close(stop)
		<-left
		if len(e.read) > 0 {
			t.Error("a third picture was read while one computed")
		}
	}
	b.r.Editor, b.r.Ahead, b.r.Stop = func(string) (Editor, error) { return e, nil }, 1, stop
	b.r.Ended = func(r ItemReport, _ Progress) {
		if r.State == Left {
			close(left)
		}
	}
	r := b.run()
	if r.Counts != (Counts{All: 4, Done: 1, Left: 3}) || e.atOnce.Load() != 1 {
		t.Fatalf("stopped: %+v, %d computed at once", r.Counts, e.atOnce.Load())
	}
	b.r.Stop, b.r.Ended, e.read = nil, nil, make(chan string, 4)
	if r = b.run(); r.Counts != (Counts{All: 4, Done: 4, Kept: 1}) || e.atOnce.Load() != 1 {
		t.Errorf("resumed: %+v, %d computed at once", r.Counts, e.atOnce.Load())
	}
}

// TestTurnsComeBack: neither an error nor a defect keeps a turn.
func TestTurnsComeBack(t *testing.T) {
	b := newBench(t, "a.png", "b.png", "c.png", "d.png")
	e := &ahead{read: make(chan string, 4), compute: func(name string) {
		if name != "d.png" {
			panic(name)
		}
	}}
	b.r.Editor, b.r.Ahead = func(string) (Editor, error) { return e, nil }, 1
	if r := b.run(); r.Counts != (Counts{All: 4, Done: 1, Failed: 3}) {
		t.Errorf("%+v", r.Counts)
	}
}
