package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"pentimento/internal/batch"
	"pentimento/internal/bench"
)

func newBenchSuite(s *streams, opts *options) *cobra.Command {
	o := bench.SuiteOptions{}
	var images string
	cmd := &cobra.Command{
		Use:   "suite FILE",
		Short: "Run pictures and requests under several settings side by side",
		Long: "suite carries out every edit of a suite under all of its settings, by default the published search (eager) and this\n" +
			"one (lazy), and prints what each spent, its quality and failures, ratios, and every edit that cost more than\n" +
			"with the setting it is compared with, with the reason. The settings take turns edit by edit, each with an empty\n" +
			"memory of its own; models are loaded before. Results are not saved.\n\n" +
			"FILE is YAML or JSON, or the name of a shipped suite (" + strings.Join(bench.ShippedSuites(), ", ") + "):\n" +
			"  version: 1\n" +
			"  images: photos             # folder of the pictures, from the file's own\n" +
			"  settings:                  # name, search, alpha, threshold, frozen, accept-best, no-memory, against\n" +
			"    - {name: eager, search: eager}\n" +
			"    - {name: lazy}\n" +
			"  edits:                     # image, request, boxes, with\n" +
			"    - {image: dog.jpg, request: remove the dog}\n" +
			"    - {image: 'scene:960x640', request: remove the red car}",
		Example: "  agent bench suite scene\n  agent bench suite photos.yaml --alpha 0 --repeat 3 --json",
		Args:    args(1, "FILE"),
		RunE: func(cmd *cobra.Command, a []string) error {
			switch {
			case o.Alpha < 0 || o.Alpha > 2 || o.Alpha != o.Alpha:
				return usageError{fmt.Errorf("--alpha %v is outside 0..2", o.Alpha)}
			case o.Repeat < 1 || o.Repeat > 100:
				return usageError{fmt.Errorf("--repeat %d is outside 1..100", o.Repeat)}
			}
			suite, err := bench.OpenSuite(a[0], images, os.Getenv)
			var invalid *bench.SuiteInvalid
			if errors.As(err, &invalid) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			v := newView(s, opts.json)
			o.Run = func(r bench.SuiteRun) {
				if opts.json {
					_ = s.json(r)
				}
			}
			o.Started = func(done, total int, setting, request string) {
				if !opts.json {
					v.progress("%d of %d  %s  %s", done+1, total, setting, request)
				}
			}
			report, err := bench.RunSuite(cmd.Context(), kit, suite, o)
			v.clear()
			if err != nil && report.Event == "" {
				return err
			}
			if opts.json {
				return errors.Join(s.json(report), err)
			}
			s.printf("%s", report)
			return err
		},
	}
	cmd.Flags().Float64Var(&o.Alpha, "alpha", batch.DefaultAlpha, "of settings that name none: 0 all quality .. 2 all cost")
	cmd.Flags().IntVar(&o.Repeat, "repeat", 1, "rounds; the table holds medians")
	cmd.Flags().StringVar(&images, "images", "", "folder of the pictures, instead of the suite's own")
	return cmd
}
