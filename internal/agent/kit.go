package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pentimento/internal/config"
	"pentimento/internal/cputime"
	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/models"
	"pentimento/internal/planner"
	"pentimento/internal/store"
	"pentimento/internal/tooldoc"
	"pentimento/internal/tools"
	"pentimento/internal/tools/builtin"
	"pentimento/internal/tools/onnx"
	"pentimento/internal/tools/ortlib"
	"pentimento/internal/vision"
)

// Options say where things are and how models run.
type Options struct {
	Dirs     config.Dirs
	Shipped  fs.FS    // the shipped tool docs
	Overlays []string // folders of the person's own docs, later ones winning
	Device   string   // auto, cpu, cuda, webgpu, coreml, directml
	ORTLib   string   // --ort-lib; empty: look it up
	Version  string   // of the program, for recipes
	Forget   bool     // keep no results and traces, and use none
	// CacheBytes bounds the results kept from run to run; 0: store.DefaultCacheBytes.
	CacheBytes int64
	// Calls, where not nil, keeps the results of calls in place of the store.
	Calls store.Calls
	// Threads a model computes with, 0: the number of cores; and how many models compute at once, 0: two.
	Threads, AtOnce, AtOnceGPU int
	Planning                   Planning
	Seeing                     Seeing
}

// Kit is everything an edit needs, opened once: the docs, the planner, the
// models, the runners and the engine over them.
type Kit struct {
	Engine   *Engine
	Set      *tooldoc.Set
	Store    *models.Store
	Problems []error // docs that did not load; the others work
	Options  Options

	grammar func() *planner.Grammar // made when a request is first planned
	onnx    *onnx.Runner
	keeper  *vision.Keeper // of what the model sees in this request; nil: it is not kept

	sayUnapproved *sync.Once
}

// Open loads the docs and makes the runners. It loads no model and no library:
// those come with the first call that needs them.
func Open(o Options) (*Kit, error) {
	set, problems := tooldoc.Load(o.Shipped, o.Overlays...)
	specs := inUse(set, approvals(o))
	files := &models.Store{Dirs: []string{o.Dirs.Models}, Embedded: o.Shipped}
	k := &Kit{Set: set, Store: files, Problems: problems, Options: o, grammar: grammarOf(specs), sayUnapproved: new(sync.Once)}
	k.onnx = onnx.New(onnx.Options{
		Lib: func(ctx context.Context) (string, error) {
			path, _, err := ortlib.Find(ctx, k.ORT())
			return path, err
		},
		Device:  o.Device,
		Threads: o.Threads,
		AtOnce:  o.AtOnce, AtOnceGPU: o.AtOnceGPU,
		Locate:  files.Locate,
		Present: files.Present,
	})
	k.Engine = &Engine{
		Specs:   specs,
		Runners: map[string]tools.Runner{"builtin": builtin.New(), "onnx": k.onnx, edit.RuntimeLLM: vision.Runner{}, edit.RuntimeNone: tools.Absent{}},
		Now:     time.Now,
		CPU:     func() float64 { return cputime.Process().Seconds() },
		Judge:   func(ctx context.Context, j judge.Judge, s judge.Step) (judge.Verdict, error) { return j.Step(ctx, s) },
	}
	for _, kind := range edit.OutsideKinds() {
		k.Engine.Runners[kind] = tools.Gate{Approvals: k.Approvals()}
	}
	return k, nil
}

// grammarOf is the grammar of the docs, compiled once and not before it is needed.
func grammarOf(specs []edit.ToolSpec) func() *planner.Grammar {
	return sync.OnceValue(func() *planner.Grammar { return planner.New(specs) })
}

// Approvals are the docs that the person approved.
func (k *Kit) Approvals() tooldoc.Approvals { return approvals(k.Options) }

func approvals(o Options) tooldoc.Approvals {
	return tooldoc.Approvals{Dir: filepath.Join(o.Dirs.Data, "approved")}
}

// inUse are the docs of a set, the shipped one in place of any that replaces it and waits for approval.
func inUse(set *tooldoc.Set, a tooldoc.Approvals) []edit.ToolSpec {
	specs := set.All()
	for i := range specs {
		shipped, replaced := set.Shipped(specs[i].Name)
		if !replaced {
			continue
		}
		if state, err := a.Of(&specs[i]); err != nil || state == tooldoc.ApprovalMissing || state == tooldoc.ApprovalChanged {
			specs[i] = shipped
		}
	}
	return specs
}

// StandsIn reports whether the shipped doc is in use in place of one of the
// person's of that name, which waits for approval.
func (k *Kit) StandsIn(spec *edit.ToolSpec) bool {
	own, ok := k.Set.Get(spec.Name)
	return ok && own.Path != spec.Path
}

