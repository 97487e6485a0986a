package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"pentimento/internal/cputime"
	"pentimento/internal/imageio"
)

// compare runs every contender once a round, in an order that turns with the rounds, and prints medians and paired ratios.
func compare(ctx context.Context, w io.Writer, s *settings, job work, set inputs) error {
	all := contenders(s, job, set)
	results := make([][]outcome, len(all))
	missing := make([]error, len(all))
	for round := range s.rounds {
		for i := range all {
			n := (i + round) % len(all)
			if missing[n] != nil {
				continue
			}
			out := filepath.Join(s.dir, "out", fmt.Sprint(n))
			if err := renewed(out); err != nil {
				return err
			}
			o, err := all[n].run(ctx, out)
			switch {
			case err != nil && n > 0 && absent(err):
				missing[n] = err
				continue
			case err != nil:
				return fmt.Errorf("%s: %w", all[n].name, err)
			}
			results[n] = append(results[n], o)
			fmt.Fprintf(os.Stderr, "round %d, %s: %.1f s, %.1f s of cores, load %s\n", round+1, all[n].name, o.wall, o.cpu, load())
		}
	}
	decode, err := decoding(ctx, set)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s: %d photographs, %.2f megapixels and %.0f kB in the mean; %d rounds, contenders in turn; medians (least–most); %d cores, load %s at the end\n\n"+
		"| contender | s | ours / theirs | s of cores | ours / theirs | peak MB | decoding | differs from ours by | |\n|---|---|---|---|---|---|---|---|---|\n",
		s.work, len(set.names), set.megapixels/float64(len(set.names)), float64(set.bytes)/float64(len(set.names))/1000, s.rounds, runtime.NumCPU(), load()); err != nil {
		return err
	}
	for n := range all {
		if missing[n] != nil {
			_, err = fmt.Fprintf(w, "| %s | absent |\n", all[n].name)
		} else {
			err = row(ctx, w, s, all[n].name, n, set, results, decode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func row(ctx context.Context, w io.Writer, s *settings, name string, n int, set inputs, results [][]outcome, decode float64) error {
	theirs, out := results[n], filepath.Join(s.dir, "out", fmt.Sprint(n))
	saved, err := filepath.Glob(filepath.Join(out, "*.jpg"))
	if err != nil {
		return err
	}
	if len(saved) < len(set.names) {
		name += fmt.Sprintf(" (%d of %d saved)", len(saved), len(set.names))
	}
	wall := func(o outcome) float64 { return o.wall }
	cpu := func(o outcome) float64 { return o.cpu }
	share, ratio, ratioCPU, differs := median(theirs, func(o outcome) float64 { return o.decode }), "", "", ""
	if n > 0 {
		ratio, ratioCPU = fmt.Sprintf("%.2f", paired(results[0], theirs, wall)), fmt.Sprintf("%.2f", paired(results[0], theirs, cpu))
		d, err := difference(ctx, filepath.Join(s.dir, "out", "0"), out)
		if err != nil {
			return err
		}
		differs = fmt.Sprintf("%.2f of 255", d)
	}
	if share == 0 { // ours: cores decode and compute side by side, so that it is a share of their time
		share = decode / median(theirs, cpu)
	}
	_, err = fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.0f | %.1f %% | %s | %s |\n", name, spread(theirs, wall), ratio, spread(theirs, cpu), ratioCPU,
		median(theirs, func(o outcome) float64 { return o.peak }), 100*share, differs, theirs[0].versions)
	return err
}

func renewed(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o700)
}

// decoding is how many seconds of one core the program's decoder takes for all photographs.
func decoding(ctx context.Context, set inputs) (float64, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	begun := cputime.Process()
	for _, name := range set.names {
		if _, _, err := imageio.Load(ctx, filepath.Join(set.dir, name), imageio.Limits{}); err != nil {
			return 0, err
		}
	}
	return (cputime.Process() - begun).Seconds(), nil
}

// difference is the mean difference of samples between the results of two contenders, over some of those that both saved.
func difference(ctx context.Context, a, b string) (float64, error) {
	names, err := filepath.Glob(filepath.Join(a, "*.jpg"))
	if err != nil {
		return 0, err
	}
	var sum, n float64
	for _, name := range names[:min(25, len(names))] {
		ours, _, err := imageio.Load(ctx, name, imageio.Limits{})
		if err != nil {
			return 0, err
		}
		theirs, _, err := imageio.Load(ctx, filepath.Join(b, filepath.Base(name)), imageio.Limits{})
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if ours.W != theirs.W || ours.H != theirs.H {
			return 0, fmt.Errorf("%s is %d×%d by one and %d×%d by another", filepath.Base(name), ours.W, ours.H, theirs.W, theirs.H)
		}
		for i, v := range ours.Pix {
			sum += float64(max(v, theirs.Pix[i]) - min(v, theirs.Pix[i]))
		}
		n += float64(len(ours.Pix)) * 3 / 4 // alpha never differs
	}
	if n == 0 {
		return 0, fmt.Errorf("no picture has results in both %s and %s", a, b)
	}
	return sum / n, nil
}

// paired is the median over the rounds of ours divided by theirs.
func paired(ours, theirs []outcome, of func(outcome) float64) float64 {
	ratios := make([]float64, min(len(ours), len(theirs)))
	for i := range ratios {
		ratios[i] = of(ours[i]) / max(of(theirs[i]), 1e-6)
	}
	return middle(ratios)
}

func values(all []outcome, of func(outcome) float64) []float64 {
	v := make([]float64, len(all))
	for i, o := range all {
		v[i] = of(o)
	}
	return v
}

func median(all []outcome, of func(outcome) float64) float64 { return middle(values(all, of)) }

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func spread(all []outcome, of func(outcome) float64) string {
	v := values(all, of)
	return fmt.Sprintf("%.1f (%.1f–%.1f)", middle(v), slices.Min(v), slices.Max(v))
}
