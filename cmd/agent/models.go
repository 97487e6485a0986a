package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/models"
)

func newModels(s *streams, opts *options) *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "models",
		Short: "List, pull and verify the model files of the tools",
		Long:  "Models are pinned by size and sha256 in the tool docs. Nothing is downloaded unless models pull says so.",
	})
	cmd.AddCommand(newModelsList(s, opts), newModelsPull(s, opts), newModelsVerify(s, opts))
	return cmd
}

type modelLine struct {
	Event string `json:"event"`
	models.Entry
}

func newModelsList(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every model with its size, licence, whether it is installed, and its origin",
		Args:  args(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			return printEntries(s, opts, kit.Store.Catalogue(kit.Engine.Specs))
		},
	}
}

func printEntries(s *streams, opts *options, entries []models.Entry) error {
	for _, e := range entries {
		if opts.json {
			if err := s.json(modelLine{"model", e}); err != nil {
				return err
			}
			continue
		}
		state := "-"
		switch {
		case e.Problem != "":
			state = "damaged: " + e.Problem
		case e.Embedded:
			state = "shipped"
		case e.Installed:
			state = "installed"
		}
		s.printf("%-26s %-36s %8s  %-14s %-9s  %s\n", e.Tool, e.File, size(e.Bytes), e.License, state, e.Origin)
	}
	return nil
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

func newModelsVerify(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Read every installed model again and compare its checksum",
		Args:  args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			entries, err := kit.Store.Verify(cmd.Context(), kit.Engine.Specs)
			if err != nil {
				return err
			}
			var here []models.Entry
			damaged := 0
			for _, e := range entries {
				if e.Problem != "" {
					damaged++
				}
				if e.Problem != "" || e.Installed {
					here = append(here, e)
				}
			}
			if err := printEntries(s, opts, here); err != nil {
				return err
			}
			if damaged > 0 {
				return codeError{exitPartial, fmt.Sprintf("%d of %d models are damaged; pull them again", damaged, len(here))}
			}
			return nil
		},
	}
}

func newModelsPull(s *streams, opts *options) *cobra.Command {
	var from string
	var all bool
	var maxMB int64
	cmd := &cobra.Command{
		Use:   "pull [TOOL...]",
		Short: "Fetch the models of the tools named",
		Long: "pull fetches models from their public origin, or from a mirror folder with --from, and verifies size and sha256.\n" +
			"A transfer that was cut is continued by the next pull.",
		Example: "  agent models pull yolox-nano deeplab-voc\n  agent models pull --from /media/models",
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) == 0 && from == "" && !all {
				return usageError{errors.New("name the tools whose models to pull, or --from DIR, or --all (some are of hundreds of megabytes)")}
			}
			if st, err := os.Stat(from); from != "" && (err != nil || !st.IsDir()) {
				return usageError{fmt.Errorf("--from %s is no folder", from)}
			}
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			specs, err := chosen(kit, names)
			if err != nil {
				return err
			}
			return pull(cmd.Context(), s, opts, kit, specs, len(names) > 0, models.Options{From: from, MaxBytes: maxMB << 20})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "take the files from this mirror folder instead of downloading")
	cmd.Flags().BoolVar(&all, "all", false, "the models of every tool")
	cmd.Flags().Int64Var(&maxMB, "max-mb", 0, "refuse models of more megabytes; 0: no limit")
	return cmd
}

// chosen are the specs of the tools named; all when none is.
func chosen(kit *agent.Kit, names []string) ([]edit.ToolSpec, error) {
	if len(names) == 0 {
		return kit.Engine.Specs, nil
	}
	var specs []edit.ToolSpec
	for _, name := range names {
		spec, ok := kit.Set.Get(name)
		if !ok {
			return nil, unknownTool(kit.Set, name)
		}
		if spec.Runtime.ONNX == nil {
			return nil, edit.Userf("%s needs no model", name)
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

type pullLine struct {
	Event string `json:"event"`
	Tool  string `json:"tool"`
	File  string `json:"file"`
	State string `json:"state"`
	Done  int64  `json:"done,omitempty"`
	Total int64  `json:"total,omitempty"`
	Error string `json:"error,omitempty"`
}

// pull fetches and reports. A mirror need not hold every model, so what it lacks
// is a failure only for tools that were named.
func pull(ctx context.Context, s *streams, opts *options, kit *agent.Kit, specs []edit.ToolSpec, named bool, o models.Options) error {
	v := newView(s, opts.json)
	o.Progress = func(e models.Event) {
		if opts.json {
			line := pullLine{Event: "pull", Tool: e.Tool, File: e.File, State: string(e.State), Done: e.Done, Total: e.Total}
			if e.Err != nil {
				line.Error = e.Err.Error()
			}
			_ = s.json(line)
			return
		}
		if e.State == models.StateProgress && e.Total > 0 {
			v.progress("%s %s", e.File, bar(float64(e.Done)/float64(e.Total)))
		}
	}
	results, err := kit.Store.Pull(ctx, specs, o)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && len(results) == 0 {
		return err
	}
	var here, failed, absent int
	for _, r := range results {
		switch r.State {
		case models.StateInstalled, models.StateAlready:
			here++
			v.say(s, opts, "%s %s  %s", s.green("✓"), r.Tool, r.File)
		case models.StateNotInFrom:
			absent++
			if named {
				v.say(s, opts, "%s %s: the mirror has no file for it", s.red("✗"), r.Tool)
			}
		default:
			failed++
			v.say(s, opts, "%s %s: %v", s.red("✗"), r.Tool, r.Err)
		}
	}
	v.say(s, opts, "%d models installed, %d failed, %d not in the mirror", here, failed, absent)
	if failed > 0 || named && absent > 0 {
		return asError(exitPartial)
	}
	return nil
}

// say prints a line for people.
func (v *view) say(s *streams, opts *options, format string, args ...any) {
	if opts.json {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.line(format, args...)
}
