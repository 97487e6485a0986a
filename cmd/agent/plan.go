package main

import (
	"fmt"

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
			if explained && kit.PlannerName() == agent.PlanGrammar {
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
