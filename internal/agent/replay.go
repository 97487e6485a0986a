package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/recipe"
)

// ReplayJob runs the recipe of a file again on a picture.
type ReplayJob struct {
	File    string            // carries the recipe
	On      string            // the picture to run it on, or "-" to read In
	In      io.Reader         // for On "-"
	Output  string            // path, or "-" to write to Out
	Out     io.Writer         // for Output "-"
	Quality int               // of the output; 0: as recorded
	Masks   []string          // pictures of the masks that the recipe used
	With    map[string]string // further pictures that it used, by port name

	StripMetadata, NoRecipe bool
}

// ShowFile reads the recipe of a file, and how it says that its picture came to
// be. The recipe is nil when there is none.
func ShowFile(ctx context.Context, path string) (*recipe.Recipe, recipe.Source, error) {
	meta, err := imageio.Inspect(ctx, path, imageio.Limits{})
	if err != nil {
		return nil, "", err
	}
	r, err := recipe.Read(meta.XMP)
	if err != nil {
		return nil, "", &edit.UserError{Msg: path, Err: err}
	}
	return r, recipe.SourceOf(meta.XMP), nil
}

// NoRecipeError says that a file carries no recipe.
type NoRecipeError struct{ Path string }

// Error implements error.
func (e *NoRecipeError) Error() string { return e.Path + ": carries no recipe of an edit" }

// MissingToolError says that a tool or a model that a recipe needs is not here.
type MissingToolError struct{ Err error }

// Error implements error.
func (e *MissingToolError) Error() string { return e.Err.Error() }

// Unwrap implements errors.Unwrap.
func (e *MissingToolError) Unwrap() error { return e.Err }

// ReplayFile runs every recorded turn from the one that began with the given
// picture, each by its recorded toolpath, writing and reading the pictures
// between them as they were then. On the same picture it gives the same file.
// The summary is the last turn's.
func (k *Kit) ReplayFile(ctx context.Context, job ReplayJob, emit func(edit.Event)) (Outcome, error) {
	r, _, err := ShowFile(ctx, job.File)
	if err != nil {
		return Outcome{}, err
	}
	if r == nil {
		return Outcome{}, &NoRecipeError{job.File}
	}
	if err := job.check(); err != nil {
		return Outcome{}, err
	}
	data, start, err := k.begin(ctx, job, r, emit)
	if err != nil {
		return Outcome{}, err
	}
	turns := r.Turns[start:]
	for i := range turns {
		if err := k.same(ctx, &turns[i]); err != nil {
			return Outcome{}, err
		}
	}
	for i := range turns {
		last := i == len(turns)-1
		var made bytes.Buffer
		fj, err := k.again(ctx, job, &turns[i], data, &made, last)
		if err != nil {
			return Outcome{}, err
		}
		if i > 0 {
			k.sayOther(ctx, data, turns[i].Input, emit)
		}
		out, err := k.EditFile(ctx, fj, emit)
		if err != nil || last {
			return out, err
		}
		for _, s := range out.Summary.Subtasks {
			if s.Status != edit.StatusDone {
				return out, nil // the turns after it would run on another picture
			}
		}
		data = made.Bytes()
	}
	return Outcome{}, nil
}

func (j *ReplayJob) check() error {
	fj := FileJob{Input: j.On, Output: j.Output, Quality: j.Quality, With: j.With}
	if j.Output == "" {
		return usagef("add -o FILE", "no output is given")
	}
	if j.Output != "-" && imageio.SameFile(j.Output, j.File) {
		return usagef("choose another file", "-o %s is the file with the recipe, which is never overwritten", j.Output)
	}
	for _, m := range j.Masks {
		if j.Output != "-" && imageio.SameFile(j.Output, m) {
			return usagef("choose another file", "-o %s is a mask, which is never overwritten", j.Output)
		}
	}
	if j.Quality > 0 { // what the format takes is settled by the recipe otherwise
		return fj.check()
	}
	fj.Quality = 0
	return fj.check()
}

