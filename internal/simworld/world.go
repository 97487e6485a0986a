// Package simworld simulates tools from a table: what they take and make, what
// they cost, and how good their results are under which conditions. Its
// Runner keeps the contract of real ones, so that the program can be driven
// through worlds whose truth is known: the published one (published.yaml), or
// another of the same form.
//
// Nothing is computed but a mark: every simulated artifact carries the picture
// and object it is about, the tools that it was made by, and its quality, which
// Judge reads. Time is virtual: a run advances a Clock by what it costs.
package simworld

import (
	"bytes"
	_ "embed" // the published world
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"

	"pentimento/internal/edit"
)

//go:embed published.yaml
var publishedYAML []byte

// World is a table of simulated tools with what their quality hangs on.
type World struct {
	Name     string
	Assumed  Assumptions `yaml:"assumed"`
	Tools    []Tool
	Rules    []Rule
	Features []Feature
	Requests Requests

	specs []edit.ToolSpec // sorted by name
	docs  map[string]*doc // by name
	tools []string        // names of tools, sorted: a tool's bit is its index
}

// Assumptions are what the sources of a world do not give.
type Assumptions struct {
	// Otherwise lists qualities, each to be tried, of a step whose conditions do not hold.
	Otherwise    []float64
	QualityNoise float64 `yaml:"quality-noise"` // standard deviation of a step's quality
	CostNoise    float64 `yaml:"cost-noise"`    // standard deviation of the log of a run's seconds
}

// Tool is a row of the benchmark table: a tool used for one task.
type Tool struct {
	Tool    string
	Task    string // empty: it only prepares
	In, Out map[string]edit.Kind
	Seconds float64
	Quality float64 // where no rule tells better
}

// Rule says how good the results of a path are under conditions.
type Rule struct {
	ID      string
	Task    string
	Path    []string            // tools; the last one completes Task
	When    map[string][]string // by feature: the values that will do; all must hold
	Seconds float64             // average over the path, as published
	Quality float64             // of the path
	Assumed bool

	tools uint64 // Path as a set
}

// Feature is something about a picture and an object in it that conditions ask for.
type Feature struct {
	Name    string
	Values  map[string]float64 // with their shares, which add up to 1
	Assumed bool
}

// doc is a tool of the world as the program sees it.
type doc struct {
	*Tool
	name string
	bit  uint64
}

// Published is the world of CoSTA* and FaSTA*.
var Published = sync.OnceValue(func() *World {
	w, err := Load(publishedYAML)
	if err != nil {
		panic("simworld: the shipped world is broken: " + err.Error()) // a test loads it
	}
	return w
})

// Specs are the tool docs of the published world, sorted by name.
func Specs() []edit.ToolSpec { return Published().Specs() }

// Load reads a world and checks it.
func Load(text []byte) (*World, error) {
	w := new(World)
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(w); err != nil {
		return nil, edit.Userf("the world cannot be read: %v", err)
	}
	if err := w.index(); err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	w.specs = w.makeSpecs()
	return w, nil
}

// maxTools is how many tools a mark's set of them holds.
const maxTools = 64

// index names the docs and numbers the tools.
func (w *World) index() error {
	uses := make(map[string]int)
	for i := range w.Tools {
		t := &w.Tools[i]
		if uses[t.Tool]++; uses[t.Tool] == 1 {
			w.tools = append(w.tools, t.Tool)
		}
	}
	slices.Sort(w.tools)
	if len(w.tools) == 0 || len(w.tools) > maxTools {
		return edit.Userf("world %s has %d tools; it may have 1 to %d", w.Name, len(w.tools), maxTools)
	}
	w.docs = make(map[string]*doc)
	for i := range w.Tools {
		t := &w.Tools[i]
		name := t.Tool
		if uses[t.Tool] > 1 { // one doc for each use
			use := t.Task
			if use == "" && len(t.Out) > 0 {
				use = portsOf(t.Out)[0].Name
			}
			name += "-" + use
		}
		if w.docs[name] != nil {
			return edit.Userf("world %s has %s twice", w.Name, name)
		}
		w.docs[name] = &doc{Tool: t, name: name, bit: w.set([]string{t.Tool})}
	}
	for i := range w.Rules {
		r := &w.Rules[i]
		r.tools = w.set(r.Path)
		for _, tool := range r.Path {
			if !slices.Contains(w.tools, tool) {
				return edit.Userf("rule %s has the tool %q, which the world does not have", r.ID, tool)
			}
		}
	}
	return nil
}

// set is a list of tools as bits.
func (w *World) set(tools []string) uint64 {
	var set uint64
	for _, t := range tools {
		if i, ok := slices.BinarySearch(w.tools, t); ok {
			set |= 1 << i
		}
	}
	return set
}

