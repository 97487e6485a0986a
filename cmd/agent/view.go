package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// view shows an edit's events: as JSON lines on standard output, or as text for
// people on standard error, redrawn in place only on a terminal.
type view struct {
	s     *streams
	json  bool
	tasks map[int]edit.Subtask
	begun map[int]bool // subtasks whose title was told
	live  bool         // an unfinished progress line is on the screen
}

func newView(s *streams, asJSON bool) *view {
	return &view{s: s, json: asJSON, tasks: make(map[int]edit.Subtask), begun: make(map[int]bool)}
}

// event is the engine's subscriber.
func (v *view) event(e edit.Event) {
	if v.json {
		_ = v.s.json(e)
		return
	}
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.begin(e.Subtask)
	switch e.Type {
	case edit.EventPlanned:
		v.plan(e.Plan)
	case edit.EventSearched:
		if e.Message != "" {
			v.line("  %s", v.s.faint(e.Message))
		}
		if e.Subroutine != "" {
			v.line("  %s", v.s.faint("by subroutine "+e.Subroutine))
		}
		v.line("  path  %s  %s", strings.Join(e.Toolpath, " → "),
			v.s.faint(fmt.Sprintf("estimated %.2f s, quality %.2f", e.Cost, e.Quality)))
	case edit.EventStepStarted:
		v.progress("  … %s", e.Call)
	case edit.EventProgress:
		v.progress("  … %s %s", e.Call, bar(e.Fraction))
	case edit.EventStepFinished:
		v.step(e)
	case edit.EventJudged:
		if !e.Passed {
			v.line("  %s %s  %s", v.s.red("✗"), e.Call, v.s.faint(fmt.Sprintf("did not pass (%.2f): %s", e.Quality, e.Message)))
		}
	case edit.EventWeighed:
		v.line("%s", strings.TrimRight(e.Message, "\n"))
	case edit.EventFellBack:
		v.line("  %s subroutine %s fails here; the search goes on", v.s.faint("note:"), e.Subroutine)
	case edit.EventFailed:
		v.line("  %s %s", v.s.red("✗"), e.Error)
	case edit.EventNotice:
		v.line("  %s %s", v.s.faint("note:"), e.Message)
	case edit.EventSaved:
		v.line("saved %s", v.s.bold(e.Output))
	case edit.EventCommitted:
	}
}

// begin heads what is told of a subtask with its title.
func (v *view) begin(id int) {
	st, ok := v.tasks[id]
	if !ok || v.begun[id] {
		return
	}
	v.begun[id] = true
	v.line("%s", v.s.bold(title(st)))
}

func (v *view) plan(p *edit.Plan) {
	for _, n := range p.Notices {
		v.line("note: %s", n)
	}
	v.line("%s", v.s.bold("plan"))
	for _, st := range p.Subtasks {
		v.tasks[st.ID] = st
		v.line("  %s", title(st))
	}
}

func (v *view) step(e edit.Event) {
	how := fmt.Sprintf("%.2f s", e.Seconds)
	if e.Cached {
		how = "at hand"
	}
	if e.Error != "" {
		v.line("  %s %s  %s", v.s.red("✗"), e.Call, v.s.faint(how))
		return
	}
	if e.Quality > 0 {
		how += fmt.Sprintf(", quality %.2f", e.Quality)
	}
	v.line("  %s %s  %s", v.s.green("✓"), e.Call, v.s.faint(how))
}

// title is one subtask on a line: 1 object-recoloration "red car" → teal.
func title(st edit.Subtask) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", st.ID, st.Task)
	if st.Object != "" {
		fmt.Fprintf(&b, " %q", st.Object)
	}
	if st.Target != "" {
		fmt.Fprintf(&b, " → %s", st.Target)
	}
	if st.Like != "" {
		fmt.Fprintf(&b, " like %q", st.Like)
	}
	for _, e := range st.Except {
		fmt.Fprintf(&b, " but not %q", e)
	}
	if how := st.Reshaped(); how != "" {
		fmt.Fprintf(&b, ", %s", how)
	}
	if st.Optional {
		b.WriteString(" if there is any")
	}
	return b.String()
}

