package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pentimento/internal/batch"
	"pentimento/internal/edit"
)

// runView shows a run: as JSON lines, or for people a line per picture with the progress
// of the whole below it. A plan of one picture is shown as an edit is.
type runView struct {
	s    *streams
	json bool
	one  bool
	mu   sync.Mutex // a line at a time: pictures are worked on side by side
	v    *view
	told map[string]bool // notices, each told once
	live batch.Progress
}

func newRunView(s *streams, asJSON, one bool) *runView {
	return &runView{s: s, json: asJSON, one: one, v: newView(s, asJSON), told: make(map[string]bool)}
}

// tableRows are how many lines of the closing table a person is shown.
const tableRows = 12

func (v *runView) begin(p *planRun) {
	v.live = batch.Progress{All: len(p.items), ETA: -1}
	if v.json {
		_ = v.s.json(map[string]any{"event": "run", "items": len(p.items), "jobs": p.jobs})
	}
}

// note says something of the run as a whole.
func (v *runView) note(text string) {
	if v.json {
		_ = v.s.json(edit.Event{Type: edit.EventNotice, Message: text})
		return
	}
	v.locked(func() { v.v.line("%s %s", v.s.faint("note:"), text) })
}

// locked writes lines and puts the progress back below them.
func (v *runView) locked(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	f()
	if !v.one && v.live.Ended > 0 && v.live.Ended < v.live.All {
		v.v.progress("%s", v.status())
	}
}

// status is the progress of the whole.
func (v *runView) status() string {
	p := v.live
	text := fmt.Sprintf("  %s %d of %d", bar(float64(p.Ended)/float64(max(1, p.All))), p.Ended, p.All)
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.ETA >= 0 {
		text += fmt.Sprintf(", about %s left", time.Duration(p.ETA*float64(time.Second)).Round(time.Second))
	}
	return text
}

// event is told what happens in an item.
func (v *runView) event(it *batch.Item, e edit.Event) {
	switch {
	case v.json:
		_ = v.s.json(runEvent{e, it.Number})
	case v.one:
		v.v.event(e)
	case e.Type == edit.EventNotice && !v.isTold(e.Message):
		v.locked(func() {
			v.v.line("%s %s: %s %s", v.s.faint("note:"), filepath.Base(it.Input), e.Message, v.s.faint("(told once)"))
		})
	}
}

func (v *runView) isTold(text string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	told := v.told[text]
	v.told[text] = true
	return told
}

// ended shows what became of an item.
func (v *runView) ended(it batch.ItemReport, done batch.Progress) {
	if v.json {
		_ = v.s.json(struct {
			Event string `json:"event"` // "item"
			batch.ItemReport
			Ended int     `json:"ended"`
			Bad   int     `json:"failed"`
			All   int     `json:"all"`
			ETA   float64 `json:"eta_seconds"` // negative: it cannot be told yet
		}{"item", it, done.Ended, done.Failed, done.All, done.ETA})
		return
	}
	v.live = done
	if v.one && it.Err == nil && !it.Kept && it.State != batch.Left {
		_ = v.v.summary(it.Summary)
		return
	}
	if it.Kept && it.State == batch.Done {
		return // a line each would bury what is new; the last line counts them
	}
	v.locked(func() {
		mark := v.s.style("32", "✓")
		if it.State != batch.Done {
			mark = v.s.red("✗")
		}
		text := fmt.Sprintf("%s %s", mark, it.Input)
		if it.Summary.Output != "" {
			text += " → " + filepath.Base(it.Summary.Output)
		}
		switch {
		case it.Error != "":
			text += "  " + strings.ReplaceAll(strings.TrimPrefix(it.Error, it.Input+": "), "\n", "\n    ")
		default:
			text += "  " + v.s.faint(fmt.Sprintf("%.2f s, quality %.2f", it.Seconds, it.Summary.Quality))
		}
		v.v.line("%s", text)
	})
}

func (v *runView) learning() {
	if !v.json && !v.one {
		v.locked(func() { v.v.progress("  learning from the pictures so far …") })
	}
}

func (v *runView) learned(l batch.Learned) {
	switch {
	case v.json:
		_ = v.s.json(struct {
			Event string `json:"event"` // "learned"
			batch.Learned
		}{"learned", l})
	case l.Mined+l.Decided > 0:
		v.note(fmt.Sprintf("%d new subroutines, %d decided, %d in force; %.1f s of tools", l.Mined, l.Decided, l.Active, l.Seconds))
	}
}

// conclude says how the run ended, and where the report lies.
func (v *runView) conclude(r *batch.Report, report string) error {
	if v.json {
		return v.s.json(runDone{"done", r.Counts, r.Stopped, r.Seconds, r.USD, r.AtOnce, r.Estimates, r.Learned, r.Saving, report})
	}
	c := r.Counts
	if v.one && c.Left == 0 && r.Stopped == "" {
		return nil
	}
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.v.clear()
	if c.Failed+c.Partial+c.Left > 0 || c.Kept < c.Done {
		if err := r.Table(v.s.err, tableRows); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%d of %d done", c.Done, c.All)
	for _, part := range []struct {
		n    int
		text string
	}{{c.Partial, "in part"}, {c.Failed, "failed"}, {c.Left, "left"}, {c.Kept, "from an earlier run"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" · %d %s", part.n, part.text)
		}
	}
	v.v.line("%s · %.1f s · %d at once%s", text, r.Seconds, r.AtOnce, moneyNote(r.USD))
	if s := r.Saving; s != nil {
		v.v.line("%d of %d subtasks by subroutine (first half %.0f %%, second half %.0f %%), %.1f s spared, %.1f s spent on learning",
			s.Fast, s.Fast+s.Slow, 100*s.FirstHalf, 100*s.SecondHalf, s.Seconds, s.Learning)
	}
	if r.Stopped != "" {
		v.v.line("%s; the same command goes on from here", r.Stopped)
	}
	if report != "" {
		v.v.line("report %s", v.s.faint(report))
	}
	if r.FailedItems != nil {
		v.v.line("what failed is run again by: agent run %s", report)
	}
	return nil
}
