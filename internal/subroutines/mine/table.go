package mine

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"pentimento/internal/edit"
	"pentimento/internal/features"
	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// Table gathers traces in columns, so that many fit: about a kilobyte each
// with sixty features. Its zero value is empty.
type Table struct {
	tasks   map[string]*task
	skipped int
}

// task holds the traces of one task type.
type task struct {
	name    string
	rows    []row
	columns map[columnName]*raw
	// tries are the judged attempts of a step with all it rests on, by key.
	tries map[string][]try
	// paths are those that completed the task.
	paths map[string]subroutines.Path
	// sorted says that sort has nothing to do, and cut is what columnsOf made of the
	// rows since; a trace that comes in ends both.
	sorted bool
	cut    []column
}

// row is one trace.
type row struct {
	id         int64
	picture    uint64 // a hash of what tells pictures apart
	origin     uint64 // of the picture that the request began with
	same       uint64 // a hash of the picture, what was asked and how it ended: equal in repeats
	seconds    float64
	quality    float64 // 0 where the subtask was not done
	megapixels float64
	ruled      bool // a subroutine did it, so that nobody knows what the search would have come to
}

// try is one attempt at something in one trace.
type try struct {
	row     int32
	pass    bool
	seconds float64 // of all the calls that it rests on
	own     float64 // of those, what was of no use for the result that was kept
	quality float64
	beside  bool // it was no part of the attempt, but tried on its picture later
}

type columnName struct {
	name string
	kind features.Type
}

// raw is a feature as it comes: NaN where it is absent. Rows after the last have none.
type raw struct {
	values []float64
	words  map[string]int // of a category: its number
}

// Skipped is how many traces were of no use: broken, or of subtasks that did
// not get as far as a toolpath.
func (t *Table) Skipped() int { return t.skipped }

// Len is how many traces are held; mining drops those that repeat another.
func (t *Table) Len() int {
	n := 0
	for _, k := range t.tasks {
		n += len(k.rows)
	}
	return n
}

// Add takes in one trace and keeps nothing of it. A broken one is passed over.
// Beside it are the calls of further toolpaths that were tried on its picture
// to learn of them: what became of those counts, and the attempt is as it was.
func (t *Table) Add(tr store.Trace, beside ...[]store.Step) {
	g, err := newGraph(tr.Steps)
	usable := tr.Outcome == edit.StatusDone || tr.Outcome == edit.StatusFailed
	if err != nil || !usable || len(tr.Steps) == 0 || tr.Subtask.Task == "" {
		t.skipped++
		return
	}
	if t.tasks == nil {
		t.tasks = make(map[string]*task)
	}
	k := t.tasks[tr.Subtask.Task]
	if k == nil {
		k = &task{name: tr.Subtask.Task, columns: make(map[columnName]*raw), tries: make(map[string][]try), paths: make(map[string]subroutines.Path)}
		t.tasks[k.name] = k
	}
	n := len(k.rows)
	r := row{id: tr.ID, picture: pictureOf(tr), origin: originOf(tr), megapixels: tr.Steps[0].Megapixels, ruled: tr.Subroutine != ""}
	for _, s := range tr.Steps {
		r.seconds += s.Seconds
	}
	if tr.Outcome == edit.StatusDone {
		r.quality = shareOr(float64(tr.Quality), 1)
	}
	k.rows, k.sorted, k.cut = append(k.rows, r), false, nil
	for name, v := range tr.Features {
		k.put(n, name, v)
	}
	last := k.addTries(n, g, tr.Outcome == edit.StatusDone, r.quality)
	for _, steps := range beside {
		if g, err := newGraph(steps); err == nil {
			k.addBeside(n, g)
		}
	}
	k.rows[n].same = hash(strconv.FormatUint(r.picture, 16), asked(&tr.Subtask), last)
}

// asked is what a subtask asks for, beside its task.
func asked(st *edit.Subtask) string {
	parts := append([]string{st.Object, st.Target, st.Region, st.Like}, st.Except...)
	if len(st.Args) > 0 {
		parts = append(parts, fmt.Sprint(st.Args)) // sorted by name
	}
	return fmt.Sprintf("%q", parts)
}

// shareOr is v where it is a number in [0,1], else other.
func shareOr(v, other float64) float64 {
	if v >= 0 && v <= 1 {
		return v
	}
	return other
}

// originOf tells apart what whole requests began with, as far as that is known.
func originOf(tr store.Trace) uint64 {
	if tr.Origin != "" {
		tr.Picture = tr.Origin
	}
	return pictureOf(tr)
}

