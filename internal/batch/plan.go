// Package batch reads plan files and runs their jobs. A plan file is one JSON
// object; Schema publishes its form.
package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"pentimento/internal/edit"
)

// Version is the plan file version this program writes and reads.
const Version = 1

// maxPlanBytes bounds a plan file; a plan is words, not pictures.
const maxPlanBytes = 16 << 20

// Plan is a plan file.
type Plan struct {
	Version int    `json:"version" jsonschema:"always 1"`
	Note    string `json:"note,omitempty" jsonschema:"for people; ignored"`
	Jobs    []Job  `json:"jobs" jsonschema:"run in order"`
}

// Job edits one or more pictures by one request. Paths are relative to the
// plan file's folder (to the working directory for a plan from standard input).
type Job struct {
	Inputs       []string              `json:"inputs" jsonschema:"pictures; each entry is a path or a glob pattern"`
	Request      string                `json:"request,omitempty" jsonschema:"the edit in plain words; leave out where subtasks are given"`
	Subtasks     []edit.Subtask        `json:"subtasks,omitempty" jsonschema:"the plan as agent plan prints it, instead of a request"`
	Alternatives []edit.Alternative    `json:"alternatives,omitempty" jsonschema:"other ways to do some of the subtasks; cost and quality decide"`
	Output       string                `json:"output,omitempty" jsonschema:"where the result goes; {dir} {stem} {ext} {job} are filled in; may be left out when every subtask only reads"`
	Alpha        *float64              `json:"alpha,omitempty" jsonschema:"0 all quality .. 2 all cost; default 1"`
	Threshold    *float64              `json:"threshold,omitempty" jsonschema:"least estimated quality of a step; default 0.8"`
	Device       string                `json:"device,omitempty" jsonschema:"auto, cpu, cuda, webgpu, coreml or directml"`
	Mask         string                `json:"mask,omitempty" jsonschema:"a picture of the object's mask"`
	With         map[string]string     `json:"with,omitempty" jsonschema:"further pictures that the edit takes, by name: background, reference"`
	Boxes        map[string][4]float64 `json:"boxes,omitempty" jsonschema:"x0, y0, x1, y1 in pixels by object name"`
	Seed         int64                 `json:"seed,omitempty"`
	Quality      int                   `json:"quality,omitempty" jsonschema:"of JPEG and WebP results, 1 to 100; left out: 92 for JPEG, without loss for WebP"`
	Note         string                `json:"note,omitempty" jsonschema:"for people; ignored"`

	StripMetadata bool `json:"strip-metadata,omitempty" jsonschema:"write no EXIF, GPS, XMP or recipe"`
	NoRecipe      bool `json:"no-recipe,omitempty" jsonschema:"write no recipe of the edit"`
}

// Invalid lists everything that is wrong with a plan file.
type Invalid struct {
	Path     string
	Problems []string
}

// Error implements error.
func (e *Invalid) Error() string {
	return fmt.Sprintf("plan %s is invalid:\n  %s", e.Path, strings.Join(e.Problems, "\n  "))
}

// Read parses a plan. Unknown fields, a wrong version and broken jobs are
// refused with an *Invalid that lists all problems found.
func Read(path string, r io.Reader) (Plan, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPlanBytes+1))
	if err != nil {
		return Plan{}, fmt.Errorf("reading plan %s: %w", path, err)
	}
	if len(raw) > maxPlanBytes {
		return Plan{}, &Invalid{path, []string{fmt.Sprintf("it is larger than %d MiB", maxPlanBytes>>20)}}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return Plan{}, &Invalid{path, []string{jsonProblem(raw, err)}}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Plan{}, &Invalid{path, []string{"something follows the plan's closing brace"}}
	}
	if problems := p.problems(); len(problems) > 0 {
		return Plan{}, &Invalid{path, problems}
	}
	return p, nil
}