// Unapproved are the tools that wait for the person's approval, in the order of their names.
func (k *Kit) Unapproved() []*edit.ToolSpec {
	var waiting []*edit.ToolSpec
	specs := k.Set.All()
	for i := range specs {
		spec := &specs[i]
		var un *tools.UnapprovedError
		if gate, ok := k.Engine.Runners[spec.Runtime.Kind].(tools.Gate); ok && errors.As(gate.Available(spec), &un) {
			waiting = append(waiting, spec)
		}
	}
	return waiting
}

// Close waits for what still runs, frees the models and closes the store.
func (k *Kit) Close() {
	_ = k.onnx.Close()
	if k.Engine.Store != nil {
		_ = k.Engine.Store.Close()
	}
}

// Probe loads the library and says which device models run on, and what a
// person should know about it.
func (k *Kit) Probe(ctx context.Context) (device, notice string, err error) {
	if err := k.onnx.Open(ctx); err != nil {
		return "", "", err
	}
	device, notice = k.onnx.Device()
	return device, notice, nil
}

// ORT says where ONNX Runtime's library is looked for.
func (k *Kit) ORT() ortlib.Options {
	return ortlib.Options{Lib: k.Options.ORTLib, CacheDir: k.Options.Dirs.Cache}
}

// DeviceError says that the device asked for by name cannot be had.
type DeviceError struct{ Err error }

// Error implements error.
func (e *DeviceError) Error() string { return e.Err.Error() }

// Unwrap implements errors.Unwrap.
func (e *DeviceError) Unwrap() error { return e.Err }

// SettleDevice fails before any work when a device or a library was asked for
// by name and cannot be had; another in its place would be a silent fall back.
func (k *Kit) SettleDevice(ctx context.Context) error {
	device, named := k.Options.Device, k.Options.ORTLib != "" || os.Getenv(ortlib.EnvLib) != ""
	if !named && (device == "" || device == "auto" || device == "cpu") {
		return nil
	}
	if _, _, err := k.Probe(ctx); err != nil {
		return &DeviceError{err}
	}
	return nil
}

// Plan splits a request into subtasks.
func (k *Kit) Plan(ctx context.Context, request string) (edit.Plan, error) {
	return k.PlanAfter(ctx, request, edit.History{})
}

// PlanAfter is Plan for a request that may lean on earlier turns.
func (k *Kit) PlanAfter(ctx context.Context, request string, h edit.History) (edit.Plan, error) {
	planned, err := k.PlanWith(ctx, request, h, nil)
	return planned.Plan, err
}

// Explain says in words how the grammar understands a request: clause, task, evidence.
func (k *Kit) Explain(ctx context.Context, request string) (string, error) {
	_, explanation, err := k.grammar().PlanExplained(ctx, request, edit.History{})
	return explanation.String(), err
}

// Validate checks subtasks that came from a file.
func (k *Kit) Validate(plan edit.Plan) error { return k.grammar().Validate(plan) }

// Notices are what the person should know before anything runs: broken docs of their own,
// and, once, tools that are left out until they are approved.
func (k *Kit) Notices() []string {
	var notices []string
	k.sayUnapproved.Do(func() {
		var names []string
		for _, spec := range k.Unapproved() {
			name := spec.Name
			if _, shipped := k.Set.Shipped(name); shipped {
				name += " (the shipped one stays in use)"
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			notices = append(notices, fmt.Sprintf("left out until they are approved (agent tools approve): %s", strings.Join(names, ", ")))
		}
	})
	for _, p := range k.Problems {
		notices = append(notices, fmt.Sprintf("a tool doc is broken and left out: %v", p))
	}
	return notices
}

// State says whether a tool can run here: "ready", "not installed", "not approved", "changed"
// (since it was approved) or "unusable", and why not.
func (k *Kit) State(spec *edit.ToolSpec) (state, reason string) {
	runner, ok := k.Engine.Runners[spec.Runtime.Kind]
	if !ok {
		return "unusable", fmt.Sprintf("this program has no runtime %q", spec.Runtime.Kind)
	}
	if spec.Runtime.LLM != nil && k.Options.Seeing.Answers {
		return "ready", "" // the model is opened for each request
	}
	err := runner.Available(spec)
	var un *tools.UnapprovedError
	var missing *tools.UnavailableError
	switch {
	case err == nil:
		return "ready", ""
	case errors.As(err, &un) && un.Changed:
		return "changed", err.Error()
	case errors.As(err, &un):
		return "not approved", err.Error()
	case errors.As(err, &missing):
		return "not installed", err.Error()
	}
	return "unusable", err.Error()
}

// Reload loads the docs anew. Nothing may use the kit meanwhile.
func (k *Kit) Reload() {
	set, problems := tooldoc.Load(k.Options.Shipped, k.Options.Overlays...)
	k.Set, k.Problems = set, problems
	k.Engine.Specs = inUse(set, k.Approvals())
	k.grammar = grammarOf(k.Engine.Specs)
}
