package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
	"pentimento/internal/planner"
	"pentimento/internal/vision"
)

// Which planner reads requests.
const (
	PlanAuto    = "auto"    // the language model where one is configured, the grammar where that gives no plan
	PlanGrammar = "grammar" // rules and the docs' words; nothing leaves this machine
	PlanLLM     = "llm"     // the language model, or an error
)

// Planning says how requests become subtasks.
type Planning struct {
	Mode   string    // PlanAuto where empty
	Model  llm.Model // nil: none is configured
	Prompt planner.LLMOptions
	Budget llm.Budget // of one request
}

// PlannerName is which planner is asked first: "llm" or "grammar".
func (k *Kit) PlannerName() string {
	if p := k.Options.Planning; p.Mode == PlanGrammar || p.Model == nil && p.Mode != PlanLLM {
		return PlanGrammar
	}
	return PlanLLM
}

// Planned is a plan with what it took.
type Planned struct {
	Plan  edit.Plan
	Used  llm.Usage
	Trace *planner.Trace // nil where no model was asked
}

// NoModelError says that --planner llm has no model to ask.
type NoModelError struct{}

// Error implements error.
func (NoModelError) Error() string {
	return "no language model is configured (set PENTIMENTO_LLM_PROVIDER and PENTIMENTO_LLM_MODEL, or use --planner grammar)"
}

// PlanWith splits a request into subtasks by the planner that Options.Planning names. The
// picture is what the model may see, nil for nothing.
func (k *Kit) PlanWith(ctx context.Context, request string, h edit.History, picture *llm.Image) (Planned, error) {
	p := k.Options.Planning
	switch {
	case k.PlannerName() == PlanGrammar:
		plan, err := k.grammar().Plan(ctx, request, h)
		return Planned{Plan: plan}, err
	case p.Model == nil:
		return Planned{}, NoModelError{}
	}
	meter := llm.NewMeter(p.Model, p.Budget)
	plan, trace, err := planner.NewLLM(k.grammar(), k.Set, p.Prompt).Plan(ctx, meter, planner.Ask{Request: request, History: h, Picture: picture})
	out := Planned{Plan: plan, Used: meter.Used(), Trace: trace}
	if err == nil || p.Mode == PlanLLM || ctx.Err() != nil {
		return out, err
	}
	trace.Fallback = err.Error()
	if out.Plan, err = k.grammar().Plan(ctx, request, h); err != nil {
		return out, errors.Join(err, fmt.Errorf("before that: %s", trace.Fallback))
	}
	out.Plan.Notices = append(out.Plan.Notices, "the grammar planned this: "+trace.Fallback)
	return out, nil
}

// saidFile marks that the person was told that no model is configured.
const saidFile = "no-language-model.said"

// sayNoModel tells once, not at every edit, that the grammar plans.
func (k *Kit) sayNoModel(emit func(edit.Event)) {
	p, dir := k.Options.Planning, k.Options.Dirs.Data
	if p.Model != nil || p.Mode == PlanGrammar || k.Options.Forget || dir == "" {
		return
	}
	mark := filepath.Join(dir, saidFile)
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if os.MkdirAll(dir, 0o700) != nil || os.WriteFile(mark, nil, 0o600) != nil {
		return // where nothing can be kept it would be said again and again
	}
	emit(edit.Event{Type: edit.EventNotice, Message: "no language model is configured, so the grammar reads requests (docs/llm.md; this is said once)"})
}

// loaded is a picture that was read.
type loaded struct {
	img  *pixel.Image
	meta imageio.Meta
}

// picture reads the job's picture, once.
func (j *FileJob) picture(ctx context.Context) (*pixel.Image, imageio.Meta, error) {
	if j.loaded == nil {
		img, meta, err := j.load(ctx)
		if err != nil {
			return nil, meta, err
		}
		j.loaded = &loaded{img, meta}
	}
	return j.loaded.img, j.loaded.meta, nil
}

// show makes what the model is to see of the job's picture, nil where that is nothing, and
// saves it where that is asked for.
func (k *Kit) show(ctx context.Context, job *FileJob) (*llm.Image, error) {
	p := k.Options.Planning
	if !job.SendPicture || p.Mode == PlanGrammar || p.Model == nil {
		return nil, nil
	}
	img, _, err := job.picture(ctx)
	if err != nil {
		return nil, err
	}
	view, err := vision.View(ctx, img)
	if err != nil {
		return nil, err
	}
	return &view, k.keeper.Keep(ctx, "plan", view)
}

// left is what remains of a budget, nil of one without bounds.
func left(most *float64, spent float64) *float64 {
	if most == nil {
		return nil
	}
	rest := max(0, *most-spent)
	return &rest
}
