package bench

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"pentimento/internal/astar/astartest"
)

// released are the error rates in percent of the algorithm in the published
// search's released code, by family and value of the dial, as counted elsewhere
// against brute force on 2,000 random graphs a cell: graphs of the same kinds
// as ours (four layers of three tools; such with one-hop shortcuts), drawn
// otherwise. It knows no conjunctive ones.
var released = map[string]map[string]float64{
	"layers":    {"0": 0, "0.25": 16.2, "0.5": 10.9, "0.75": 8.6, "1": 5.3, "1.25": 3.1, "1.5": 2.3, "1.75": 1.4, "2": 0},
	"shortcuts": {"0": 56.9, "0.25": 42.1, "0.5": 16.0, "1": 3.5, "1.5": 2.4, "2": 0},
}

// String is the report as a table for people.
func (r SearchReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Share of paths that are not the best, of %d random graphs a cell (brute force decides)\n", r.Graphs)
	b.WriteString("ours: this program; re-enacted: the published search on the same graphs;\nreleased: the algorithm of its released code, counted before on other graphs of these kinds, 2,000 a cell\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	head := []string{"family", "search"}
	for _, alpha := range r.alphas {
		head = append(head, "α="+key(alpha))
	}
	row(head...)
	for _, family := range astartest.Families() {
		counts, ok := r.Family[family.Name]
		if !ok {
			continue
		}
		ours, enacted, code := []string{family.Name, "ours"}, []string{"", "re-enacted"}, []string{"", "released"}
		for _, alpha := range r.alphas {
			ours = append(ours, share(counts.Wrong[key(alpha)], r.Graphs))
			enacted = append(enacted, share(counts.EagerWrong[key(alpha)], r.Graphs))
			rate, known := released[family.Name][key(alpha)]
			if known {
				code = append(code, fmt.Sprintf("%.1f %%", rate))
			} else {
				code = append(code, "–")
			}
		}
		row(ours...)
		row(enacted...)
		if released[family.Name] != nil {
			row(code...)
		}
	}
	_ = w.Flush() // a strings.Builder takes everything
	b.WriteString("\nTime of one search, pruning included\n\n")
	w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row("tools", "left by pruning", "median ms", "worst ms")
	for _, tools := range sizes {
		size := strconv.Itoa(tools)
		row(size, "≥ "+strconv.Itoa(r.Surviving[size]), fmt.Sprintf("%.3f", r.MS[size]), fmt.Sprintf("%.3f", r.WorstMS[size]))
	}
	_ = w.Flush()
	return b.String()
}

// share is a count in percent; no count but 0 is written as 0 %.
func share(count, of int) string {
	percent := 100 * float64(count) / float64(max(1, of))
	switch {
	case count == 0:
		return "0 %"
	case percent < 0.1:
		return fmt.Sprintf("%.3f %%", percent)
	}
	return fmt.Sprintf("%.1f %%", percent)
}
