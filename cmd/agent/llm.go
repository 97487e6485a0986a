package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"pentimento/internal/agent"
	"pentimento/internal/llm"
	"pentimento/internal/setup"
)

// plannerFlags say which planner reads requests and what is kept of what a model was asked.
type plannerFlags struct{ mode, record, replay string }

var plannerModes = []string{agent.PlanAuto, agent.PlanGrammar, agent.PlanLLM}

func (f *plannerFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.mode, "planner", agent.PlanAuto, "auto, grammar or llm; auto asks the language model where one is configured")
	fl.StringVar(&f.record, "record", "", "keep what the language model is asked and answers in this folder")
	fl.StringVar(&f.replay, "replay", "", "answer for the language model from a folder that --record filled")
}

func (f *plannerFlags) check() error {
	switch {
	case !slices.Contains(plannerModes, f.mode):
		return usageError{fmt.Errorf("--planner %s is none of %s", f.mode, strings.Join(plannerModes, ", "))}
	case f.record != "" && f.replay != "":
		return usageError{errors.New("--record and --replay exclude each other")}
	case f.mode == agent.PlanGrammar && f.record+f.replay != "":
		return usageError{errors.New("the grammar planner asks no language model, so there is nothing to record or replay")}
	}
	return nil
}

// openPlanned is open with a planner.
func openPlanned(ctx context.Context, opts *options, f *plannerFlags) (*agent.Kit, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	kit, err := open(opts)
	if err != nil {
		return nil, err
	}
	if err := f.plan(ctx, kit); err != nil {
		kit.Close()
		return nil, err
	}
	return kit, nil
}

// plan gives the kit the configured model, unless the grammar is asked for.
func (f *plannerFlags) plan(ctx context.Context, kit *agent.Kit) error {
	kit.Options.Planning.Mode = f.mode
	if f.mode == agent.PlanGrammar {
		return nil
	}
	_, values, err := setup.Settings()
	if err != nil {
		return err
	}
	c := values.LLM()
	if c.Provider == "" && f.record+f.replay != "" {
		return usageError{agent.NoModelError{}}
	}
	return setup.Planner(ctx, kit, c, f.record, f.replay)
}

// showConfig prints the folders and the planner in force, never a key.
func showConfig(ctx context.Context, s *streams, opts *options) error {
	dirs, values, err := setup.Settings()
	if err != nil {
		return err
	}
	c := values.LLM()
	key := llm.Key{}
	if c.Provider != "" {
		if key, err = setup.Key(ctx, c); err != nil {
			return err
		}
	}
	if opts.json {
		return s.json(map[string]any{"event": "config", "folders": dirs, "llm": c, "llm_key": key})
	}
	s.printf("data      %s\ncache     %s\nsettings  %s\nmodels    %s\ntooldocs  %s\n", dirs.Data, dirs.Cache, dirs.Config, dirs.Models, dirs.ToolDocs)
	if c.Provider == "" {
		s.printf("planner   grammar: no language model is configured (llm.provider in %s, or PENTIMENTO_LLM_*)\n", dirs.Path())
		return nil
	}
	server := c.BaseURL
	if server == "" {
		server = "the provider's own server"
	}
	s.printf("planner   %s, model %s at %s; key %s\n", c.Provider, c.Model, server, key)
	return nil
}
