package bench

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// FillReport is what RunFill ends with. The first filler is compared with each of the others.
type FillReport struct {
	Event   string        `json:"event"` // always "done"
	Fillers []string      `json:"fillers"`
	Scores  [][]FillScore `json:"scores"` // per hole and filler
	Holes   []FillHole    `json:"-"`
}

// Ahead counts the holes on which the first filler leads every other one on at
// least two of the three measures.
func (r *FillReport) Ahead() int {
	n := 0
	for i := range r.Scores {
		if r.aheadAt(i) {
			n++
		}
	}
	return n
}

func (r *FillReport) aheadAt(i int) bool {
	for _, s := range r.Scores[i][1:] {
		if r.Scores[i][0].Leads(s) < 2 {
			return false
		}
	}
	return true
}

// Mean is a filler's mean score over all holes.
func (r *FillReport) Mean(filler int) FillScore {
	var m FillScore
	n := float64(max(1, len(r.Scores)))
	for _, row := range r.Scores {
		m.Gradient += row[filler].Gradient / n
		m.Border += row[filler].Border / n
		m.MSSSIM += row[filler].MSSSIM / n
	}
	return m
}

// String is the report as a table for people.
func (r *FillReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	measures := func(f func(FillScore) float64, scores []FillScore) string {
		var cells []string
		for _, s := range scores {
			cells = append(cells, fmt.Sprintf("%.3f", f(s)))
		}
		return strings.Join(cells, " ")
	}
	all := func(label, size, verdict string, scores []FillScore) {
		row(label, size,
			measures(func(s FillScore) float64 { return s.Gradient }, scores),
			measures(func(s FillScore) float64 { return s.Border }, scores),
			measures(func(s FillScore) float64 { return s.MSSSIM }, scores), verdict)
	}
	fmt.Fprintf(&b, "Each cell: %s\n\n", strings.Join(r.Fillers, ", "))
	row("photo", "hole", "gradient distance", "border", "MS-SSIM", "ahead")
	for i, h := range r.Holes {
		box, verdict := h.Box(), "no"
		if r.aheadAt(i) {
			verdict = "yes"
		}
		all(h.Photo.Name, fmt.Sprintf("%d,%d %d×%d", box.Min.X, box.Min.Y, box.Dx(), box.Dy()), verdict, r.Scores[i])
	}
	var mean []FillScore
	for f := range r.Fillers {
		mean = append(mean, r.Mean(f))
	}
	all("mean", "", fmt.Sprintf("%d of %d", r.Ahead(), len(r.Scores)), mean)
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}
