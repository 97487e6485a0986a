package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/bench"
)

func newBench(s *streams, opts *options) *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "bench",
		Short: "Measure parts of the program",
	})
	var o bench.SearchOptions
	search := &cobra.Command{
		Use:   "search",
		Short: "Measure exactness and speed of the search",
		Long: "search compares the search with brute force on random tool graphs of three families, at nine values of alpha, beside a\n" +
			"re-enactment of the published search and the error rates of its released code, and times it on 25, 250 and 2,500 tools.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Graphs < 1 {
				return usageError{fmt.Errorf("--graphs %d: at least one is needed", o.Graphs)}
			}
			v := newView(s, opts.json)
			report, err := bench.RunSearch(cmd.Context(), o, func(p bench.SearchProgress) {
				if !opts.json {
					v.progress("%s %s", cmp.Or(p.Family, "speed"), bar(float64(p.Done)/float64(max(p.Total, 1))))
				}
			})
			return v.report(report, err)
		},
	}
	search.Flags().IntVar(&o.Graphs, "graphs", 2000, "random graphs per family")
	search.Flags().Int64Var(&o.Seed, "seed", 1, "seed of the graphs")
	cmd.AddCommand(search, newBenchWorld(s, opts), newBenchLearning(s, opts), newBenchSuite(s, opts), newBenchPlans(s, opts))
	return cmd
}
