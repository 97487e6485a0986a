package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/judge"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/vision"
)

// This file is what an edit does with a model that looks on: it stands beside what is
// measured and never in its place. A model that is slow, broken or out of budget is left
// out for the rest of the edit, which is said once for each use.

// Seeing says what the language model may look at pictures for, beside planning.
type Seeing struct {
	vision.Uses
	Name string // of the model
}

// asking is the kit for one request: all that it asks of the model, to plan and to
// look, is within one budget.
func (k *Kit) asking(job *FileJob) (*Kit, error) {
	own := *k
	p := &own.Options.Planning
	if p.Model == nil || job.replay != nil {
		return &own, nil
	}
	if b := &p.Budget; job.MaxUSD != nil && (b.USD == nil || *b.USD > *job.MaxUSD) {
		b.USD = job.MaxUSD
	}
	meter := llm.NewMeter(p.Model, p.Budget)
	p.Model, p.Budget = meter, llm.Budget{}
	if job.KeepModelView != "" {
		var err error
		if own.keeper, err = vision.NewKeeper(job.KeepModelView); err != nil {
			return nil, err
		}
	}
	engine := *k.Engine
	if s := k.Options.Seeing; s.Any() {
		engine.Eye = vision.New(meter, vision.Options{Name: s.Name, Uses: s.Uses, Keep: own.keeper, Tell: job.Asked})
		engine.Runners = maps.Clone(engine.Runners)
		engine.Runners[edit.RuntimeLLM] = vision.Runner{Eye: engine.Eye}
	}
	own.Engine = &engine
	return &own, nil
}

// enter puts what a model took into the ledger.
func enter(sum *edit.Summary, u llm.Usage) {
	sum.LLMCalls += u.Calls
	sum.LLMTokens += u.Tokens()
	sum.LLMSeconds += u.Seconds
	sum.USD += u.USD
}

// lookedUSD is what looking cost in this run.
func (r *run) lookedUSD() float64 {
	if r.Eye == nil {
		return 0
	}
	return r.Eye.Used().USD
}

// charge tells the eye of money that a tool cost.
func (r *run) charge(usd float64) {
	if r.Eye != nil && usd > 0 {
		r.Eye.Charge(usd)
	}
}

// gaze is what a run knows of the model that looks on.
type gaze struct {
	blind map[string]bool     // uses that were given up
	known *vision.Calibration // of its judgements; nil: not looked up yet
}

// sees reports whether the model is to be asked for a use.
func (x *execution) sees(use string, on bool) bool {
	return on && !x.gaze.blind[use] && !x.job.DryRun && !x.job.Trial && x.job.Pinned == nil
}

// giveUp leaves a use out for the rest of the run.
func (x *execution) giveUp(use, stands string, err error) {
	if x.gaze.blind == nil {
		x.gaze.blind = make(map[string]bool)
	}
	x.gaze.blind[use] = true
	x.note("the vision model is not asked any more to %s: %v; %s", use, err, stands)
}

// What the model is asked for, as notices name it.
const (
	useJudge = "judge"
	useTell  = "describe"
)

// second is a model's opinion of a step beside the measured verdict.
type second struct {
	vision.Opinion
	score    float64 // calibrated, on the judge's scale
	measured float64 // the score of the measured checks
	cost     llm.Usage
}

// enter puts the opinion beside the measured score; nil enters nothing.
func (s *second) enter(j *store.Judgement, v *judge.Verdict) {
	if s != nil && v != nil {
		j.Scores[v.Check], j.Scores["vision"] = store.Real(s.measured), store.Real(s.score)
	}
}

// enoughFailures is how many results that the measured checks failed are shown to a model
// to learn what its scores are worth; then it is asked only about those that pass.
const enoughFailures = 20

