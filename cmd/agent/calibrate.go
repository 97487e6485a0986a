package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/imageio"
	"pentimento/internal/store"
)

type calibrateFlags struct {
	image        string
	maxSeconds   float64
	repeats      int
	list, forget bool
}

func newCalibrate(s *streams, opts *options) *cobra.Command {
	var f calibrateFlags
	cmd := &cobra.Command{
		Use:   "calibrate [TOOL...]",
		Short: "Measure what tools take on this machine, and print the table",
		Long: "calibrate runs each installed tool, or those named, on a ladder of picture sizes from 0.1 to 4 megapixels: first cold,\n" +
			"then warm, several times each. Runs that had no core to themselves are discarded. What is left joins what edits\n" +
			"have measured, and searches reckon with it from then on: seconds fixed and per megapixel, and to load the model.\n\n" +
			"The table shows for each tool that estimate beside its doc's, how far the measured sizes lie off it, and for each of\n" +
			"its tasks the doc's quality and, where results were judged, the quality learned from how many. Loading is from\n" +
			"memory the system may have kept of the file. Tools that cost money are measured only when they are named.\n\n" +
			"--list measures nothing and shows what was learned; --forget drops the seconds and qualities that were learned of\n" +
			"the tools named, or of all. Traces and kept results stay. A stop (ctrl-c) keeps the tools that are finished.",
		Example: `  agent calibrate --max-seconds 120
  agent calibrate lama patchmatch-inpaint --image photo.jpg
  agent calibrate --list
  agent calibrate --forget lama`,
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := f.check(); err != nil {
				return err
			}
			switch {
			case f.list:
				return listLearned(cmd.Context(), s, opts, names)
			case f.forget:
				return forgetLearned(cmd.Context(), s, opts, names)
			}
			return runCalibrate(cmd.Context(), s, opts, &f, names)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.image, "image", "", "a picture to measure on, in place of the example scene; the object is then an ellipse in its middle")
	fl.Float64Var(&f.maxSeconds, "max-seconds", 300, "share so many seconds among the tools")
	fl.IntVar(&f.repeats, "repeats", 3, "warm runs of each size, 1 to 20")
	fl.BoolVar(&f.list, "list", false, "show what was learned, measure nothing")
	fl.BoolVar(&f.forget, "forget", false, "drop what was learned of the tools named, or of all")
	return cmd
}

func (f *calibrateFlags) check() error {
	switch {
	case f.list && f.forget:
		return usageError{errors.New("--list and --forget exclude each other")}
	case !(f.maxSeconds > 0 && f.maxSeconds <= 1e6):
		return usageError{fmt.Errorf("--max-seconds %v is not above 0 and at most 1000000", f.maxSeconds)}
	case f.repeats < 1 || f.repeats > 20:
		return usageError{fmt.Errorf("--repeats %d is outside 1..20", f.repeats)}
	}
	return nil
}

// calibrated ends the events of a calibration.
type calibrated struct {
	Event    string  `json:"event"` // "done"
	Measured int     `json:"measured"`
	Failed   int     `json:"failed"`
	Busy     int     `json:"busy"`    // no run had a core to itself
	Skipped  int     `json:"skipped"` // not installed, not reached or costly
	Seconds  float64 `json:"seconds"`
}

func (d *calibrated) add(state string) {
	switch state {
	case "measured":
		d.Measured++
	case "failed":
		d.Failed++
	case "busy":
		d.Busy++
	default:
		d.Skipped++
	}
}

func runCalibrate(ctx context.Context, s *streams, opts *options, f *calibrateFlags, names []string) error {
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	o := agent.CalibrateOptions{Tools: names, Seconds: f.maxSeconds, Repeats: f.repeats}
	if f.image != "" {
		if o.Image, _, err = imageio.Load(ctx, f.image, imageio.Limits{}); err != nil {
			return err
		}
	}
	start := time.Now()
	done := calibrated{Event: "done"}
	table := costTable{s: s, json: opts.json}
	err = kit.Calibrate(ctx, o, func(n string) { _, _ = fmt.Fprintln(s.err, "note:", n) }, func(c agent.Calibration) {
		done.add(c.State)
		table.row(c)
	})
	done.Seconds = time.Since(start).Seconds()
	if done.Measured+done.Failed+done.Busy+done.Skipped == 0 && err != nil {
		return err
	}
	if opts.json {
		if jsonErr := s.json(done); jsonErr != nil {
			return jsonErr
		}
	} else {
		_, _ = fmt.Fprintf(s.err, "%d measured, %d failed, %d kept from a core by others, %d skipped, in %.0f s\n",
			done.Measured, done.Failed, done.Busy, done.Skipped, done.Seconds)
	}
	if err != nil {
		return err
	}
	return asError(checkCode(done.Failed > 0))
}

func listLearned(ctx context.Context, s *streams, opts *options, names []string) error {
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	table := costTable{s: s, json: opts.json}
	return withTraces(ctx, s, func(st *store.Store) error { return kit.Learned(ctx, st, names, table.row) })
}

func forgetLearned(ctx context.Context, s *streams, opts *options, names []string) error {
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	var costs, qualities int
	err = withTraces(ctx, s, func(st *store.Store) (err error) {
		costs, qualities, err = kit.Unlearn(ctx, st, names)
		return err
	})
	if err != nil {
		return err
	}
	if opts.json {
		return s.json(map[string]any{"event": "forgotten", "costs": costs, "qualities": qualities})
	}
	s.printf("forgot the seconds of %d tools and %d qualities at tasks\n", costs, qualities)
	return nil
}

// costTable prints calibrations as lines of JSON or as a table for people, whose head comes with its first row.
type costTable struct {
	s     *streams
	json  bool
	begun bool
}

const costRow = "%-24s %9s %9s %7s %6s %6s  %-19s %s\n"

func (t *costTable) row(c agent.Calibration) {
	if t.json {
		_ = t.s.json(c)
		return
	}
	if !t.begun {
		t.begun = true
		t.s.printf(costRow, "tool", "seconds", "s/MP", "load s", "off by", "runs", "doc: s + s/MP", "quality at tasks: doc → learned (results)")
	}
	if c.N == 0 && c.State != "prior" {
		t.s.printf("%-24s %s: %s\n", c.Tool, c.State, c.Reason)
		return
	}
	load, off := "-", "-"
	if c.Load > 0 {
		load = short(c.Load)
	}
	if c.Spread > 0 {
		off = fmt.Sprintf("%.0f %%", 100*c.Spread)
	}
	var tasks []string
	for _, q := range c.Qualities {
		text := fmt.Sprintf("%s %.2f", q.Task, q.Prior)
		if q.N > 0 {
			text += fmt.Sprintf(" → %.2f (%d)", q.Mean, q.N)
		}
		tasks = append(tasks, text)
	}
	if c.Reason != "" {
		tasks = append(tasks, c.State+": "+c.Reason)
	}
	t.s.printf(costRow, c.Tool, short(c.Seconds), short(c.PerMegapixel), load, off, fmt.Sprint(c.N),
		short(c.Doc.Seconds)+" + "+short(c.Doc.PerMegapixel), strings.Join(tasks, ", "))
}

// short is a number of seconds for people: three digits where they matter.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.4f", v)
}
