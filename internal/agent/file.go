package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
	"pentimento/internal/planner"
	"pentimento/internal/recipe"
)

// FileJob is an edit from one file to another, as the command line and plan
// files ask for it.
type FileJob struct {
	Input    string         // path, or "-" to read In
	In       io.Reader      // for Input "-"
	Output   string         // path, "-" to write to Out, or "" when nothing is to be saved
	Out      io.Writer      // for Output "-"
	Format   imageio.Format // for Output "-"; PNG where empty
	Quality  int            // of JPEG and WebP files, 1 to 100; 0: the format's own
	InPlace  bool           // Output is Input: the one case in which it may be
	Request  string         // plain words, unless Subtasks are given
	Subtasks []edit.Subtask
	// Alternatives are other ways to do some of Subtasks.
	Alternatives []edit.Alternative
	Mask         string // mask picture
	Boxes        map[string][]edit.Box
	Points       map[string]edit.Points
	With         map[string]string // further pictures: files by the name of the tools' image port
	ShowMask     string            // where the objects' mask is saved
	Annotate     string            // where the picture with what was found drawn on it is saved

	Alpha, Threshold float64
	Seed             int64
	DryRun           bool
	AcceptBest       bool   // take the best imperfect result where none passes the judge
	Frozen           bool   // rank by judged quality and estimated cost only
	Search           string // SearchLazy, the default, or SearchEager
	NoSubroutines    bool   // every subtask goes the slow way
	Explain          bool   // tell the arithmetic of choosing a subroutine
	Pareto           bool   // find the undominated ways to do it, and, unless one is picked, run nothing
	Pick             int    // the way to take, by its number in that frontier from 1; 0: the best at Alpha

	USDPerHour float64  // what an hour of waiting is worth, in dollars; 0: 6
	MaxUSD     *float64 // the most money that may be spent; nil: any

	SendPicture   bool   // show the down-scaled picture to the language model that plans
	KeepModelView string // the folder where the exact bytes that the model saw are saved
	// Explained, where not nil, is told what was said to a model and by it.
	Explained func(*planner.Trace)
	// Asked, where not nil, is told what a model that looks on was asked and answered.
	Asked func(text string)

	Pins     map[string][]string // the tools that alone may complete a subtask, by its id or task type
	Snapshot *Snapshot           // what ranks toolpaths, in place of what the store knows at the moment
	Named    bool                // the summary names the estimates and rules that the edit began with
	Beside   int                 // how many other edits this program carries out at the same time
	Planned  *Planned            // the request's plan, where it was made before; nil: it is planned now
	// Turn, where not nil, is asked once the picture is read, and waits for its turn to compute; over is called
	// when only saving is left. Reading and saving go on beside other edits' turns.
	Turn func(ctx context.Context) (over func(), err error)
	// MaxSeconds bounds an edit that is carried out elsewhere; here the context does. 0: no bound.
	MaxSeconds float64

	StripMetadata bool // write no EXIF, XMP or recipe; the colour profile stays
	NoRecipe      bool // write no recipe, and take out the one that the input carries

	// Picture, where it is not nil, is the picture itself, with what its file said; Input
	// then only names it. The result is the caller's to keep, so that it needs no Output.
	Picture *pixel.Image
	Meta    imageio.Meta
	History edit.History // what "it" and the like may refer to
	// Numbered, not nil, is asked once the request is planned for the mattes of the objects
	// that it named by their numbers. It may word the plan's request anew.
	Numbered func(ctx context.Context, plan *edit.Plan, img *pixel.Image) (Numbered, error)
	// Picked are the calls, by subtask id, that its path may hold.
	Picked map[int][]string
	// Without are the calls, by subtask id, that may not complete it.
	Without map[int][]string

	replay *recipe.Turn // the turn to run again, instead of a request
	loaded *loaded      // the picture, where it was read before planning
}