// secondOpinion has the model judge a picture that the measured checks judged. It can fail
// what they pass; where they fail, its score is only learned from.
func (x *execution) secondOpinion(ctx context.Context, s *step, v *judge.Verdict) error {
	after, ok := s.judged[edit.SlotImage].(*pixel.Image)
	if !ok || s.on == nil || x.Eye == nil || !x.sees(useJudge, x.Eye.Uses.Judge) {
		return nil
	}
	known := x.calibration(ctx)
	if !v.Pass && known.Failures() >= enoughFailures {
		return nil
	}
	before := x.Eye.Used()
	op, err := x.Eye.Judge(ctx, vision.Step{Task: x.st.Task, Object: x.st.Object, Target: x.st.Target, Before: s.on, After: after, Mask: x.place(s)})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		x.giveUp(useJudge, "what is measured decides alone", err)
		return nil
	}
	s.second = &second{Opinion: op, measured: v.Score, score: judgeScale(known.Pass(op.Level)), cost: x.Eye.Used().Since(before)}
	passed := v.Pass
	if passed && s.second.score < judge.PassMark {
		v.Pass, v.Score, v.Reason = false, min(v.Score, s.second.score), "The vision model objects"
		if op.Fault != "" {
			v.Reason += fmt.Sprintf(": %q", op.Fault)
		}
		v.Reason += "; what is measured is right."
	}
	if v.Parts > 0 {
		x.learnJudge(ctx, op.Level, passed)
	}
	return nil
}

// judgeScale puts how likely a result passes on the judge's scale: even odds are its pass mark.
func judgeScale(p float64) float64 {
	if p < 0.5 {
		return judge.PassMark * p / 0.5
	}
	return judge.PassMark + (1-judge.PassMark)*(p-0.5)/0.5
}

// place is the mask that a step worked with, nil for the whole picture.
func (x *execution) place(s *step) *pixel.Mask {
	if p, ok := s.spec.MaskInput(); ok {
		if m, ok := x.held[p.Slot()].(*pixel.Mask); ok {
			return m
		}
	}
	m, _ := x.held[edit.SlotMask].(*pixel.Mask)
	return m
}

// judgeKey is where the store has what a model's scores were worth.
func (e *Engine) judgeKey() string { return "vision/" + e.Eye.Name }

// calibration is what is known of the model's scores.
func (x *execution) calibration(ctx context.Context) *vision.Calibration {
	if x.gaze.known != nil {
		return x.gaze.known
	}
	x.gaze.known = new(vision.Calibration)
	if st := x.results.store; st != nil {
		text, err := st.Statistic(ctx, x.judgeKey())
		if err == nil && text != nil {
			x.gaze.known = readCalibration(text)
		}
	}
	return x.gaze.known
}

func readCalibration(text []byte) *vision.Calibration {
	c := new(vision.Calibration)
	if json.Unmarshal(text, c) != nil || !c.Valid() {
		return new(vision.Calibration)
	}
	return c
}

// learnJudge enters a case in which both spoke.
func (x *execution) learnJudge(ctx context.Context, level int, passed bool) {
	x.gaze.known.Add(level, passed)
	st := x.results.store
	if st == nil {
		return
	}
	if err := st.Update(context.WithoutCancel(ctx), x.judgeKey(), func(old []byte) []byte {
		c := readCalibration(old)
		c.Add(level, passed)
		text, err := json.Marshal(c)
		if err != nil {
			return nil
		}
		return text
	}); err != nil {
		x.results.fail(err)
	}
}

// told is what the model said of a subtask's object, asked once.
type told struct {
	asked  bool
	values map[string]features.Value
}

// tell asks the model for what cannot be measured of the subtask's object on a picture.
func (x *execution) tell(ctx context.Context, img *pixel.Image) map[string]features.Value {
	if x.told.asked || x.st.Object == "" || x.Eye == nil || !x.sees(useTell, x.Eye.Uses.Features) {
		return x.told.values
	}
	x.told.asked = true
	m, _ := x.held[edit.SlotMask].(*pixel.Mask)
	values, err := x.Eye.Features(ctx, img, x.st, m)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		x.giveUp(useTell, "rules are asked what is measured alone", err)
	default:
		x.told.values = values
	}
	return x.told.values
}

// sayModel marks an answer as a model's and puts beside it what was read for it.
func (r *run) sayModel(x *execution, result map[string]any) {
	if x.last == nil || x.last.Runtime.LLM == nil || r.Eye == nil {
		return
	}
	result["by"] = "model " + r.Eye.Name
	for _, p := range x.last.Inputs {
		spans, ok := x.held[p.Slot()].(edit.Spans)
		if !ok {
			continue
		}
		read := []string{}
		for _, s := range spans {
			if s.Text != "" {
				read = append(read, s.Text)
			}
		}
		result["read"] = slices.Clip(read)
	}
}
