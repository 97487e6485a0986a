package bench

import (
	"cmp"
	"context"
	"math"
	"slices"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/learn"
	"pentimento/internal/simworld"
	"pentimento/internal/subroutines"
)

// learningRun is one arm on one seed.
type learningRun struct {
	tasks []learningTask
	rules []*subroutines.Subroutine // in the end; of ours
}

// runLearningArm drives one arm through the tasks of a seed.
func runLearningArm(ctx context.Context, o *LearningOptions, seed int64, arm string) (out learningRun, err error) {
	d := &worldDriver{alpha: o.Alpha, search: agent.SearchLazy, world: o.World, runner: o.World.NewRunner(seed, o.World.Assume(o.Assumed))}
	if arm == LearnEager { // it learns nothing from one request for the next
		d.search = agent.SearchEager
	} else {
		done, err := d.remember(ctx)
		if err != nil {
			return out, err
		}
		defer done()
	}
	var learner *learn.Learner
	switch arm {
	case LearnOracle:
		d.rules = trueRules(o.World, o.Assumed)
	case LearnOurs:
		d.table = &subroutines.Table{Store: d.store}
		learner = learn.New(d.engine())
		learner.Options.Alpha = o.Alpha
	}
	for i, q := range o.World.Draw(seed, o.Tasks) {
		run, err := d.run(ctx, q)
		if err != nil {
			return out, err
		}
		task := tallied(run)
		if learner != nil && (i+1)%learn.Every == 0 {
			_, did, err := learner.Study(ctx, o.Verify)
			if err != nil {
				return out, err
			}
			task.verify = did.Seconds
		}
		out.tasks = append(out.tasks, task)
	}
	if learner != nil {
		out.rules, err = d.table.List(ctx, subroutines.Filter{})
	}
	return out, err
}

// tallied is what counts of a request that was carried out.
func tallied(run worldRun) learningTask {
	t := learningTask{subtasks: len(run.subtasks), seconds: run.summary.ToolSeconds}
	for _, s := range run.subtasks {
		t.truth += s.truth
		switch {
		case s.Status != edit.StatusDone:
			t.failed++
		case s.Via == "subroutine":
			t.fast++
		}
	}
	return t
}

// certain is how much evidence the true rules have: so much that no use changes them.
const certain = 1e9

// trueRules are all toolpaths of the world with the conditions under which they
// are good, and what they cost and come to there. Those that the judge would stop even there are left out.
func trueRules(w *simworld.World, otherwise float64) []*subroutines.Subroutine {
	tasks := make(map[string]bool)
	for i := range w.Tools {
		tasks[w.Tools[i].Task] = true
	}
	assumed := w.Assume(otherwise)
	var out []*subroutines.Subroutine
	for task := range tasks {
		if task == "" {
			continue
		}
		for _, p := range w.Paths(task) {
			if p.Least < passMark {
				continue
			}
			s := &subroutines.Subroutine{Task: task, Version: 1, State: subroutines.Active, Provenance: subroutines.Provenance{Proposer: "the truth"}}
			for i, doc := range p.Docs {
				s.Path = append(s.Path, subroutines.PathStep{Tool: doc, Inputs: p.Inputs[i]})
			}
			for feature, values := range p.When {
				s.When = append(s.When, subroutines.Condition{Feature: feature, Op: subroutines.In, Words: values})
			}
			s.When, _ = s.When.Canonical()
			// The mean of a log-normal variable is exp(σ²/2) times its median.
			s.Cost = subroutines.Cost{N: certain, Seconds: p.Seconds * math.Exp(assumed.CostNoise*assumed.CostNoise/2)}
			s.Pass = subroutines.Rate{Passed: certain}
			s.Quality = subroutines.Quality{N: certain, Mean: p.Quality}
			s.ID = s.NewID()
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *subroutines.Subroutine) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
