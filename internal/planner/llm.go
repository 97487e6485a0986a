package planner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/llm"
	"pentimento/internal/tooldoc"
)

// LLM plans requests with a language model that is taught by the tool docs alone: no
// demonstrations are in the prompt. The model names task types, objects and what they become; it
// never picks a tool, and nothing of what it says is used before Validate and Covers agree. It is
// safe for concurrent use.
type LLM struct {
	grammar *Grammar
	docs    *tooldoc.Set
	opts    LLMOptions
}

// LLMOptions bound the prompt.
type LLMOptions struct {
	Docs     int // retrieved for a request by BM25, before those that their inputs need; 0: 12
	Words    int // of all docs together; 0: 4000
	DocWords int // of one doc; 0: 600
}

func (o LLMOptions) withDefaults() LLMOptions {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.Docs, 12)
	set(&o.Words, 4000)
	set(&o.DocWords, 600)
	return o
}

// NewLLM makes the planner. The grammar, of the same docs, binds typed arguments
// and checks what the model planned.
func NewLLM(g *Grammar, docs *tooldoc.Set, opts LLMOptions) *LLM {
	return &LLM{grammar: g, docs: docs, opts: opts.withDefaults()}
}

// Ask is what is to be planned.
type Ask struct {
	Request string
	History edit.History
	Picture *llm.Image // the down-scaled picture, nil when the model is not to see it
}

// Trace is what was said, for --explain.
type Trace struct {
	Docs     []tooldoc.Hit // in the prompt; a score of 0: since another's inputs need it
	Prompt   string
	Rounds   []Round
	Fallback string // why the grammar planned, empty when the model did
}

// Round is one answer of the model with what is wrong with it.
type Round struct {
	Reply    string
	Problems []string
}

// ReplyError says that a model's answer is no plan, after it was asked to repair it.
type ReplyError struct{ Problems []string }

// Error implements error.
func (e *ReplyError) Error() string {
	return "the language model gave no sound plan: " + strings.Join(e.Problems, "; ")
}

// Plan asks the model, once more where its plan is wrong, with what is wrong named. A
// request that it says no tool serves is a *NotUnderstoodError, an answer that is
// no plan a *ReplyError; other errors are the model's (package llm) or ctx's.
func (l *LLM) Plan(ctx context.Context, model llm.Model, ask Ask) (edit.Plan, *Trace, error) {
	trace := &Trace{}
	plan := edit.Plan{Request: ask.Request, Planner: "llm"}
	src, err := normalise(ask.Request)
	if err != nil {
		return plan, trace, err
	}
	trace.Docs = l.retrieve(src, ask.History)
	req := l.prompt(src, ask, trace)
	for round := range 2 {
		reply, err := model.Chat(ctx, req)
		if err != nil && !errors.Is(err, llm.ErrEmpty) {
			return plan, trace, err
		}
		planned, problems := l.read(ask, reply)
		trace.Rounds = append(trace.Rounds, Round{Reply: reply.Text, Problems: problems})
		var refused *NotUnderstoodError
		switch {
		case len(problems) == 0 && errors.As(planned.err, &refused):
			return plan, trace, refused
		case len(problems) == 0:
			return planned.plan, trace, nil
		case round > 0 && reply.Text == trace.Rounds[0].Reply:
			return plan, trace, &ReplyError{append(problems, "asked to repair it, it said the same again")}
		case round > 0:
			return plan, trace, &ReplyError{problems}
		}
		req.Messages = append(req.Messages, llm.Message{Role: llm.Assistant, Text: echo(reply.Text)},
			llm.Message{Role: llm.User, Text: repair(problems)})
	}
	return plan, trace, nil // not reached: the second round returns
}

// maxEcho bounds what of a wrong answer goes back with what is wrong with it, in bytes.
const maxEcho = 8000

func echo(text string) string {
	if strings.TrimSpace(text) == "" {
		return "{}"
	}
	if len(text) > maxEcho {
		return strings.ToValidUTF8(text[:maxEcho], "") + " …"
	}
	return text
}

// String writes the trace for people.
func (t *Trace) String() string {
	var b strings.Builder
	b.WriteString("docs in the prompt:\n")
	for _, d := range t.Docs {
		if d.Score > 0 {
			fmt.Fprintf(&b, "  %-28s %6.2f\n", d.Name, d.Score)
		} else {
			fmt.Fprintf(&b, "  %-28s needed by another\n", d.Name)
		}
	}
	fmt.Fprintf(&b, "prompt:\n%s\n", indent(t.Prompt))
	for i, r := range t.Rounds {
		fmt.Fprintf(&b, "reply %d:\n%s\n", i+1, indent(echo(r.Reply)))
		for _, p := range r.Problems {
			fmt.Fprintf(&b, "  wrong: %s\n", p)
		}
		if len(r.Problems) == 0 {
			b.WriteString("  sound\n")
		}
	}
	if t.Fallback != "" {
		fmt.Fprintf(&b, "the grammar planned: %s\n", t.Fallback)
	}
	return b.String()
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.Map(shown, strings.TrimSpace(s)), "\n", "\n  ")
}

// shown keeps control characters of a model's answer off the terminal.
func shown(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
		return '·'
	}
	return r
}
