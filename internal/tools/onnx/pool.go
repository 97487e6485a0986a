package onnx

import (
	"context"
	"strings"
	"sync"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// sessionKey names a session: one model with one set of outputs and one memory policy.
type sessionKey struct {
	digest   string // sha256 of the model's bytes, and of the files of its outside tensors
	outputs  string // the outputs it computes, joined
	arena    bool
	optimize string
}

// session is a loaded model.
type session struct {
	key     sessionKey
	run     *ort.DynamicAdvancedSession
	sig     signature
	outputs []tensorInfo // those it computes, in the order asked for
	bytes   int64        // estimate of what it holds in memory
}

// sessionBytes estimates the memory of a session from its model's size: the
// weights, their copies packed for the kernels, and the library's own structures.
func sessionBytes(model int64) int64 { return 3*model + 8<<20 }

// lease is a session that the pool keeps loaded until release is called. hold
// takes a second lease, for work that may outlive the first.
type lease struct {
	*session
	release func()
	hold    func() (release func())
}

// pool shares sessions between runs and keeps what they hold below a budget.
type pool struct {
	budget int64

	mu      sync.Mutex
	entries map[sessionKey]*entry
	total   int64
	clock   uint64
	closed  bool
	loading sync.WaitGroup
}

type entry struct {
	ready chan struct{} // closed when s and err are set
	s     *session
	err   error
	refs  int
	used  uint64
}

func newPool(budget int64) *pool {
	return &pool{budget: budget, entries: make(map[sessionKey]*entry)}
}

// acquire returns the session of that key, loading it when it is not there; the
// caller releases it. Loading goes on when ctx ends (it cannot be stopped) and
// its result stays for the next run; only the waiting ends. seconds is how long
// this caller waited for a load.
func (p *pool) acquire(ctx context.Context, key sessionKey, load func() (*session, error)) (l lease, seconds float64, err error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return lease{}, 0, errClosed
	}
	e, ok := p.entries[key]
	if !ok {
		e = &entry{ready: make(chan struct{})}
		p.entries[key] = e
		p.loading.Go(func() { p.load(key, e, load) })
	}
	e.refs++
	p.clock++
	e.used = p.clock
	p.mu.Unlock()
	release := sync.OnceFunc(func() { p.release(e) })

	select {
	case <-e.ready:
	default:
		start := time.Now()
		select {
		case <-e.ready:
			seconds = time.Since(start).Seconds()
		case <-ctx.Done():
			release()
			return lease{}, 0, ctx.Err()
		}
	}
	if e.err != nil {
		release()
		return lease{}, seconds, e.err
	}
	hold := func() func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		e.refs++
		return func() { p.release(e) }
	}
	return lease{session: e.s, release: release, hold: hold}, seconds, nil
}

func (p *pool) load(key sessionKey, e *entry, load func() (*session, error)) {
	s, err := load()
	p.mu.Lock()
	defer p.mu.Unlock()
	e.s, e.err = s, err
	if err != nil { // the next run tries again: the file may have been mended
		delete(p.entries, key)
	} else {
		p.total += s.bytes
		p.evict(p.budget)
	}
	close(e.ready)
}

func (p *pool) release(e *entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.refs--
	p.evict(p.budget)
}

// evict destroys idle sessions, the least recently used first, until what is
// held fits into the budget. Sessions in use stay, so a budget can be exceeded.
func (p *pool) evict(budget int64) {
	for p.total > budget {
		var oldest *entry
		for _, e := range p.entries {
			if e.s != nil && e.refs == 0 && (oldest == nil || e.used < oldest.used) {
				oldest = e
			}
		}
		if oldest == nil {
			return
		}
		delete(p.entries, oldest.s.key)
		p.total -= oldest.s.bytes
		_ = oldest.s.run.Destroy()
	}
}

// holds reports whether a session of the network with that checksum is ready.
func (p *pool) holds(sum string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, e := range p.entries {
		if network, _, _ := strings.Cut(key.digest, " "); network == sum && e.s != nil {
			return true
		}
	}
	return false
}

// trim destroys every idle session: what to try when memory ran out.
func (p *pool) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.evict(0)
}

// close destroys all sessions; it waits for loads under way. No run may be under way.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.loading.Wait()
	p.trim()
}
