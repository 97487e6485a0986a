package tooldoc

import (
	"reflect"
	"testing"

	"pentimento/internal/edit"
)

const asker = `---
name: asker
title: Asker
description: Asks what the picture shows. Use for captions; not for edits.
license: MIT
tasks: [{task: captioning, quality: 0.7, words: [describe]}]
inputs: {image: image}
outputs: {said: text}
cost: {seconds: 1}
runtime:
  kind: llm
  ask: What is it?
examples: [{request: describe it}]
---
It asks.
`

// TestParseLLM: a question to a model goes over the network and is answered anew each time, whatever the doc says.
func TestParseLLM(t *testing.T) {
	spec, err := Parse("asker.md", []byte(asker), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (edit.Runtime{Kind: "llm", LLM: &edit.LLMRuntime{Ask: "What is it?"}}); !reflect.DeepEqual(spec.Runtime, want) || spec.Deterministic || !spec.Network {
		t.Errorf("%+v, deterministic %v, network %v", spec.Runtime, spec.Deterministic, spec.Network)
	}
}
