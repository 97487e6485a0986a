package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pentimento/internal/agent"
	"pentimento/internal/ctxio"
	"pentimento/internal/edit"
)

// Editor edits one file; *agent.Kit is one.
type Editor interface {
	EditFile(ctx context.Context, job agent.FileJob, emit func(edit.Event)) (agent.Outcome, error)
}

// Defaults of a job that does not say otherwise.
const (
	DefaultAlpha     = 1.0
	DefaultThreshold = 0.8
)

// attempts is how often an item is tried whose failures may pass.
const attempts = 4

// Runner carries out the items of a plan.
type Runner struct {
	// Editor is what edits on a device; "" is the one that the command chose.
	Editor func(device string) (Editor, error)
	// Versions is the version of some tools, or of all where none is named; nil: they never change.
	Versions func(ctx context.Context, device string, tools ...string) string
	Journal  *Journal // nil: nothing outlives the run
	AtOnce   int      // items worked on at the same time; 0: one
	Ahead    int      // further items that are read, or saved, beside those
	Remote   bool     // editors work elsewhere, and keep an item's seconds themselves, counted from its begin there
	DryRun   bool
	// NoSubroutines has the toolpath of every subtask searched.
	NoSubroutines bool
	Limits        Limits
	Frozen        *agent.Snapshot // not nil: ranks every item
	// Planned is the plan of a request, nil where each item makes its own.
	Planned func(it *Item) *agent.Planned
	// Learn is called between items, when none is under way, after so many new ones; it ends early when ctx ends.
	Learn      func(ctx context.Context) (Learned, error)
	LearnAfter int

	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
	// Stop, closed, has the run finish the items under way and begin no other.
	Stop <-chan struct{}
	// Emit is told what happens in an item, from several goroutines at once.
	Emit func(it *Item, e edit.Event)
	// Ended is told of every item that ended, with the report so far; one call at a time.
	Ended func(r ItemReport, done Progress)
}

// Progress is how far a run came.
type Progress struct {
	Ended, Failed, All int
	Seconds, ETA       float64 // ETA is negative where it cannot be told yet
}

// StoppedByYou is why a run ended that the person stopped, StoppedByLimit what a limit's reason begins
// with, and StoppedByDisk that of a full disk.
const (
	StoppedByYou   = "stopped by you"
	StoppedByLimit = "limit reached: "
	StoppedByDisk  = "results cannot be saved: "
)

// running is the state of one Run. Only the goroutine of Run touches it; workers hand in what they did.
type running struct {
	*Runner
	items   []Item
	report  *Report
	start   time.Time
	next    int       // the first item that was not begun
	waiting []waiting // for another attempt
	busy    int
	ended   chan attempt
	fresh   int // items done since something was learned
	counts  Counts
	failed  int // in this run
	stop    <-chan struct{}
	turns   chan struct{}   // has room for as many as compute at the same time
	soft    context.Context // ends when no further item is to be begun
	cancel  context.CancelFunc
	bytes   struct{ all, ended, kept int64 } // of the items' files: what the ETA is told by
}

type waiting struct {
	item, attempt int
	at            time.Time
}

// attempt is what a worker hands in.
type attempt struct {
	item    int
	number  int
	report  ItemReport
	halting string // why no further item is to be begun
	waited  time.Duration
	over    func() // gives back its turn to compute; nil: it had none
}

// Run carries out the items. One that fails does not stop the others. The report holds
// every item; the error is for what keeps the run from going on at all, and for ctx, which
// stops at once what is under way.
func (r *Runner) Run(ctx context.Context, items []Item) (*Report, error) {
	atOnce := max(1, r.AtOnce)
	run := &running{
		Runner: r, items: items, report: newReport(items, atOnce), start: r.Now(),
		ended: make(chan attempt), stop: r.Stop, turns: make(chan struct{}, atOnce),
	}
	run.soft, run.cancel = context.WithCancel(ctx)
	defer run.cancel()
	for i := range items {
		run.bytes.all += 1 + items[i].Bytes
	}
	if r.Journal != nil && !r.DryRun {
		if err := r.Journal.Begin(items); err != nil {
			return run.report, err
		}
	}
	run.loop(ctx, atOnce+r.Ahead)
	run.report.Seconds = r.Now().Sub(run.start).Seconds()
	if r.Frozen != nil {
		run.report.Estimates = r.Frozen.Hash()
	}
	run.report.close(items)
	return run.report, ctx.Err()
}

func (r *running) loop(ctx context.Context, most int) {
	for {
		for r.busy < most && !r.learnDue() {
			item, number, ok := r.pick()
			if !ok {
				break
			}
			r.busy++
			go func() { r.ended <- r.try(ctx, item, number) }()
		}
		if r.busy == 0 {
			if r.learnDue() {
				r.learn(ctx)
				continue
			}
			if len(r.waiting) == 0 || r.stopped() {
				return
			}
		}
		select {
		case a := <-r.ended:
			r.busy--
			r.take(a)
		case <-r.timer():
		case <-r.stop:
			r.stop = nil
			r.halt(StoppedByYou)
		case <-r.soft.Done():
			if r.busy > 0 { // they end on their own
				a := <-r.ended
				r.busy--
				r.take(a)
			}
		}
	}
}

