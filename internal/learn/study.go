package learn

import (
	"context"

	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// Studied is what one sitting of verification did.
type Studied struct {
	Seconds float64 // of tools
	Decided int     // subroutines that were accepted, rejected or tried again
	Waiting int     // subroutines that wait on
}

// VerifyPending verifies what waits for it within a budget in seconds of tools.
func (l *Learner) VerifyPending(ctx context.Context, budget float64) (out Studied, err error) {
	waiting, err := l.Pending(ctx)
	if err != nil {
		return out, err
	}
	for _, s := range waiting { // what is known already takes no seconds
		v, err := l.Decide(ctx, s, budget-out.Seconds)
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

// Decide verifies a subroutine within a budget in seconds of tools, or tries one again that turned bad.
func (l *Learner) Decide(ctx context.Context, s *subroutines.Subroutine, budget float64) (v Verification, err error) {
	if s.State != subroutines.Suspended || s.Cause != subroutines.ByWatch {
		return l.Verify(ctx, s.ID, budget)
	}
	v = Verification{Subroutine: s, Verdict: trial.Open}
	if budget <= 0 {
		v.Text = "it waits to be tried again"
		return v, nil
	}
	before := len(s.History)
	v.Subroutine, v.Seconds, err = l.Retry(ctx, s)
	v.Text = "too few of its pictures are kept to try it again"
	if h := v.Subroutine.History; len(h) > before {
		v.Verdict, v.Text = trial.Rejected, h[len(h)-1].Reason
		if v.Subroutine.State == subroutines.Active {
			v.Verdict = trial.Accepted
		}
	}
	return v, err
}
