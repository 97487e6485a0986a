package edit

import "slices"

// Alternative is another way to do some subtasks of a plan: a cat becomes a
// pink dog by one replacement, or by a replacement and a recolouring.
type Alternative struct {
	Instead  []int     `json:"instead"`  // ids of the subtasks that it stands for
	Subtasks []Subtask `json:"subtasks"` // what is done instead, with ids that the plan does not have
}

// MaxAlternatives is how many a plan may have: every combination of them is weighed.
const MaxAlternatives = 6

// Decomposition is a plan with some of its alternatives taken.
type Decomposition struct {
	Plan    Plan
	Instead []int // ids of the subtasks that others were taken for

	alternatives []alternativeIDs // taken
}

// Decompositions are the plan as it is, then with every combination of
// alternatives that do not stand for the same subtask. What came after a
// replaced subtask comes after all that replace it.
func Decompositions(p Plan) []Decomposition {
	all := []Decomposition{{Plan: p}}
	for _, alt := range p.Alternatives {
		for _, d := range slices.Clone(all) {
			if !slices.ContainsFunc(alt.Instead, func(id int) bool { return slices.Contains(d.Instead, id) }) {
				all = append(all, d.take(alt))
			}
		}
	}
	return all
}

// take puts an alternative where the first of the subtasks stood that it is taken for.
func (d Decomposition) take(alt Alternative) Decomposition {
	var ids []int
	for _, s := range alt.Subtasks {
		ids = append(ids, s.ID)
	}
	old := d.Plan.Subtasks
	replaced := func(id int) bool { return slices.Contains(alt.Instead, id) }
	d.Plan.Subtasks = nil
	put := false
	for _, s := range old {
		switch {
		case !replaced(s.ID):
			d.Plan.Subtasks = append(d.Plan.Subtasks, s)
		case !put:
			d.Plan.Subtasks = append(d.Plan.Subtasks, alt.Subtasks...)
			put = true
		}
	}
	d.Instead = append(slices.Clone(d.Instead), alt.Instead...)
	slices.Sort(d.Instead)
	d.alternatives = append(slices.Clone(d.alternatives), alternativeIDs{alt.Instead, ids})
	for i := range d.Plan.Subtasks {
		d.Plan.Subtasks[i].After = d.after(d.Plan.Subtasks[i].After)
	}
	return d
}

// alternativeIDs are the subtasks that an alternative replaced, and its own.
type alternativeIDs struct{ instead, by []int }

// after names those that came in the place of replaced subtasks.
func (d Decomposition) after(ids []int) []int {
	var now []int
	for _, id := range ids {
		i := slices.IndexFunc(d.alternatives, func(a alternativeIDs) bool { return slices.Contains(a.instead, id) })
		if i < 0 {
			now = append(now, id)
		} else {
			now = append(now, d.alternatives[i].by...)
		}
	}
	slices.Sort(now)
	return slices.Compact(now)
}
