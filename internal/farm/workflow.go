package farm

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"pentimento/internal/edit"
)

// Names that workflows and activities are registered under: they outlive a renaming in the code.
const (
	workflowName = "edit-picture"
	activityName = "carry-out"
)

// A worker tells every second that it works. One that has not for this long is taken for lost, and the picture
// is handed to another; one that is slow tells all the same.
const (
	beatEvery   = time.Second
	beatTimeout = 12 * time.Second
)

// longest is the most that one picture may take.
const longest = 24 * time.Hour

// attempts is how many workers may be lost over a picture, or find the storage out of reach, before it fails:
// one that brings down whoever takes it is not to bring down all.
const attempts = 5

// Done is what a workflow returns: where in the storage its Result lies.
type Done struct {
	Result string `json:"result"` // hash
	Good   bool   `json:"good"`   // all that was asked for was done
}

// Beat is the progress that a worker tells.
type Beat struct {
	Worker  string       `json:"worker"`
	Attempt int          `json:"attempt"` // the server keeps the last beat of a lost worker until the next one's first
	From    int          `json:"from"`    // number of the first of Events
	Events  []edit.Event `json:"events"`
	Steps   int          `json:"steps"` // calls that are finished, whose results are in the storage
}

// editPicture is the workflow of one picture. It holds no state but that of its activity: a picture's calls follow from
// each other within seconds, so that they are one activity whose finished part lies in the storage.
func editPicture(ctx workflow.Context, t Task) (Done, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: t.Queue, StartToCloseTimeout: longest, HeartbeatTimeout: beatTimeout, WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 30 * time.Second, MaximumAttempts: attempts},
	})
	var done Done
	err := workflow.ExecuteActivity(ctx, activityName, t).Get(ctx, &done)
	return done, err
}
