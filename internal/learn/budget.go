package learn

import (
	"context"
	"fmt"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// usage counts on how many of a band's attempts rules hold that cost quality.
type usage struct {
	band   subroutines.Band
	byTask map[string][]*subroutines.Subroutine
	count  map[string]int
	all    int
	active []*subroutines.Subroutine // of the whole table
}

// paying begins to count for the rules of the table that cost quality in the band.
func (l *Learner) paying(ctx context.Context) (*usage, error) {
	table, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{})
	if err != nil {
		return nil, err
	}
	u := &usage{band: l.band(), byTask: make(map[string][]*subroutines.Subroutine), count: make(map[string]int)}
	for _, s := range table {
		if s.State == subroutines.Active {
			u.active = append(u.active, s)
		}
		if _, pays := s.Tolls[u.band]; pays && s.State != subroutines.Retired {
			u.byTask[s.Task] = append(u.byTask[s.Task], s)
		}
	}
	return u, nil
}

func (u *usage) enter(t *store.Trace) {
	if subroutines.BandOf(t.Alpha) != u.band {
		return
	}
	u.all++
	rules := u.byTask[t.Subtask.Task]
	if len(rules) == 0 {
		return
	}
	values := subroutines.Values(t.Features)
	for _, s := range rules {
		if s.When.Holds(values) {
			u.count[s.ID]++
		}
	}
}

// shares are, by id, of how many of all attempts the rules hold; nil where only those of one task were seen.
func (u *usage) shares(task string) map[string]float64 {
	if task != "" || u.all == 0 {
		return nil
	}
	out := make(map[string]float64)
	for _, rules := range u.byTask {
		for _, s := range rules {
			out[s.ID] = float64(u.count[s.ID]) / float64(u.all)
		}
	}
	return out
}

// toll is what a finished trial tells of the quality that a rule costs, share being of how many subtasks it holds.
func (b *books) toll(share float64) subroutines.Toll {
	lost, width := b.Trial.Lost(b.Same)
	return subroutines.Toll{
		Pairs: b.pairs(), Lost: lost, Width: width, Share: share,
		Saved: (b.Trial.Without.Seconds - b.Trial.With.Seconds) / float64(b.pairs()),
	}
}

// spend has the budget decide, with all else that hangs on a rule's having become active or not, and shows the rule as it is then.
func (l *Learner) spend(ctx context.Context, v Verification) (Verification, error) {
	if _, err := l.cover(ctx, nil); err != nil {
		return v, err
	}
	s, err := l.Engine.Subroutines.Get(ctx, v.Subroutine.ID)
	if err != nil {
		return v, err
	}
	if v.Subroutine = s; s.Cause == subroutines.ByBudget {
		v.Text = fmt.Sprintf("%s; %s", v.Text, s.History[len(s.History)-1].Reason)
	}
	return v, nil
}
