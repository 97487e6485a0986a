package onnx

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// patience is how long a run that was told to stop may take to return to its
// caller. The library looks at the flag between operators; one that is in the
// midst of a long operator is left to end by itself, its answer dropped.
const patience = 500 * time.Millisecond

var errClosed = errors.New("the runner is closed")

// infer runs a session on inputs in the order of its signature and returns its
// outputs in the order of its outputs, all finite. The error is ctx's when ctx ended.
func (r *Runner) infer(ctx context.Context, l lease, inputs []tensorData) ([]tensorData, error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	opts, err := ort.NewRunOptions()
	if err != nil {
		<-r.slots
		return nil, err
	}
	type answer struct {
		out []tensorData
		err error
	}
	done := make(chan answer, 1)
	release := l.hold()
	r.running.Go(func() {
		defer release()
		defer func() { <-r.slots }()
		start := time.Now()
		out, err := runSession(l.session, inputs, opts)
		if r.timed != nil {
			r.timed(time.Since(start))
		}
		done <- answer{out, err}
	})
	// The options belong to whoever sees the answer: they must outlive both the run and the flag.
	settle := func(a answer) ([]tensorData, error) {
		_ = opts.Destroy()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return a.out, a.err
	}
	select {
	case a := <-done:
		return settle(a)
	case <-ctx.Done():
	}
	_ = opts.Terminate()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case a := <-done:
		return settle(a)
	case <-timer.C:
		r.running.Go(func() { <-done; _ = opts.Destroy() })
		return nil, ctx.Err()
	}
}

func runSession(s *session, inputs []tensorData, opts *ort.RunOptions) (out []tensorData, err error) {
	defer func() { // this goroutine is not the one that Guard watches
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	in := make([]ort.Value, len(inputs))
	defer func() {
		for _, v := range in {
			if v != nil {
				_ = v.Destroy()
			}
		}
	}()
	for i, t := range inputs {
		if in[i], err = t.value(); err != nil {
			return nil, err
		}
	}
	values := make([]ort.Value, len(s.outputs))
	defer func() {
		for _, v := range values {
			if v != nil {
				_ = v.Destroy()
			}
		}
	}()
	if err := s.run.RunWithOptions(in, values, opts); err != nil {
		return nil, err
	}
	out = make([]tensorData, len(values))
	for i, v := range values {
		if out[i], err = readTensor(v); err != nil {
			return nil, fmt.Errorf("output %q: %w", s.outputs[i].Name, err)
		}
		if err := out[i].finite(); err != nil {
			return nil, &badOutputError{output: s.outputs[i].Name, err: err}
		}
	}
	return out, nil
}

// badOutputError says that a model answered with something that is not a number.
type badOutputError struct {
	output string
	err    error
}

// Error implements error.
func (e *badOutputError) Error() string { return fmt.Sprintf("output %q: %v", e.output, e.err) }

// outOfMemory tells the library's memory errors from others.
func outOfMemory(err error) bool {
	if err == nil {
		return false
	}
	s := strings.ToLower(err.Error())
	for _, sign := range []string{"out of memory", "failed to allocate memory", "bad_alloc", "bad allocation"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}
