package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// Farm submits pictures to workers and gathers what comes of them.
type Farm struct {
	Make    string
	Storage Storage
	Again   string // not empty: nothing that an earlier command submitted counts
	// Engine learns from what comes back, and is what ranks the pictures of a run that is not frozen.
	Engine *agent.Engine
	// Versions is the version of all tools where the command runs.
	Versions func(ctx context.Context, device string) string
	Notice   func(string) // told of what keeps pictures waiting

	address Address
	client  client.Client

	mu     sync.Mutex
	gather sync.Mutex           // one at a time writes to the engine's store
	lonely map[string]time.Time // when to look next whether a queue is served
}

// Dial reaches the server; Close ends its use.
func (f *Farm) Dial(ctx context.Context, a Address) (err error) {
	f.address, f.lonely = a, make(map[string]time.Time)
	f.client, err = dial(ctx, a)
	return err
}

// Close ends the connection. What was submitted goes on.
func (f *Farm) Close() { f.client.Close() }

// Editor is one for a device, for batch.Runner.
func (f *Farm) Editor(device string) batch.Editor { return editor{f, device} }

type editor struct {
	*Farm
	device string
}

// EditFile implements batch.Editor: it submits the picture, or joins it where an earlier command did, and returns when it
// is done. When ctx ends the workflow is cancelled.
func (e editor) EditFile(ctx context.Context, job agent.FileJob, emit func(edit.Event)) (agent.Outcome, error) {
	t, err := e.task(ctx, job)
	if err != nil {
		return agent.Outcome{}, err
	}
	w := &waiting{editor: e, task: t, job: job, emit: emit}
	done, err := w.result(ctx, false)
	if err == nil && (!done.Good || !e.has(ctx, done.Result)) && !w.fresh {
		done, err = w.result(ctx, true) // it failed before, or the storage was cleared: it is done anew
	}
	if err != nil {
		return agent.Outcome{}, err
	}
	return w.deliver(ctx, done)
}

// has reports whether a result with its picture lies in the storage.
func (f *Farm) has(ctx context.Context, hash string) bool {
	res, err := f.read(ctx, hash)
	if err != nil || res.Output == "" {
		return err == nil
	}
	_, err = f.Storage.Stat(ctx, under(blobs, res.Output))
	return err == nil
}

func (f *Farm) read(ctx context.Context, hash string) (res Result, err error) {
	text, err := getBlob(ctx, f.Storage, hash)
	if err != nil {
		return res, err
	}
	return res, json.Unmarshal(text, &res)
}

// task brings the job's files into the storage and names them by hash.
func (e editor) task(ctx context.Context, job agent.FileJob) (Task, error) {
	t := Task{
		Form: form, Queue: queue(e.Make, KindOf(e.device)), Device: e.device, Again: e.Again, Job: specOf(job),
		Versions: e.Versions(ctx, e.device),
	}
	var err error
	if t.Input, err = putFile(ctx, e.Storage, job.Input); err != nil {
		return t, err
	}
	if job.Output != "" {
		t.Output = filepath.Base(job.Output)
	}
	if job.Mask != "" {
		mask, err := putFile(ctx, e.Storage, job.Mask)
		if err != nil {
			return t, err
		}
		t.Mask = &mask
	}
	for _, name := range slices.Sorted(maps.Keys(job.With)) {
		if t.With == nil {
			t.With = make(map[string]File)
		}
		if t.With[name], err = putFile(ctx, e.Storage, job.With[name]); err != nil {
			return t, err
		}
	}
	ranked := job.Snapshot
	if ranked == nil {
		if ranked, err = e.Engine.Snapshot(ctx); err != nil {
			return t, err
		}
	}
	text, err := ranked.JSON()
	if err != nil {
		return t, err
	}
	t.Snapshot, err = putBlob(ctx, e.Storage, text)
	return t, err
}

// waiting is a picture under way elsewhere.
type waiting struct {
	editor
	task  Task
	job   agent.FileJob
	emit  func(edit.Event)
	fresh bool // the workflow was begun by this command

	attempt int  // whose events were passed on
	passed  int  // events of it
	mute    bool // the server did not answer the last time
}

