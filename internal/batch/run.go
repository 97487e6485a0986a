package batch

import (
	"context"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// Editor edits one file; *agent.Kit is one.
type Editor interface {
	EditFile(ctx context.Context, job agent.FileJob, emit func(edit.Event)) (agent.Outcome, error)
}

// Result is how one item ended.
type Result struct {
	Item    Item
	Outcome agent.Outcome
	Err     error // the item as a whole failed; the rest still ran
}

// Run edits the items in order. An item that fails does not stop the others;
// only a cancelled context does. begin is called before an item with its index, report after it.
func Run(ctx context.Context, ed Editor, items []Item, dryRun bool, emit func(edit.Event), begin func(int), report func(Result)) error {
	for i, it := range items {
		begin(i)
		out, err := ed.EditFile(ctx, it.fileJob(dryRun), emit)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(Result{Item: it, Outcome: out, Err: err})
	}
	return nil
}

// Defaults of a job that does not say otherwise.
const (
	DefaultAlpha     = 1.0
	DefaultThreshold = 0.8
)

func (it Item) fileJob(dryRun bool) agent.FileJob {
	j := it.Spec
	job := agent.FileJob{
		Input: it.Input, Output: it.Output, Request: j.Request, Subtasks: j.Subtasks, Alternatives: j.Alternatives, Mask: j.Mask,
		With: j.With, Quality: j.Quality, StripMetadata: j.StripMetadata, NoRecipe: j.NoRecipe,
		Alpha: DefaultAlpha, Threshold: DefaultThreshold, Seed: j.Seed, DryRun: dryRun, NoSubroutines: it.NoSubroutines,
	}
	if j.Alpha != nil {
		job.Alpha = *j.Alpha
	}
	if j.Threshold != nil {
		job.Threshold = *j.Threshold
	}
	if len(j.Boxes) > 0 {
		job.Boxes = make(map[string][]edit.Box, len(j.Boxes))
		for name, b := range j.Boxes {
			job.Boxes[name] = []edit.Box{{X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]}}
		}
	}
	return job
}