// check refuses numbers out of range and names of nothing.
func (w *World) check() error {
	fraction := func(v float64) bool { return v >= 0 && v <= 1 }
	seconds := func(v float64) bool { return v >= 0 && v <= 1e6 }
	for _, q := range w.Assumed.Otherwise {
		if !fraction(q) {
			return edit.Userf("assumed quality %v is outside 0..1", q)
		}
	}
	if !fraction(w.Assumed.QualityNoise) || !fraction(w.Assumed.CostNoise) {
		return edit.Userf("noise of %v and %v: it must lie in 0..1", w.Assumed.QualityNoise, w.Assumed.CostNoise)
	}
	for i := range w.Tools {
		t := &w.Tools[i]
		if !fraction(t.Quality) || !seconds(t.Seconds) || len(t.In) == 0 || len(t.Out) == 0 {
			return edit.Userf("tool %s needs inputs, outputs, a quality in 0..1 and seconds, 0 or more", t.Tool)
		}
		for _, p := range append(portsOf(t.In), portsOf(t.Out)...) {
			if !p.Kind.Valid() || !carries(p.Kind) {
				return edit.Userf("tool %s: port %s of kind %q cannot be simulated", t.Tool, p.Name, p.Kind)
			}
		}
	}
	for i := range w.Features {
		sum := 0.0
		for _, share := range w.Features[i].Values {
			if !fraction(share) {
				return edit.Userf("feature %s: a share of %v", w.Features[i].Name, share)
			}
			sum += share
		}
		if math.Abs(sum-1) > 1e-9 {
			return edit.Userf("feature %s: the shares add up to %v", w.Features[i].Name, sum)
		}
	}
	for i := range w.Rules {
		if err := w.checkRule(&w.Rules[i]); err != nil {
			return err
		}
	}
	return w.checkRequests()
}

func (w *World) checkRule(r *Rule) error {
	if !(r.Quality >= 0 && r.Quality <= 1) || !(r.Seconds >= 0) || len(r.Path) == 0 {
		return edit.Userf("rule %s needs a path, a quality in 0..1 and seconds, 0 or more", r.ID)
	}
	if !slices.ContainsFunc(w.Tools, func(t Tool) bool { return t.Tool == r.Path[len(r.Path)-1] && t.Task == r.Task }) {
		return edit.Userf("rule %s: %s does not complete %s", r.ID, r.Path[len(r.Path)-1], r.Task)
	}
	for name, values := range r.When {
		i := slices.IndexFunc(w.Features, func(f Feature) bool { return f.Name == name })
		if i < 0 {
			return edit.Userf("rule %s asks for %q, which is no feature of the world", r.ID, name)
		}
		for _, v := range values {
			if _, ok := w.Features[i].Values[v]; !ok {
				return edit.Userf("rule %s: %s is never %q", r.ID, name, v)
			}
		}
	}
	return nil
}

// Kind is the runtime kind of simulated tools. It is that of the built-in ones,
// so that nothing but the Runner behind it differs.
const Kind = "builtin"

// Specs are the world's tool docs, sorted by name.
func (w *World) Specs() []edit.ToolSpec { return slices.Clone(w.specs) }

func (w *World) makeSpecs() []edit.ToolSpec {
	specs := make([]edit.ToolSpec, 0, len(w.docs))
	for name, d := range w.docs {
		s := edit.ToolSpec{
			Name: name, Title: d.Tool.Tool, Description: fmt.Sprintf("%s, simulated after the table of the world %q.", d.Tool.Tool, w.Name),
			License: "none", Quality: d.Quality, Inputs: portsOf(d.In), Outputs: portsOf(d.Out), Cost: edit.Cost{Seconds: d.Seconds},
			Deterministic: true, Preserves: []edit.Preserve{edit.PreserveSize},
			Runtime: edit.Runtime{Kind: Kind, Builtin: &edit.BuiltinRuntime{Op: name}},
		}
		if d.Task != "" {
			s.Tasks = []edit.TaskClaim{{Task: d.Task, Quality: d.Quality, Words: []string{d.Task}}}
		}
		if !slices.ContainsFunc(s.Outputs, func(p edit.Port) bool { return p.Kind == edit.KindImage }) {
			s.Preserves = append(s.Preserves, edit.PreserveImage)
		}
		specs = append(specs, s)
	}
	slices.SortFunc(specs, func(a, b edit.ToolSpec) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return specs
}

// portsOf are ports sorted by name.
func portsOf(kinds map[string]edit.Kind) []edit.Port {
	var ports []edit.Port
	for name, kind := range kinds {
		ports = append(ports, edit.Port{Name: name, Kind: kind})
	}
	slices.SortFunc(ports, func(a, b edit.Port) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return ports
}