// result waits for the picture's workflow. again begins one anew where another is done.
func (w *waiting) result(ctx context.Context, again bool) (done Done, err error) {
	id, err := w.task.ID()
	if err != nil {
		return done, err
	}
	for {
		run, err := w.start(ctx, id, again)
		if err == nil {
			done, err = w.wait(ctx, run)
		}
		switch {
		case ctx.Err() != nil:
			w.cancel(ctx, id)
			return done, ctx.Err()
		case err == nil:
			return done, nil
		case temporal.IsCanceledError(err): // by an earlier command, which this one does not mean
			if !w.fresh {
				continue
			}
			return done, &batch.Failure{Msg: "it was cancelled on the server", Class: batch.Permanent}
		case away(err):
			if err := w.pause(ctx); err != nil {
				w.cancel(ctx, id)
				return done, err
			}
			continue
		}
		return done, &batch.Failure{Msg: "no worker could carry it out: " + reason(err), Class: batch.Retryable}
	}
}

// start begins the workflow, or joins the one that is under way or, unless again, done.
func (w *waiting) start(ctx context.Context, id string, again bool) (client.WorkflowRun, error) {
	reuse := enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	if again {
		reuse = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	run, err := w.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: queue(w.Make, ""), WorkflowIDReusePolicy: reuse,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflowName, w.task)
	var there *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &there) {
		w.fresh = false
		return w.client.GetWorkflow(ctx, id, there.RunId), nil
	}
	w.fresh = err == nil
	return run, err
}

// wait waits for a run's end, and passes on what its worker tells meanwhile.
func (w *waiting) wait(ctx context.Context, run client.WorkflowRun) (done Done, err error) {
	ended := make(chan error, 1)
	go func() { ended <- run.Get(ctx, &done) }()
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return done, err
		case <-tick.C:
			w.look(ctx, run)
		}
	}
}

// look asks how far a run is. A server that does not answer is asked again.
func (w *waiting) look(ctx context.Context, run client.WorkflowRun) {
	d, err := w.client.DescribeWorkflowExecution(ctx, run.GetID(), run.GetRunID())
	if err != nil || len(d.GetPendingActivities()) == 0 {
		w.sayLonely(ctx, queue(w.Make, ""))
		return
	}
	p := d.GetPendingActivities()[0]
	if p.GetState() == enums.PENDING_ACTIVITY_STATE_SCHEDULED {
		w.sayLonely(ctx, w.task.Queue)
	}
	var b Beat
	if converter.GetDefaultDataConverter().FromPayloads(p.GetHeartbeatDetails(), &b) != nil {
		return
	}
	w.pass(b.Attempt, b.From, b.Events)
}

// pass passes on the events of an attempt that were not passed on. Where some are missing it waits
// for the result, which holds all.
func (w *waiting) pass(attempt int, from int, events []edit.Event) {
	if attempt != w.attempt {
		w.attempt, w.passed = attempt, 0
	}
	if from > w.passed {
		return
	}
	for _, e := range events[min(len(events), w.passed-from):] {
		if e.Type == edit.EventSaved {
			continue // not yet here
		}
		e.Message, e.Error = w.here(e.Message, ""), w.here(e.Error, "")
		w.emit(e)
	}
	w.passed = max(w.passed, from+len(events))
}

// Whether a queue is served is looked at lonelyAfter the first picture waits, since workers take a while to find a
// server that was started again, and then every lonelyEvery.
const (
	lonelyAfter = 5 * time.Second
	lonelyEvery = 30 * time.Second
)

// sayLonely says that no worker serves a queue, where that is so.
func (w *waiting) sayLonely(ctx context.Context, name string) {
	w.mu.Lock()
	next, known := w.lonely[name]
	due := known && time.Now().After(next)
	switch {
	case due:
		w.lonely[name] = time.Now().Add(lonelyEvery)
	case !known:
		w.lonely[name] = time.Now().Add(lonelyAfter)
	}
	w.mu.Unlock()
	if !due {
		return
	}
	kind := enums.TASK_QUEUE_TYPE_ACTIVITY
	if name == queue(w.Make, "") {
		kind = enums.TASK_QUEUE_TYPE_WORKFLOW
	}
	d, err := w.client.DescribeTaskQueue(ctx, name, kind)
	if err != nil || len(d.GetPollers()) > 0 {
		return
	}
	w.Notice(fmt.Sprintf("no worker with this program's version and tool docs (%s) serves the queue; the pictures wait. Start one: agent worker --queue %s --engine %s --storage ...",
		w.Make, KindOf(w.device), w.address))
}

