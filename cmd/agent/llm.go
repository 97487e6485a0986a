package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pentimento/internal/agent"
	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/planner"
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
	c, err := config.FindLLM(os.Getenv, kit.Options.Dirs.Config)
	if err != nil {
		return err
	}
	if c.Provider == "" {
		if f.record+f.replay != "" {
			return usageError{agent.NoModelError{}}
		}
		return nil
	}
	var key llm.Key
	if f.replay == "" { // nothing is sent, so no key is needed
		if key, err = findKey(ctx, c); err != nil {
			return err
		}
	}
	model, err := llm.Open(llm.Config{
		Provider: c.Provider, BaseURL: c.BaseURL, Model: c.Model, Key: key, Timeout: c.Wait(),
		InputPrice: c.InputPrice, OutputPrice: c.OutputPrice, Record: f.record, Replay: f.replay,
	})
	if err != nil {
		return err
	}
	p := &kit.Options.Planning
	p.Model, p.Prompt = model, planner.LLMOptions{Docs: c.Docs, Words: c.Words}
	p.Budget.Tokens = c.MaxTokens
	if c.MaxUSD > 0 {
		p.Budget.USD = &c.MaxUSD
	}
	return nil
}

// ownKeys are the variables in which the providers' own programs look for a key. They
// count only once a provider is chosen: a key alone sends nothing anywhere.
var ownKeys = map[string]string{llm.OpenAI: "OPENAI_API_KEY", llm.Anthropic: "ANTHROPIC_API_KEY"}

const maxKeyFile = 64 << 10

// findKey looks in PENTIMENTO_LLM_KEY, then a file, then asks a command; without any of these
// settings, in the provider's own variable, unless the server is another's.
func findKey(ctx context.Context, c config.LLM) (llm.Key, error) {
	if k := llm.NewKey(os.Getenv("PENTIMENTO_LLM_KEY")); k.IsSet() {
		return k, nil
	}
	switch {
	case c.KeyFile != "":
		st, err := os.Stat(c.KeyFile)
		if err != nil {
			return llm.Key{}, &edit.UserError{Msg: "the file with the model's key cannot be read", Err: err}
		}
		if !st.Mode().IsRegular() || st.Size() > maxKeyFile {
			return llm.Key{}, edit.Userf("the file with the model's key, %s, is no small file", c.KeyFile)
		}
		b, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return llm.Key{}, &edit.UserError{Msg: "the file with the model's key cannot be read", Err: err}
		}
		if k := llm.NewKey(string(b)); k.IsSet() {
			return k, nil
		}
		return llm.Key{}, edit.Userf("the file with the model's key, %s, is empty", c.KeyFile)
	case c.KeyCommand != "":
		return llm.KeyFromCommand(ctx, c.KeyCommand)
	case c.BaseURL == "":
		return llm.NewKey(os.Getenv(ownKeys[c.Provider])), nil
	}
	return llm.Key{}, nil
}

// newConfig prints what is in force, never a key.
func newConfig(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force",
		Long: "config shows the folders in use and which language model plans requests. Settings come from flags, then the\n" +
			"environment (PENTIMENTO_*), then llm.json in the configuration folder. A key is never shown: only whether there is one.",
		Example: "  agent config\n  PENTIMENTO_LLM_PROVIDER=ollama PENTIMENTO_LLM_MODEL=qwen3 agent config --json",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dirs, err := config.Find(os.Getenv)
			if err != nil {
				return err
			}
			c, err := config.FindLLM(os.Getenv, dirs.Config)
			if err != nil {
				return err
			}
			key := llm.Key{}
			if c.Provider != "" {
				if key, err = findKey(cmd.Context(), c); err != nil {
					return err
				}
			}
			if opts.json {
				return s.json(map[string]any{"event": "config", "folders": dirs, "llm": c, "llm_key": key})
			}
			s.printf("data      %s\ncache     %s\nsettings  %s\nmodels    %s\ntooldocs  %s\n", dirs.Data, dirs.Cache, dirs.Config, dirs.Models, dirs.ToolDocs)
			if c.Provider == "" {
				s.printf("planner   grammar: no language model is configured (%s, or PENTIMENTO_LLM_*)\n", filepath.Join(dirs.Config, config.LLMFile))
				return nil
			}
			server := c.BaseURL
			if server == "" {
				server = "the provider's own server"
			}
			s.printf("planner   %s, model %s at %s; key %s\n", c.Provider, c.Model, server, key)
			return nil
		},
	}
}
