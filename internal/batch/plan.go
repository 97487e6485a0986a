// Package batch reads plan files and runs their jobs: one picture after another
// or several at once, with progress that outlives the process. A plan file is
// one JSON object; Schema publishes its form.
package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"pentimento/internal/edit"
)

// Version is the plan file version this program writes and reads.
const Version = 1

// maxPlanBytes bounds a plan file; a plan is words, not pictures.
const maxPlanBytes = 16 << 20

// Plan is a plan file.
type Plan struct {
	Version int     `json:"version" jsonschema:"always 1"`
	Note    string  `json:"note,omitempty" jsonschema:"for people; ignored"`
	Limits  *Limits `json:"limits,omitempty" jsonschema:"where the run stops beginning further pictures"`
	Jobs    []Job   `json:"jobs" jsonschema:"run in order"`
}

// Limits are soft: a picture that was begun is finished. Zero is no limit.
type Limits struct {
	Seconds  float64  `json:"seconds,omitempty" jsonschema:"begin no picture after so many seconds"`
	USD      *float64 `json:"usd,omitempty" jsonschema:"spend at most so many dollars in all"`
	Failures int      `json:"failures,omitempty" jsonschema:"begin no picture once so many have failed"`
}

// Job edits one or more pictures by one request or several. Paths are relative to the
// plan file's folder (to the working directory for a plan from standard input).
type Job struct {
	Inputs       []string              `json:"inputs" jsonschema:"pictures; each entry is a path or a glob pattern, in which ** stands for any folders"`
	Request      string                `json:"request,omitempty" jsonschema:"the edit in plain words; leave out where requests or subtasks are given"`
	Requests     []string              `json:"requests,omitempty" jsonschema:"several edits, each done to every picture; {request} in the output is the number of one"`
	Subtasks     []edit.Subtask        `json:"subtasks,omitempty" jsonschema:"the plan as agent plan prints it, instead of a request"`
	Alternatives []edit.Alternative    `json:"alternatives,omitempty" jsonschema:"other ways to do some of the subtasks; cost and quality decide"`
	Output       string                `json:"output,omitempty" jsonschema:"where the result goes; {dir} {rel} {stem} {ext} {job} {request} are filled in, {{ and }} are braces; may be left out when every subtask only reads"`
	Alpha        *float64              `json:"alpha,omitempty" jsonschema:"0 all quality .. 2 all cost; default 1"`
	Threshold    *float64              `json:"threshold,omitempty" jsonschema:"least estimated quality of a step; default 0.8"`
	Device       string                `json:"device,omitempty" jsonschema:"auto, cpu, cuda, webgpu, coreml or directml; left out: as the command says"`
	Pins         map[string][]string   `json:"pins,omitempty" jsonschema:"the tools that alone may complete a subtask, by its id or its task type"`
	MaxSeconds   float64               `json:"max-seconds,omitempty" jsonschema:"stop a picture after so many seconds and keep what is finished"`
	MaxUSD       *float64              `json:"max-usd,omitempty" jsonschema:"spend at most so many dollars on a picture"`
	Mask         string                `json:"mask,omitempty" jsonschema:"a picture of the object's mask"`
	With         map[string]string     `json:"with,omitempty" jsonschema:"further pictures that the edit takes, by name: background, reference"`
	Boxes        map[string][4]float64 `json:"boxes,omitempty" jsonschema:"x0, y0, x1, y1 in pixels by object name"`
	Seed         int64                 `json:"seed,omitempty"`
	Quality      int                   `json:"quality,omitempty" jsonschema:"of JPEG and WebP results, 1 to 100; left out: 92 for JPEG, without loss for WebP"`
	Note         string                `json:"note,omitempty" jsonschema:"for people; ignored"`

	StripMetadata bool `json:"strip-metadata,omitempty" jsonschema:"write no EXIF, GPS, XMP or recipe"`
	NoRecipe      bool `json:"no-recipe,omitempty" jsonschema:"write no recipe of the edit"`
}

// Devices are those that a job may name.
var Devices = []string{"auto", "cpu", "cuda", "webgpu", "coreml", "directml"}

// Invalid lists everything that is wrong with a plan file.
type Invalid struct {
	Path     string
	Problems []string
}

// Error implements error.
func (e *Invalid) Error() string {
	return fmt.Sprintf("plan %s is invalid:\n  %s", e.Path, strings.Join(e.Problems, "\n  "))
}

// NothingError says that a report names no picture that failed, so that there is nothing to run.
type NothingError struct{ Path string }

// Error implements error.
func (e *NothingError) Error() string {
	return "nothing in the report " + e.Path + " failed, so there is nothing to run again"
}