// jsonProblem says where in the file a JSON error is.
func jsonProblem(raw []byte, err error) string {
	var syn *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var at int64 = -1
	switch {
	case errors.As(err, &syn):
		at = syn.Offset
	case errors.As(err, &typ):
		at = typ.Offset
	}
	if at < 0 || at > int64(len(raw)) {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	return fmt.Sprintf("line %d: %s", 1+bytes.Count(raw[:at], []byte("\n")), strings.TrimPrefix(err.Error(), "json: "))
}

func (p Plan) problems() []string {
	var all []string
	if p.Version != Version {
		all = append(all, fmt.Sprintf("version is %d; this program reads version %d", p.Version, Version))
	}
	if len(p.Jobs) == 0 {
		all = append(all, "it has no jobs")
	}
	for i, j := range p.Jobs {
		for _, problem := range j.problems() {
			all = append(all, fmt.Sprintf("job %d: %s", i+1, problem))
		}
	}
	return all
}

func (j Job) problems() []string {
	var all []string
	if len(j.Inputs) == 0 {
		all = append(all, "it names no inputs")
	}
	if (j.Request == "") == (len(j.Subtasks) == 0) {
		all = append(all, "it must have either a request or subtasks")
	}
	if len(j.Alternatives) > 0 && len(j.Subtasks) == 0 {
		all = append(all, "it has alternatives to subtasks that it does not have")
	}
	if j.Alpha != nil && !(*j.Alpha >= 0 && *j.Alpha <= 2) {
		all = append(all, fmt.Sprintf("alpha is %v; it goes from 0 to 2", *j.Alpha))
	}
	if j.Threshold != nil && !(*j.Threshold >= 0 && *j.Threshold <= 1) {
		all = append(all, fmt.Sprintf("threshold is %v; it goes from 0 to 1", *j.Threshold))
	}
	if j.Quality < 0 || j.Quality > 100 {
		all = append(all, fmt.Sprintf("quality is %d; it goes from 1 to 100", j.Quality))
	}
	if slices.Contains(strings.Split(filepath.ToSlash(j.Output), "/"), "..") {
		all = append(all, fmt.Sprintf("output %q climbs out of its folder with ..; write the whole path", j.Output))
	}
	if _, err := expand(j.Output, "x.png", 1); err != nil {
		all = append(all, err.Error())
	}
	return all
}

// expand fills in an output template.
func expand(template, input string, job int) (string, error) {
	ext := filepath.Ext(input)
	stem := strings.TrimSuffix(filepath.Base(input), ext)
	known := map[string]string{"dir": filepath.Dir(input), "stem": stem, "ext": strings.TrimPrefix(ext, "."), "job": fmt.Sprint(job)}
	var b strings.Builder
	rest := template
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, tail, closed := strings.Cut(after, "}")
		value, ok := known[name]
		if !closed || !ok {
			return "", fmt.Errorf("output %q: {%s} is none of {dir}, {stem}, {ext}, {job}", template, name)
		}
		b.WriteString(value)
		rest = tail
	}
}

// Item is one picture of a plan with the place its result goes to.
type Item struct {
	Job    int // 1-based
	Input  string
	Output string // empty when the job has none
	Spec   Job
	// NoSubroutines has the toolpath of every subtask searched.
	NoSubroutines bool
}

// Items lists every picture of the plan in order: globs expanded and sorted,
// outputs filled in. Two items with one output, an output that is an input, and
// a glob that matches nothing are refused before anything runs.
func (p Plan) Items(dir string) ([]Item, error) {
	var items []Item
	var problems []string
	for n, j := range p.Jobs {
		if j.Mask != "" {
			j.Mask = under(dir, j.Mask)
		}
		j.With = maps.Clone(j.With)
		for name, path := range j.With {
			j.With[name] = under(dir, path)
		}
		for _, pattern := range j.Inputs {
			inputs, err := matches(dir, pattern)
			if err != nil {
				problems = append(problems, fmt.Sprintf("job %d: %v", n+1, err))
			}
			for _, in := range inputs {
				it := Item{Job: n + 1, Input: in, Spec: j}
				if j.Output != "" {
					out, err := expand(j.Output, in, n+1)
					if err != nil {
						return nil, err
					}
					it.Output = under(dir, out)
				}
				items = append(items, it)
			}
		}
	}
	problems = append(problems, collisions(items)...)
	if len(problems) > 0 {
		return nil, &Invalid{"", problems}
	}
	return items, nil
}

func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func matches(dir, pattern string) ([]string, error) {
	full := under(dir, pattern)
	if _, err := os.Lstat(full); err == nil {
		return []string{full}, nil
	}
	found, err := filepath.Glob(full)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no file matches %q", pattern)
	}
	slices.Sort(found)
	return found, nil
}

// collisions compares paths without case, since two such names are one file on many systems.
func collisions(items []Item) []string {
	var problems []string
	inputs := make(map[string]bool)
	for _, it := range items {
		inputs[strings.ToLower(it.Input)] = true
		inputs[strings.ToLower(it.Spec.Mask)] = true
		for _, path := range it.Spec.With {
			inputs[strings.ToLower(path)] = true
		}
	}
	first := make(map[string]string)
	for _, it := range items {
		if it.Output == "" {
			continue
		}
		key := strings.ToLower(it.Output)
		if inputs[key] {
			problems = append(problems, fmt.Sprintf("output %s would overwrite an input", it.Output))
		}
		if other, taken := first[key]; taken {
			problems = append(problems, fmt.Sprintf("%s and %s would both write %s", other, it.Input, it.Output))
		}
		first[key] = it.Input
	}
	return problems
}

// Schema is the JSON Schema of a plan file.
func Schema() ([]byte, error) {
	s, err := jsonschema.For[Plan](&jsonschema.ForOptions{TypeSchemas: argSchemas()})
	if err != nil {
		return nil, fmt.Errorf("plan schema: %w", err)
	}
	s.Title = "Pentimento plan file"
	return json.MarshalIndent(s, "", "  ")
}
