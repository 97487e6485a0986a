package planner

import "slices"

// spread makes an order about "them" or "all three" one order for each of the
// things that the order before it names: "detect the dog and the cat, then
// remove both".
func spread(drafts []draft) []draft {
	var out []draft
	for _, d := range drafts {
		group := groupBefore(out)
		if !d.reading.manyPronoun() || len(group) < 2 || !d.reading.task.takesObject {
			out = append(out, d)
			continue
		}
		for _, g := range group {
			each := d
			r := *d.reading
			r.pronoun = false
			each.reading, each.Object = &r, becomes(g.Subtask, g.reading)
			each.Except = slices.Clone(d.Except)
			out = append(out, each)
		}
	}
	return out
}

// groupBefore is the last run of orders that one clause gave, with the same task and an object each.
func groupBefore(drafts []draft) []draft {
	n := len(drafts)
	if n == 0 {
		return nil
	}
	last := drafts[n-1]
	from := n
	for from > 0 {
		d := drafts[from-1]
		gone := d.reading.task.destroys && d.Target == ""
		if d.Object == "" || d.reading.pronoun || gone || d.Task != last.Task || d.Clause != last.Clause {
			break
		}
		from--
	}
	return drafts[from:]
}

// manyPronoun reports whether the object is a pronoun for several things.
func (r *reading) manyPronoun() bool {
	return r.pronoun && (several(r.noun) || slices.ContainsFunc(r.noun, func(t token) bool { return t.in(pluralPronouns) }))
}
