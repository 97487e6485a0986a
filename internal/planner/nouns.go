package planner

import (
	"slices"
	"strings"

	"pentimento/internal/edit"
	"pentimento/internal/planner/english"
)

// maxNoun bounds the words of a noun before its description.
const maxNoun = 6

// nouns reads what is left: the object, its place, and places of the picture.
func (r *reading) nouns() {
	if r.task.needsObject || r.task.effect == edit.EffectCreates || r.task.textual && !hasQuote(r.toks) {
		r.beside()
	}
	for from := 0; from < len(r.toks); from++ {
		if !r.free(from) {
			continue
		}
		to := from
		for to < len(r.toks) && (r.free(to) || r.roles[to] == fillerRole && r.free(to+1)) {
			to++
		}
		r.chunk(from, to)
		from = to
	}
	if r.object != "" && (!r.task.takesObject || !r.task.needsObject && r.match.phrase != nil && r.match.phrase.namesNoun() && !r.v.isLabel(edit.ParsePhrase(r.object).Head)) {
		r.ownNoun()
	}
	if i := slices.Index(r.roles, objectRole); r.object != "" && r.task.effect == edit.EffectGround && r.match.gapped && len(r.noun) > 0 && i >= 0 && r.describesOwn(i+len(r.noun)) {
		r.object = "" // "turn the summer landscape into ..."
		r.mark(i, i+len(r.noun), nounRole)
	}
	if i := slices.Index(r.roles, objectRole); r.object != "" && !r.task.needsObject && r.match.gapped && i >= 0 && r.describesPicture(i+len(r.noun)) {
		r.object, r.region, r.whole = "", "", true // "deblur the kitten photo"
		r.mark(i, i+len(r.noun), pictureRole)
	}
	if i := slices.Index(r.roles, objectRole); i > 1 && r.task.effect == edit.EffectGround && !r.task.needsObject && r.toks[i-1].is("of") && r.roles[i-2] == verbRole && synonyms.scenes[r.toks[i-2].form.one] && synonyms.places[singularKey(lastWord(r.object))] {
		r.object = "" // "change the scenery of the bedroom"
		r.mark(i, i+len(r.noun), nounRole)
	}
	likened := r.match.phrase != nil && r.match.phrase.words[len(r.match.phrase.words)-1].key == "like" // "make the fields look like autumn"
	if r.object != "" && (!r.task.takesObject || likened) && r.task.effect == edit.EffectGround {
		r.region, r.object = strings.TrimSpace(r.object+" "+r.region), "" // "extend the sea on the right"
	}
	if r.object != "" && !r.task.needsObject && !r.task.readOnly && r.region == "" && r.v.pictured(r.object, r.task.takesObject) {
		r.object, r.whole = "", true // "upscale the portrait"
		for i := range r.roles {
			if r.roles[i] == objectRole {
				r.roles[i] = pictureRole
			}
		}
	}
	if r.object != "" && !r.task.needsObject && !r.task.readOnly && r.region == "" && synonyms.spots[lastWord(r.object)] {
		r.object, r.whole = "", true // "sharpen the blurred areas"
	}
	if r.object != "" && !r.task.takesObject && r.task.textual && hasQuote(r.toks) && !hasQuote(r.noun) && r.v.isLabel(edit.ParsePhrase(r.object).Head) {
		words := strings.Fields(r.object)
		if i := slices.IndexFunc(words, func(w string) bool { return placePreps[w] }); i > 0 && r.region == "" {
			r.region = strings.Join(words[i:], " ")
		}
		r.object = "" // "insert the caption text 'Summer'": what is written is a caption
	}
}

// describesOwn reports whether the words before i describe the task's own noun at i.
func (r *reading) describesOwn(i int) bool {
	return i < len(r.toks) && r.roles[i] == verbRole && !r.toks[i].in(targetPreps) && !r.toks[i].in(placePreps) && !r.toks[i].is("look") && slices.Contains(r.match.at[1:], i)
}

// beside takes the "by" of "a tent by the river" for the place that it is.
func (r *reading) beside() {
	for i := 1; i+2 < len(r.toks); i++ {
		if r.free(i) && r.free(i+1) && r.toks[i].is("by", "down", "up", "atop", "past", "opposite", "amid", "amidst", "throughout") && r.toks[i+1].in(articles) {
			r.toks = slices.Clone(r.toks)
			r.toks[i].low, r.toks[i].form = "beside", wordOf("beside")
		}
	}
}

