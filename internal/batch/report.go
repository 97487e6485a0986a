package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
)

// ReportKind tells a report from a plan.
const ReportKind = "report"

// State is how far an item came.
type State string

// The states of an item. Only Done is done: what has no other end is Left.
const (
	Done    State = "done"
	Partial State = "partial" // some of its subtasks failed; the others are saved
	Failed  State = "failed"  // nothing was saved
	Left    State = "left"    // not done, or begun and stopped
)

// Class tells whether trying again may help.
type Class string

// The classes of failures.
const (
	Permanent Class = "permanent"
	Retryable Class = "retryable"
)

// ItemReport is what became of an item.
type ItemReport struct {
	Number   int          `json:"item"`
	Job      int          `json:"job"`
	Request  string       `json:"request,omitempty"`
	Input    string       `json:"input"`
	Output   string       `json:"output,omitempty"` // where the plan has it
	State    State        `json:"state"`
	Kept     bool         `json:"kept,omitempty"` // it ended so in an earlier run, and nothing was done again
	Attempts int          `json:"attempts,omitempty"`
	Class    Class        `json:"class,omitempty"` // of what failed
	Error    string       `json:"error,omitempty"`
	Err      error        `json:"-"` // of this run, where the item failed as a whole
	Notices  []string     `json:"notices,omitempty"`
	Seconds  float64      `json:"seconds"` // from its begin to its end
	Summary  edit.Summary `json:"summary"`
}

// Report is what became of a plan.
type Report struct {
	Kind        string       `json:"kind"` // always "report"
	Version     int          `json:"version"`
	Plan        string       `json:"plan"` // its file
	Counts      Counts       `json:"counts"`
	Stopped     string       `json:"stopped,omitempty"`   // why items are left
	Seconds     float64      `json:"seconds"`             // of this run
	USD         float64      `json:"usd"`                 // of this run, planning included
	AtOnce      int          `json:"jobs"`                // items worked on at the same time
	Estimates   string       `json:"estimates,omitempty"` // of a frozen run: what every item was ranked by
	Learned     []Learned    `json:"learned,omitempty"`
	Saving      *Saving      `json:"saving,omitempty"`
	Items       []ItemReport `json:"items"`
	FailedItems *Plan        `json:"failed,omitempty"` // a plan of what is not done: agent run takes the report itself
}

// Counts are items by how they ended; Done, Partial, Failed and Left add up to All.
type Counts struct {
	All     int `json:"all"`
	Done    int `json:"done"`
	Partial int `json:"partial"`
	Failed  int `json:"failed"`
	Left    int `json:"left"`
	Kept    int `json:"kept"` // ended so in an earlier run
}

// Learned is what was learned between items.
type Learned struct {
	After     int     `json:"after"` // items
	Mined     int     `json:"mined"`
	Decided   int     `json:"decided"`
	Active    int     `json:"active"`
	Seconds   float64 `json:"seconds"` // of tools, on verification
	Problem   string  `json:"problem,omitempty"`
	Estimates string  `json:"estimates,omitempty"` // that the next items begin with
}

// Saving is what subroutines spared, as far as the batch itself tells: seconds of tools
// beside the mean of the subtasks of the same type in it that went the slow way.
type Saving struct {
	Fast       int     `json:"fast"` // subtasks by subroutine
	Slow       int     `json:"slow"` // subtasks by search
	FirstHalf  float64 `json:"first_half"`
	SecondHalf float64 `json:"second_half"` // share of each half's subtasks that took the fast path
	Seconds    float64 `json:"seconds"`
	Learning   float64 `json:"learning_seconds"` // what was spent on verification
}

// newReport begins a report in which every item is left.
func newReport(items []Item, jobs int) *Report {
	r := &Report{Kind: ReportKind, Version: Version, AtOnce: jobs, Items: make([]ItemReport, len(items))}
	for i := range items {
		r.Items[i] = items[i].report()
	}
	return r
}

// report is that of an item which nothing was done about yet.
func (it *Item) report() ItemReport {
	return ItemReport{Number: it.Number, Job: it.Job, Request: it.Spec.Request, Input: it.Input, Output: it.Output, State: Left}
}

