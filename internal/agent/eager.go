package agent

import (
	"context"
	"errors"

	"pentimento/internal/astar"
	"pentimento/internal/edit"
)

// This file runs a subtask as the published method does (astar.Eager), for
// measurement only, on the same tools and the same judge.

// The searches that Job.Search names.
const (
	SearchLazy  = "lazy"  // runs the next call of the best path, then searches again
	SearchEager = "eager" // runs every call after the one it expands
)

// checkSearch refuses a search that is not known, and of the eager one what it has no place for.
func (j *Job) checkSearch() error {
	switch j.Search {
	case "", SearchLazy:
		return nil
	case SearchEager:
	default:
		return &UsageError{edit.Userf("--search %s is none of %s, %s", j.Search, SearchLazy, SearchEager)}
	}
	switch {
	case j.Pinned != nil:
		return usagef("", "a replay searches nothing, so that no search can be chosen for it")
	case j.Frozen:
		return usagef("", "--search eager ranks by measured seconds, so that it cannot be frozen")
	case j.AcceptBest:
		return usagef("", "--search eager drops what does not pass, so that it has no best imperfect result to take")
	case j.Picked != nil:
		return usagef("", "--search eager finds its toolpath by running tools, so that none can be picked before")
	case j.DryRun:
		return usagef("", "--search eager finds its toolpath by running tools, so that there is no dry run of it")
	}
	return nil
}

// eager reports whether the published method is re-enacted. It remembers no
// call, knows no estimate but those of the docs, leaves no trace to learn from,
// and asks no second opinion: it takes every detector by its own word, and of
// one that finds nothing, or more than was asked for, drops that call alone.
func (j *Job) eager() bool { return j.Search == SearchEager }

// completeEagerly finds the toolpath of a subtask by running whatever can follow.
func (x *execution) completeEagerly(ctx context.Context, problem astar.Problem, refused map[string]error) error {
	if x.st.Reshaped() != "" { // whose outline that is depends on the path, of which there is none yet
		if _, err := x.foresee(ctx, problem, refused); err != nil {
			return err
		}
	}
	res, err := astar.Eager(ctx, problem, x.eagerStep)
	switch {
	case errors.Is(err, edit.ErrNoPath):
		return x.explain(ctx, refused)
	case err != nil:
		return err
	}
	x.tellPath(res.Result)
	x.take(res.Steps)
	return nil
}

// eagerStep runs one call for the eager search, at what a run of it takes by the clock.
func (x *execution) eagerStep(ctx context.Context, n int, st astar.Step) (astar.Measured, error) {
	m, err := x.step(ctx, n, st)
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	switch {
	case err == nil:
	case n < len(x.steps) && (errors.As(err, &nf) || errors.As(err, &amb)):
		x.ruledOut[st.Op.Call.ID()] = err
		m = astar.Measured{Failed: err}
	default:
		return astar.Measured{}, err
	}
	m.Cost = x.steps[n].cost
	if m.Failed == nil {
		m.Quality = x.steps[n].quality
	}
	return m, nil
}
