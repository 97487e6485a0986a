package tooldoc

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"pentimento/internal/edit"
)

func reflectOf(p any) reflect.Value { return reflect.ValueOf(p).Elem() }

func item(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func (b *builder) examples(s *edit.ToolSpec) {
	if len(b.doc.Tasks) > 0 && len(b.doc.Examples) == 0 {
		b.at("examples", "is missing: a tool with tasks shows at least one request")
	}
	for i, e := range b.doc.Examples {
		at := item("examples", i)
		if e.Task == "" && len(s.Tasks) > 0 {
			e.Task = s.Tasks[0].Task
		}
		if _, ok := s.Claim(e.Task); !ok && e.Task != "" {
			b.at(at+".task", "%q is none of the doc's tasks", clip(e.Task))
		}
		for _, name := range sortedKeys(e.Arguments) {
			b.argument(join(at+".arguments", name), s, name, e.Arguments[name])
		}
		s.Examples = append(s.Examples, edit.Example{Request: e.Request, Task: e.Task, Arguments: e.Arguments})
	}
}

// argument checks that an example gives a port what the port takes.
func (b *builder) argument(at string, s *edit.ToolSpec, name string, value any) {
	port, ok := s.Input(name)
	if !ok {
		b.at(at, "is no input port%s", didYouMean(name, portNames(s.Inputs)))
		return
	}
	accept := s.Accepts[name]
	switch port.Kind {
	case edit.KindNumber:
		x, ok := value.(float64)
		if !ok {
			b.at(at, "want a number")
			return
		}
		if accept.Min != nil && x < *accept.Min || accept.Max != nil && x > *accept.Max {
			b.at(at, "%v is outside the port's min..max", x)
		}
	case edit.KindColor:
		if c, ok := value.(string); !ok || !isColor(c) {
			b.at(at, "want a colour word or #rrggbb, found %v", value)
		}
	case edit.KindText:
		text, ok := value.(string)
		if !ok || text == "" {
			b.at(at, "want words")
			return
		}
		b.phrase(at, accept, text)
	case edit.KindImage, edit.KindMask, edit.KindClasses, edit.KindBoxes, edit.KindPoints, edit.KindSpans, edit.KindDepth:
		b.at(at, "a request gives words, colours and numbers, not %s", port.Kind)
	}
}

func isColor(s string) bool {
	_, ok := edit.ParseColor(s)
	return ok
}

func (b *builder) phrase(at string, accept edit.Accept, text string) {
	phrase := edit.ParsePhrase(text)
	if accept.Labels != nil {
		if _, known := accept.Labels.Find(phrase.Head); !known {
			b.at(at, "%q is not among the labels that the port takes", clip(phrase.Head))
		}
	}
	if accept.Color && len(phrase.Colors) == 0 {
		b.at(at, "%q has no colour word, and the port wants one", clip(text))
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
