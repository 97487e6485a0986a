package farm

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/scene"
	"pentimento/internal/store"
	"pentimento/tooldocs"
)

// machine is a kit with folders of its own, as on a machine of its own.
func machine(t *testing.T, calls store.Calls) *agent.Kit {
	t.Helper()
	dir := t.TempDir()
	k, err := agent.Open(agent.Options{
		Dirs:    config.Dirs{Data: filepath.Join(dir, "data"), Cache: filepath.Join(dir, "cache"), Models: filepath.Join(dir, "models")},
		Shipped: tooldocs.FS, Device: "cpu", Calls: calls, Planning: agent.Planning{Mode: agent.PlanGrammar},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// carried runs a task's activity on a worker of its own.
func carried(t *testing.T, s Storage, task Task, before *Beat) Done {
	t.Helper()
	k := machine(t, Calls{s})
	w := &Worker{
		Name: t.Name(), Storage: s, Kit: func(string) (*agent.Kit, error) { return k, nil }, AtOnce: 1,
		Tell: t.Logf, ending: t.Context(), own: t.TempDir(), tell: func(context.Context, []byte, Beat) error { return nil },
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(w.carryOut, activity.RegisterOptions{Name: activityName})
	if before != nil {
		env.SetHeartbeatDetails(*before)
	}
	value, err := env.ExecuteActivity(activityName, task)
	var done Done
	if err == nil {
		err = value.Get(&done)
	}
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// A picture comes out of a worker as out of the machine itself, byte for byte; a second worker runs nothing that
// the first finished, and its traces are entered once however often the result is delivered.
func TestWorkerEditsAsTheMachineItself(t *testing.T) {
	eachStorage(t, func(t *testing.T, s shared) { editsAsTheMachine(t, s) })
}

func editsAsTheMachine(t *testing.T, s shared) {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	in := filepath.Join(dir, "street.png")
	img, _ := scene.Render(320, 213, 3)
	if err := imageio.Save(ctx, in, img, imageio.Options{}); err != nil {
		t.Fatal(err)
	}
	here := machine(t, nil)
	if err := here.OpenStore(ctx, func(n string) { t.Log(n) }); err != nil {
		t.Fatal(err)
	}
	ranked, err := here.Engine.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const request = "sharpen the picture, then flip it horizontally"
	planned, err := here.PlanWith(ctx, request, edit.History{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	job := agent.FileJob{Input: in, Output: filepath.Join(dir, "far.png"), Request: request, Planned: &planned, Alpha: 1, Threshold: 0.8, Frozen: true, Named: true, Snapshot: ranked}
	f := &Farm{Make: "m", Storage: s, Engine: here.Engine, Versions: func(context.Context, string) string { return "v" }}
	task, err := editor{f, "cpu"}.task(ctx, job)
	if err != nil {
		t.Fatal(err)
	}
	first := carried(t, s, task, nil)
	if !first.Good {
		t.Fatalf("not done: %+v", first)
	}
	ran := func(hash string) (n int, taken bool) {
		res, err := f.read(ctx, hash)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range res.Events {
			if e.Type == edit.EventStepFinished && !e.Cached {
				n++
			}
			taken = taken || e.Message == "taken over from one, which was lost after 1 finished steps"
		}
		return n, taken
	}
	if n, _ := ran(first.Result); n == 0 {
		t.Error("the first worker ran nothing")
	}
	second := carried(t, s, task, &Beat{Worker: "one", Steps: 1})
	if n, taken := ran(second.Result); n != 0 || !taken {
		t.Errorf("the second worker ran %d calls that the first had finished; it told that it took over: %v", n, taken)
	}
	for range 2 {
		w := &waiting{editor: editor{f, "cpu"}, task: task, job: job, emit: func(edit.Event) {}}
		out, err := w.deliver(ctx, first)
		if err != nil || out.Summary.Output != job.Output {
			t.Fatal(out.Summary, err)
		}
	}
	// A result that was damaged meanwhile is not delivered; the picture is tried again.
	w := &waiting{editor: editor{f, "cpu"}, task: task, job: job, emit: func(edit.Event) {}}
	res, err := f.read(ctx, first.Result)
	if err != nil {
		t.Fatal(err)
	}
	s.alter(under(blobs, res.Output), []byte("no picture"))
	var told *batch.Failure
	if _, err := w.deliver(ctx, first); !errors.As(err, &told) || told.Class != batch.Retryable || f.has(ctx, first.Result) {
		t.Errorf("a damaged result: %v", err)
	}
	if n, err := here.Engine.Store.CountTraces(ctx, store.Filter{}); err != nil || n != 2 {
		t.Errorf("%d traces of two subtasks, %v", n, err)
	}
	far := job.Output
	job.Output = filepath.Join(dir, "near.png")
	if _, err := here.EditFile(ctx, job, func(edit.Event) {}); err != nil {
		t.Fatal(err)
	}
	a, errA := os.ReadFile(far)
	b, errB := os.ReadFile(job.Output)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("the worker's picture has %d bytes, the machine's own %d, or they differ (%v, %v)", len(a), len(b), errA, errB)
	}
}