func (r *running) stopped() bool { return r.soft.Err() != nil }

// halt has no further item begun, and says why the first time.
func (r *running) halt(why string) {
	if r.report.Stopped == "" {
		r.report.Stopped = why
	}
	r.cancel()
}

// pick returns the next item to try, and which attempt it is; not ok where there is none at the moment.
func (r *running) pick() (item, number int, ok bool) {
	select { // it may have come while something was learned
	case <-r.stop:
		r.stop = nil
		r.halt(StoppedByYou)
	default:
	}
	if why := r.limit(); why != "" && r.left() {
		r.halt(why)
	}
	if r.stopped() {
		return 0, 0, false
	}
	now := r.Now()
	for i, w := range r.waiting {
		if !w.at.After(now) {
			r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
			return w.item, w.attempt, true
		}
	}
	if r.next == len(r.items) {
		return 0, 0, false
	}
	r.next++
	return r.next - 1, 1, true
}

// left reports whether there is anything a limit could keep from being begun.
func (r *running) left() bool { return r.next < len(r.items) || len(r.waiting) > 0 }

// limit is which limit of the run was reached, "" for none.
func (r *running) limit() string {
	l := r.Limits
	switch {
	case l.Seconds > 0 && r.Now().Sub(r.start).Seconds() >= l.Seconds:
		return StoppedByLimit + fmt.Sprintf("%g seconds", l.Seconds)
	case l.USD != nil && r.report.USD > 0 && r.report.USD >= *l.USD:
		return StoppedByLimit + fmt.Sprintf("%g dollars", *l.USD)
	case l.Failures > 0 && r.failed >= l.Failures:
		return StoppedByLimit + fmt.Sprintf("%d failures", l.Failures)
	}
	return ""
}

// timer fires when the first of those that wait for another attempt may be tried; nil where none waits.
func (r *running) timer() <-chan time.Time {
	if len(r.waiting) == 0 || r.stopped() {
		return nil
	}
	first := r.waiting[0].at
	for _, w := range r.waiting {
		if w.at.Before(first) {
			first = w.at
		}
	}
	return r.After(max(0, first.Sub(r.Now())))
}

// take enters what a worker did.
func (r *running) take(a attempt) {
	if !a.report.Kept {
		r.report.USD += a.report.Summary.USD
	}
	if a.halting != "" {
		r.halt(a.halting)
	}
	if a.report.State == Failed && a.report.Class == Retryable && a.number < attempts && !r.stopped() {
		r.waiting = append(r.waiting, waiting{a.item, a.number + 1, r.Now().Add(pause(a.number + 1))})
		r.report.Items[a.item].Error = a.report.Error // in case it ends here
		return
	}
	r.report.Items[a.item] = a.report
	size := 1 + r.items[a.item].Bytes
	r.counts.add(&a.report)
	if a.report.State != Left {
		r.bytes.ended += size
		if a.report.Kept {
			r.bytes.kept += size
		} else {
			r.fresh++
		}
	}
	if !a.report.Kept && (a.report.State == Failed || a.report.State == Partial) {
		r.failed++
	}
	if r.Ended != nil {
		r.Ended(a.report, r.progress())
	}
}

// progress tells the time left by the bytes of the pictures: those of one batch
// take about as long as they are large.
func (r *running) progress() Progress {
	c := r.counts
	p := Progress{Ended: c.Done + c.Failed + c.Partial, Failed: c.Failed + c.Partial, All: len(r.items), Seconds: r.Now().Sub(r.start).Seconds(), ETA: -1}
	if worked := r.bytes.ended - r.bytes.kept; worked > 0 {
		p.ETA = p.Seconds * float64(r.bytes.all-r.bytes.ended) / float64(worked)
	}
	return p
}

func (r *running) learnDue() bool {
	return r.Learn != nil && !r.stopped() && r.LearnAfter > 0 && r.fresh >= r.LearnAfter && r.left()
}

