// Package agent is the engine that joins the others: it takes a plan, finds the
// optimal toolpath of each subtask, runs it, enforces the promises the tool docs
// make, and reports what was done. It knows no tool and no task type by name.
package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
	"pentimento/internal/tools"
	"pentimento/internal/vision"
)

// Engine runs plans. Its fields are set once; it is safe for concurrent use
// when its runners are.
type Engine struct {
	Specs   []edit.ToolSpec         // every tool doc, sorted by name
	Runners map[string]tools.Runner // by runtime kind
	// Now reads the clock; time.Now outside tests.
	Now func() time.Time
	// CPU is how many seconds the program has been computing; nil where that is not known.
	CPU func() float64
	// Judge scores what a call made, with the tools that j holds for it; nil: every result is taken.
	Judge func(ctx context.Context, j judge.Judge, s judge.Step) (judge.Verdict, error)
	// Features measures a picture for a subtask, in place of features.Of where it is
	// not nil: for pictures that hold nothing to be measured. Qualities are told apart by all of them.
	Features func(img *pixel.Image, st edit.Subtask) (features.Set, error)
	// Store keeps results and traces from run to run; nil: nothing outlives a run.
	Store *store.Store
	// Subroutines are toolpaths that were mined, each with the rule where it applies;
	// nil: every subtask goes the slow way.
	Subroutines *subroutines.Table
	// Fingerprint tells apart the programs, libraries, devices and models that a
	// tool may run on; nil: results do not outlive a run.
	Fingerprint func(ctx context.Context, spec *edit.ToolSpec) (string, error)
	// Eye is a model that looks on, within the request's budget; nil: none does.
	Eye *vision.Eye
}

// Numbered are the mattes of objects that a request named by their numbers, by subtask id.
type Numbered struct {
	Objects map[int]*pixel.Mask            // of that subtask's object alone
	Beside  map[int]map[string]*pixel.Mask // of those beside it, by the plan's phrase: left alone, or looked at for their colour
}

// Evidence is what a person points at beside the words of the request.
type Evidence struct {
	Mask *pixel.Mask // the object's matte, for every subtask with an object
	Numbered
	Boxes  map[string][]edit.Box  // by object name, lower case
	Points map[string]edit.Points // by object name, lower case
	// With are further pictures, by the name of the image port they fill: background, reference.
	With map[string]*pixel.Image
}

// Job is one picture with the plan to carry out on it.
type Job struct {
	Image     *pixel.Image
	Plan      edit.Plan
	Evidence  Evidence
	Alpha     float64 // 0 all quality .. 2 all cost
	Threshold float64 // least estimated quality of a step, in [0,1]
	Seed      int64
	DryRun    bool // search, but run nothing
	// Frozen ranks toolpaths by judged quality and estimated cost, never by measured cost.
	Frozen bool
	// USDPerHour is what an hour of waiting is worth, in dollars: how seconds and money are weighed. 0: 6.
	USDPerHour float64
	// MaxUSD is the most money that may be spent; nil: any.
	MaxUSD *float64
	// AcceptBest takes the best imperfect result where none passes the judge.
	AcceptBest bool
	// NoSubroutines has every subtask go the slow way.
	NoSubroutines bool
	// Rules, not nil, are those to choose from, in whatever state and in place of the
	// table's: the best whose rule holds is taken, whatever the search promises.
	Rules []*subroutines.Subroutine
	// Only ends a subtask where the rule given does not pass, or does not hold: nothing else is run.
	Only bool
	// Trial measures what an edit would take: it leaves no trace, feeds no estimate
	// and repeats no toolpath. What calls made before spares it their seconds, not
	// their cost: Outcome.Steps tells what each takes with nothing at hand.
	Trial bool
	// Explain tells the arithmetic of choosing a subroutine (edit.EventWeighed).
	Explain bool
	// Search is SearchLazy, the default, or SearchEager.
	Search string
	// Frontier has a dry run find every undominated toolpath of each subtask, not the best alone.
	Frontier bool
	// Picked are the calls, by id, that the path of a subtask may hold; a subtask that is not in it may take any.
	Picked map[int][]string
	// Without are the calls, by subtask id, that may not complete it: what they made is not wanted.
	Without map[int][]string
	// Pins are the tools that alone may complete a subtask, by its id or its task type.
	Pins map[string][]string
	// Snapshot, not nil, ranks toolpaths in place of what the store knows at the moment.
	Snapshot *Snapshot
	// Named has the summary name the estimates and rules it began with, as a frozen job's does.
	Named bool
	// Beside is how many other jobs this program carries out at the same time.
	Beside int
	// Pinned are the recorded trails by subtask id; not nil, they are followed and nothing is searched.
	Pinned map[int][]Trail

	decided bool // the plan holds no choice any more
}

