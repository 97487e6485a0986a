package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// SuiteReport is what `agent bench suite` ends with.
type SuiteReport struct {
	Event       string       `json:"event"`    // always "done"
	Edits       int          `json:"edits"`    // that all settings finished
	Of          int          `json:"of_edits"` // in the suite
	WarmSeconds float64      `json:"warm_seconds"`
	Settings    []SuiteTotal `json:"settings"`
	// Dearer are the edits for which a setting spent more than the one it is compared with.
	Dearer []SuiteDearer `json:"dearer"`

	failed []SuiteRun
}

// SuiteTotal sums one setting over the edits: of several rounds the median of
// each number of each edit.
type SuiteTotal struct {
	Setting       string  `json:"setting"`
	Against       string  `json:"against,omitempty"` // empty for one that is compared with none
	ToolSeconds   float64 `json:"tool_seconds"`
	WastedSeconds float64 `json:"wasted_seconds"`
	JudgeSeconds  float64 `json:"judge_seconds"`
	LoadSeconds   float64 `json:"load_seconds"`
	WallSeconds   float64 `json:"wall_seconds"`
	CPUSeconds    float64 `json:"cpu_seconds"`
	ToolRuns      int     `json:"tool_runs"`
	CacheHits     int     `json:"cache_hits"`
	// Quality is the mean over the edits that no setting failed.
	Quality  float64 `json:"quality"`
	Failures int     `json:"failures"` // edits with a subtask that was not done
	// Ratio is tool seconds over those of Against, of all edits; RatioDone of those that neither failed; RunsRatio of tool runs; CPURatio
	// of all that an edit computes, which other work on the machine changes least.
	Ratio     float64 `json:"ratio"`
	RatioDone float64 `json:"ratio_done"`
	RunsRatio float64 `json:"runs_ratio"`
	CPURatio  float64 `json:"cpu_ratio"`
}

// SuiteDearer is an edit that cost a setting more than the one it is compared with.
type SuiteDearer struct {
	Setting string  `json:"setting"`
	Edit    int     `json:"edit"`
	Image   string  `json:"image"`
	Request string  `json:"request"`
	Seconds float64 `json:"seconds"`
	Against float64 `json:"against_seconds"`
	Reason  string  `json:"reason"`
}

// report folds what was run; edits that not all settings finished are left out.
func (r *suite) report() SuiteReport {
	rows := make([][]SuiteRun, len(r.Settings)) // by setting: one row an edit
	report := SuiteReport{Event: "done", Of: len(r.Edits), Settings: []SuiteTotal{}, Dearer: []SuiteDearer{}}
	for e := range r.Edits {
		rounds := make([][]SuiteRun, len(r.Settings))
		whole := true
		for i := range r.Settings {
			for _, run := range r.runs {
				if run.Edit == e+1 && run.Setting == r.Settings[i].Name {
					rounds[i] = append(rounds[i], run)
				}
			}
			whole = whole && len(rounds[i]) > 0
		}
		if !whole {
			continue
		}
		report.Edits++
		for i := range rounds {
			rows[i] = append(rows[i], fold(rounds[i]))
		}
	}
	for i := range r.Settings {
		base := 0
		if i > 0 && r.Settings[i].Against != "" {
			base = slices.IndexFunc(r.Settings, func(s SuiteSetting) bool { return s.Name == r.Settings[i].Against })
		}
		report.add(r.Settings[i].Name, r.Settings[base].Name, rows, i, base)
	}
	return report
}

