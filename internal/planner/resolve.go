package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// draft is a subtask whose pronouns are not yet resolved.
type draft struct {
	edit.Subtask
	reading *reading
	then    bool // the request says that it comes after what was said before
}

// resolve numbers the drafts, finds what pronouns stand for and says which
// subtask depends on which. The order is the sentence's: what reads the picture
// sees it as it is at that point, as the person said it.
func resolve(drafts []draft, h edit.History) ([]edit.Subtask, error) {
	var out []edit.Subtask
	for i := range drafts {
		d := &drafts[i]
		s := d.Subtask
		s.ID = i + 1
		ante, from := antecedent(drafts[:i], out, h, false)
		if d.reading.pronoun && d.reading.task.takesObject && len(out) == 0 {
			if c := candidates(h); len(c) > 1 {
				return nil, &NotUnderstoodError{Clause: s.Clause, Words: lows(d.reading.noun), Candidates: c, Reason: "it is not plain what " + quoteList(lows(d.reading.noun)) + " stands for; it could be " + strings.Join(c, " or ")}
			}
		}
		place, _ := antecedent(drafts[:i], out, h, true) // what is gone still had a place
		if d.reading.pronoun && d.reading.task.takesObject {
			if ante == "" && d.reading.task.needsObject {
				return nil, &NotUnderstoodError{
					Clause: s.Clause, Words: lows(d.reading.noun),
					Reason: "it is not said what " + quoteList(lows(d.reading.noun)) + " stands for",
				}
			}
			if from > 0 && !d.reading.task.needsObject && drafts[from-1].Object == "" && drafts[from-1].reading.task.nouns[singularKey(ante)] {
				ante, from = "", 0 // "does the caption fit the picture? Sharpen it"
			}
			if d.reading.setsScene() {
				ante, from = "", 0 // "paint the car red and make it look like winter": the picture is to look so
			}
			s.Object = ante
			if from > 0 {
				s.After = append(s.After, from)
			}
		}
		if repeatsNoun(s.Object) {
			if place == "" {
				return nil, &NotUnderstoodError{Clause: s.Clause, Words: []string{anaphor}, Reason: fmt.Sprintf("it is not said what %q is", s.Object)}
			}
			s.Object = named(s.Object, place)
		}
		for k, e := range s.Except {
			if repeatsNoun(beforePlace(e)) && s.Object != "" {
				s.Except[k] = named(e, s.Object) // "all parrots but the left one"
			}
		}
		s.Region = placed(s.Region, place)
		if noun := trimMarks(d.reading.noun); len(noun) > 1 && noun[0].in(possessors) && ante != "" && s.Region == "" {
			s.Region = "of the " + ante // "make its eyes yellow"
			if from > 0 {
				s.After = append(s.After, from)
			}
		}
		if o := occluder(s.Region); o != "" && !d.reading.task.readOnly && d.reading.task.canLeaveOut(o) == "" && !sameObject(o, s.Object) {
			addExcept(&s, o)
		}
		s.After = append(s.After, dependencies(s, out)...)
		slices.Sort(s.After)
		s.After = slices.Compact(s.After)
		out = append(out, s)
	}
	drafts, out = onceOnly(drafts, out)
	return arrange(drafts, out), nil
}

// anaphor is the noun that repeats another: "the left car and the right one".
const anaphor = "one"

// repeatsNoun reports whether an object phrase ends in "one" or "ones".
func repeatsNoun(object string) bool {
	head := strings.Fields(edit.ParsePhrase(object).Head)
	return len(head) > 0 && head[len(head)-1] == anaphor
}

// beforePlace is a phrase without the place or attribute that follows its noun: "one" of "one in the red hat".
func beforePlace(phrase string) string {
	words := strings.Fields(phrase)
	if i := slices.IndexFunc(words, func(w string) bool { return placePreps[strings.ToLower(w)] }); i > 0 {
		words = words[:i]
	}
	return strings.Join(words, " ")
}

// named puts the noun of the antecedent in place of "one".
func named(object, ante string) string {
	words := strings.Fields(object)
	for i, w := range words {
		if one, _ := edit.Singularize(strings.ToLower(w)); one == anaphor {
			words[i] = edit.ParsePhrase(ante).Head
		}
	}
	return strings.Join(words, " ")
}

// placed resolves the pronoun that ends a region; "in it" with nothing it
// could mean is the picture and narrows nothing.
func placed(region, ante string) string {
	words := strings.Fields(region)
	last := len(words) - 1
	switch {
	case last < 1 || !pronouns[words[last]]:
		return region
	case ante != "":
		return strings.Join(words[:last], " ") + " the " + ante
	case last == 1:
		return ""
	}
	return region
}

