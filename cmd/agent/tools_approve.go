package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// approvalEvent is a doc with what a person decided about it.
type approvalEvent struct {
	Event    string           `json:"event"` // "approval"
	Name     string           `json:"name"`
	Kind     string           `json:"kind"`
	Was      tooldoc.Approval `json:"was"`
	SHA256   string           `json:"sha256,omitempty"` // of the doc as it is now
	Diff     string           `json:"diff,omitempty"`   // from the doc as it was approved
	Approved bool             `json:"approved"`
}

func newToolsApprove(s *streams, opts *options) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "approve [NAME...]",
		Short: "Look at tools that call what is outside the program, and let them run",
		Long: "approve shows each doc of kind exec, http or mcp that was never approved, and of each that has changed since, what changed; then\n" +
			"it asks. Until then the tool does not run. What is approved is this very text: any change asks again. Without names it takes all\n" +
			"that wait. Built-in tools and models, which are pinned by their checksums, need no approval.\n\n" +
			"A script answers with --yes; without it and without a terminal nothing is approved.",
		Example: "  agent tools approve\n  agent tools approve cartoonize --yes",
		RunE: func(cmd *cobra.Command, names []string) error {
			kit, err := open(opts)
			if err != nil {
				return err
			}
			defer kit.Close()
			specs, err := toApprove(kit, names)
			if err != nil {
				return err
			}
			if len(specs) == 0 && !opts.json {
				s.printf("no tool waits for approval\n")
			}
			a := approving{s: s, opts: opts, kit: kit, yes: yes}
			for _, spec := range specs {
				if err := a.one(cmd.Context(), spec); err != nil {
					return err
				}
			}
			return a.outcome(len(specs))
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "approve without asking")
	return cmd
}

// toApprove are the tools named, or all that wait.
func toApprove(kit *agent.Kit, names []string) ([]*edit.ToolSpec, error) {
	if len(names) == 0 {
		return kit.Unapproved(), nil
	}
	var specs []*edit.ToolSpec
	for _, name := range names {
		spec, ok := kit.Set.Get(name)
		if !ok {
			return nil, unknownTool(kit.Set, name)
		}
		specs = append(specs, &spec)
	}
	return specs, nil
}

// approving asks about one doc after another.
type approving struct {
	s       *streams
	opts    *options
	kit     *agent.Kit
	yes     bool
	refused int           // stay as they are
	answers *bufio.Reader // what the person writes, from the first question on
}

func (a *approving) one(ctx context.Context, spec *edit.ToolSpec) error {
	approvals := a.kit.Approvals()
	was, err := approvals.Of(spec)
	if err != nil {
		return err
	}
	e := approvalEvent{Event: "approval", Name: spec.Name, Kind: spec.Runtime.Kind, Was: was, SHA256: spec.Source}
	e.Approved = was == tooldoc.ApprovalUnneeded || was == tooldoc.ApprovalGiven
	if e.Approved {
		return a.tell(e)
	}
	text, before := a.kit.Set.Source(spec.Name), []byte(nil)
	if was == tooldoc.ApprovalChanged {
		if before, err = approvals.Text(spec.Name); err != nil {
			return err
		}
		_, changes, _ := strings.Cut(string(diff.Diff("as approved", before, "now", text)), "\n") // below the line that names the files
		e.Diff = visible(changes)
	}
	if !a.opts.json {
		a.s.printf("%s", shownDoc(spec, e.Diff, text))
	}
	if e.Approved, err = a.decide(ctx, spec.Name); err != nil {
		return err
	}
	if e.Approved {
		if err := approvals.Give(spec.Name, text); err != nil {
			return &edit.UserError{Msg: "the approval of " + spec.Name + " could not be kept", Err: err}
		}
	} else {
		a.refused++
	}
	return a.tell(e)
}

// shownDoc is what a person looks at: what the tool calls, and the doc or what changed in it.
func shownDoc(spec *edit.ToolSpec, changes string, text []byte) string {
	calls := spec.Runtime.Outside
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", spec.Name, visible(spec.Path))
	for _, c := range []struct{ what, value string }{{"runs", strings.Join(calls.Command, " ")}, {"calls", calls.URL}, {"its tool is", calls.Tool}} {
		if c.value != "" {
			fmt.Fprintf(&b, "\n  %s: %s", c.what, c.value)
		}
	}
	if changes != "" {
		fmt.Fprintf(&b, "\nwhat changed since it was approved:\n\n%s\n", changes)
	} else {
		fmt.Fprintf(&b, "\n\n%s\n", text)
	}
	return b.String()
}

// decide is the person's answer: --yes, or what is typed; no where nobody can be asked.
func (a *approving) decide(ctx context.Context, name string) (bool, error) {
	if a.yes || a.opts.json || !a.s.asks {
		return a.yes, nil
	}
	_, _ = fmt.Fprintf(a.s.err, "approve %s? [y/N] ", name)
	if a.answers == nil {
		a.answers = bufio.NewReader(a.s.in)
	}
	line := make(chan string, 1)
	go func() {
		text, _ := a.answers.ReadString('\n') // the end of what is typed is no
		line <- text
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case text := <-line:
		answer := strings.ToLower(strings.TrimSpace(text))
		return answer == "y" || answer == "yes", nil
	}
}

func (a *approving) tell(e approvalEvent) error {
	if a.opts.json {
		return a.s.json(e)
	}
	switch {
	case e.Was == tooldoc.ApprovalUnneeded:
		a.s.printf("%s needs no approval: it calls nothing outside the program\n", e.Name)
	case e.Was == tooldoc.ApprovalGiven:
		a.s.printf("%s is approved already\n", e.Name)
	case e.Approved:
		a.s.printf("%s is approved\n", e.Name)
	default:
		a.s.printf("%s is not approved and will not run\n", e.Name)
	}
	return nil
}

// outcome says how it ends: well, with some refused, or with nobody to ask.
func (a *approving) outcome(all int) error {
	switch {
	case a.refused == 0:
		return nil
	case !a.yes && !a.opts.json && !a.s.asks:
		return usageError{errors.New("there is no terminal to answer at, so nothing was approved; --yes approves without asking")}
	}
	return codeError{exitPartial, fmt.Sprintf("%d of %d tools are not approved", a.refused, all)}
}

// visible keeps control characters of a file that was changed by hand off the terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '·'
		}
		return r
	}, text)
}