// fold is the run with the median tool seconds, each of its other seconds the median too.
func fold(rounds []SuiteRun) SuiteRun {
	slices.SortStableFunc(rounds, func(a, b SuiteRun) int { return cmp.Compare(a.ToolSeconds, b.ToolSeconds) })
	row := rounds[len(rounds)/2]
	for _, number := range []func(*SuiteRun) *float64{
		func(r *SuiteRun) *float64 { return &r.WastedSeconds },
		func(r *SuiteRun) *float64 { return &r.JudgeSeconds },
		func(r *SuiteRun) *float64 { return &r.LoadSeconds },
		func(r *SuiteRun) *float64 { return &r.WallSeconds },
		func(r *SuiteRun) *float64 { return &r.CPUSeconds },
	} {
		values := make([]float64, len(rounds))
		for i := range rounds {
			values[i] = *number(&rounds[i])
		}
		slices.Sort(values)
		*number(&row) = values[len(values)/2]
	}
	return row
}

// add sums setting i, called name, compared with setting base, called against.
func (r *SuiteReport) add(name, against string, rows [][]SuiteRun, i, base int) {
	t := SuiteTotal{Setting: name}
	var all, allBase, done, doneBase, cpuBase float64
	runsBase, sound := 0, 0
	for e, row := range rows[i] {
		other := rows[base][e]
		t.ToolSeconds += row.ToolSeconds
		t.WastedSeconds += row.WastedSeconds
		t.JudgeSeconds += row.JudgeSeconds
		t.LoadSeconds += row.LoadSeconds
		t.WallSeconds += row.WallSeconds
		t.CPUSeconds, cpuBase = t.CPUSeconds+row.CPUSeconds, cpuBase+other.CPUSeconds
		t.ToolRuns += row.ToolRuns
		t.CacheHits += row.CacheHits
		if len(row.Failures) > 0 {
			t.Failures++
			r.failed = append(r.failed, row)
		}
		if !slices.ContainsFunc(rows, func(s []SuiteRun) bool { return len(s[e].Failures) > 0 }) {
			t.Quality += row.Quality
			sound++
		}
		all, allBase, runsBase = all+row.ToolSeconds, allBase+other.ToolSeconds, runsBase+other.ToolRuns
		if len(row.Failures)+len(other.Failures) == 0 {
			done, doneBase = done+row.ToolSeconds, doneBase+other.ToolSeconds
		}
		if i != base && row.ToolSeconds > other.ToolSeconds {
			r.Dearer = append(r.Dearer, SuiteDearer{
				Setting: name, Edit: row.Edit, Image: row.Image, Request: row.Request,
				Seconds: row.ToolSeconds, Against: other.ToolSeconds, Reason: whyDearer(&row, &other),
			})
		}
	}
	t.Quality = ratio(t.Quality, float64(sound))
	t.Ratio, t.RatioDone, t.RunsRatio = ratio(all, allBase), ratio(done, doneBase), ratio(float64(t.ToolRuns), float64(runsBase))
	t.CPURatio = ratio(t.CPUSeconds, cpuBase)
	if i != base {
		t.Against = against
	}
	r.Settings = append(r.Settings, t)
}

// ratio is a/b, 0 where there is none.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// whyDearer says where run a spent more than run b, from the calls of both.
func whyDearer(a, b *SuiteRun) string {
	var why []string
	if len(a.Failures) == 0 && len(b.Failures) > 0 {
		why = append(why, fmt.Sprintf("%s failed (%s) and spent no more", b.Setting, b.Failures[0]))
	}
	mine, theirs := byTool(a.Calls), byTool(b.Calls)
	slices.SortStableFunc(mine, func(x, y toolTime) int {
		return cmp.Compare(y.seconds-timeOf(theirs, y.call).seconds, x.seconds-timeOf(theirs, x.call).seconds)
	})
	excess, told := a.ToolSeconds-b.ToolSeconds, 0.0
	for _, m := range mine {
		t := timeOf(theirs, m.call)
		more := m.seconds - t.seconds
		if more <= 0 || told >= mostOf*excess {
			break
		}
		told += more
		switch {
		case t.runs == 0:
			why = append(why, fmt.Sprintf("ran %s for %.2f s, which %s did not%s", m.call, m.seconds, b.Setting, because(m.failed)))
		case m.runs > t.runs:
			why = append(why, fmt.Sprintf("ran %s %d times for %.2f s, not %d for %.2f s%s", m.call, m.runs, m.seconds, t.runs, t.seconds, because(m.failed)))
		default:
			why = append(why, fmt.Sprintf("the same %s took %.2f s, not %.2f s", m.call, m.seconds, t.seconds))
		}
	}
	if p, q := strings.Join(a.Toolpaths, "; "), strings.Join(b.Toolpaths, "; "); p != q && q != "" {
		why = append(why, fmt.Sprintf("its toolpath is %s, not %s", cmp.Or(p, "none"), q))
	}
	return strings.Join(why, "; ")
}

