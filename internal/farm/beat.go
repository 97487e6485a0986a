package farm

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"pentimento/internal/edit"
)

// told is how many of the latest events a beat carries.
const told = 24

// Why a task is given up while its worker goes on.
var (
	errCancelled = errors.New("cancelled")
	errTaken     = errors.New("given up, since it was handed to another worker")
)

func (r *running) emit(e edit.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.events) - 1; e.Type == edit.EventProgress && n >= 0 && r.events[n].Type == e.Type && r.events[n].Call == e.Call {
		r.events[n] = e // of a call's progress the latest is enough
		return
	}
	r.events = append(r.events, e)
	if e.Type == edit.EventStepFinished && e.Error == "" {
		r.steps++
	}
}

func (r *running) progress() Beat {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := max(0, len(r.events)-told)
	return Beat{Worker: r.worker.Name, Attempt: r.attempt, From: from, Events: append([]edit.Event{}, r.events[from:]...), Steps: r.steps}
}

// beat tells the server each second how far the task is, until stop is called. The context ends when the server says that
// the task is another's or nobody's, and stop returns that reason. The SDK's own heartbeats would end it as well
// when the server does not answer for a second; here the work goes on, and stop waits for the server, so that
// what was made meanwhile is not lost.
func (r *running) beat(ctx context.Context, task []byte) (beating context.Context, stop func() error) {
	beating, end := context.WithCancelCause(ctx)
	finished, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			err := r.tell(beating, task)
			if why := lost(err); why != nil {
				end(why)
				return
			}
			leave := finished
			if err != nil && away(err) {
				leave = nil
			}
			select {
			case <-leave:
				return
			case <-beating.Done():
				return
			case <-time.After(beatEvery):
			}
		}
	}()
	return beating, func() error {
		close(finished)
		<-gone
		defer end(nil)
		return context.Cause(beating)
	}
}

func (r *running) tell(ctx context.Context, task []byte) error {
	ctx, stop := context.WithTimeout(ctx, beatTimeout/4)
	defer stop()
	return r.worker.tell(ctx, task, r.progress())
}

// lost is why a beat's answer ends the task; nil where the task goes on, heard or unheard.
func lost(err error) error {
	var none *serviceerror.NotFound
	switch {
	case temporal.IsCanceledError(err):
		return errCancelled
	case errors.As(err, &none):
		return errTaken
	}
	return nil
}
