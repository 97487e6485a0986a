package batch

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
)

// halting are failures of the place that results go to: no picture after them would fare better.
var halting = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS}

// passing are failures of the machine that may pass.
var passing = []error{
	syscall.EAGAIN, syscall.EBUSY, syscall.EINTR, syscall.EIO, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ESTALE,
	syscall.ETIMEDOUT, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ENETUNREACH, syscall.EHOSTUNREACH,
}

// is reports whether an error is one of those.
func is(err error, those []error) bool {
	return slices.ContainsFunc(those, func(e error) bool { return errors.Is(err, e) })
}

// classify tells whether trying again may mend an error. What a picture or a request
// is at fault for is permanent; what a machine or a server was too busy for is not.
func classify(err error) Class {
	var status *llm.StatusError
	var network net.Error
	var told *Failure
	switch {
	case errors.As(err, &told):
		return told.Class
	case errors.As(err, &status):
		if status.Code == 408 || status.Code == 429 || status.Code >= 500 {
			return Retryable
		}
		return Permanent
	case is(err, halting), is(err, passing), errors.As(err, &network) && network.Timeout() && !errors.Is(err, context.DeadlineExceeded):
		return Retryable
	}
	return Permanent
}

// Failure is an item's error that was classed where it happened.
type Failure struct {
	Msg   string
	Class Class
}

// Error implements error.
func (e *Failure) Error() string { return e.Msg }

// Classed is the failure that stands for an error elsewhere.
func Classed(err error) *Failure { return &Failure{err.Error(), classify(err)} }

// StateOf is how an edit that ended without error came out.
func StateOf(s edit.Summary) State {
	bad := 0
	for _, st := range s.Subtasks {
		if st.Status != edit.StatusDone && st.Status != edit.StatusPlanned {
			bad++
		}
	}
	switch {
	case bad == 0:
		return Done
	case s.Output != "" || bad < len(s.Subtasks):
		return Partial
	}
	return Failed
}

// The pause before a further attempt doubles from the first to the longest.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// pause is how long to wait before an attempt, counted from 2.
func pause(attempt int) time.Duration {
	d := firstPause
	for n := 2; n < attempt && d < longestPause; n++ {
		d *= 2
	}
	return min(d, longestPause)
}

// isStatus reports whether a model's server refused a request.
func isStatus(err error) bool {
	var status *llm.StatusError
	return errors.As(err, &status)
}
