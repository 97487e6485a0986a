package bench

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"pentimento/internal/agent"
	"pentimento/internal/batch"
	"pentimento/internal/edit"
	"pentimento/internal/imageio"
)

// Suite is a file of edits that several settings of the program carry out side
// by side: YAML, or JSON, which is YAML too.
type Suite struct {
	Version int    `yaml:"version"`
	Note    string `yaml:"note"`
	// Images is the folder of the pictures, relative to the suite's file; it may begin with $PENTIMENTO_SHARED.
	Images string `yaml:"images"`
	// Settings are compared; none: the eager search and the lazy one.
	Settings []SuiteSetting `yaml:"settings"`
	Edits    []SuiteEdit    `yaml:"edits"`
}

// SuiteSetting is one way to run every edit.
type SuiteSetting struct {
	Name string `yaml:"name"`
	// Against names the earlier setting that this one is compared with; empty: the first.
	Against    string   `yaml:"against"`
	Search     string   `yaml:"search"`
	Alpha      *float64 `yaml:"alpha"`
	Threshold  *float64 `yaml:"threshold"`
	Frozen     bool     `yaml:"frozen"`
	AcceptBest bool     `yaml:"accept-best"`
	NoMemory   bool     `yaml:"no-memory"`
}

// SuiteEdit is one picture and one request.
type SuiteEdit struct {
	// Image is a file in the folder of pictures, or scene:WIDTHxHEIGHT, the example scene of that size.
	Image   string               `yaml:"image"`
	Request string               `yaml:"request"`
	Boxes   map[string][]float64 `yaml:"boxes"` // x0, y0, x1, y1 by object name
	With    map[string]string    `yaml:"with"`  // further pictures, in the same folder
	Note    string               `yaml:"note"`
}

// SuiteInvalid lists what is wrong with a suite file.
type SuiteInvalid struct {
	Path     string
	Problems []string
}

// Error implements error.
func (e *SuiteInvalid) Error() string {
	return fmt.Sprintf("suite %s is invalid:\n  %s", e.Path, strings.Join(e.Problems, "\n  "))
}

const (
	suiteVersion  = 1
	maxSuiteBytes = 1 << 20 // a suite is words, not pictures
)

//go:embed suites/*.yaml
var shippedSuites embed.FS

// ShippedSuites are the names of the suites inside the program.
func ShippedSuites() []string {
	entries, _ := fs.ReadDir(shippedSuites, "suites") // an embedded folder
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// OpenSuite reads the suite of a file, or the shipped one of that name, and
// puts the folder of its pictures, or images where given, before their names.
// getenv is os.Getenv outside tests.
func OpenSuite(path, images string, getenv func(string) string) (Suite, error) {
	var raw []byte
	var err error
	if slices.Contains(ShippedSuites(), path) {
		raw, err = shippedSuites.ReadFile("suites/" + path + ".yaml")
	} else {
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return Suite{}, &edit.UserError{Msg: "the suite cannot be read", Hint: "shipped suites: " + strings.Join(ShippedSuites(), ", "), Err: err}
	}
	s, err := ReadSuite(path, bytes.NewReader(raw))
	if err != nil {
		return Suite{}, err
	}
	if images == "" {
		if images, err = suiteFolder(path, s.Images, getenv); err != nil {
			return Suite{}, err
		}
	}
	return s, s.place(images)
}

// sharedVar is the variable that names a folder of pictures and models beside the checkout.
const sharedVar = "PENTIMENTO_SHARED"

func suiteFolder(path, images string, getenv func(string) string) (string, error) {
	if rest, ok := strings.CutPrefix(images, "$"+sharedVar); ok {
		shared := getenv(sharedVar)
		if shared == "" {
			return "", &edit.UserError{Msg: "the pictures of suite " + path + " are in $" + sharedVar + ", which is not set", Hint: "set it, or name their folder with --images"}
		}
		return filepath.Join(shared, rest), nil
	}
	if filepath.IsAbs(images) {
		return images, nil
	}
	return filepath.Join(filepath.Dir(path), images), nil
}

// place makes paths of the pictures' names and refuses those that are not there.
func (s *Suite) place(images string) error {
	var missing []string
	look := func(path string) {
		if st, err := os.Stat(path); (err != nil || st.IsDir()) && !slices.Contains(missing, path) {
			missing = append(missing, path)
		}
	}
	for i := range s.Edits {
		e := &s.Edits[i]
		if _, _, made := sceneSize(e.Image); !made {
			e.Image = filepath.Join(images, e.Image)
			look(e.Image)
		}
		for name, file := range e.With {
			e.With[name] = filepath.Join(images, file)
			look(e.With[name])
		}
	}
	if len(missing) > 0 {
		return &edit.UserError{Msg: "no such picture: " + strings.Join(missing, ", "), Hint: "name the folder of the pictures with --images"}
	}
	return nil
}

// ReadSuite parses a suite. Unknown fields and broken settings or edits are
// refused with a *SuiteInvalid that says where they are.
func ReadSuite(path string, r io.Reader) (Suite, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSuiteBytes+1))
	if err != nil {
		return Suite{}, fmt.Errorf("reading suite %s: %w", path, err)
	}
	if len(raw) > maxSuiteBytes {
		return Suite{}, &SuiteInvalid{path, []string{fmt.Sprintf("it is larger than %d MiB", maxSuiteBytes>>20)}}
	}
	var s Suite
	dec := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		text := yaml.FormatError(err, false, false) // [line:column] and what is there
		return Suite{}, &SuiteInvalid{path, []string{strings.TrimSpace(text)}}
	}
	if err := dec.Decode(&Suite{}); !errors.Is(err, io.EOF) {
		return Suite{}, &SuiteInvalid{path, []string{"it holds more than one document"}}
	}
	if len(s.Settings) == 0 {
		s.Settings = []SuiteSetting{{Name: agent.SearchEager, Search: agent.SearchEager}, {Name: agent.SearchLazy}}
	}
	if problems := s.problems(); len(problems) > 0 {
		return Suite{}, &SuiteInvalid{path, problems}
	}
	return s, nil
}

