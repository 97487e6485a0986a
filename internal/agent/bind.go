package agent

import (
	"fmt"
	"slices"

	"pentimento/internal/edit"
)

// usable returns the tools that may take part in a subtask, and for every
// other tool the reason why not.
func (x *execution) usable() (specs []edit.ToolSpec, refused map[string]error) {
	refused = make(map[string]error)
	for i := range x.Specs {
		spec := &x.Specs[i]
		if err := x.bind(spec); err != nil {
			refused[spec.Name] = err
			continue
		}
		specs = append(specs, *spec)
	}
	return x.confine(specs, refused), refused
}

// bind checks that a tool can run here and that what the subtask gives fits what it accepts.
func (x *execution) bind(spec *edit.ToolSpec) error {
	runner, ok := x.Runners[spec.Runtime.Kind]
	if !ok {
		return fmt.Errorf("%s needs the runtime %q, which this program does not have", spec.Name, spec.Runtime.Kind)
	}
	if err := runner.Available(spec); err != nil {
		return err
	}
	if err := x.bindPointing(spec); err != nil {
		return err
	}
	for _, p := range spec.Inputs {
		if err := x.bindInput(spec, p); err != nil {
			return err
		}
	}
	if !x.finding && x.completes(spec) {
		for name := range x.st.Args {
			if _, ok := spec.Input(name); !ok {
				return fmt.Errorf("%s takes no %s", spec.Name, name)
			}
		}
	}
	return x.afford(spec) // the last, so that who is told of money knows that nothing else is in the way
}

// bindPointing rules out tools that would find the object their own way where
// the person has already shown it.
func (x *execution) bindPointing(spec *edit.ToolSpec) error {
	if !pointed(x.held) || !slices.ContainsFunc(spec.Outputs, func(p edit.Port) bool { return p.Slot() == edit.SlotMask }) {
		return nil
	}
	for _, p := range spec.Inputs {
		if s := p.Slot(); (s == edit.SlotBoxes || s == edit.SlotPoints || s == edit.SlotMask) && x.held[s] != nil {
			return nil
		}
	}
	return fmt.Errorf("%s does not use the place that was shown", spec.Name)
}

func (x *execution) bindInput(spec *edit.ToolSpec, p edit.Port) error {
	accept, ok := spec.Accepts[p.Name]
	if !ok {
		return nil
	}
	if text, given := x.held[p.Slot()].(edit.Text); given {
		phrase := edit.ParsePhrase(string(text))
		if accept.Labels != nil {
			class, known := accept.Labels.Find(phrase.Head)
			if !known {
				return fmt.Errorf("%s does not know the %s %q", spec.Name, p.Name, phrase.Head)
			}
			if class < 0 && len(phrase.Colors) > 0 && phrase.Singular() && isDetector(spec) {
				// "the red thing" is told by its colour; a detector would offer every object that has some of it.
				return fmt.Errorf("%s cannot tell which thing is meant by its colour", spec.Name)
			}
		}
		if accept.Color && len(phrase.Colors) == 0 {
			return fmt.Errorf("%s needs a colour word in %q", spec.Name, text)
		}
	}
	n, given := x.held[p.Slot()].(edit.Number)
	if !given {
		return nil
	}
	if accept.Min != nil && float64(n) < *accept.Min || accept.Max != nil && float64(n) > *accept.Max {
		return fmt.Errorf("%s takes %s from %v to %v, not %v", spec.Name, p.Name, bound(accept.Min), bound(accept.Max), float64(n))
	}
	return nil
}

func bound(v *float64) string {
	if v == nil {
		return "any"
	}
	return fmt.Sprint(*v)
}

// defaulted reports whether a number input has a value although the request gives none.
func (x *execution) defaulted(spec *edit.ToolSpec, p edit.Port) bool {
	return p.Kind == edit.KindNumber && spec.Accepts[p.Name].Default != nil
}

// input finds the artifact for a port: what is held, else the doc's default.
func (x *execution) input(spec *edit.ToolSpec, p edit.Port) (edit.Artifact, bool) {
	if a, ok := x.held[p.Slot()]; ok {
		return a, true
	}
	if x.defaulted(spec, p) {
		return edit.Number(*spec.Accepts[p.Name].Default), true
	}
	return nil, false
}

// reachableWithoutObject is the set of slots that can be filled from the
// picture and the plain arguments alone.
func (x *execution) reachableWithoutObject(specs []edit.ToolSpec) map[string]bool {
	have := make(map[string]bool)
	for slot := range x.held {
		switch slot {
		case edit.SlotObject, edit.SlotBoxes, edit.SlotPoints, edit.SlotMask:
		default:
			have[slot] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for i := range specs {
			spec := &specs[i]
			if slices.ContainsFunc(spec.Inputs, func(p edit.Port) bool { return !have[p.Slot()] && !x.defaulted(spec, p) }) {
				continue
			}
			for _, p := range spec.Outputs {
				if !have[p.Slot()] {
					have[p.Slot()], grown = true, true
				}
			}
		}
	}
	return have
}
