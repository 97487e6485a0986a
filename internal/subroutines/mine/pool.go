package mine

import (
	"maps"
	"math"
	"slices"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// pool joins what all tasks tell of calls that may stand in the place of others
// (Options.Alike) and were made for several tasks: a call on the same inputs is
// the same call, whatever it is made for, and what it needs to pass is seen sooner
// on all pictures than on those of one task. The paths of the pool are what leads
// to such a call and itself. nil where there is none.
func (t *Table) pool(o *Options) *task {
	if o.Alike == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(t.tasks))
	all := &task{columns: make(map[columnName]*raw), tries: make(map[string][]try), paths: make(map[string]subroutines.Path)}
	for key, path := range t.replaceable(o) {
		tasks := 0
		for _, name := range names {
			if len(t.tasks[name].tries[key]) > 0 {
				tasks++
			}
		}
		if tasks > 1 {
			all.paths[key] = path
		}
	}
	if len(all.paths) == 0 {
		return nil
	}
	for _, name := range names {
		all.join(t.tasks[name])
	}
	return all
}

// join puts a task's traces after those that are in the pool, with the attempts at its calls.
func (k *task) join(o *task) {
	offset := len(k.rows)
	tried := false
	for key := range k.paths {
		tried = tried || len(o.tries[key]) > 0
	}
	if !tried {
		return
	}
	k.rows = append(k.rows, o.rows...)
	for key := range k.paths {
		for _, t := range o.tries[key] {
			t.row += int32(offset)
			k.tries[key] = append(k.tries[key], t)
		}
	}
	for name, from := range o.columns {
		to := k.columns[name]
		if to == nil {
			to = new(raw)
			k.columns[name] = to
		}
		to.join(offset, from)
	}
}

// join appends another's values, the first of which is that of row offset.
func (c *raw) join(offset int, o *raw) {
	for len(c.values) < offset {
		c.values = append(c.values, math.NaN())
	}
	if o.words == nil {
		c.values = append(c.values, o.values...)
		return
	}
	if c.words == nil {
		c.words = make(map[string]int)
	}
	codes := make([]float64, len(o.words))
	for _, word := range slices.Sorted(maps.Keys(o.words)) {
		code, known := c.words[word]
		if !known {
			code = len(c.words)
			c.words[word] = code
		}
		codes[o.words[word]] = float64(code)
	}
	for _, v := range o.values {
		if !math.IsNaN(v) {
			v = codes[int(v)]
		}
		c.values = append(c.values, v)
	}
}

// replaceable are the calls of all completing paths, by key, that could stand in
// the place of another in some task's usual path, and those that they could replace, each with what leads to it.
func (t *Table) replaceable(o *Options) map[string]subroutines.Path {
	type place struct {
		tool, inputs, key string
		path              subroutines.Path
		n                 int
	}
	places := func(path subroutines.Path) (all []place) {
		keys, err := pathKeys(path)
		if err != nil {
			return nil
		}
		for i, s := range path {
			all = append(all, place{s.Tool, joined(s, keys), keys[i], path, i})
		}
		return all
	}
	names := slices.Sorted(maps.Keys(t.tasks))
	var usual []place
	for _, name := range names {
		usual = append(usual, places(t.tasks[name].usual())...)
	}
	out := make(map[string]subroutines.Path)
	take := func(p place) {
		if out[p.key] == nil {
			out[p.key] = leading(p.path, p.n)
		}
	}
	for _, name := range names {
		k := t.tasks[name]
		for _, key := range k.pathKeys() {
			for _, p := range places(k.paths[key]) {
				for _, u := range usual {
					if u.tool != p.tool && u.inputs == p.inputs && o.Alike(u.tool, p.tool) {
						take(p)
						take(u)
					}
				}
			}
		}
	}
	return out
}

// leading is what leads to a step of a path, and the step.
func leading(p subroutines.Path, n int) subroutines.Path {
	steps := make([]store.Step, len(p))
	for i, s := range p {
		steps[i] = store.Step{Tool: s.Tool, Variant: s.Variant, Params: s.Params, Inputs: s.Inputs}
	}
	path, err := PathOf(steps, n)
	if err != nil {
		return nil
	}
	return path
}
