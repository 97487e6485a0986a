package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/config"
	"pentimento/internal/edit"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

func newSubroutines(s *streams, opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "subroutines",
		Short: "List, show, share, switch, mine and verify learned subroutines",
		Long: "A subroutine is a toolpath that was found to pay for a task type where conditions on measured features hold, with the\n" +
			"evidence for it (docs/subroutines.md). They stay on this machine, in the data folder.",
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(
		newSubroutinesList(s, opts), newSubroutinesShow(s, opts), newSubroutinesExport(s, opts), newSubroutinesImport(s, opts),
		newSubroutinesSwitch(s, opts, false), newSubroutinesSwitch(s, opts, true), newSubroutinesMine(s, opts), newSubroutinesVerify(s, opts),
	)
	return cmd
}

// tableOf is the table of subroutines in a store; what cannot be read is told on standard error.
func tableOf(s *streams, st *store.Store) *subroutines.Table {
	return &subroutines.Table{Store: st, Notice: func(n string) { _, _ = fmt.Fprintln(s.err, "note:", n) }}
}

// withTable opens the table for f. A command that only looks makes no store: where there is none, f is not called.
func withTable(ctx context.Context, s *streams, f func(*subroutines.Table) error) error {
	return withTraces(ctx, s, func(st *store.Store) error { return f(tableOf(s, st)) })
}

// subroutineFlags are those that choose subroutines.
func subroutineFlags(cmd *cobra.Command, f *subroutines.Filter) {
	cmd.Flags().StringVar(&f.Task, "task", "", "only of this task type")
	cmd.Flags().StringVar((*string)(&f.State), "state", "", "only in this state: candidate, active, suspended or retired")
}

func checkState(f subroutines.Filter) error {
	if f.State != "" && !slices.Contains(subroutines.States(), f.State) {
		return usageError{fmt.Errorf("--state %s is none of candidate, active, suspended, retired", f.State)}
	}
	return nil
}

// subroutineEvent is a whole subroutine as a line of JSON.
type subroutineEvent struct {
	Event string `json:"event"`
	*subroutines.Subroutine
}

func newSubroutinesList(s *streams, opts *options) *cobra.Command {
	var f subroutines.Filter
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the subroutines with their conditions and evidence",
		Args:    args(0, "no arguments"),
		Example: "  agent subroutines list --task object-removal --state active",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkState(f); err != nil {
				return err
			}
			return withTable(cmd.Context(), s, func(t *subroutines.Table) error {
				all, err := t.List(cmd.Context(), f)
				if err != nil {
					return err
				}
				for _, sub := range all {
					if opts.json {
						if err := s.json(subroutineEvent{"subroutine", sub}); err != nil {
							return err
						}
						continue
					}
					e := sub.Total()
					s.printf("%-10s %-9s  %-20s  pass %-12s %8s  quality %-4s  %s, when %s\n", sub.ID, sub.State, sub.Task,
						passText(e.Pass), costText(e.Cost), qualityText(e.Quality), sub.Path, sub.When)
				}
				return nil
			})
		},
	}
	subroutineFlags(cmd, &f)
	return cmd
}

// costText is a mean cost for people.
func costText(c subroutines.Cost) string {
	if !(c.N > 0) {
		return "-"
	}
	return fmt.Sprintf("%.2f s", c.Seconds)
}

// passText is a pass rate for people.
func passText(r subroutines.Rate) string {
	if !(r.N() > 0) {
		return "-"
	}
	return fmt.Sprintf("%.2f of %.4g", r.Mean(), r.N())
}

// qualityText is a quality for people.
func qualityText(q subroutines.Quality) string {
	if !(q.N > 0) {
		return "-"
	}
	return fmt.Sprintf("%.2f", q.Expected())
}