// mostOf is the share of what was spent more that a reason accounts for.
const mostOf = 0.8

func because(failed string) string {
	if failed == "" {
		return ""
	}
	return " (dropped: " + strings.TrimSuffix(failed, ".") + ")"
}

// toolTime is what all runs of a call took in one edit.
type toolTime struct {
	call    string
	runs    int
	seconds float64
	failed  string
}

func byTool(calls []SuiteCall) []toolTime {
	var all []toolTime
	for _, c := range calls {
		if c.Cached {
			continue
		}
		i := slices.IndexFunc(all, func(t toolTime) bool { return t.call == c.Call })
		if i < 0 {
			i, all = len(all), append(all, toolTime{call: c.Call})
		}
		all[i].runs++
		all[i].seconds += c.Seconds
		all[i].failed = cmp.Or(all[i].failed, c.Failed)
	}
	return all
}

func timeOf(all []toolTime, call string) toolTime {
	if i := slices.IndexFunc(all, func(t toolTime) bool { return t.call == call }); i >= 0 {
		return all[i]
	}
	return toolTime{}
}

// String is the report as tables for people.
func (r SuiteReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d edits; models loaded before in %.1f s\n\n", r.Edits, r.Of, r.WarmSeconds)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	row("setting", "tool s", "wasted s", "judge s", "load s", "all s", "cpu s", "runs", "at hand", "quality", "failed", "tool s ratio", "where done", "cpu ratio", "runs ratio", "to")
	for _, t := range r.Settings {
		cells := []string{t.Setting}
		for _, s := range []float64{t.ToolSeconds, t.WastedSeconds, t.JudgeSeconds, t.LoadSeconds, t.WallSeconds, t.CPUSeconds} {
			cells = append(cells, fmt.Sprintf("%.1f", s))
		}
		cells = append(cells, fmt.Sprint(t.ToolRuns), fmt.Sprint(t.CacheHits), fmt.Sprintf("%.3f", t.Quality), fmt.Sprint(t.Failures))
		if t.Against == "" {
			cells = append(cells, "", "", "", "", "")
		} else {
			cells = append(cells, fmt.Sprintf("%.2f", t.Ratio), fmt.Sprintf("%.2f", t.RatioDone), fmt.Sprintf("%.2f", t.CPURatio), fmt.Sprintf("%.2f", t.RunsRatio), t.Against)
		}
		row(cells...)
	}
	_ = w.Flush() // a strings.Builder takes everything
	b.WriteString("\nall s: decode, search, tools, judge, encode; cpu s: the same, summed over cores; quality: mean over the edits that no setting failed\n")
	if len(r.Dearer) > 0 {
		fmt.Fprintf(&b, "\nEdits that cost more than with the setting compared with\n\n")
	}
	for _, d := range r.Dearer {
		fmt.Fprintf(&b, "  %s  %d %s %q: %.2f s, not %.2f s: %s\n", d.Setting, d.Edit, d.Image, d.Request, d.Seconds, d.Against, d.Reason)
	}
	if len(r.failed) > 0 {
		b.WriteString("\nEdits with a subtask that was not done\n\n")
	}
	for _, f := range r.failed {
		fmt.Fprintf(&b, "  %s  %d %s %q: %s\n", f.Setting, f.Edit, f.Image, f.Request, strings.Join(f.Failures, "; "))
	}
	return b.String()
}