// chunk reads a run of unread words.
func (r *reading) chunk(from, to int) {
	for to > from && (r.toks[to-1].in(fillers) && !r.free(to-1) || r.toks[to-1].kind == commaToken) {
		to--
	}
	for from < to && (r.toks[from].in(fillers) || r.toks[from].kind == commaToken || r.toks[from].in(conjuncts)) {
		from++
	}
	to = r.adjunct(from, to)
	words := r.toks[from:to]
	switch {
	case len(words) == 0:
	case r.task.readOnly && !r.task.takesObject && words[0].is("what", "whatever") && leftOver(words):
		r.mark(from, to, fillerRole) // "caption what is left"
	case r.styleOf(from, to):
		r.mark(from, to, fillerRole)
	case !r.task.needsObject && from > 0 && r.roles[from-1] == verbRole && (r.toks[from-1].in(wholeNouns) || synonyms.pictured[r.toks[from-1].form.one]) && words[0].is("of", "from"):
		r.mark(from, to, pictureRole)
	case (!r.task.needsObject || r.object != "") && words[0].is("of", "from", "in") && pictureOf(words[1:]) > 0:
		r.mark(from, to, pictureRole)
	case wholeAdjunct(words), !r.task.needsObject && r.match.phrase != nil && r.v.ofPicture(words):
		r.mark(from, to, fillerRole)
	case words[0].in(placePreps) && !words[0].in(articles) || words[0].in(targetPreps):
		r.place(from, to)
	case isWhole(words):
		r.whole = true
		r.noun = words
		r.mark(from, to, objectRole)
	case r.object == "" && !r.pronoun && !r.whole:
		r.nounPhrase(from, to)
	case r.object != "" && r.region == "" && from > 0 && r.roles[from-1] == verbRole && r.toks[from-1].in(placePreps) && opensNoun(words):
		r.addRegion(from-1, to) // "take the hat off the man"
		r.roles[from-1] = verbRole
	case hasQuote(r.noun) && r.task.textual && words[0].in(articles) && r.region == "":
		r.addRegion(from, to) // "make the sign read 'A' instead of 'B'": where the words stand
	}
}

// styleOf reports whether the words describe the answer that a task is asked for: "a (one-sentence) description".
func (r *reading) styleOf(from, to int) bool {
	if !r.task.readOnly || r.task.takesObject || len(r.task.texts) > 0 || r.task.textual || to-from > 4 || to >= len(r.toks) || r.roles[to] != verbRole || !r.match.gapped || !r.toks[r.match.at[0]].in(lightVerbs) && !r.toks[from].is("a", "an") {
		return false
	}
	return !slices.ContainsFunc(r.toks[from:to], func(t token) bool { return t.kind != wordToken || t.in(placePreps) || r.v.isLabel(t.low) })
}

// adjunct cuts what says only which picture is meant, "from this wedding photo", or
// in which form the task is to give its result, "as a mask", off the end of a run.
func (r *reading) adjunct(from, to int) int {
	for i := to - 2; i >= from && i >= to-5; i-- {
		words := r.toks[i:to]
		picture := words[0].is("from") && r.v.ofPicture(words)
		form := words[0].is("as") && r.match.phrase != nil && !slices.ContainsFunc(trimArticles(words[1:]), func(t token) bool { return !r.task.nouns[t.form.one] })
		size := words[0].is("to") && r.match.phrase != nil && r.larger(words[1:])
		if picture || form || size {
			r.mark(i, to, fillerRole)
			return i
		}
	}
	return to
}

// larger is "a higher resolution", "a bigger size": a noun of the task that is to be more.
func (r *reading) larger(toks []token) bool {
	toks = trimArticles(toks)
	if len(toks) < 2 || !r.task.nouns[toks[len(toks)-1].form.one] {
		return false
	}
	return !slices.ContainsFunc(toks[:len(toks)-1], func(t token) bool {
		return !t.in(raising) && !hasSuffix(t.low, "er") && prefixOf(stronger, []token{t}) == 0
	})
}

// leftOver is "what is left", "what remains", "what you see".
func leftOver(words []token) bool {
	return len(words) < 5 && !slices.ContainsFunc(words[1:], func(t token) bool {
		return !t.is("is", "are", "left", "remains", "remain", "remaining", "you", "can", "see", "over", "now", "there", "visible")
	})
}

