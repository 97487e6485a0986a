package main

import (
	"os"

	"github.com/spf13/cobra"

	"pentimento/internal/bench"
	"pentimento/internal/edit"
	"pentimento/internal/simworld"
)

func newBenchLearning(s *streams, opts *options) *cobra.Command {
	var o bench.LearningOptions
	var world string
	cmd := &cobra.Command{
		Use:   "learning",
		Short: "Measure how the program gets faster from task to task in the simulated world",
		Long: "learning drives requests of 1 to 8 subtasks through the program with simulated tools, five times: with subroutines that are mined and\n" +
			"verified after every 20 of them, without, by the published control flow, by an oracle that knows what is true of the tools, and by one\n" +
			"that leaves out what loses quality. It prints the share of subtasks that fell back to the search, quality and tool seconds, and\n" +
			"what verification took, as means over seeds.",
		Args: args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if world != "published" {
				text, err := os.ReadFile(world)
				if err != nil {
					return &edit.UserError{Msg: "the world cannot be read", Err: err, Hint: "--world published is the one that is built in"}
				}
				if o.World, err = simworld.Load(text); err != nil {
					return &edit.UserError{Msg: world, Err: err}
				}
			}
			v := newView(s, opts.json)
			report, err := bench.RunLearning(cmd.Context(), o, func(p bench.LearningProgress) {
				if !opts.json {
					v.progress("%d of %d runs done", p.Done, p.Of)
				}
			})
			return v.report(report, err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&world, "world", "published", "the simulated world: published, or a file of the same form")
	f.IntVar(&o.Tasks, "tasks", 200, "requests, one after the other")
	f.IntVar(&o.Seeds, "seeds", 20, "how many seeds are measured")
	f.Int64Var(&o.Seed, "seed", 1, "the first seed of requests, pictures and noise")
	f.Float64Var(&o.Alpha, "alpha", 1, "the dial, 0 to 2")
	f.Float64Var(&o.Assumed, "assumed", 0, "quality of a step whose conditions do not hold (default: the first that the world assumes)")
	f.Float64Var(&o.Verify, "verify", bench.DefaultVerify, "seconds of tools that verification may take after every 20 tasks")
	return cmd
}
