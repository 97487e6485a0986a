package tools

import (
	"context"
	"errors"
	"testing"

	"pentimento/internal/edit"
	"pentimento/internal/tooldoc"
)

// counted is a runner that counts what reaches it.
type counted struct{ runs *int }

func (c counted) Available(*edit.ToolSpec) error { return nil }

func (c counted) Run(context.Context, Request) (Response, error) {
	*c.runs++
	return Response{}, nil
}

// TestGate: nothing reaches the runner but a call of the very doc that was approved.
func TestGate(t *testing.T) {
	const doc = `---
name: toon
title: Toon
description: Draws the picture as a cartoon. Use for whole pictures; not for parts.
license: MIT
quality: 0.7
inputs: {image: image}
outputs: {image: image}
cost: {seconds: 2}
runtime: {kind: exec, command: [toon, in.png]}
---
`
	parse := func(text string) *edit.ToolSpec {
		spec, err := tooldoc.Parse("toon.md", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return &spec
	}
	runs := 0
	g := Gate{Approvals: tooldoc.Approvals{Dir: t.TempDir()}, Runner: counted{&runs}}
	refused := func(spec *edit.ToolSpec, changed bool) {
		t.Helper()
		var un *UnapprovedError
		var missing *UnavailableError
		_, err := g.Run(t.Context(), Request{Spec: spec})
		if !errors.As(err, &un) || un.Changed != changed || !errors.As(err, &missing) || missing.Command != "agent tools approve toon" || runs > 1 {
			t.Errorf("run %d times: %v", runs, err)
		}
	}
	refused(parse(doc), false)
	if err := g.Approvals.Give("toon", []byte(doc)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Run(t.Context(), Request{Spec: parse(doc)}); err != nil || runs != 1 {
		t.Errorf("an approved tool ran %d times: %v", runs, err)
	}
	refused(parse(doc+"Prose.\n"), true)
	builtin := &edit.ToolSpec{Name: "toon", Runtime: edit.Runtime{Kind: edit.RuntimeExec}}
	if _, err := g.Run(t.Context(), Request{Spec: builtin}); err == nil || runs != 1 {
		t.Error("a doc of the kind that calls nothing went through")
	}
	g.Runner = nil
	if _, err := g.Run(t.Context(), Request{Spec: parse(doc)}); err == nil {
		t.Error("a tool without a runner ran")
	}
}
