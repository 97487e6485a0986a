package mine

import (
	"cmp"
	"slices"
	"strings"

	"pentimento/internal/subroutines"
)

// transfers are rules found in other tasks, or in the pool of all, for this one: where a tool stands
// there in the place of one that is in this task's usual path, on the same
// inputs, it may stand there here too, under the same condition. A task that is
// seldom asked for need not find out again what others did. What the pool tells of a call that is in
// the usual path itself is the condition under which that may be kept to. Such a rule has no
// evidence of its own task but for what was tried; only a replay can tell.
func (k *task) transfers(found []Candidate, o *Options) (out []Proposal) {
	usual := k.usual()
	if o.Alike == nil || usual == nil {
		return nil
	}
	keys, err := pathKeys(usual)
	if err != nil {
		return nil
	}
	for i := range found {
		s := &found[i].Subroutine
		if s.Task == k.name || len(s.When) == 0 {
			continue
		}
		others, err := pathKeys(s.Path)
		if err != nil {
			continue
		}
		if s.Task == "" && slices.Contains(keys, others[len(others)-1]) {
			out = append(out, Proposal{Task: k.name, Path: usual, When: s.When, Proposer: "as in all tasks"})
		}
		for n, step := range usual {
			for m, other := range s.Path {
				if step.Tool == other.Tool || !o.Alike(step.Tool, other.Tool) || joined(step, keys) != joined(s.Path[m], others) {
					continue
				}
				path := slices.Clone(usual)
				path[n].Tool, path[n].Variant, path[n].Params = other.Tool, other.Variant, other.Params
				changed, err := pathKeys(path)
				if err != nil || n == len(path)-1 && len(k.tries[changed[n]]) == 0 {
					continue // whether it completes this task nobody knows
				}
				out = append(out, Proposal{Task: k.name, Path: path, When: s.When, Proposer: "as in " + cmp.Or(s.Task, "all tasks")})
			}
		}
	}
	return out
}

// joined is one text of the keys of what a step takes.
func joined(s subroutines.PathStep, keys []string) string {
	all := make([]string, len(s.Inputs))
	for i, in := range s.Inputs {
		all[i] = keys[in]
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// usual is the path that completed the task most often; nil where none did.
func (k *task) usual() subroutines.Path {
	best, most := "", 0
	for _, key := range k.pathKeys() {
		n := 0
		for _, t := range k.tries[key] {
			if t.pass && !t.beside {
				n++
			}
		}
		if n > most {
			best, most = key, n
		}
	}
	return k.paths[best]
}
