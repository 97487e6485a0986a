package subroutines

import (
	"fmt"
	"slices"
	"strings"
)

// explained is how many options Explain works out in full.
const explained = 5

// Explain tells why Select answers as it does, with the arithmetic, a line each.
func (x *Index) Explain(q Query) string {
	choice, options := x.Select(q), x.Options(q)
	var b strings.Builder
	fmt.Fprintf(&b, "subroutines for %s: %d active, %d hold here; alpha %.4g\n", q.Task, choice.Active, choice.Holding, q.Alpha)
	if choice.Active == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "slow at once: f(%.4g s, %.3f) = %.5g\n", q.Slow.Seconds, q.Slow.Quality, choice.Slow)
	for i, o := range options {
		if i == explained {
			fmt.Fprintf(&b, "and %d more of greater value\n", len(options)-i)
			break
		}
		verdict := "not less than going slow: passed over"
		switch {
		case choice.Taken != nil && i == 0:
			verdict = "least: taken"
		case o.Value < choice.Slow:
			verdict = "less than going slow, but not the least"
		}
		fmt.Fprintf(&b, "%s: %s, when %s\n", o.ID, o.Path, o.When)
		if o.Same {
			b.WriteString("  its calls are the slow path's, so that this is what going slow comes to:\n")
		}
		fmt.Fprintf(&b, "  %.3f·f(%.4g s, %.3f) + %.3f·f(%.4g + %.4g - %.4g s, %.3f) = %.3f·%.5g + %.3f·%.5g = %.5g (%s)\n",
			o.Pass, o.Seconds, o.Quality, 1-o.Pass, o.Spent, q.Slow.Seconds, o.Saved, q.Slow.Quality,
			o.Pass, o.Good, 1-o.Pass, o.Bad, o.Value, verdict)
	}
	if choice.Holding == 0 {
		b.WriteString(x.nearest(q))
	}
	return b.String()
}

// nearest tells which conditions kept the rules out, the most frequent first.
func (x *Index) nearest(q Query) string {
	kept := make(map[string]int)
	for _, r := range x.tasks[q.Task].rules {
		for _, c := range r.When {
			switch c.Truth(q.Features) {
			case No:
				v, _ := q.Features.Get(c.Feature)
				kept[c.String()+" (it is "+v.String()+")"]++
			case Unknown:
				kept[c.String()+" (not measured)"]++
			case Yes:
			}
		}
	}
	names := make([]string, 0, len(kept))
	for name := range kept {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if kept[a] != kept[b] {
			return kept[b] - kept[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	for _, name := range names[:min(len(names), explained)] {
		fmt.Fprintf(&b, "  does not hold: %s\n", name)
	}
	return b.String()
}