// begin reads the picture and finds the turn that it is the input of: the
// first one where it is none.
func (k *Kit) begin(ctx context.Context, job ReplayJob, r *recipe.Recipe, emit func(edit.Event)) (data []byte, turn int, err error) {
	name := job.On
	if job.On == "-" {
		name = "standard input"
		data, err = imageio.ReadAll(ctx, job.In, name, imageio.Limits{})
	} else {
		data, err = imageio.ReadFile(ctx, job.On, imageio.Limits{})
	}
	if err != nil {
		return nil, 0, err
	}
	img, _, err := imageio.Decode(ctx, bytes.NewReader(data), name, imageio.Limits{})
	if err != nil {
		return nil, 0, err
	}
	id := pictureID(img)
	for i, t := range r.Turns {
		if t.Input == id {
			return data, i, nil
		}
	}
	msg := name + " is not the picture that the recipe was made on; it is run on it all the same"
	if r.Earlier > 0 {
		msg += fmt.Sprintf(", without the %s that found no room in the file", plural(r.Earlier, "older edit"))
	}
	emit(edit.Event{Type: edit.EventNotice, Message: msg})
	return data, 0, nil
}

// sayOther tells when the picture between two turns is not the one that was there then.
func (k *Kit) sayOther(ctx context.Context, data []byte, want recipe.Picture, emit func(edit.Event)) {
	if img, _, err := imageio.Decode(ctx, bytes.NewReader(data), "", imageio.Limits{}); err == nil && pictureID(img) != want {
		emit(edit.Event{Type: edit.EventNotice, Message: "the picture now is another than at this point of the recipe: the original is, or it was changed elsewhere in between"})
	}
}

// again is the job that runs a turn on the picture in data. Between turns it is written as it was then.
func (k *Kit) again(ctx context.Context, job ReplayJob, t *recipe.Turn, data []byte, made *bytes.Buffer, last bool) (FileJob, error) {
	fj := FileJob{
		Input: "-", In: bytes.NewReader(data), Request: t.Request, replay: t,
		Output: "-", Out: made, Format: imageio.Format(t.Output.Format), Quality: t.Output.Quality,
		Alpha: t.Alpha, Threshold: t.Threshold, Seed: t.Seed,
	}
	if !fj.Format.Writable() {
		return fj, edit.Userf("the recipe's output format %q is none that is written", t.Output.Format)
	}
	if last {
		fj.Output, fj.Out = job.Output, job.Out
		fj.StripMetadata, fj.NoRecipe = job.StripMetadata, job.NoRecipe
		if job.Quality > 0 {
			fj.Quality = job.Quality
		} else if f := fj.format(); f != imageio.Format(t.Output.Format) {
			fj.Quality = 0 // recorded for another format
		}
	}
	if t.Evidence == nil {
		return fj, nil
	}
	fj.Boxes, fj.Points = t.Evidence.Boxes, t.Evidence.Points
	if err := job.lend(ctx, t.Evidence, data, &fj); err != nil {
		return fj, err
	}
	return fj, nil
}

