package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/learn"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

// exploredEvent is what trying toolpaths that the search did not try took.
type exploredEvent struct {
	Event   string  `json:"event"` // "explored"
	Seconds float64 `json:"seconds"`
	Budget  float64 `json:"budget"`
}

// candidateEvent is a new candidate with what speaks for it.
type candidateEvent struct {
	Event      string                  `json:"event"` // "mined"
	Subroutine *subroutines.Subroutine `json:"subroutine"`
	Found      mine.Evidence           `json:"found"` // on the pictures that it was found on
	Held       mine.Evidence           `json:"held"`  // on the others
	P          float64                 `json:"p"`
}

// minedDone ends a mining run. Its verify_seconds hold the explore_seconds.
type minedDone struct {
	Event   string `json:"event"`   // "done"
	Traces  int    `json:"traces"`  // looked at
	Skipped int    `json:"skipped"` // of no use
	Added   int    `json:"added"`   // new candidates
	Known   int    `json:"known"`   // rules that the table had
	Covered int    `json:"covered"` // given up beside an active one
	ledger
	ExploreSeconds float64 `json:"explore_seconds"`
}

// mining is a run of the command.
type mining struct {
	ask             proposeFlags
	s               *streams
	opts            *options
	options         mine.Options
	task            string
	explore, verify seconds
	done            minedDone
}

func newSubroutinesMine(s *streams, opts *options) *cobra.Command {
	m := mining{s: s, opts: opts, options: mine.DefaultOptions(), explore: seconds{name: "explore-seconds"}, verify: seconds{name: "verify-seconds"}}
	cmd := &cobra.Command{
		Use:   "mine",
		Short: "Learn from earlier edits: look for toolpaths that pay where, and verify them",
		Long: "mine learns from the traces of earlier edits (docs/mining.md), in three steps:\n" +
			"  1. It tries toolpaths that edits did not try on pictures that were kept of them.\n" +
			"  2. It looks for toolpaths that pay, and the conditions under which they do. They become candidates: nothing is used before it was verified.\n" +
			"  3. It verifies what waits, as agent subroutines verify does. What is accepted is used from then on.\n" +
			"The first and the last run tools, for about as many seconds as you grant them; 0 leaves them out. Nothing of yours is changed, and no edit\n" +
			"waits. What the time does not suffice for, or a stop (ctrl-c) leaves, is gone on with the next time.\n" +
			"--propose asks a language model for more candidates: what it says of cost and quality does not count, and its rules are verified like the others.",
		Example: "  agent subroutines mine\n  agent subroutines mine --explore-seconds 0 --verify-seconds 60",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(m.options.Check(), m.explore.check(), m.verify.check(), m.ask.check()); err != nil {
				return usageError{err}
			}
			err := withLearner(cmd.Context(), s, opts, func(kit *agent.Kit, l *learn.Learner) error {
				if err := m.ask.proposer(cmd.Context(), s, opts, kit, l); err != nil {
					return err
				}
				return m.run(cmd.Context(), l)
			})
			if err != nil && m.done == (minedDone{}) {
				return err
			}
			return errors.Join(m.tell(), err)
		},
	}
	cmd.Flags().StringVar(&m.task, "task", "", "only look in traces of this task type")
	cmd.Flags().Float64Var(&m.options.Alpha, "alpha", m.options.Alpha, "the dial that value is measured at, 0 to 2")
	cmd.Flags().Uint64Var(&m.options.Seed, "seed", m.options.Seed, "parts the pictures into those to find rules on and those to measure them on")
	m.explore.add(cmd, 150, "spend at most about so many seconds of tools on toolpaths that edits did not try")
	m.verify.add(cmd, 150, "spend at most about so many seconds of tools on verifying what waits")
	m.ask.add(cmd)
	return cmd
}

func (m *mining) run(ctx context.Context, l *learn.Learner) error {
	m.options.Alike = l.Options.Alike
	l.Options = m.options
	if m.explore.value > 0 {
		if !m.opts.json {
			m.s.printf("trying what edits did not try, for at most about %.0f s of tools ...\n", m.explore.value)
		}
		spent, err := l.Explore(ctx, m.explore.value)
		m.done.ExploreSeconds, m.done.VerifySeconds = spent, spent
		if err := errors.Join(m.explored(), err); err != nil {
			return err
		}
	}
	found, err := l.Mine(ctx, m.task)
	if err != nil {
		return err
	}
	d := &m.done
	d.Traces, d.Skipped, d.Added, d.Known, d.Covered = found.Traces, found.Skipped, len(found.Added), found.Known, found.Retired
	if err := tellMined(m.s, m.opts, found.Added); err != nil {
		return err
	}
	todo, err := l.Pending(ctx)
	if err != nil {
		return err
	}
	v := verifying{s: m.s, opts: m.opts, budget: m.verify.value}
	err = v.all(ctx, l, todo)
	v.ledger.VerifySeconds += d.ExploreSeconds
	d.ledger = v.ledger
	return err
}

func (m *mining) explored() error {
	if m.opts.json {
		return m.s.json(exploredEvent{"explored", m.done.ExploreSeconds, m.explore.value})
	}
	m.s.printf("  %.1f s\n", m.done.ExploreSeconds)
	return nil
}

// tell prints what the run came to, as far as it came.
func (m *mining) tell() error {
	d := m.done
	d.Event = "done"
	if m.opts.json {
		return m.s.json(d)
	}
	m.s.printf("%d traces: %d new candidates, %d known already, %d covered by active ones\n", d.Traces, d.Added, d.Known, d.Covered)
	explored := ""
	if d.ExploreSeconds > 0 {
		explored = fmt.Sprintf(", %.1f s of it on what edits did not try", d.ExploreSeconds)
	}
	m.s.printf("%s%s\n", d.ledger, explored)
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
