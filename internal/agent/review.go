package agent

import (
	"context"
	"errors"
	"math"

	"pentimento/internal/edit"
	"pentimento/internal/estimate"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// This file enters a person's word on a result in all that later edits are
// chosen by: the estimates of the call that made it, the evidence of the
// subroutine that led there, and the trace that rules are mined from.

// personWeight is how many of the judge's verdicts a person's counts for: the judge let
// the result pass, and the person's word is to outweigh that, not all that was seen elsewhere.
const personWeight = 2

// reviewKeys is the prefix of the statistics that count a task's reviews.
const reviewKeys = "reviews/"

// Review enters that a person accepted or rejected what a request made, by its
// reports. Where nothing is kept, nothing is learned.
func (e *Engine) Review(ctx context.Context, reports []edit.SubtaskReport, accepted bool, reason string) error {
	if e.Store == nil {
		return nil
	}
	var errs []error
	for i := range reports {
		if r := &reports[i]; r.Status == edit.StatusDone && len(r.Toolpath) > 0 {
			errs = append(errs, e.review(ctx, r, accepted, reason))
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) review(ctx context.Context, r *edit.SubtaskReport, accepted bool, reason string) error {
	o := estimate.QualityObservation{Tool: r.Toolpath[len(r.Toolpath)-1], Task: r.Task, Day: e.today(), Pass: accepted}
	word := store.Judgement{Verdict: store.Fail, Quality: 0, Reason: reason}
	if accepted {
		o.Score, word.Verdict, word.Quality = 1, store.Pass, 1
	}
	t, err := e.Store.TraceByID(ctx, r.Trace)
	switch {
	case err == nil:
		o.Marks = e.context(subroutines.Values(t.Features))
		if err := e.Store.ReviewTrace(ctx, r.Trace, word); err != nil {
			return err
		}
	case !errors.Is(err, store.ErrNoTrace): // an old one was forgotten
		return err
	}
	if err := learnQuality(ctx, e.Store, o, personWeight); err != nil {
		return err
	}
	if err := observe(ctx, e.Store, reviewKeys+o.Task, func(n *int) { *n++ }); err != nil {
		return err
	}
	if r.Via != "subroutine" || e.Subroutines == nil {
		return nil
	}
	use := subroutines.Use{Pass: accepted, Quality: math.NaN()}
	if accepted {
		use.Quality = 1
	}
	for range personWeight {
		if _, err := e.Subroutines.Observe(ctx, r.Subroutine, use, e.Now()); err != nil {
			return err
		}
	}
	return nil
}