// add counts one item.
func (c *Counts) add(it *ItemReport) {
	c.All++
	switch it.State {
	case Done:
		c.Done++
	case Partial:
		c.Partial++
	case Failed:
		c.Failed++
	case Left:
		c.Left++
	}
	if it.Kept {
		c.Kept++
	}
}

// close completes the report from its items.
func (r *Report) close(items []Item) {
	r.Counts = Counts{}
	for i := range r.Items {
		r.Counts.add(&r.Items[i])
	}
	r.Saving = saving(r.Items, r.Learned)
	var again []Job
	for i := range r.Items {
		if s := r.Items[i].State; s == Partial || s == Failed {
			again = append(again, items[i].alone())
		}
	}
	if len(again) > 0 {
		r.FailedItems = &Plan{Version: Version, Note: "what failed of " + r.Plan, Jobs: again}
	}
}

// alone is a job of one item, which means the same wherever the plan lies.
func (it *Item) alone() Job {
	j := it.Spec
	j.Inputs, j.Output = []string{it.Input}, literal(it.Output)
	return j
}

// saving compares the subtasks of this run's items with each other; nil where none took the fast path.
func saving(items []ItemReport, learned []Learned) *Saving {
	type mean struct{ sum, n float64 }
	slow := make(map[string]mean)
	var all []edit.SubtaskReport
	for i := range items {
		for _, st := range items[i].Summary.Subtasks {
			if st.Status != edit.StatusDone {
				continue
			}
			all = append(all, st)
			if st.Via != viaSubroutine {
				m := slow[st.Task]
				slow[st.Task] = mean{m.sum + st.Seconds, m.n + 1}
			}
		}
	}
	s := &Saving{}
	for i, st := range all {
		if st.Via != viaSubroutine {
			s.Slow++
			continue
		}
		s.Fast++
		if m := slow[st.Task]; m.n > 0 {
			s.Seconds += m.sum/m.n - st.Seconds
		}
		if i < len(all)/2 {
			s.FirstHalf += 1 / float64(len(all)/2)
		} else {
			s.SecondHalf += 1 / float64(len(all)-len(all)/2)
		}
	}
	for _, l := range learned {
		s.Learning += l.Seconds
	}
	if s.Fast == 0 {
		return nil
	}
	return s
}

const viaSubroutine = "subroutine"

// Save writes the report's JSON form.
func (r *Report) Save(ctx context.Context, path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return imageio.WriteFile(ctx, path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// Table writes the report for people: what is not done first, and of what is done as
// many lines as are given, those of the lowest quality.
func (r *Report) Table(w io.Writer, most int) error {
	rows := slices.Clone(r.Items)
	order := map[State]int{Failed: 0, Partial: 1, Left: 2, Done: 3}
	slices.SortStableFunc(rows, func(a, b ItemReport) int {
		return cmp.Or(cmp.Compare(order[a.State], order[b.State]), cmp.Compare(a.Summary.Quality, b.Summary.Quality))
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "item\tpicture\tstate\tquality\tseconds\ttoolpath, or why not") // the error comes with Flush
	for i := range rows {
		if i >= most {
			break
		}
		it := &rows[i]
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%.2f\t%.2f\t%s\n", it.Number, filepath.Base(it.Input), it.State, it.Summary.Quality, it.Seconds, it.how())
	}
	if n := len(rows) - most; n > 0 {
		_, _ = fmt.Fprintf(t, "and %d more\t\t\t\t\t\n", n)
	}
	return t.Flush()
}

// how says in a line what was run, or what went wrong.
func (it *ItemReport) how() string {
	if it.Error != "" {
		text, _, _ := strings.Cut(strings.TrimPrefix(it.Error, it.Input+": "), "\n")
		return text + " (" + string(it.Class) + ")"
	}
	var parts []string
	for _, st := range it.Summary.Subtasks {
		if st.Status == edit.StatusDone || st.Status == edit.StatusPlanned {
			parts = append(parts, strings.Join(st.Toolpath, " → "))
		} else {
			parts = append(parts, fmt.Sprintf("%s: %s", st.Task, st.Status))
		}
	}
	return strings.Join(parts, "; ")
}