// lend finds among the pictures given those that the turn used, by their samples.
func (j *ReplayJob) lend(ctx context.Context, ev *recipe.Evidence, data []byte, fj *FileJob) error {
	for _, name := range slices.Sorted(maps.Keys(ev.With)) {
		path, ok := j.With[name]
		if !ok {
			return usagef(fmt.Sprintf("give it with --with %s=FILE", name), "the recipe used a picture as %s, which is not in the file", name)
		}
		img, _, err := imageio.Load(ctx, path, imageio.Limits{})
		if err != nil {
			return err
		}
		if pictureID(img) != ev.With[name] {
			return usagef("", "%s is not the picture that the recipe used as %s", path, name)
		}
		if fj.With == nil {
			fj.With = make(map[string]string)
		}
		fj.With[name] = path
	}
	if len(ev.Masks)+len(ev.Beside) > 0 {
		return usagef("agent sessions replay runs the turn again", "the recipe used objects that were numbered in a session, which are not in the file")
	}
	if ev.Mask == nil {
		return nil
	}
	img, _, err := imageio.Decode(ctx, bytes.NewReader(data), "the picture", imageio.Limits{})
	if err != nil {
		return err
	}
	for _, path := range j.Masks {
		m, _, err := imageio.LoadMask(ctx, path, img.W, img.H, imageio.Limits{})
		if err == nil && maskID(m) == *ev.Mask {
			fj.Mask = path
			return nil
		}
	}
	if len(j.Masks) > 0 {
		return usagef("", "none of the masks given is the one that the recipe used")
	}
	return usagef("give it with --mask FILE", "the recipe used a mask, which is not in the file")
}

// replayable are the subtasks of a turn that were done, without the order
// relations to those that were not.
func replayable(t *recipe.Turn) []edit.Subtask {
	done := make(map[int]bool)
	for _, s := range t.Steps {
		done[s.Subtask.ID] = len(s.Toolpaths) > 0
	}
	var list []edit.Subtask
	for _, s := range t.Steps {
		if done[s.Subtask.ID] {
			st := s.Subtask
			st.After = slices.DeleteFunc(slices.Clone(st.After), func(id int) bool { return !done[id] })
			list = append(list, st)
		}
	}
	return list
}

// pinned are the trails that a replay follows; nil for an edit that searches.
func pinned(t *recipe.Turn) map[int][]Trail {
	if t == nil {
		return nil
	}
	calls := func(list []recipe.Call) []edit.Call {
		out := make([]edit.Call, len(list))
		for i, c := range list {
			out[i] = edit.Call{Tool: c.Tool, Variant: c.Variant, Params: c.Params}
		}
		return out
	}
	all := make(map[int][]Trail)
	for _, s := range t.Steps {
		for _, p := range s.Toolpaths {
			all[s.Subtask.ID] = append(all[s.Subtask.ID], Trail{Calls: calls(p.Calls), Asked: calls(p.Asked)})
		}
	}
	return all
}

// same checks that every tool and model of a turn is here and is what it was.
func (k *Kit) same(ctx context.Context, t *recipe.Turn) error {
	for _, s := range t.Steps {
		for _, p := range s.Toolpaths {
			for _, c := range slices.Concat(p.Calls, p.Asked) {
				if err := k.sameTool(ctx, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (k *Kit) sameTool(ctx context.Context, c recipe.Call) error {
	spec := k.Engine.spec(c.Tool)
	if spec == nil {
		return &MissingToolError{edit.Userf("the recipe uses the tool %s, which this program has no doc of", c.Tool)}
	}
	if state, why := k.State(spec); state != "ready" {
		return &MissingToolError{&edit.UserError{Msg: "the recipe uses a tool that cannot run here: " + why}}
	}
	if spec.Digest != c.Digest {
		return &edit.UserError{
			Msg:  fmt.Sprintf("the tool %s was changed since the recipe was made: its digest was %s and is %s", c.Tool, short(c.Digest), short(spec.Digest)),
			Hint: "use the program and the tool docs of then",
		}
	}
	sums, err := k.modelSums(ctx, spec)
	if err != nil {
		return err
	}
	if !slices.Equal(sums, c.Models) {
		was := "another one"
		for i, sum := range c.Models {
			if i >= len(sums) || sums[i] != sum {
				was = "sha256 " + short(sum)
				break
			}
		}
		return &edit.UserError{Msg: fmt.Sprintf("the model of the tool %s is not the one that the recipe used (%s)", c.Tool, was), Hint: "install that file"}
	}
	return nil
}

func short(sum string) string { return sum[:min(len(sum), 12)] }