// Read parses a plan, or takes from a report the plan of what failed. Unknown
// fields, a wrong version and broken jobs are refused with an *Invalid that
// lists all problems found, each with its place.
func Read(path string, r io.Reader) (Plan, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPlanBytes+1))
	if err != nil {
		return Plan{}, fmt.Errorf("reading plan %s: %w", path, err)
	}
	if len(raw) > maxPlanBytes {
		return Plan{}, &Invalid{path, []string{fmt.Sprintf("it is larger than %d MiB", maxPlanBytes>>20)}}
	}
	if raw, err = reportPlan(path, raw); err != nil {
		return Plan{}, err
	}
	if problems := misplaced(raw); len(problems) > 0 {
		return Plan{}, &Invalid{path, problems}
	}
	var p Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return Plan{}, &Invalid{path, []string{jsonProblem(raw, err)}}
	}
	if problems := p.problems(); len(problems) > 0 {
		return Plan{}, &Invalid{path, problems}
	}
	return p, nil
}

// reportPlan returns the part of a report that is a plan, and anything else as it is.
func reportPlan(path string, raw []byte) ([]byte, error) {
	var report struct {
		Kind   string          `json:"kind"`
		Failed json.RawMessage `json:"failed"`
	}
	if json.Unmarshal(raw, &report) != nil || report.Kind != ReportKind {
		return raw, nil //nolint:nilerr // what is wrong with it is told of it as a plan
	}
	if len(report.Failed) == 0 || bytes.Equal(report.Failed, []byte("null")) {
		return nil, &NothingError{path}
	}
	return report.Failed, nil
}

// jsonProblem says where in the file a JSON error is.
func jsonProblem(raw []byte, err error) string {
	var syn *json.SyntaxError
	var typ *json.UnmarshalTypeError
	at := int64(-1)
	switch {
	case errors.As(err, &syn):
		at = syn.Offset
	case errors.As(err, &typ):
		at = typ.Offset
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if at < 0 || at > int64(len(raw)) {
		return text
	}
	return position(raw, at) + ": " + text
}

func (p Plan) problems() []string {
	var all []string
	if len(p.Jobs) == 0 {
		all = append(all, "it has no jobs")
	}
	if l := p.Limits; l != nil && (!(l.Seconds >= 0) || l.Failures < 0 || l.USD != nil && !(*l.USD >= 0)) {
		all = append(all, "limits: a limit is negative")
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
	bad := func(is bool, format string, args ...any) {
		if is {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	bad(len(j.Inputs) == 0, "it names no inputs")
	ways := 0
	for _, given := range []bool{j.Request != "", len(j.Requests) > 0, len(j.Subtasks) > 0} {
		if given {
			ways++
		}
	}
	bad(ways != 1, "it must have either a request, or requests, or subtasks")
	bad(slices.Contains(j.Requests, ""), "one of its requests is empty")
	bad(len(j.Alternatives) > 0 && len(j.Subtasks) == 0, "it has alternatives to subtasks that it does not have")
	bad(j.Alpha != nil && !(*j.Alpha >= 0 && *j.Alpha <= 2), "alpha is %v; it goes from 0 to 2", deref(j.Alpha))
	bad(j.Threshold != nil && !(*j.Threshold >= 0 && *j.Threshold <= 1), "threshold is %v; it goes from 0 to 1", deref(j.Threshold))
	bad(j.Quality < 0 || j.Quality > 100, "quality is %d; it goes from 1 to 100", j.Quality)
	bad(!(j.MaxSeconds >= 0 && j.MaxSeconds <= 1e6), "max-seconds is %v; it goes from 0 to 1000000", j.MaxSeconds)
	bad(j.MaxUSD != nil && !(*j.MaxUSD >= 0), "max-usd is %v; it cannot be negative", deref(j.MaxUSD))
	bad(j.Device != "" && !slices.Contains(Devices, j.Device), "device %q is none of %s", j.Device, strings.Join(Devices, ", "))
	for _, of := range slices.Sorted(maps.Keys(j.Pins)) {
		bad(len(j.Pins[of]) == 0, "pins: %s is pinned to no tool", of)
	}
	bad(slices.Contains(strings.Split(filepath.ToSlash(j.Output), "/"), ".."), "output %q climbs out of its folder with ..; write the whole path", j.Output)
	if _, err := expand(j.Output, func(string) string { return "x" }); err != nil {
		all = append(all, err.Error())
	}
	return all
}

func deref(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// Write prints a plan file that Read accepts.
func Write(w io.Writer, p Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
