package desk

import (
	"context"
	"errors"
	"sync"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// errSkipped is how a call fails that the person gave up: the engine rules it
// out and takes the next-best. It does not wrap a context's error, which would end the request.
var errSkipped = errors.New("given up by the person")

// skipper gives up the calls that run.
type skipper struct {
	mu      sync.Mutex
	running map[int]context.CancelCauseFunc
	next    int
}

// Skip gives up what runs and reports whether anything did.
func (s *skipper) Skip() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.running {
		cancel(errSkipped)
	}
	return len(s.running) > 0
}

// wrap has every runner of the engine heed Skip.
func (s *skipper) wrap(e *agent.Engine) {
	s.running = make(map[int]context.CancelCauseFunc)
	for kind, r := range e.Runners {
		e.Runners[kind] = &skippable{Runner: r, by: s}
	}
}

type skippable struct {
	tools.Runner
	by *skipper
}

// Run implements tools.Runner.
func (r *skippable) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.by.mu.Lock()
	id := r.by.next
	r.by.next++
	r.by.running[id] = cancel
	r.by.mu.Unlock()
	defer func() {
		r.by.mu.Lock()
		delete(r.by.running, id)
		r.by.mu.Unlock()
	}()
	resp, err := r.Runner.Run(ctx, req)
	if err != nil && errors.Is(context.Cause(ctx), errSkipped) {
		return resp, &edit.UserError{Msg: req.Spec.Name, Err: errSkipped}
	}
	return resp, err
}

// Device tells which device the runner's models run on, where it has any.
func (r *skippable) Device() (device, notice string) {
	if d, ok := r.Runner.(interface{ Device() (string, string) }); ok {
		return d.Device()
	}
	return "", ""
}
