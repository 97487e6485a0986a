package learn

import (
	"context"
	"encoding/json"
	"slices"

	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// This file finds the same rule in other tasks. What takes text off a plain wall does so whether it
// is to be gone or to be written anew: a task that is seldom asked for need not show all of that again.

// nearly is the share of its seconds that a path must spend in calls that another makes too for both to be the same rule.
const nearly = 0.9

// akin reports whether two rules are one for different tasks: they hold on the same
// pictures, and the calls that take nearly all of the time of either are made by both.
func (l *Learner) akin(a, b *subroutines.Subroutine) bool {
	if a.Task == b.Task {
		return false
	}
	x, _ := a.When.Canonical()
	y, _ := b.When.Canonical()
	return x.String() == y.String() && l.common(a.Path, b.Path) >= nearly && l.common(b.Path, a.Path) >= nearly
}

// common is the share of a path's seconds, by the tools' docs, in calls that another path makes too.
func (l *Learner) common(path, other subroutines.Path) float64 {
	made := make(map[string]bool, len(other))
	for _, step := range other {
		made[step.Call().ID()] = true
	}
	both, all := 0.0, 0.0
	for _, step := range path {
		spec := l.spec(step.Tool)
		if spec == nil {
			return 0
		}
		all += spec.Cost.Seconds
		if made[step.Call().ID()] {
			both += spec.Cost.Seconds
		}
	}
	if all == 0 {
		return 0
	}
	return both / all
}

// lend tells the trial what those of its kin have come to. Pairs of one request are on one picture, whatever
// their task, and tell the same twice: so only where its own pairs are of three requests, and all together of five.
func (b *books) lend(kin []books) {
	own, all := len(b.Origins), slices.Clone(b.Origins)
	var trials []trial.Trial
	for i := range kin {
		all = append(all, kin[i].Origins...)
		trials = append(trials, kin[i].Trial)
	}
	slices.Sort(all)
	if own < 3 || len(slices.Compact(all)) < b.Trial.Plan.Least {
		trials = nil
	}
	b.Trial = b.Trial.Beside(trials...)
}

// trials are the books of some subroutines as far as they have come, with the tools as they are now.
func (l *Learner) trials(ctx context.Context, all []*subroutines.Subroutine) (out []books, err error) {
	for _, s := range all {
		text, err := l.Engine.Store.Statistic(ctx, l.booksKey(s))
		if err != nil {
			return nil, err
		}
		var b books
		if len(text) > 0 && json.Unmarshal(text, &b) == nil && b.Trial.Pairs > 0 {
			out = append(out, b)
		}
	}
	return out, nil
}
