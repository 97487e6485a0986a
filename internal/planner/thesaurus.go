package planner

import (
	_ "embed"
	"slices"
	"strings"
)

// thesaurusText holds words of general English that mean nearly the same: what
// the docs say in one of them may be asked in another.
//
//go:embed thesaurus.txt
var thesaurusText string

// thesaurus is thesaurusText in the forms that are compared.
type thesaurus struct {
	verbs     []verbGroup
	nouns     map[string][]int  // groups that a noun belongs to
	asked     map[string][]int  // the same, alike in a question only
	pictured  map[string]bool   // kinds of pictures
	appearing map[string]bool   // verbs that say of something new that it comes to be somewhere
	seeming   map[string]bool   // verbs that say how something seems
	ridding   map[string]bool   // verbs that take away from what is named first
	searching map[string]bool   // verbs that look through what is named first
	scenes    map[string]bool   // what a picture as a whole can be made into
	times     map[string]bool   // times, seasons and weathers
	tints     map[string]bool   // things that say which shade of a colour is meant
	losses    map[string]bool   // what a picture as a whole has and an edit may cost it
	feasible  [][]string        // conditions on whether an order can be carried out
	elsewhen  [][]string        // times that are not the picture's
	onlookers map[string]bool   // who may look on
	spots     map[string]bool   // places in a picture
	places    map[string]bool   // what one can be in
	praise    map[string]bool   // what is said of how a thing would look
	forms     map[string]string // irregular forms of verbs
	openings  [][]string        // what opens what is said and means nothing
	pasts     map[string]bool   // irregular pasts, before which a subject stands
	subjects  map[string]bool   // nouns that are a subject alone
	altering  map[string]bool   // verbs that say of a thing only that it is to be another
	pages     map[string]bool   // pages that a picture may be of
	moving    map[string]bool   // verbs that set somebody somewhere
	mending   map[string]bool   // verbs that set right what was said to be wrong
	vocatives map[string]bool   // what people call whom they speak to
	legends   [][]string        // how to ask whether a sentence goes with a picture
	mood      []string          // how to ask for the mood of words
	closings  [][]string        // what ends an order and says only how to answer it
	short     map[string]string // what people type for longer words
	turning   map[string]bool   // verbs that make one thing of another
	handing   map[string]bool   // verbs that ask for something to be given
	stated    map[string]bool   // participles that say that words stand written
	adorning  map[string]bool   // verbs that put something on what is named first
	naming    map[string]bool   // verbs that ask for a name
	numbered  map[string]bool   // what is written as a number
	instances map[string]bool   // what there is one of wherever a thing occurs
}

// verbGroup holds verbs of one or more words.
type verbGroup struct {
	verbs    [][]word
	withNoun bool // alike only where a noun of the docs follows
}

var synonyms = readThesaurus(thesaurusText)

