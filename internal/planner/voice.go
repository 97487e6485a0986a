package planner

import "slices"

// activeVoice turns "the dog should be removed" and "the dog removed" into
// "removed the dog", and "the car to be red" into "the car red".
func (v *vocabulary) activeVoice(toks []token) []token {
	if len(toks) < 3 || !opensNoun(toks) {
		return toks
	}
	aux := slices.IndexFunc(toks, func(t token) bool { return t.in(auxiliaries) })
	end := aux
	if aux > 0 {
		for end < len(toks) && (toks[end].in(auxiliaries) || toks[end].is("to")) {
			end++
		}
		if toks[aux-1].is("to") {
			aux--
		}
		if toks[max(aux-1, 0)].is("that", "which", "who") {
			return toks // a relative clause
		}
	} else {
		end = slices.IndexFunc(toks, func(t token) bool { return hasSuffix(t.low, "ed") && v.isParticiple(t) })
		aux = end
	}
	if aux < 1 || end >= len(toks) {
		return toks
	}
	if v.isParticiple(toks[end]) {
		return slices.Concat([]token{toks[end]}, toks[:aux], toks[end+1:])
	}
	return slices.Concat(toks[:aux], toks[end:])
}

func (v *vocabulary) isParticiple(t token) bool {
	if t.kind != wordToken {
		return false
	}
	w := t.form.key
	for _, b := range bases(w) {
		if len(v.first[b]) > 0 && (b != w || hasSuffix(w, "ed")) {
			return true
		}
	}
	return false
}

// isPassive reports whether the words say what something should become.
func isPassive(toks []token) bool {
	return opensNoun(toks) && slices.ContainsFunc(toks, func(t token) bool { return t.in(auxiliaries) })
}