// EditFile plans and carries out one FileJob. Its error stops the job; subtasks
// that fail are in the outcome's summary. Nothing is saved when no subtask
// changed the picture, and what succeeded is saved when others failed. emit must not be nil.
func (k *Kit) EditFile(ctx context.Context, job FileJob, emit func(edit.Event)) (Outcome, error) {
	if err := job.check(); err != nil {
		return Outcome{}, err
	}
	job.DryRun = job.DryRun || job.Pareto && job.Pick == 0
	if err := k.checkWith(job.With); err != nil {
		return Outcome{}, err
	}
	if err := k.SettleDevice(ctx); err != nil {
		return Outcome{}, err
	}
	k, err := k.asking(&job)
	if err != nil {
		return Outcome{}, err
	}
	planned, err := k.plan(ctx, &job, emit)
	if err != nil {
		return Outcome{}, err
	}
	plan := planned.Plan
	if err := k.needsOutput(job, plan); err != nil {
		return Outcome{}, err
	}
	if job.replay == nil { // a replay runs what was recorded again
		k.Remember(ctx, emit)
	}
	start := k.Engine.Now()
	img, meta, evidence, err := k.given(ctx, &job, &plan)
	if err != nil {
		return Outcome{}, err
	}
	io := k.Engine.Now().Sub(start)
	for _, n := range append(meta.Notices, k.Notices()...) {
		emit(edit.Event{Type: edit.EventNotice, Message: n})
	}
	todo := job.todo(img, plan, evidence, planned.Used)
	var points []Point
	if job.Pareto || job.Pick > 0 {
		if points, err = k.weigh(ctx, &todo, job.Pick); err != nil {
			return Outcome{}, err
		}
	}
	over := func() {}
	if job.Turn != nil {
		if over, err = job.Turn(ctx); err != nil {
			return Outcome{}, err
		}
	}
	out, settle, err := k.Engine.start(ctx, todo, emit)
	over()
	defer settle() // results are kept for later while the picture is saved
	out.Frontier = points
	enter(&out.Summary, planned.Used)
	if err != nil && out.Summary.Event == "" {
		return out, err
	}
	// A stop keeps what is finished, so it is saved under a context that is not stopped.
	start = k.Engine.Now()
	w := writing{Kit: k, job: &job, plan: out.Plan, input: img, evidence: evidence, meta: meta, emit: emit}
	saveErr := w.save(context.WithoutCancel(ctx), &out)
	io += k.Engine.Now().Sub(start)
	out.Summary.IOSeconds = io.Seconds()
	return out, errors.Join(err, saveErr)
}

// given reads the picture and what the person gave beside the words; regions that the
// words number are put into the plan.
func (k *Kit) given(ctx context.Context, job *FileJob, plan *edit.Plan) (*pixel.Image, imageio.Meta, Evidence, error) {
	img, meta, err := job.picture(ctx)
	if err != nil {
		return nil, meta, Evidence{}, err
	}
	if err := job.inside(img.W, img.H); err != nil {
		return nil, meta, Evidence{}, err
	}
	evidence, notices, err := k.evidence(ctx, job, img)
	if err == nil && job.Numbered != nil {
		evidence.Numbered, err = job.Numbered(ctx, plan, img)
	}
	meta.Notices = append(meta.Notices, notices...)
	return img, meta, evidence, err
}

// todo is the job for the engine; used is what planning took of the budget.
func (j *FileJob) todo(img *pixel.Image, plan edit.Plan, evidence Evidence, used llm.Usage) Job {
	return Job{
		Image: img, Plan: plan, Evidence: evidence, Alpha: j.Alpha, Threshold: j.Threshold, Seed: j.Seed, DryRun: j.DryRun,
		AcceptBest: j.AcceptBest, Frozen: j.Frozen, Search: j.Search, USDPerHour: j.USDPerHour, MaxUSD: left(j.MaxUSD, used.USD),
		NoSubroutines: j.NoSubroutines, Explain: j.Explain, Picked: j.Picked, Without: j.Without, Pinned: pinned(j.replay),
		Pins: j.Pins, Snapshot: j.Snapshot, Named: j.Named, Beside: j.Beside,
	}
}

// UsageError says that what was asked for cannot be done as asked, whatever the picture's content.
type UsageError struct{ Err error }

