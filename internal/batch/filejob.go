package batch

import (
	"path/filepath"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// fileJob is an item as the kit takes it.
func (r *running) fileJob(it *Item) agent.FileJob {
	j := it.Spec
	job := agent.FileJob{
		Input: it.Input, Output: it.Output, Request: j.Request, Subtasks: j.Subtasks, Alternatives: j.Alternatives, Mask: j.Mask,
		With: j.With, Quality: j.Quality, StripMetadata: j.StripMetadata, NoRecipe: j.NoRecipe, MaxUSD: j.MaxUSD, Pins: j.Pins,
		Alpha: DefaultAlpha, Threshold: DefaultThreshold, Seed: j.Seed, DryRun: r.DryRun, NoSubroutines: r.NoSubroutines,
		Frozen: r.Frozen != nil, Snapshot: r.Frozen, Named: true, Beside: max(1, r.AtOnce) - 1, MaxSeconds: j.MaxSeconds,
	}
	if r.DryRun && it.Output != "" { // a folder that is to be made is not there yet; nothing is written
		job.Output = filepath.Join(existing(map[string]string{}, filepath.Dir(it.Output)), ".dry-run-"+filepath.Base(it.Output))
	}
	if r.Planned != nil {
		job.Planned = r.Planned(it)
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
