package tools

import (
	"context"
	"fmt"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// Gate is the Runner of an outside kind. It lets a call through to Runner when a
// person has approved the very doc that describes it, and no other.
type Gate struct {
	Approvals tooldoc.Approvals
	Runner    Runner // nil: this program cannot run the kind
}

// UnapprovedError says that a tool waits for a person's approval.
type UnapprovedError struct {
	Tool    string
	Changed bool // it was approved, and its doc has changed since
}

// Error implements error.
func (e *UnapprovedError) Error() string {
	return fmt.Sprintf("%s %s; look at it and approve it with: %s", e.Tool, e.reason(), e.command())
}

func (e *UnapprovedError) reason() string {
	if e.Changed {
		return "has changed since it was approved"
	}
	return "is not approved"
}

func (e *UnapprovedError) command() string { return "agent tools approve " + e.Tool }

// Unwrap makes it a tool that is missing, with the command that mends it.
func (e *UnapprovedError) Unwrap() error {
	return &UnavailableError{Tool: e.Tool, Reason: e.reason(), Command: e.command()}
}

// Available implements Runner.
func (g Gate) Available(spec *edit.ToolSpec) error {
	state, err := g.Approvals.Of(spec)
	switch {
	case err != nil:
		return fmt.Errorf("%s: the approval cannot be read: %w", spec.Name, err)
	case state == tooldoc.ApprovalUnneeded: // no doc of this kind lacks what it calls
		return fmt.Errorf("%s: its doc names nothing to call", spec.Name)
	case state != tooldoc.ApprovalGiven:
		return &UnapprovedError{Tool: spec.Name, Changed: state == tooldoc.ApprovalChanged}
	case g.Runner == nil:
		return fmt.Errorf("%s is approved, and this version of the program cannot run tools of kind %s", spec.Name, spec.Runtime.Kind)
	}
	return g.Runner.Available(spec)
}

// Run implements Runner.
func (g Gate) Run(ctx context.Context, req Request) (Response, error) {
	if err := g.Available(req.Spec); err != nil {
		return Response{}, err
	}
	return g.Runner.Run(ctx, req)
}
