package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"pentimento/internal/bench"
)

func newBenchWorld(s *streams, opts *options) *cobra.Command {
	var o bench.WorldOptions
	world := &cobra.Command{
		Use:   "world",
		Short: "Measure the search in the simulated world beside the published control flow",
		Long: "world drives requests through the program with the papers' tools simulated: their published seconds and qualities, and conditions on\n" +
			"pictures under which those hold. It runs each request three times: by the published control flow, by the search on the docs' estimates,\n" +
			"and by the search after it learned from other requests. It lists every request on which the search spent more, with the reason.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Requests < 1 || o.Warm < 0 {
				return usageError{fmt.Errorf("--requests %d --warm %d: one request is needed at least, and none below 0 before", o.Requests, o.Warm)}
			}
			v := newView(s, opts.json)
			done := 0
			report, err := bench.RunWorld(cmd.Context(), o, func(c bench.WorldCell) {
				done++
				if opts.json {
					_ = s.json(c) // a closed pipe shows at the end too
					return
				}
				v.progress("%d settings done", done)
			})
			return v.report(report, err)
		},
	}
	world.Flags().IntVar(&o.Requests, "requests", 60, "requests that are measured")
	world.Flags().IntVar(&o.Warm, "warm", 60, "requests that are learned from before")
	world.Flags().Int64Var(&o.Seed, "seed", 1, "seed of the requests, the pictures and the noise")
	return world
}
