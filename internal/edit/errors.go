package edit

import (
	"errors"
	"fmt"
	"strings"
)

// UserError is an error whose text is meant for the person: it says what
// happened, to which file or tool, and what to do. Anything else is a bug report.
type UserError struct {
	Msg  string
	Hint string // a command or a change that mends it; may be empty
	Err  error
}

// Error implements error.
func (e *UserError) Error() string {
	s := e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap implements errors.Unwrap.
func (e *UserError) Unwrap() error { return e.Err }

// Userf makes a UserError without a hint.
func Userf(format string, args ...any) error { return &UserError{Msg: fmt.Sprintf(format, args...)} }

// NotFoundError says that a detector which knows the word sees no such object.
type NotFoundError struct {
	Phrase string
	By     []string // tools that looked
	// Weak is a detection that was not believed, if there was one.
	Weak *Box
	Hint string // what would settle it
}

// Error implements error.
func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("%s not found", e.Phrase)
	if len(e.By) > 0 {
		s += " by " + strings.Join(e.By, ", ")
	}
	if e.Weak != nil {
		s += fmt.Sprintf("; what may be one at %s is not certain enough to be edited", *e.Weak)
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// AmbiguousError says that a phrase for one object fits several.
type AmbiguousError struct {
	Phrase     string
	Candidates []Box
}

// Error implements error.
func (e *AmbiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q fits %d objects; say which (left, right, a colour, \"all\") or give --box", e.Phrase, len(e.Candidates))
	for i, c := range e.Candidates {
		fmt.Fprintf(&b, "\n  %d: %s at %s, score %.2f", i+1, c.Label, c, c.Score)
	}
	return b.String()
}

// ErrNoPath says that no toolpath completes the subtask.
var ErrNoPath = errors.New("no toolpath")
