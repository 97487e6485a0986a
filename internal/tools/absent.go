package tools

import (
	"context"

	"pentimento/internal/edit"
)

// Absent is the Runner of docs without a tool: it never runs, and says what a tool would need.
type Absent struct{}

// Available implements Runner: always an *UnavailableError, with no command that could help.
func (Absent) Available(spec *edit.ToolSpec) error {
	return &UnavailableError{Tool: spec.Name, Reason: "no tool for it comes with this program; it needs " + spec.Runtime.Needs}
}

// Run implements Runner.
func (a Absent) Run(_ context.Context, req Request) (Response, error) {
	return Response{}, a.Available(req.Spec)
}
