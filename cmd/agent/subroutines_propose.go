package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/learn"
	"pentimento/internal/llm"
	"pentimento/internal/subroutines/mine"
)

// proposedEvent is what a language model proposed.
type proposedEvent struct {
	Event     string   `json:"event"`     // "proposed"
	Proposals int      `json:"proposals"` // that can be tried
	Refused   []string `json:"refused"`   // why the others cannot
	Calls     int      `json:"llm_calls"`
	Tokens    int      `json:"llm_tokens"`
	USD       float64  `json:"usd"`
	Prompt    string   `json:"prompt,omitempty"` // with --explain
	Reply     string   `json:"reply,omitempty"`
}

// proposeFlags say whether a language model is asked for rules.
type proposeFlags struct {
	on, explain bool
	recording   plannerFlags
}

func (f *proposeFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.on, "propose", false, "ask the configured language model for further rules; it sees the traces' numbers, no pictures and no requests")
	cmd.Flags().BoolVar(&f.explain, "explain", false, "with --propose, show what the model was asked and answered")
	f.recording.addRecording(cmd.Flags())
}

func (f *proposeFlags) check() error {
	f.recording.mode = agent.PlanLLM
	if !f.on && (f.explain || f.recording.record+f.recording.replay != "") {
		return usageError{errors.New("--explain, --record and --replay go with --propose")}
	}
	return f.recording.check()
}

// proposer gives the learner the configured language model to ask, if that is wanted.
func (f *proposeFlags) proposer(ctx context.Context, s *streams, opts *options, kit *agent.Kit, l *learn.Learner) error {
	if !f.on {
		return nil
	}
	if err := f.recording.plan(ctx, opts, kit); err != nil {
		return err
	}
	asked := kit.Options.Planning
	if asked.Model == nil {
		return agent.NoModelError{}
	}
	l.Propose = func(ctx context.Context, tasks []mine.Summary) ([]mine.Proposal, error) {
		meter := llm.NewMeter(asked.Model, asked.Budget)
		p := &learn.Proposer{Model: meter, Specs: l.Engine.Specs}
		good, err := p.Propose(ctx, tasks)
		return good, errors.Join(err, f.tell(s, opts, p, len(good), meter.Used()))
	}
	return nil
}

func (f *proposeFlags) tell(s *streams, opts *options, p *learn.Proposer, good int, used llm.Usage) error {
	if p.Prompt == "" { // there were no traces to tell of
		return nil
	}
	e := proposedEvent{Event: "proposed", Proposals: good, Refused: []string{}, Calls: used.Calls, Tokens: used.Tokens(), USD: used.USD}
	for _, r := range p.Refused {
		e.Refused = append(e.Refused, visible(r.Error()))
	}
	if f.explain {
		e.Prompt, e.Reply = p.Prompt, p.Reply
	}
	if opts.json {
		return s.json(e)
	}
	if f.explain {
		s.printf("asked:\n%s\nanswered:\n%s\n", visible(e.Prompt), visible(e.Reply))
	}
	s.printf("the language model proposed %d rules that can be tried, %d that cannot\n", good, len(e.Refused))
	for i, r := range e.Refused {
		if i == maxRefusedShown {
			s.printf("  and %d more\n", len(e.Refused)-i)
			break
		}
		s.printf("  %s\n", r)
	}
	return nil
}

// maxRefusedShown bounds what is said of proposals that cannot be used.
const maxRefusedShown = 8
