// Package tooltest is the contract suite that every tools.Runner passes. A
// runner's own test calls
//
//	tooltest.Run(t, func(t *testing.T) tooltest.Harness {
//		return tooltest.Harness{Runner: newRunner(t), Request: goodRequest, Slow: slowRequest}
//	})
//
// Run takes the good request apart in every way the contract forbids and checks
// that the runner answers with an error rather than a result, a panic or a hang.
// CheckPromises checks one finished run against what its doc promises; tests of
// single tools use it too.
package tooltest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// grace is how long after the end of its context a Run may still take to return.
const grace = time.Second

// tries is how often a bound on time is tried before it counts as broken: a
// busy machine may delay one return, it does not delay three in a row.
const tries = 3

// Harness is a runner with requests to try on it. Every function gives a fresh
// request with equal contents each time it is called.
type Harness struct {
	Runner tools.Runner
	// Request is one that the runner answers without an error.
	Request func() tools.Request
	// Slow takes ten seconds or more if nothing stops it; nil when the runner
	// has no tool that can be slow, which leaves out cancelling during a run.
	Slow func() tools.Request
	// Panics makes the tool panic; nil when nothing can.
	Panics func() tools.Request
	// BadOutput makes the tool produce a value that is not a number; nil when nothing can.
	BadOutput func() tools.Request
}

// Run runs the whole suite. newHarness is called once per part, so that no part
// depends on what another left behind.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	t.Helper()
	parts := []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"good request", testGood},
		{"repeats give equal outputs", testRepeat},
		{"concurrent runs agree", testConcurrent},
		{"missing inputs", testMissing},
		{"inputs of a wrong kind", testWrongKind},
		{"inputs of a wrong size", testWrongSize},
		{"numbers that are none", testNotANumber},
		{"picture over the limit", testMaxPixels},
		{"spec without a runtime", testNoRuntime},
		{"cancelled before", testCancelBefore},
		{"cancelled during", testCancelDuring},
		{"timeout", testTimeout},
		{"panic contained", testPanic},
		{"output that is not a number", testBadOutput},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.run(t, newHarness(t)) })
	}
}

func testGood(t *testing.T, h Harness) {
	req := h.Request()
	if err := h.Runner.Available(req.Spec); err != nil {
		t.Fatalf("Available: %v", err)
	}
	before := fingerprints(t, req.Inputs)
	var mu sync.Mutex
	var seen []float64
	req.Progress = func(f float64) { mu.Lock(); seen = append(seen, f); mu.Unlock() }
	resp, err := h.Runner.Run(t.Context(), req)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	CheckPromises(t, req, resp)
	if after := fingerprints(t, req.Inputs); !maps.Equal(before, after) {
		t.Error("Run wrote into its inputs")
	}
	mu.Lock()
	defer mu.Unlock()
	for _, f := range seen {
		if !(f >= 0 && f <= 1) {
			t.Errorf("Progress was told %v, want a fraction in 0..1", f)
		}
	}
}

func testRepeat(t *testing.T, h Harness) {
	req := h.Request()
	if !req.Spec.Deterministic {
		t.Skip("the tool does not claim to be deterministic")
	}
	first := mustRun(t, h, h.Request())
	for range 2 {
		if again := mustRun(t, h, h.Request()); !maps.Equal(fingerprints(t, first.Outputs), fingerprints(t, again.Outputs)) {
			t.Fatal("equal requests gave different outputs")
		}
	}
	// The same picture by identity, as a second subtask would pass it: caches must not change the answer.
	for range 2 {
		if again := mustRun(t, h, req); !maps.Equal(fingerprints(t, first.Outputs), fingerprints(t, again.Outputs)) {
			t.Fatal("running one request again gave different outputs")
		}
	}
}

func testConcurrent(t *testing.T, h Harness) {
	shared := h.Request()
	want := mustRun(t, h, h.Request())
	var wg sync.WaitGroup
	errs := make([]error, 4)
	got := make([]tools.Response, len(errs))
	for i := range errs {
		wg.Go(func() { got[i], errs[i] = h.Runner.Run(t.Context(), shared) })
	}
	wg.Wait()
	for i := range errs {
		if errs[i] != nil {
			t.Fatalf("run %d beside others: %v", i, errs[i])
		}
		if shared.Spec.Deterministic && !maps.Equal(fingerprints(t, want.Outputs), fingerprints(t, got[i].Outputs)) {
			t.Errorf("run %d beside others gave different outputs", i)
		}
	}
}

func testMissing(t *testing.T, h Harness) {
	for _, p := range h.Request().Spec.Inputs {
		t.Run(p.Name, func(t *testing.T) {
			req := h.Request()
			delete(req.Inputs, p.Name)
			wantContractError(t, h, req)
		})
	}
}

