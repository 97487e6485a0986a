package planner

import (
	"slices"

	"pentimento/internal/edit"
)

// arrange puts subtasks that were said in one order into the one they are to be
// done in, by what the docs declare of their tasks: what lays the ground goes
// first, what makes a thing before what works on it, what looks at a thing
// before what destroys it, what checks the result after what writes it. Where
// the request says the order itself ("then", "before"), that stands. The result
// is numbered anew, in order.
func arrange(drafts []draft, said []edit.Subtask) []edit.Subtask {
	n := len(said)
	before := make([][]bool, n) // before[i][j]: i is done before j
	for i := range before {
		before[i] = make([]bool, n)
	}
	after := make([][]int, n)
	for j := range said {
		for _, id := range said[j].After {
			before[id-1][j] = true
		}
		after[j] = slices.Clone(said[j].After)
	}
	for j := range said {
		for i := range j {
			if sequenced(drafts[i+1 : j+1]) {
				continue
			}
			needed, first := comesFirst(drafts[j].reading.task, &said[j], drafts[i].reading.task, &said[i])
			if !first {
				continue
			}
			before[i][j], before[j][i] = false, true
			after[j] = slices.DeleteFunc(after[j], func(id int) bool { return id == i+1 })
			if needed {
				after[i] = append(after[i], j+1)
			}
		}
	}
	order := topological(before)
	number := make([]int, n) // new id by old index
	for at, i := range order {
		number[i] = at + 1
	}
	out := make([]edit.Subtask, 0, n)
	for _, i := range order {
		s := said[i]
		s.ID, s.After = number[i], nil
		for _, id := range after[i] {
			if k := number[id-1]; k < s.ID {
				s.After = append(s.After, k)
			}
		}
		slices.Sort(s.After)
		s.After = slices.Compact(s.After)
		out = append(out, s)
	}
	return out
}

// sequenced reports whether the request itself says that these come later.
func sequenced(ds []draft) bool {
	return slices.ContainsFunc(ds, func(d draft) bool { return d.then })
}

// comesFirst reports whether b, said after a, is to be done before it, and
// whether a cannot do without it.
func comesFirst(bt *task, b *edit.Subtask, at *task, a *edit.Subtask) (needed, first bool) {
	switch {
	case bt.effect == edit.EffectGround && at.effect != edit.EffectGround:
		return false, true
	case a.Object == "" || at.effect == edit.EffectCreates:
	case bt.effect == edit.EffectCreates && sameObject(b.Object, a.Object):
		return true, true
	case b.Target != "" && !isColorWord(b.Target) && sameObject(b.Target, a.Object) && !sameObject(b.Object, a.Object):
		return true, true
	}
	looks := bt.readOnly && bt.effect != edit.EffectChecks
	destroys := at.effect == edit.EffectDestroys || at.destroys
	switch {
	case looks && destroys && a.Object != "" && sameObject(a.Object, b.Object):
		return false, true
	case looks && destroys && bt.textual && at.textual && (b.Object == "" || a.Object == ""):
		return false, true
	}
	writes := bt.textual && !bt.readOnly
	return false, at.readOnly && at.textual && at.effect == edit.EffectChecks && writes
}

// topological sorts indexes by the constraints, keeping the given order where
// nothing speaks against it; a circle is broken at its first member.
func topological(before [][]bool) []int {
	done := make([]bool, len(before))
	var out []int
	for len(out) < len(before) {
		next := -1
		for i := range before {
			if done[i] {
				continue
			}
			if next < 0 {
				next = i
			}
			waits := false
			for k := range before {
				waits = waits || !done[k] && before[k][i]
			}
			if !waits {
				next = i
				break
			}
		}
		done[next] = true
		out = append(out, next)
	}
	return out
}
