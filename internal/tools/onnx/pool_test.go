package onnx

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"pentimento/internal/edit"
)

// The budget holds what is idle; what is in use stays.
func TestPoolKeepsToItsBudget(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir, func(o *Options) { o.MemoryBudget = 2*sessionBytes(1000) + 1000 })
	var specs []*edit.ToolSpec
	for i := range 4 {
		m := append(sameGraph(), field(nil, 2, fmt.Appendf(nil, "producer %d", i))...)
		specs = append(specs, imageSpec(source(t, dir, fmt.Sprintf("m%d.onnx", i), m)))
	}
	for _, i := range []int{0, 1, 2, 3, 3, 0} {
		run1(t, r, specs[i], picture(4, 4))
		if n := len(r.pool.entries); n > 2 || r.pool.total > r.pool.budget {
			t.Errorf("after model %d %d models are held, %d bytes of %d", i, n, r.pool.total, r.pool.budget)
		}
	}
	// The least recently used went: 0 and 3 are there.
	loads := 0
	for _, i := range []int{0, 3} {
		resp, err := r.Run(t.Context(), request(specs[i], picture(4, 4)))
		if err != nil {
			t.Fatal(err)
		}
		if resp.LoadSeconds > 0 {
			loads++
		}
	}
	if loads != 0 {
		t.Errorf("%d of the two latest models were loaded again", loads)
	}
	r.pool.trim()
	if r.pool.total != 0 || len(r.pool.entries) != 0 {
		t.Errorf("after trim %d models, %d bytes", len(r.pool.entries), r.pool.total)
	}
}

// A search asks whether a model would have to be loaded.
func TestLoadedAndUnload(t *testing.T) {
	dir := t.TempDir()
	r := newRunner(t, dir)
	one := imageSpec(source(t, dir, "one.onnx", sameGraph()))
	other := imageSpec(source(t, dir, "other.onnx", append(sameGraph(), field(nil, 2, []byte("another producer"))...)))
	if r.Loaded(one) {
		t.Error("a model is loaded before anything ran")
	}
	run1(t, r, one, picture(4, 4))
	if !r.Loaded(one) || r.Loaded(other) {
		t.Errorf("after a run of one: loaded %v, the other %v", r.Loaded(one), r.Loaded(other))
	}
	r.Unload()
	if r.Loaded(one) {
		t.Error("it is loaded after Unload")
	}
	if resp, err := r.Run(t.Context(), request(one, picture(4, 4))); err != nil || resp.LoadSeconds <= 0 {
		t.Errorf("the run after it loaded for %v s, error %v", resp.LoadSeconds, err)
	}
}

func TestPoolLoadsOnce(t *testing.T) {
	p := newPool(1 << 20)
	defer p.close()
	gate := make(chan struct{})
	loads := 0
	load := func() (*session, error) {
		loads++
		<-gate
		return nil, errors.New("no such model")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 3)
	for range 2 {
		go func() { _, _, err := p.acquire(t.Context(), sessionKey{digest: "a"}, load); done <- err }()
	}
	go func() { _, _, err := p.acquire(ctx, sessionKey{digest: "a"}, load); done <- err }()
	for waiting := 0; waiting < 3; {
		p.mu.Lock()
		if e := p.entries[sessionKey{digest: "a"}]; e != nil {
			waiting = e.refs
		}
		p.mu.Unlock()
		runtime.Gosched()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a waiter whose context ended got %v", err)
	}
	close(gate)
	for range 2 {
		if err := <-done; err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("a waiter got %v, want the load's error", err)
		}
	}
	if loads != 1 {
		t.Errorf("loaded %d times at once", loads)
	}
}

func TestClosedRunnerRefuses(t *testing.T) {
	dir := t.TempDir()
	s := imageSpec(source(t, dir, "same.onnx", sameGraph()))
	r := newRunner(t, dir)
	run1(t, r, s, picture(4, 4))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), request(s, picture(4, 4))); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// One inference serves all phrases on a picture; another picture or a picture
// made where an old one lay is looked at anew.
func TestMemoServesOnePicture(t *testing.T) {
	dir := t.TempDir()
	s := boxesSpec(source(t, dir, "boxes.onnx", boxesGraph()))
	r := newRunner(t, dir)
	img := picture(64, 48)
	for i, object := range []string{"dog", "cat", "all objects", "zebra"} {
		req := request(s, img)
		req.Inputs["object"] = edit.Text(object)
		resp, err := r.Run(t.Context(), req)
		if err != nil && object != "zebra" {
			t.Fatal(err)
		}
		if again := i > 0; resp.Remembered != again || resp.Saved > 0 != again {
			t.Errorf("%q: remembered %v, %v s saved", object, resp.Remembered, resp.Saved)
		}
		if n := r.memo.order.Len(); n != 1 {
			t.Errorf("after %q %d answers are held, want 1", object, n)
		}
	}
	for range 2 * memoEntries {
		req := request(s, picture(64, 48))
		req.Inputs["object"] = edit.Text("dog")
		if _, err := r.Run(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.memo.order.Len(); n != memoEntries || len(r.memo.at) != n {
		t.Errorf("%d answers held and %d found, want %d", n, len(r.memo.at), memoEntries)
	}
	runtime.KeepAlive(img)
}

func TestMemoLeavesLargeAnswersOut(t *testing.T) {
	m := newMemo()
	m.put(memoKey{input: "large"}, []tensorData{{f: make([]float32, memoBytes)}}, 1)
	m.put(memoKey{input: "small"}, []tensorData{{f: make([]float32, 4)}}, 2)
	if _, _, ok := m.get(memoKey{input: "large"}); ok {
		t.Error("an answer above the limit is held")
	}
	if _, seconds, ok := m.get(memoKey{input: "small"}); !ok || seconds != 2 {
		t.Errorf("a small answer is held: %v, and took %v s, want 2", ok, seconds)
	}
}

func TestOutOfMemoryIsRecognised(t *testing.T) {
	for text, want := range map[string]bool{
		"CUDA failure 2: out of memory": true, "std::bad_alloc": true,
		"Failed to allocate memory for requested buffer of size 99": true, "Invalid rank for input": false,
	} {
		if got := outOfMemory(errors.New(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if outOfMemory(nil) {
		t.Error("no error is out of memory")
	}
}
