package onnx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Options configure a Runner.
type Options struct {
	// Lib gives the path of ONNX Runtime's shared library: ortlib.Find. It is
	// called by Available too, so it must be cheap and must not install anything.
	Lib func(ctx context.Context) (path string, err error)
	// Device is one of Devices; empty: auto.
	Device string
	// Locate finds an installed file that satisfies a model part. Its error says
	// why there is none.
	Locate func(edit.ModelFile) (path string, src edit.ModelSource, err error)
	// Present reports whether Locate would find one, without reading the files;
	// nil: Locate is asked.
	Present func(edit.ModelFile) error
	// Threads a session computes with; 0: the number of cores.
	Threads int
	// AtOnce bounds the inferences under way on the CPU, and AtOnceGPU those on a
	// GPU: each needs memory of its own, and they share the same cores or the one GPU. 0: 2.
	AtOnce, AtOnceGPU int
	// MemoryBudget bounds what loaded models may hold, in bytes, as estimated
	// from their size; 0: 1 GiB. A model in use is never unloaded.
	MemoryBudget int64
	// Log is told what a developer may want to know; nil: nothing is logged.
	Log *slog.Logger
}

// Runner runs the tools of runtime kind onnx. It is safe for concurrent use.
type Runner struct {
	o       Options
	pool    *pool
	memo    *memo
	slots   chan struct{}       // of the inferences under way; made with the device
	vocabs  sync.Map            // sha256 -> vocab
	timed   func(time.Duration) // set by benchmarks: told the time of each run of a session
	running sync.WaitGroup

	mu     sync.Mutex
	device string // empty until the first run
	notice string
}

var _ tools.Runner = (*Runner)(nil)

