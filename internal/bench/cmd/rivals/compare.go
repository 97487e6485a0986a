package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"pentimento/internal/cputime"
)

// operation is one thing timed: ours as a function, the rivals' by name and arguments.
type operation struct {
	name string
	op   string
	args map[string]any
	ours func(context.Context) error
}

var names = []string{"pillow", "opencv", "libvips"}

// compare runs every operation round by round, each contender once a round,
// ours first in even rounds and last in odd ones, and prints medians and ratios.
// With cpu it is not the time on the wall but that of all cores together, which other work disturbs less.
func compare(ctx context.Context, w io.Writer, ops []operation, others *rivals, rounds int, cpu bool) error {
	clock := "on the wall"
	if cpu {
		clock = "of all cores together"
	}
	head := fmt.Sprintf("%d rounds, contenders in turn, medians in ms %s (fastest to slowest); ratio = ours / rival; %d cores, %s\n\n"+
		"| operation | ours | Pillow | ratio | OpenCV | ratio | libvips | ratio |\n|---|---|---|---|---|---|---|---|\n",
		rounds, clock, runtime.NumCPU(), runtime.Version())
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	for _, o := range ops {
		ours, theirs, err := rows(ctx, o, others, rounds, cpu)
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		line := fmt.Sprintf("| %s | %s |", o.name, spread(ours))
		for _, name := range names {
			if ms := theirs[name]; len(ms) > 0 {
				line += fmt.Sprintf(" %s | %.2f |", spread(ms), pairedRatio(ours, ms))
			} else {
				line += " – | – |"
			}
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func rows(ctx context.Context, o operation, others *rivals, rounds int, cpu bool) (ours []float64, theirs map[string][]float64, err error) {
	theirs = make(map[string][]float64)
	mine := func() error {
		now := clock(cpu)
		start := now()
		if err := o.ours(ctx); err != nil {
			return err
		}
		ours = append(ours, float64((now()-start).Microseconds())/1000)
		return nil
	}
	for round := -1; round < rounds; round++ { // the first warms everyone up
		if round%2 == 0 {
			if err := mine(); err != nil {
				return nil, nil, err
			}
		}
		for _, name := range names {
			ms, absent, err := others.time(name, o, cpu)
			if err != nil {
				return nil, nil, err
			}
			if absent == "" {
				theirs[name] = append(theirs[name], ms)
			}
		}
		if round%2 != 0 {
			if err := mine(); err != nil {
				return nil, nil, err
			}
		}
		if round < 0 {
			ours, theirs = nil, make(map[string][]float64)
		}
	}
	return ours, theirs, nil
}

// clock tells the time since some moment, or what this process's cores have worked.
func clock(cpu bool) func() time.Duration {
	if cpu {
		return cputime.Process
	}
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// pairedRatio is the median over the rounds of ours divided by theirs.
func pairedRatio(ours, theirs []float64) float64 {
	r := make([]float64, len(ours))
	for i := range r {
		r[i] = ours[i] / max(theirs[i], 1e-6)
	}
	return median(r)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func spread(v []float64) string {
	return fmt.Sprintf("%.4g (%.4g–%.4g)", median(v), slices.Min(v), slices.Max(v))
}