// pictureOf tells pictures apart by what they began as; where a trace has no
// digest, requests by their words.
func pictureOf(tr store.Trace) uint64 {
	if tr.Picture != "" {
		return hash("picture", tr.Picture)
	}
	return hash("request", tr.Request)
}

func hash(words ...string) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write([]byte(w)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

func (k *task) put(n int, name string, v any) {
	var value float64
	kind := features.Number
	switch v := v.(type) {
	case float64:
		value = v
	case bool:
		kind = features.Bool
		if v {
			value = 1
		}
	case string:
		kind = features.Category
	default:
		return
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	c := k.columns[columnName{name, kind}]
	if c == nil {
		c = new(raw)
		k.columns[columnName{name, kind}] = c
	}
	if word, ok := v.(string); ok {
		if c.words == nil {
			c.words = make(map[string]int)
		}
		code, known := c.words[word]
		if !known {
			code = len(c.words)
			c.words[word] = code
		}
		value = float64(code)
	}
	for len(c.values) < n {
		c.values = append(c.values, math.NaN())
	}
	c.values = append(c.values, value)
}

// addTries enters what each judged step of a trace says of the paths that go
// by it, and returns the key of the path whose result was kept, "" for none.
func (k *task) addTries(n int, g *graph, done bool, quality float64) string {
	last, taken := -1, make([]bool, len(g.steps))
	for i, s := range g.steps {
		taken[i] = s.Final && done
		if taken[i] {
			last = i
		}
	}
	whole := false
	if last >= 0 {
		whole = !slices.ContainsFunc(g.before[last], func(b int) bool { return g.steps[b].Verdict == store.Fail })
	}
	for i, s := range g.steps {
		if s.Verdict == store.Unjudged && i != last {
			continue
		}
		a := try{row: int32(n), pass: s.Verdict != store.Fail, quality: 1}
		for _, b := range g.before[i] {
			a.seconds += g.steps[b].Seconds
			a.quality *= shareOr(float64(g.steps[b].Quality), 1)
			if !taken[b] {
				a.own += g.steps[b].Seconds
			}
		}
		if i == last {
			a.quality = quality
			if whole && k.paths[g.key[i]] == nil {
				k.paths[g.key[i]] = g.path(i)
			}
		}
		k.tries[g.key[i]] = append(k.tries[g.key[i]], a)
	}
	if last < 0 {
		return ""
	}
	return g.key[last]
}

// addBeside enters what a toolpath came to that was tried beside a trace.
func (k *task) addBeside(n int, g *graph) {
	for i, s := range g.steps {
		if s.Verdict == store.Unjudged {
			continue
		}
		a := try{row: int32(n), pass: s.Verdict != store.Fail, quality: 1, beside: true}
		for _, b := range g.before[i] {
			a.seconds += g.steps[b].Seconds
			a.quality *= shareOr(float64(g.steps[b].Quality), 1)
		}
		a.own = a.seconds
		if s.Final && k.paths[g.key[i]] == nil && i == len(g.steps)-1 && a.pass {
			k.paths[g.key[i]] = g.path(i)
		}
		k.tries[g.key[i]] = append(k.tries[g.key[i]], a)
	}
}

// sort puts the traces in the order of their ids, so that sums do not depend on
// the order they came in, and drops requests that were asked again: they are no further evidence.
func (k *task) sort() {
	if k.sorted {
		return
	}
	k.sorted, k.cut = true, nil
	order := make([]int, len(k.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := k.rows[a], k.rows[b]
		return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.picture, y.picture), cmp.Compare(x.seconds, y.seconds))
	})
	seen := make(map[uint64]bool, len(order))
	order = slices.DeleteFunc(order, func(i int) bool {
		again := seen[k.rows[i].same]
		seen[k.rows[i].same] = true
		return again
	})
	if len(order) == len(k.rows) && slices.IsSorted(order) {
		return
	}
	rows, place := make([]row, len(order)), slices.Repeat([]int32{-1}, len(k.rows))
	for i, from := range order {
		rows[i], place[from] = k.rows[from], int32(i)
	}
	k.rows = rows
	for _, c := range k.columns {
		values := make([]float64, len(order))
		for i, from := range order {
			values[i] = math.NaN()
			if from < len(c.values) {
				values[i] = c.values[from]
			}
		}
		c.values = values
	}
	for key, tries := range k.tries {
		for i := range tries {
			tries[i].row = place[tries[i].row]
		}
		tries = slices.DeleteFunc(tries, func(t try) bool { return t.row < 0 })
		slices.SortStableFunc(tries, func(a, b try) int { return cmp.Compare(a.row, b.row) })
		k.tries[key] = tries
	}
}
