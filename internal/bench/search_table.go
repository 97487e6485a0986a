package bench

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"pentimento/internal/astar/astartest"
)

// String is the report as a table for people.
func (r SearchReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Paths that are not the best, of %d random graphs (brute force decides)\n\n", r.Graphs)
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
		ours, published := []string{family.Name, "ours"}, []string{"", "published"}
		for _, alpha := range r.alphas {
			ours = append(ours, strconv.Itoa(counts.Wrong[key(alpha)]))
			share := 100 * float64(counts.EagerWrong[key(alpha)]) / float64(max(1, r.Graphs))
			published = append(published, fmt.Sprintf("%.1f %%", share))
		}
		row(ours...)
		row(published...)
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
