package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/learn"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/trial"
)

// withLearner opens what learns from the traces for f. It makes no store: where there is none, f is not called.
func withLearner(ctx context.Context, s *streams, opts *options, f func(*agent.Kit, *learn.Learner) error) error {
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	if _, err := os.Stat(store.Path(kit.Options.Dirs.Data)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := kit.SettleDevice(ctx); err != nil {
		return err
	}
	if err := kit.OpenStore(ctx, func(n string) { _, _ = fmt.Fprintln(s.err, "note:", n) }); err != nil {
		return err
	}
	return f(kit, learn.New(kit.Engine))
}

// tellWaiting says that there is something to mine, at the end of an edit that left traces.
func tellWaiting(ctx context.Context, kit *agent.Kit, tell func(edit.Event)) {
	if kit.Engine.Store == nil {
		return
	}
	n, err := learn.Waiting(ctx, kit.Engine.Store)
	if err != nil || n < learn.Every {
		return // it is a hint, and no edit fails for want of one
	}
	tell(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("%d finished subtasks wait to be learned from: agent subroutines mine", n)})
}

// pairEvent is a picture that was edited both ways.
type pairEvent struct {
	Event      string  `json:"event"` // "pair"
	Subroutine string  `json:"subroutine"`
	Trace      int64   `json:"trace"` // whose picture it is
	Pair       int     `json:"pair"`  // from 1, since the verification began
	With       armJSON `json:"with"`
	Without    armJSON `json:"without"`
	Fell       bool    `json:"fell_back"` // the subroutine did not pass
	Reason     string  `json:"reason,omitempty"`
}

// armJSON is one way of a pair.
type armJSON struct {
	Seconds float64 `json:"seconds"`
	Quality float64 `json:"quality"`
}

// verifiedEvent is what a verification came to.
type verifiedEvent struct {
	Event         string            `json:"event"` // "verified"
	Subroutine    string            `json:"subroutine"`
	State         subroutines.State `json:"state"`
	Verdict       trial.Verdict     `json:"verdict"` // "open" where more pairs are needed
	Pairs         int               `json:"pairs"`
	Left          int               `json:"left"`    // pictures that were not tried for want of time
	Skipped       int               `json:"skipped"` // pictures that tell nothing
	Evidence      string            `json:"evidence"`
	Reason        string            `json:"reason"`
	VerifySeconds float64           `json:"verify_seconds"`
}

// verifiedDone ends a verification.
type verifiedDone struct {
	Event string `json:"event"` // "done"
	ledger
}

// ledger is what verification came to and what it took.
type ledger struct {
	Active        int     `json:"active"`
	Retired       int     `json:"retired"`
	Open          int     `json:"open"` // not decided
	VerifySeconds float64 `json:"verify_seconds"`
}

// seconds is a flag with a budget in seconds of tools.
type seconds struct {
	name  string
	least float64
	value float64
}

func (f *seconds) add(cmd *cobra.Command, value float64, usage string) {
	cmd.Flags().Float64Var(&f.value, f.name, value, usage)
}

func (f *seconds) check() error {
	if !(f.value >= f.least && f.value <= 1e6) {
		return usageError{fmt.Errorf("--%s %v is not from %v to 1000000 seconds", f.name, f.value, f.least)}
	}
	return nil
}

func newSubroutinesVerify(s *streams, opts *options) *cobra.Command {
	f := seconds{name: "max-seconds", least: 0.001}
	cmd := &cobra.Command{
		Use:   "verify [ID...]",
		Short: "Try candidates on pictures that were kept, and decide by the evidence",
		Long: "verify edits pictures of earlier edits both ways, with the subroutine and by the slow path, until the evidence decides: a candidate\n" +
			"that saves and keeps the quality becomes active, one that does not is retired (docs/mining.md). Without an ID it takes all that wait:\n" +
			"candidates, those whose tools changed, and those that turned bad and whose time to be tried again has come.\n\n" +
			"The pictures are those that the store kept of edits. Nothing of yours is changed, and no edit waits for it. What the time does\n" +
			"not suffice for, or a stop (ctrl-c) leaves, is gone on with the next time from the pairs there are.",
		Example: "  agent subroutines verify --max-seconds 120\n  agent subroutines verify r3f2a9c1d",
		RunE: func(cmd *cobra.Command, ids []string) error {
			if err := f.check(); err != nil {
				return err
			}
			v := verifying{s: s, opts: opts, budget: f.value}
			err := withLearner(cmd.Context(), s, opts, func(_ *agent.Kit, l *learn.Learner) error {
				todo, err := waiting(cmd.Context(), l, ids)
				if err != nil {
					return err
				}
				return v.all(cmd.Context(), l, todo)
			})
			if err == nil && len(ids) > 0 && !v.looked {
				return noSubroutine(ids[0])
			}
			if err != nil && !v.looked {
				return err
			}
			return errors.Join(v.done(), err)
		},
	}
	f.add(cmd, 300, "spend at most about so many seconds of tools")
	return cmd
}

