package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/llm"
	"pentimento/internal/setup"
)

// plannerFlags say which planner reads requests, what a model looks at pictures for, and what
// is kept of what it was asked.
type plannerFlags struct{ mode, record, replay, vision string }

var plannerModes = []string{agent.PlanAuto, agent.PlanGrammar, agent.PlanLLM}

func (f *plannerFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.mode, "planner", agent.PlanAuto, "auto, grammar or llm; auto asks the language model where one is configured")
	f.addRecording(fl)
}

func (f *plannerFlags) addRecording(fl *pflag.FlagSet) {
	fl.StringVar(&f.record, "record", "", "keep what the language model is asked and answers in this folder")
	fl.StringVar(&f.replay, "replay", "", "answer for the language model from a folder that --record filled")
}

// addVision is for the commands that edit.
func (f *plannerFlags) addVision(fl *pflag.FlagSet) {
	fl.StringVar(&f.vision, "vision", "", "what the language model may look at pictures for: answers, judge, features (commas between), all or none; as set up where not given")
}

func (f *plannerFlags) check() error {
	switch {
	case !slices.Contains(plannerModes, f.mode):
		return usageError{fmt.Errorf("--planner %s is none of %s", f.mode, strings.Join(plannerModes, ", "))}
	case f.record != "" && f.replay != "":
		return usageError{errors.New("--record and --replay exclude each other")}
	}
	if _, err := (config.LLM{Vision: f.vision}).Sees(); err != nil {
		return usageError{fmt.Errorf("--vision: %w", err)}
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
	if err := f.plan(ctx, opts, kit); err != nil {
		kit.Close()
		return nil, err
	}
	return kit, nil
}

// foresee tells a kit that opens no model what one is set up for, so that it can say what is ready.
func foresee(opts *options, kit *agent.Kit) error {
	_, values, err := opts.settings()
	c := values.LLM()
	if err != nil || c.Provider == "" {
		return err
	}
	kit.Options.Seeing.Uses, err = setup.Uses(c)
	return err
}

// plan gives the kit the configured model, unless the grammar is asked for and nothing is to be looked at.
func (f *plannerFlags) plan(ctx context.Context, opts *options, kit *agent.Kit) error {
	kit.Options.Planning.Mode = f.mode
	_, values, err := opts.settings()
	if err != nil {
		return err
	}
	c := values.LLM()
	c.Vision = cmp.Or(f.vision, c.Vision)
	uses, err := setup.Uses(c)
	if err != nil {
		return err
	}
	switch {
	case c.Provider == "" && f.vision != "" && uses.Any():
		return usageError{errors.New("--vision asks a language model, and none is configured (PENTIMENTO_LLM_PROVIDER and PENTIMENTO_LLM_MODEL, docs/llm.md)")}
	case c.Provider == "" && f.record+f.replay != "":
		return usageError{agent.NoModelError{}}
	case f.mode == agent.PlanGrammar && !uses.Any():
		if f.record+f.replay != "" {
			return usageError{errors.New("the grammar planner asks no language model, so there is nothing to record or replay")}
		}
		return nil
	}
	return setup.Planner(ctx, kit, c, f.record, f.replay)
}

// showConfig prints the folders and the planner in force, never a key.
func showConfig(ctx context.Context, s *streams, opts *options) error {
	dirs, values, err := opts.settings()
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
	s.printf("vision    %s\n", cmp.Or(c.Vision, "none: the model looks at no picture"))
	return nil
}
