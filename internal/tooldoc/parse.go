package tooldoc

import (
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// Parse reads the tool doc src, whose file is path, into a ToolSpec. labels
// reads a file of the labels folder by its plain name. The error is of type
// *Problems and lists everything that is wrong with the doc.
func Parse(path string, src []byte, labels func(file string) ([]byte, error)) (edit.ToolSpec, error) {
	c := &collector{path: path, lines: map[string]int{"": 1}}
	front, prose, ok := split(c, src)
	if !ok {
		return edit.ToolSpec{}, c.err()
	}
	if n := len(strings.Fields(prose)); n > MaxProseWords {
		c.add(0, "", "the prose has %d words, at most %d are taken", n, MaxProseWords)
	}
	root := parseYAML(c, front)
	if root == nil {
		return edit.ToolSpec{}, c.err()
	}
	var doc frontMatter
	decodeDoc := decoder{c}
	decodeDoc.value(root, reflectOf(&doc), "", "")
	b := builder{collector: c, doc: &doc, lists: lists{collector: c, read: labels, labels: make(map[string]*edit.Labels)}}
	spec := b.spec()
	if want := strings.TrimSuffix(filepath.Base(path), ".md"); doc.Name != "" && doc.Name != want {
		c.at("name", "%q is not the file's name, %q", clip(doc.Name), clip(want))
	}
	if err := c.err(); err != nil {
		return edit.ToolSpec{}, err
	}
	spec.Path = path
	spec.Prose = prose
	spec.Digest = Digest(spec)
	return spec, nil
}

// builder turns the decoded front matter into a ToolSpec and checks what
// concerns more than one field.
type builder struct {
	*collector
	doc   *frontMatter
	lists lists
}

func (b *builder) spec() edit.ToolSpec {
	d := b.doc
	s := edit.ToolSpec{
		Name: d.Name, Title: d.Title, Description: d.Description, License: d.License,
		Network: d.Network, MaxPixels: d.MaxPixels, Tileable: d.Tileable, Variants: d.Variants,
		Deterministic: d.Deterministic == nil || *d.Deterministic,
	}
	if d.Cost != nil {
		s.Cost = edit.Cost{Seconds: d.Cost.Seconds, PerMegapixel: d.Cost.PerMegapixel, USD: d.Cost.USD}
	}
	s.Inputs = b.ports("inputs", d.Inputs)
	s.Outputs = b.ports("outputs", d.Outputs)
	if d.Outputs != nil && len(d.Outputs) == 0 {
		b.at("outputs", "is empty: a tool makes something")
	}
	if d.Inputs != nil && len(d.Inputs) == 0 {
		b.at("inputs", "is empty: a tool needs something to work on")
	}
	b.tasks(&s)
	b.preserves(&s)
	b.accepts(&s)
	b.runtime(&s)
	b.variants(&s)
	b.examples(&s)
	return s
}

// ports sorts the declared ports by name. Two ports of one direction that share
// a slot would always hold the same artifact.
func (b *builder) ports(field string, declared map[string]string) []edit.Port {
	var ports []edit.Port
	slots := make(map[string]string)
	for _, name := range sortedKeys(declared) {
		p := edit.Port{Name: name, Kind: edit.Kind(declared[name])}
		if !p.Kind.Valid() {
			continue
		}
		if other, taken := slots[p.Slot()]; taken {
			b.at(join(field, name), "would always hold the same %s as %q", p.Kind, other)
		}
		slots[p.Slot()] = name
		if p.Kind == edit.KindImage && name != "image" && field == "outputs" {
			b.at(join(field, name), "the picture that a tool makes is named image")
		}
		ports = append(ports, p)
	}
	return ports
}

func (b *builder) tasks(s *edit.ToolSpec) {
	d := b.doc
	least := 1.0
	seen := make(map[string]bool)
	for i, t := range d.Tasks {
		at := item("tasks", i)
		if seen[t.Task] && t.Task != "" {
			b.at(at+".task", "%q is claimed twice", t.Task)
		}
		seen[t.Task] = true
		if t.Words != nil && len(t.Words) == 0 {
			b.at(at+".words", "is empty: without words no request reaches the tool")
		}
		b.repeats(at+".words", t.Words)
		claim := edit.TaskClaim{Task: t.Task, Words: t.Words, Effect: edit.Effect(t.Effect)}
		switch {
		case t.Quality != nil:
			claim.Quality = *t.Quality
		case d.Quality != nil:
			claim.Quality = *d.Quality
		default:
			b.at(at, "has no quality, and the doc gives none")
		}
		least = min(least, claim.Quality)
		s.Tasks = append(s.Tasks, claim)
	}
	switch {
	case d.Quality != nil:
		s.Quality = *d.Quality
	case len(d.Tasks) == 0:
		b.at("quality", "is missing: a tool without tasks needs it")
	default:
		s.Quality = least
	}
}

func (b *builder) repeats(field string, words []string) {
	seen := make(map[string]bool)
	for _, w := range words {
		if seen[w] {
			b.at(field, "%q is given twice", clip(w))
		}
		seen[w] = true
	}
}

func (b *builder) preserves(s *edit.ToolSpec) {
	for _, p := range b.doc.Preserves {
		s.Preserves = append(s.Preserves, edit.Preserve(p))
	}
	slices.Sort(s.Preserves)
	b.repeats("preserves", b.doc.Preserves)
	image := slices.ContainsFunc(s.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindImage })
	if s.Keeps(edit.PreserveImage) && image {
		b.at("preserves", "promises to make no new image, and outputs has one")
	}
	if !s.Keeps(edit.PreserveOutsideMask) {
		return
	}
	masks := 0
	for _, p := range s.Inputs {
		if p.Kind == edit.KindMask {
			masks++
		}
	}
	if masks != 1 {
		b.at("preserves", "outside-mask needs exactly one input of kind mask, there are %d", masks)
	}
	if !image {
		b.at("preserves", "outside-mask is a promise about a new image, and outputs has none")
	}
}