func bar(fraction float64) string {
	const width = 20
	n := int(min(max(fraction, 0), 1) * width)
	return strings.Repeat("█", n) + strings.Repeat("░", width-n)
}

// line writes a finished line; the caller holds the lock.
func (v *view) line(format string, args ...any) {
	v.clear()
	_, _ = fmt.Fprintf(v.s.err, format+"\n", args...)
}

// clear takes an unfinished progress line off the screen.
func (v *view) clear() {
	if v.live {
		_, _ = fmt.Fprint(v.s.err, "\r\x1b[K")
		v.live = false
	}
}

// report ends a measurement: what it found, once its progress is off the screen.
func (v *view) report(found fmt.Stringer, err error) error {
	v.clear()
	if err != nil {
		return err
	}
	if v.json {
		return v.s.json(found)
	}
	v.s.printf("%s\n", found)
	return nil
}

// progress redraws one line, and only where that is possible.
func (v *view) progress(format string, args ...any) {
	if !v.s.animate {
		return
	}
	_, _ = fmt.Fprint(v.s.err, "\r\x1b[K"+fmt.Sprintf(format, args...))
	v.live = true
}

// summary closes an edit: the machine's event, or a line for people and the
// answers of read-only tasks on standard output.
func (v *view) summary(sum edit.Summary) error {
	if v.json {
		return v.s.json(sum)
	}
	for _, t := range sum.Subtasks {
		if t.Status == edit.StatusDone {
			v.answer(t)
		}
	}
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	done, planned := 0, 0
	for _, t := range sum.Subtasks {
		if t.Status == edit.StatusDone {
			done++
		}
		if t.Status == edit.StatusPlanned {
			planned++
		}
	}
	if planned > 0 {
		v.line("%d of %d subtasks planned, nothing was run · estimated quality %.2f", done+planned, len(sum.Subtasks), sum.Quality)
		return nil
	}
	v.line("%d of %d subtasks done · quality %.2f · %d tool runs %.2f s · models %.2f s to load · %.2f s of both in vain · %d at hand · judge %.2f s · decode and encode %.2f s%s",
		done, len(sum.Subtasks), sum.Quality, sum.ToolRuns, sum.ToolSeconds, sum.LoadSeconds, sum.WastedSeconds, sum.CacheHits, sum.JudgeSeconds,
		sum.IOSeconds, moneyNote(sum.USD)+deviceNote(sum.Device))
	return nil
}

// answer prints what a read-only task says: a line per box or text.
func (v *view) answer(t edit.SubtaskReport) {
	result, ok := t.Result.(map[string]any)
	if !ok {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(result)) {
		switch a := result[key].(type) {
		case []edit.Box:
			for _, b := range a {
				v.s.printf("%s\t%s\t%.2f\n", b.Label, b, b.Score)
			}
		case edit.Spans:
			for _, s := range a {
				v.s.printf("%s\t%s\t%.2f\n", cmp.Or(s.Text, "text"), s.Bounds(), s.Score)
			}
		case []string:
			for _, text := range a {
				v.s.printf("%s\t%s\n", key, text)
			}
		case map[string]float64:
			for _, k := range slices.Sorted(maps.Keys(a)) {
				v.s.printf("%s\t%v\n", k, a[k])
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(a)) {
				v.s.printf("%s %s\t%v\n", key, k, a[k])
			}
		default:
			v.s.printf("%s\t%v\n", key, a)
		}
	}
}

func moneyNote(usd float64) string {
	if usd == 0 {
		return ""
	}
	return fmt.Sprintf(" · $%.4g", usd)
}

func deviceNote(device string) string {
	if device == "" {
		return ""
	}
	return " · " + device
}

// fail reports an item that failed as a whole.
func (v *view) fail(err error) {
	if v.json {
		_ = v.s.json(map[string]any{"event": "error", "message": err.Error(), "code": int(codeOf(err))})
		return
	}
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.line("%s %v", v.s.red("✗"), err)
}
