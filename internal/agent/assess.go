package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/judge"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
	"pentimento/internal/tools"
)

// PoorError says that a call ran and what it made did not pass the judge.
type PoorError struct {
	Call    string
	Verdict judge.Verdict
}

// Error implements error.
func (e *PoorError) Error() string {
	return fmt.Sprintf("%s did not pass (%.2f): %s", e.Call, e.Verdict.Score, e.Verdict.Reason)
}

// assess judges what a step made and enters it in the step: its quality, and
// an error when it does not pass. A replay judges nothing.
func (x *execution) assess(ctx context.Context, s *step, completes bool) error {
	if x.pinned != nil && !x.repeated || x.Judge == nil || completes && x.nothingToDo(s) {
		return nil
	}
	start := x.Now()
	v, err := x.verdict(ctx, s, completes)
	x.out.Summary.JudgeSeconds += x.Now().Sub(start).Seconds()
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.note("%s could not be judged: %v", s.call.ID(), err)
		return nil
	}
	s.verdict = &v
	if completes {
		if err := x.secondOpinion(ctx, s, &v); err != nil {
			return err
		}
	}
	switch {
	case isDetector(s.spec): // the rule of evidence has decided; the judge only refuses what is no detection at all
		v.Pass = v.Score > 0
	case !completes && !x.makesPicture(s):
		// Of a step on the way the judge tells whether it makes sense, not how well it
		// hits: what was measured of its tool on pictures with known outlines stands.
		// What is made with it is judged too.
		v.Pass = v.Score >= judge.PassMark/2
	}
	if !v.Pass || (completes || x.makesPicture(s)) && v.Parts > 0 && !isDetector(s.spec) {
		s.quality = min(max(v.Score, 0), 1)
	}
	judged := edit.Event{Type: edit.EventJudged, Subtask: x.st.ID, Call: s.call.ID(), Quality: s.quality, Passed: v.Pass, Message: v.Reason}
	if s.second != nil {
		judged.Seconds, judged.USD = s.second.cost.Seconds, s.second.cost.USD
	}
	x.emit(judged)
	if !v.Pass {
		return &PoorError{Call: s.call.ID(), Verdict: v}
	}
	return nil
}

// makesPicture reports whether a step left a picture, which the judge can measure
// whether it is the end or on the way to it.
func (x *execution) makesPicture(s *step) bool {
	return slices.ContainsFunc(s.spec.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindImage })
}

// nothingToDo reports whether a tool gave the picture back as it was and said why.
func (x *execution) nothingToDo(s *step) bool {
	img, ok := s.made[edit.SlotImage].(*pixel.Image)
	return ok && s.said && img.W == x.out.Image.W && img.H == x.out.Image.H && bytes.Equal(img.Pix, x.out.Image.Pix)
}

// verdict is the judge's word on a step, remembered like a call's result.
func (x *execution) verdict(ctx context.Context, s *step, completes bool) (judge.Verdict, error) {
	key := x.results.verdictKey(s, x.st, completes)
	if v, ok := x.results.findVerdict(ctx, key, s.lasting); ok {
		return v, nil
	}
	st := judge.Step{
		Task: x.st.Task, Completes: completes && !x.finding, Spec: s.spec, Before: s.on, Object: x.st.Object, Target: x.st.Target,
		Args: make(map[string]edit.Artifact), Inputs: x.held, Outputs: s.judged,
	}
	for name, a := range x.st.Args {
		st.Args[name] = a.Value
	}
	var j judge.Judge
	if len(x.detectorsOf(edit.ParsePhrase(x.st.Object).Head)) > 0 {
		j.Detect = x.detect
	}
	if reader := x.reader(); reader != nil {
		j.Read = reader
	}
	v, err := x.Judge(ctx, j, st)
	if err == nil {
		x.results.keepVerdict(ctx, key, s, v)
	}
	return v, err
}

// detect looks for a phrase with the most precise detector here that knows it.
func (x *execution) detect(ctx context.Context, img *pixel.Image, phrase string) (edit.Boxes, error) {
	knowing := x.detectorsOf(edit.ParsePhrase(phrase).Head)
	if len(knowing) == 0 {
		return edit.Boxes{}, fmt.Errorf("no installed detector knows %q", phrase)
	}
	resp, err := x.ask(ctx, knowing[0], map[string]edit.Artifact{edit.SlotImage: img, "object": edit.Text(phrase)})
	if err != nil {
		return edit.Boxes{}, err
	}
	return madeBy[edit.Boxes](resp), nil
}

// madeBy is the output of a kind, nothing where there is none.
func madeBy[T edit.Artifact](resp tools.Response) T {
	for _, a := range resp.Outputs {
		if t, ok := a.(T); ok {
			return t
		}
	}
	var none T
	return none
}