// Finding is what a subtask located in the picture, for --annotate.
type Finding struct {
	Subtask edit.Subtask
	Boxes   []edit.Box
	Spans   edit.Spans
	Mask    *pixel.Mask
}

// Outcome is what an edit made.
type Outcome struct {
	Plan     edit.Plan    // as it was carried out: the decomposition that was taken, in the order it was done
	Image    *pixel.Image // after the last subtask that succeeded
	Edited   bool         // whether any subtask changed the picture
	Mask     *pixel.Mask  // union of the objects' mattes at the input's size; nil when none was made
	View     *pixel.Image // a picture of what a read-only task answered (mask, depth); nil when none
	Findings []Finding
	Trails   map[int][]*Trail     // by subtask id: what ran
	Fronts   map[int][]Point      // by subtask id: the undominated toolpaths, where they were asked for
	Frontier []Point              // the undominated ways to do all of it, where they were asked for
	Uses     map[int]Use          // by subtask id: the subroutines that were tried
	Steps    map[int][]store.Step // by subtask id, of a trial: what ran
	Summary  edit.Summary
	// Recipe is how a picture of a session was changed, and Source what that makes of it; else nil.
	Recipe *recipe.Turn
	Source recipe.Source
}

// Use is what became of a subroutine that a subtask tried.
type Use struct {
	ID string // of the subroutine
	subroutines.Use
}

// run is the state of one Job.
type run struct {
	*Engine
	job    Job
	emit   func(edit.Event)
	out    Outcome
	status map[int]edit.Status
	used   map[string]bool // runtime kinds that ran a call
	trails map[int][]*Trail
	// subject is the matte of the last background task: what --show-mask shows where no object was outlined.
	subject *pixel.Mask
	// outlines are the mattes that subtasks made, by object phrase.
	outlines map[string]*pixel.Mask
	narrowed []string // tools that worked at 8 bits on a picture of 16
	results  *results
	learned  knowledge
	pace     pace
	sight    sight
	gaze     gaze
	viewed   viewed
	rules    *subroutines.Index // of this run: one snapshot; nil before it is asked for
	enlarged float64            // of a dry run: by how much the picture's area will have grown
}

// viewed is the picture that features were measured on last, with what they have in common.
type viewed struct {
	img  *pixel.Image
	view *features.View
}

// unsettled is the device of a runner that has not run yet.
const unsettled = "auto"

// deviced is a Runner that runs on a device a person may choose; notice tells
// that another than the one hoped for is used.
type deviced interface {
	Device() (device, notice string)
}

// Run carries out a plan. The error is for what stops everything: a broken
// plan, or ctx, in which case the outcome still holds what was finished. A subtask that fails is reported in the summary
// and the subtasks that do not come after it still run.
func (e *Engine) Run(ctx context.Context, job Job, emit func(edit.Event)) (Outcome, error) {
	out, settle, err := e.start(ctx, job, emit)
	settle()
	return out, err
}

// start is Run, save that results may still be on their way into the store:
// settle waits for them and tells what went wrong. It must be called.
func (e *Engine) start(ctx context.Context, job Job, emit func(edit.Event)) (out Outcome, settle func(), err error) {
	settle = func() {}
	if emit == nil {
		emit = func(edit.Event) {}
	}
	job, order, err := e.ready(ctx, job)
	if err != nil {
		return out, settle, err
	}
	r := e.newRun(ctx, job, emit)
	if job.Frozen || job.Named {
		r.out.Summary.Estimates = r.learned.snapshot(r.index(ctx).Names())
	}
	r.out.Summary.Event = "done"
	emit(edit.Event{Type: edit.EventPlanned, Plan: &job.Plan})
	for _, st := range order {
		report := r.subtask(ctx, st)
		r.status[st.ID] = report.Status
		r.out.Summary.Subtasks = append(r.out.Summary.Subtasks, report)
	}
	r.finish()
	return r.out, r.settle, ctx.Err()
}