// waiting are the subroutines to verify: those named, or all that wait.
func waiting(ctx context.Context, l *learn.Learner, ids []string) ([]*subroutines.Subroutine, error) {
	pending, err := l.Pending(ctx)
	if err != nil || len(ids) == 0 {
		return pending, err
	}
	var todo []*subroutines.Subroutine
	for _, id := range ids {
		sub, err := l.Engine.Subroutines.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		switch {
		case sub.State == subroutines.Active && !sub.Limited():
			return nil, edit.Userf("subroutine %s is active already", id)
		case sub.State == subroutines.Retired:
			return nil, edit.Userf("subroutine %s is retired", id)
		case sub.Cause == subroutines.ByPerson:
			return nil, &edit.UserError{Msg: fmt.Sprintf("subroutine %s is disabled", id), Hint: "agent subroutines enable " + id}
		}
		todo = append(todo, sub)
	}
	return todo, nil
}

// verifying is a run of the command over several subroutines.
type verifying struct {
	s      *streams
	opts   *options
	budget float64 // seconds of tools that may be spent
	ledger ledger
	looked bool // the table was there
}

func (v *verifying) all(ctx context.Context, l *learn.Learner, todo []*subroutines.Subroutine) error {
	v.looked = true
	l.Pair = v.pair
	sitting, err := l.Sit(ctx, todo)
	if err != nil {
		return err
	}
	for _, sub := range todo {
		if !v.opts.json {
			v.s.printf("%s  %s: %s, when %s\n", sub.ID, sub.Task, sub.Path, sub.When)
		}
		got, err := sitting.Decide(ctx, sub.ID, v.budget-v.ledger.VerifySeconds)
		v.ledger.VerifySeconds += got.Seconds
		if err := errors.Join(v.tell(got), err); err != nil {
			return err
		}
	}
	return nil
}

// pair shows one picture that was edited both ways.
func (v *verifying) pair(p learn.Pair) {
	if v.opts.json {
		_ = v.s.json(pairEvent{"pair", p.Subroutine, p.Trace, p.Number, armJSON(p.With), armJSON(p.Without), p.FellBack, p.Skipped})
		return
	}
	switch {
	case p.Skipped != "":
		v.s.printf("    trace %d: %s\n", p.Trace, p.Skipped)
	default:
		fell := ""
		if p.FellBack {
			fell = ", not passed"
		}
		v.s.printf("  %2d  trace %d: with it %.2f s, quality %.3f%s; without %.2f s, quality %.3f\n", p.Number, p.Trace, p.With.Seconds, p.With.Quality, fell,
			p.Without.Seconds, p.Without.Quality)
	}
}

// tell reports what one verification came to, as far as it came.
func (v *verifying) tell(got learn.Verification) error {
	sub := got.Subroutine
	if sub == nil {
		return nil
	}
	switch sub.State {
	case subroutines.Active:
		v.ledger.Active++
	case subroutines.Retired:
		v.ledger.Retired++
	case subroutines.Candidate, subroutines.Suspended:
		v.ledger.Open++
	}
	if v.opts.json {
		return v.s.json(verifiedEvent{"verified", sub.ID, sub.State, got.Verdict, got.Trial.Pairs, got.Left, got.Skipped, got.Text, got.Why(), got.Seconds})
	}
	v.s.printf("  %s: %s (%.1f s)\n", sub.State, got.Why(), got.Seconds)
	return nil
}

// done prints the ledger.
func (v *verifying) done() error {
	if v.opts.json {
		return v.s.json(verifiedDone{"done", v.ledger})
	}
	v.s.printf("%s\n", v.ledger)
	return nil
}

func (d ledger) String() string {
	return fmt.Sprintf("%d active, %d retired, %d not decided; %.1f s of tools (verify_seconds)", d.Active, d.Retired, d.Open, d.VerifySeconds)
}