func newSubroutinesShow(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one subroutine: rule, toolpath, evidence and history",
		Args:  args(1, "ID"),
		RunE: func(cmd *cobra.Command, a []string) error {
			return withSubroutine(cmd.Context(), s, a[0], func(t *subroutines.Table) error {
				sub, err := t.Get(cmd.Context(), a[0])
				if err != nil {
					return err
				}
				if opts.json {
					return s.json(subroutineEvent{"subroutine", sub})
				}
				s.printf("%s", subroutineText(sub))
				return nil
			})
		},
	}
}

// withSubroutine opens the table that holds one subroutine; where there is no table there is none.
func withSubroutine(ctx context.Context, s *streams, id string, f func(*subroutines.Table) error) error {
	found := false
	err := withTable(ctx, s, func(t *subroutines.Table) error {
		found = true
		return f(t)
	})
	if err == nil && !found {
		return noSubroutine(id)
	}
	return err
}

func noSubroutine(id string) error {
	return &edit.UserError{Msg: fmt.Sprintf("there is no subroutine %q", id), Hint: "agent subroutines list shows them"}
}

// confidence is that of the intervals that people are shown.
const confidence = 0.9

// subroutineText lays a subroutine out for people.
func subroutineText(sub *subroutines.Subroutine) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-12s %s", name, fmt.Sprintf(format, args...)), " "))
	}
	line("subroutine", "%s, version %d %s", sub.ID, sub.Version, sub.Name)
	if sub.Cause == "" {
		line("state", "%s", sub.State)
	} else {
		line("state", "%s by %s", sub.State, sub.Cause)
	}
	line("task", "%s", sub.Task)
	line("path", "%s", sub.Path)
	if len(sub.When) == 0 {
		line("when", "always")
	}
	for i, c := range sub.When {
		line([]string{"when", "and"}[min(i, 1)], "%s", c)
	}
	e := sub.Total()
	pass, quality := e.Pass.Interval(confidence), e.Quality.Interval(confidence)
	line("pass rate", "%s: %.4g passed, %.4g failed; between %.3f and %.3f with %.0f %% confidence", passText(e.Pass), e.Pass.Passed, e.Pass.Failed, pass.Lower, pass.Upper, confidence*100)
	line("quality", "%s where it passed: %.4g measured; between %.3f and %.3f with %.0f %% confidence", qualityText(e.Quality), e.Quality.N, quality.Lower, quality.Upper, confidence*100)
	line("cost", "%s where it passed: %.4g runs at %.2f megapixels on average, spread %.2f s", costText(e.Cost), e.Cost.N, e.Cost.Megapixels, e.Cost.SD)
	if e.Failing.N > 0 {
		line("", "%s until it was stopped, %.4g runs", costText(e.Failing), e.Failing.N)
	}
	for _, from := range slices.Sorted(maps.Keys(sub.Others)) {
		line("", "of this from %s, a quarter of: %.4g passed, %.4g failed", from, sub.Others[from].Pass.Passed, sub.Others[from].Pass.Failed)
	}
	line("proposed by", "%s %s", sub.Provenance.Proposer, traceList(sub.Provenance.Traces))
	switch folds := sub.Provenance.Folds; {
	case sub.Provenance.Proposer == "mined" && len(folds) == 0 && len(sub.Others) > 0:
		line("", "found elsewhere, so it may be tried on any picture here")
	case len(folds) > 0:
		line("", "part %s of the pictures had none in finding it: it is tried on those, and on later ones", numbers(folds))
	}
	if sub.Coverer != "" {
		line("", "given up beside %s, for as long as that is active", sub.Coverer)
	}
	if sub.Provenance.Verification != "" {
		line("verified", "%s", sub.Provenance.Verification)
	}
	for _, b := range slices.Sorted(maps.Keys(sub.Tolls)) {
		line("budget", "for %s: %s", b, sub.Tolls[b])
	}
	for _, note := range sub.Provenance.Notes {
		line("note", "%s", note)
	}
	for _, c := range sub.History {
		line("history", "%s  %s: %s", c.At.Local().Format(time.DateTime), c.To, c.Reason)
	}
	return b.String()
}

