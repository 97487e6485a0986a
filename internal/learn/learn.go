// Package learn turns traces into subroutines that are worth taking: it mines
// candidates (package mine) and verifies them by editing held-out pictures both
// ways, with the rule and by the slow path (package trial). What is verified is
// active: edits may take it. Nothing here runs during an edit.
package learn

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

// Every is how many completed subtasks there are between two minings.
const Every = 20

// Learner mines and verifies the subroutines of an engine's store.
type Learner struct {
	Engine *agent.Engine // with Store and Subroutines
	// Picture is the picture that a trace began with, by its digest; ok is false where it is gone.
	Picture func(ctx context.Context, digest string) (img *pixel.Image, ok bool, err error)
	// Pair is told of every picture that verification has edited both ways; nil: nobody.
	Pair func(Pair)
	// Propose is asked for further rules when there is something to mine, by what the traces tell; nil: nobody.
	Propose func(context.Context, []mine.Summary) ([]mine.Proposal, error)
	Options mine.Options
	// Budget is how much quality the rules of a band may lose together, in the mean of all subtasks.
	Budget float64
	Now    func() time.Time
}

// New is a learner over the engine's own store.
func New(e *agent.Engine) *Learner {
	l := &Learner{
		Engine: e, Options: mine.DefaultOptions(), Budget: subroutines.QualityBudget, Now: e.Now,
		Picture: func(ctx context.Context, digest string) (*pixel.Image, bool, error) {
			return agent.Picture(ctx, e.Store, digest)
		},
	}
	l.Options.Alike = l.alike
	return l
}

// Mined is what a mining did.
type Mined struct {
	Traces  int              // looked at
	Skipped int              // of no use
	Added   []mine.Candidate // new, by the id they have in the table
	Known   int              // rules that the table had
	Retired int              // covered by an active one
}

// minedKey is the statistic that holds the id of the newest trace that was mined.
const minedKey = "mined"

// Mine proposes subroutines from all traces of a task type, or of all where it is empty.
func (l *Learner) Mine(ctx context.Context, task string) (Mined, error) {
	var out Mined
	var traces mine.Table
	habits := make(habits)
	use, err := l.paying(ctx)
	if err != nil {
		return out, err
	}
	tried, err := l.tried(ctx)
	if err != nil {
		return out, err
	}
	last, err := l.each(ctx, task, func(t store.Trace) {
		traces.Add(t, tried.beside(t.ID)...)
		if subroutines.BandOf(t.Alpha) == l.band() {
			habits.enter(&t)
		}
		use.enter(&t)
		out.Traces++
	})
	if err != nil {
		return out, err
	}
	out.Skipped = traces.Skipped()
	options := l.Options
	options.Proposals = append(slices.Clone(options.Proposals), habits.proposals(use.active)...)
	if l.Propose != nil {
		more, err := l.Propose(ctx, traces.Summaries(task))
		if err != nil {
			return out, err
		}
		options.Proposals = append(options.Proposals, more...)
	}
	found, err := traces.Mine(options)
	if err != nil {
		return out, err
	}
	split, err := l.split(ctx, &traces, task, options)
	if err != nil {
		return out, err
	}
	found = append(found, split...)
	byKey := make(map[string]mine.Candidate, len(found))
	proposed := make([]*subroutines.Subroutine, len(found))
	for i := range found {
		proposed[i] = &found[i].Subroutine
		byKey[proposed[i].Key()] = found[i]
	}
	added, err := l.Engine.Subroutines.Propose(ctx, proposed, l.Engine.Digests(), l.Now())
	if err != nil {
		return out, err
	}
	out.Known = len(found) - len(added)
	for _, s := range added {
		c := byKey[s.Key()]
		c.Subroutine = *s
		out.Added = append(out.Added, c)
	}
	if out.Retired, err = l.cover(ctx, use.shares(task)); err != nil {
		return out, err
	}
	if task == "" {
		err = l.Engine.Store.Update(ctx, minedKey, func([]byte) []byte { return fmt.Appendf(nil, "%d", last) })
	}
	return out, err
}

// split looks for narrower rules inside those that are in use, or were until they turned bad.
func (l *Learner) split(ctx context.Context, traces *mine.Table, task string, options mine.Options) (out []mine.Candidate, err error) {
	all, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{Task: task})
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.State != subroutines.Active && (s.State != subroutines.Suspended || s.Cause != subroutines.ByWatch) {
			continue
		}
		parts, err := traces.Split(*s, options)
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// each calls f for the traces of a task type, oldest first, and returns the id of the last.
func (l *Learner) each(ctx context.Context, task string, f func(store.Trace)) (last int64, err error) {
	return l.Engine.Store.EachTrace(ctx, store.Filter{Task: task}, func(t store.Trace) error {
		f(t)
		return nil
	})
}

// cover spends the budget of quality anew, brings back what was given up beside rules that are not active any more, and gives
// up what active ones make superfluous, which may change what the budget is to be spent on. shares are as Table.Balance takes them.
func (l *Learner) cover(ctx context.Context, shares map[string]float64) (retired int, err error) {
	for range 3 {
		changed, err := l.Engine.Subroutines.Balance(ctx, l.band(), l.Budget, shares, l.Now())
		if err != nil {
			return retired, err
		}
		n, err := l.coverOnce(ctx)
		if retired += n; err != nil || len(changed) == 0 {
			return retired, err
		}
	}
	return retired, nil
}

func (l *Learner) coverOnce(ctx context.Context) (int, error) {
	if _, err := l.Engine.Subroutines.Uncover(ctx, l.Now()); err != nil {
		return 0, err
	}
	all, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{})
	if err != nil {
		return 0, err
	}
	values := make([]subroutines.Subroutine, len(all))
	for i, s := range all {
		values[i] = *s
	}
	retired, err := l.Engine.Subroutines.Cover(ctx, mine.Covered(values), l.Now())
	return len(retired), err
}

// Waiting is how many subtasks were completed since the last mining.
func Waiting(ctx context.Context, st *store.Store) (int, error) {
	text, err := st.Statistic(ctx, minedKey)
	if err != nil {
		return 0, err
	}
	var since int64
	if len(text) > 0 && json.Unmarshal(text, &since) != nil {
		since = 0
	}
	return st.CountTraces(ctx, store.Filter{Since: since, Outcome: edit.StatusDone})
}
