package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// frame is what the tools of a task can be given, derived from the inputs and
// outputs of all docs.
type frame struct {
	takesObject bool            // some tool uses an object phrase, or boxes or a mask made from one
	needsObject bool            // no tool works without one
	wholeToo    bool            // some tool works on a mask of the whole picture
	located     bool            // some tool works on a place of the picture rather than on all of it
	readOnly    bool            // no tool makes a picture
	readsText   bool            // some tool works on words in the picture
	textual     bool            // words in the picture are what it is about
	destroys    bool            // the object is gone afterwards
	still       bool            // every tool that makes a picture makes it of the same size
	outlines    bool            // some tool makes the object's outline
	made        map[string]bool // slots that some tool fills
	bound       map[string]bool // tools that need an object, by name
	labels      []*edit.Labels  // the object words that its tools know; empty: any word
	open        bool            // some way to find the object knows no closed list of words
	closed      bool            // every tool itself takes only the words of a list
	own         []*edit.Labels  // those lists
}

// objectPort is the input that takes the object phrase.
var objectPort, _, _ = strings.Cut(edit.SlotObject, ":")

// slotHole is the mask of what a tool paints over.
var slotHole = edit.Slot("hole", edit.KindMask)

// makers are the docs by what they make, the same for every task.
type makers struct {
	specs []edit.ToolSpec
	of    map[string][]*edit.ToolSpec // by slot
	made  map[string]bool             // slots that some tool fills
	free  map[string]bool             // slots that are filled without an object
	whole map[string]bool             // the same, with a mask of the whole picture
}

func makersOf(specs []edit.ToolSpec) *makers {
	m := &makers{specs: specs, of: map[string][]*edit.ToolSpec{}, made: map[string]bool{}}
	for i := range specs {
		for _, out := range specs[i].Outputs {
			slot := out.Slot()
			m.of[slot], m.made[slot] = append(m.of[slot], &specs[i]), true
		}
	}
	m.free = reachable(specs, edit.SlotBoxes, edit.SlotPoints, edit.SlotMask)
	m.whole = reachable(specs, edit.SlotBoxes, edit.SlotPoints)
	return m
}

func frameOf(t *task, m *makers) frame {
	f := frame{readOnly: true, needsObject: true, still: true, closed: true, made: m.made, bound: map[string]bool{}}
	for _, tool := range t.tools {
		own := tool.Accepts[objectPort].Labels
		if f.closed = f.closed && own != nil; own != nil {
			f.own = append(f.own, own)
		}
		f.textual = f.textual || textual(tool, m.specs)
		f.bound[tool.Name] = !runnable(tool, m.free)
		f.needsObject = f.needsObject && f.bound[tool.Name]
		f.wholeToo = f.wholeToo || runnable(tool, m.whole)
		for _, in := range tool.Inputs {
			f.destroys = f.destroys || in.Slot() == slotHole
		}
		for _, out := range tool.Outputs {
			f.readOnly = f.readOnly && out.Kind != edit.KindImage
			f.still = f.still && (out.Kind != edit.KindImage || tool.Keeps(edit.PreserveSize))
			f.outlines = f.outlines || out.Slot() == edit.SlotMask
			f.readsText = f.readsText || out.Kind == edit.KindSpans
		}
		f.walk(tool, m, map[string]bool{})
		if movesNothing(tool) {
			f.walk(&edit.ToolSpec{Inputs: outlinePort}, m, map[string]bool{})
		}
	}
	f.wholeToo = f.wholeToo && !f.destroys
	return f
}

// textual reports whether a tool works on written words: it takes or makes
// them, knows only the words for them, or writes what the request says.
func textual(tool *edit.ToolSpec, specs []edit.ToolSpec) bool {
	spans := func(p edit.Port) bool { return p.Kind == edit.KindSpans }
	if slices.ContainsFunc(tool.Inputs, spans) || slices.ContainsFunc(tool.Outputs, spans) {
		return true
	}
	own := tool.Accepts[objectPort].Labels
	if own == nil {
		return false
	}
	return slices.ContainsFunc(specs, func(s edit.ToolSpec) bool {
		l := s.Accepts[objectPort].Labels
		return l != nil && slices.ContainsFunc(s.Inputs, spans) && slices.Equal(l.Names, own.Names)
	})
}

