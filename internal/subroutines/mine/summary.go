package mine

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"pentimento/internal/features"
	"pentimento/internal/subroutines"
)

// Summary is what traces tell of one task type, for whoever is asked to propose rules.
type Summary struct {
	Task     string           `json:"task"`
	Attempts int              `json:"attempts"`
	Done     int              `json:"done"`
	Paths    []PathSummary    `json:"paths"`    // those that completed it, the most tried first
	Features []FeatureSummary `json:"features"` // those that vary, by name
}

// PathSummary is how one toolpath did.
type PathSummary struct {
	Path    subroutines.Path `json:"path"`
	Tried   int              `json:"tried"`
	Passed  int              `json:"passed"`
	Seconds float64          `json:"seconds"` // mean of an attempt
}

// FeatureSummary is what values a feature took: the least, middle and greatest
// of a number, the words of a category; neither for a bool.
type FeatureSummary struct {
	Name  string        `json:"name"`
	Type  features.Type `json:"type"`
	Range []float64     `json:"range,omitempty"` // least, median, greatest
	Words []string      `json:"words,omitempty"` // sorted
}

// Bounds of a summary: what is beyond them tells little for what it costs to read.
const (
	maxPathsTold = 12
	maxWordsTold = 24
	maxWordBytes = 40
)

// Summaries are what the table tells, by task type; all of them where task is empty.
func (t *Table) Summaries(task string) []Summary {
	var out []Summary
	for _, name := range slices.Sorted(maps.Keys(t.tasks)) {
		if task == "" || task == name {
			k := t.tasks[name]
			k.sort()
			out = append(out, k.summary())
		}
	}
	return out
}

func (k *task) summary() Summary {
	s := Summary{Task: k.name, Attempts: len(k.rows)}
	for _, r := range k.rows {
		if r.quality > 0 {
			s.Done++
		}
	}
	for _, key := range k.pathKeys() {
		all := k.step(key)
		s.Paths = append(s.Paths, PathSummary{k.paths[key], all.tried, all.passed, all.seconds})
	}
	slices.SortStableFunc(s.Paths, func(a, b PathSummary) int { return cmp.Compare(b.Tried, a.Tried) })
	s.Paths = s.Paths[:min(len(s.Paths), maxPathsTold)]
	columns := k.columnsOf()
	for i := range columns {
		s.Features = append(s.Features, columns[i].summary(k.columns[columns[i].columnName]))
	}
	return s
}

func (c *column) summary(r *raw) FeatureSummary {
	f := FeatureSummary{Name: c.name, Type: c.kind}
	switch c.kind {
	case features.Number:
		values := slices.DeleteFunc(slices.Clone(r.values), math.IsNaN)
		slices.Sort(values)
		f.Range = []float64{values[0], values[len(values)/2], values[len(values)-1]}
	case features.Category:
		for _, w := range c.words {
			if len(w) <= maxWordBytes && len(f.Words) < maxWordsTold {
				f.Words = append(f.Words, w)
			}
		}
	case features.Bool:
	}
	return f
}

// Fits reports whether a condition parts the values that were seen: it is of
// the feature's type, its threshold lies between them, its words are among them.
func (f *FeatureSummary) Fits(c subroutines.Condition) bool {
	inside := func(v float64) bool { return len(f.Range) == 3 && v > f.Range[0] && v <= f.Range[2] }
	switch c.Op {
	case subroutines.AtLeast:
		return inside(c.Low)
	case subroutines.Below:
		return inside(c.High)
	case subroutines.Between:
		return inside(c.Low) || inside(c.High)
	case subroutines.In:
		return f.Type == features.Category && !slices.ContainsFunc(c.Words, func(w string) bool { return !slices.Contains(f.Words, w) })
	case subroutines.Is:
		return f.Type == features.Bool
	}
	return false
}
