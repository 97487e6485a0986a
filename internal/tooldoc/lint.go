package tooldoc

import (
	"fmt"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// Warning is something a valid doc would be better without.
type Warning struct {
	Field string
	Msg   string
}

// String is "inputs.hole: ...".
func (w Warning) String() string {
	if w.Field == "" {
		return w.Msg
	}
	return w.Field + ": " + w.Msg
}

// givenSlots are what a request or a person can fill; numbers are judged by their accepts.
var givenSlots = []string{
	edit.SlotImage, edit.SlotObject, edit.SlotColor, edit.SlotText, edit.SlotMask, edit.SlotBoxes, edit.SlotPoints, edit.Slot("except", edit.KindMask),
}

// Lint looks at a valid doc beside the others of the set: ports that connect to
// nothing, words that no example uses, a description that does not tell when
// the tool is the right one. The set need not hold the tool.
func (s *Set) Lint(spec edit.ToolSpec) []Warning {
	l := linter{set: s, spec: spec}
	l.inputs()
	l.outputs()
	l.description()
	l.examples()
	l.numbers()
	l.models()
	return l.found
}

type linter struct {
	set   *Set
	spec  edit.ToolSpec
	found []Warning
}

func (l *linter) warn(field, format string, args ...any) {
	l.found = append(l.found, Warning{field, fmt.Sprintf(format, args...)})
}

func (l *linter) inputs() {
	for _, p := range l.spec.Inputs {
		at := join("inputs", p.Name)
		a := l.spec.Accepts[p.Name]
		if p.Kind == edit.KindNumber {
			if a.Default == nil && a.Unit == "" && len(a.Words) == 0 && !l.made(p.Slot()) {
				l.warn(at, "no request gives this number: add a default, a unit or words under accepts.%s", p.Name)
			}
			continue
		}
		if p.Kind != edit.KindText && !slices.Contains(givenSlots, p.Slot()) && !l.made(p.Slot()) { // any words can be a request's
			l.warn(at, "no other tool makes %s and no request gives it, so the tool can never run", p.Slot())
		}
	}
	object, ok := l.spec.Input("object")
	boxes := slices.ContainsFunc(l.spec.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindBoxes })
	if a := l.spec.Accepts["object"]; ok && object.Kind == edit.KindText && boxes && a.Labels == nil && !a.Color {
		l.warn("accepts.object", "a detector without labels is asked for everything, also for what it cannot know")
	}
}

// made reports whether another tool of the set makes the slot.
func (l *linter) made(slot string) bool {
	for _, t := range l.set.specs {
		if t.Name == l.spec.Name {
			continue
		}
		if slices.ContainsFunc(t.Outputs, func(p edit.Port) bool { return p.Slot() == slot }) {
			return true
		}
	}
	return false
}

// outputs warns of a preparing tool that prepares for nobody.
func (l *linter) outputs() {
	if len(l.spec.Tasks) > 0 {
		return
	}
	for _, p := range l.spec.Outputs {
		taken := slices.ContainsFunc(l.set.specs, func(t edit.ToolSpec) bool {
			return t.Name != l.spec.Name && slices.ContainsFunc(t.Inputs, func(in edit.Port) bool { return in.Slot() == p.Slot() })
		})
		if !taken {
			l.warn(join("outputs", p.Name), "no tool takes %s, and the doc claims no task", p.Slot())
		}
	}
}

// orders are phrases of a text that speaks to a model instead of describing a tool.
var orders = []string{
	"ignore previous", "ignore all", "ignore the", "disregard", "you must", "you should", "always use this", "always call",
	"system prompt", "do not tell", "don't tell", "before any other", "before using any", "instructions",
}

func (l *linter) description() {
	text := strings.ToLower(l.spec.Description)
	words := terms(text)
	if len(words) < 6 {
		l.warn("description", "is too short to choose by: say what the tool does, when to use it and when not")
	}
	if !strings.Contains(text, "use ") && !strings.Contains(text, "when ") && !strings.Contains(text, " for ") {
		l.warn("description", "does not say when to use the tool (\"Use for ...\")")
	}
	if !strings.Contains(text, "not ") && !strings.Contains(text, "never") && !strings.Contains(text, "instead") {
		l.warn("description", "does not say when not to use it (\"Not for ...\")")
	}
	if strings.TrimSpace(l.spec.Prose) == "" {
		l.warn("", "has no prose: say what it does well, where it fails and what to try instead")
	}
	if strings.Contains(l.spec.Prose, "<!--") {
		l.warn("", "holds an HTML comment, which a reader of the rendered page does not see and a model does")
	}
	all := text + " " + strings.ToLower(l.spec.Title+" "+l.spec.Prose)
	for _, o := range orders {
		if strings.Contains(all, o) {
			l.warn("", "%q reads as an order to a model; a doc describes", o)
		}
	}
}

func (l *linter) examples() {
	for i, e := range l.spec.Examples {
		claim, ok := l.spec.Claim(e.Task)
		if ok && !slices.ContainsFunc(claim.Words, func(w string) bool { return hasPhrase(e.Request, w) }) {
			l.warn(item("examples", i)+".request", "%q holds none of the words of %s, so the planner cannot read it", e.Request, e.Task)
		}
	}
	for i, t := range l.spec.Tasks {
		if !slices.ContainsFunc(l.spec.Examples, func(e edit.Example) bool { return e.Task == t.Task }) {
			l.warn(item("tasks", i), "no example shows %s", t.Task)
		}
	}
}

// hasPhrase reports whether the stemmed words of phrase stand in order, though
// perhaps apart ("turn it around"), in text.
func hasPhrase(text, phrase string) bool {
	want := allTerms(phrase)
	for _, t := range allTerms(text) {
		if len(want) > 0 && t == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func (l *linter) numbers() {
	if c := l.spec.Cost; c.Seconds == 0 && c.PerMegapixel == 0 && c.USD == 0 {
		l.warn("cost", "is 0: the search would take the tool for free; measure a run")
	}
	if l.spec.Quality >= 1 {
		l.warn("quality", "is 1: no tool always succeeds")
	}
	for i, t := range l.spec.Tasks {
		if t.Quality >= 1 && l.spec.Quality < 1 {
			l.warn(item("tasks", i)+".quality", "is 1: no tool always succeeds")
		}
	}
}

func (l *linter) models() {
	if l.spec.Runtime.ONNX == nil {
		return
	}
	for _, part := range l.spec.Runtime.ONNX.Models {
		if !slices.ContainsFunc(part.Accept, func(m edit.ModelSource) bool { return m.URL != "" || m.Embedded }) {
			l.warn("runtime.models", "%s has no public download: it is installed from a mirror folder only", part.Accept[0].File)
		}
	}
}