// learn lets the traces so far be learned from. A failure there is no failure of the batch.
func (r *running) learn(ctx context.Context) {
	r.fresh = 0
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.stop != nil {
		stop := r.stop
		go func() {
			select {
			case <-stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	l, err := r.Learn(ctx)
	if err != nil && ctx.Err() == nil {
		l.Problem = err.Error()
	}
	l.After = r.counts.Done + r.counts.Failed + r.counts.Partial
	r.report.Learned = append(r.report.Learned, l)
}

// try carries out one attempt at an item, unless it ended well before.
func (r *running) try(ctx context.Context, item, number int) (a attempt) {
	it := &r.items[item]
	a = attempt{item: item, number: number, report: it.report()}
	a.report.Attempts = number
	begun := r.Now()
	defer func() {
		if p := recover(); p != nil { // one picture is no reason to lose the others
			a.fail(fmt.Errorf("this is a defect of the program: %v", p))
		}
		if a.over != nil {
			a.over()
		}
	}()
	var ranked string
	if r.Frozen != nil {
		ranked = r.Frozen.Hash()
	}
	if r.NoSubroutines {
		ranked += " searched"
	}
	key, err := it.key(ctx, ranked)
	if err != nil {
		a.settle(ctx, err)
		return a
	}
	if kept, ok := r.kept(ctx, it, key); ok {
		a.report = kept
		return a
	}
	if err = r.edit(ctx, it, &a); err != nil {
		a.settle(ctx, err)
	}
	a.report.Seconds = max(0, r.Now().Sub(begun)-a.waited).Seconds()
	if a.report.State != Left && a.report.Class != Retryable && !r.DryRun && r.Journal != nil {
		r.record(ctx, it, key, &a)
	}
	return a
}

// settle enters an error, or that the item was stopped.
func (a *attempt) settle(ctx context.Context, err error) {
	if ctx.Err() != nil || errors.Is(err, errNotBegun) {
		a.report.State, a.report.Error = Left, "stopped before it was done"
		return
	}
	a.fail(err)
	if is(err, halting) {
		a.halting = StoppedByDisk + err.Error()
	}
}

func (a *attempt) fail(err error) {
	a.report.State, a.report.Error, a.report.Class, a.report.Err = Failed, err.Error(), classify(err), err
}

// kept is how an item ended in an earlier run, where it would end so again: what it was made from and
// by is as it was, and its output holds the bytes that were written.
func (r *running) kept(ctx context.Context, it *Item, key string) (ItemReport, bool) {
	if r.Journal == nil || r.DryRun {
		return ItemReport{}, false
	}
	rec, ok := r.Journal.Find(key)
	if !ok || rec.Versions != r.versions(ctx, it, rec.Tools) {
		return ItemReport{}, false
	}
	if rec.Sum != "" {
		if sum, err := ctxio.SumFile(ctx, it.Output); err != nil || sum != rec.Sum {
			return ItemReport{}, false
		}
	}
	rec.Report.Number, rec.Report.Job, rec.Report.Kept = it.Number, it.Job, true
	rec.Report.Input = it.Input // the same bytes may lie elsewhere now
	return rec.Report, true
}

func (r *running) versions(ctx context.Context, it *Item, tools []string) string {
	if r.Versions == nil {
		return ""
	}
	return r.Versions(ctx, it.Spec.Device, tools...)
}

// record makes an item's end durable. An output whose end cannot be recorded is as good as none: it would be done again.
func (r *running) record(ctx context.Context, it *Item, key string, a *attempt) {
	rec := Record{Key: key, Report: a.report}
	if a.report.State == Done {
		rec.Tools = toolsOf(a.report.Summary)
	}
	rec.Versions = r.versions(ctx, it, rec.Tools)
	var err error
	if a.report.Summary.Output != "" {
		rec.Sum, err = ctxio.SumFile(context.WithoutCancel(ctx), it.Output)
	}
	if err == nil {
		err = r.Journal.Add(rec)
	}
	if err != nil {
		a.fail(err)
		a.halting = StoppedByDisk + err.Error()
	}
}

// toolsOf are the tools that an edit's result came by.
func toolsOf(s edit.Summary) (tools []string) {
	for _, st := range s.Subtasks {
		tools = append(tools, st.Toolpath...)
		for _, f := range st.Found {
			tools = append(tools, f.Toolpath...)
		}
	}
	return tools
}

// edit does the item's edit and reports it.
func (r *running) edit(ctx context.Context, it *Item, a *attempt) error {
	ed, err := r.Editor(it.Spec.Device)
	if err != nil {
		return err
	}
	if it.Output != "" && !r.DryRun {
		if err := os.MkdirAll(filepath.Dir(it.Output), 0o750); err != nil {
			return err
		}
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s := it.Spec.MaxSeconds; s > 0 && !r.Remote {
		limited, cancel = context.WithTimeout(ctx, time.Duration(s*float64(time.Second)))
	}
	defer cancel()
	job := r.fileJob(it)
	job.Turn = r.turn(a)
	out, err := ed.EditFile(limited, job, func(e edit.Event) {
		if e.Type == edit.EventNotice {
			a.report.Notices = append(a.report.Notices, e.Message)
		}
		if r.Emit != nil {
			r.Emit(it, e)
		}
	})
	a.report.Summary = out.Summary
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded) && (limited.Err() != nil || r.Remote && it.Spec.MaxSeconds > 0):
		err = fmt.Errorf("its %g seconds were over", it.Spec.MaxSeconds)
		if out.Summary.Output != "" {
			a.report.State, a.report.Error, a.report.Class = Partial, err.Error(), Permanent
			return nil
		}
		return err
	case err != nil:
		return err
	}
	if a.report.State = StateOf(out.Summary); a.report.State != Done {
		a.report.Class, a.report.Error = Permanent, reasons(out.Summary)
	}
	return nil
}

// reasons says why subtasks were not done.
func reasons(s edit.Summary) (text string) {
	for _, st := range s.Subtasks {
		if st.Status == edit.StatusDone || st.Status == edit.StatusPlanned {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += st.Task + ": " + st.Reason
	}
	return text
}