// outlinePort is what the engine needs to keep a tool on the whole picture inside an object.
var outlinePort = []edit.Port{{Name: string(edit.KindMask), Kind: edit.KindMask}}

// movesNothing reports whether a tool turns the whole picture into one of the
// same size and shape: the engine keeps its result inside any region.
func movesNothing(tool *edit.ToolSpec) bool {
	_, takes := tool.Input(edit.SlotImage)
	_, makes := tool.Output(edit.SlotImage)
	placed := slices.ContainsFunc(tool.Inputs, func(p edit.Port) bool {
		writes := p.Kind == edit.KindText && tool.Accepts[p.Name].Labels == nil
		return writes || p.Kind == edit.KindMask || p.Kind == edit.KindBoxes || p.Kind == edit.KindPoints || p.Kind == edit.KindSpans || p.Slot() == edit.SlotObject
	})
	return takes && makes && !placed && tool.Keeps(edit.PreserveSize) && tool.Keeps(edit.PreserveAlpha)
}

// walk follows the inputs of a tool back to what makes them. The picture is
// always held and ends the walk.
func (f *frame) walk(tool *edit.ToolSpec, m *makers, seen map[string]bool) {
	for _, in := range tool.Inputs {
		slot := in.Slot()
		switch {
		case slot == edit.SlotObject:
			f.takesObject = true
			if l := tool.Accepts[in.Name].Labels; l != nil {
				f.labels = append(f.labels, l)
			} else {
				f.open = true
			}
		case in.Kind == edit.KindImage || in.Kind == edit.KindColor || in.Kind == edit.KindNumber || in.Kind == edit.KindText:
			continue
		}
		f.located = true
		f.takesObject = f.takesObject || slot == edit.SlotMask || in.Kind == edit.KindBoxes || in.Kind == edit.KindPoints
		f.readsText = f.readsText || in.Kind == edit.KindSpans
		if seen[slot] {
			continue
		}
		seen[slot] = true
		for _, maker := range m.of[slot] {
			f.walk(maker, m, seen)
		}
	}
}

// creates reports whether a task makes something new.
func (t *task) creates() bool { return t.effect == edit.EffectCreates }

// knows reports whether a tool that finds objects for the task knows the noun.
func (f *frame) knows(head string) bool { return inAny(f.labels, head) }

func inAny(lists []*edit.Labels, head string) bool {
	for _, l := range lists {
		if _, ok := l.Find(head); ok {
			return true
		}
	}
	return false
}

// reachable is the set of slots that tools can fill from the picture alone,
// with whatever numbers, colours and words a request may give, but no object.
// Slots that are left out count as filled by an object only: a face detector
// makes boxes from the picture alone, but "remove" does not mean every face.
func reachable(specs []edit.ToolSpec, leaveOut ...string) map[string]bool {
	free := map[string]bool{edit.SlotImage: true}
	for grown := true; grown; {
		grown = false
		for i := range specs {
			if !runnable(&specs[i], free) {
				continue
			}
			for _, out := range specs[i].Outputs {
				if slot := out.Slot(); !free[slot] && !slices.Contains(leaveOut, slot) {
					grown, free[slot] = true, true
				}
			}
		}
	}
	return free
}

func runnable(tool *edit.ToolSpec, free map[string]bool) bool {
	for _, in := range tool.Inputs {
		given := in.Kind == edit.KindColor || in.Kind == edit.KindNumber || in.Kind == edit.KindImage && in.Slot() != edit.SlotImage || in.Kind == edit.KindText && in.Slot() != edit.SlotObject
		if !given && !free[in.Slot()] {
			return false
		}
	}
	return true
}
