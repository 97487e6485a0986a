package farm

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
)

// beating is a task whose server answers its beats in turn, the last answer ever after; it counts them.
func beating(answers ...error) (*running, *int) {
	n := 0
	w := &Worker{tell: func(context.Context, []byte, Beat) error {
		n++
		return answers[min(n, len(answers))-1]
	}}
	return &running{worker: w}, &n
}

// A server that is away for a while ends no task, and is waited for before the task's end is told.
func TestBeatOutlivesTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := serviceerror.NewUnavailable("connection refused")
		r, n := beating(nil, away, away, away, away, nil)
		ctx, stop := r.beat(t.Context(), nil)
		time.Sleep(1500 * time.Millisecond)
		if ctx.Err() != nil {
			t.Fatalf("the task was ended: %v", context.Cause(ctx))
		}
		if err := stop(); err != nil || *n != 6 {
			t.Errorf("%v after %d beats; the sixth is the first that the server heard again", err, *n)
		}
	})
}

// An answer that no waiting changes does not hold the task's end up.
func TestBeatDoesNotWaitForAnotherAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, n := beating(serviceerror.NewInvalidArgument("details"))
		_, stop := r.beat(t.Context(), nil)
		synctest.Wait()
		if err := stop(); err != nil || *n != 1 {
			t.Errorf("%v after %d beats", err, *n)
		}
	})
}

func TestBeatEndsATaskThatIsNoLongerIts(t *testing.T) {
	for want, answer := range map[error]error{errCancelled: temporal.NewCanceledError(), errTaken: serviceerror.NewNotFound("activity")} {
		synctest.Test(t, func(t *testing.T) {
			r, n := beating(nil, nil, answer)
			ctx, stop := r.beat(t.Context(), nil)
			<-ctx.Done()
			if err := stop(); !errors.Is(err, want) || *n != 3 {
				t.Errorf("%v after %d beats, want %v", err, *n, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r, _ := beating(serviceerror.NewUnavailable(""))
		parent, end := context.WithCancel(t.Context())
		_, stop := r.beat(parent, nil)
		end()
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("%v when the worker ends", err)
		}
	})
}
