package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/tools/ortlib"
)

// finding is one line of doctor's report.
type finding struct {
	Event string `json:"event"` // "check"
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Say   string `json:"message"`
	Fix   string `json:"fix,omitempty"` // a command that mends it
}

func newDoctor(s *streams, opts *options) *cobra.Command {
	var fix bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is installed, on which device models run, and what is missing",
		Long: "doctor looks at everything an edit needs and names the command that mends what is missing.\n" +
			"--fix installs ONNX Runtime's library: pinned by go.sum, verified by sha256, kept in the user's cache. It needs the go command.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			if err := foresee(opts, kit); err != nil {
				return err
			}
			if fix {
				if err := installORT(cmd.Context(), s, opts, kit); err != nil {
					return err
				}
			}
			ok := true
			for _, f := range examine(cmd.Context(), kit) {
				f.Event = "check"
				ok = ok && f.OK
				if opts.json {
					if err := s.json(f); err != nil {
						return err
					}
					continue
				}
				mark := s.green("✓")
				if !f.OK {
					mark = s.red("✗")
				}
				s.printf("%s %-14s %s\n", mark, f.Name, f.Say)
				if f.Fix != "" {
					s.printf("  %-14s fix: %s\n", "", f.Fix)
				}
			}
			if !ok {
				return asError(exitNoTool)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "install ONNX Runtime's library if it is missing")
	return cmd
}

func installORT(ctx context.Context, s *streams, opts *options, kit *agent.Kit) error {
	if _, _, err := ortlib.Find(ctx, kit.ORT()); err == nil {
		return nil
	}
	o := kit.ORT()
	o.Notify = func(line string) {
		if !opts.json {
			_, _ = fmt.Fprintln(s.err, line)
		}
	}
	_, err := ortlib.Install(ctx, o)
	return err
}

// examine looks at each part in turn.
func examine(ctx context.Context, kit *agent.Kit) []finding {
	var all []finding
	lib := finding{Name: "onnxruntime"}
	path, source, err := ortlib.Find(ctx, kit.ORT())
	if err != nil {
		lib.Say, lib.Fix = err.Error(), "agent doctor --fix"
		all = append(all, lib)
	} else {
		lib.OK, lib.Say = true, fmt.Sprintf("%s (from %s)", path, source)
		all = append(all, lib, device(ctx, kit))
	}
	docs := finding{Name: "tool docs", OK: len(kit.Problems) == 0, Say: fmt.Sprintf("%d loaded; your own go into %s", len(kit.Engine.Specs), kit.Options.Dirs.ToolDocs)}
	for _, p := range kit.Problems {
		docs.Say += fmt.Sprintf("\n  broken: %v", p)
	}
	models := finding{Name: "models", OK: true, Say: kit.Options.Dirs.Models}
	for _, e := range kit.Store.Catalogue(kit.Engine.Specs) {
		if e.Problem != "" {
			models.OK, models.Fix = false, "agent models pull "+e.Tool
			models.Say += "\n  damaged: " + e.Problem
		}
	}
	ready, missing, waiting := 0, 0, len(kit.Unapproved())
	for i := range kit.Engine.Specs {
		if state, _ := kit.State(&kit.Engine.Specs[i]); state == "ready" {
			ready++
		} else {
			missing++
		}
	}
	missing -= waiting
	tools := finding{Name: "tools", OK: true, Say: fmt.Sprintf("%d ready, %d not installed", ready, missing)}
	switch {
	case waiting > 0:
		tools.Say += fmt.Sprintf(", %d not approved", waiting)
		tools.Fix = "agent tools approve"
	case missing > 0:
		tools.Fix = "agent models list, then agent models pull TOOL"
	}
	dirs := kit.Options.Dirs
	return append(all, docs, tools,
		models,
		finding{Name: "cache", OK: true, Say: dirs.Cache})
}

// device loads the library and says what models run on.
func device(ctx context.Context, kit *agent.Kit) finding {
	f := finding{Name: "device"}
	name, notice, err := kit.Probe(ctx)
	switch {
	case err != nil:
		f.Say = err.Error()
	case notice != "":
		f.OK, f.Say = true, name+": "+notice
	default:
		f.OK, f.Say = true, name
	}
	return f
}
