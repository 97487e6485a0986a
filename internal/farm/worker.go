package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/filelock"
)

// Result is what became of a task; it lies in the storage.
type Result struct {
	Worker     string           `json:"worker"`
	Attempt    int              `json:"attempt"`
	Scratch    string           `json:"scratch"` // folder on the worker that its words may name
	Output     string           `json:"output,omitempty"`
	Summary    edit.Summary     `json:"summary"`
	Events     []edit.Event     `json:"events"`
	Experience agent.Experience `json:"experience"`
	Error      string           `json:"error,omitempty"`
	Class      batch.Class      `json:"class,omitempty"`
	Overtime   bool             `json:"overtime,omitempty"` // the task's seconds were over
}

// Worker carries out tasks.
type Worker struct {
	Address Address
	Kind    string // of Kinds
	Make    string
	Name    string // that results and progress name
	Storage Storage
	Kit     func(device string) (*agent.Kit, error) // which keeps its calls in the storage
	Scratch string                                  // folder for what tasks need while they are carried out
	AtOnce  int
	Bounds  Bounds                           // that the storage is kept within
	Tell    func(format string, args ...any) // of what is begun and ended

	ending context.Context                                      // of the worker as a whole
	own    string                                               // folder in Scratch
	tell   func(ctx context.Context, task []byte, b Beat) error // the server of a task's progress
}

// Run serves the queue until stop is closed, and then finishes what is under way; ctx ends that too.
func (w *Worker) Run(ctx context.Context, stop <-chan struct{}) error {
	w.ending = ctx
	leave, err := w.enter()
	if err != nil {
		return err
	}
	defer leave()
	c, err := dial(ctx, w.Address)
	if err != nil {
		return err
	}
	defer c.Close()
	w.tell = func(ctx context.Context, task []byte, b Beat) error { return c.RecordActivityHeartbeat(ctx, task, b) }
	fatal := make(chan error, 2)
	options := worker.Options{
		Identity: w.Name, BackgroundActivityContext: ctx, WorkerStopTimeout: longest,
		OnFatalError: func(err error) { fatal <- err },
	}
	flows := worker.New(c, queue(w.Make, ""), options)
	flows.RegisterWorkflowWithOptions(editPicture, workflow.RegisterOptions{Name: workflowName})
	options.MaxConcurrentActivityExecutionSize = max(1, w.AtOnce)
	options.MaxConcurrentActivityTaskPollers = max(1, min(w.AtOnce, 4))
	options.DisableWorkflowWorker = true
	tasks := worker.New(c, queue(w.Make, w.Kind), options)
	tasks.RegisterActivityWithOptions(w.carryOut, activity.RegisterOptions{Name: activityName})
	if err := flows.Start(); err != nil {
		return unreached(ctx, w.Address, err)
	}
	defer flows.Stop()
	if err := tasks.Start(); err != nil {
		return unreached(ctx, w.Address, err)
	}
	defer tasks.Stop()
	sweeping, end := context.WithCancel(ctx)
	var swept sync.WaitGroup
	swept.Go(func() { w.sweep(sweeping) })
	defer swept.Wait()
	defer end()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-stop:
		return nil
	case err := <-fatal:
		return unreached(ctx, w.Address, err)
	}
}

// enter makes the worker's own scratch folder, and removes those of workers that were killed. A lock
// beside a folder says that its worker lives.
func (w *Worker) enter() (leave func(), err error) {
	if err := os.MkdirAll(w.Scratch, 0o700); err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(w.Scratch, "worker-*.lock"))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue // another worker removes it
		}
		if free, err := filelock.Try(f); err == nil && free {
			_ = os.RemoveAll(strings.TrimSuffix(path, ".lock")) // what stays is looked at again by the next
			_ = os.Remove(path)
		}
		_ = f.Close()
	}
	if w.own, err = os.MkdirTemp(w.Scratch, "worker-"); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(w.own+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = filelock.Try(lock)
	return func() {
		_ = os.RemoveAll(w.own) // the next worker would do it
		_ = lock.Close()
		_ = os.Remove(w.own + ".lock")
	}, err
}

