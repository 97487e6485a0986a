package vision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
	"pentimento/internal/tools"
)

// Runner runs docs of kind llm: it shows the model the pictures that a call takes, gives it
// the words and numbers as data, and asks what the doc asks. It is a tools.Runner. Without an eye,
// or with one that is not for answers, every tool of the kind is not installed.
type Runner struct{ Eye *Eye }

// Available implements tools.Runner.
func (r Runner) Available(spec *edit.ToolSpec) error {
	switch {
	case spec.Runtime.LLM == nil:
		return fmt.Errorf("%s has no question for a model", spec.Name)
	case r.Eye == nil || !r.Eye.Uses.Answers:
		return &tools.UnavailableError{Tool: spec.Name, Reason: "it asks a language model that sees pictures, and none is set up for that (PENTIMENTO_LLM_VISION=answers, docs/llm.md)"}
	}
	return nil
}

// Run implements tools.Runner.
func (r Runner) Run(ctx context.Context, req tools.Request) (tools.Response, error) {
	return tools.Guard(ctx, req, func(ctx context.Context) (tools.Response, error) {
		if err := r.Available(req.Spec); err != nil {
			return tools.Response{}, err
		}
		return r.Eye.answer(ctx, req)
	})
}

// maxPassed bounds what is passed on of one text that a call takes, in characters, and of
// how many pieces of text that stand in a picture.
const (
	maxPassed = 4000
	maxSpans  = 500
)

func (e *Eye) answer(ctx context.Context, req tools.Request) (tools.Response, error) {
	doc, out := req.Spec.Runtime.LLM, req.Spec.Outputs[0]
	q := question{name: req.Spec.Name, text: doc.Ask + "\n" + form(out, doc.Answers)}
	data := make(map[string]any)
	for _, p := range req.Spec.Inputs {
		switch a := req.Inputs[p.Name].(type) {
		case *pixel.Image:
			view, err := View(ctx, a)
			if err != nil {
				return tools.Response{}, err
			}
			q.views = append(q.views, view)
		case edit.Text:
			data[p.Name] = clip(string(a))
		case edit.Number:
			data[p.Name] = float64(a)
		case edit.Spans:
			data[p.Name] = words(a)
		}
	}
	if len(data) > 0 {
		q.data = data
	}
	schema := map[string]any{"type": "string"}
	switch {
	case out.Kind == edit.KindNumber:
		schema = map[string]any{"type": "number"}
	case len(doc.Answers) > 0:
		schema["enum"] = doc.Answers
	}
	q.schema = object(map[string]any{"answer": schema})
	var made edit.Artifact
	q.read = func(raw json.RawMessage) (err error) {
		made, err = read(raw, out.Kind, doc.Answers)
		return err
	}
	if err := e.ask(ctx, q); err != nil {
		if ctx.Err() != nil {
			return tools.Response{}, ctx.Err()
		}
		return tools.Response{}, fmt.Errorf("the model %s was asked: %w", e.Name, err)
	}
	return tools.Response{Outputs: map[string]edit.Artifact{out.Name: made}, Quality: math.NaN()}, nil
}

// form says in which form to answer.
func form(out edit.Port, answers []string) string {
	switch {
	case out.Kind == edit.KindNumber:
		return `Answer as {"answer": 0.5}, with a number from 0 to 1.`
	case len(answers) > 0:
		return `Answer as {"answer": ""}, with one of: ` + strings.Join(answers, ", ") + "."
	}
	return `Answer as {"answer": ""}.`
}

// read takes the answer out of its object.
func read(raw json.RawMessage, kind edit.Kind, answers []string) (edit.Artifact, error) {
	var a struct {
		Answer json.RawMessage `json:"answer"`
	}
	if err := json.Unmarshal(raw, &a); err != nil || len(a.Answer) == 0 {
		return nil, errors.New("it has no answer")
	}
	if kind == edit.KindNumber {
		var v *float64
		if json.Unmarshal(a.Answer, &v) != nil || v == nil || !(*v >= 0 && *v <= 1) {
			return nil, errors.New("answer is no number from 0 to 1")
		}
		return edit.Number(*v), nil
	}
	var text string
	if json.Unmarshal(a.Answer, &text) != nil {
		return nil, errors.New("answer is no text")
	}
	text = plain(text)
	if text == "" {
		return nil, llm.ErrEmpty
	}
	if len(answers) == 0 {
		return edit.Text(text), nil
	}
	i := slices.IndexFunc(answers, func(s string) bool { return strings.EqualFold(s, text) })
	if i < 0 {
		return nil, errors.New("answer is none of " + strings.Join(answers, ", "))
	}
	return edit.Text(answers[i]), nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > maxPassed {
		return string(r[:maxPassed]) + "…"
	}
	return s
}

// words are the texts of spans, those that were read.
func words(spans edit.Spans) []string {
	all := []string{}
	for _, s := range spans {
		if s.Text != "" && len(all) < maxSpans {
			all = append(all, clip(s.Text))
		}
	}
	return all
}
