package bench

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// AblationTable is the rows as a table for people.
func AblationTable(rows []AblationRow) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "changed\tsetting\trequests\tgrammar exact\trecall\trefused\tdocs in the prompt\tits words\ttasks in it\tlanguage model exact")
	for _, r := range rows {
		_, _ = fmt.Fprintln(w, strings.Join(r.cells(), "\t"))
	}
	_ = w.Flush() // a strings.Builder takes all
	return b.String()
}

// cells are a row's columns; "-" where a change is none for a planner.
func (r AblationRow) cells() []string {
	out := []string{r.Changed, r.Setting, "-", "-", "-", "-", "-", "-", "-", "-"}
	if g := r.Grammar; g != nil {
		out[2], out[3], out[4], out[5] = fmt.Sprint(g.Plans), percent(g.Exact), percent(g.Recall), percent(r.Refused)
	}
	if p := r.Prompt; p != nil {
		out[6], out[7], out[8] = fmt.Sprintf("%.1f", p.Docs), fmt.Sprintf("%.0f", p.Words), percent(p.Covered)
		out[9] = NotMeasured
	}
	if r.LLM != nil {
		out[2], out[9] = fmt.Sprint(r.LLM.Plans), percent(r.LLM.Exact)
	}
	return out
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