// New makes a Runner. It touches neither the library nor any file: both wait
// for the first Run.
func New(o Options) *Runner {
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.AtOnce <= 0 {
		o.AtOnce = 2
	}
	if o.AtOnceGPU <= 0 {
		o.AtOnceGPU = 2
	}
	if o.MemoryBudget <= 0 {
		o.MemoryBudget = 1 << 30
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{o: o, pool: newPool(o.MemoryBudget), memo: newMemo()}
}

// Close waits for what is still running and unloads all models; no Run may
// begin after it. The library itself stays loaded until the process ends.
func (r *Runner) Close() error {
	r.running.Wait()
	r.pool.close()
	return nil
}

// Device returns the device that models run on, or the one asked for while none
// has run yet, and what a person should know about it: that a faster one was not to be had.
func (r *Runner) Device() (device, notice string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.device == "" {
		return r.o.Device, ""
	}
	return r.device, r.notice
}

// Open loads the library and settles the device, as the first Run does; doctor uses it.
func (r *Runner) Open(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.device != "" {
		return nil
	}
	if r.o.Lib == nil {
		return &edit.UserError{Msg: "no ONNX Runtime library is set"}
	}
	path, err := r.o.Lib(ctx)
	if err != nil {
		return err
	}
	if err := loadLibrary(path); err != nil {
		return err
	}
	device, notice, err := chooseDevice(r.o.Device, path, probeDevice)
	if err != nil {
		return err
	}
	r.o.Log.Debug("onnx runtime loaded", "library", path, "device", device, "notice", notice)
	r.device, r.notice = device, notice
	if r.slots = make(chan struct{}, r.o.AtOnce); device != "cpu" {
		r.slots = make(chan struct{}, r.o.AtOnceGPU)
	}
	return nil
}

// Available implements tools.Runner: the library and one file of each model
// part must be there. Files are not read.
func (r *Runner) Available(spec *edit.ToolSpec) error {
	rt, err := runtimeOf(spec)
	if err != nil {
		return err
	}
	for _, part := range rt.Models {
		if err := r.present(part); err != nil {
			var missing *tools.UnavailableError
			if errors.As(err, &missing) {
				return missing
			}
			return &tools.UnavailableError{Tool: spec.Name, Reason: err.Error(), Command: "agent models pull " + spec.Name}
		}
	}
	if r.o.Lib == nil {
		return nil
	}
	if _, err := r.o.Lib(context.Background()); err != nil {
		return &tools.UnavailableError{Tool: spec.Name, Reason: err.Error(), Command: "agent doctor --fix"}
	}
	return nil
}

// Loaded reports whether the next run of a tool finds its networks in memory.
// It is cheap, and true at most until another model takes the room.
func (r *Runner) Loaded(spec *edit.ToolSpec) bool {
	if spec.Runtime.ONNX == nil {
		return true
	}
	for _, part := range spec.Runtime.ONNX.Graphs() {
		if !slices.ContainsFunc(part.Accept, func(src edit.ModelSource) bool { return r.pool.holds(src.SHA256) }) {
			return false
		}
	}
	return true
}

// Unload frees every model that no run is using, so that the next run of each loads it again.
func (r *Runner) Unload() { r.pool.trim() }

func (r *Runner) present(part edit.ModelFile) error {
	if r.o.Present != nil {
		return r.o.Present(part)
	}
	_, _, err := r.locate(part)
	return err
}

// runtimeOf checks that a spec describes something this runner can run.
func runtimeOf(spec *edit.ToolSpec) (*edit.ONNXRuntime, error) {
	fail := func(format string, args ...any) error {
		return &edit.UserError{
			Msg:  fmt.Sprintf("tool %s: %s", spec.Name, fmt.Sprintf(format, args...)),
			Hint: "check its doc with: agent tools check " + spec.Name,
		}
	}
	rt := spec.Runtime.ONNX
	switch {
	case rt == nil:
		return nil, fail("its doc has no onnx runtime part")
	case decoders[rt.Decode.Kind] == nil:
		return nil, fail("there is no decoder %q", rt.Decode.Kind)
	case len(rt.Graphs()) == 0:
		return nil, fail("its doc names no network")
	case len(rt.Graphs()) > 1 && !chained[rt.Decode.Kind]:
		return nil, fail("its doc names %d networks; decoder %s takes one", len(rt.Graphs()), rt.Decode.Kind)
	}
	return rt, nil
}

func (r *Runner) locate(part edit.ModelFile) (string, edit.ModelSource, error) {
	if r.o.Locate == nil {
		return "", edit.ModelSource{}, &edit.UserError{Msg: "no models folder is set"}
	}
	return r.o.Locate(part)
}

// Run implements tools.Runner.
func (r *Runner) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	return tools.Guard(ctx, req, func(ctx context.Context) (tools.Response, error) {
		j, err := r.newJob(ctx, req)
		if err != nil {
			return tools.Response{}, err
		}
		defer j.close()
		resp, err := decoders[j.dec.Kind](ctx, j)
		resp.LoadSeconds, resp.Saved, resp.Remembered = j.loading, j.saved, j.saved > 0 && !j.ran
		if err != nil {
			return resp, j.explain(ctx, err)
		}
		resp.Notices = append(j.notices, resp.Notices...)
		return resp, nil
	})
}

// newJob gathers what one run needs: the networks loaded, their inputs bound to the request.
func (r *Runner) newJob(ctx context.Context, req tools.Request) (*job, error) {
	rt, err := runtimeOf(req.Spec)
	if err != nil {
		return nil, err
	}
	img, err := tools.Input[*pixel.Image](req, "image")
	if err != nil {
		return nil, err
	}
	if img.W < 1 || img.H < 1 {
		return nil, &tools.ContractError{Tool: req.Spec.Name, Detail: "the picture is empty"}
	}
	if err := r.Open(ctx); err != nil {
		return nil, err
	}
	j := &job{r: r, req: req, rt: rt, in: rt.Input, dec: rt.Decode, img: img}
	if err := j.applyParams(req.Params); err != nil {
		return nil, err
	}
	if err := j.load(ctx); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// misfit says that a model is not what its doc describes.
func misfit(tool, file string, err error) error {
	return &edit.UserError{
		Msg: fmt.Sprintf("tool %s: model %s does not fit its doc", tool, file), Err: err,
		Hint: "check the doc with: agent tools check " + tool,
	}
}
