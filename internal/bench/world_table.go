package bench

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"pentimento/internal/edit"
)

// WorldReport is what `agent bench world` ends with.
type WorldReport struct {
	Event    string `json:"event"` // always "done"
	Requests int    `json:"requests"`
	Warm     int    `json:"warm"`
	// Total are the sums over all cells, by arm; Ratio its tool seconds over those of the eager arm.
	Total map[string]WorldArm `json:"total"`
	Ratio map[string]float64  `json:"ratio"`

	cells []WorldCell
}

func (r *WorldReport) add(c WorldCell) {
	r.cells = append(r.cells, c)
	r.Total, r.Ratio = make(map[string]WorldArm), make(map[string]float64)
	for _, arm := range arms() {
		var sum WorldArm
		for _, c := range r.cells {
			a := c.Arms[arm]
			all := float64(sum.Subtasks + a.Subtasks)
			sum.Quality = (sum.Quality*float64(sum.Subtasks) + a.Quality*float64(a.Subtasks)) / all
			sum.True = (sum.True*float64(sum.Subtasks) + a.True*float64(a.Subtasks)) / all
			sum.ToolSeconds += a.ToolSeconds
			sum.Wasted += a.Wasted
			sum.ToolRuns += a.ToolRuns
			sum.Failed += a.Failed
			sum.Subtasks += a.Subtasks
		}
		r.Total[arm] = sum
		r.Ratio[arm] = sum.ToolSeconds / r.Total[ArmEager].ToolSeconds
	}
}

// String is the report as a table for people.
func (r WorldReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests in the simulated world, by α and the assumed quality of a step whose conditions do not hold\n", r.Requests)
	fmt.Fprintf(&b, "eager: the published control flow; cold: ours on the docs' estimates; learned: ours after %d other requests\n\n", r.Warm)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	row("α", "assumed", "arm", "seconds", "ratio", "wasted", "runs", "judged", "true", "failed", "of")
	line := func(alpha, assumed, arm string, a WorldArm, ratio float64) {
		row(alpha, assumed, arm, fmt.Sprintf("%.0f", a.ToolSeconds), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%.0f", a.Wasted), fmt.Sprint(a.ToolRuns),
			fmt.Sprintf("%.3f", a.Quality), fmt.Sprintf("%.3f", a.True), fmt.Sprint(a.Failed), fmt.Sprint(a.Subtasks))
	}
	for _, c := range r.cells {
		for _, arm := range arms() {
			line(key(c.Alpha), key(c.Assumed), arm, c.Arms[arm], c.Ratio[arm])
		}
	}
	for _, arm := range arms() {
		line("all", "all", arm, r.Total[arm], r.Ratio[arm])
	}
	_ = w.Flush() // a strings.Builder takes everything
	b.WriteString("\nRequests on which ours spent more\n\n")
	for _, c := range r.cells {
		for _, m := range c.More {
			fmt.Fprintf(&b, "α=%s assumed %s, %s, %s: %.1f s, eager %.1f s: %s\n", key(c.Alpha), key(c.Assumed), m.Request, m.Arm, m.Seconds, m.Eager, m.Reason)
		}
	}
	return b.String()
}

// more tells on which subtasks ours spent more, and why.
func more(request, arm string, ours, eager worldRun) WorldMore {
	m := WorldMore{Request: request, Arm: arm, Seconds: ours.summary.ToolSeconds, Eager: eager.summary.ToolSeconds}
	var why []string
	for i := range ours.subtasks {
		o, e := &ours.subtasks[i], &eager.subtasks[i]
		if o.Seconds > e.Seconds*1.001 {
			why = append(why, fmt.Sprintf("%s (+%.1f s): %s", o.Task, o.Seconds-e.Seconds, reason(o, e)))
		}
	}
	m.Reason = strings.Join(why, "; ")
	return m
}

// reason is read from what both ran on a subtask.
func reason(ours, eager *worldSubtask) string {
	var failed, passed []string
	for _, c := range ours.tried {
		switch {
		case c.failed:
			failed = append(failed, fmt.Sprintf("%s (%.2f)", c.call, c.quality))
		case c.completes:
			passed = append(passed, fmt.Sprintf("%s (%.2f)", c.call, c.quality))
		}
	}
	end := "nothing passed"
	if ours.Status == edit.StatusDone {
		end = "then " + ours.Toolpath[len(ours.Toolpath)-1]
	}
	switch {
	case len(failed) > 0:
		why := "did not pass: " + strings.Join(failed, ", ") + "; " + end
		if eager.Status != ours.Status {
			why += "; eager " + string(eager.Status)
		}
		return why
	case len(passed) > 1:
		return "another promised more than was reached: " + strings.Join(passed, ", ")
	case !slices.Equal(ours.Toolpath, eager.Toolpath):
		return fmt.Sprintf("another path, dearer this time: %s, eager %s", strings.Join(ours.Toolpath, " → "), strings.Join(eager.Toolpath, " → "))
	}
	return "the same calls, whose seconds vary"
}
