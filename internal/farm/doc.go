// Package farm carries out the pictures of a batch on other machines, by way of a Temporal server: the only
// package that imports its SDK. A command submits one workflow for each picture and gathers what comes of
// it; workers carry them out. The server sees hashes and words, never pixels: those lie in a storage that
// all of them reach.
package farm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"pentimento/internal/agent"
	"pentimento/internal/edit"
)

// The port and the namespace of a server where its address names none.
const (
	defaultPort      = "7233"
	defaultNamespace = "default"
)

// Address is where a Temporal server is.
type Address struct {
	HostPort  string
	Namespace string
}

// String implements fmt.Stringer.
func (a Address) String() string { return "temporal://" + a.HostPort + "/" + a.Namespace }

// ParseAddress reads temporal://HOST[:PORT][/NAMESPACE].
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "temporal" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Address{}, fmt.Errorf("%q is no address of a Temporal server; the form is temporal://HOST:PORT/NAMESPACE", text)
	}
	a := Address{HostPort: u.Host, Namespace: strings.Trim(u.Path, "/")}
	if u.Port() == "" {
		a.HostPort = net.JoinHostPort(u.Hostname(), defaultPort)
	}
	if a.Namespace == "" {
		a.Namespace = defaultNamespace
	}
	if strings.Contains(a.Namespace, "/") {
		return Address{}, fmt.Errorf("%q names more than one namespace", text)
	}
	return a, nil
}

// Kinds are the queues that a worker may serve: pictures whose models run on the CPU, and those for a GPU.
var Kinds = []string{"cpu", "gpu"}

// KindOf is the queue for a device.
func KindOf(device string) string {
	if device == "" || device == "auto" || device == "cpu" {
		return "cpu"
	}
	return "gpu"
}

// Make tells programs apart that would edit in different ways: by their version and their tool docs. Only
// workers of the make that submits are handed its pictures.
func Make(version string, engine *agent.Engine) string {
	docs := engine.Digests()
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d\n%s\n", form, version) // a hash takes all
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		_, _ = fmt.Fprintf(h, "%s %s\n", name, docs[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// queue names the task queue of a make; kind "" is that of the workflows.
func queue(mk, kind string) string {
	name := "pentimento-" + mk
	if kind != "" {
		name += "-" + kind
	}
	return name
}

// form is the version of what a Task and a Result hold.
const form = 1

// File is a file in the storage, with the last part of the name that it had.
type File struct {
	Hash string `json:"hash"`
	Name string `json:"name"`
}

// Task is one picture's edit: the argument of its workflow. It holds no pixels and no path.
type Task struct {
	Form     int             `json:"form"`
	Queue    string          `json:"queue"` // of the activity
	Device   string          `json:"device"`
	Versions string          `json:"versions,omitempty"` // of the tools where it was submitted
	Again    string          `json:"again,omitempty"`    // tells it from an equal one that is not to count
	Input    File            `json:"input"`
	Mask     *File           `json:"mask,omitempty"`
	With     map[string]File `json:"with,omitempty"`
	Output   string          `json:"output,omitempty"`   // the last part of its name; the format follows from it
	Snapshot string          `json:"snapshot,omitempty"` // hash of what ranks toolpaths
	Job      Spec            `json:"job"`
}

// Spec is what of agent.FileJob is no file.
type Spec struct {
	Request       string                `json:"request,omitempty"`
	Plan          *edit.Plan            `json:"plan,omitempty"` // the request's, made where it was submitted
	Subtasks      []edit.Subtask        `json:"subtasks,omitempty"`
	Alternatives  []edit.Alternative    `json:"alternatives,omitempty"`
	Boxes         map[string][]edit.Box `json:"boxes,omitempty"`
	Quality       int                   `json:"quality,omitempty"`
	StripMetadata bool                  `json:"strip_metadata,omitempty"`
	NoRecipe      bool                  `json:"no_recipe,omitempty"`
	MaxUSD        *float64              `json:"max_usd,omitempty"`
	MaxSeconds    float64               `json:"max_seconds,omitempty"`
	Pins          map[string][]string   `json:"pins,omitempty"`
	Alpha         float64               `json:"alpha"`
	Threshold     float64               `json:"threshold"`
	Seed          int64                 `json:"seed,omitempty"`
	Frozen        bool                  `json:"frozen,omitempty"`
	Named         bool                  `json:"named,omitempty"`
}

// specOf takes what a job asks for.
func specOf(job agent.FileJob) Spec {
	s := Spec{
		Request: job.Request, Subtasks: job.Subtasks, Alternatives: job.Alternatives, Boxes: job.Boxes, Quality: job.Quality,
		StripMetadata: job.StripMetadata, NoRecipe: job.NoRecipe, MaxUSD: job.MaxUSD, MaxSeconds: job.MaxSeconds, Pins: job.Pins,
		Alpha: job.Alpha, Threshold: job.Threshold, Seed: job.Seed, Frozen: job.Frozen, Named: job.Named,
	}
	if job.Planned != nil {
		s.Plan = &job.Planned.Plan
	}
	return s
}

// fileJob is the job that a spec was taken of, without its files.
func (s Spec) fileJob() agent.FileJob {
	job := agent.FileJob{
		Request: s.Request, Subtasks: s.Subtasks, Alternatives: s.Alternatives, Boxes: s.Boxes, Quality: s.Quality,
		StripMetadata: s.StripMetadata, NoRecipe: s.NoRecipe, MaxUSD: s.MaxUSD, MaxSeconds: s.MaxSeconds, Pins: s.Pins,
		Alpha: s.Alpha, Threshold: s.Threshold, Seed: s.Seed, Frozen: s.Frozen, Named: s.Named,
	}
	if s.Plan != nil {
		job.Planned = &agent.Planned{Plan: *s.Plan}
	}
	return job
}

// ID names the task's workflow by all that the task is: an equal one that is under way is joined.
func (t Task) ID() (string, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("the task of %s: %w", t.Input.Name, err)
	}
	sum := sha256.Sum256(text)
	return "pentimento-" + hex.EncodeToString(sum[:]), nil
}
