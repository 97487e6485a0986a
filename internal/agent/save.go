package agent

import (
	"context"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/pixel"
	"pentimento/internal/recipe"
)

// writing is a finished edit on its way into files.
type writing struct {
	*Kit
	job      *FileJob
	plan     edit.Plan
	input    *pixel.Image
	evidence Evidence
	meta     imageio.Meta
	emit     func(edit.Event)
}

func (w *writing) notice(s string) { w.emit(edit.Event{Type: edit.EventNotice, Message: s}) }

// save writes the result and what else was asked for.
func (w *writing) save(ctx context.Context, out *Outcome) error {
	j := w.job
	if j.DryRun {
		return nil
	}
	if err := w.record(ctx, out); err != nil {
		return err
	}
	opt := imageio.Options{ICC: w.meta.ICC, Gray: w.meta.Gray, Quality: j.Quality, Notice: w.notice}
	if j.ShowMask != "" {
		if out.Mask == nil {
			w.notice("no mask was made, so --show-mask saved nothing")
		} else if err := imageio.SaveMask(ctx, j.ShowMask, out.Mask); err != nil {
			return err
		}
	}
	if j.Annotate != "" {
		drawn := Annotate(out.Image, out.Findings)
		if err := imageio.Save(ctx, j.Annotate, drawn, imageio.Options{ICC: opt.ICC, Gray: opt.Gray, Notice: w.notice}); err != nil {
			return err
		}
	}
	if !out.Edited {
		if out.View == nil || j.InPlace {
			if j.Output != "" {
				w.notice("the picture was not changed, so nothing was saved")
			}
			return nil
		}
		// A picture of an answer is no photograph: it says nothing of its own.
		return w.put(ctx, out, out.View, imageio.Options{Quality: j.Quality, Notice: w.notice})
	}
	if j.Output == "" {
		if j.Picture == nil {
			w.notice("no -o was given, so the edited picture was not saved")
		}
		return nil
	}
	if err := w.describe(ctx, out, &opt); err != nil {
		return err
	}
	return w.put(ctx, out, out.Image, opt)
}

// record tells the keeper of a session how its picture was changed.
func (w *writing) record(ctx context.Context, out *Outcome) error {
	if w.job.Picture == nil || !out.Edited {
		return nil
	}
	turn, err := w.turn(ctx, out)
	if err != nil {
		return err
	}
	out.Recipe, out.Source = &turn, w.source(out)
	return nil
}

// put writes the picture to the output, if there is one.
func (w *writing) put(ctx context.Context, out *Outcome, m *pixel.Image, opt imageio.Options) error {
	j := w.job
	switch j.Output {
	case "":
		w.notice("no -o was given, so the picture was not saved")
		return nil
	case "-":
		return imageio.EncodeContext(ctx, j.Out, m, j.format(), opt)
	}
	if err := imageio.Save(ctx, j.Output, m, opt); err != nil {
		return err
	}
	w.sayLosses(out)
	out.Summary.Output = j.Output
	w.emit(edit.Event{Type: edit.EventSaved, Output: j.Output})
	return nil
}

// sayLosses tells what the saved file does not keep of the original.
func (w *writing) sayLosses(out *Outcome) {
	if !out.Edited {
		return
	}
	f := w.job.format()
	if f == imageio.JPEG || f == imageio.WebP && w.job.Quality > 0 {
		w.notice(f.Title() + " encodes every block anew: pixels outside the edit may differ by a shade; PNG keeps them exactly")
	}
	if w.job.StripMetadata {
		return
	}
	for _, lost := range w.meta.Lost {
		w.notice(lost)
	}
}

// maxPacket bounds the XMP packet of a file: what a JPEG segment holds, with room
// for sizes that are put right, and else what stays small beside a picture.
func maxPacket(f imageio.Format) int {
	if f == imageio.JPEG {
		return 65_000
	}
	return 1 << 20
}

// describe settles what the file says beside its samples: what the input said, and the recipe.
func (w *writing) describe(ctx context.Context, out *Outcome, opt *imageio.Options) error {
	if w.job.StripMetadata {
		return nil
	}
	opt.EXIF, opt.XMP = w.meta.EXIF, w.meta.XMP
	source := w.source(out)
	if w.job.NoRecipe {
		opt.XMP = recipe.Strip(opt.XMP, source)
		return nil
	}
	before, err := recipe.Read(opt.XMP)
	if err != nil {
		w.notice("the history in the input was left out: " + err.Error())
	}
	turn, err := w.turn(ctx, out)
	if err != nil {
		return err
	}
	packet, dropped, err := recipe.Embed(opt.XMP, before.Add(turn), source, maxPacket(w.job.format()))
	switch {
	case err != nil:
		return err
	case packet == nil:
		w.notice("the recipe is too large for the file and was left out")
		opt.XMP = recipe.Strip(opt.XMP, source)
		return nil
	case dropped > 0:
		w.notice(plural(dropped, "older edit") + " of the picture's history found no room in the file")
	}
	opt.XMP = packet
	return nil
}
