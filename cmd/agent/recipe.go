package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/recipe"
)

func newShow(s *streams, opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Print the recipe that a picture carries",
		Long: "show prints how a picture was edited: each request, the plan, and the tools that were run for it, as the\n" +
			"program wrote them into the file. Without a recipe in the file the exit code is 9.",
		Example: "  agent show out.jpg\n  agent show out.jpg --json",
		Args:    args(1, "FILE"),
		RunE: func(cmd *cobra.Command, a []string) error {
			r, source, err := agent.ShowFile(cmd.Context(), a[0])
			if err != nil {
				return err
			}
			if r == nil {
				return &agent.NoRecipeError{Path: a[0]}
			}
			if opts.json {
				return s.json(map[string]any{"event": "recipe", "digital_source_type": source, "recipe": r})
			}
			s.printf("%s", describeRecipe(r, source))
			return nil
		},
	}
}

// describeRecipe lays a recipe out for people.
func describeRecipe(r *recipe.Recipe, source recipe.Source) string {
	var b strings.Builder
	if source != "" {
		fmt.Fprintf(&b, "source type  %s\n", source)
	}
	if r.Earlier > 0 {
		fmt.Fprintf(&b, "%d older edits found no room in the file\n", r.Earlier)
	}
	for i, t := range r.Turns {
		fmt.Fprintf(&b, "edit %d       %q\n", i+1+r.Earlier, t.Request)
		fmt.Fprintf(&b, "  on         %d×%d pixels, sha256 %s\n", t.Input.Width, t.Input.Height, t.Input.SHA256)
		fmt.Fprintf(&b, "  by         %s, planner %s, alpha %v, threshold %v, seed %d, device %s\n",
			t.Program, t.Planner, t.Alpha, t.Threshold, t.Seed, t.Device)
		describeEvidence(&b, t.Evidence)
		for _, step := range t.Steps {
			describeStep(&b, step)
		}
		fmt.Fprintf(&b, "  saved as   %s%s\n", t.Output.Format, qualityNote(t.Output.Quality))
	}
	return b.String()
}

func describeEvidence(b *strings.Builder, e *recipe.Evidence) {
	if e == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(e.Boxes)) {
		for _, box := range e.Boxes[name] {
			fmt.Fprintf(b, "  box        %s=%s\n", name, box)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Points)) {
		for _, p := range e.Points[name] {
			not := ""
			if p.Exclude {
				not = "!"
			}
			fmt.Fprintf(b, "  point      %s=%s%v,%v\n", name, not, p.X, p.Y)
		}
	}
	if e.Mask != nil {
		fmt.Fprintf(b, "  mask       %d×%d, sha256 %s\n", e.Mask.Width, e.Mask.Height, e.Mask.SHA256)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Masks)) {
		m := e.Masks[id]
		fmt.Fprintf(b, "  numbered   the object of subtask %d: %d×%d, sha256 %s\n", id, m.Width, m.Height, m.SHA256)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Beside)) {
		for _, phrase := range slices.Sorted(maps.Keys(e.Beside[id])) {
			m := e.Beside[id][phrase]
			fmt.Fprintf(b, "  numbered   the %s beside it in subtask %d: %d×%d, sha256 %s\n", phrase, id, m.Width, m.Height, m.SHA256)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.With)) {
		p := e.With[name]
		fmt.Fprintf(b, "  with       %s: %d×%d, sha256 %s\n", name, p.Width, p.Height, p.SHA256)
	}
}

func describeStep(b *strings.Builder, step recipe.Step) {
	fmt.Fprintf(b, "  subtask    %s", title(step.Subtask))
	if step.Status != edit.StatusDone {
		fmt.Fprintf(b, " (%s)", step.Status)
	}
	b.WriteString("\n")
	for _, p := range step.Toolpaths {
		for _, c := range p.Calls {
			fmt.Fprintf(b, "    %-24s digest %.12s", c.ID(), c.Digest)
			for _, m := range c.Models {
				fmt.Fprintf(b, ", model %.12s", m)
			}
			b.WriteString("\n")
		}
	}
}

func qualityNote(q int) string {
	if q == 0 {
		return ""
	}
	return fmt.Sprintf(", quality %d", q)
}

func newReplay(s *streams, opts *options) *cobra.Command {
	job := agent.ReplayJob{}
	var with []string
	cmd := &cobra.Command{
		Use:   "replay FILE --on ORIGINAL -o OUT",
		Short: "Run the recipe of a picture again",
		Long: "replay runs the recorded toolpaths of a picture's recipe on its original, exactly and without a search, so\n" +
			"that the same file comes out; on another picture it repeats the edit there. Tools and models must be those of\n" +
			"then. What was given by hand as a picture (a mask, a background) is not in the file and is given again.",
		Example: "  agent replay out.jpg --on photo.jpg -o again.jpg\n  agent replay out.png --on next-of-the-series.png -o next.png",
		Args:    args(1, "FILE"),
		RunE: func(cmd *cobra.Command, a []string) error {
			job.File = a[0]
			return runReplay(cmd.Context(), s, opts, job, with)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&job.On, "on", "", "the picture to run the recipe on, or - for standard input")
	fl.StringVarP(&job.Output, "output", "o", "", "where the result goes: a .png, .jpg, .webp or .tiff file, or -")
	fl.StringArrayVar(&job.Masks, "mask", nil, "the mask that the recipe used; repeatable")
	fl.StringArrayVar(&with, "with", nil, "a second picture that the recipe used: NAME=FILE; repeatable")
	fl.IntVar(&job.Quality, "quality", 0, "of a JPEG or WebP result, 1 to 100; 0: as recorded")
	fl.BoolVar(&job.StripMetadata, "strip-metadata", false, "write no EXIF, GPS, XMP or recipe")
	fl.BoolVar(&job.NoRecipe, "no-recipe", false, "write no recipe")
	return cmd
}

func runReplay(ctx context.Context, s *streams, opts *options, job agent.ReplayJob, with []string) error {
	switch {
	case job.On == "":
		return usageError{errors.New("--on names the picture to run the recipe on")}
	case job.Output == "-" && opts.json:
		return usageError{errors.New("-o - and --json would both write to standard output")}
	}
	var err error
	if job.With, err = parseFiles("--with", with); err != nil {
		return err
	}
	job.In, job.Out = s.in, s.out
	kit, err := open(opts)
	if err != nil {
		return err
	}
	defer kit.Close()
	v := newView(s, opts.json)
	out, err := kit.ReplayFile(ctx, job, v.event)
	return conclude(v, opts, out, err)
}
