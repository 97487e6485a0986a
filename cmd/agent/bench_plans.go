package main

import (
	"github.com/spf13/cobra"

	"pentimento/internal/bench"
)

func newBenchPlans(s *streams, opts *options) *cobra.Command {
	var by plannerFlags
	var all bool
	cmd := &cobra.Command{
		Use:   "plans FILE",
		Short: "Score a planner on requests with the subtasks they ask for",
		Long: "plans plans every request of a file and compares the subtasks with those expected: task, object and target, each\n" +
			"used once, and the order of those of which one depends on the other. Names of tasks compare without case, spaces\n" +
			"and hyphens; objects and targets without case and articles, and \"car\" is as good as \"red car\". A request that\n" +
			"expects no subtask should be refused. Nothing is run.\n\n" +
			"FILE is JSON:\n" +
			"  [{\"request\": \"remove the dog\",\n" +
			"    \"expected_subtasks\": [{\"task\": \"Object Removal\", \"object\": \"dog\", \"target\": \"\"}]}]",
		Example: "  agent bench plans requests.json --planner grammar\n  agent bench plans requests.json --json",
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
	return cmd
}