func readThesaurus(text string) thesaurus {
	t := thesaurus{nouns: map[string][]int{}, asked: map[string][]int{}, forms: map[string]string{}, short: map[string]string{}}
	lists := map[string]map[string]bool{}
	group := 0
	for line := range strings.Lines(text) {
		kind, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch kind {
		case "verb", "verb with noun":
			var verbs [][]word
			for m := range strings.SplitSeq(list, ",") {
				verbs = append(verbs, contentWords(m))
			}
			t.verbs = append(t.verbs, verbGroup{verbs, kind != "verb"})
		case "form":
			for m := range strings.SplitSeq(list, ",") {
				form, base, _ := strings.Cut(strings.TrimSpace(m), " ")
				t.forms[form] = base
			}
		case "opening":
			t.openings = sequences(list)
		case "noun", "noun asked":
			group++
			groups := map[string]map[string][]int{"noun": t.nouns, "noun asked": t.asked}[kind]
			for _, w := range wordsOf(list) {
				groups[w.one] = append(groups[w.one], group)
			}
		case "legend":
			t.legends = sequences(list)
		case "impression":
			t.mood = strings.Fields(list)
		case "closing":
			t.closings = sequences(list)
		case "typed":
			for m := range strings.SplitSeq(list, ",") {
				short, full, _ := strings.Cut(strings.TrimSpace(m), " ")
				t.short[short] = full
			}
		case "feasible":
			t.feasible = sequences(list)
		case "elsewhen":
			t.elsewhen = sequences(list)
		default:
			lists[kind] = map[string]bool{}
			for _, w := range wordsOf(list) {
				lists[kind][w.one] = true
			}
		}
	}
	t.pictured, t.scenes, t.times, t.tints, t.losses, t.pasts, t.subjects = lists["picture"], lists["whole"], lists["time"], lists["tint"], lists["loss"], lists["past"], lists["alone"]
	t.instances, t.altering, t.pages = lists["instance"], lists["altering"], lists["document"]
	t.instances, t.moving, t.mending, t.vocatives, t.numbered = lists["instance"], lists["moving"], lists["mending"], lists["vocative"], lists["numbered"]
	t.stated, t.adorning, t.naming = lists["stated"], lists["adorning"], lists["naming"]
	t.turning, t.handing = lists["turning"], lists["handing"]
	t.appearing, t.ridding, t.searching, t.seeming = lists["appearing"], lists["ridding"], lists["searching"], lists["seeming"]
	t.onlookers, t.praise, t.spots, t.places = lists["onlooker"], lists["praise"], lists["whereabouts"], lists["place"]
	return t
}

// contentWords are the words of a phrase without articles.
func contentWords(s string) []word {
	return slices.DeleteFunc(wordsOf(s), func(w word) bool { return articles[w.key] && w.key != "another" })
}

// alike reports whether two nouns are of one group, in a question or anywhere.
func (t *thesaurus) alike(a, b word, asked bool) bool {
	return share(t.nouns[a.one], t.nouns[b.one]) || asked && share(t.asked[a.one], t.asked[b.one])
}

func share(a, b []int) bool {
	return len(a) > 0 && slices.ContainsFunc(b, func(g int) bool { return slices.Contains(a, g) })
}

// lend gives the tasks the verbs that the thesaurus has beside their own.
func (v *vocabulary) lend() {
	for _, t := range v.tasks {
		for _, p := range slices.Clone(t.phrases) {
			if p.from != fromWords || lightVerbs[p.words[0].key] {
				continue // a light verb means too much to have synonyms
			}
			for _, group := range synonyms.verbs {
				n := ledBy(p.words, group.verbs)
				if n > 0 && n+1 == len(p.words) && particles[p.words[n].key] {
					continue // "mask out" is not "segment out"
				}
				if n == 0 || n == len(p.words) && (group.withNoun || !t.uses(group)) {
					continue
				}
				rest := strings.Join(spelled(p.words[n:]), " ")
				for _, verb := range group.verbs {
					if rest == "" && len(verb) == 1 && (lightVerbs[verb[0].key] || askedVerbs[verb[0].key]) {
						continue // "write" is not "make"
					}
					t.addPhrase(strings.Join(spelled(verb), " ")+" "+rest, fromSynonym)
				}
			}
		}
	}
}

// ledBy is the length of the longest verb of the group that the words begin with.
func ledBy(words []word, group [][]word) int {
	best := 0
	for _, verb := range group {
		if n := len(verb); n > best && n <= len(words) && slices.Equal(verb, words[:n]) {
			best = n
		}
	}
	return best
}

// lent reports whether a phrase is a synonym of a verb alone, with no noun that bears it out.
func (p *phrase) lent() bool { return p != nil && p.from == fromSynonym && !p.namesNoun() }

// uses reports whether the docs ask for the task with two verbs of the group:
// one alone may mean something else.
func (t *task) uses(group verbGroup) bool {
	n := 0
	for _, p := range t.phrases {
		if p.from == fromWords && ledBy(p.words, group.verbs) == len(p.words) {
			n++
		}
	}
	return n > 1
}