// Error implements error.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap implements errors.Unwrap.
func (e *UsageError) Unwrap() error { return e.Err }

// PlanError says that the request or the subtasks given make no plan.
type PlanError struct{ Err error }

// Error implements error.
func (e *PlanError) Error() string { return e.Err.Error() }

// Unwrap implements errors.Unwrap.
func (e *PlanError) Unwrap() error { return e.Err }

func usagef(hint, format string, args ...any) error {
	return &UsageError{&edit.UserError{Msg: fmt.Sprintf(format, args...), Hint: hint}}
}

// needsOutput refuses, before anything runs, an edit whose result would go nowhere.
func (k *Kit) needsOutput(job FileJob, plan edit.Plan) error {
	if job.Output != "" || job.Picture != nil || job.DryRun || job.ShowMask != "" || job.Annotate != "" {
		return nil
	}
	for _, st := range plan.Subtasks {
		for i := range k.Engine.Specs {
			spec := &k.Engine.Specs[i]
			if _, ok := spec.Claim(st.Task); !ok {
				continue
			}
			if _, makes := spec.Output("image"); makes {
				return usagef("add -o FILE.png, or --dry-run to see the plan", "%s makes a new picture, and no output is given for it", st.Task)
			}
		}
	}
	return nil
}

// inside refuses boxes and points that do not touch the picture.
func (j *FileJob) inside(w, h int) error {
	for _, name := range slices.Sorted(maps.Keys(j.Boxes)) {
		for _, b := range j.Boxes[name] {
			if b.Clip(w, h).Area() < 1 {
				return usagef("", "the box %s=%s lies outside the picture, which is %d×%d", name, b, w, h)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.Points)) {
		include := false
		for _, p := range j.Points[name] {
			if p.X < 0 || p.Y < 0 || p.X >= float64(w) || p.Y >= float64(h) {
				return usagef("", "the point %s=%g,%g lies outside the picture, which is %d×%d", name, p.X, p.Y, w, h)
			}
			include = include || !p.Exclude
		}
		if !include {
			return usagef("add one without !", "%s has only points that say what it is not", name)
		}
	}
	return nil
}

// plan turns the job's request into subtasks, or takes those it carries.
func (k *Kit) plan(ctx context.Context, job *FileJob, emit func(edit.Event)) (Planned, error) {
	if job.replay != nil {
		plan := edit.Plan{Request: job.replay.Request, Planner: job.replay.Planner, Subtasks: replayable(job.replay)}
		return Planned{Plan: plan}, unplanned(k.Validate(plan))
	}
	if len(job.Subtasks) > 0 {
		plan := edit.Plan{Request: job.Request, Planner: "file", Subtasks: job.Subtasks, Alternatives: job.Alternatives}
		return Planned{Plan: plan}, unplanned(k.Validate(plan))
	}
	if job.Planned != nil {
		return *job.Planned, nil
	}
	picture, err := k.show(ctx, job)
	if err != nil {
		return Planned{}, err
	}
	k.sayNoModel(emit)
	planned, err := k.PlanWith(ctx, job.Request, job.History, picture)
	if job.Explained != nil && planned.Trace != nil {
		job.Explained(planned.Trace)
	}
	return planned, unplanned(err)
}

func unplanned(err error) error {
	if err == nil {
		return nil
	}
	return &PlanError{err}
}

func (j *FileJob) check() error {
	if j.InPlace {
		if j.Input == "-" {
			return usagef("", "standard input cannot be edited in place")
		}
		j.Output = j.Input
	}
	if f := j.format(); j.Quality < 0 || j.Quality > 100 {
		return usagef("", "quality %d is outside 1 to 100", j.Quality)
	} else if j.Quality > 0 && j.Output != "" && f != imageio.JPEG && f != imageio.WebP {
		return usagef("name the output .jpg or .webp", "%s is written without loss and takes no quality", f.Title())
	}
	outputs := map[string]string{"-o": j.Output, "--show-mask": j.ShowMask, "--annotate": j.Annotate}
	if err := j.distinct(outputs); err != nil {
		return err
	}
	for _, flag := range slices.Sorted(maps.Keys(outputs)) {
		path := outputs[flag]
		if path == "" || path == "-" {
			continue
		}
		if f, err := imageio.FormatForPath(path); err != nil {
			return &UsageError{err}
		} else if !f.Writable() {
			return usagef("use .png, .jpg, .webp or .tiff", "%s: %s pictures can be read, not written", path, f.Title())
		}
		if isDir(path) {
			return usagef("name a file in it", "%s %s is a folder", flag, path)
		}
		if dir := filepath.Dir(path); !isDir(dir) {
			return usagef("make it first", "the folder %s does not exist", dir)
		}
	}
	return nil
}

// distinct refuses outputs that would overwrite an input or each other.
func (j *FileJob) distinct(outputs map[string]string) error {
	same := func(a, b string) bool {
		return a != "" && a != "-" && b != "" && b != "-" && (filepath.Clean(a) == filepath.Clean(b) || imageio.SameFile(a, b))
	}
	flags := slices.Sorted(maps.Keys(outputs))
	for i, flag := range flags {
		path := outputs[flag]
		if same(path, j.Mask) {
			return usagef("choose another file", "%s %s is the mask, which is never overwritten", flag, path)
		}
		for _, name := range slices.Sorted(maps.Keys(j.With)) {
			if same(path, j.With[name]) {
				return usagef("choose another file", "%s %s is the %s, which is never overwritten", flag, path, name)
			}
		}
		if same(path, j.Input) && (!j.InPlace || flag != "-o") {
			return usagef("choose another file, or say --in-place", "%s %s is the input, which is never overwritten", flag, path)
		}
		for _, other := range flags[i+1:] {
			if same(path, outputs[other]) {
				return usagef("", "%s and %s would both write %s", flag, other, path)
			}
		}
	}
	return nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func (j *FileJob) load(ctx context.Context) (*pixel.Image, imageio.Meta, error) {
	if j.Picture != nil {
		return j.Picture, j.Meta, nil
	}
	if j.Input == "-" {
		return imageio.Decode(ctx, j.In, "standard input", imageio.Limits{})
	}
	return imageio.Load(ctx, j.Input, imageio.Limits{})
}

// format is what the output is written in; PNG where there is none.
func (j *FileJob) format() imageio.Format {
	if j.Output != "-" {
		if f, err := imageio.FormatForPath(j.Output); err == nil {
			return f
		}
	} else if j.Format != "" {
		return j.Format
	}
	return imageio.PNG
}

// evidence reads the pictures that the person gives beside the words.
func (k *Kit) evidence(ctx context.Context, job *FileJob, img *pixel.Image) (ev Evidence, notices []string, err error) {
	ev = Evidence{Boxes: job.Boxes, Points: job.Points}
	if job.Mask != "" {
		if ev.Mask, notices, err = imageio.LoadMask(ctx, job.Mask, img.W, img.H, imageio.Limits{}); err != nil {
			return ev, nil, &UsageError{err}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(job.With)) {
		second, meta, err := imageio.Load(ctx, job.With[name], imageio.Limits{})
		if err != nil {
			return ev, nil, err
		}
		for _, n := range meta.Notices {
			notices = append(notices, "the "+name+": "+n)
		}
		if ev.With == nil {
			ev.With = make(map[string]*pixel.Image)
		}
		ev.With[name] = second
	}
	return ev, notices, nil
}

// checkWith refuses further pictures that no tool takes.
func (k *Kit) checkWith(with map[string]string) error {
	known := make(map[string]bool)
	for i := range k.Engine.Specs {
		for _, p := range k.Engine.Specs[i].Inputs {
			if p.Kind == edit.KindImage && p.Name != edit.SlotImage {
				known[p.Name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if known[name] {
			continue
		}
		hint := "no tool takes a second picture"
		if len(known) > 0 {
			hint = "tools take: " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
		}
		return usagef(hint, "no tool takes a picture called %q", name)
	}
	return nil
}
