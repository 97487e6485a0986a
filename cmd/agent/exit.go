package main

import (
	"context"
	"errors"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/farm"
	"pentimento/internal/llm"
	"pentimento/internal/planner"
)

// exitCode is what the process ends with. The table is published in
// docs/exit-codes.md; an unknown code means failure.
type exitCode int

const (
	exitOK        exitCode = 0   // everything asked for was done
	exitError     exitCode = 1   // an error that no other code names
	exitUsage     exitCode = 2   // flags or arguments are wrong
	exitPartial   exitCode = 3   // some subtasks or items failed; the rest is done
	exitAuth      exitCode = 4   // credentials are missing or refused
	exitPlan      exitCode = 5   // the plan or the request is invalid or was not understood
	exitNoTool    exitCode = 6   // no model, tool or device for what was asked
	exitNothing   exitCode = 9   // nothing to do
	exitBudget    exitCode = 10  // a budget or time limit was reached
	exitCancelled exitCode = 130 // stopped by the person
)

// usageError marks an error in flags or arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// codeError carries the exit code of a run that reported its own failures.
type codeError struct {
	code exitCode
	msg  string // empty: nothing more to say
}

func (e codeError) Error() string { return e.msg }

// codeOf maps the result of a command to an exit code: the one place that does.
func codeOf(err error) exitCode {
	var code codeError
	var usage usageError
	var invalid *batch.Invalid
	var unclear *planner.NotUnderstoodError
	var unfit *planner.InvalidPlanError
	var device *agent.DeviceError
	var asked *agent.UsageError
	var unplanned *agent.PlanError
	var bare *agent.NoRecipeError
	var nothing nothingError
	var gone *agent.MissingToolError
	var status *llm.StatusError
	var keys *farm.KeysError
	var spent *llm.BudgetError
	var noModel agent.NoModelError
	var none *batch.NoToolError
	var idle *batch.NothingError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return code.code
	case errors.Is(err, context.Canceled):
		return exitCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return exitBudget
	case errors.As(err, &usage), errors.As(err, &asked), errors.As(err, &noModel):
		return exitUsage
	case errors.As(err, &status) && (status.Code == 401 || status.Code == 403), errors.As(err, &keys):
		return exitAuth
	case errors.As(err, &spent):
		return exitBudget
	case errors.As(err, &unplanned), errors.As(err, &invalid), errors.As(err, &unclear), errors.As(err, &unfit):
		return exitPlan
	case errors.As(err, &none):
		return exitNoTool
	case errors.As(err, &bare), errors.As(err, &nothing), errors.As(err, &idle):
		return exitNothing
	case errors.As(err, &device), errors.As(err, &gone):
		return exitNoTool
	}
	return exitError
}

// summaryCode is the exit code of one edit.
func summaryCode(s edit.Summary) exitCode {
	failed, noTool, dear := 0, 0, 0
	for _, t := range s.Subtasks {
		switch t.Status {
		case edit.StatusDone, edit.StatusPlanned:
		case edit.StatusNoTool:
			noTool++
			failed++
		case edit.StatusBudget:
			dear++
		default:
			failed++
		}
	}
	switch {
	case dear > 0:
		return exitBudget
	case failed == 0:
		return exitOK
	case noTool == len(s.Subtasks):
		return exitNoTool
	}
	return exitPartial
}
