package main

import (
	"fmt"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"pentimento/internal/config"
	"pentimento/internal/setup"
)

// settingsOnce is setup.Settings, which is read when it is first called.
func settingsOnce() func() (config.Dirs, config.Values, error) {
	var dirs config.Dirs
	var values config.Values
	read := sync.OnceValue(func() (err error) {
		dirs, values, err = setup.Settings()
		return err
	})
	return func() (config.Dirs, config.Values, error) {
		err := read()
		return dirs, values, err
	}
}

// applySettings gives the flags that the person left out the values that the
// settings have; flags stay stronger.
func applySettings(cmd *cobra.Command, opts *options) error {
	for c := cmd; c != nil; c = c.Parent() {
		if c.Name() == "config" {
			return nil // a broken file is put right with it
		}
	}
	_, values, err := opts.settings()
	if err != nil {
		return err
	}
	for _, v := range values.All() {
		if v.Flag == "" || v.Origin == config.FromDefault || v.Origin == config.FromEnv && v.Direct {
			continue
		}
		f := cmd.Flags().Lookup(v.Flag)
		if f == nil || f.Changed {
			continue
		}
		if err := f.Value.Set(v.Value); err != nil {
			return fmt.Errorf("%s from %s: %w", v.Key, v.Where, err)
		}
	}
	return nil
}

func newConfig(s *streams, opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show, read and write settings",
		Long: "config shows the folders in use and which language model plans requests. Flags are stronger than variables of the\n" +
			"environment, those than the project's file (" + config.ProjectFile + " in the working folder or above), and that than your own\n" +
			"file. docs/settings.md documents every setting. A key is never shown: only whether there is one.",
		Example: "  agent config\n  PENTIMENTO_LLM_PROVIDER=ollama PENTIMENTO_LLM_MODEL=qwen3 agent config --json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, got []string) error {
			if len(got) > 0 {
				return usageError{fmt.Errorf("unknown command %q for %q", got[0], cmd.CommandPath())}
			}
			return showConfig(cmd.Context(), s, opts)
		},
	}
	cmd.AddCommand(newConfigList(s, opts), newConfigGet(s, opts), newConfigSet(s, opts), newConfigPath(s, opts))
	return cmd
}

func newConfigList(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every setting, its value and where that comes from",
		Args:  args(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			_, values, err := opts.settings()
			if err != nil {
				return err
			}
			for _, v := range values.All() {
				if opts.json {
					if err := s.json(settingEvent(v)); err != nil {
						return err
					}
					continue
				}
				where := ""
				if v.Origin != config.FromDefault {
					where = "  from " + v.Where
				}
				s.printf("%-18s %-10s %s%s\n", v.Key, v.Value, s.faint(v.Doc), where)
			}
			return nil
		},
	}
}

func settingEvent(v config.Value) map[string]any {
	return map[string]any{"event": "setting", "key": v.Key, "value": v.Value, "origin": v.Origin, "where": v.Where, "default": v.Default}
}

func newConfigGet(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "get KEY",
		Short: "Print the value of a setting",
		Args:  args(1, "KEY"),
		RunE: func(_ *cobra.Command, a []string) error {
			_, values, err := opts.settings()
			if err != nil {
				return err
			}
			v, err := values.Get(a[0])
			if err != nil {
				return usageError{err}
			}
			if opts.json {
				return s.json(settingEvent(v))
			}
			s.printf("%s\n", v.Value)
			return nil
		},
	}
}

func newConfigSet(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:     "set KEY VALUE",
		Short:   "Write a setting into your file; an empty VALUE takes it out",
		Example: "  agent config set sessions.max_size 50GB\n  agent config set tui.theme dark",
		Args:    args(2, "KEY VALUE"),
		RunE: func(_ *cobra.Command, a []string) error {
			dirs, err := config.Find(os.Getenv)
			if err != nil {
				return err
			}
			if err := config.Set(dirs, a[0], a[1]); err != nil {
				return usageError{err}
			}
			if opts.json {
				return s.json(map[string]any{"event": "set", "key": a[0], "value": a[1], "where": dirs.Path()})
			}
			s.printf("%s in %s\n", a[0], dirs.Path())
			return nil
		},
	}
}

func newConfigPath(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "path",
		Short: "Print where your file of settings is",
		Args:  args(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			dirs, err := config.Find(os.Getenv)
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(map[string]any{"event": "path", "path": dirs.Path()})
			}
			s.printf("%s\n", dirs.Path())
			return nil
		},
	}
}