// reader reads a picture's text with the best installed tool that finds text
// and the best that reads what was found; nil without both.
func (x *execution) reader() judge.Reader {
	find := x.spanTool(func(spec *edit.ToolSpec) bool { return len(spec.Inputs) == 1 })
	read := x.spanTool(func(spec *edit.ToolSpec) bool {
		return len(spec.Inputs) == 2 && slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return p.Kind == edit.KindSpans })
	})
	if find == nil || read == nil {
		return nil
	}
	return func(ctx context.Context, img *pixel.Image) (edit.Spans, error) {
		found, err := x.spans(ctx, find, img, nil)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		return x.spans(ctx, read, img, found)
	}
}

// spanTool is the best tool here of those that make spans of a picture and fit.
func (x *execution) spanTool(fits func(*edit.ToolSpec) bool) *edit.ToolSpec {
	var best *edit.ToolSpec
	for i := range x.Specs {
		spec := &x.Specs[i]
		_, takes := spec.Input(edit.SlotImage)
		makes := slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindSpans })
		runner, ok := x.Runners[spec.Runtime.Kind]
		if ok && takes && makes && fits(spec) && (best == nil || spec.Quality > best.Quality) && runner.Available(spec) == nil {
			best = spec
		}
	}
	return best
}

func (x *execution) spans(ctx context.Context, spec *edit.ToolSpec, img *pixel.Image, found edit.Spans) (edit.Spans, error) {
	inputs := make(map[string]edit.Artifact)
	for _, p := range spec.Inputs {
		if p.Kind == edit.KindSpans {
			inputs[p.Name] = found
		} else {
			inputs[p.Name] = img
		}
	}
	resp, err := x.ask(ctx, spec, inputs)
	if err != nil {
		return nil, err
	}
	return madeBy[edit.Spans](resp), nil
}

// ask runs a tool for the judge.
func (x *execution) ask(ctx context.Context, spec *edit.ToolSpec, inputs map[string]edit.Artifact) (tools.Response, error) {
	for _, p := range spec.Inputs {
		if d := spec.Accepts[p.Name].Default; inputs[p.Name] == nil && p.Kind == edit.KindNumber && d != nil {
			inputs[p.Name] = edit.Number(*d)
		}
	}
	return x.Runners[spec.Runtime.Kind].Run(ctx, tools.Request{Spec: spec, Params: params(spec, edit.Call{Tool: spec.Name}), Inputs: inputs, Seed: x.job.Seed})
}

// verdictKey is the content address of a verdict: the call, and what was asked of it.
func (r *results) verdictKey(s *step, st edit.Subtask, completes bool) string {
	if s.key == "" {
		return ""
	}
	return contentKey(map[string]any{"verdict": program(), "call": s.key, "subtask": asked(st), "completes": completes})
}

func (r *results) findVerdict(ctx context.Context, key string, lasting bool) (judge.Verdict, bool) {
	if key == "" || !lasting {
		return judge.Verdict{}, false
	}
	rec, ok, err := r.store.GetCall(ctx, key)
	if err != nil || !ok {
		return judge.Verdict{}, false
	}
	var v judge.Verdict
	if json.Unmarshal(rec.Extra, &v) != nil {
		return judge.Verdict{}, false
	}
	return v, true
}

func (r *results) keepVerdict(ctx context.Context, key string, s *step, v judge.Verdict) {
	if key == "" || !s.lasting {
		return
	}
	for name, m := range v.Measures {
		if math.IsNaN(m) || math.IsInf(m, 0) {
			delete(v.Measures, name)
		}
	}
	text, err := json.Marshal(v)
	if err == nil {
		err = r.store.PutCall(context.WithoutCancel(ctx), key, store.CallRecord{Tool: s.spec.Name, Evidence: store.Unmeasured(), Extra: text, Judgement: judgement(&v, v.Score)})
	}
	if err != nil {
		r.fail(err)
	}
}

// judgement is a verdict as the store has it.
func judgement(v *judge.Verdict, quality float64) store.Judgement {
	if v == nil {
		return store.Judgement{Quality: store.Real(quality)}
	}
	j := store.Judgement{Quality: store.Real(quality), Verdict: store.Fail, Reason: v.Reason, Scores: map[string]store.Real{v.Check: store.Real(v.Score)}}
	if v.Pass {
		j.Verdict = store.Pass
	}
	return j
}

// whyPoor says what the judge found wrong with the toolpath's steps.
func (x *execution) whyPoor() string {
	var why []string
	for _, s := range x.steps {
		if s.final && s.verdict != nil && !s.verdict.Pass {
			why = append(why, fmt.Sprintf("%s: %s", s.call.ID(), s.verdict.Reason))
		}
	}
	return strings.Join(why, " ")
}