// place reads a run that begins with a preposition. "apply it to the sky" and
// "the brightness of the sky" name the object; others say where.
func (r *reading) place(from, to int) {
	becomes := r.toks[from].is("for") && r.match.phrase.namesNoun() && !r.task.readOnly // "swap the background for a village"
	names := r.toks[from].is("of", "to", "from", "for") && !becomes || r.toks[from].is("on", "in") && (r.toks[0].in(lightVerbs) || r.match.phrase != nil && r.match.phrase.from == fromName)
	if names && (r.task.takesObject || r.task.readOnly) && r.object == "" && !r.pronoun && !simplePlace(r.toks[from:to]) && from+1 < to {
		r.loose = r.loose || r.toks[from].is("to") && r.match.phrase != nil && len(r.match.at) > 1
		r.roles[from] = fillerRole
		r.whole = false
		r.chunk(from+1, to)
		return
	}
	if r.object != "" && r.region == "" && simplePlace(r.toks[from:to]) && !hasQuote(r.noun) && (!r.toks[from].is("from") || !r.task.destroys) {
		r.object += " " + spelt(r.src, r.toks[from:to])
		r.mark(from, to, objectRole)
		return
	}
	if r.task.effect == edit.EffectCreates && from+1 < to && r.toks[from].is("to", "into") {
		r.addRegion(from, to) // "add a hat to the man"
		return
	}
	if !r.toks[from].in(placePreps) || r.toks[from].is("to") {
		return // "by half", "to a square": said of the edit, not of a place
	}
	if !r.task.located && !r.task.readOnly && r.freeText() == nil && r.object == "" {
		return // a place means nothing to an edit of the whole picture
	}
	r.addRegion(from, to)
}

func (r *reading) addRegion(from, to int) {
	if i := slices.IndexFunc(r.toks[from:to], func(t token) bool { return t.kind == commaToken }); i > 0 && from+i+1 < to && !r.toks[from+i+1].in(placePreps) {
		to = from + i // what follows is no place
	}
	r.region = strings.TrimSpace(r.region + " " + spelt(r.src, r.toks[from:to]))
	r.mark(from, to, regionRole)
}

// nounPhrase reads an object with its description.
func (r *reading) nounPhrase(from, to int) {
	start := from
	for start < to && r.toks[start].in(articles) && (!r.toks[start].in(pronouns) || start+1 < to) {
		start++
	}
	if start == to {
		return
	}
	if r.toks[start].in(pronouns) && (start == from || !r.toks[start].is(anaphor, "ones")) && (start+1 == to || r.toks[start+1].in(placePreps) && !r.toks[start+1].is("of")) {
		r.pronoun = true
		r.noun = r.toks[start : start+1]
		r.mark(from, start+1, objectRole)
		if start+1 < to {
			r.place(start+1, to)
		}
		return
	}
	if several(r.toks[from:to]) {
		r.pronoun = true
		r.noun = r.toks[from:to]
		r.mark(from, to, objectRole)
		return
	}
	end, region := r.v.cutDescription(r.toks, start, to)
	for from < start && r.toks[from].is("a", "an", "some") && region < to && r.toks[region].is("of") && region+1 < to && !r.toks[region+1].in(articles) && !r.toks[region+1].in(quantifiers) {
		end, region = r.v.cutDescription(r.toks, region+1, to) // "a basket of apples" is one thing
	}
	core := trimFillers(r.dropColorNoun(r.toks[start:end]))
	if len(core) == 0 {
		return
	}
	plain := core
	if i := slices.IndexFunc(core, func(t token) bool { return t.in(placePreps) && !t.is("of") }); i > 0 {
		plain = core[:i]
	}
	if !soundNoun(r.v, plain) {
		return
	}
	switch {
	case isWhole(core), !r.task.needsObject && (onlyColors(core) || modifiedWhole(core)):
		r.whole = true
	case superlative(core):
		r.object = core[0].low + " " + edit.ParsePhrase(spelt(r.src, trimArticles(core[2:]))).Head
	case r.match.gapped && len(core) == 1 && (r.task.textual || r.task.readOnly) && !r.v.isLabel(core[0].low) && end < len(r.toks) && r.roles[end] == verbRole && !particles[r.toks[end].low] && !r.toks[0].in(questionWords),
		r.match.gapped && !hasNoun(core) && end < len(r.toks) && r.roles[end] == verbRole && (r.task.textual || r.task.readOnly || r.v.isLabel(r.toks[end].low)):
		r.object = spelt(r.src, r.toks[start:end+1]) // "the yellow" of "remove the yellow text"
	case len(core) == 1 && superlativeWord(core[0]):
		r.object = core[0].low + " " + anaphor // "replace the biggest"
	default:
		r.object = spelt(r.src, core)
	}
	r.noun = r.toks[from:end]
	r.mark(from, end, objectRole)
	if r.object == "" && modifiedWhole(core) {
		r.mark(from, end, pictureRole) // "the kitten photo"
	}
	switch {
	case region == to:
	case r.object == "" && !r.task.needsObject && pictureOf(r.toks[from:to]) > 0:
		r.mark(region, to, pictureRole)
	case wholeAdjunct(r.toks[region:to]):
		r.mark(region, to, fillerRole)
	case r.object == "":
		r.place(region, to)
	default:
		r.addRegion(region, to)
	}
}

