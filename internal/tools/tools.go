// Package tools holds the Runner contract and what all runners share. The
// runners themselves are the packages below it: builtin, onnx.
package tools

import (
	"context"
	"fmt"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
)

// Request asks for one run of one call.
type Request struct {
	Spec *edit.ToolSpec
	// Params are the doc's fixed parameters overlaid with the call variant's.
	Params map[string]any
	// Inputs are the artifacts by input-port name; every port of Spec.Inputs is present.
	Inputs map[string]edit.Artifact
	Seed   int64
	// Progress, when not nil, is told the finished fraction in [0,1]; it may be called from any goroutine.
	Progress func(fraction float64)
}

// Response is what one run made.
type Response struct {
	// Outputs are the artifacts by output-port name; every port of Spec.Outputs is present.
	Outputs map[string]edit.Artifact
	// Quality is the tool's own evidence for this run in [0,1] (a detection's precision),
	// or NaN where it has none and the estimate stands.
	Quality     float64
	Notices     []string // what a person should know: "16-bit picture reduced to 8 bits"
	LoadSeconds float64  // part of the run spent loading a model
	// Saved is how many seconds more a run takes that finds no answer of an
	// earlier run at hand; 0 where none was.
	Saved float64
	// Remembered says that all of the answer was at hand: no network ran.
	Remembered bool
}

// effort is what a run took, without what it made: all there is of one that failed.
func (r Response) effort() Response {
	return Response{LoadSeconds: r.LoadSeconds, Saved: r.Saved, Remembered: r.Remembered}
}

// Runner runs the calls of one runtime kind. A Runner is safe for concurrent
// use. Run never writes into its inputs, returns within a second of ctx being
// cancelled with an error that wraps ctx.Err(), contains panics, and leaves
// nothing running. A run may be repeated: it has no effect but its Response.
// tooltest.Run is the suite that every Runner passes.
type Runner interface {
	// Available reports why a tool cannot run here: nil when it can, an error
	// of type *UnavailableError when something must be installed first. It is
	// cheap: it reads no model.
	Available(spec *edit.ToolSpec) error
	// Run executes one call.
	Run(ctx context.Context, req Request) (Response, error)
}

// UnavailableError says what a tool lacks and the command that installs it.
type UnavailableError struct {
	Tool    string
	Reason  string // "model yolox_nano.onnx is not installed"
	Command string // "agent models pull yolox-nano"
}

// Error implements error.
func (e *UnavailableError) Error() string {
	s := fmt.Sprintf("%s: %s", e.Tool, e.Reason)
	if e.Command != "" {
		s += "; install it with: " + e.Command
	}
	return s
}

// ContractError says that a tool broke its contract: a wrong size, a missing
// output, a value that is not a number, a panic.
type ContractError struct {
	Tool   string
	Detail string
}

// Error implements error.
func (e *ContractError) Error() string { return fmt.Sprintf("tool %s: %s", e.Tool, e.Detail) }

// Input fetches a typed input by port name.
func Input[T edit.Artifact](req Request, name string) (T, error) {
	v, ok := req.Inputs[name]
	if !ok || v == nil {
		var zero T
		return zero, &ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf("input %q is missing", name)}
	}
	t, ok := v.(T)
	if !ok {
		return t, &ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf("input %q is a %s, want %T", name, v.Kind(), t)}
	}
	return t, nil
}

// Guard runs f for a Runner and enforces the contract around it: inputs present
// and of one size, panics contained, outputs complete, of the promised size and
// finite. Of a run that failed the Response tells what it took. Every Runner's
// Run is a Guard around its work.
func Guard(ctx context.Context, req Request, f func(context.Context) (Response, error)) (resp Response, err error) {
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	if err := checkInputs(req); err != nil {
		return Response{}, err
	}
	defer func() {
		if r := recover(); r != nil {
			resp, err = Response{}, &ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf("panic: %v", r)}
		}
	}()
	resp, err = f(ctx)
	if err != nil {
		return resp.effort(), err
	}
	if err := checkOutputs(req, resp); err != nil {
		return resp.effort(), err
	}
	return resp, nil
}

