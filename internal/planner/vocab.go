package planner

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"pentimento/internal/edit"
)

// vocabulary is what the docs teach: built once, never written to again.
type vocabulary struct {
	tasks  []*task // sorted by name
	byName map[string]*task
	// first maps the key of a phrase's first word to the phrases.
	first map[string][]*phrase
	// verbs are the first words of the docs' phrases, sorted, for spelling.
	verbs []string
	// joined are the phrases and words of the docs that hold an "and".
	joined [][]word
	// things are the words that the docs' label lists have for every object alike.
	things map[string]bool
	// long are the words of phrases and value words of which a slip is safe to mend anywhere.
	long []string
	// labels are the object words that some doc's label list knows.
	labels map[string]bool
	// asking are the words of the docs' phrases.
	asking map[string]bool
	// classes maps the object words of label lists to the names of their classes.
	classes map[string]string
	// known are all words of the docs: a word among them is no spelling slip.
	known map[string]bool
	rank  ranker
}

// task is a task type with all that its tools say about it.
type task struct {
	name     string
	tools    []*edit.ToolSpec
	phrases  []*phrase
	nouns    map[string]bool // keys of the words of its name and phrases
	colors   []port
	numbers  []port
	texts    []port
	examples []string
	reversed map[string]string // verb to the preposition that stands before the object instead of the target
	effect   edit.Effect       // what it does to what other steps need, as any of its docs says
	frame
}

// port is an input that a request fills, merged over the tools of a task.
type port struct {
	name     string
	required bool // no tool of the task works without it
	unit     string
	lo, hi   *float64
	initial  *float64 // the doc's default
	words    []valueWord
	labels   *edit.Labels // closed vocabulary of a text input
}

// valueWord is a word of a request that sets a number.
type valueWord struct {
	words    []word
	positive []string // the adjectives of which a single word is the comparative
	degree   bool     // a word of degree such as "slightly"
	value    float64
}

type source uint8

// Where a phrase comes from, the most explicit first.
const (
	fromWords source = iota
	fromName
	fromSynonym
	fromExample
)

// phrase is a way to ask for a task.
type phrase struct {
	task  *task
	words []word // without articles
	from  source
}

func (p *phrase) String() string { return strings.Join(spelled(p.words), " ") }

// compile reads the docs in name order, so that their order cannot matter.
func compile(specs []edit.ToolSpec) *vocabulary {
	sorted := slices.Clone(specs)
	slices.SortFunc(sorted, func(a, b edit.ToolSpec) int { return cmp.Compare(a.Name, b.Name) })
	v := &vocabulary{byName: map[string]*task{}, first: map[string][]*phrase{}, labels: map[string]bool{}, classes: map[string]string{}, asking: map[string]bool{}, known: map[string]bool{}, things: map[string]bool{}}
	for i := range sorted {
		spec := &sorted[i]
		v.learn(spec.Description, spec.Title)
		for _, a := range spec.Accepts {
			v.learnLabels(a.Labels)
		}
		for _, claim := range spec.Tasks {
			v.task(claim.Task).claim(spec, claim)
		}
	}
	v.lend()
	all := makersOf(sorted)
	for _, t := range v.tasks {
		t.finish(frameOf(t, all))
		for _, p := range t.phrases {
			lead := p.words[0].key
			v.first[lead] = append(v.first[lead], p)
			v.verbs = append(v.verbs, lead)
			v.learn(spelled(p.words)...)
			for _, w := range p.words {
				v.asking[w.key] = true
			}
		}
		for _, n := range t.numbers {
			for _, w := range n.words {
				v.learn(spelled(w.words)...)
			}
		}
	}
	slices.Sort(v.verbs)
	v.verbs = slices.Compact(v.verbs)
	v.long = longWords(v.tasks)
	v.joined = joinedWords(v.tasks)
	v.rank = newRanker(v.tasks)
	return v
}

func (v *vocabulary) learn(texts ...string) {
	for _, s := range texts {
		for _, w := range keys(s) {
			v.known[w] = true
		}
	}
}

func (v *vocabulary) learnLabels(l *edit.Labels) {
	if l == nil {
		return
	}
	for class := range l.Names {
		for _, w := range l.Words(class) {
			v.labels[singularKey(w)] = true
			v.classes[singularKey(w)] = l.Names[class]
			v.learn(w)
		}
	}
	for _, w := range l.Any {
		v.labels[singularKey(w)], v.things[singularKey(w)] = true, true
	}
}