// superlativeWord is "biggest", "nearest".
func superlativeWord(t token) bool {
	return t.kind == wordToken && hasSuffix(t.low, "est") && isPosition(t.low)
}

// superlative is "biggest of the trees", which is the biggest tree.
func superlative(toks []token) bool {
	return len(toks) > 3 && hasSuffix(toks[0].low, "est") && toks[1].is("of") && toks[2].in(articles) && len(toks) < 6
}

// dropColorNoun takes "color of" and "'s color" off where a task sets a colour.
func (r *reading) dropColorNoun(toks []token) []token {
	if n := len(toks); n > 1 && toks[n-1].is(possessive) {
		toks = toks[:n-1]
	}
	if len(toks) > 2 && toks[0].in(colorNouns) && toks[1].is("of") {
		toks = trimArticles(toks[2:])
	}
	if len(r.task.colors) == 0 {
		return toks
	}
	n := len(toks)
	if n > 2 && toks[n-1].in(colorNouns) && toks[n-2].is(possessive) {
		return toks[:n-2]
	}
	if n > 1 && toks[n-1].in(colorNouns) {
		return toks[:n-1]
	}
	return toks
}

// cutDescription finds where the noun with its simple places ("on the right")
// ends, and where the description that narrows it ("behind it") begins.
func (v *vocabulary) cutDescription(toks []token, from, to int) (end, region int) {
	for i := from + 1; i < to; i++ {
		t := toks[i]
		doing := hasSuffix(t.low, "ing") && !v.isLabel(t.low) && hasNoun(toks[from:i])
		if (t.is("into") || t.is("from") && i+3 < to && !toks[i+2].in(sideWords)) && hasNoun(toks[from:i]) {
			return i, i
		}
		gerund := hasSuffix(t.low, "ing") && !v.isLabel(t.low) && slices.ContainsFunc(bases(t.low)[1:], english.Verb)
		if (participle(t) || doing || gerund || isPosition(t.low)) && i+1 < to && toks[i+1].in(placePreps) && hasNoun(toks[from:i]) {
			return i, i
		}
		if !t.in(placePreps) || t.is("of") && (i+1 < to && !opensNoun(toks[i+1:]) && !isPaint(toks[i+1:to]) || toks[i-1].in(measures) || isPosition(toks[i-1].low)) || t.is("that") && i == from {
			continue
		}
		next := i + 1
		for next < to && (next == i+1 || !toks[next].in(placePreps) || toks[next].is("of")) {
			next++
		}
		if !simplePlace(toks[i:next]) {
			return i, i
		}
		i = next - 1
	}
	return to, to
}

// participle tells "parked" and "seated", which begin a description, from nouns such as "shed".
func participle(t token) bool {
	return t.kind == wordToken && len(t.low) >= 6 && hasSuffix(t.low, "ed")
}

// simplePlace reports whether the words are a place that object phrases know: "on the left of the picture".
func simplePlace(toks []token) bool {
	if len(toks) < 2 || !toks[0].in(placePreps) {
		return false
	}
	p := edit.ParsePhrase("x " + strings.Join(lows(toks), " "))
	return p.Head == "x" && p.Position != edit.Anywhere
}

// isWhole reports whether the words mean the picture itself.
func isWhole(toks []token) bool {
	n := 0
	for _, t := range toks {
		switch {
		case t.in(wholeNouns), t.is("thing") && len(toks) > 1 && toks[len(toks)-2].in(quantifiers):
			n++
		case t.in(articles), t.in(quantifiers):
		default:
			return false
		}
	}
	return n > 0
}

// onlyColors is "the colors", which are those of the picture.
func onlyColors(toks []token) bool {
	return len(toks) == 1 && toks[0].is("color", "colors", "colour", "colours")
}

// wholeAdjunct is "in the picture", "from this photo".
func wholeAdjunct(toks []token) bool {
	if len(toks) > 2 && toks[0].in(placePreps) && toks[1].is("of") {
		toks = toks[1:]
	}
	return len(toks) > 1 && (toks[0].in(placePreps) || toks[0].in(targetPreps)) && isWhole(toks[1:])
}

// modifiedWhole is "resulting image", "old photo".
func modifiedWhole(toks []token) bool {
	n := len(toks)
	return n > 1 && n <= 3 && toks[n-1].in(wholeNouns) && !slices.ContainsFunc(toks[:n-1], func(t token) bool { return t.kind != wordToken || isGrammar(t.low) })
}