// pause waits a little for a server that does not answer, and says so the first time.
func (w *waiting) pause(ctx context.Context) error {
	if !w.mute {
		w.mute = true
		w.emit(edit.Event{Type: edit.EventNotice, Message: "the Temporal server does not answer; the picture waits for it"})
	}
	return ctxio.Sleep(ctx, beatEvery)
}

// cancel has a worker give the picture up; the command may end before one does.
func (w *waiting) cancel(ctx context.Context, id string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), beatEvery/2)
	defer stop()
	_ = w.client.CancelWorkflow(ctx, id, "") // a server that is gone cannot be told
}

// deliver puts the result where the job wants it, and takes in what was learned.
func (w *waiting) deliver(ctx context.Context, done Done) (agent.Outcome, error) {
	res, err := w.read(ctx, done.Result)
	if err != nil {
		return agent.Outcome{}, retaken(fmt.Errorf("the result in the storage: %w", err), errDamaged, fs.ErrNotExist)
	}
	for i := range res.Events {
		res.Events[i].Message, res.Events[i].Error = w.here(res.Events[i].Message, res.Scratch), w.here(res.Events[i].Error, res.Scratch)
	}
	w.pass(res.Attempt, 0, res.Events)
	if err := w.learn(ctx, done.Result, res); err != nil {
		w.emit(edit.Event{Type: edit.EventNotice, Message: "nothing was learned from this edit: " + err.Error()})
	}
	out := agent.Outcome{Summary: res.Summary}
	out.Summary.Output = ""
	if res.Output != "" && w.job.Output != "" {
		if err := getFile(ctx, w.Storage, res.Output, w.job.Output); err != nil {
			return out, retaken(err, errDamaged)
		}
		out.Summary.Output = w.job.Output
		w.emit(edit.Event{Type: edit.EventSaved, Output: w.job.Output})
	}
	switch {
	case res.Overtime:
		return out, context.DeadlineExceeded
	case res.Error != "":
		return out, &batch.Failure{Msg: w.here(res.Error, res.Scratch), Class: res.Class}
	}
	return out, nil
}

// retaken is an error that the picture is tried again for where it is one of those: its workflow is then begun anew.
func retaken(err error, those ...error) error {
	for _, one := range those {
		if errors.Is(err, one) {
			return &batch.Failure{Msg: err.Error(), Class: batch.Retryable}
		}
	}
	return err
}

// learn takes in what a result's edit showed, once.
func (f *Farm) learn(ctx context.Context, hash string, res Result) error {
	f.gather.Lock()
	defer f.gather.Unlock()
	mark := under(gathered, hash)
	if _, err := f.Storage.Stat(ctx, mark); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.Engine.Gather(ctx, res.Experience); err != nil {
		return err
	}
	return f.Storage.Put(ctx, mark, contentOf(nil))
}

// here words a worker's text with the names that the job's files have here.
func (w *waiting) here(text, scratch string) string {
	if scratch == "" || !strings.Contains(text, scratch) {
		return text
	}
	text = strings.ReplaceAll(text, filepath.Join(scratch, "in", w.task.Input.Name), w.job.Input)
	if w.task.Output != "" {
		text = strings.ReplaceAll(text, filepath.Join(scratch, "out", w.task.Output), w.job.Output)
	}
	return text
}

// away reports whether an error says that the server is out of reach for the moment.
func away(err error) bool {
	var unavailable *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	var busy *serviceerror.ResourceExhausted
	return errors.As(err, &unavailable) || errors.As(err, &late) || errors.As(err, &busy) || errors.Is(err, context.DeadlineExceeded)
}

// reason is the innermost of what a workflow failed for.
func reason(err error) string {
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return "its workers were lost one after another"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