func (s *Suite) problems() []string {
	var all []string
	if s.Version != suiteVersion {
		all = append(all, fmt.Sprintf("version is %d; this program reads version %d", s.Version, suiteVersion))
	}
	if len(s.Edits) == 0 {
		all = append(all, "it has no edits")
	}
	var names []string
	for i := range s.Settings {
		st := &s.Settings[i]
		for _, problem := range st.problems(names) {
			all = append(all, fmt.Sprintf("setting %d (%s): %s", i+1, cmp.Or(st.Name, "without a name"), problem))
		}
		names = append(names, st.Name)
	}
	for i := range s.Edits {
		for _, problem := range s.Edits[i].problems() {
			all = append(all, fmt.Sprintf("edit %d: %s", i+1, problem))
		}
	}
	return all
}

// problems of a setting that comes after those named.
func (s *SuiteSetting) problems(before []string) []string {
	var all []string
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(s.Name == "", "it needs a name")
	add(slices.Contains(before, s.Name), "another has that name")
	add(s.Against != "" && !slices.Contains(before, s.Against), "against names %q, which is no setting before it", s.Against)
	add(!slices.Contains([]string{"", agent.SearchLazy, agent.SearchEager}, s.Search), "search is %q, which is none of %s, %s", s.Search, agent.SearchLazy, agent.SearchEager)
	add(s.Alpha != nil && !(*s.Alpha >= 0 && *s.Alpha <= 2), "alpha goes from 0 to 2") // NaN fails too
	add(s.Threshold != nil && !(*s.Threshold >= 0 && *s.Threshold <= 1), "threshold goes from 0 to 1")
	add(s.Search == agent.SearchEager && (s.Frozen || s.AcceptBest), "the eager search is neither frozen nor takes imperfect results")
	return all
}

func (e *SuiteEdit) problems() []string {
	var all []string
	_, _, made := sceneSize(e.Image)
	switch {
	case made:
	case strings.HasPrefix(e.Image, scenePrefix):
		all = append(all, "the example scene is "+scenePrefix+"WIDTHxHEIGHT, each from 64 to 8000")
	case e.Image == "" || !filepath.IsLocal(e.Image):
		all = append(all, "it needs an image inside the folder of pictures")
	}
	if strings.TrimSpace(e.Request) == "" {
		all = append(all, "it needs a request")
	}
	for name, b := range e.Boxes {
		if len(b) != 4 || !(b[0] < b[2] && b[1] < b[3]) {
			all = append(all, fmt.Sprintf("the box of %s must be x0, y0, x1, y1 with x0 < x1 and y0 < y1", name))
		}
	}
	for name, file := range e.With {
		if !filepath.IsLocal(file) {
			all = append(all, fmt.Sprintf("the %s must be a file inside the folder of pictures", name))
		}
	}
	slices.Sort(all)
	return all
}

const scenePrefix = "scene:"

// sceneSize is the size in the name of a picture that is made: scene:WIDTHxHEIGHT.
func sceneSize(image string) (w, h int, ok bool) {
	rest, ok := strings.CutPrefix(image, scenePrefix)
	if !ok {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(rest, "%dx%d", &w, &h)
	ok = err == nil && n == 2 && fmt.Sprintf("%dx%d", w, h) == rest && w >= 64 && h >= 64 && w <= 8000 && h <= 8000
	return w, h, ok
}

// job is the edit as a setting carries it out; its result goes nowhere.
func (e *SuiteEdit) job(s *SuiteSetting, alpha float64) agent.FileJob {
	job := agent.FileJob{
		Input: e.Image, Output: "-", Out: io.Discard, Format: imageio.JPEG, Request: e.Request, With: e.With,
		Alpha: alpha, Threshold: batch.DefaultThreshold, Search: s.Search, Frozen: s.Frozen, AcceptBest: s.AcceptBest,
		Boxes: make(map[string][]edit.Box),
	}
	if s.Alpha != nil {
		job.Alpha = *s.Alpha
	}
	if s.Threshold != nil {
		job.Threshold = *s.Threshold
	}
	for name, b := range e.Boxes {
		name = strings.ToLower(name)
		job.Boxes[name] = append(job.Boxes[name], edit.Box{X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]})
	}
	return job
}