func (b *builder) accepts(s *edit.ToolSpec) {
	for _, name := range sortedKeys(b.doc.Accepts) {
		a := b.doc.Accepts[name]
		at := join("accepts", name)
		port, ok := s.Input(name)
		if !ok {
			b.at(at, "is no input port%s", didYouMean(name, portNames(s.Inputs)))
			continue
		}
		numeric := a.Min != nil || a.Max != nil || a.Default != nil || a.Unit != "" || a.Words != nil
		if numeric && port.Kind != edit.KindNumber {
			b.at(at, "min, max, default, unit and words are for numbers; %q is of kind %s", name, port.Kind)
		}
		if (a.Labels != "" || a.Color) && port.Kind != edit.KindText {
			b.at(at, "labels and color are for text; %q is of kind %s", name, port.Kind)
		}
		b.bounds(at, a)
		if s.Accepts == nil {
			s.Accepts = make(map[string]edit.Accept)
		}
		s.Accepts[name] = edit.Accept{
			Labels: b.lists.class(at+".labels", a.Labels), Color: a.Color,
			Min: a.Min, Max: a.Max, Default: a.Default, Unit: a.Unit, Words: a.Words,
		}
	}
}

func (b *builder) bounds(at string, a acceptDoc) {
	if a.Min != nil && a.Max != nil && *a.Min > *a.Max {
		b.at(at+".min", "%v is above max, %v", *a.Min, *a.Max)
		return
	}
	inside := func(field string, v float64) {
		if a.Min != nil && v < *a.Min || a.Max != nil && v > *a.Max {
			b.at(field, "%v is outside min..max", v)
		}
	}
	if a.Default != nil {
		inside(at+".default", *a.Default)
	}
	for _, w := range sortedKeys(a.Words) {
		inside(join(at+".words", w), a.Words[w])
	}
}

func portNames(ports []edit.Port) []string {
	names := make([]string, len(ports))
	for i, p := range ports {
		names[i] = p.Name
	}
	return names
}