func testWrongKind(t *testing.T, h Harness) {
	for _, p := range h.Request().Spec.Inputs {
		t.Run(p.Name, func(t *testing.T) {
			req := h.Request()
			req.Inputs[p.Name] = edit.Number(1)
			if p.Kind == edit.KindNumber {
				req.Inputs[p.Name] = edit.Text("one")
			}
			wantContractError(t, h, req)
		})
	}
}

func testWrongSize(t *testing.T, h Harness) {
	img, ok := h.Request().Inputs["image"].(*pixel.Image)
	if !ok {
		return
	}
	for _, p := range h.Request().Spec.Inputs {
		other := sized(p, img.W+1, img.H)
		if other == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			req := h.Request()
			req.Inputs[p.Name] = other
			wantContractError(t, h, req)
		})
	}
}

func testNotANumber(t *testing.T, h Harness) {
	for _, p := range h.Request().Spec.Inputs {
		for _, v := range []float64{math.NaN(), math.Inf(1)} {
			req := h.Request()
			bad := spoiled(p, req.Inputs, v)
			if bad == nil {
				continue
			}
			t.Run(fmt.Sprintf("%s %v", p.Name, v), func(t *testing.T) {
				req.Inputs[p.Name] = bad
				wantContractError(t, h, req)
			})
		}
	}
}

func testMaxPixels(t *testing.T, h Harness) {
	req := h.Request()
	if _, ok := req.Inputs["image"].(*pixel.Image); !ok {
		return
	}
	small := *req.Spec
	small.MaxPixels, small.Tileable = 1, false
	req.Spec = &small
	wantContractError(t, h, req)
}

func testNoRuntime(t *testing.T, h Harness) {
	req := h.Request()
	empty := *req.Spec
	empty.Runtime = edit.Runtime{Kind: req.Spec.Runtime.Kind}
	req.Spec = &empty
	if _, err := h.Runner.Run(t.Context(), req); err == nil {
		t.Error("a tool whose doc has no runtime part ran")
	}
	if err := h.Runner.Available(&empty); err == nil {
		t.Error("a tool whose doc has no runtime part is said to be available")
	}
}

func testCancelBefore(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, mk := range []func() tools.Request{h.Request, h.Slow} {
		if mk == nil {
			continue
		}
		if _, err := h.Runner.Run(ctx, mk()); !errors.Is(err, context.Canceled) {
			t.Errorf("Run with a cancelled context: %v, want context.Canceled", err)
		}
	}
}

func testCancelDuring(t *testing.T, h Harness) {
	endsInTime(t, h, context.Canceled, func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(parent)
		timer := time.AfterFunc(200*time.Millisecond, cancel)
		return ctx, func() { timer.Stop(); cancel() }
	})
}

func testTimeout(t *testing.T, h Harness) {
	endsInTime(t, h, context.DeadlineExceeded, func(parent context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(parent, 200*time.Millisecond)
	})
}

// endsInTime runs the slow request under a context that ends by itself and
// checks the error, the time to return, and that no goroutine stays behind.
func endsInTime(t *testing.T, h Harness, want error, end func(context.Context) (context.Context, context.CancelFunc)) {
	t.Helper()
	if h.Slow == nil {
		t.Skip("the runner has no slow tool to stop")
	}
	var late time.Duration
	for range tries {
		before := runtime.NumGoroutine()
		ctx, stop := end(t.Context())
		ended := make(chan time.Time, 1)
		context.AfterFunc(ctx, func() { ended <- time.Now() })
		_, err := h.Runner.Run(ctx, h.Slow())
		returned := time.Now()
		stop()
		if !errors.Is(err, want) {
			t.Fatalf("Run: %v, want %v: did the slow request end by itself?", err, want)
		}
		late = returned.Sub(<-ended)
		if late > grace {
			continue
		}
		for wait := time.Now(); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
			if time.Since(wait) > 10*time.Second {
				t.Fatalf("%d goroutines before the run, %d ten seconds after it", before, runtime.NumGoroutine())
			}
		}
		return
	}
	t.Errorf("Run returned %v after its context ended, %d times in a row; the contract is %v", late, tries, grace)
}

func testPanic(t *testing.T, h Harness) {
	if h.Panics == nil {
		t.Skip("the runner has no tool that panics")
	}
	wantContractError(t, h, h.Panics())
}

func testBadOutput(t *testing.T, h Harness) {
	if h.BadOutput == nil {
		t.Skip("the runner has no tool with a bad output")
	}
	wantContractError(t, h, h.BadOutput())
}

