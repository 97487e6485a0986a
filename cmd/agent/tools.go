package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
	"pentimento/tooldocs"
)

func newTools(s *streams, opts *options) *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "tools",
		Short: "List, show, check, start and approve tool docs",
		Long:  "A tool is one Markdown file (docs/tool-docs.md). Your own go into the overlay folder, which agent doctor names, or --tooldocs DIR.",
	})
	cmd.AddCommand(newToolsList(s, opts), newToolsShow(s, opts), newToolsCheck(s, opts), newToolsNew(s), newToolsApprove(s, opts))
	return cmd
}

func newToolsList(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every tool, what it does, and whether it can run here",
		Args:  args(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			if err := foresee(opts, kit); err != nil {
				return err
			}
			for _, problem := range kit.Problems {
				_, _ = fmt.Fprintln(s.err, s.red("broken doc:"), problem)
			}
			for _, spec := range kit.Engine.Specs {
				state, why := kit.State(&spec)
				if kit.StandsIn(&spec) {
					spec.Title += " (shipped; your doc of this name waits for: agent tools approve " + spec.Name + ")"
				}
				if opts.json {
					if err := s.json(toolLine{"tool", spec.Name, spec.Title, tasks(spec), state, why, spec.License}); err != nil {
						return err
					}
					continue
				}
				s.printf("%-26s %-14s %s\n", spec.Name, state, spec.Title)
			}
			return nil
		},
	}
}

type toolLine struct {
	Event   string   `json:"event"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Tasks   []string `json:"tasks"`
	State   string   `json:"state"` // ready, not installed, not approved, changed or unusable
	Reason  string   `json:"reason,omitempty"`
	License string   `json:"license"`
}

func tasks(spec edit.ToolSpec) []string {
	names := []string{}
	for _, t := range spec.Tasks {
		names = append(names, t.Task)
	}
	return names
}

func newToolsShow(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show a tool doc as it stands",
		Args:  args(1, "NAME"),
		RunE: func(_ *cobra.Command, a []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			src := kit.Set.Source(a[0])
			if src == nil {
				return unknownTool(kit.Set, a[0])
			}
			s.printf("%s", src)
			return nil
		},
	}
}

func unknownTool(set *tooldoc.Set, name string) error {
	err := &edit.UserError{Msg: fmt.Sprintf("there is no tool %q", name), Hint: "agent tools list shows them all"}
	if hits := set.Search(name, 1); len(hits) > 0 {
		err.Hint = fmt.Sprintf("did you mean %s? agent tools list shows them all", hits[0].Name)
	}
	return err
}

func newToolsCheck(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "check DOC.md",
		Short: "Lint a doc, load its model, run it, and print what the planner will see",
		Args:  args(1, "DOC.md"),
		RunE: func(cmd *cobra.Command, a []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			report, err := kit.CheckTool(cmd.Context(), a[0])
			var problems *tooldoc.Problems
			if errors.As(err, &problems) {
				return fmt.Errorf("%s has problems:\n%w", a[0], problems)
			}
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(report)
			}
			s.printf("%s", report)
			return asError(checkCode(report.Failed))
		},
	}
}

func checkCode(failed bool) exitCode {
	if failed {
		return exitPartial
	}
	return exitOK
}

func newToolsNew(s *streams) *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Start a tool doc: write NAME.md here, ready to fill in",
		Args:  args(1, "NAME"),
		RunE: func(_ *cobra.Command, a []string) error {
			if kind != "builtin" && kind != "onnx" {
				return usageError{fmt.Errorf("--kind %s is none of builtin, onnx", kind)}
			}
			src := tooldoc.Template(a[0], kind)
			path := a[0] + ".md"
			if _, err := tooldoc.Parse(path, src, tooldoc.LabelReader(tooldocs.FS)); err != nil {
				return usageError{fmt.Errorf("%q is no name for a tool: %w", a[0], err)}
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a doc is for others to read
			if err != nil {
				return &edit.UserError{Msg: "the doc was not written", Err: err}
			}
			if _, err := f.Write(src); err != nil {
				_ = f.Close()
				return &edit.UserError{Msg: "the doc was not written", Err: err}
			}
			s.printf("wrote %s; fill it in, then: agent tools check %s\n", path, path)
			return f.Close()
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "builtin", "builtin or onnx")
	return cmd
}
