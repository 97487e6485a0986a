package bench

import (
	"context"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/learn"
	"pentimento/internal/subroutines"
)

// learningRun is one arm on one seed.
type learningRun struct {
	tasks []learningTask
	rules []*subroutines.Subroutine // in the end; of ours
	seen  []seenSubtask             // one after the other; of the slow path
}

// runLearningArm drives one arm through the tasks of a seed.
// The oracle of equal quality follows the given rules.
func runLearningArm(ctx context.Context, o *LearningOptions, seed int64, arm string, rules []*subroutines.Subroutine) (out learningRun, err error) {
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
	case LearnEqual:
		d.rules = rules
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
		if arm == LearnSlow {
			if out.seen, err = d.note(out.seen, q, run); err != nil {
				return out, err
			}
		}
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