// CheckPromises checks a finished run against its doc: every output there and
// of its kind, no image from a tool that preserves it, size, alpha and the
// samples outside the mask as promised, quality a fraction or NaN.
func CheckPromises(t testing.TB, req tools.Request, resp tools.Response) {
	t.Helper()
	for _, p := range req.Spec.Outputs {
		if a := resp.Outputs[p.Name]; a == nil || a.Kind() != p.Kind {
			t.Errorf("output %q is %T, want a %s", p.Name, a, p.Kind)
		}
		if p.Kind == edit.KindImage && req.Spec.Keeps(edit.PreserveImage) {
			t.Errorf("%s promises to make no image and has the output %q", req.Spec.Name, p.Name)
		}
	}
	if q := resp.Quality; !math.IsNaN(q) && (q < 0 || q > 1) {
		t.Errorf("quality %v is outside 0..1", q)
	}
	in, _ := req.Inputs["image"].(*pixel.Image)
	out, _ := resp.Outputs["image"].(*pixel.Image)
	if in == nil || out == nil {
		return
	}
	sameSize := in.W == out.W && in.H == out.H
	if req.Spec.Keeps(edit.PreserveSize) && !sameSize {
		t.Fatalf("output is %d×%d, promised %d×%d", out.W, out.H, in.W, in.H)
	}
	if req.Spec.Keeps(edit.PreserveAlpha) && sameSize {
		for i := 3; i < len(in.Pix); i += 4 {
			if in.Pix[i] != out.Pix[i] {
				t.Fatalf("alpha at pixel %d is %d, was %d", i/4, out.Pix[i], in.Pix[i])
			}
		}
	}
	if req.Spec.Keeps(edit.PreserveOutsideMask) {
		checkOutside(t, req, in, out)
	}
}

func checkOutside(t testing.TB, req tools.Request, in, out *pixel.Image) {
	t.Helper()
	port, ok := req.Spec.MaskInput()
	if !ok {
		t.Fatalf("%s promises outside-mask and has no mask input", req.Spec.Name)
	}
	mask, ok := req.Inputs[port.Name].(*pixel.Mask)
	if !ok {
		t.Fatalf("input %q is %T, want a mask", port.Name, req.Inputs[port.Name])
	}
	for i, m := range mask.Pix {
		if m == 0 && !slices.Equal(in.Pix[4*i:4*i+4], out.Pix[4*i:4*i+4]) {
			t.Fatalf("pixel %d,%d lies outside the mask: it is %v, was %v",
				i%in.W, i/in.W, out.Pix[4*i:4*i+4], in.Pix[4*i:4*i+4])
		}
	}
}

func mustRun(t *testing.T, h Harness, req tools.Request) tools.Response {
	t.Helper()
	resp, err := h.Runner.Run(t.Context(), req)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return resp
}

func wantContractError(t *testing.T, h Harness, req tools.Request) {
	t.Helper()
	resp, err := h.Runner.Run(t.Context(), req)
	var contract *tools.ContractError
	if !errors.As(err, &contract) {
		t.Fatalf("Run: error %v and %d outputs, want a *tools.ContractError", err, len(resp.Outputs))
	}
}

// fingerprints are the digests of artifacts by name.
func fingerprints(t testing.TB, m map[string]edit.Artifact) map[string]string {
	t.Helper()
	f := make(map[string]string, len(m))
	for name, a := range m {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatalf("artifact %q: %v", name, err)
		}
		f[name] = fmt.Sprintf("%T %x", a, sha256.Sum256(b))
	}
	return f
}

// sized makes an artifact of the port's kind at w×h; nil for kinds without a size and for pictures.
func sized(p edit.Port, w, h int) edit.Artifact {
	switch p.Kind {
	case edit.KindImage: // the picture itself, or a second one, whose size is its own
		return nil
	case edit.KindMask:
		return pixel.NewMask(w, h)
	case edit.KindClasses:
		return &pixel.Classes{W: w, H: h}
	case edit.KindDepth:
		return &pixel.Depth{W: w, H: h, V: make([]float32, w*h)}
	case edit.KindBoxes, edit.KindPoints, edit.KindText, edit.KindSpans, edit.KindColor, edit.KindNumber:
	}
	return nil
}

// spoiled is the port's artifact with the value v in it; nil for kinds that hold no floats.
func spoiled(p edit.Port, inputs map[string]edit.Artifact, v float64) edit.Artifact {
	switch p.Kind {
	case edit.KindNumber:
		return edit.Number(v)
	case edit.KindBoxes:
		return edit.Boxes{Picked: []edit.Box{{X0: v, X1: 4, Y1: 4}}}
	case edit.KindPoints:
		return edit.Points{{X: v}}
	case edit.KindDepth:
		d, ok := inputs[p.Name].(*pixel.Depth)
		if !ok {
			return nil
		}
		c := &pixel.Depth{W: d.W, H: d.H, V: slices.Clone(d.V)}
		c.V[0] = float32(v)
		return c
	case edit.KindImage, edit.KindMask, edit.KindClasses, edit.KindText, edit.KindSpans, edit.KindColor:
	}
	return nil
}
