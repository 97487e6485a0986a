package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
)

func newPlan(s *streams, opts *options) *cobra.Command {
	var output string
	var explained bool
	var by plannerFlags
	cmd := &cobra.Command{
		Use:   "plan IMAGE REQUEST",
		Short: "Print a plan that `agent run` accepts",
		Long: "plan splits the request into subtasks and prints them as a plan file. Nothing is run and the picture is not\n" +
			"opened; change the plan in an editor, then give it to agent run.",
		Example: `  agent plan street.jpg "remove all people" > plan.json && agent run plan.json`,
		Args:    args(2, "IMAGE REQUEST"),
		RunE: func(cmd *cobra.Command, a []string) error {
			kit, err := openPlanned(cmd.Context(), opts, &by)
			if err != nil {
				return err
			}
			defer kit.Close()
			if explained && kit.Options.Planning.Model == nil {
				if err := explain(cmd.Context(), s, opts, kit, a[1]); err != nil {
					return err
				}
			}
			planned, err := kit.PlanWith(cmd.Context(), a[1], edit.History{}, nil)
			if explained && planned.Trace != nil {
				if err := say(s, opts, planned.Trace.String()); err != nil {
					return err
				}
			}
			if err != nil {
				return err
			}
			plan := planned.Plan
			for _, n := range plan.Notices {
				_, _ = fmt.Fprintln(s.err, "note:", n)
			}
			job := batch.Job{Inputs: []string{a[0]}, Subtasks: plan.Subtasks, Alternatives: plan.Alternatives, Output: output, Note: plan.Request}
			file := batch.Plan{Version: batch.Version, Jobs: []batch.Job{job}}
			if opts.json {
				return s.json(map[string]any{"event": "plan", "plan": file})
			}
			return batch.Write(s.out, file)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "{dir}/{stem}.edited.png", "the plan's output template")
	by.add(cmd.Flags())
	cmd.Flags().BoolVar(&explained, "explain", false, "say how the request was understood")
	return cmd
}

func newRun(s *streams, opts *options) *cobra.Command {
	var dryRun, schema, strip, bare, slow bool
	var by plannerFlags
	cmd := &cobra.Command{
		Use:   "run PLAN.json",
		Short: "Run the jobs of a plan file, in order",
		Long: "run edits every picture of a plan file. All outputs are checked before anything runs: two results in one file,\n" +
			"or a result over an input, are refused. A picture that fails does not stop the others; the exit code is then 3.",
		Example: "  agent run plan.json\n  agent run --schema > plan.schema.json",
		Args: func(cmd *cobra.Command, a []string) error {
			if schema {
				return nil
			}
			return args(1, "PLAN.json")(cmd, a)
		},
		RunE: func(cmd *cobra.Command, a []string) error {
			if schema {
				b, err := batch.Schema()
				if err == nil {
					s.printf("%s\n", b)
				}
				return err
			}
			return runPlan(cmd, s, opts, &by, a[0], func(items []batch.Item) {
				for i := range items {
					items[i].Spec.StripMetadata = items[i].Spec.StripMetadata || strip
					items[i].Spec.NoRecipe = items[i].Spec.NoRecipe || bare
					items[i].NoSubroutines = slow
				}
			}, dryRun)
		},
	}
	by.add(cmd.Flags())
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "validate, plan and search; write nothing")
	cmd.Flags().BoolVar(&strip, "strip-metadata", false, "write no EXIF, GPS, XMP or recipe, whatever the plan says")
	cmd.Flags().BoolVar(&bare, "no-recipe", false, "write no recipes, whatever the plan says")
	cmd.Flags().BoolVar(&slow, "no-subroutines", false, "search the toolpath of every subtask, use no mined one")
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of plan files")
	return cmd
}

func readPlan(s *streams, path string) ([]batch.Item, error) {
	r, dir := s.in, "."
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, &edit.UserError{Msg: "the plan cannot be opened", Err: err}
		}
		defer func() { _ = f.Close() }()
		r, dir = f, filepath.Dir(path)
	}
	plan, err := batch.Read(path, r)
	if err != nil {
		return nil, err
	}
	items, err := plan.Items(dir)
	var invalid *batch.Invalid
	if errors.As(err, &invalid) {
		invalid.Path = path
	}
	return items, err
}

func runPlan(cmd *cobra.Command, s *streams, opts *options, by *plannerFlags, path string, adjust func([]batch.Item), dryRun bool) error {
	if err := opts.check(); err != nil {
		return err
	}
	items, err := readPlan(s, path)
	if err != nil {
		return err
	}
	adjust(items)
	kit, err := openPlanned(cmd.Context(), opts, by)
	if err != nil {
		return err
	}
	defer kit.Close()
	v := newView(s, opts.json)
	worst, failed := exitOK, 0
	err = batch.Run(cmd.Context(), kit, items, dryRun, v.event, func(n int) {
		heading(s, opts, items[n])
	}, func(r batch.Result) {
		code := codeOf(r.Err)
		if r.Err == nil {
			_ = v.summary(r.Outcome.Summary)
			code = summaryCode(r.Outcome.Summary)
		} else {
			v.fail(r.Err)
		}
		if code != exitOK {
			failed++
			worst = code
		}
	})
	if err != nil {
		return err
	}
	return asError(batchCode(len(items), failed, worst))
}

// batchCode: all well, some failed, or the one code of a plan with one picture.
func batchCode(items, failed int, worst exitCode) exitCode {
	switch {
	case failed == 0:
		return exitOK
	case items == 1:
		return worst
	}
	return exitPartial
}

var _ batch.Editor = (*agent.Kit)(nil)
