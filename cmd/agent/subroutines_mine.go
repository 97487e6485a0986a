package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/subroutines/mine"
)

// minedEvent is a new candidate with what speaks for it.
type minedEvent struct {
	Event      string                  `json:"event"`
	Subroutine *subroutines.Subroutine `json:"subroutine"`
	Found      mine.Evidence           `json:"found"` // on the pictures that it was found on
	Held       mine.Evidence           `json:"held"`  // on the others
	P          float64                 `json:"p"`
}

// minedDone ends a mining run.
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
	cmd := &cobra.Command{
		Use:   "mine",
		Short: "Look in the traces for toolpaths that pay, and the conditions under which they do",
		Long: "mine reads the traces of earlier edits and proposes subroutines (docs/mining.md). They start as candidates: nothing is used before\n" +
			"verification has accepted it. A candidate that is here already takes the newer evidence; one that an active subroutine covers is retired.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			docs, err := docDigests(opts)
			if err != nil {
				return err
			}
			done := minedDone{Event: "done"}
			err = withTraces(cmd.Context(), s, func(st *store.Store) error {
				return mineTraces(cmd.Context(), s, opts, st, o, task, docs, &done)
			})
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(done)
			}
			s.printf("%d traces: %d new candidates, %d known already, %d retired\n", done.Traces, done.Added, done.Known, done.Retired)
			return nil
		},
	}
	cmd.Flags().StringVar(&task, "task", "", "only from traces of this task type")
	cmd.Flags().Float64Var(&o.Alpha, "alpha", o.Alpha, "the dial that value is measured at, 0 to 2")
	cmd.Flags().Uint64Var(&o.Seed, "seed", o.Seed, "parts the pictures into those to find rules on and those to measure them on")
	return cmd
}

func mineTraces(ctx context.Context, s *streams, opts *options, st *store.Store, o mine.Options, task string, docs map[string]string, done *minedDone) error {
	var m mine.Table
	for page := (store.Filter{Limit: exportPage, Task: task}); ; {
		traces, err := st.Traces(ctx, page)
		if err != nil {
			return err
		}
		if len(traces) == 0 {
			break
		}
		for _, t := range traces {
			m.Add(t)
			done.Traces++
			page.Since = t.ID
		}
	}
	done.Skipped = m.Skipped()
	found, err := m.Mine(o)
	if err != nil {
		return err
	}
	byKey := make(map[string]mine.Candidate, len(found))
	proposed := make([]*subroutines.Subroutine, len(found))
	for i := range found {
		proposed[i] = &found[i].Subroutine
		byKey[proposed[i].Key()] = found[i]
	}
	table := tableOf(s, st)
	added, err := table.Propose(ctx, proposed, docs, time.Now())
	if err != nil {
		return err
	}
	done.Added, done.Known = len(added), len(found)-len(added)
	for _, sub := range added {
		c := byKey[sub.Key()]
		if opts.json {
			if err := s.json(minedEvent{"mined", sub, c.Found, c.Held, c.P}); err != nil {
				return err
			}
			continue
		}
		s.printf("%s  %s: %s, when %s\n    found on %d tries (%d passed), held out %d (%d passed), saves %.0f %% of f\n", sub.ID, sub.Task, sub.Path, sub.When,
			c.Found.Tried, c.Found.Passed, c.Held.Tried, c.Held.Passed, 100*c.Held.Gain)
	}
	all, err := table.List(ctx, subroutines.Filter{})
	if err != nil {
		return err
	}
	values := make([]subroutines.Subroutine, len(all))
	for i, sub := range all {
		values[i] = *sub
	}
	retired, err := table.Retire(ctx, mine.Covered(values), time.Now())
	done.Retired = len(retired)
	return err
}
