package farm

import (
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]Address{
		"temporal://farm:7000/pictures": {"farm:7000", "pictures"},
		"temporal://127.0.0.1":          {"127.0.0.1:7233", "default"},
		"temporal://[::1]/p":            {"[::1]:7233", "p"},
	} {
		if got, err := ParseAddress(text); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "http://farm:1", "temporal://", "farm:7233", "temporal://farm/a/b", "temporal://u:p@farm", "temporal://farm?x=1"} {
		if got, err := ParseAddress(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

// flow is a test environment that runs the workflow over an activity of the test's own.
func flow(t *testing.T, carryOut func(Task) (Done, error)) (*testsuite.TestWorkflowEnvironment, *int) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflowWithOptions(editPicture, workflow.RegisterOptions{Name: workflowName})
	n := 0
	env.RegisterActivityWithOptions(func(task Task) (Done, error) {
		n++
		return carryOut(task)
	}, activity.RegisterOptions{Name: activityName})
	return env, &n
}

func TestWorkflowReturnsWhatItsActivityDid(t *testing.T) {
	task := Task{Form: form, Queue: "q", Input: File{"ab", "a.png"}}
	env, n := flow(t, func(got Task) (Done, error) {
		if !reflect.DeepEqual(got, task) {
			t.Errorf("the activity was handed %+v", got)
		}
		return Done{"cd", true}, nil
	})
	env.ExecuteWorkflow(workflowName, task)
	var done Done
	if err := env.GetWorkflowResult(&done); err != nil || done != (Done{"cd", true}) || *n != 1 {
		t.Errorf("%+v, %v after %d attempts", done, err, *n)
	}
}

func TestWorkflowHandsAPictureOn(t *testing.T) {
	tries := 0
	env, n := flow(t, func(Task) (Done, error) {
		if tries++; tries < 3 {
			return Done{}, errors.New("the storage is out of reach")
		}
		return Done{"cd", true}, nil
	})
	start := env.Now()
	env.ExecuteWorkflow(workflowName, Task{Form: form})
	if err := env.GetWorkflowError(); err != nil || *n != 3 {
		t.Errorf("%v after %d attempts", err, *n)
	}
	if waited := env.Now().Sub(start); waited < 3*time.Second {
		t.Errorf("three attempts within %v", waited)
	}
}

func TestWorkflowGivesUp(t *testing.T) {
	env, n := flow(t, func(Task) (Done, error) { return Done{}, errors.New("the storage is out of reach") })
	env.ExecuteWorkflow(workflowName, Task{Form: form})
	if err := env.GetWorkflowError(); err == nil || reason(err) != "the storage is out of reach" || *n != attempts {
		t.Errorf("%v after %d attempts", err, *n)
	}
	env, n = flow(t, func(Task) (Done, error) {
		return Done{}, temporal.NewNonRetryableApplicationError("another form", "form", nil)
	})
	env.ExecuteWorkflow(workflowName, Task{Form: 9})
	if err := env.GetWorkflowError(); err == nil || *n != 1 {
		t.Errorf("%v after %d attempts", err, *n)
	}
}

func TestTaskIDIsOfItsContent(t *testing.T) {
	base := Task{Form: form, Input: File{"ab", "a.png"}, Job: Spec{Request: "sharpen", Alpha: 1}}
	id := func(change func(*Task)) string {
		task := base
		change(&task)
		s, err := task.ID()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	same := id(func(*Task) {})
	if same != id(func(*Task) {}) {
		t.Error("equal tasks have two ids")
	}
	for name, change := range map[string]func(*Task){
		"input": func(t *Task) { t.Input.Hash = "cd" }, "request": func(t *Task) { t.Job.Request = "blur" }, "estimates": func(t *Task) { t.Snapshot = "x" },
		"tools": func(t *Task) { t.Versions = "2" }, "fresh": func(t *Task) { t.Again = "now" }, "seed": func(t *Task) { t.Job.Seed = 1 },
	} {
		if id(change) == same {
			t.Errorf("another %s has the same id", name)
		}
	}
}

// A job must come out of a task as it went in, or the two ways to run a plan would part.
func TestSpecKeepsEveryField(t *testing.T) {
	usd := 2.5
	teal, ok := edit.ParseColor("teal")
	if !ok {
		t.Fatal("teal is no colour")
	}
	plan := edit.Plan{Request: "r", Planner: "grammar", Subtasks: []edit.Subtask{{ID: 1, Task: "recolor", Args: map[string]edit.Arg{"color": {Value: teal}}}}}
	job := agent.FileJob{
		Request: "r", Subtasks: plan.Subtasks, Alternatives: []edit.Alternative{{}}, Boxes: map[string][]edit.Box{"car": {{X0: 1, Y0: 2, X1: 3, Y1: 4}}},
		Quality: 90, StripMetadata: true, NoRecipe: true, MaxUSD: &usd, MaxSeconds: 3, Pins: map[string][]string{"recolor": {"x"}},
		Alpha: 1.5, Threshold: 0.7, Seed: 9, Frozen: true, Named: true, Planned: &agent.Planned{Plan: plan},
	}
	if got := specOf(job).fileJob(); !reflect.DeepEqual(got, job) {
		t.Errorf("got  %+v\nwant %+v", got, job)
	}
}

// Events reach the command once each and in order, whatever of them a beat holds.
func TestEventsArePassedOnOnce(t *testing.T) {
	var got []string
	w := &waiting{emit: func(e edit.Event) { got = append(got, e.Message) }}
	all := make([]edit.Event, 9)
	for i := range all {
		all[i] = edit.Event{Type: edit.EventNotice, Message: string(rune('a' + i))}
	}
	w.pass(1, 0, all[:2])
	w.pass(1, 0, all[:2])
	w.pass(1, 1, all[1:4])
	w.pass(1, 6, all[6:8]) // some between were never seen: they come with the result
	w.pass(1, 0, all)
	if s := strings.Join(got, ""); s != "abcdefghi" {
		t.Errorf("passed on %s", s)
	}
	got = nil
	w.pass(2, 0, all[:1]) // another worker began again
	if s := strings.Join(got, ""); s != "a" {
		t.Errorf("of the second attempt: %s", s)
	}
}

func TestNoServer(t *testing.T) {
	f := &Farm{}
	err := f.Dial(t.Context(), Address{"127.0.0.1:1", "default"})
	var told *edit.UserError
	if !errors.As(err, &told) || !strings.Contains(told.Hint, "temporal server start-dev") {
		t.Errorf("%v", err)
	}
}

func TestFailuresKeepTheirClass(t *testing.T) {
	told := batch.Classed(&os.PathError{Op: "read", Path: "x", Err: io.ErrUnexpectedEOF})
	if told.Class != batch.Permanent || batch.Classed(&batch.Failure{Msg: "m", Class: batch.Retryable}).Class != batch.Retryable {
		t.Errorf("%+v", told)
	}
}
