package simworld

import (
	"maps"
	"slices"

	"pentimento/internal/edit"
)

// Path is a toolpath that completes a task, with what is true of it.
type Path struct {
	Docs    []string            // names of tool docs, in an order in which they can run
	Inputs  [][]int             // by doc: those before whose results it takes, rising
	When    map[string][]string // by feature: the values that will do; all must hold
	Seconds float64             // of the table; the median of a run
	Quality float64             // where the conditions hold
	Least   float64             // of the qualities of its steps, there
}

// Paths are the toolpaths that complete a task from a picture and the name of
// an object, in which no slot is made twice, ordered by names.
func (w *World) Paths(task string) []Path {
	var out []Path
	for _, name := range slices.Sorted(maps.Keys(w.docs)) {
		if d := w.docs[name]; d.Task == task {
			w.grow([]*doc{d}, func(docs []*doc) {
				if p, ok := w.path(docs); ok {
					out = append(out, p)
				}
			})
		}
	}
	return out
}

// grow puts makers of what is missing before the docs, in every way, and yields those that lack nothing.
func (w *World) grow(docs []*doc, yield func([]*doc)) {
	for n, d := range docs {
		for _, need := range portsOf(d.In) {
			slot := need.Slot()
			makes := func(m *doc) bool { _, ok := m.Out[need.Name]; return ok }
			if slot == edit.SlotImage || slot == edit.SlotObject || slices.ContainsFunc(docs[:n], makes) {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(w.docs)) {
				if m := w.docs[name]; makes(m) && !slices.Contains(docs, m) {
					w.grow(slices.Insert(slices.Clone(docs), n, m), yield)
				}
			}
			return
		}
	}
	yield(docs)
}

// path is what is true of docs that run in that order; false where no picture meets the conditions of all.
func (w *World) path(docs []*doc) (Path, bool) {
	p := Path{When: make(map[string][]string), Quality: 1, Least: 1}
	sets, means := make([]uint64, len(docs)), make([]float64, len(docs))
	for n, d := range docs {
		means[n] = 1
		var inputs []int
		for _, need := range portsOf(d.In) {
			if need.Slot() == edit.SlotImage {
				continue
			}
			for i, m := range docs[:n] {
				if _, ok := m.Out[need.Name]; ok {
					inputs = append(inputs, i)
					sets[n] |= sets[i]
					means[n] = min(means[n], means[i])
					break
				}
			}
		}
		slices.Sort(inputs)
		quality := d.Quality
		if r := w.rule(d, sets[n]); r != nil {
			quality = min(r.Quality/means[n], 1)
			if !p.ask(r.When) {
				return Path{}, false
			}
		}
		sets[n] |= d.bit
		means[n] *= quality
		p.Docs, p.Inputs = append(p.Docs, d.name), append(p.Inputs, slices.Compact(inputs))
		p.Seconds, p.Quality, p.Least = p.Seconds+d.Seconds, means[n], min(p.Least, quality)
	}
	return p, true
}

// ask adds conditions; false where nothing is left that meets all.
func (p *Path) ask(when map[string][]string) bool {
	for feature, values := range when {
		values = slices.Clone(values)
		if old, asked := p.When[feature]; asked {
			values = slices.DeleteFunc(values, func(v string) bool { return !slices.Contains(old, v) })
		}
		if len(values) == 0 {
			return false
		}
		slices.Sort(values)
		p.When[feature] = values
	}
	return true
}