func checkInputs(req Request) error {
	fail := func(format string, args ...any) error {
		return &ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf(format, args...)}
	}
	img, _ := req.Inputs["image"].(*pixel.Image)
	for _, p := range req.Spec.Inputs {
		a := req.Inputs[p.Name]
		if a == nil {
			return fail("input %q is missing", p.Name)
		}
		if a.Kind() != p.Kind {
			return fail("input %q is a %s, want a %s", p.Name, a.Kind(), p.Kind)
		}
		if err := finite(a); err != nil {
			return fail("input %q: %v", p.Name, err)
		}
		// A second picture that the person gives has a size of its own.
		second := p.Kind == edit.KindImage && p.Name != edit.SlotImage
		if w, h, ok := size(a); ok && img != nil && !second && (w != img.W || h != img.H) {
			return fail("input %q is %d×%d, the picture is %d×%d", p.Name, w, h, img.W, img.H)
		}
	}
	if img != nil && req.Spec.MaxPixels > 0 && int64(img.W)*int64(img.H) > req.Spec.MaxPixels && !req.Spec.Tileable {
		return fail("takes pictures of at most %d pixels, this one has %d", req.Spec.MaxPixels, img.W*img.H)
	}
	return nil
}

func checkOutputs(req Request, resp Response) error {
	fail := func(format string, args ...any) error {
		return &ContractError{Tool: req.Spec.Name, Detail: fmt.Sprintf(format, args...)}
	}
	img, _ := req.Inputs["image"].(*pixel.Image)
	for _, p := range req.Spec.Outputs {
		a := resp.Outputs[p.Name]
		if a == nil {
			return fail("output %q is missing", p.Name)
		}
		if a.Kind() != p.Kind {
			return fail("output %q is a %s, want a %s", p.Name, a.Kind(), p.Kind)
		}
		if err := finite(a); err != nil {
			return fail("output %q: %v", p.Name, err)
		}
		w, h, sized := size(a)
		if !sized || img == nil {
			continue
		}
		if a.Kind() != edit.KindImage && (w != img.W || h != img.H) {
			return fail("output %q is %d×%d, the picture is %d×%d", p.Name, w, h, img.W, img.H)
		}
		if a.Kind() == edit.KindImage && req.Spec.Keeps(edit.PreserveSize) && (w != img.W || h != img.H) {
			return fail("promises the picture's size %d×%d and made %d×%d", img.W, img.H, w, h)
		}
	}
	if q := resp.Quality; !math.IsNaN(q) && (q < 0 || q > 1) {
		return fail("quality %v is outside 0..1", q)
	}
	return nil
}

func size(a edit.Artifact) (w, h int, ok bool) {
	switch a := a.(type) {
	case *pixel.Image:
		return a.W, a.H, true
	case *pixel.Mask:
		return a.W, a.H, true
	case *pixel.Classes:
		return a.W, a.H, true
	case *pixel.Depth:
		return a.W, a.H, true
	}
	return 0, 0, false
}

func finite(a edit.Artifact) error {
	bad := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	switch a := a.(type) {
	case edit.Number:
		if bad(float64(a)) {
			return fmt.Errorf("%v is not a finite number", float64(a))
		}
	case edit.Boxes:
		for _, b := range append(append([]edit.Box(nil), a.Picked...), a.Others...) {
			if bad(b.X0) || bad(b.Y0) || bad(b.X1) || bad(b.Y1) || bad(b.Score) {
				return fmt.Errorf("box %v is not finite", b)
			}
		}
	case edit.Points:
		for _, p := range a {
			if bad(p.X) || bad(p.Y) {
				return fmt.Errorf("point %v,%v is not finite", p.X, p.Y)
			}
		}
	case *pixel.Depth:
		for _, v := range a.V {
			if bad(float64(v)) {
				return fmt.Errorf("depth holds %v", v)
			}
		}
	}
	return nil
}