// newRun is the state that a job begins with, and what is known from earlier ones.
func (e *Engine) newRun(ctx context.Context, job Job, emit func(edit.Event)) *run {
	r := &run{Engine: e, job: job, emit: emit, status: make(map[int]edit.Status), used: make(map[string]bool), outlines: make(map[string]*pixel.Mask), enlarged: 1}
	r.trails, r.results, r.sight = make(map[int][]*Trail), newResults(e, job), newSight(job.Image)
	r.out.Plan, r.out.Image, r.out.Trails = job.Plan, job.Image, r.trails
	if job.Snapshot != nil {
		r.learned, r.rules = job.Snapshot.knowledge(), job.Snapshot.Index()
		return r
	}
	var err error
	if r.learned, err = recall(ctx, r.results.store, e.today()); err != nil {
		emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("estimates come from the docs alone: %v", err)})
	}
	return r
}

// ready checks a job, settles how its plan is carried out, and puts the subtasks in order.
func (e *Engine) ready(ctx context.Context, job Job) (Job, []edit.Subtask, error) {
	if job.Alpha < 0 || job.Alpha > 2 {
		return job, nil, edit.Userf("alpha is %v; it goes from 0 (all quality) to 2 (all cost)", job.Alpha)
	}
	if err := job.checkSearch(); err != nil {
		return job, nil, err
	}
	order, err := schedule(job.Plan.Subtasks)
	if err != nil {
		return job, nil, err
	}
	if err := job.Evidence.unused(named(job.Plan)); err != nil {
		return job, nil, err
	}
	if job.Pinned == nil && !job.decided {
		if job.Plan, err = e.decide(ctx, job); err != nil {
			return job, nil, err
		}
		order, err = schedule(job.Plan.Subtasks)
	}
	return job, order, err
}

// settle waits until what is kept for later is kept.
func (r *run) settle() {
	if err := r.results.wait(); err != nil {
		r.emit(edit.Event{Type: edit.EventNotice, Message: fmt.Sprintf("a result was not kept for later: %v", err)})
	}
}

func (r *run) finish() {
	r.sayNarrowed()
	if r.out.Mask == nil {
		r.out.Mask = r.subject
	}
	s := &r.out.Summary
	if r.Eye != nil {
		enter(s, r.Eye.Used())
	}
	slices.SortFunc(s.Subtasks, func(a, b edit.SubtaskReport) int { return a.ID - b.ID })
	for _, t := range s.Subtasks {
		s.Quality += t.Quality / float64(len(s.Subtasks))
	}
	for _, kind := range slices.Sorted(maps.Keys(r.used)) {
		d, ok := r.Runners[kind].(deviced)
		if !ok {
			continue
		}
		device, notice := d.Device()
		if device != "" && device != unsettled {
			s.Device = device
		}
		if notice != "" {
			r.emit(edit.Event{Type: edit.EventNotice, Message: notice})
		}
	}
	if s.Device == "" && len(r.used) > 0 {
		s.Device = "cpu"
	}
}

// stopped is why a subtask was not done that ctx ended.
const stopped = "stopped before it was done"

// subtask runs one subtask and reports how it ended.
func (r *run) subtask(ctx context.Context, st edit.Subtask) (report edit.SubtaskReport) {
	report = edit.SubtaskReport{ID: st.ID, Task: st.Task, Object: st.Object, Target: st.Target, Except: st.Except, Outline: st.Reshaped(), Via: "search", Toolpath: []string{}}
	if ctx.Err() != nil {
		report.Status, report.Reason = edit.StatusSkipped, stopped
		return report
	}
	for _, id := range st.After {
		if s := r.status[id]; s != edit.StatusDone && s != edit.StatusPlanned {
			report.Status = edit.StatusSkipped
			report.Reason = fmt.Sprintf("it comes after subtask %d, which did not succeed", id)
			r.emit(edit.Event{Type: edit.EventFailed, Subtask: st.ID, Error: report.Reason})
			return report
		}
	}
	if r.job.Pinned != nil {
		report.Via = "replay"
	}
	x := r.newExecution(st, r.hold(st))
	defer func(img *pixel.Image) { x.trace(ctx, img, &report) }(r.out.Image)
	err := x.complete(ctx)
	report.Toolpath, report.Quality, report.Seconds = x.path, x.quality*x.foundQuality, x.seconds
	report.Found, report.Region = x.found, x.region
	x.tellRule(ctx, &report)
	if x.target != "" {
		report.Target = x.target
	}
	if reason, ok := x.forgive(err); ok {
		report.Status, report.Reason, report.Quality = edit.StatusDone, reason, 1
		x.note("%s", reason)
		return report
	}
	defer func() { r.out.Summary.WastedSeconds += x.wasted }()
	if err != nil {
		report.Status, report.Reason, report.Quality = failure(err), err.Error(), 0
		if ctx.Err() != nil {
			report.Status, report.Reason = edit.StatusSkipped, stopped
		}
		if boxes := candidates(err); len(boxes) > 0 {
			report.Result = map[string]any{"candidates": boxes}
			r.out.Findings = append(r.out.Findings, Finding{Subtask: st, Boxes: boxes})
		}
		x.wasted = x.seconds
		r.emit(edit.Event{Type: edit.EventFailed, Subtask: st.ID, Error: report.Reason})
		return report
	}
	report.Status = edit.StatusDone
	if x.poor {
		report.Reason = "the best imperfect result: " + x.whyPoor()
		x.note("kept as %s", report.Reason)
	}
	if r.job.DryRun {
		report.Status = edit.StatusPlanned
		return report
	}
	report.Result = r.commit(x)
	r.emit(edit.Event{Type: edit.EventCommitted, Subtask: st.ID, Quality: x.quality, Seconds: x.seconds})
	return report
}

