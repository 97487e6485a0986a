// Package builtin runs the tools that need no model: regions by colour,
// GrabCut, recolouring, filling, geometry and tone. A tool doc names one of its
// operations with `runtime: {kind: builtin, op: NAME, params: {...}}`.
//
// Each operation is one function over a tools.Request. Operations are pure:
// they read their inputs, write only what they return, and watch the context
// inside every long loop.
package builtin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/tools"
)

// opFunc is one operation. It runs inside tools.Guard, so the inputs its doc
// declares are present, of the declared kinds and of the picture's size.
type opFunc func(ctx context.Context, req tools.Request) (tools.Response, error)

// Runner runs the built-in operations. It holds no state besides its table and
// is safe for concurrent use.
type Runner struct {
	ops map[string]opFunc
}

var _ tools.Runner = (*Runner)(nil)

// New returns a Runner that knows every built-in operation.
func New() *Runner {
	ops := make(map[string]opFunc, len(segOps)+len(editOps))
	maps.Copy(ops, segOps)
	maps.Copy(ops, editOps)
	maps.Copy(ops, restoreOps)
	maps.Copy(ops, textOps)
	maps.Copy(ops, redactOps)
	maps.Copy(ops, regionOps)
	return &Runner{ops: ops}
}

// Ops lists the names of the operations, sorted: what a doc's `op` may say.
func (r *Runner) Ops() []string { return slices.Sorted(maps.Keys(r.ops)) }

// Available reports whether the doc names an operation of this program. There
// is nothing to install for a built-in tool.
func (r *Runner) Available(spec *edit.ToolSpec) error {
	_, err := r.lookup(spec)
	return err
}

// Run executes one call.
func (r *Runner) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	op, err := r.lookup(req.Spec)
	if err != nil {
		return tools.Response{}, err
	}
	return tools.Guard(ctx, req, func(ctx context.Context) (tools.Response, error) { return op(ctx, req) })
}

func (r *Runner) lookup(spec *edit.ToolSpec) (opFunc, error) {
	if spec == nil || spec.Runtime.Builtin == nil {
		return nil, &edit.UserError{
			Msg:  fmt.Sprintf("tool %s is not a built-in tool", specName(spec)),
			Hint: "its doc needs `runtime: {kind: builtin, op: NAME}`",
		}
	}
	op, ok := r.ops[spec.Runtime.Builtin.Op]
	if !ok {
		return nil, &edit.UserError{
			Msg:  fmt.Sprintf("tool %s names the built-in operation %q, which does not exist", spec.Name, spec.Runtime.Builtin.Op),
			Hint: "operations: " + strings.Join(r.Ops(), ", "),
		}
	}
	return op, nil
}

func specName(spec *edit.ToolSpec) string {
	if spec == nil {
		return "(none)"
	}
	return spec.Name
}
