package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/store"
)

func newTraces(s *streams, opts *options) *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "traces",
		Short: "List, show and export the records of what was tried",
		Long: "Every attempt at a subtask leaves a trace: what the picture was like, which calls ran, what each cost and how the\n" +
			"judge found it, failures too. They stay on this machine, in the data folder.",
	})
	cmd.AddCommand(newTracesList(s, opts), newTracesShow(s, opts), newTracesExport(s))
	return cmd
}

// withTraces opens the store for f. A command that only looks makes no store: where there is none, f is not called.
func withTraces(ctx context.Context, s *streams, f func(*store.Store) error) error {
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return err
	}
	if _, err := os.Stat(store.Path(dirs.Data)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return withStore(ctx, s, dirs.Data, f)
}

// withStore opens the store of a data folder for f, and makes it where there is none.
func withStore(ctx context.Context, s *streams, data string, f func(*store.Store) error) error {
	st, err := store.Open(ctx, data, store.Options{Notice: func(n string) { _, _ = fmt.Fprintln(s.err, "note:", n) }})
	if err != nil {
		return err
	}
	return errors.Join(f(st), st.Close())
}

// traceFlags are those that choose traces.
func traceFlags(cmd *cobra.Command, f *store.Filter) {
	cmd.Flags().StringVar(&f.Task, "task", "", "only of this task type")
	cmd.Flags().StringVar((*string)(&f.Outcome), "outcome", "", "only those that ended so: done, failed, not-found, ambiguous, no-tool, over-budget or skipped")
	cmd.Flags().Int64Var(&f.Since, "since", 0, "only those after the trace of this id")
}

var outcomes = []edit.Status{
	"", edit.StatusDone, edit.StatusFailed, edit.StatusNotFound, edit.StatusAmbiguous, edit.StatusNoTool, edit.StatusBudget, edit.StatusSkipped,
}

func checkOutcome(f store.Filter) error {
	if !slices.Contains(outcomes, f.Outcome) {
		return usageError{fmt.Errorf("--outcome %s is none of done, failed, not-found, ambiguous, no-tool, over-budget, skipped", f.Outcome)}
	}
	return nil
}

// traceRow is a trace in a list.
type traceRow struct {
	Event    string      `json:"event"`
	ID       int64       `json:"id"`
	Time     time.Time   `json:"time"`
	Task     string      `json:"task"`
	Object   string      `json:"object,omitempty"`
	Outcome  edit.Status `json:"outcome"`
	Quality  store.Real  `json:"quality"`
	Seconds  float64     `json:"seconds"`
	Toolpath []string    `json:"toolpath"`
	Runs     int         `json:"runs"` // calls run, those that were not on the path too
}

func rowOf(t store.Trace) traceRow {
	r := traceRow{
		Event: "trace", ID: t.ID, Time: t.Time, Task: t.Subtask.Task, Object: t.Subtask.Object, Outcome: t.Outcome,
		Quality: t.Quality, Seconds: t.Seconds, Toolpath: []string{},
	}
	for _, step := range t.Steps {
		if step.Final {
			r.Toolpath = append(r.Toolpath, step.Call)
		}
		if !step.Cached {
			r.Runs++
		}
	}
	return r
}

