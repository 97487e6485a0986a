package bench

import (
	"cmp"
	"math"
	"slices"

	"pentimento/internal/astar"
	"pentimento/internal/features"
	"pentimento/internal/simworld"
	"pentimento/internal/subroutines"
)

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

// seenSubtask is a subtask as an arm did it.
type seenSubtask struct {
	task           string
	features       features.Set
	seconds, truth float64
}

// note adds the subtasks of a request.
func (d *worldDriver) note(all []seenSubtask, q simworld.Request, run worldRun) ([]seenSubtask, error) {
	engine := d.engine()
	for i, st := range q.Plan.Subtasks {
		set, err := engine.Features(simworld.Picture(q.Picture), st)
		if err != nil {
			return nil, err
		}
		s := seenSubtask{task: st.Task, features: set, truth: run.subtasks[i].truth}
		for _, c := range run.subtasks[i].tried {
			s.seconds += c.seconds
		}
		all = append(all, s)
	}
	return all, nil
}

// equalLoss is the quality that may be lost against the slow path, in the mean of all subtasks.
const equalLoss = 0.005

// equalRules are rules without those that buy seconds with most quality: on what the
// slow path was seen to do they lose no more than equalLoss in the mean.
func equalRules(rules []*subroutines.Subroutine, slow []seenSubtask, alpha float64) []*subroutines.Subroutine {
	type trade struct{ saved, lost float64 }
	rules = slices.Clone(rules)
	for {
		total, of := 0.0, make(map[string]trade)
		for i := range slow {
			if r := slow[i].best(rules, alpha); r != nil {
				t := of[r.ID]
				t.saved += slow[i].seconds - r.Cost.Seconds
				t.lost += slow[i].truth - r.Quality.Mean
				of[r.ID], total = t, total+slow[i].truth-r.Quality.Mean
			}
		}
		if total <= equalLoss*float64(len(slow)) {
			return rules
		}
		worst := slices.MaxFunc(rules, func(a, b *subroutines.Subroutine) int {
			price := func(s *subroutines.Subroutine) float64 {
				if of[s.ID].lost <= 0 {
					return math.Inf(-1)
				}
				return of[s.ID].lost / max(of[s.ID].saved, 1e-9)
			}
			return cmp.Compare(price(a), price(b))
		})
		rules = slices.DeleteFunc(rules, func(s *subroutines.Subroutine) bool { return s == worst })
	}
}

// best is the rule of least f that holds on a subtask, nil where what was done was worth more.
func (s *seenSubtask) best(rules []*subroutines.Subroutine, alpha float64) (best *subroutines.Subroutine) {
	least := astar.Objective(alpha, s.seconds, s.truth)
	for _, r := range rules {
		if r.Task != s.task || !r.When.Holds(s.features) {
			continue
		}
		if f := astar.Objective(alpha, r.Cost.Seconds, r.Quality.Mean); f < least {
			best, least = r, f
		}
	}
	return best
}
