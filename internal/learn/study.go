package learn

import (
	"cmp"
	"context"
	"slices"

	"pentimento/internal/subroutines"
)

// Studied is what one sitting of verification did.
type Studied struct {
	Seconds float64 // of tools
	Decided int     // subroutines that were accepted, rejected or tried again
	Waiting int     // subroutines that wait on
}

// VerifyPending verifies what waits for it within a budget in seconds of tools,
// in the order of what they promise to spare: what is most worth knowing is found out first.
func (l *Learner) VerifyPending(ctx context.Context, budget float64) (out Studied, err error) {
	waiting, err := l.Pending(ctx)
	if err != nil {
		return out, err
	}
	// Those with most runs first: a rule is worth as much as it is asked for.
	slices.SortStableFunc(waiting, func(a, b *subroutines.Subroutine) int { return cmp.Compare(b.Total().Pass.N(), a.Total().Pass.N()) })
	for _, s := range waiting { // what is known already takes no seconds
		before := s.State
		spent := 0.0
		if s.Due(l.Now()) {
			if out.Seconds >= budget {
				out.Waiting++
				continue
			}
			s, spent, err = l.Retry(ctx, s)
		} else {
			var v Verification
			v, err = l.Verify(ctx, s.ID, budget-out.Seconds)
			s, spent = v.Subroutine, v.Seconds
		}
		out.Seconds += spent
		if err != nil {
			return out, err
		}
		if s.State != before {
			out.Decided++
		} else {
			out.Waiting++
		}
	}
	return out, nil
}