func newTracesList(s *streams, opts *options) *cobra.Command {
	f := store.Filter{Newest: true}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the latest traces, the newest last",
		Args:    args(0, "no arguments"),
		Example: "  agent traces list --outcome failed --last 5",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutcome(f); err != nil {
				return err
			}
			return withTraces(cmd.Context(), s, func(st *store.Store) error {
				traces, err := st.Traces(cmd.Context(), f)
				if err != nil {
					return err
				}
				for _, t := range traces {
					if err := listTrace(s, opts, rowOf(t)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	traceFlags(cmd, &f)
	cmd.Flags().IntVar(&f.Limit, "last", 20, "at most so many; 0: all")
	return cmd
}

func listTrace(s *streams, opts *options, r traceRow) error {
	if opts.json {
		return s.json(r)
	}
	s.printf("%6d  %s  %-10s %8.2f s  quality %-4s  %-24s %-20s %s\n", r.ID, r.Time.Local().Format(time.DateTime), r.Outcome, r.Seconds,
		measured(r.Quality), r.Task, r.Object, strings.Join(r.Toolpath, " → "))
	return nil
}

// measured is a quality for people.
func measured(q store.Real) string {
	if !q.Measured() {
		return "-"
	}
	return strconv.FormatFloat(float64(q), 'f', 2, 64)
}

// traceEvent is a whole trace as a line of JSON.
type traceEvent struct {
	Event string `json:"event"`
	store.Trace
}

func newTracesShow(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one trace: the picture's features and every step with its cost and verdict",
		Args:  args(1, "ID"),
		RunE: func(cmd *cobra.Command, a []string) error {
			id, err := strconv.ParseInt(a[0], 10, 64)
			if err != nil || id < 1 {
				return usageError{fmt.Errorf("%q is no id of a trace; agent traces list shows them", a[0])}
			}
			missing := &edit.UserError{Msg: fmt.Sprintf("there is no trace %d", id), Hint: "agent traces list shows them"}
			shown := false
			err = withTraces(cmd.Context(), s, func(st *store.Store) error {
				t, err := st.TraceByID(cmd.Context(), id)
				if errors.Is(err, store.ErrNoTrace) {
					return missing
				}
				if err != nil {
					return err
				}
				shown = true
				if opts.json {
					return s.json(traceEvent{"trace", t})
				}
				s.printf("%s", traceText(t))
				return nil
			})
			if err == nil && !shown {
				return missing
			}
			return err
		},
	}
}

// traceText lays a trace out for people.
func traceText(t store.Trace) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("trace", "%d, %s", t.ID, t.Time.Local().Format(time.DateTime))
	line("request", "%s", t.Request)
	line("subtask", "%s", title(t.Subtask))
	if t.Reason == "" {
		line("outcome", "%s", t.Outcome)
	} else {
		line("outcome", "%s: %s", t.Outcome, t.Reason)
	}
	if t.Origin != "" {
		line("began", "%s", began(t))
	}
	line("quality", "%s; sought at alpha %v, each step at least %.2f", measured(t.Quality), t.Alpha, t.Threshold)
	line("seconds", "%.2f", t.Seconds)
	for i, name := range slices.Sorted(maps.Keys(t.Features)) {
		head := ""
		if i == 0 {
			head = "features"
		}
		line(head, "%s %v", name, t.Features[name])
	}
	for i, step := range t.Steps {
		line(fmt.Sprintf("step %d", i), "%s", stepLine(step))
		for _, check := range slices.Sorted(maps.Keys(step.Scores)) {
			line("", "  %s %s", check, measured(step.Scores[check]))
		}
	}
	return b.String()
}

// began says what picture an attempt had and how it knew the place.
func began(t store.Trace) string {
	s := "on the picture as it was given"
	if t.Picture != t.Origin {
		s = "after other edits"
	}
	if t.Shown {
		s += "; the place was shown"
	}
	return s
}

func stepLine(step store.Step) string {
	parts := []string{step.Call}
	if len(step.Inputs) > 0 {
		var from []string
		for _, i := range step.Inputs {
			from = append(from, strconv.Itoa(i))
		}
		parts = append(parts, "after "+strings.Join(from, ", "))
	}
	if step.Cached {
		parts = append(parts, "from the cache")
	} else {
		parts = append(parts, fmt.Sprintf("%.2f s for %.1f megapixels", step.Seconds, step.Megapixels))
	}
	if step.LoadSeconds > 0 {
		parts = append(parts, fmt.Sprintf("%.2f s to load", step.LoadSeconds))
	}
	if step.Quality.Measured() {
		parts = append(parts, "quality "+measured(step.Quality))
	}
	if step.Error != "" {
		parts = append(parts, "broke: "+step.Error)
	}
	if step.Verdict != store.Unjudged {
		parts = append(parts, string(step.Verdict))
	}
	if !step.Final {
		parts = append(parts, "not used")
	}
	if step.Reason != "" {
		parts = append(parts, step.Reason)
	}
	return strings.Join(parts, " · ")
}

func newTracesExport(s *streams) *cobra.Command {
	var f store.Filter
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Print whole traces, one JSON object per line",
		Long:    "export prints every trace with its features and steps, oldest first, one JSON object per line. What was not measured is null.",
		Example: "  agent traces export > traces.jsonl\n  agent traces export --since 120 --task object-removal",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutcome(f); err != nil {
				return err
			}
			return withTraces(cmd.Context(), s, func(st *store.Store) error {
				_, err := st.EachTrace(cmd.Context(), f, func(t store.Trace) error { return s.json(traceEvent{"trace", t}) })
				return err
			})
		},
	}
	traceFlags(cmd, &f)
	return cmd
}
