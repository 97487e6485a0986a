package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/planner"
)

type editFlags struct {
	output, mask, showMask, annotate, search, modelView string

	planner                                  plannerFlags
	sendPicture                              bool
	alpha, threshold                         float64
	boxes, points, with                      []string
	seed                                     int64
	quality                                  int
	inPlace, dryRun, explain                 bool
	stripMetadata, noRecipe                  bool
	acceptBest, frozen, forget, pareto, slow bool
	pick                                     int
	picks                                    bool // a pick was given
	usdPerHour, maxUSD                       float64
	maxSeconds                               float64
	session                                  string
}

func newEdit(s *streams, opts *options) *cobra.Command {
	var f editFlags
	cmd := &cobra.Command{
		Use:   "edit [IMAGE] REQUEST",
		Short: "Edit a picture as the request says",
		Long: "edit plans the request, finds the optimal toolpath of each subtask, runs it and saves the result.\n" +
			"IMAGE may be - for standard input, and -o - writes PNG to standard output. The input is never overwritten\n" +
			"unless --in-place is given. Subtasks that fail are named; the others are saved, and the exit code is 3.\n\n" +
			"The result keeps what the input says of itself (EXIF, GPS, XMP, colour profile) and gains the recipe of the\n" +
			"edit, which agent show prints and agent replay runs again. --no-recipe leaves the recipe out, --strip-metadata\n" +
			"all but the colour profile. WebP is written without loss unless --quality is given.\n\n" +
			"With --session the result is kept as a turn of that session, which IMAGE begins and later edits continue without\n" +
			"it: each works on the picture that the session shows, and may speak of what was done before (\"make it blue\").",
		Example: `  agent edit street.jpg "recolor the red car to teal, then remove the yellow bench" -o out.png
  agent edit cup.png "recolor the cup to green" --box cup=77,70,478,388 -o green.png
  agent edit photo.jpg "remove the person on the right" -o out.jpg --show-mask mask.png
  agent edit portrait.jpg "replace the background" --with background=beach.jpg -o beach.webp --quality 90
  agent edit photo.jpg "detect the text" --json
  agent edit street.jpg "recolor the red car to teal" --session street
  agent edit "make it blue" --session street -o blue.png`,
		Args: editArgs(&f.session),
		RunE: func(cmd *cobra.Command, a []string) error {
			f.picks = cmd.Flags().Changed("pick")
			input, request := "", a[len(a)-1]
			if len(a) == 2 {
				input = a[0]
			}
			return runEdit(cmd.Context(), s, opts, &f, input, request)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.output, "output", "o", "", "where the result goes: a .png, .jpg, .webp or .tiff file, or -")
	fl.Float64Var(&f.alpha, "alpha", batch.DefaultAlpha, "0 all quality .. 2 all cost")
	fl.Float64Var(&f.threshold, "threshold", batch.DefaultThreshold, "least estimated quality of a step, 0..1")
	f.planner.add(fl)
	f.planner.addVision(fl)
	fl.BoolVar(&f.sendPicture, "send-picture", false, "show the language model that plans the picture, at most 768 pixels wide and high")
	fl.StringVar(&f.modelView, "keep-model-view", "", "save the exact pictures that the language model saw to this folder")
	fl.StringVar(&f.search, "search", agent.SearchLazy, "lazy runs the next call of the best toolpath; eager runs every call that can follow, as published, for measurement only")
	fl.StringVar(&f.mask, "mask", "", "picture whose white part is the object")
	fl.StringArrayVar(&f.boxes, "box", nil, "where an object is: NAME=x0,y0,x1,y1 in pixels; repeatable")
	fl.StringArrayVar(&f.points, "point", nil, "a click on an object: NAME=x,y, or NAME=!x,y for not here; repeatable")
	fl.StringArrayVar(&f.with, "with", nil, "a second picture that the edit takes: NAME=FILE, as background=sky.jpg; repeatable")
	fl.IntVar(&f.quality, "quality", 0, "of a JPEG or WebP result, 1 to 100; 0: 92 for JPEG, without loss for WebP")
	fl.BoolVar(&f.stripMetadata, "strip-metadata", false, "write no EXIF, GPS, XMP or recipe")
	fl.BoolVar(&f.noRecipe, "no-recipe", false, "write no recipe of the edit, and take out the one in the input")
	fl.BoolVar(&f.acceptBest, "accept-best", false, "take the best imperfect result, marked as such, where none passes the judge")
	fl.BoolVar(&f.frozen, "frozen", false, "rank toolpaths by judged quality and estimates alone, never by measured seconds")
	fl.BoolVar(&f.slow, "no-subroutines", false, "search the toolpath of every subtask, use no mined one")
	fl.BoolVar(&f.forget, "no-memory", false, "use no stored results or estimates, and store none")
	fl.StringVar(&f.showMask, "show-mask", "", "save the objects' mask to this .png file")
	fl.StringVar(&f.annotate, "annotate", "", "save the picture with what was found drawn on it to this file")
	fl.Int64Var(&f.seed, "seed", 0, "seed of tools that use chance")
	fl.BoolVar(&f.inPlace, "in-place", false, "overwrite the input")
	fl.BoolVar(&f.dryRun, "dry-run", false, "plan and search, run nothing")
	fl.BoolVar(&f.pareto, "pareto", false, "list the ways to do it that no other beats in both cost and quality, and run nothing")
	fl.IntVar(&f.pick, "pick", 0, "take the way of this number in the list of --pareto, instead of the best at --alpha")
	fl.BoolVar(&f.explain, "explain", false, "say how the request was understood, and why a subroutine is taken or not")
	fl.Float64Var(&f.usdPerHour, "usd-per-hour", agent.USDPerHour, "what an hour of waiting is worth in dollars, for weighing seconds against money")
	fl.Float64Var(&f.maxUSD, "max-usd", -1, "spend at most so many dollars on tools; 0: run none that costs money (exit code 10 where one is needed); negative: no limit")
	fl.StringVar(&f.session, "session", "", "keep the result as a turn of this session, and continue it where there is one")
	fl.Float64Var(&f.maxSeconds, "max-seconds", 0, "stop after this many seconds (exit code 10); 0: no limit")
	return cmd
}

// budget is the most money that may be spent, nil for any.
func (f *editFlags) budget() *float64 {
	if f.maxUSD < 0 {
		return nil
	}
	return &f.maxUSD
}

func (f *editFlags) check(opts *options, input string) error {
	switch {
	case f.sendPicture && f.planner.mode == agent.PlanGrammar:
		return usageError{errors.New("the grammar planner looks at no picture")}
	case f.alpha < 0 || f.alpha > 2 || f.alpha != f.alpha:
		return usageError{fmt.Errorf("--alpha %v is outside 0..2", f.alpha)}
	case f.threshold < 0 || f.threshold > 1 || f.threshold != f.threshold:
		return usageError{fmt.Errorf("--threshold %v is outside 0..1", f.threshold)}
	case f.output == "-" && opts.json:
		return usageError{errors.New("-o - and --json would both write to standard output")}
	case f.inPlace && f.output != "":
		return usageError{errors.New("--in-place and -o exclude each other")}
	case f.inPlace && f.session != "":
		return usageError{errors.New("--in-place and --session exclude each other: a session keeps the original")}
	case f.inPlace && input == "-":
		return usageError{errors.New("standard input cannot be edited in place")}
	case f.picks && f.pick < 1:
		return usageError{fmt.Errorf("--pick %d: the ways that --pareto lists are numbered from 1", f.pick)}
	case f.picks && f.pareto:
		return usageError{errors.New("--pareto only lists the ways to do it; give --pick without it to take one")}
	case f.picks && f.search == agent.SearchEager:
		return usageError{errors.New("--pick and --search eager exclude each other")}
	case !(f.usdPerHour >= 0.001 && f.usdPerHour <= 1e6):
		return usageError{fmt.Errorf("--usd-per-hour %v is outside 0.001..1000000", f.usdPerHour)}
	case !(f.maxUSD <= 1e6):
		return usageError{fmt.Errorf("--max-usd %v is above 1000000", f.maxUSD)}
	case !(f.maxSeconds >= 0 && f.maxSeconds <= 1e6):
		return usageError{fmt.Errorf("--max-seconds %v is outside 0..1000000", f.maxSeconds)}
	}
	return opts.check()
}

func runEdit(ctx context.Context, s *streams, opts *options, f *editFlags, input, request string) error {
	if err := f.check(opts, input); err != nil {
		return err
	}
	boxes, err := parseBoxes(f.boxes)
	if err != nil {
		return err
	}
	points, err := parsePoints(f.points)
	if err != nil {
		return err
	}
	with, err := parseFiles("--with", f.with)
	if err != nil {
		return err
	}
	kit, err := openPlanned(ctx, opts, &f.planner)
	if err != nil {
		return err
	}
	defer kit.Close()
	if f.modelView != "" && !f.sendPicture && !kit.Options.Seeing.Any() {
		return usageError{errors.New("--keep-model-view saves what the model saw, and without --send-picture or --vision it sees nothing")}
	}
	kit.Options.Forget = f.forget
	if f.maxSeconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.maxSeconds*float64(time.Second)))
		defer cancel()
	}
	if f.explain && kit.PlannerName() == agent.PlanGrammar {
		if err := explain(ctx, s, opts, kit, request); err != nil {
			return err
		}
	}
	var explained func(*planner.Trace)
	var asked func(string)
	if f.explain {
		asked = func(text string) { _ = say(s, opts, text) }
		explained = func(t *planner.Trace) { _ = say(s, opts, t.String()) }
	}
	v := newView(s, opts.json)
	job := agent.FileJob{
		Input: input, In: s.in, Output: f.output, Out: s.out, InPlace: f.inPlace, Request: request,
		Mask: f.mask, Boxes: boxes, Points: points, With: with, Quality: f.quality,
		StripMetadata: f.stripMetadata, NoRecipe: f.noRecipe, ShowMask: f.showMask, Annotate: f.annotate,
		Alpha: f.alpha, Threshold: f.threshold, Seed: f.seed, DryRun: f.dryRun,
		AcceptBest: f.acceptBest, Frozen: f.frozen, USDPerHour: f.usdPerHour, MaxUSD: f.budget(), Search: f.search,
		Pareto: f.pareto, Pick: f.pick, SendPicture: f.sendPicture, KeepModelView: f.modelView, Explained: explained, Asked: asked,
		NoSubroutines: f.slow, Explain: f.explain,
	}
	var out agent.Outcome
	if f.session != "" {
		out, err = editInSession(ctx, s, opts, kit, f.session, input, job, v)
	} else {
		out, err = kit.EditFile(ctx, job, v.event)
	}
	if f.pareto {
		if err := v.frontier(out.Frontier, f.alpha); err != nil {
			return err
		}
	}
	if !f.dryRun && !f.pareto {
		tellWaiting(context.WithoutCancel(ctx), kit, v.event)
	}
	return conclude(v, opts, out, err)
}

// conclude reports how an edit or a replay ended.
func conclude(v *view, opts *options, out agent.Outcome, err error) error {
	if err != nil && out.Summary.Event == "" {
		if !opts.json {
			return err
		}
		out.Summary = edit.Summary{Event: "done", Subtasks: []edit.SubtaskReport{}}
	}
	if err != nil { // say what went wrong, then what was finished
		v.fail(plain(err))
	}
	if summaryErr := v.summary(out.Summary); summaryErr != nil {
		return summaryErr
	}
	if err != nil {
		return asError(codeOf(plain(err)))
	}
	return asError(summaryCode(out.Summary))
}

// asError turns a code into the error that ends the process with it.
func asError(code exitCode) error {
	if code == exitOK {
		return nil
	}
	return codeError{code: code}
}

// explain says how the request was understood: clause, task and evidence.
func explain(ctx context.Context, s *streams, opts *options, kit *agent.Kit, request string) error {
	text, err := kit.Explain(ctx, request)
	if err != nil {
		return err
	}
	return say(s, opts, text)
}

func say(s *streams, opts *options, text string) error {
	if opts.json {
		return s.json(map[string]any{"event": "explained", "text": text})
	}
	_, err := fmt.Fprint(s.err, text)
	return err
}