// antecedent is what "it" means after the given subtasks: the last object
// spoken of, as it is by then, with the subtask that spoke of it (0: an earlier turn).
// With gone, objects that were removed count too.
func antecedent(drafts []draft, done []edit.Subtask, h edit.History, gone bool) (string, int) {
	for i := len(done) - 1; i >= 0; i-- {
		s := done[i]
		switch {
		case s.Object != "" && drafts[i].reading.task.destroys && s.Target == "":
			if gone {
				return s.Object, s.ID
			}
			return "", 0 // what is left is the picture
		case s.Object != "":
			return becomes(s, drafts[i].reading), s.ID
		case len(drafts[i].reading.topic()) > 0:
			return join(drafts[i].reading.src, drafts[i].reading.topic()), s.ID
		case drafts[i].reading.whole:
			return "", 0 // "it" is the picture
		}
	}
	if len(done) > 0 {
		return "", 0
	}
	for i := len(h.Turns) - 1; i >= 0; i-- {
		subs := h.Turns[i].Subtasks
		for k := len(subs) - 1; k >= 0; k-- {
			if subs[k].Object != "" {
				return becomes(subs[k], nil), 0
			}
		}
	}
	if len(h.Regions) == 1 { // the one thing that was pointed at
		return h.Regions[0].Phrase, 0
	}
	return "", 0
}

// becomes is the object phrase after its subtask: a replaced object goes by its
// new name, a recoloured one by its new colour.
func becomes(s edit.Subtask, r *reading) string {
	if s.Target == "" {
		return s.Object
	}
	if c, ok := edit.ParseColor(s.Target); ok {
		return recolored(s.Object, c.Name)
	}
	if r != nil && len(r.task.colors) == 0 && !hasQuote(r.toks) {
		return s.Target
	}
	return s.Object
}

// recolored writes an object phrase with its colour words replaced; one without any stays as it is.
func recolored(object, name string) string {
	p := edit.ParsePhrase(object)
	if len(p.Colors) == 0 || name == "" {
		return object
	}
	words := strings.Fields(object)
	var out []string
	done := false
	for i := 0; i < len(words); i++ {
		w := strings.ToLower(words[i])
		if isColorWord(w) || conjuncts[w] && i > 0 && isColorWord(strings.ToLower(words[i-1])) {
			if !done {
				out = append(out, name)
			}
			done = true
			continue
		}
		out = append(out, words[i])
	}
	return strings.Join(out, " ")
}

// dependencies are the earlier subtasks that work on the same object or make it.
func dependencies(s edit.Subtask, done []edit.Subtask) []int {
	var after []int
	if s.Object == "" {
		return nil
	}
	for _, d := range done {
		made := d.Target != "" && !isColorWord(d.Target) && sameObject(d.Target, s.Object)
		changed := d.Target != "" && isColorWord(d.Target) && sameObject(recolored(d.Object, d.Target), s.Object)
		if made || changed || sameObject(d.Object, s.Object) {
			after = append(after, d.ID)
		}
	}
	return after
}

// candidates are what "it" can mean at the start of a request: the objects of
// the last turn that spoke of any, else what was pointed at.
func candidates(h edit.History) []string {
	var out []string
	for i := len(h.Turns) - 1; i >= 0 && len(out) == 0; i-- {
		for _, s := range h.Turns[i].Subtasks {
			if o := becomes(s, nil); o != "" && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	for i := 0; len(h.Turns) == 0 && i < len(h.Regions); i++ {
		out = append(out, fmt.Sprintf("%d (%s)", h.Regions[i].Number, h.Regions[i].Phrase))
	}
	return out
}

// onceOnly drops what only looks at the picture and was asked before: "where are the exits? Mark them."
func onceOnly(drafts []draft, subtasks []edit.Subtask) ([]draft, []edit.Subtask) {
	for j := len(subtasks) - 1; j > 0; j-- {
		s := subtasks[j]
		if !drafts[j].reading.task.readOnly || !drafts[j].reading.pronoun {
			continue
		}
		i := slices.IndexFunc(subtasks[:j], func(o edit.Subtask) bool {
			return o.Task == s.Task && o.Object == s.Object && o.Region == s.Region && maps.Equal(o.Args, s.Args)
		})
		if i < 0 {
			continue
		}
		subtasks[i].Clause += ", " + s.Clause
		drafts, subtasks = slices.Delete(drafts, j, j+1), slices.Delete(subtasks, j, j+1)
		for k := range subtasks {
			subtasks[k].After = renumbered(subtasks[k].After, j+1, i+1)
			if k >= j {
				subtasks[k].ID--
			}
		}
	}
	return drafts, subtasks
}

// renumbered are ids after the subtask with the id from went into the one with the id to.
func renumbered(ids []int, from, to int) []int {
	var out []int
	for _, id := range ids {
		switch {
		case id == from:
			id = to
		case id > from:
			id--
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
