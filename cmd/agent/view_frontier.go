package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"pentimento/internal/agent"
)

// frontier lists the undominated ways to do a plan, the one that alpha prefers marked.
func (v *view) frontier(points []agent.Point, alpha float64) error {
	if v.json {
		return v.s.json(map[string]any{"event": "frontier", "alpha": alpha, "points": points})
	}
	if len(points) == 0 {
		return nil
	}
	best := slices.MinFunc(points, func(a, b agent.Point) int {
		if a.F < b.F {
			return -1
		}
		return 1
	}).F
	w := tabwriter.NewWriter(v.s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "pick\tseconds\tquality\tf at α=%g\ttoolpaths\n", alpha)
	for i, p := range points {
		mark := ""
		if p.F == best {
			mark = "  ← α takes this"
		}
		var paths []string
		for _, id := range slices.Sorted(maps.Keys(p.Toolpaths)) {
			paths = append(paths, fmt.Sprintf("%d: %s", id, strings.Join(p.Toolpaths[id], " → ")))
		}
		_, _ = fmt.Fprintf(w, "%d\t%.3f\t%.3f\t%.4g\t%s%s\n", i+1, p.Seconds, p.Quality, p.F, strings.Join(paths, "; "), mark)
	}
	return w.Flush()
}
