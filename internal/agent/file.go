package agent

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
)

// FileJob is an edit from one file to another, as the command line and plan
// files ask for it.
type FileJob struct {
	Input    string    // path, or "-" to read In
	In       io.Reader // for Input "-"
	Output   string    // path, "-" to write PNG to Out, or "" when nothing is to be saved
	Out      io.Writer // for Output "-"
	InPlace  bool      // Output is Input: the one case in which it may be
	Request  string    // plain words, unless Subtasks are given
	Subtasks []edit.Subtask
	Mask     string // mask picture
	Boxes    map[string][]edit.Box
	Points   map[string]edit.Points
	ShowMask string // where the objects' mask is saved
	Annotate string // where the picture with what was found drawn on it is saved

	Alpha, Threshold float64
	Seed             int64
	DryRun           bool
}

// EditFile plans and carries out one FileJob. Its error stops the job; subtasks
// that fail are in the outcome's summary. Nothing is saved when no subtask
// changed the picture, and what succeeded is saved when others failed.
func (k *Kit) EditFile(ctx context.Context, job FileJob, emit func(edit.Event)) (Outcome, error) {
	if err := job.check(); err != nil {
		return Outcome{}, err
	}
	if err := k.settleDevice(ctx); err != nil {
		return Outcome{}, err
	}
	start := k.Engine.Now()
	img, meta, err := job.load(ctx)
	if err != nil {
		return Outcome{}, err
	}
	evidence := Evidence{Boxes: job.Boxes, Points: job.Points}
	if job.Mask != "" {
		mask, notices, err := imageio.LoadMask(ctx, job.Mask, img.W, img.H, imageio.Limits{})
		if err != nil {
			return Outcome{}, err
		}
		evidence.Mask = mask
		meta.Notices = append(meta.Notices, notices...)
	}
	io := k.Engine.Now().Sub(start)
	plan, err := k.plan(ctx, job)
	if err != nil {
		return Outcome{}, err
	}
	for _, n := range append(meta.Notices, k.Notices()...) {
		emit(edit.Event{Type: edit.EventNotice, Message: n})
	}
	out, err := k.Engine.Run(ctx, Job{
		Image: img, Plan: plan, Evidence: evidence, Alpha: job.Alpha, Threshold: job.Threshold, Seed: job.Seed, DryRun: job.DryRun,
	}, emit)
	if err != nil {
		return out, err
	}
	start = k.Engine.Now()
	err = job.save(ctx, &out, meta, emit)
	io += k.Engine.Now().Sub(start)
	out.Summary.IOSeconds = io.Seconds()
	return out, err
}

// plan turns the job's request into subtasks, or takes those it carries.
func (k *Kit) plan(ctx context.Context, job FileJob) (edit.Plan, error) {
	if len(job.Subtasks) == 0 {
		return k.Plan(ctx, job.Request)
	}
	plan := edit.Plan{Request: job.Request, Planner: "file", Subtasks: job.Subtasks}
	return plan, k.Validate(plan)
}

func (j *FileJob) check() error {
	if j.InPlace {
		if j.Input == "-" {
			return edit.Userf("standard input cannot be edited in place")
		}
		j.Output = j.Input
		return nil
	}
	if j.Input != "-" && j.Output != "-" && j.Output != "" && imageio.SameFile(j.Input, j.Output) {
		return &edit.UserError{Msg: fmt.Sprintf("the output %s is the input, which is never overwritten", j.Output), Hint: "choose another -o, or say --in-place"}
	}
	for _, side := range []string{j.ShowMask, j.Annotate} {
		if side != "" && j.Input != "-" && imageio.SameFile(j.Input, side) {
			return edit.Userf("%s is the input, which is never overwritten", side)
		}
	}
	if j.Output != "" && j.Output != "-" {
		if _, err := imageio.FormatForPath(j.Output); err != nil {
			return err
		}
		if dir := filepath.Dir(j.Output); !isDir(dir) {
			return &edit.UserError{Msg: fmt.Sprintf("the folder %s does not exist", dir), Hint: "make it first"}
		}
	}
	return nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func (j *FileJob) load(ctx context.Context) (*pixel.Image, imageio.Meta, error) {
	if j.Input == "-" {
		return imageio.Decode(ctx, j.In, "standard input", imageio.Limits{})
	}
	return imageio.Load(ctx, j.Input, imageio.Limits{})
}

// save writes the result and what else was asked for.
func (j *FileJob) save(ctx context.Context, out *Outcome, meta imageio.Meta, emit func(edit.Event)) error {
	if j.DryRun {
		return nil
	}
	opt := imageio.Options{
		ICC:    meta.ICC,
		Notice: func(s string) { emit(edit.Event{Type: edit.EventNotice, Message: s}) },
	}
	if j.ShowMask != "" {
		if out.Mask == nil {
			emit(edit.Event{Type: edit.EventNotice, Message: "no mask was made, so --show-mask saved nothing"})
		} else if err := imageio.SaveMask(ctx, j.ShowMask, out.Mask); err != nil {
			return err
		}
	}
	if j.Annotate != "" {
		drawn := Annotate(out.Image, out.Findings)
		if err := imageio.Save(ctx, j.Annotate, drawn, opt); err != nil {
			return err
		}
	}
	picture := out.Image
	if !out.Edited {
		if out.View == nil || j.InPlace {
			if j.Output != "" {
				emit(edit.Event{Type: edit.EventNotice, Message: "the picture was not changed, so nothing was saved"})
			}
			return nil
		}
		picture, opt.ICC = out.View, nil
	}
	switch j.Output {
	case "":
		emit(edit.Event{Type: edit.EventNotice, Message: "no -o was given, so the edited picture was not saved"})
		return nil
	case "-":
		return imageio.Encode(j.Out, picture, imageio.PNG, opt)
	}
	if err := imageio.Save(ctx, j.Output, picture, opt); err != nil {
		return err
	}
	out.Summary.Output = j.Output
	emit(edit.Event{Type: edit.EventSaved, Output: j.Output})
	return nil
}