// isLabel reports whether some doc's label list knows the noun phrase.
func (v *vocabulary) isLabel(noun string) bool { return v.labels[singularKey(noun)] }

func (v *vocabulary) task(name string) *task {
	if t, ok := v.byName[name]; ok {
		return t
	}
	t := &task{name: name, nouns: map[string]bool{}}
	v.byName[name] = t
	i, _ := slices.BinarySearchFunc(v.tasks, name, func(t *task, n string) int { return cmp.Compare(t.name, n) })
	v.tasks = slices.Insert(v.tasks, i, t)
	return t
}

func (t *task) claim(spec *edit.ToolSpec, claim edit.TaskClaim) {
	t.tools = append(t.tools, spec)
	t.effect = cmp.Or(t.effect, claim.Effect)
	for _, w := range claim.Words {
		t.addPhrase(w, fromWords)
	}
	for _, e := range spec.Examples {
		if e.Task == claim.Task || e.Task == "" && spec.Tasks[0].Task == claim.Task {
			t.examples = append(t.examples, e.Request)
			t.addPhrase(examplePrefix(e), fromExample)
			t.reverse(e)
		}
	}
	t.addPhrase(strings.ReplaceAll(claim.Task, "-", " "), fromName)
}

// reverse learns from an example whose target stands right after the verb,
// before a preposition and the object: "substitute a parrot for the pigeon".
func (t *task) reverse(e edit.Example) {
	words := slices.DeleteFunc(keys(e.Request), func(w string) bool { return articles[w] })
	for _, value := range e.Arguments {
		s, ok := value.(string)
		target := keys(s)
		if !ok || len(e.Arguments) != 1 || len(target) == 0 || len(words) < len(target)+3 || !slices.Equal(words[1:1+len(target)], target) {
			continue
		}
		if prep := words[1+len(target)]; targetPreps[prep] {
			if t.reversed == nil {
				t.reversed = map[string]string{}
			}
			t.reversed[words[0]] = prep
		}
	}
}

// examplePrefix is the part of an example before its first argument: the
// words that ask. An example of which nothing follows is taken whole when short.
func examplePrefix(e edit.Example) string {
	words := keys(e.Request)
	stop := map[string]bool{}
	for _, v := range e.Arguments {
		if s, ok := v.(string); ok {
			for _, w := range keys(s) {
				stop[singularKey(w)] = true
			}
		}
	}
	end := slices.IndexFunc(words, func(w string) bool {
		return stop[singularKey(w)] || targetPreps[w] || quantifiers[w] || isNumeric(w)
	})
	if end < 0 {
		end = len(words)
	}
	if end == 0 || end > 3 || askedVerbs[words[0]] && end == 1 || slices.ContainsFunc(words[:end], func(w string) bool { return pronouns[w] }) {
		return ""
	}
	return strings.Join(words[:end], " ")
}

func (t *task) addPhrase(s string, from source) {
	words := phraseWords(s)
	if len(words) == 0 {
		return
	}
	for _, w := range words {
		t.nouns[w.one] = true
	}
	for _, p := range t.phrases {
		if slices.Equal(p.words, words) {
			p.from = min(p.from, from)
			return
		}
	}
	t.phrases = append(t.phrases, &phrase{task: t, words: words, from: from})
}

// phraseWords are the words of a phrase without articles; the "this" that ends a question is none.
func phraseWords(s string) []word {
	all := wordsOf(s)
	words := slices.DeleteFunc(slices.Clone(all), func(w word) bool { return articles[w.key] && w.key != "another" })
	if n := len(all); n > 1 && questionWords[all[0].key] && pronouns[all[n-1].key] && articles[all[n-1].key] {
		words = append(words, all[n-1])
	}
	return words
}