// numbers lists parts as people count them, from 1.
func numbers(folds []int) string {
	texts := make([]string, len(folds))
	for i, n := range folds {
		texts[i] = fmt.Sprint(n + 1)
	}
	return strings.Join(texts, ", ")
}

// traceList names the first traces that a subroutine came from.
func traceList(ids []int64) string {
	const shown = 8
	if len(ids) == 0 {
		return ""
	}
	texts := make([]string, 0, shown)
	for _, id := range ids[:min(len(ids), shown)] {
		texts = append(texts, fmt.Sprint(id))
	}
	if len(ids) > shown {
		texts = append(texts, "...")
	}
	return fmt.Sprintf("from %d traces: %s", len(ids), strings.Join(texts, ", "))
}

func newSubroutinesExport(s *streams, opts *options) *cobra.Command {
	var f subroutines.Filter
	var format string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print subroutines with their evidence, as a file to edit or to share",
		Long: "export prints the table as YAML or JSON that agent subroutines import reads. It holds no pictures, requests or paths of files: task\n" +
			"types, tools, conditions, counts and a random name of this table, by which evidence is never counted twice.",
		Example: "  agent subroutines export > mine.yaml\n  agent subroutines export --state active --format json",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkState(f); err != nil {
				return err
			}
			if format != "yaml" && format != "json" {
				return usageError{fmt.Errorf("--format %s is none of yaml, json", format)}
			}
			return withTable(cmd.Context(), s, func(t *subroutines.Table) error {
				file, err := t.Export(cmd.Context(), f, rand.Reader)
				if err != nil {
					return err
				}
				if opts.json {
					return s.json(fileEvent{"subroutines", file})
				}
				write := file.YAML
				if format == "json" {
					write = file.JSON
				}
				text, err := write()
				if err == nil {
					s.printf("%s", text)
				}
				return err
			})
		},
	}
	subroutineFlags(cmd, &f)
	cmd.Flags().StringVar(&format, "format", "yaml", "yaml or json")
	return cmd
}

// fileEvent is a file of subroutines as a line of JSON.
type fileEvent struct {
	Event string `json:"event"`
	*subroutines.File
}

// mergedEvent is what an import did with one subroutine.
type mergedEvent struct {
	Event string `json:"event"`
	File  string `json:"file"`
	subroutines.Merged
}

func newSubroutinesImport(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE...",
		Short: "Merge files of subroutines into the table",
		Long: "import merges what agent subroutines export printed, there or here. New subroutines start as candidates, whatever they were there, and\n" +
			"are used once verification has accepted them. A subroutine that is here already takes up the other's evidence at a quarter of its\n" +
			"weight. Merging a file again changes nothing. \"-\" reads standard input.",
		Example: "  agent subroutines import theirs.yaml\n  agent subroutines import examples/subroutines/published.yaml",
		Args: func(_ *cobra.Command, a []string) error {
			if len(a) == 0 {
				return usageError{errors.New("agent subroutines import takes FILE..., got 0 arguments")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, a []string) error {
			files := make([]*subroutines.File, len(a))
			for i, path := range a { // all are read before any changes the table
				var err error
				if files[i], err = readSubroutines(s, path); err != nil {
					return err
				}
			}
			docs, err := docDigests(opts)
			if err != nil {
				return err
			}
			return changeTable(cmd.Context(), s, func(t *subroutines.Table) error {
				for i, f := range files {
					report, err := t.Import(cmd.Context(), f, rand.Reader, time.Now())
					if err != nil {
						return err
					}
					if err := tellMerged(s, opts, a[i], report); err != nil {
						return err
					}
					tellMissing(s, f, docs)
				}
				return nil
			})
		},
	}
}

func readSubroutines(s *streams, path string) (*subroutines.File, error) {
	in, name := s.in, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, &edit.UserError{Msg: "the file of subroutines cannot be read", Err: err}
		}
		defer f.Close() //nolint:errcheck // it was only read
		in, name = f, path
	}
	b, err := io.ReadAll(io.LimitReader(in, subroutines.MaxFile+1))
	if err != nil {
		return nil, &edit.UserError{Msg: name + " cannot be read", Err: err}
	}
	return subroutines.ParseFile(name, b)
}

