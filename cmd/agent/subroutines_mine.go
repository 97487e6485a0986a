package main

import (
	"errors"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/learn"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

// candidateEvent is a new candidate with what speaks for it.
type candidateEvent struct {
	Event      string                  `json:"event"`
	Subroutine *subroutines.Subroutine `json:"subroutine"`
	Found      mine.Evidence           `json:"found"` // on the pictures that it was found on
	Held       mine.Evidence           `json:"held"`  // on the others
	P          float64                 `json:"p"`
}

// minedDone ends a mining run: "done", or "looked" where verification follows.
type minedDone struct {
	Event   string `json:"event"`
	Traces  int    `json:"traces"`  // looked at
	Skipped int    `json:"skipped"` // of no use
	Added   int    `json:"added"`   // new candidates
	Known   int    `json:"known"`   // rules that the table had
	Retired int    `json:"retired"` // covered by an active one
}

func newSubroutinesMine(s *streams, opts *options) *cobra.Command {
	o := mine.DefaultOptions()
	var task string
	var verify bool
	var f verifyFlags
	var ask proposeFlags
	cmd := &cobra.Command{
		Use:   "mine",
		Short: "Look in the traces for toolpaths that pay, and the conditions under which they do",
		Long: "mine reads the traces of earlier edits and proposes subroutines (docs/mining.md). They start as candidates: nothing is used before\n" +
			"verification has accepted it. A candidate that is here already takes the newer evidence; one that an active subroutine covers is retired.\n" +
			"--verify goes on with agent subroutines verify at once. --propose asks a language model for more of them: what it says of cost and quality\n" +
			"does not count, and its rules are verified like the others.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(o.Check(), f.check(), ask.check()); err != nil {
				return usageError{err}
			}
			done := minedDone{Event: "looked"}
			v := verifying{s: s, opts: opts, budget: f.maxSeconds}
			err := withLearner(cmd.Context(), s, opts, func(kit *agent.Kit, l *learn.Learner) error {
				l.Options = o
				if err := ask.proposer(cmd.Context(), s, opts, kit, l); err != nil {
					return err
				}
				found, err := l.Mine(cmd.Context(), task)
				if err != nil {
					return err
				}
				done.of(found)
				if err := tellMined(s, opts, found.Added); err != nil || !verify {
					return err
				}
				todo, err := l.Pending(cmd.Context())
				if err != nil {
					return err
				}
				return errors.Join(done.tell(s, opts), v.all(cmd.Context(), l, todo))
			})
			if v.looked {
				return errors.Join(v.done(), err)
			}
			if err != nil {
				return err
			}
			done.Event = "done"
			return done.tell(s, opts)
		},
	}
	cmd.Flags().StringVar(&task, "task", "", "only from traces of this task type")
	cmd.Flags().Float64Var(&o.Alpha, "alpha", o.Alpha, "the dial that value is measured at, 0 to 2")
	cmd.Flags().Uint64Var(&o.Seed, "seed", o.Seed, "parts the pictures into those to find rules on and those to measure them on")
	cmd.Flags().BoolVar(&verify, "verify", false, "verify what waits for it at once")
	f.add(cmd)
	ask.add(cmd)
	return cmd
}

func (d *minedDone) of(m learn.Mined) {
	d.Traces, d.Skipped, d.Added, d.Known, d.Retired = m.Traces, m.Skipped, len(m.Added), m.Known, m.Retired
}

func (d *minedDone) tell(s *streams, opts *options) error {
	if opts.json {
		return s.json(d)
	}
	s.printf("%d traces: %d new candidates, %d known already, %d retired\n", d.Traces, d.Added, d.Known, d.Retired)
	return nil
}

// tellMined shows new candidates with what speaks for them.
func tellMined(s *streams, opts *options, added []mine.Candidate) error {
	for i := range added {
		c := &added[i]
		sub := &c.Subroutine
		if opts.json {
			if err := s.json(candidateEvent{"mined", sub, c.Found, c.Held, c.P}); err != nil {
				return err
			}
			continue
		}
		s.printf("%s  %s: %s, when %s\n    found on %d tries (%d passed), held out %d (%d passed), saves %.0f %% of f\n", sub.ID, sub.Task, sub.Path, sub.When,
			c.Found.Tried, c.Found.Passed, c.Held.Tried, c.Held.Passed, 100*c.Held.Gain)
	}
	return nil
}