// finish sorts what was gathered and merges the input ports of the tools.
func (t *task) finish(f frame) {
	t.frame = f
	slices.SortFunc(t.phrases, func(a, b *phrase) int {
		return cmp.Or(len(b.words)-len(a.words), slices.Compare(spelled(a.words), spelled(b.words)))
	})
	for _, tool := range t.tools {
		for _, in := range tool.Inputs {
			switch in.Kind {
			case edit.KindColor:
				t.colors = t.merge(t.colors, tool, in)
			case edit.KindNumber:
				t.numbers = t.merge(t.numbers, tool, in)
			case edit.KindText:
				if in.Slot() != edit.SlotObject && !f.made[in.Slot()] {
					t.texts = t.merge(t.texts, tool, in)
				}
			case edit.KindImage, edit.KindMask, edit.KindClasses, edit.KindBoxes, edit.KindPoints, edit.KindSpans, edit.KindDepth:
			}
		}
	}
	writes := slices.ContainsFunc(t.texts, func(p port) bool { return p.labels == nil && p.required })
	t.textual = t.textual || writes && !t.takesObject && !t.located && !t.readOnly
}

func (t *task) merge(ports []port, tool *edit.ToolSpec, in edit.Port) []port {
	a := tool.Accepts[in.Name]
	i := slices.IndexFunc(ports, func(p port) bool { return p.name == in.Name })
	if i < 0 {
		ports = append(ports, port{name: in.Name, unit: a.Unit, lo: a.Min, hi: a.Max, initial: a.Default, labels: a.Labels})
		i = len(ports) - 1
		ports[i].required = !slices.ContainsFunc(t.tools, func(s *edit.ToolSpec) bool {
			_, has := s.Input(in.Name)
			return !has || s.Accepts[in.Name].Default != nil
		})
	}
	p := &ports[i]
	p.lo, p.hi = wider(p.lo, a.Min, -1), wider(p.hi, a.Max, 1)
	if p.labels == nil {
		p.labels = a.Labels
	}
	for w, value := range a.Words {
		words := wordsOf(w)
		known := slices.ContainsFunc(p.words, func(v valueWord) bool { return slices.Equal(v.words, words) })
		if len(words) > 0 && !known {
			v := valueWord{words: words, value: value, degree: isDegree(spelled(words))}
			if len(words) == 1 {
				v.positive = positives(words[0].key)
			}
			p.words = append(p.words, v)
		}
	}
	slices.SortFunc(p.words, func(a, b valueWord) int {
		return cmp.Or(len(b.words)-len(a.words), slices.Compare(spelled(a.words), spelled(b.words)))
	})
	return ports
}

func isDegree(words []string) bool {
	same := func(d []string) bool { return slices.Equal(d, words) }
	return slices.ContainsFunc(weaker, same) || slices.ContainsFunc(stronger, same)
}

// wider joins two bounds; no bound is the widest.
func wider(a, b *float64, sign float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	if *b*sign > *a*sign {
		return b
	}
	return a
}

// keys cuts text into the forms that are compared: lower case, one spelling, no punctuation.
func keys(s string) []string {
	var out []string
	for _, t := range tokenise(s) {
		if t.kind == quoteToken {
			out = append(out, keys(t.text)...)
			continue
		}
		if t.kind == wordToken {
			out = append(out, t.form.key)
		}
	}
	return out
}

// word is a word of the docs or of a request in the forms that are compared.
type word struct {
	key string // one spelling
	one string // its singular
}

func wordOf(w string) word {
	k := key(w)
	if w != strings.ToLower(w) || strings.ContainsFunc(w, unicode.IsSpace) {
		return word{key: k, one: singularKey(w)}
	}
	one, _ := edit.Singularize(k)
	return word{key: k, one: one}
}

func wordsOf(s string) []word {
	var out []word
	for _, k := range keys(s) {
		out = append(out, wordOf(k))
	}
	return out
}

func spelled(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.key
	}
	return out
}

// key maps British and American spelling to one form.
func key(w string) string {
	if strings.Contains(w, "c") {
		w = strings.ReplaceAll(strings.ReplaceAll(w, "colour", "color"), "centre", "center")
	}
	if w == "grey" {
		return "gray"
	}
	for _, end := range [...]string{"ise", "ised", "ises", "ising", "iser", "yse", "ysed", "yses", "ysing"} {
		if stem, ok := strings.CutSuffix(w, end); ok && len(stem) > 3 {
			return stem + end[:1] + "z" + end[len("is"):]
		}
	}
	return w
}

func singularKey(w string) string {
	ws := strings.Fields(key(strings.ToLower(w)))
	if len(ws) == 0 {
		return ""
	}
	ws[len(ws)-1], _ = edit.Singularize(ws[len(ws)-1])
	return strings.Join(ws, " ")
}
