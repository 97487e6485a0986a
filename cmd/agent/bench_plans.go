package main

import (
	"context"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/bench"
	"pentimento/internal/llm"
)

func newBenchPlans(s *streams, opts *options) *cobra.Command {
	var by plannerFlags
	var all, ablate bool
	cmd := &cobra.Command{
		Use:   "plans FILE",
		Short: "Score a planner on requests with the subtasks they ask for",
		Long: "plans plans every request of a file and compares the subtasks with those expected: task, object and target, each\n" +
			"used once, and the order of those of which one depends on the other. Names of tasks compare without case, spaces\n" +
			"and hyphens; objects and targets without case and articles, and \"car\" is as good as \"red car\". A request that\n" +
			"expects no subtask should be refused. Nothing is run.\n\n" +
			"--ablate changes one thing about the docs at a time (none, few retrieved, cut, few phrases, names that say nothing, a tool\n" +
			"that nobody has seen) and shows what that does to both planners. A language model is asked only with --planner llm, every\n" +
			"request once or twice a setting; without it, what its prompts hold is measured and the rest is said to be not measured.\n\n" +
			"FILE is JSON:\n" +
			"  [{\"request\": \"remove the dog\",\n" +
			"    \"expected_subtasks\": [{\"task\": \"Object Removal\", \"object\": \"dog\", \"target\": \"\"}]}]",
		Example: "  agent bench plans requests.json --planner grammar\n  agent bench plans requests.json --ablate\n  agent bench plans requests.json --json",
		Args:    args(1, "FILE"),
		RunE: func(cmd *cobra.Command, a []string) error {
			cases, err := bench.OpenPlans(a[0])
			if err != nil {
				return err
			}
			kit, err := openPlanned(cmd.Context(), opts, &by)
			if err != nil {
				return err
			}
			defer kit.Close()
			if ablate {
				return ablatePlans(cmd.Context(), s, opts, kit, cases)
			}
			v := newView(s, opts.json)
			report, err := bench.RunPlans(cmd.Context(), kit.PlannerName(), kit.PlanAfter, cases, func(p bench.PlanScore) {
				switch {
				case opts.json:
					_ = s.json(p) // a closed pipe shows at the end too
				case all || !p.Exact:
					s.printf("%s\n", p)
				}
			})
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(report)
			}
			v.say(s, opts, "done")
			s.printf("%s\n", report)
			return nil
		},
	}
	by.add(cmd.Flags())
	cmd.Flags().BoolVar(&all, "all", false, "show the requests that are planned as expected too")
	cmd.Flags().BoolVar(&ablate, "ablate", false, "measure what the docs are to the planners, one change at a time")
	return cmd
}

func ablatePlans(ctx context.Context, s *streams, opts *options, kit *agent.Kit, cases []bench.PlanCase) error {
	var model llm.Model
	if p := kit.Options.Planning; p.Mode == agent.PlanLLM {
		if model = p.Model; model == nil {
			return agent.NoModelError{}
		}
	}
	v := newView(s, opts.json)
	var rows []bench.AblationRow
	report, err := bench.Ablate(ctx, kit.Set, model, cases, func(r bench.AblationRow) {
		rows = append(rows, r)
		if opts.json {
			_ = s.json(r) // a closed pipe shows at the end too
			return
		}
		v.progress("%s: %s", r.Changed, r.Setting)
	})
	if err != nil {
		return err
	}
	if opts.json {
		return s.json(report)
	}
	v.say(s, opts, "done")
	s.printf("%s", bench.AblationTable(rows))
	return nil
}