// ofPicture is "of the old photo", "from my holiday picture".
func (v *vocabulary) ofPicture(toks []token) bool {
	n := len(toks)
	if n < 3 || n > 5 || !toks[0].is("of", "from", "in") || !toks[1].in(articles) || !toks[n-1].in(wholeNouns) {
		return false
	}
	return !slices.ContainsFunc(toks[2:n-1], func(t token) bool { return t.kind != wordToken || isGrammar(t.low) })
}

// pictureOf counts the words of "this old photo" in "this old photo of my cat"; 0
// for words that are no picture with what it shows.
func pictureOf(toks []token) int {
	if len(toks) == 0 || !toks[0].in(articles) {
		return 0
	}
	for i := 1; i+2 < len(toks) && i < 5; i++ {
		if toks[i].kind != wordToken || isGrammar(toks[i].low) && !toks[i].in(wholeNouns) {
			return 0
		}
		if toks[i+1].is("of", "from") {
			if !toks[i].in(wholeNouns) && !synonyms.pictured[toks[i].form.one] {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// soundNoun checks that words can be one noun phrase: an article, a verb or a
// colour in the wrong place shows that they are not.
func soundNoun(v *vocabulary, toks []token) bool {
	nouns := 0
	if n := max(prefixOf(weaker, toks), prefixOf(stronger, toks)); n == len(toks) {
		return false
	}
	for i, t := range toks {
		if t.kind == quoteToken {
			return false
		}
		if t.kind == commaToken {
			if i == 0 || v.isLabel(toks[i-1].low) {
				return false // "the dog, pet": a second noun, not a second adjective
			}
			continue
		}
		after := i > 0 && (toks[i-1].in(measures) || toks[i-1].is("of") || toks[i-1].in(conjuncts) || toks[i-1].in(quantifiers) || toks[i-1].in(articles))
		switch {
		case i > 0 && (t.in(articles) || t.in(quantifiers)) && !after:
			return false
		case t.in(auxiliaries), t.is("you", "we", "i"), t.in(negations), t.in(excluders), t.in(askedVerbs) && i > 0 && !verbNoun(toks, i), t.in(targetPreps) && !t.is("in"):
			return false
		case t.in(pronouns) && i > 0 && !t.in(articles) && !t.is(anaphor, "ones"):
			return false
		case t.in(raising), t.in(lowering), i > 0 && t.in(speakers):
			return false
		}
		if !t.in(articles) && !t.in(quantifiers) {
			nouns++
		}
	}
	last := toks[len(toks)-1]
	if len(toks) > 1 && !verbNoun(toks, len(toks)-1) && (last.in(irregular) || hasSuffix(last.low, "ed")) && v.isParticiple(last) && !v.isLabel(last.low) && hasNoun(toks[:len(toks)-1]) {
		return false // "the television gone" is no thing
	}
	if len(toks) > 1 && last.kind == wordToken && isColorWord(last.low) && !v.isLabel(last.low) && hasNoun(toks[:len(toks)-1]) {
		return false
	}
	return nouns > 0 && nouns <= maxNoun && !last.in(articles) && !last.in(conjuncts) && last.kind == wordToken
}

// verbNoun reports whether a light verb ends a compound noun: "the drum set".
func verbNoun(toks []token, i int) bool {
	return toks[i].in(verbNouns) && i+1 == len(toks) && toks[i-1].kind == wordToken && !isGrammar(toks[i-1].low) && !isColorWord(toks[i-1].low)
}

// ownNoun checks an object against a task on the whole picture: when its noun
// is one of the task's own words it is no object but part of the verb.
func (r *reading) ownNoun() {
	p := edit.ParsePhrase(r.object)
	words := strings.Fields(p.Head)
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return !r.task.nouns[singularKey(w)] }) {
		return
	}
	r.matched += len(words)
	if strings.EqualFold(p.Text, p.Head) || p.All {
		r.object = ""
	} else if !r.task.located {
		return
	}
	for i := range r.roles {
		if r.roles[i] == objectRole {
			r.roles[i] = nounRole
		}
	}
	if r.object != "" {
		r.region = strings.TrimSpace(r.object + " " + r.region)
		r.object = ""
	}
}

// several reports whether words point at more than one thing spoken of: "both", "all three", "all of them".
func several(toks []token) bool {
	many := false
	for _, t := range toks {
		if !t.in(quantifiers) && !t.in(articles) && !t.is("of") && !t.in(pluralPronouns) && numberWords[t.low] == 0 {
			return false
		}
		many = many || t.is("all", "both") || t.in(pluralPronouns)
	}
	return many
}
