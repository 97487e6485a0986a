package mine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"pentimento/internal/store"
	"pentimento/internal/subroutines"
)

// graph is a trace's steps with the form of what leads to each.
type graph struct {
	steps  []store.Step
	key    []string // of a step with all it rests on, the same in every trace
	depth  []int
	before [][]int // the steps that it rests on and itself, rising
}

// newGraph fails for steps that rest on none before them or have numbers that are none.
func newGraph(steps []store.Step) (*graph, error) {
	g := &graph{steps: steps, key: make([]string, len(steps)), depth: make([]int, len(steps)), before: make([][]int, len(steps))}
	for i := range steps {
		s := &steps[i]
		if s.Tool == "" || !(s.Seconds >= 0) || math.IsInf(s.Seconds, 1) {
			return nil, fmt.Errorf("step %d has no tool or takes %v s", i, s.Seconds)
		}
		var inputs []string
		for _, in := range s.Inputs {
			if in < 0 || in >= i {
				return nil, fmt.Errorf("step %d takes what step %d made", i, in)
			}
			inputs = append(inputs, g.key[in])
			g.depth[i] = max(g.depth[i], g.depth[in]+1)
			g.before[i] = append(g.before[i], g.before[in]...)
		}
		g.before[i] = append(g.before[i], i)
		slices.Sort(g.before[i])
		g.before[i] = slices.Compact(g.before[i])
		slices.Sort(inputs)
		key, err := stepKey(s.Tool, s.Variant, s.Params, slices.Compact(inputs))
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
		g.key[i] = key
	}
	return g, nil
}

// stepKey is a call with the keys of what it takes, in brackets so that it is read in one way only.
func stepKey(tool string, variant int, params map[string]any, inputs []string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", tool)
	if variant != 0 {
		fmt.Fprintf(&b, "#%d", variant)
	}
	if len(params) > 0 {
		text, err := json.Marshal(params)
		if err != nil {
			return "", fmt.Errorf("parameters of %s: %w", tool, err)
		}
		b.Write(text)
	}
	b.WriteString("(")
	for i, in := range inputs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(in)
	}
	b.WriteString(")")
	return b.String(), nil
}

// path is what leads to step n in its canonical order: by depth, then by form.
func (g *graph) path(n int) subroutines.Path {
	order := slices.Clone(g.before[n])
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.depth[a], g.depth[b]), cmp.Compare(g.key[a], g.key[b]))
	})
	at := make(map[int]int, len(order))
	out := make(subroutines.Path, len(order))
	for i, k := range order {
		at[k] = i
		s := g.steps[k]
		out[i] = subroutines.PathStep{Tool: s.Tool, Variant: s.Variant, Params: s.Params}
		for _, in := range s.Inputs {
			out[i].Inputs = append(out[i].Inputs, at[in])
		}
		slices.Sort(out[i].Inputs)
		out[i].Inputs = slices.Compact(out[i].Inputs)
	}
	return out
}

// PathOf is the toolpath that leads to step n of a trace, in the form that
// mining gives it. It fails for steps that rest on none before them.
func PathOf(steps []store.Step, n int) (subroutines.Path, error) {
	g, err := newGraph(steps)
	if err != nil {
		return nil, err
	}
	return g.path(n), nil
}

// pathKeys are the keys of each step of a path with what it rests on; the last is the path's.
func pathKeys(p subroutines.Path) ([]string, error) {
	steps := make([]store.Step, len(p))
	for i, s := range p {
		steps[i] = store.Step{Tool: s.Tool, Variant: s.Variant, Params: s.Params, Inputs: s.Inputs}
	}
	g, err := newGraph(steps)
	if err != nil {
		return nil, err
	}
	if len(p) == 0 || len(g.before[len(p)-1]) != len(p) {
		return nil, fmt.Errorf("the path %s has calls that its last does not rest on", p)
	}
	return g.key, nil
}
