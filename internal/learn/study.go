package learn

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// Studied is what one sitting of verification did.
type Studied struct {
	Seconds float64 // of tools
	Decided int     // subroutines that were accepted, rejected or tried again
	Waiting int     // subroutines that wait on
}

// Study learns from the traces so far within a budget in seconds of tools: half of
// it at most goes into exploring; then they are mined, and what waits is verified.
func (l *Learner) Study(ctx context.Context, budget float64) (mined Mined, did Studied, err error) {
	explored, err := l.Explore(ctx, budget/2)
	did.Seconds = explored
	if err != nil {
		return mined, did, err
	}
	if mined, err = l.Mine(ctx, ""); err != nil {
		return mined, did, err
	}
	did, err = l.VerifyPending(ctx, budget-explored)
	did.Seconds += explored
	return mined, did, err
}

// VerifyPending verifies what waits for it within a budget in seconds of tools.
func (l *Learner) VerifyPending(ctx context.Context, budget float64) (out Studied, err error) {
	waiting, err := l.Pending(ctx)
	if err != nil {
		return out, err
	}
	sitting, err := l.Sit(ctx, waiting)
	if err != nil {
		return out, err
	}
	for _, s := range waiting { // what is known already takes no seconds
		v, err := sitting.Decide(ctx, s.ID, budget-out.Seconds)
		out.Seconds += v.Seconds
		if err != nil {
			return out, err
		}
		if v.Subroutine.State != s.State {
			out.Decided++
		} else {
			out.Waiting++
		}
	}
	return out, nil
}

// Sitting verifies several subroutines by the traces as they were when it began, which are read once for all.
type Sitting struct {
	l     *Learner
	found map[string]*cases
}

// Sit begins a sitting over these subroutines.
func (l *Learner) Sit(ctx context.Context, all []*subroutines.Subroutine) (*Sitting, error) {
	found, err := l.look(ctx, all)
	return &Sitting{l, found}, err
}

// Decide verifies one of the sitting's subroutines within a budget in seconds of tools, or tries one again that turned bad.
func (t *Sitting) Decide(ctx context.Context, id string, budget float64) (v Verification, err error) {
	s, err := t.l.Engine.Subroutines.Get(ctx, id)
	if err != nil {
		return v, err
	}
	if s.State == subroutines.Retired { // covered by one that was decided before
		return Verification{Subroutine: s, Verdict: trial.Rejected, Text: s.History[len(s.History)-1].Reason}, nil
	}
	if s.State != subroutines.Suspended || s.Cause != subroutines.ByWatch {
		return t.l.verify(ctx, s, t.found[id], budget)
	}
	v = Verification{Subroutine: s, Verdict: trial.Open}
	if budget <= 0 {
		v.Text = "it waits to be tried again"
		return v, nil
	}
	before := len(s.History)
	v.Subroutine, v.Seconds, err = t.l.retry(ctx, s, t.found[id])
	v.Text = "too few of its pictures are kept to try it again"
	if h := v.Subroutine.History; len(h) > before {
		v.Verdict, v.Text = trial.Rejected, h[len(h)-1].Reason
		if v.Subroutine.State == subroutines.Active {
			v.Verdict = trial.Accepted
		}
	}
	return v, err
}

// Pending are the subroutines that wait for verification now: candidates, and
// suspended ones whose tools changed or whose time to be tried again has come, and
// active ones that were verified in other bands of alpha only.
// Those that were tried on the fewest pictures come first: what is plainly good shows
// soon, and what does not must not keep others waiting. Of those, the ones with most runs: a rule is worth as much as it is asked for.
func (l *Learner) Pending(ctx context.Context) ([]*subroutines.Subroutine, error) {
	now := l.Now()
	if _, err := l.Engine.Subroutines.Dock(ctx, l.Engine.Digests(), now); err != nil {
		return nil, err
	}
	all, err := l.Engine.Subroutines.List(ctx, subroutines.Filter{})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s *subroutines.Subroutine) bool { return !waits(s, now) && !s.Unknown(l.band()) })
	pairs := make(map[string]int)
	for _, s := range all {
		if pairs[s.ID], err = l.pairs(ctx, s); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b *subroutines.Subroutine) int {
		return cmp.Or(cmp.Compare(pairs[a.ID], pairs[b.ID]), cmp.Compare(b.Total().Pass.N(), a.Total().Pass.N()))
	})
	return all, nil
}

func waits(s *subroutines.Subroutine, now time.Time) bool {
	switch s.State {
	case subroutines.Candidate:
		return true
	case subroutines.Suspended:
		return s.Cause == subroutines.ByDocs || s.Due(now)
	case subroutines.Active, subroutines.Retired:
	}
	return false
}

// Retry tries a suspended subroutine that turned bad on some pictures, and has
// the table decide by them whether it comes back. It returns the seconds of tools spent.
func (l *Learner) Retry(ctx context.Context, s *subroutines.Subroutine) (*subroutines.Subroutine, float64, error) {
	found, err := l.look(ctx, []*subroutines.Subroutine{s})
	if err != nil {
		return s, 0, err
	}
	return l.retry(ctx, s, found[s.ID])
}

func (l *Learner) retry(ctx context.Context, s *subroutines.Subroutine, known *cases) (*subroutines.Subroutine, float64, error) {
	pictures := slices.Clone(known.all)
	slices.SortStableFunc(pictures, func(a, b met) int { return cmp.Compare(b.trace.ID, a.trace.ID) }) // the world as it is now
	var uses []subroutines.Use
	spent := 0.0
	for _, c := range pictures {
		if len(uses) == subroutines.TrialRuns {
			break
		}
		if c.trace.Shown {
			continue
		}
		img, ok, err := l.Picture(ctx, c.picture)
		if err != nil {
			return s, spent, err
		}
		if !ok {
			continue
		}
		out, err := l.Engine.Run(ctx, agent.Job{
			Image: img, Plan: edit.Plan{Request: c.trace.Request, Subtasks: []edit.Subtask{c.subtask}},
			Alpha: l.Options.Alpha, Threshold: c.trace.Threshold, Trial: true, Rules: []*subroutines.Subroutine{s},
		}, nil)
		spent += out.Summary.ToolSeconds
		if err != nil {
			return s, spent, err
		}
		if u, tried := out.Uses[c.subtask.ID]; tried {
			uses = append(uses, u.Use)
		}
	}
	if len(uses) < subroutines.TrialRuns {
		return s, spent, nil // not enough pictures to tell
	}
	s, err := l.Engine.Subroutines.Change(ctx, s.ID, func(s *subroutines.Subroutine) (*subroutines.Subroutine, error) { return s.Tried(uses, l.Now()), nil })
	if err == nil {
		_, err = l.cover(ctx, nil)
	}
	return s, spent, err
}

// pairs is on how many pictures a subroutine was tried so far.
func (l *Learner) pairs(ctx context.Context, s *subroutines.Subroutine) (int, error) {
	text, err := l.Engine.Store.Statistic(ctx, l.booksKey(s))
	var b books
	if err != nil || len(text) > 0 && json.Unmarshal(text, &b) == nil {
		return b.pairs(), err
	}
	return 0, nil
}
