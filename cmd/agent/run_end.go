package main

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/learn"
	"pentimento/internal/subroutines"
)

// Learning between pictures: after so many, and for a share of the seconds that tools took so far.
const (
	learnAfter = learn.Every
	learnShare = 0.25
)

// ended takes in what became of an item.
func (p *planRun) ended(it batch.ItemReport, done batch.Progress) {
	if !it.Kept {
		p.spent += it.Summary.ToolSeconds
	}
	p.view.ended(it, done)
}

// learn mines the traces so far and verifies what is worth it.
func (p *planRun) learn(ctx context.Context) (out batch.Learned, err error) {
	k, err := p.kit(ctx, p.items[0].Spec.Device)
	if err != nil || k.Engine.Store == nil {
		return out, err
	}
	p.view.learning()
	l := learn.New(k.Engine)
	budget := learnShare*p.spent - p.learned
	defer func() {
		out.Seconds = max(out.Seconds, 0)
		p.learned += out.Seconds
		active, listErr := k.Engine.Subroutines.List(context.WithoutCancel(ctx), subroutines.Filter{State: subroutines.Active})
		out.Active = len(active)
		if s, snapErr := k.Engine.Snapshot(context.WithoutCancel(ctx)); snapErr == nil && listErr == nil {
			out.Estimates = s.Hash()
		}
		p.view.learned(out)
	}()
	mined, did, err := l.Study(ctx, budget)
	out.Mined, out.Seconds, out.Decided = len(mined.Added), did.Seconds, did.Decided
	return out, err
}

// conclude writes what is left of the run behind: the report, the sheets, the last words.
func (p *planRun) conclude(ctx context.Context, report *batch.Report) error {
	ctx = context.WithoutCancel(ctx) // a stop is no reason to lose what is known
	var errs []error
	at := p.flags.report
	if !p.flags.dryRun {
		where := p.journal.Path("report.json")
		errs = append(errs, report.Save(ctx, where))
		at = cmp.Or(at, where)
	}
	if p.flags.report != "" {
		errs = append(errs, report.Save(ctx, p.flags.report))
	}
	for _, path := range p.flags.sheets {
		if !p.flags.dryRun {
			errs = append(errs, writeSheet(ctx, path, report))
		}
	}
	return errors.Join(append(errs, p.view.conclude(report, at))...)
}

// runCode is the exit code of a run.
func runCode(r *batch.Report) exitCode {
	c := r.Counts
	switch {
	case c.Left > 0 && r.Stopped == batch.StoppedByYou:
		return exitCancelled
	case c.Left > 0 && strings.HasPrefix(r.Stopped, batch.StoppedByLimit):
		return exitBudget
	case strings.HasPrefix(r.Stopped, batch.StoppedByDisk), c.Left > 0:
		return exitError
	case c.Failed+c.Partial == 0:
		return exitOK
	case c.All == 1:
		return itemCode(&r.Items[0])
	}
	return exitPartial
}

// itemCode is the exit code of a plan with one picture: that of the edit.
func itemCode(it *batch.ItemReport) exitCode {
	if it.Err != nil {
		return codeOf(it.Err)
	}
	if code := summaryCode(it.Summary); code != exitOK {
		return code
	}
	return exitPartial
}

// runDone ends a run.
type runDone struct {
	Event     string          `json:"event"` // "done"
	Counts    batch.Counts    `json:"counts"`
	Stopped   string          `json:"stopped,omitempty"`
	Seconds   float64         `json:"seconds"`
	USD       float64         `json:"usd"`
	Jobs      int             `json:"jobs"`
	Estimates string          `json:"estimates,omitempty"`
	Learned   []batch.Learned `json:"learned,omitempty"`
	Saving    *batch.Saving   `json:"saving,omitempty"`
	Report    string          `json:"report"` // its file
}

// runEvent is an edit's event with the item it happened in.
type runEvent struct {
	edit.Event
	Item int `json:"item"`
}