// carryOut is the activity: one picture's edit from its begin to its end. What an earlier attempt finished
// is in the storage, and is not run again.
func (w *Worker) carryOut(ctx context.Context, t Task) (Done, error) {
	info := activity.GetInfo(ctx)
	if t.Form != form {
		return Done{}, temporal.NewNonRetryableApplicationError(fmt.Sprintf("the task has form %d; this worker reads %d", t.Form, form), "form", nil)
	}
	r := &running{worker: w, task: t, attempt: int(info.Attempt)}
	var last Beat
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &last) == nil {
		r.emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("taken over from %s, which was lost after %d finished steps", last.Worker, last.Steps)})
	} else if info.Attempt > 1 {
		r.emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("attempt %d", info.Attempt)})
	}
	w.Tell("%s: begun (attempt %d)", t.Input.Name, info.Attempt)
	beating, stopped := r.beat(ctx, info.TaskToken)
	done, err := r.edit(beating)
	given := stopped()
	switch {
	case w.ending.Err() != nil:
		return Done{}, errors.New("the worker was stopped") // another takes it
	case given != nil:
		w.Tell("%s: %v", t.Input.Name, given)
		return Done{}, temporal.NewCanceledError()
	case err != nil:
		w.Tell("%s: %v", t.Input.Name, err)
	default:
		w.Tell("%s: ended", t.Input.Name)
	}
	return done, err
}

// running is a task under way.
type running struct {
	worker  *Worker
	task    Task
	attempt int

	mu     sync.Mutex
	events []edit.Event
	steps  int
}

// edit carries the task out in a folder of its own. Its error is for what another attempt may mend; what
// the picture or the request is at fault for is in the result.
func (r *running) edit(ctx context.Context) (Done, error) {
	w := r.worker
	dir, err := os.MkdirTemp(w.own, "task-")
	if err != nil {
		return Done{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	job, err := r.fetch(ctx, dir)
	if err != nil {
		return Done{}, fmt.Errorf("the storage: %w", err)
	}
	base, err := w.Kit(r.task.Device)
	if err != nil {
		return Done{}, err
	}
	kit := base.Fork(filepath.Join(dir, "data"))
	defer func() { _ = kit.Forget() }()
	if err := kit.OpenStore(ctx, func(string) {}); err != nil {
		return Done{}, err
	}
	kit.Engine.Subroutines = nil // the rules come with the snapshot, and their evidence goes back
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s := job.MaxSeconds; s > 0 {
		limited, cancel = context.WithTimeout(ctx, time.Duration(s*float64(time.Second)))
	}
	defer cancel()
	out, editErr := kit.EditFile(limited, job, r.emit)
	if ctx.Err() != nil {
		return Done{}, ctx.Err()
	}
	res := Result{Worker: w.Name, Attempt: r.attempt, Scratch: dir, Summary: out.Summary}
	if editErr != nil {
		failure := batch.Classed(editErr)
		res.Error, res.Class = failure.Msg, failure.Class
		res.Overtime = errors.Is(editErr, context.DeadlineExceeded) && limited.Err() != nil
	}
	if res.Experience, err = kit.Engine.Experience(ctx, out); err != nil {
		return Done{}, err
	}
	return r.keep(ctx, res, editErr == nil && batch.StateOf(out.Summary) == batch.Done)
}

// fetch brings a task's files to this machine.
func (r *running) fetch(ctx context.Context, dir string) (agent.FileJob, error) {
	t, s := r.task, r.worker.Storage
	job := t.Job.fileJob()
	job.Beside = max(1, r.worker.AtOnce) - 1
	get := func(f File, folder string) (string, error) {
		at := filepath.Join(dir, folder, filepath.Base(f.Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return "", err
		}
		return at, getFile(ctx, s, f.Hash, at)
	}
	var err error
	if job.Input, err = get(t.Input, "in"); err != nil {
		return job, err
	}
	if t.Mask != nil {
		if job.Mask, err = get(*t.Mask, "mask"); err != nil {
			return job, err
		}
	}
	n := 0
	for name, f := range t.With {
		if job.With == nil {
			job.With = make(map[string]string)
		}
		n++
		if job.With[name], err = get(f, fmt.Sprintf("with%d", n)); err != nil {
			return job, err
		}
	}
	if t.Output != "" {
		job.Output = filepath.Join(dir, "out", filepath.Base(t.Output))
		if err := os.MkdirAll(filepath.Dir(job.Output), 0o700); err != nil {
			return job, err
		}
	}
	if t.Snapshot == "" {
		return job, nil
	}
	text, err := getBlob(ctx, s, t.Snapshot)
	if err == nil {
		job.Snapshot, err = agent.ReadSnapshot(text)
	}
	return job, err
}

// keep puts the result into the storage, its picture first.
func (r *running) keep(ctx context.Context, res Result, good bool) (Done, error) {
	s := r.worker.Storage
	if at := res.Summary.Output; at != "" {
		f, err := putFile(ctx, s, at)
		if err != nil {
			return Done{}, err
		}
		res.Output = f.Hash
	}
	r.mu.Lock()
	res.Events = r.events
	r.mu.Unlock()
	text, err := json.Marshal(res)
	if err != nil {
		return Done{}, err
	}
	hash, err := putBlob(ctx, s, text)
	return Done{Result: hash, Good: good}, err
}