func failure(err error) edit.Status {
	var nf *edit.NotFoundError
	var amb *edit.AmbiguousError
	var no *noToolError
	switch {
	case errors.As(err, &nf):
		return edit.StatusNotFound
	case errors.As(err, &amb):
		return edit.StatusAmbiguous
	case errors.As(err, &no):
		return edit.StatusNoTool
	case overBudget(err):
		return edit.StatusBudget
	}
	return edit.StatusFailed
}

// candidates are the boxes that an ambiguous phrase fits, for the report.
func candidates(err error) []edit.Box {
	var amb *edit.AmbiguousError
	if !errors.As(err, &amb) {
		return nil
	}
	boxes := make([]edit.Box, len(amb.Candidates))
	for i, b := range amb.Candidates {
		boxes[i] = tidyBox(b)
	}
	return boxes
}

// schedule orders subtasks so that each comes after those it depends on and
// the plan's order is kept otherwise. Unknown ids, repeats and cycles are errors.
func schedule(subtasks []edit.Subtask) ([]edit.Subtask, error) {
	if len(subtasks) == 0 {
		return nil, edit.Userf("the plan has no subtasks")
	}
	byID := make(map[int]edit.Subtask)
	for _, st := range subtasks {
		if _, twice := byID[st.ID]; twice {
			return nil, edit.Userf("the plan has two subtasks with the id %d", st.ID)
		}
		byID[st.ID] = st
	}
	var order []edit.Subtask
	const visiting, done = 1, 2
	state := make(map[int]int)
	var visit func(st edit.Subtask) error
	visit = func(st edit.Subtask) error {
		switch state[st.ID] {
		case done:
			return nil
		case visiting:
			return edit.Userf("subtask %d comes after itself", st.ID)
		}
		state[st.ID] = visiting
		for _, id := range st.After {
			before, ok := byID[id]
			if !ok {
				return edit.Userf("subtask %d comes after subtask %d, which the plan does not have", st.ID, id)
			}
			if err := visit(before); err != nil {
				return err
			}
		}
		state[st.ID] = done
		order = append(order, st)
		return nil
	}
	for _, st := range subtasks {
		if err := visit(st); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// commit takes over a finished subtask's artifacts and returns what a
// read-only task answers.
func (r *run) commit(x *execution) any {
	finding := Finding{Subtask: x.st}
	m, outlined := x.held[edit.SlotMask].(*pixel.Mask)
	if !outlined {
		if s := x.subjectMask(); s != nil {
			r.subject = s
		}
	} else {
		finding.Mask = m
		switch {
		case r.out.Mask == nil:
			r.out.Mask = m
		case r.out.Mask.W == m.W && r.out.Mask.H == m.H: // else the picture was resized since
			r.out.Mask = pixel.Union(r.out.Mask, m)
		}
	}
	if b, ok := x.held[edit.SlotBoxes].(edit.Boxes); ok {
		finding.Boxes = b.Picked
	}
	for _, slot := range slices.Sorted(maps.Keys(x.held)) {
		if s, ok := x.held[slot].(edit.Spans); ok && len(finding.Spans) == 0 {
			finding.Spans = s
		}
	}
	r.remember(x)
	r.saw(x)
	r.out.Findings = append(r.out.Findings, finding)
	if img, ok := x.outputs[edit.SlotImage].(*pixel.Image); ok {
		r.moveOn(x, img)
		r.out.Image, r.out.Edited = img, true
		return nil
	}
	return r.answer(x)
}