func tellMerged(s *streams, opts *options, path string, report []subroutines.Merged) error {
	count := make(map[string]int)
	for _, m := range report {
		count[m.Result]++
		if opts.json {
			if err := s.json(mergedEvent{"merged", path, m}); err != nil {
				return err
			}
			continue
		}
		name := m.ID
		if m.ID != m.Theirs {
			name += ", there " + m.Theirs
		}
		s.printf("%-11s  %s\n", m.Result, name)
	}
	if !opts.json {
		s.printf("%s: %d added as candidates, %d took up evidence, %d unchanged, %d measured with other tool docs\n", path,
			count[subroutines.MergedNew], count[subroutines.MergedEvidence], count[subroutines.MergedUnchanged], count[subroutines.MergedOther])
	}
	return nil
}

// tellMissing says which tools of a file are not there, so that nobody waits for them to be verified.
func tellMissing(s *streams, f *subroutines.File, docs map[string]string) {
	var missing []string
	for _, sub := range f.Subroutines {
		for _, step := range sub.Path {
			if _, ok := docs[step.Tool]; !ok && !slices.Contains(missing, step.Tool) {
				missing = append(missing, step.Tool)
			}
		}
	}
	if len(missing) > 0 {
		_, _ = fmt.Fprintln(s.err, "note: there are no docs of these tools, so what needs them waits:", strings.Join(missing, ", "))
	}
}

// docDigests are the installed docs' digests by tool.
func docDigests(opts *options) (map[string]string, error) {
	kit, err := open(opts)
	if err != nil {
		return nil, err
	}
	defer kit.Close()
	return kit.Engine.Digests(), nil
}

// changeTable opens the table for a command that changes it, and makes the store where there is none.
func changeTable(ctx context.Context, s *streams, f func(*subroutines.Table) error) error {
	dirs, err := config.Find(os.Getenv)
	if err != nil {
		return err
	}
	return withStore(ctx, s, dirs.Data, func(st *store.Store) error { return f(tableOf(s, st)) })
}

// newSubroutinesSwitch is the command that disables or enables.
func newSubroutinesSwitch(s *streams, opts *options, on bool) *cobra.Command {
	reason := "disabled by a person"
	cmd := &cobra.Command{
		Use:   "disable ID",
		Short: "Never use a subroutine until it is enabled again",
		Args:  args(1, "ID"),
	}
	if on {
		reason = "enabled by a person"
		cmd.Use, cmd.Short = "enable ID", "Use a subroutine from now on, verified or not"
		cmd.Long = "enable makes a subroutine active on your word. Its tools' docs must be those it was measured with, and its cost must have been measured;\n" +
			"the change detector still suspends it where it turns bad."
	}
	cmd.Flags().StringVar(&reason, "reason", reason, "what its history will say")
	cmd.RunE = func(cmd *cobra.Command, a []string) error {
		docs := map[string]string(nil)
		if on {
			var err error
			if docs, err = docDigests(opts); err != nil {
				return err
			}
		}
		return withSubroutine(cmd.Context(), s, a[0], func(t *subroutines.Table) error {
			sub, err := t.Change(cmd.Context(), a[0], func(sub *subroutines.Subroutine) (*subroutines.Subroutine, error) {
				if on {
					return sub.Enabled(docs, reason, time.Now())
				}
				return sub.Disabled(reason, time.Now())
			})
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(subroutineEvent{"subroutine", sub})
			}
			s.printf("%s is %s\n", sub.ID, sub.State)
			return nil
		})
	}
	return cmd
}
